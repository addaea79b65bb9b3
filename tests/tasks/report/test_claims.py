"""The paper's claim is confirmed, refuted or left open by an interval, never by a mean."""

import pytest

from tasks.report.claims import read_claims
from tasks.report.leaderboard import read_leaderboard

EVIL = "<b>evil|method"


@pytest.fixture
def claims(ranked):
    return {claim.title: claim for claim in read_claims(read_leaderboard(ranked.run))}


def test_the_interval_of_the_difference_answers(claims):
    answers = {row.estimator: row.answer for row in claims["incompleteness"].rows}
    assert answers == {
        "banzhaf": "confirmed",
        "occlusion": "not decided: the interval holds 0",
        EVIL: "refuted",
    }
    assert claims["incompleteness"].answers == (
        "confirmed with 1 of 3 methods, not decided with 1 of 3 methods, refuted with 1 of 3 methods"
    )
    assert "what image and caption do together" in claims["incompleteness"].says
    row = claims["incompleteness"].rows[0]
    assert (row.explanation.mean, row.linear.mean, row.difference.mean) == (0.1, 0.3, -0.2)


def test_the_matrix_misses_none_of_its_own_rows(claims):
    [row] = claims["missed rows"].rows
    assert (row.explanation, row.difference) == (None, None)
    assert (row.linear.mean, row.chance.mean) == (0.5, 0.75)
    assert row.answer == "not tested: a share is never below 0"


def test_what_has_no_value_is_not_decided(claims):
    [row] = claims["asymmetry, score"].rows
    assert row.answer == "not decided: no pair has a value"


def test_nothing_is_claimed_where_nothing_was_measured(ranked):
    assert read_claims(read_leaderboard(ranked.run, "m3")) == ()
