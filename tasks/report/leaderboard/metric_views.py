"""One metric of a leaderboard as its page shows it: its meaning, and every method in every variant."""

from dataclasses import dataclass

from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.headlines import bound_of
from tasks.report.leaderboard.metrics import CONTROLS, meaning_of
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.report.leaderboard.verdict_words import CHECK, COMPARISON, best_words, tally

__all__ = ["MetricView", "VariantView", "metric_view"]

_RELATIONS = {"positive": "matches", "hard_negative": "wrong candidates that won"}


@dataclass(frozen=True, slots=True)
class VariantView:
    """One way in which a metric was measured, with every method."""

    title: str
    entries: tuple[BoardEntry, ...]
    best: str
    """Best methods in words; empty where no methods compete."""


@dataclass(frozen=True, slots=True)
class MetricView:
    """One metric in all its variants."""

    title: str
    says: str
    chance: str
    direction: str
    summary: str
    controls: tuple[str, ...]
    """Controls that are shown beside the explanation."""
    has_gains: bool
    """True if the explanation was compared with chance pair by pair."""
    featured: tuple[VariantView, ...]
    further: tuple[VariantView, ...]


def metric_view(board: Leaderboard, metric: str) -> MetricView:
    """View of a measured metric with every method in every variant.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    metric
        Name of the metric in the tables.

    Returns
    -------
    MetricView
        Featured variants first, then the further ones.
    """
    meaning, variants, featured = meaning_of(metric), board.variants(metric), board.featured(metric)

    def title(variant: Variant) -> str:
        return _name(board, variant, variants)

    entries = [entry for variant in variants for entry in board.of(variant)]
    by_relation = tuple(
        _view(
            board,
            featured[0],
            f"{title(featured[0])}; only {_RELATIONS.get(name, name.replace('_', ' '))}",
            name,
        )
        for name in board.relations
        if board.of(featured[0], name)
    )
    return MetricView(
        meaning.title,
        meaning.says.format(left=board.sides.left, right=board.sides.right),
        meaning.chance,
        entries[0].goal,
        _summary(board, featured[0]),
        tuple(name for name in CONTROLS if any(name in entry.controls for entry in entries)),
        any("random" in entry.gains for entry in entries),
        (*(_view(board, one, title(one)) for one in featured), *by_relation),
        tuple(_view(board, one, title(one)) for one in variants if one not in featured),
    )


def _view(board: Leaderboard, variant: Variant, title: str, relation: str = ALL) -> VariantView:
    return VariantView(title, board.of(variant, relation), best_words(board.leaders(variant, relation)))


def _name(board: Leaderboard, variant: Variant, beside: tuple[Variant, ...]) -> str:
    """Name of a variant by the properties in which it differs from the others."""
    sides = board.sides
    whose = {
        "both": "segments of both sides",
        "left": f"{sides.left} alone, {sides.right} whole",
        "right": f"{sides.right} alone, {sides.left} whole",
    }
    axes = {"count": "by count of segments", "area": "by area"}
    named = "the fitted baseline" if variant.baseline == board.baseline else f"baseline {variant.baseline}"
    scales = {"raw": "raw", "normalised": "empty pair 0, whole pair 1"}
    parts = [
        (variant.mode_name, True),
        (whose.get(variant.side, variant.side), len({one.side for one in beside}) > 1),
        (axes.get(variant.axis, ""), len({one.axis for one in beside}) > 1),
        (named, len({one.baseline for one in beside}) > 1),
        (scales.get(variant.scale, variant.scale), len({one.scale for one in beside}) > 1),
    ]
    return "; ".join(part for part, needed in parts if part and needed) or "all pairs"


def _summary(board: Leaderboard, variant: Variant) -> str:
    """Verdicts of the first variant in one line."""
    judged = [entry for entry in board.of(variant) if entry.is_check or entry.has_chance]
    parts = [wording] if (wording := best_words(board.leaders(variant))) else []
    if judged:
        vocabulary, than = (CHECK, bound_of(judged[0])) if judged[0].is_check else (COMPARISON, "chance")
        parts.insert(0, tally([entry.verdict for entry in judged], vocabulary, "methods", than))
    return "; ".join(parts)
