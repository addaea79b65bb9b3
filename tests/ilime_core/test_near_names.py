"""Suggestions for mistyped names."""

import pytest

from ilime_core.near_names import did_you_mean, near_ids


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("explan", "; did you mean 'explain' or 'plan'?"),
        ("EXPLAIN", "; did you mean 'explain' or 'plan'?"),
        ("Reports", "; did you mean 'Report'?"),
        ("zzz", ""),
        ("", ""),
    ],
)
def test_near_names_are_asked_for_whatever_their_case(name, said):
    assert did_you_mean(name, ["plan", "explain", "Report"]) == said


def test_ids_are_near_by_their_beginning():
    ids = ["p0123456789abcdef", "p0f00000000000000", "pffffffffffffffff"]
    assert near_ids("p1123456789", ids, 12) == "; did you mean 'p0123456789a'?"
    assert near_ids("p5555", ids, 12) == ""
