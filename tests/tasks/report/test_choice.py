"""Pairs by what people know of them: matches before errors before the rest, and the worst match."""

import pyarrow as pa
import pytest

from tasks.report.choice import choose_shown_pairs, fitted_pairs

KINDS = {
    "p1": (False, False),
    "p2": (False, True),
    "p3": (True, False),
    "p4": (True, False),
    "p5": (True, True),
}
RANKS = {"p1": (1, 1), "p2": (1, 1), "p3": (3, 1), "p4": (2, 9), "p5": (2, None)}
"""By right asks left, then by left asks right."""


class Tables:
    """A run that holds these pairs, with what is explained of each; p3 to p5 are matches."""

    run_id = "r0"
    plan = {"parameters": {"estimators": ["banzhaf", "grid"]}}  # noqa: RUF012 - nobody writes to it

    def __init__(self, r2, held_out=None):
        self._rows = {
            "pairs": [
                {
                    "pair_id": name,
                    "is_positive": KINDS[name][0],
                    "is_error": KINDS[name][1],
                    "rank_right_to_left": RANKS[name][0],
                    "rank_left_to_right": RANKS[name][1],
                }
                for name in KINDS
            ],
            "fits": [
                {"pair_id": name, "estimator": estimator, "r2_cross": sign * value if value else None}
                | {"r2_cross_held_out": (held_out or {}).get(name)}
                for name, value in r2.items()
                for estimator, sign in (("banzhaf", 1), ("grid", -1))
            ],
        }

    def table(self, name, columns=None, filter=None):  # noqa: A002 - as of a run
        found = pa.Table.from_pylist(self._rows[name])
        return (found if filter is None else found.filter(filter)).select(columns)


R2 = {"p1": 0.9, "p2": -0.5, "p3": 0.3, "p4": 0.1, "p5": 0.2}


def test_matches_come_first_then_errors_and_the_best_ranked_of_either():
    assert fitted_pairs(Tables(R2)) == ["p4", "p5", "p3", "p2", "p1"]
    assert choose_shown_pairs(Tables({"p1": 0.5, "p3": 0.5})) == ["p3", "p1"]


@pytest.mark.parametrize(
    ("r2", "held_out", "worst"),
    [
        (R2, {}, "p4"),
        (R2 | {"p4": None}, {"p4": -1.0}, "p5"),
        (dict.fromkeys(R2), {"p3": 0.3, "p5": 0.4, "p2": 0.1}, "p3"),  # the closed form is unknown
        ({"p1": 0.9, "p2": -0.5}, {}, "p2"),  # no match is explained
    ],
)
def test_the_worst_is_the_match_of_which_least_is_explained(r2, held_out, worst):
    assert choose_shown_pairs(Tables(r2, held_out), worst=True) == [worst]
