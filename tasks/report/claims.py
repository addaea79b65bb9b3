"""What the InteractionLIME paper says of linear and bilinear surrogates, held against a measurement."""

from collections import Counter
from dataclasses import dataclass

from tasks.report.leaderboard_records import Entry, Leaderboard
from tasks.report.verdicts import TOO_FEW, Estimate, Verdict, judged

__all__ = ["Claim", "ClaimRow", "read_claims"]

_ANSWERS = {
    Verdict.BETTER: "confirmed",
    Verdict.WORSE: "refuted",
    Verdict.UNDECIDED: "not decided: the interval holds 0",
    Verdict.UNCORRECTED: "not decided: among so many comparisons this may be chance",
    Verdict.TOO_FEW: TOO_FEW,
    Verdict.UNKNOWN: "not decided: there is no interval",
}
_CLAIMS = {
    "incompleteness": "A linear surrogate leaves out more of what {left} and {right} do together.",
    "missed_rows": (
        "A linear surrogate misses strong rows of the matrix. The matrix misses none of its own, and a share "
        "is never below 0: there is nothing to test, only how large the share is, beside that of chance."
    ),
    "asymmetry": (
        "A linear surrogate serves one side of a pair better than the other, and more so than the full one."
    ),
}


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One method; None where something was not measured."""

    estimator: str
    explanation: Estimate | None
    linear: Estimate | None
    chance: Estimate | None
    difference: Estimate | None
    """What decides: the explanation minus its linear surrogate, pair by pair."""
    answer: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement, tested with every method."""

    title: str
    says: str
    rows: tuple[ClaimRow, ...]

    @property
    def answers(self) -> str:
        """How many methods say what."""
        told = Counter(row.answer.partition(":")[0] for row in self.rows)
        return ", ".join(
            f"{answer} with {count} of {len(self.rows)} methods" for answer, count in sorted(told.items())
        )


def read_claims(board: Leaderboard) -> tuple[Claim, ...]:
    """Claims of Joukovsky, Sammani and Deligiannis (ICIP 2023) that were measured.

    Publication and metrics: "Model-agnostic visual explanations via approximate bilinear models",
    doi:10.1109/ICIP49359.2023.10222440; the measures of incomplete and asymmetric explanations are ours.
    """
    claims: list[Claim] = []
    for metric, says in _CLAIMS.items():
        told = says.format(left=board.sides.left, right=board.sides.right)
        for variant in board.featured(metric):
            rows = tuple(map(_row, board.of(variant)))
            if rows:
                claims.append(Claim(variant.name, told, rows))
    return tuple(claims)


def _row(entry: Entry) -> ClaimRow:
    linear, difference = entry.linear, entry.gains.get("main_effects")
    answer = _ANSWERS[judged(difference, entry.direction)]
    if entry.explanation is None:  # the matrix is the measure, and cannot miss itself
        difference, answer = None, "not tested: a share is never below 0"
    elif difference is None or not difference.n:
        answer = "not decided: no pair has a value"
    return ClaimRow(entry.estimator, entry.explanation, linear, entry.random, difference, answer)
