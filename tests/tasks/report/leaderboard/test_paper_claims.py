"""Each statement of the paper has one test, which can refute it, and is left open where there is none."""

from pathlib import Path
from sys import path

import pytest

path.append(str(Path(__file__).parents[3] / "benchmarks"))

from paper_claims import claims_markdown, read_claims

from tasks.report.leaderboard.reading import read_leaderboard

EVIL = "<b>evil|method"


@pytest.fixture
def claims(ranked):
    return {claim.title: claim for claim in read_claims(read_leaderboard(ranked.run))}


def test_incompleteness_is_r2_of_the_joint_part_and_nothing_is_tested_twice(claims):
    assert set(claims) == {"R\N{SUPERSCRIPT TWO}, joint, held out", "missed rows", "asymmetry, score"}
    claim = claims["R\N{SUPERSCRIPT TWO}, joint, held out"]
    assert "what image and caption do only together" in claim.says
    first, other = claim.rows
    assert (first.explanation.mean, first.tested.mean) == (0.41, 0.41)
    assert first.answer == "confirmed (n = 10, corrected p = .001)"
    assert first.beside == "best possible 52%, of 4.0% of the variance"
    assert other.answer == "not decided: the interval holds 0 (n = 10, corrected p = .001)"
    assert other.beside == "best possible unknown, of unknown of the variance"
    assert claim.answers == "confirmed: 1 of 2 methods; not decided: 1 of 2 methods"


def test_the_linear_surrogate_is_held_against_the_matrix_under_other_masks(claims):
    rows = {row.estimator: row for row in claims["missed rows"].rows}
    own = rows["banzhaf"]
    assert (own.explanation.mean, own.linear.mean, own.chance.mean) == (0.1, 0.5, 0.75)
    assert own.tested.mean == -0.4
    assert own.answer == "confirmed (n = 10, corrected p = .001)"
    assert rows["occlusion"].answer == "not tested: the method draws no masks"
    assert rows[EVIL].answer == "not tested: nothing was explained again (metric stability)"
    assert claims["missed rows"].answers == "confirmed: 1 of 1 tested methods; not tested: 2 of 3 methods"


def test_what_has_no_value_is_not_tested(claims):
    [row] = claims["asymmetry, score"].rows
    assert (row.tested, row.verdict) == (None, None)
    assert row.answer == "not tested: no pair has both values"


def test_a_matrix_that_misses_more_than_the_linear_surrogate_refutes(tmp_path, commit_run, planted):
    def change(tables):
        for row in tables["leaderboard"]:
            if row["metric"] == "missed_rows" and row["versus"] == "main_effects":
                row |= {"mean": 0.036, "low": 0.01, "high": 0.06}

    rows = planted.rows
    run = planted.make(
        tmp_path, commit_run, lambda tables: (tables["leaderboard"].extend(rows), change(tables))
    ).run
    [claim] = [one for one in read_claims(read_leaderboard(run)) if one.title == "missed rows"]
    assert claim.rows[0].answer == "refuted (n = 10, corrected p = .001)"


def test_nothing_is_claimed_where_nothing_was_measured(ranked):
    assert read_claims(read_leaderboard(ranked.run, "m3")) == ()


def test_a_table_has_the_first_methods_figures_and_what_all_methods_answer(ranked):
    lines = claims_markdown(read_leaderboard(ranked.run)).splitlines()
    [missed] = [line for line in lines if line.startswith("| missed rows: ")]
    assert missed.endswith(
        " | 0.500 (0.400 to 0.600), n = 10 | 0.100 (0.050 to 0.150), n = 10"
        " | -0.400 (-0.500 to -0.300), n = 10"
        " | confirmed (n = 10, corrected p = .001)"
        " | confirmed: 1 of 1 tested methods; not tested: 2 of 3 methods |"
    )
