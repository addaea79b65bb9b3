"""The page of methods, which compares explanations by faithfulness, and the pictures on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from ilime_core.faithfulness.reported import Group
from tasks.figures.leaderboard import Dot, MetricPanel, leaderboard_figure
from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.expectation import group_note
from tasks.report.leaderboard.headlines import (
    count,
    detectable_words,
    headline_table,
    joint_words,
    number,
    verdict_words,
)
from tasks.report.leaderboard.method_pairs import MethodRivals, rivals_of
from tasks.report.leaderboard.metric_views import MetricView, metric_view
from tasks.report.leaderboard.metrics import CONTROLS, meaning_of
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.report.leaderboard.verdict_words import (
    COMPARISON,
    correction_words,
    interval_words,
    p_words,
    tally,
)
from tasks.spec.estimator_kinds import estimator_title

__all__ = ["GroupView", "methods_context", "methods_figures"]


@dataclass(frozen=True, slots=True)
class GroupView:
    """Metrics that belong together, with their picture."""

    title: str
    picture: str
    """Name of its file; empty where nothing has a value."""
    alt: str
    note: str
    """Influences other than the method; empty where there are none."""
    metrics: tuple[MetricView, ...]


def methods_figures(board: Leaderboard) -> dict[str, Figure]:
    """One picture a group of metrics, by the name of its file without the ending."""
    figures: dict[str, Figure] = {}
    for group in Group:
        variants = _pictured(board, group)
        if variants:
            panels = [_panel(board, variant) for variant in variants]
            figures[_picture(group)] = leaderboard_figure(panels, board.estimators)
    return figures


def methods_context(board: Leaderboard) -> Mapping[str, object]:
    """Variables of the template of the page."""
    table = headline_table(board)
    headlines = dict.fromkeys(column.variant.metric for column in table.columns)
    return {
        "board": board,
        "table": table,
        "headlines": [metric_view(board, metric) for metric in headlines],
        "lead": _lead(board),
        "rule": correction_words(board),
        "rivals": _rivals(board, [column.variant for column in table.columns]),
        "groups": [view for group in Group if (view := _group(board, group)) is not None],
        "number": number,
        "count": count,
        "titled": estimator_title,
        "wording": verdict_words,
        "shown": detectable_words,
        "p_words": p_words,
        "named": CONTROLS,
        "joint": joint_words,
        "intervals": interval_words(board.n_intervals),
    }


def _lead(board: Leaderboard) -> str:
    """Verdicts of the run's first method against chance; sanity checks are not counted."""
    first = board.estimators[0]
    entries = [board.entries.get((first, ALL, variant)) for variant in board.headlines()]
    judged = [entry.verdict for entry in entries if entry is not None and entry.has_chance]
    methods = f"{len(board.estimators)} method{'s' * (len(board.estimators) > 1)}"
    wording = f"{methods} on {board.n_pairs:,} of {board.n_explained:,} explained pairs."
    if not judged:
        return wording
    return f"{wording} Of {first}, {tally(judged, COMPARISON, 'headline metrics')}."


def _rivals(board: Leaderboard, variants: Sequence[Variant]) -> list[MethodRivals]:
    """Every method against the others; none that was not compared."""
    found = [rivals_of(board, estimator, variants) for estimator in board.estimators]
    return [one for one in found if one.rows]


def _metrics(board: Leaderboard, group: Group) -> list[str]:
    names = [*board.metrics, "cost"] if board.variants("cost") else list(board.metrics)
    return [metric for metric in names if meaning_of(metric).group == group]


def _pictured(board: Leaderboard, group: Group) -> list[Variant]:
    """The first mode of every metric, then the second; what no method has a value of is not drawn."""
    featured = [
        [variant for variant in board.featured(metric) if any(map(_is_drawn, board.of(variant)))]
        for metric in _metrics(board, group)
    ]
    depth = max(map(len, featured), default=0)
    return [modes[place] for place in range(depth) for modes in featured if place < len(modes)]


def _is_drawn(entry: BoardEntry) -> bool:
    return any(one is not None and one.mean is not None for one in (entry.explanation, entry.linear))


def _panel(board: Leaderboard, variant: Variant) -> MetricPanel:
    entries, chosen = board.of(variant), board.leaders(variant).chosen
    return MetricPanel(
        variant.name,
        entries[0].goal,
        tuple(_dot(entry, entry.estimator in chosen) for entry in entries),
        is_count=meaning_of(variant.metric).group is Group.COST,
    )


def _dot(entry: BoardEntry, is_best: bool) -> Dot:
    own, linear = entry.explanation, entry.linear
    known = (None, None, None) if own is None else (own.mean, own.low, own.high)
    linear_mean = None if linear is None else linear.mean
    is_few = own is not None and own.has_too_few
    return Dot(entry.estimator, *known, entry.chance, linear_mean, is_few, is_best)


def _picture(group: str) -> str:
    return f"methods-{group.split(maxsplit=1)[0].lower()}"


def _group(board: Leaderboard, group: Group) -> GroupView | None:
    metrics = _metrics(board, group)
    if not metrics:
        return None
    names = "; ".join(variant.name for variant in _pictured(board, group))
    alt = f"Mean and interval of every method beside chance and the linear surrogate, in {names}"
    views = tuple(metric_view(board, metric) for metric in metrics)
    picture = _picture(group) if names else ""
    return GroupView(
        group, picture, f"{alt}. The tables below hold the numbers.", group_note(board, group), views
    )
