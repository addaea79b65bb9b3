"""Lines for the terminal, and which pairs are meant.

Proves tasks.report.terminal, tasks.report.matches, tasks.report.overview.
"""

from pathlib import Path

import pytest

from ilime_core.errors import InputError
from ilime_core.printable import printable
from tasks.explorer.site import write_report
from tasks.figures.pair_picture import read_pair
from tasks.report.choice import choose_shown_pairs
from tasks.report.leaderboard.headlines import verdict_words
from tasks.report.leaderboard.reading import read_leaderboard
from tasks.report.matches import picture_matches, read_matches
from tasks.report.overview import read_overview
from tasks.report.terminal import match_lines, overview_lines


def test_the_strongest_match_comes_first_with_its_place(pictured):
    lines = match_lines(read_pair(pictured.run, pictured.good))
    assert lines[0].startswith('it\'s "x" & <b>.png: a cat')
    assert lines[0].endswith(", 8 of 32 cells by size:")
    assert lines[1].split()[:2] == ["cat", "+0.5000"]
    assert "segment 3, lower right, 25% of the view, box 30 x 30 at (50, 30)" in lines[1]


def test_all_cells_are_matches_in_order_of_size(pictured):
    matches = read_matches(pictured.run, [pictured.good], "banzhaf")[pictured.good]
    assert len(matches) == 32
    sizes = [abs(match.weight) for match in matches]
    assert sizes == sorted(sizes, reverse=True)
    assert matches[:8] == picture_matches(read_pair(pictured.run, pictured.good), 8)


def test_the_overview_says_what_was_found(pictured):
    text = "\n".join(overview_lines(pictured.run))
    assert "1 images, 2 captions; 2 pairs explained" in text
    assert "R@1 25.0%  R@5 75.0%  R@10 100.0%" in text
    assert "explains 37% of what image and caption do together (best possible 42%), which is 4.0% of" in text
    assert text.count("+0.5000") == 1
    assert "1 pairs were measured and not compared: ilime measure ranks them." in text
    assert "better than" not in text
    assert "(32 cells of 1 of 1 such pairs; " in text


def test_a_comparison_has_the_same_words_in_lines_and_pages(ranked, tmp_path):
    lines = "\n".join(overview_lines(ranked.run))
    told = (
        "insertion, score (higher is better): 0.800 beside 0.500 by chance, difference 0.300 (0.200 to "
        "0.400), 10 of 2 explained pairs, 2 more without a value; better than chance (n = 10, corrected "
        "p = .001)."
    )
    assert told in lines
    index = Path(write_report(ranked.run, tmp_path / "site"))
    assert told in index.read_text()
    assert ">better than chance (n = 10, corrected p = .001)<" in (index.parent / "methods.html").read_text()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"low": -0.1}, "not distinguishable from chance (n = 10, corrected p = .001)"),
        (
            {"p_adjusted": 0.06},
            "not distinguishable from chance among all comparisons (n = 10, corrected p = .060)",
        ),
        ({"p_adjusted": 0.0001}, "better than chance (n = 10, corrected p < .001)"),
        ({"n_left": 3}, "too few items (3 on a side, 10 are needed)"),
        ({"n_right": None}, "not compared: no interval"),
    ],
)
def test_what_decides_is_the_paired_difference(tmp_path, commit_run, planted, changes, words):
    def change(tables):
        tables["leaderboard"] += [
            row | (changes if (row["metric"], row["versus"]) == ("insertion", "random") else {})
            for row in planted.rows
        ]

    run = planted.make(tmp_path, commit_run, change).run
    board = read_leaderboard(run)
    [entry] = [one for one in read_overview(run).judged if one.variant.metric == "insertion"]
    assert verdict_words(board.entries["banzhaf", "all", entry.variant]) == words
    assert verdict_words(entry) == words
    assert f"2 more without a value; {words}." in "\n".join(overview_lines(run))


def test_a_median_says_of_how_many_pairs_it_is(tmp_path, commit_run, planted):
    def change(tables):
        row = tables["aggregates"][0]
        row |= {"n": 15, "n_unknown": 25}

    lines = overview_lines(planted.make(tmp_path, commit_run, change).run)
    assert any(line.startswith("In the median of 15 of 40 matches a bilinear surrogate") for line in lines)


def test_terminals_get_no_orders():
    assert printable("a\x1b[31m\r\n\u202eb") == "a\ufffd[31m\ufffd\ufffd\ufffdb"


def test_pairs_are_chosen_by_what_people_know(pictured):
    run, good, wrong = pictured.run, pictured.good, pictured.wrong
    assert choose_shown_pairs(run) == [good, wrong]
    assert choose_shown_pairs(run, pair=good[:10]) == [good]
    assert choose_shown_pairs(run, image='it\'s "x" & <b>.png') == [good, wrong]
    assert choose_shown_pairs(run, image="7") == [good, wrong]
    assert choose_shown_pairs(run, worst=True) == [good]  # the only match, although an error explains less
    drawn = {choose_shown_pairs(run, any_pair=True, seed=seed)[0] for seed in range(20)}
    assert drawn == {good, wrong}
    assert choose_shown_pairs(run, any_pair=True, seed=3) == choose_shown_pairs(run, any_pair=True, seed=3)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"pair": "p"}, "fits 2 pairs"),
        ({"pair": "x"}, "no pair of run .* It holds p"),
        ({"image": "dog.png"}, "no image of run .* It holds it's"),
        ({"worst": True, "any_pair": True}, "one way"),
    ],
)
def test_an_unclear_choice_lists_candidates(pictured, asked, message):
    with pytest.raises(InputError, match=message):
        choose_shown_pairs(pictured.run, **asked)
