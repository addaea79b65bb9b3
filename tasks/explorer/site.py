"""The explorer: a folder of pages that open from a disk and load nothing from outside."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from ilime_core.encoders.registry import ENCODERS
from ilime_core.viewer.assets import SCRIPTS, STYLES, viewer_asset
from tasks.explorer.benchmark_tables import BenchmarkTable, benchmark_tables
from tasks.explorer.data import Counted, Progress, write_data
from tasks.explorer.data_files import data_file
from tasks.explorer.pair_details import verdict_counts
from tasks.explorer.site_files import SiteFiles
from tasks.figures.canvas import webp_bytes
from tasks.report.global_factors import read_global_factors
from tasks.report.leaderboard.methods_page import methods_context, methods_figures
from tasks.report.leaderboard.verdict_words import correction_words, interval_words
from tasks.report.meanings import aggregate_sentence, faithfulness_sentences, fidelity_sentence
from tasks.report.overview import Overview, read_overview
from tasks.report.retrieval_words import direction_sentence, interval, level_sentence
from tasks.report.terminal import encode_counts
from tasks.report.word_class_lines import word_class_lines
from tasks.runs.run import Run

__all__ = ["ASSETS", "write_report"]

ASSETS = ("data.js", "gallery.js", "overview.js", "explorer.css")
"""Scripts and style sheet of the site, beside those of the viewer."""

_HERE = Path(__file__).parent
_FAILURES = 100
_VERSION = 1


def write_report(
    run: Run, folder: str | Path, *, comparisons: str = "", progress: Progress | None = None
) -> str:
    """Write the site of a run; equal runs give equal bytes.

    Parameters
    ----------
    run
        Stored run.
    folder
        Folder or URL of the site. Pages of an earlier report are overwritten, or removed where this one has
        none of that name. Files that no report wrote stay.
    comparisons
        Folder or URL that ``ilime compare`` has written to, for a page of differences; empty for none.
    progress
        Called after every page of pairs.

    Returns
    -------
    str
        Path or URL of the first page, ``index.html``.

    Raises
    ------
    InputError
        If the folder cannot be written.
    StorageError
        If a table is damaged or missing.
    """
    site = SiteFiles(folder)
    site.write(_assets())
    overview = read_overview(run)
    tables = benchmark_tables(run, comparisons)  # its memory is free again before that of the pairs is needed
    counted = write_data(run, overview.estimator, site, progress)
    factors = read_global_factors(run, overview.estimator)
    pages = [("index.html", "Overview"), ("pairs.html", "Pairs")]
    pages += [(one.file, one.title) for one in tables]
    pages += [("factors.html", "Factors")] if factors else []
    pages += [("methods.html", "Which explanations can be trusted")] if overview.board is not None else []
    common: dict[str, object] = {"run_id": overview.run_id, "label": overview.label, "pages": pages}
    site.write({"data/site.js": data_file("site", _facts(overview, counted))})
    if factors:
        page = _render("factors.html", common | {"factors": factors, "sides": overview.sides})
        crops = {f"images/{crop.file}": crop.data for section in factors for crop in section.crops}
        site.write(crops | {"factors.html": page})
    if overview.board is not None:
        board = overview.board
        pictures = {
            f"images/{name}.webp": webp_bytes(figure) for name, figure in methods_figures(board).items()
        }
        site.write(
            pictures | {"methods.html": _render("methods.html", common | dict(methods_context(board)))}
        )
    for one in tables:
        picture = f"images/{Path(one.file).stem}.webp"
        site.write({one.file: _render("table.html", common | {"table": one, "picture": picture})})
        site.write({picture: one.picture} if one.picture else {})
    lines = {"word_classes": word_class_lines(run, overview.estimator), "verdicts": verdict_counts(run)}
    site.write(
        {
            "pairs.html": _render("pairs.html", common),
            "index.html": _render("index.html", common | lines | _index(overview, tables)),
        }
    )
    site.remove_stale()
    return f"{str(folder).rstrip('/')}/index.html"


def _assets() -> dict[str, bytes]:
    own = {name: files("tasks.explorer").joinpath("assets", name).read_bytes() for name in ASSETS}
    viewer = {name: viewer_asset(name).encode() for name in (*SCRIPTS, *STYLES)}
    return {f"assets/{name}": content for name, content in (own | viewer).items()}


def _facts(overview: Overview, counted: Counted) -> dict[str, object]:
    return {
        "version": _VERSION,
        "run_id": overview.run_id,
        "label": overview.label,
        "finished": overview.finished,
        "estimator": overview.estimator,
        "left": overview.sides.left,
        "right": overview.sides.right,
        **counted,
    }


def _index(overview: Overview, tables: list[BenchmarkTable]) -> dict[str, object]:
    groups: dict[str, list[dict[str, object]]] = {}
    for one in overview.aggregates:
        title = f"{_RELATIONS.get(one.relation, one.relation.replace('_', ' '))} ({one.estimator})"
        if one.n:
            groups.setdefault(title, []).append(
                {"a": one, "meaning": aggregate_sentence(one, overview.sides)}
            )
    return {
        "o": overview,
        "model_note": _model_note(overview),
        "tables": tables,
        "retrieval": _retrieval(overview),
        "interval": interval,
        "cost": encode_counts(overview),
        "fidelity": fidelity_sentence(overview),
        "faithfulness": faithfulness_sentences(overview),
        "rule": "" if overview.board is None else correction_words(overview.board),
        "fewest": FEWEST_CLUSTERS,
        "intervals": interval_words(sum(one.low is not None for one in overview.aggregates)),
        "aggregates": list(groups.items()),
        "failures": overview.failures[:_FAILURES],
        "number": _number,
    }


def _model_note(overview: Overview) -> str:
    """What the model is; empty of one that no registry knows."""
    name = overview.model.split(" ")[0]
    return ENCODERS[name].what if name in ENCODERS.names else ""


def _retrieval(overview: Overview) -> list[tuple[str, str]]:
    told = [(recall.name, direction_sentence(recall)) for recall in overview.recalls]
    return [(name, sentence) for name, sentence in [*told, ("", level_sentence(overview))] if sentence]


_RELATIONS = {"all": "All pairs", "positive": "Matches", "hard_negative": "Wrong candidates that won"}


def _number(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.3f}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def _render(template: str, values: Mapping[str, object]) -> bytes:
    scripts = [*SCRIPTS, *(name for name in ASSETS if name.endswith(".js"))]
    return _environment().get_template(template).render({"scripts": scripts, **values}).encode()
