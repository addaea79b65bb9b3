"""What maps of words can be expected to show is said from what the run measured."""

import pytest

from ilime_core.faithfulness.reported import Group
from tasks.report.leaderboard.expectation import group_note
from tasks.report.leaderboard.reading import read_leaderboard

JOINT = "and caption together make 4.0% of how the score varies, and single regions and words make the rest"


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
