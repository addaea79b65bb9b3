"""What the InteractionLIME paper says of linear and bilinear surrogates, as far as a test could refute it."""

from dataclasses import dataclass

from tasks.report.leaderboard.joint_words import joint_words
from tasks.report.leaderboard.records import Entry, Leaderboard, Variant
from tasks.report.leaderboard.verdict_words import CLAIM, said, tally
from tasks.report.leaderboard.verdicts import Estimate, Verdict, judged
from tasks.spec.estimator_kinds import draws_masks

__all__ = ["Claim", "ClaimRow", "read_claims"]

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
    explanation: Estimate | None
    linear: Estimate | None
    chance: Estimate | None
    tested: Estimate | None
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


def _r2_row(board: Leaderboard, entry: Entry) -> ClaimRow:
    own = entry.explanation
    return _row(entry, own, beside=joint_words(board, entry))


def _missed_row(board: Leaderboard, entry: Entry) -> ClaimRow:
    if not draws_masks(entry.estimator):
        return _row(entry, None, f"{NOT_TESTED}: the method draws no masks")
    if entry.explanation is None:
        return _row(entry, None, f"{NOT_TESTED}: nothing was explained again (metric stability)")
    return _difference_row(board, entry)


def _difference_row(_: Leaderboard, entry: Entry) -> ClaimRow:
    difference = entry.gains.get("main_effects")
    if difference is None or not difference.n:
        return _row(entry, None, f"{NOT_TESTED}: no pair has both values")
    return _row(entry, difference)


def _row(entry: Entry, tested: Estimate | None, answer: str = "", beside: str = "") -> ClaimRow:
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
