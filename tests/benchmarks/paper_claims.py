"""Claims of the InteractionLIME paper on linear and bilinear surrogates, each tested on a leaderboard.

``docs/faithfulness.md`` shows the tables; `leaderboard.py` measures them.
"""

from dataclasses import dataclass

from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.headlines import joint_words, mean_words
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.text import escaped
from tasks.report.leaderboard.verdict_words import Vocabulary, said, tally
from tasks.report.leaderboard.verdicts import TOO_FEW, BoardEstimate, Verdict, judged
from tasks.spec.estimator_kinds import draws_masks

__all__ = ["Claim", "ClaimRow", "claims_markdown", "read_claims"]

CLAIM: Vocabulary = {
    Verdict.BETTER: "confirmed",
    Verdict.WORSE: "refuted",
    Verdict.UNDECIDED: "not decided: the interval holds {than}",
    Verdict.UNCORRECTED: "not decided: among so many comparisons this may be chance",
    Verdict.TOO_FEW: TOO_FEW,
    Verdict.UNKNOWN: "not decided: there is no interval",
}
"""Of a statement that somebody made."""

NOT_TESTED = "not tested"
_EXPLAINS = (
    "The matrix explains some of what {left} and {right} do only together. A linear surrogate explains none "
    "of it, by its form, and that is not tested; tested is R\N{SUPERSCRIPT TWO} against 0."
)
_MISSES = (
    "A linear surrogate misses more of the matrix's strong rows than the matrix itself does that was found "
    "again under other masks."
)
_LIES_APART = (
    "The insertion areas of the two sides lie farther apart under a linear surrogate than under the full one."
)


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One method; None where something was not measured."""

    estimator: str
    explanation: BoardEstimate | None
    linear: BoardEstimate | None
    chance: BoardEstimate | None
    tested: BoardEstimate | None
    """What decides: the explanation minus its linear surrogate, pair by pair, or R2; None without a test."""
    verdict: Verdict | None
    """None without a test."""
    answer: str
    """The verdict with its n and p-value, or why nothing was tested."""
    beside: str = ""
    """What the explanation has to be read with."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, tested with every method."""

    title: str
    says: str
    rows: tuple[ClaimRow, ...]

    @property
    def answers(self) -> str:
        """How many methods say what."""
        verdicts = [row.verdict for row in self.rows if row.verdict is not None]
        untested = len(self.rows) - len(verdicts)
        left = [f"{NOT_TESTED}: {untested} of {len(self.rows)} methods"] if untested else []
        tested = "tested methods" if untested else "methods"
        return "; ".join([*([tally(verdicts, CLAIM, tested)] if verdicts else []), *left])


def read_claims(board: Leaderboard) -> tuple[Claim, ...]:
    """Claims of Joukovsky, Sammani and Deligiannis (ICIP 2023) that were measured.

    Each has a test that can refute it, and one only. That a linear surrogate is *incomplete* means that R2 of
    the joint part is above 0, which is not tested again in other units. Rows that it misses are held against
    those that the matrix misses of itself: a share alone is never below 0.

    Publication: "Model-agnostic visual explanations via approximate bilinear models",
    doi:10.1109/ICIP49359.2023.10222440; the measures of incomplete and asymmetric explanations are ours.
    """
    found = [(variant, _EXPLAINS, _r2_row) for variant in _joint(board)]
    found += [(variant, _MISSES, _missed_row) for variant in board.featured("missed_rows")]
    found += [(variant, _LIES_APART, _difference_row) for variant in board.featured("asymmetry")]
    sides = {"left": board.sides.left, "right": board.sides.right}
    return tuple(
        Claim(variant.name, says.format(**sides), tuple(row(board, entry) for entry in board.of(variant)))
        for variant, says, row in found
    )


def _joint(board: Leaderboard) -> tuple[Variant, ...]:
    """R2 on fresh masks; in closed form where no item has them."""
    known = (board.featured(metric) for metric in ("r2_cross_held_out", "r2_cross"))
    return next((one for one in known if any(map(board.n_known, one))), ())


def _r2_row(board: Leaderboard, entry: BoardEntry) -> ClaimRow:
    own = entry.explanation
    return _row(entry, own, beside=joint_words(board, entry))


def _missed_row(board: Leaderboard, entry: BoardEntry) -> ClaimRow:
    if not draws_masks(entry.estimator):
        return _row(entry, None, f"{NOT_TESTED}: the method draws no masks")
    if entry.explanation is None:
        return _row(entry, None, f"{NOT_TESTED}: nothing was explained again (metric stability)")
    return _difference_row(board, entry)


def _difference_row(_: Leaderboard, entry: BoardEntry) -> ClaimRow:
    difference = entry.gains.get("main_effects")
    if difference is None or not difference.n:
        return _row(entry, None, f"{NOT_TESTED}: no pair has both values")
    return _row(entry, difference)


def _row(entry: BoardEntry, tested: BoardEstimate | None, answer: str = "", beside: str = "") -> ClaimRow:
    return ClaimRow(
        entry.estimator,
        entry.explanation,
        entry.linear,
        entry.random,
        tested,
        None if answer else judged(tested, entry.direction),
        answer or said(tested, entry.direction, CLAIM, "0"),
        beside,
    )


def claims_markdown(board: Leaderboard) -> str:
    """What the paper says of linear surrogates: the first method's figures, and what all methods answer."""
    head = ["claim", "linear", "full", "tested against 0", f"`{board.estimators[0]}`", "all methods"]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for claim in read_claims(board):
        row = claim.rows[0]
        linear, full, tested = (_interval(one) for one in (row.linear, row.explanation, row.tested))
        full = f"{full}; {row.beside}" if row.beside else full
        told = [f"{claim.title}: {claim.says}", linear, full, tested, row.answer, claim.answers]
        lines.append("| " + " | ".join(map(escaped, told)) + " |")
    return "\n".join(lines)


def _interval(value: BoardEstimate | None) -> str:
    if value is None or value.mean is None:
        return "\N{EN DASH}"
    return f"{mean_words(value)}, n = {value.n}"
