"""A leaderboard says what its rows say, and decides no more than their intervals do.

Proves tasks.report.leaderboard.reading, tasks.report.leaderboard.records, tasks.report.leaderboard.entries,
tasks.report.leaderboard.headlines, tasks.report.leaderboard.text.
"""

import dataclasses

import pytest

from ilime_core.errors import InputError
from tasks.report.leaderboard.headlines import count, headline_table, number, verdict_words
from tasks.report.leaderboard.reading import leaderboard_lines, measurements, read_leaderboard
from tasks.report.leaderboard.text import leaderboard_markdown
from tasks.report.leaderboard.verdict_words import correction_words
from tasks.report.leaderboard.verdicts import Verdict

EVIL = "<b>evil|method"


@pytest.fixture
def board(ranked):
    return read_leaderboard(ranked.run)


def entry(board, estimator, metric, place=0):
    return board.entries[estimator, "all", board.featured(metric)[place]]


def test_the_measurement_that_says_most_is_read_and_others_are_named(ranked, board):
    assert board.measure_id == "m2"
    assert [one.measure_id for one in board.others] == ["m3"]
    assert [one.measure_id for one in measurements(ranked.run)] == ["m2", "m3"]
    narrow = read_leaderboard(ranked.run, "m3")
    assert narrow.metrics == ("insertion",)
    assert entry(narrow, "banzhaf", "insertion").explanation.mean == 0.9
    assert [one.measure_id for one in narrow.others] == ["m2"]


def test_a_measurement_that_is_not_there_is_refused_with_those_that_are(ranked):
    with pytest.raises(InputError, match="no leaderboard of measurement 'm7'; it holds m2, m3"):
        read_leaderboard(ranked.run, "m7")
    assert leaderboard_lines(ranked.run, "m7") == []


def test_without_a_leaderboard_there_are_no_lines(pictured):
    assert leaderboard_lines(pictured.run) == []
    with pytest.raises(InputError, match="has no leaderboard"):
        read_leaderboard(pictured.run)


def test_values_controls_and_differences_are_told_apart(board):
    one = entry(board, "banzhaf", "insertion")
    assert one.explanation.mean == 0.8
    assert (one.explanation.low, one.explanation.high) == (pytest.approx(0.75), pytest.approx(0.85))
    assert (one.linear.mean, one.random.mean, one.chance) == (0.45, 0.5, 0.5)
    assert one.gains["random"].mean == 0.3
    assert (one.explanation.n, one.explanation.n_unknown, board.n_pairs) == (10, 2, 12)
    assert board.entries["banzhaf", "positive", one.variant].explanation.mean == 0.9
    assert board.relations == ("hard_negative", "positive")


def test_methods_come_as_the_spec_names_them_and_metrics_by_group(board):
    assert board.estimators == ("banzhaf", EVIL, "occlusion")  # the spec names banzhaf alone
    assert board.metrics == (
        "insertion", "deletion", "asymmetry", "p_faithfulness_spearman", "r2_cross", "r2_cross_held_out",
        "r2_cross_ceiling", "share_cross", "incompleteness", "missed_rows", "randomised_weights",
        "novelty_of_words",
    )  # fmt: skip


def test_the_joint_order_by_count_under_the_fitted_baseline_stands_for_a_metric(board):
    first, *rest = board.variants("insertion")
    assert (first.side, first.axis, first.baseline, first.scale) == ("both", "count", board.baseline, "raw")
    assert len(rest) == 4
    assert rest[-1].baseline == "blur, drop"
    assert board.featured("insertion") == (first,)
    assert [one.mode for one in board.featured("p_faithfulness_spearman")] == ["score p=0.45"]


def test_the_verdict_is_that_of_the_paired_difference(board):
    assert entry(board, "banzhaf", "insertion").verdict is Verdict.BETTER
    assert entry(board, "occlusion", "insertion").verdict is Verdict.WORSE
    assert (
        entry(board, EVIL, "insertion").verdict is Verdict.UNDECIDED
    )  # although its mean is far from chance
    assert entry(board, "banzhaf", "deletion").verdict is Verdict.BETTER
    assert entry(board, EVIL, "deletion").verdict is Verdict.WORSE


def test_where_chance_is_known_the_mean_is_held_against_it(board):
    assert entry(board, "banzhaf", "r2_cross_held_out").verdict is Verdict.BETTER
    assert entry(board, "occlusion", "r2_cross_held_out").verdict is Verdict.UNDECIDED
    assert entry(board, "banzhaf", "incompleteness").verdict is Verdict.UNKNOWN
    assert verdict_words(entry(board, "banzhaf", "incompleteness")) == ""


def test_a_sanity_check_passes_below_its_bound_and_is_no_contest(board):
    passing, failing = (entry(board, name, "randomised_weights") for name in ("occlusion", "banzhaf"))
    assert verdict_words(passing) == "passes: below 0.1 (n = 10, corrected p = .001)"
    assert verdict_words(failing) == "fails: above 0.1 (n = 10, corrected p = .001)"
    assert board.leaders(passing.variant).names == ()


