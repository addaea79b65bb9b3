"""A run and its pairs as lines of plain text."""

import pyarrow.compute as pc

from ilime_core.interactions.significance import LEVEL
from ilime_core.printable import printable
from tasks.figures.item_pictures import ImagePicture, ItemPicture, Word
from tasks.figures.pair_picture import PairPicture
from tasks.report.contrast_lines import contrast_lines
from tasks.report.matches import Match, picture_matches, read_matches
from tasks.report.meanings import faithfulness_sentences, fidelity_sentence
from tasks.report.overview import DirectionRecall, Overview, read_overview
from tasks.report.pair_trust import trust_lines
from tasks.report.retrieval_words import direction_sentence, level_sentence
from tasks.report.word_class_lines import word_class_lines
from tasks.runs.items import ENTRY_COLUMNS, image_entry
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["encode_counts", "match_lines", "overview_lines"]

_LINES = 8
_STRONGEST = 3
_STRONGEST_OF = {
    "regions and words": "words and regions, in captions that found their photograph",
    "regions": "regions, in candidates that found their query; its region comes last",
    "words": "words, in candidates that found their query; its word comes last",
}
_SEARCHED = 200
"""Matches of the corpus whose cells are read for the strongest; by the strength of the first factor, which no
weight exceeds."""


_CHOSEN = "\N{PLUS-MINUS SIGN} standard error, p below 5 % of each by itself, not corrected for the search"


def match_lines(
    pair: PairPicture,
    more_masks: str = "perturbation.max_image_masks and max_text_masks",
) -> list[str]:
    """Lines of the strongest cells of one pair, of either sign, and of their reliability.

    Parameters
    ----------
    pair
        The pair, read from a run or explained in memory.
    more_masks
        What to raise where masks are too few.

    Returns
    -------
    list of str
        Lines without line ends or control characters.
    """
    shown = picture_matches(pair, _LINES)
    title = _pair_title(_name(pair.left), _name(pair.right), pair.pair_id)
    return [
        f"{title}, {len(shown)} of {pair.weights.size:,} cells by size:",
        *(f"  {_match_line(match)}" for match in shown),
        *trust_lines(pair, more_masks),
    ]


def _name(item: ItemPicture) -> str:
    return item.title if isinstance(item, ImagePicture) else item.caption


def _pair_title(left: str, right: str, pair_id: str) -> str:
    return f"{printable(left)}: {printable(right)}  [{pair_id[:12]}]"


def overview_lines(run: Run) -> list[str]:
    """Lines of a run: what was found, how far it holds, and last what was spent."""
    overview = read_overview(run)
    lines = [_recall_line(recall) for recall in overview.recalls]
    lines += _strongest_lines(run, overview)
    lines.append(fidelity_sentence(overview))
    lines += contrast_lines(run)
    lines += word_class_lines(run, overview.estimator)
    lines += overview.slices
    lines += faithfulness_sentences(overview)
    lines += _split_half_lines(overview)
    for recall in overview.recalls:
        lines += [f"{recall.name}: {told}" for told in [direction_sentence(recall)] if told]
    lines += [told for told in [level_sentence(overview)] if told]
    return lines + _spent_lines(overview)


def _recall_line(recall: DirectionRecall) -> str:
    shares = (recall.recall_at_1, recall.recall_at_5, recall.recall_at_10)
    shown = "  ".join(
        f"R@{k} {share:.1%}" for k, share in zip((1, 5, 10), shares, strict=True) if share is not None
    )
    return f"{recall.name}: {shown}  ({recall.n_queries} queries, {recall.n_candidates} candidates)"


def _spent_lines(overview: Overview) -> list[str]:
    name = f"run {overview.run_id} {printable(overview.label)}".rstrip()
    return [
        name + ("" if overview.finished else " (unfinished)"),
        f"{_items(overview)}; {overview.n_pairs:,} pairs explained",
        encode_counts(overview),
    ]


