"""What maps of words can be expected to show is said from what the run measured."""

from dataclasses import replace

import numpy as np
import pytest
from every import every

from ilime_core.faithfulness.reported import Group
from tasks.figures.choice import strong_words
from tasks.figures.pair_picture import read_pair
from tasks.report.leaderboard.expectation import group_note, reading_sentences
from tasks.report.leaderboard.reading import read_leaderboard
from tasks.report.site import write_report

JOINT = "and caption together make 4.0% of how the score varies, and single regions and words make the rest"


@pytest.fixture
def pair(pictured):
    return read_pair(pictured.run, pictured.good)


def test_a_small_joint_share_is_said_and_a_large_one_is_not(pair):
    little, much, unknown = (
        reading_sentences(replace(pair, joint=replace(pair.joint, share=share)))
        for share in (0.04, 0.1, None)
    )
    assert f"Image {JOINT}: the matrix is about those 4.0% only." in little
    assert set(little) - set(much) == {little[1]}
    assert unknown == much


def test_only_strong_words_that_do_not_raise_the_score_are_named(pair):
    strong = strong_words(pair)
    effect = np.full(len(pair.text.words), -1.0)
    effect[strong] = 1.0
    raising = reading_sentences(replace(pair, right_effect=effect))
    effect[strong[0]] = 0.0
    one_idle = reading_sentences(replace(pair, right_effect=effect))
    named = pair.text.words[strong[0]].text
    assert [line for line in one_idle if line not in raising] == [
        f"With the image whole, the score does not rise by “{named}”."
    ]


@pytest.mark.parametrize(("share", "said"), [(0.04, True), (0.5, False)])
def test_the_joint_share_of_a_run_stands_beside_its_localisation(planted, tmp_path, commit_run, share, said):
    def plant(tables):
        row = next(row for row in planted.rows if row["metric"] == "r2_cross")
        tables["leaderboard"].extend([row, row | {"metric": "share_cross", "mean": share}])

    board = read_leaderboard(planted.make(tmp_path, commit_run, plant).run, "m2")
    assert (f"On average, image {JOINT}" in group_note(board, Group.LOCALISATION)) == said
    assert "a word that the model does not know need not lie anywhere" in group_note(
        board, Group.LOCALISATION
    )
    assert group_note(board, Group.FIDELITY) == ""


def test_the_page_of_a_pair_says_how_to_read_its_maps(pictured, pair, tmp_path):
    page = write_report(pictured.run, tmp_path / "site", limit=1).parent / "pairs" / f"{pair.pair_id}.html"
    assert every(sentence in page.read_text(encoding="utf-8") for sentence in reading_sentences(pair))
