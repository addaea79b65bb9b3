"""The report: a folder of static pages that open from a disk, with no script and nothing from outside."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import pyarrow.compute as pc
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from tasks.figures.canvas import image_bytes, webp_bytes
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.pair_picture import PairPicture, read_pairs
from tasks.report.cards import Card, card_of
from tasks.report.choice import fitted_pairs
from tasks.report.global_factors import read_global_factors
from tasks.report.leaderboard.methods_page import methods_context, methods_figures
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.verdict_words import correction_words, interval_words
from tasks.report.meanings import aggregate_sentence, faithfulness_sentences, fidelity_sentence
from tasks.report.overview import Overview, read_overview
from tasks.report.pair_page import pair_context, pair_figures
from tasks.report.retrieval_words import direction_sentence, interval, level_sentence
from tasks.report.site_files import SiteFiles
from tasks.report.word_class_lines import word_class_lines
from tasks.runs.run import Run

__all__ = ["Progress", "write_report"]

Progress = Callable[[int, int], None]
"""Called with the pairs that are drawn and those that will be."""

_HERE = Path(__file__).parent
_FAILURES = 100
_THUMBNAIL = 360


def write_report(run: Run, folder: str | Path, *, limit: int = 200, progress: Progress | None = None) -> Path:
    """Write the site; equal runs give equal bytes.

    Parameters
    ----------
    run
        Stored run.
    folder
        Folder of the site. Pages of an earlier report are overwritten, or removed where this one has none of
        that name. Files that no report wrote stay.
    limit
        Largest number of pairs with a page. Wrong candidates that won get at most half of the pages while
        there are matches for the rest.
    progress
        Called after every pair.

    Returns
    -------
    Path
        The first page, ``index.html``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    StorageError
        If a table is damaged or missing.
    """
    site = SiteFiles(folder)
    site.write({"report.css": (_HERE / "report.css").read_bytes()})
    overview = read_overview(run)
    factors = read_global_factors(run, overview.estimator)
    board = overview.board
    common = {
        "run_id": overview.run_id,
        "label": overview.label,
        "has_factors": bool(factors),
        "has_methods": board is not None,
    }
    ids = _chosen(run, limit)
    cards: list[Card] = []
    for place, pair in enumerate(read_pairs(run, ids, overview.estimator)):
        _write_pair(site, pair, common | _neighbours(ids, pair.pair_id))
        cards.append(card_of(pair))
        if progress is not None:
            progress(place + 1, len(ids))
    if factors:
        page = _render("factors.html", common | {"up": "", "factors": factors, "sides": overview.sides})
        crops = {f"images/{crop.file}": crop.data for section in factors for crop in section.crops}
        site.write(crops | {"factors.html": page})
    if board is not None:
        _write_methods(site, board, common)
    further = {"up": "", "word_classes": word_class_lines(run, overview.estimator)}
    site.write({"index.html": _render("index.html", common | further | _index(overview, cards))})
    site.remove_stale()
    return Path(folder) / "index.html"


def _chosen(run: Run, limit: int) -> list[str]:
    ids = fitted_pairs(run)
    wrong = set(run.table("pairs", ["pair_id"], ~pc.field("is_positive"))["pair_id"].to_pylist())
    matches, others = [name for name in ids if name not in wrong], [name for name in ids if name in wrong]
    seats = min(len(others), max(limit // 2, limit - len(matches)))
    return matches[: limit - seats] + others[:seats]


def _neighbours(ids: list[str], pair_id: str) -> dict[str, object]:
    place = ids.index(pair_id)
    return {
        "previous": ids[place - 1] if place else None,
        "next": ids[place + 1] if place + 1 < len(ids) else None,
    }


def _write_pair(site: SiteFiles, pair: PairPicture, common: Mapping[str, object]) -> None:
    figures = pair_figures(pair)
    files = {f"images/{pair.pair_id}-{name}.webp": webp_bytes(figure) for name, figure in figures.items()}
    for item in (pair.left, pair.right):
        if isinstance(item, ImagePicture):
            photo = Image.fromarray(item.photo)
            photo.thumbnail((_THUMBNAIL, _THUMBNAIL))
            files[f"images/{item.item_id}.webp"] = image_bytes(photo)
    template = "alike.html" if pair.is_alike else "pair.html"
    files[f"pairs/{pair.pair_id}.html"] = _render(template, {**common, "up": "../", **pair_context(pair)})
    site.write(files)


def _write_methods(site: SiteFiles, board: Leaderboard, common: Mapping[str, object]) -> None:
    files = {f"images/{name}.webp": webp_bytes(figure) for name, figure in methods_figures(board).items()}
    page = _render("methods.html", {**common, "up": "", **methods_context(board)})
    site.write(files | {"methods.html": page})


def _retrieval(overview: Overview) -> list[tuple[str, str]]:
    told = [(recall.name, direction_sentence(recall)) for recall in overview.recalls]
    return [(name, sentence) for name, sentence in [*told, ("", level_sentence(overview))] if sentence]


def _index(overview: Overview, cards: list[Card]) -> dict[str, object]:
    groups: dict[str, list[dict[str, object]]] = {}
    for one in overview.aggregates:
        title = f"{_RELATIONS.get(one.relation, one.relation.replace('_', ' '))} ({one.estimator})"
        if one.n:
            groups.setdefault(title, []).append(
                {"a": one, "meaning": aggregate_sentence(one, overview.sides)}
            )
    return {
        "o": overview,
        "retrieval": _retrieval(overview),
        "interval": interval,
        "cards": cards,
        "fidelity": fidelity_sentence(overview),
        "faithfulness": faithfulness_sentences(overview),
        "rule": "" if overview.board is None else correction_words(overview.board),
        "fewest": FEWEST_CLUSTERS,
        "intervals": interval_words(sum(one.low is not None for one in overview.aggregates)),
        "aggregates": list(groups.items()),
        "failures": overview.failures[:_FAILURES],
        "number": _number,
    }


_RELATIONS = {"all": "All pairs", "positive": "Matches", "hard_negative": "Wrong candidates that won"}


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.3f}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def _render(template: str, values: Mapping[str, object]) -> bytes:
    return _environment().get_template(template).render(values).encode()