def _strongest_lines(run: Run, overview: Overview) -> list[str]:
    mine = pc.field("is_positive") & (pc.field("rank_right_to_left") == 1)
    found = run.table("pairs", ["pair_id"], mine)["pair_id"].to_pylist()
    first = (pc.field("estimator") == overview.estimator) & (pc.field("component") == 1)
    factors = run.table("factors", ["pair_id", "strength"], first & among("pair_id", found))
    ids = factors.sort_by([("strength", "descending"), ("pair_id", "ascending")])["pair_id"].to_pylist()
    cells = read_matches(run, ids[:_SEARCHED], overview.estimator)
    clear = [
        match
        for own in cells.values()
        for match in own
        if match.weight > 0 and (match.p_value is None or match.p_value < LEVEL)
    ]
    chosen: list[Match] = []
    for match in sorted(clear, key=lambda one: (-one.weight, one.pair_id)):
        taken = {one.pair_id for one in chosen} | {one.word.casefold() for one in chosen}
        if len(chosen) < _STRONGEST and not taken & {match.pair_id, match.word.casefold()}:
            chosen.append(match)
    titles = _titles(run, [match.pair_id for match in chosen])
    if not chosen:
        return []
    n_cells = sum(map(len, cells.values()))
    searched = f"{n_cells:,} cells of {len(cells):,} of {len(ids):,} such pairs"
    lines = [f"largest weights of {_STRONGEST_OF[overview.sides.segments]} ({searched}; {_CHOSEN}):"]
    for match in chosen:
        lines += [f"  {_match_line(match)}", f"      {titles[match.pair_id]}"]
    return lines


def _items(overview: Overview) -> str:
    texts = f"{overview.n_texts:,} {overview.sides.texts}"
    if not overview.n_images:
        return texts
    return f"{overview.n_images:,} images" + (f", {texts}" if overview.n_texts else "")


def encode_counts(overview: Overview) -> str:
    """Encodes that a run has cost, and those that it has reused.

    Parameters
    ----------
    overview
        Counts of the run.

    Returns
    -------
    str
        Like ``1,640 image and 7,402 caption encodes, and 1,953 to measure faithfulness``.
    """
    reused = f", {overview.spent.reused:,} reused" if overview.spent.reused else ""
    measured = overview.measure_encodes
    return f"{_encodes(overview)} encodes{reused}" + (
        f", and {measured:,} to measure faithfulness" if measured else ""
    )


def _encodes(overview: Overview) -> str:
    texts = f"{overview.spent.text_encodes:,} {overview.sides.texts.removesuffix('s')}"
    if not overview.n_images:
        return texts
    return f"{overview.spent.image_encodes:,} image" + (f" and {texts}" if overview.n_texts else "")


def _match_line(match: Match) -> str:
    sure = "" if match.standard_error is None else f" \N{PLUS-MINUS SIGN} {match.standard_error:.4f}"
    head = f"{printable(match.word)!s:<14} {match.weight:+.4f}{sure}"
    if isinstance(match.left, Word):
        return f"{head}  with {printable(match.left.text)}"
    x, y, width, height = match.left.box
    return (
        f"{head}  segment {match.region}, {match.left.name}, "
        f"{match.left.share:.0%} of the view, box {width} x {height} at ({x}, {y})"
    )


def _titles(run: Run, pair_ids: list[str]) -> dict[str, str]:
    pairs = run.table("pairs", ["pair_id", "left_id", "right_id"], among("pair_id", pair_ids)).to_pylist()
    ids = [row[side] for row in pairs for side in ("left_id", "right_id")]
    rows = run.table("items", ["item_id", "text", *ENTRY_COLUMNS], among("item_id", ids)).to_pylist()
    items = {row["item_id"]: row for row in rows}
    return {
        row["pair_id"]: _pair_title(
            _title(items[row["left_id"]]), _title(items[row["right_id"]]), row["pair_id"]
        )
        for row in pairs
    }


def _title(item: dict[str, object]) -> str:
    if item["text"] is not None:
        return str(item["text"])
    return image_entry(item).title


def _split_half_lines(overview: Overview) -> list[str]:
    aggregate = overview.aggregate("split_half_error", "all", "product_shapley")
    if aggregate is None or aggregate.median is None:
        return []
    wording = f"differ by {aggregate.median:.0%} of the matrix (median of {aggregate.n_known} pairs)"
    return [f"product_shapley: estimates from halves of the masks {wording}"]
