"""A chosen method against the others, in words that its differences allow."""

import dataclasses

import pytest

from tasks.report.leaderboard.headlines import detectable_words
from tasks.report.leaderboard.method_pairs import Detectable, detectable, rivals_of
from tasks.report.leaderboard.reading import leaderboard_lines, read_leaderboard
from tasks.report.leaderboard.text import differences_markdown, leaderboard_markdown
from tasks.report.leaderboard.verdict_words import p_words
from tasks.report.meanings import faithfulness_sentences
from tasks.report.overview import read_overview

EVIL = "<b>evil|method"


@pytest.fixture
def board(ranked):
    return read_leaderboard(ranked.run)


def variants(board, *metrics):
    return [board.featured(metric)[0] for metric in metrics]


def test_a_method_is_held_against_each_other_one(board):
    found = rivals_of(board, "occlusion", variants(board, "insertion", "deletion", "r2_cross_held_out"))
    told = {
        row.rival: [cell and (round(cell.difference.mean, 3), cell.words) for cell in row.cells]
        for row in found.rows
    }
    assert told == {
        "banzhaf": [(-0.4, "worse"), (0.3, "worse"), None],
        EVIL: [(-0.38, "worse"), (-0.1, "better"), None],
    }
    assert found.summary == "better than 1, worse than 3"


def test_what_few_items_or_a_correction_leave_open_is_counted_apart(board):
    [insertion] = variants(board, "insertion")
    known = board.differences["all", insertion]
    few = {two: dataclasses.replace(one, n_clusters=9) for two, one in known.items()}
    many = {two: dataclasses.replace(one, p_adjusted=0.06) for two, one in known.items()}
    for changed, summary, words in (
        (few, "too few items for 2", {"too few items"}),
        (
            many,
            "not distinguishable from 2",
            {"not distinguishable", "not distinguishable among all methods"},
        ),
        ({}, "", set()),
    ):
        other = dataclasses.replace(board, differences={("all", insertion): changed})
        found = rivals_of(other, "banzhaf", [insertion])
        assert (found.summary, {cell.words for row in found.rows for cell in row.cells}) == (summary, words)


def test_what_could_be_shown_is_the_median_and_the_largest(board):
    [insertion] = variants(board, "insertion")
    sizes = dict(zip(board.differences["all", insertion].items(), (0.05, 0.2, 0.01), strict=True))
    changed = {two: dataclasses.replace(one, smallest_difference=size) for (two, one), size in sizes.items()}
    shown = detectable(dataclasses.replace(board, differences={("all", insertion): changed}), insertion)
    assert shown == Detectable(0.05, 0.2)
    assert detectable_words(shown) == "0.050 (up to 0.200)"
    assert detectable(board, variants(board, "r2_cross")[0]) is None


def test_p_values_are_short():
    assert [p_words(value) for value in (0.00012, 0.0123, 1.0, None)] == [
        "p < .001",
        "p = .012",
        "p = 1.000",
        "",
    ]


def test_the_first_page_names_the_best_with_the_function_of_the_others(ranked):
    insertion, deletion = faithfulness_sentences(read_overview(ranked.run))
    told = "; better than chance (n = 10, corrected p = .001). Best:"
    assert insertion.endswith(f"{told} not distinguishable: banzhaf, {EVIL}.")
    assert deletion.endswith(f"{told} banzhaf.")


def test_lines_count_what_the_first_method_is_better_than(ranked):
    lines = leaderboard_lines(ranked.run)
    assert (
        "  insertion, score: better than 1, not distinguishable from 1; could show 0.070 (up to 0.070)"
        in lines
    )
    assert "  deletion, score: better than 2; could show 0.070 (up to 0.070)" in lines
    assert not any("against each other" in line for line in leaderboard_lines(ranked.run, "m3"))


def test_markdown_of_a_chosen_method(board):
    head, _, evil, occlusion, _, legend = differences_markdown(board, "banzhaf").splitlines()
    assert head.startswith("| `banzhaf` minus | insertion, score, higher is better | deletion, score, lower")
    assert evil.startswith(
        "| `<b>evil\\|method` | 0.020 (-0.030 to 0.070), p = .700, n = 10, could show 0.070 | -0.400 ("
    )
    assert "| 0.400 (0.350 to 0.450)*, p = .003, n = 10 | -0.300 (-0.350 to -0.250)*, p = .002" in occlusion
    assert legend.startswith("Better than 3, not distinguishable from 1.")
    only = differences_markdown(board, "occlusion", ["deletion"])
    assert "0.300 (0.250 to 0.350)!, p = .002, n = 10 |" in only
    assert "insertion" not in only


def test_what_could_be_shown_stands_below_a_board(board):
    rows = leaderboard_markdown(board).splitlines()
    assert any(
        row.startswith("| *could show* | 0.070 (up to 0.070) | 0.070 (up to 0.070) | – |") for row in rows
    )
