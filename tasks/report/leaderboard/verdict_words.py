"""Words of verdicts: nothing else on a page, a line or a picture says better, passes or best.

What may be said is decided by `tasks.report.leaderboard.verdicts.judged` alone; `docs/faithfulness.md` states
its rule.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.verdicts import TOO_FEW, BoardEstimate, Leaders, Verdict, judged

__all__ = [
    "AMONG_BEST",
    "BEST",
    "CHECK",
    "COMPARISON",
    "MARKED",
    "MARKS",
    "RIVAL",
    "RIVALS",
    "Vocabulary",
    "best_label",
    "best_words",
    "correction_words",
    "interval_words",
    "mark_words",
    "p_words",
    "said",
    "tally",
]

Vocabulary = Mapping[Verdict, str]
"""Words of each verdict; ``{than}`` is what a mean was compared with."""

COMPARISON: Vocabulary = MappingProxyType(
    {
        Verdict.BETTER: "better than {than}",
        Verdict.WORSE: "worse than {than}",
        Verdict.UNDECIDED: "not distinguishable from {than}",
        Verdict.UNCORRECTED: "not distinguishable from {than} among all comparisons",
        Verdict.TOO_FEW: TOO_FEW,
        Verdict.UNKNOWN: "not compared: no interval",
    }
)
"""Words for an explanation compared with chance or a control."""

CHECK: Vocabulary = MappingProxyType(
    {
        Verdict.BETTER: "passes: below {than}",
        Verdict.WORSE: "fails: above {than}",
        Verdict.UNDECIDED: "neither passes nor fails: {than} is inside the interval",
        Verdict.UNCORRECTED: "neither passes nor fails among all comparisons",
        Verdict.TOO_FEW: TOO_FEW,
        Verdict.UNKNOWN: "not checked: no interval",
    }
)
"""Words for a sanity check, which has a bound."""

RIVAL: Vocabulary = MappingProxyType(
    {
        Verdict.BETTER: "better",
        Verdict.WORSE: "worse",
        Verdict.UNDECIDED: "not distinguishable",
        Verdict.UNCORRECTED: "not distinguishable among all methods",
        Verdict.TOO_FEW: TOO_FEW,
        Verdict.UNKNOWN: "no interval",
    }
)
"""Words for a method compared with another one."""

RIVALS: Vocabulary = MappingProxyType(
    {
        Verdict.BETTER: "better than",
        Verdict.WORSE: "worse than",
        Verdict.UNDECIDED: "not distinguishable from",
        Verdict.UNCORRECTED: "not distinguishable from",
        Verdict.TOO_FEW: "too few items for",
        Verdict.UNKNOWN: "too few items for",
    }
)
"""Words for a method compared with others, whose number follows."""

MARKS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.BETTER: "*",
        Verdict.WORSE: "!",
        Verdict.TOO_FEW: "?",
    }
)
"""Marks where words have no room."""

MARKED: Vocabulary = MappingProxyType(
    {
        Verdict.BETTER: "better than chance, or a check that passes",
        Verdict.WORSE: "worse than chance, or a check that fails",
        Verdict.TOO_FEW: TOO_FEW,
    }
)
"""Meanings of the marks of a leaderboard."""

COVERAGE = 0.95

BEST, AMONG_BEST = "best", "among the best"
"""Labels of the methods that no paired difference excludes, where others are excluded."""


def said(estimate: BoardEstimate | None, direction: str, vocabulary: Vocabulary, than: str = "chance") -> str:
    """Verdict with its evidence: number of pairs, and the p-value corrected for all comparisons.

    Parameters
    ----------
    estimate
        Mean with its interval; None where there is none.
    direction
        ``higher`` or ``lower`` is better.
    vocabulary
        Words of each verdict.
    than
        What the mean is compared with.

    Returns
    -------
    str
        The verdict's words, with n and p-value in brackets.
    """
    verdict = judged(estimate, direction)
    words = vocabulary[verdict].format(than=than)
    if estimate is None or verdict is Verdict.UNKNOWN:
        return words
    if verdict is Verdict.TOO_FEW:
        few = estimate.n_clusters or 0
        return f"{words} ({few} on a side, {FEWEST_CLUSTERS} are needed)"
    tested = "" if estimate.p_adjusted is None else f", corrected {p_words(estimate.p_adjusted)}"
    return f"{words} (n = {estimate.n}{tested})"


def tally(verdicts: Iterable[Verdict], vocabulary: Vocabulary, what: str, than: str = "chance") -> str:
    """Counts of verdicts in words: ``better than chance: 2 of 3 methods``.

    Parameters
    ----------
    verdicts
        Verdicts to count.
    vocabulary
        Words of each verdict.
    what
        Plural noun of the things that are counted.
    than
        What the mean is compared with.

    Returns
    -------
    str
        Counts, the most frequent verdict first.
    """
    found = list(verdicts)
    counts = Counter(vocabulary[one].format(than=than).partition(":")[0] for one in found)
    return "; ".join(f"{words}: {count} of {len(found)} {what}" for words, count in counts.most_common())


def best_words(leaders: Leaders) -> str:
    """Best methods in words, or the reason why there are none; empty where no methods compete."""
    if not leaders.names:
        return ""
    return f"between methods: {leaders.silence}" if leaders.silence else f"{BEST}: {leaders.words}"


def best_label(leaders: Iterable[Leaders]) -> str:
    """Head of the row of best methods; without the word best where none can be named."""
    return BEST if any(one.names and not one.silence for one in leaders) else "between methods"


def mark_words(verdicts: Iterable[Verdict], vocabulary: Vocabulary) -> str:
    """Legend of the marks that a table uses.

    Parameters
    ----------
    verdicts
        Verdicts in the table.
    vocabulary
        Words of each verdict.

    Returns
    -------
    str
        Marks with their meanings; empty where the table has no marks.
    """
    found = set(verdicts)
    return "; ".join(f"{mark} {vocabulary[verdict]}" for verdict, mark in MARKS.items() if verdict in found)


def p_words(value: float | None) -> str:
    """Corrected p-value with three decimals; empty for None."""
    if value is None:
        return ""
    return "p < .001" if value < 0.001 else f"p = {value:.3f}".replace("0.", ".", 1)


def correction_words(board: Leaderboard) -> str:
    """Rule of the verdicts, and the number of comparisons that p-values are corrected for."""
    fewest = f"With fewer than {FEWEST_CLUSTERS} {board.sides.shared.replace(' and ', ' or ')}"
    if not board.n_comparisons:
        return (
            f"{fewest} nothing is claimed, and this measurement has fewer everywhere, or did not count them."
        )
    asked = f"{board.n_comparisons:,} comparison{'s' * (board.n_comparisons != 1)}"
    return (
        "Better, worse, passes and fails: the 95 % interval excludes what it is compared with, and "
        f"p is below 5 % after Benjamini and Hochberg over all {asked} of the measurement "
        "with chance and controls. Best: no other method is better by their difference, pair by pair, "
        "corrected for all methods (Holm) and for the questions that have an answer (Benjamini and "
        "Bogomolov). "
        f"{fewest} nothing is claimed."
    )


def interval_words(n_intervals: int) -> str:
    """Coverage of many uncorrected intervals beside each other."""
    if n_intervals < 2:
        return "An interval is to hold its mean with 95 %."
    return (
        f"Each of these {n_intervals:,} intervals is to hold its mean with 95 % by itself: about "
        f"{n_intervals * (1 - COVERAGE):,.0f} of them may be expected not to. They are figures, and decide "
        "nothing by themselves; p-values are corrected, intervals are not."
    )