def test_the_best_is_named_only_where_differences_allow(board):
    [insertion], [deletion] = board.featured("insertion"), board.featured("deletion")
    assert board.leaders(insertion).names == ("banzhaf", EVIL)
    assert board.leaders(deletion).best == "banzhaf"
    table = headline_table(board)
    assert [column.leaders.words for column in table.columns[:2]] == [
        f"not distinguishable: banzhaf, {EVIL}",
        "banzhaf",
    ]
    assert [[cell and cell.mark for cell in row.cells[:2]] for row in table.rows] == [
        ["among the best", "best"],
        ["among the best", ""],
        ["", ""],
    ]


def test_without_differences_nobody_is_best(board):
    [held_out] = board.featured("r2_cross_held_out")
    assert board.leaders(held_out).words == "not compared"
    assert {row.cells[3].mark for row in headline_table(board).rows if row.cells[3]} == {""}


def test_a_difference_is_read_from_either_side(board):
    [deletion] = board.featured("deletion")
    ours, theirs = board.difference("banzhaf", EVIL, deletion), board.difference(EVIL, "banzhaf", deletion)
    assert (ours.mean, ours.low, ours.p_adjusted) == (-0.4, pytest.approx(-0.45), 0.001)
    assert (theirs.mean, theirs.high, theirs.smallest_difference) == (0.4, pytest.approx(0.45), 0.07)
    assert board.difference("banzhaf", "grid", deletion) is None
    assert board.n_questions == 2


def test_headlines_are_what_most_methods_have(board):
    assert [one.metric for one in board.headlines()] == [
        "insertion", "deletion", "p_faithfulness_spearman", "r2_cross_held_out", "r2_cross_ceiling",
        "share_cross", "randomised_weights",
    ]  # fmt: skip
    assert len(headline_table(board, 2).columns) == 2


def test_costs_are_of_one_item(board):
    assert board.costs("banzhaf") == {"image_encodes": 258.4, "text_encodes": 66}
    table = headline_table(board)
    assert table.costs == ("image encodes", "text encodes")
    assert [row.costs for row in table.rows] == [(258.4, 66), (1234, 5), (51, 9)]


def test_lines_are_aligned_and_mark_what_is_told_from_chance(ranked):
    lines = leaderboard_lines(ranked.run)
    assert lines[0] == "measurement m2: 3 methods on 12 of 2 explained pairs"
    assert max(map(len, lines)) <= 100
    start = next(place for place, line in enumerate(lines) if "insertion, score" in line)
    lines = lines[start - 3 :]
    head = lines[3]
    place = head.index("insertion, score \N{UPWARDS ARROW}")
    assert lines[4][place:].startswith("0.800 (0.750 to 0.850) | 0.500*")
    assert lines[5][place:].startswith("0.780 (0.730 to 0.830) | 0.500 ")
    assert lines[6][place:].startswith("0.400 (0.350 to 0.450) | 0.500!")
    assert lines[7][place:].startswith("10 ")
    assert lines[8][place:].startswith("not distinguishable: 2")
    place = head.index("deletion, score \N{DOWNWARDS ARROW}")
    assert lines[8][place:].startswith("banzhaf")
    last = "occlusion \N{EN DASH} \N{EN DASH} 0.025 (-0.025 to 0.075) | 0.040*"
    assert any(" ".join(line.split()) == last for line in lines)


def test_lines_of_another_measurement(ranked):
    lines = leaderboard_lines(ranked.run, "m3")
    assert lines[0] == "measurement m3: 1 method on 12 of 2 explained pairs"
    assert any(" ".join(line.split()) == "banzhaf 0.900 (0.800 to 1.000)" for line in lines)


def test_markdown_is_a_table_with_escaped_bars(board):
    table = leaderboard_markdown(board)
    head, rule, *rows = [line for line in table.splitlines() if line.startswith("|")]
    assert head.count(" | ") == rule.count("---") - 1 == 9
    assert rows[0].startswith("| `banzhaf` | **0.800** (0.750 to 0.850)* | **0.200** (0.180 to 0.220)* | ")
    assert rows[1].startswith("| `<b>evil\\|method` | ")
    assert rows[1].endswith("| 1,234 | 5 |")
    assert rows[-5].startswith("| *linear surrogate* | 0.450 | ")
    assert rows[-4].startswith("| *chance* | 0.500 | ")
    assert rows[-3].startswith("| *pairs* | 10 | ")
    assert rows[-2].startswith("| best | not distinguishable: banzhaf, <b>evil\\|method | banzhaf | ")
    assert "12 of 2 explained pairs." in table
    assert board.baseline in table


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.12345, "0.123"),
        (-2.5, "-2.500"),
        (1234.5, "1,234"),
        (0.00012, "0.00012"),
        (0.0, "0.000"),
        (None, "–"),
    ],
)
def test_numbers_are_short(value, told):
    assert number(value) == told


def test_counts_have_no_decimals():
    assert [count(value) for value in (258.4, 1234567, None)] == ["258", "1,234,567", "–"]


def test_pages_say_what_a_claim_rests_on(board):
    told = correction_words(board)
    assert f"over all {board.n_comparisons} comparisons of the measurement" in told
    assert told.endswith("With fewer than 10 photographs or captions nothing is claimed.")
    few = correction_words(dataclasses.replace(board, n_comparisons=0))
    assert few.endswith("this measurement has fewer everywhere, or did not count them.")
