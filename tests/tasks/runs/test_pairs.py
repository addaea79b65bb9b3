"""Pairs of a run: read as match has written them, all or by id."""

from types import SimpleNamespace

from tasks.run_files.committed import committed
from tasks.runs.pairs import matched_pairs

RUN = "r0123456789abcdef"


def test_pairs_are_those_of_the_table(store, small, commit_run):
    for row in small["pairs"]:
        row |= {"left_modality": "image", "right_modality": "text"}
    commit_run(store, RUN, small, 2)

    def commits(stage, blocks):
        return [committed(store, RUN, stage)[block] for block in blocks]

    run = SimpleNamespace(storage=store, commits=commits)
    rows = {row["pair_id"]: row for row in small["pairs"]}
    found = matched_pairs(run)
    assert [pair.pair_id for pair in found] == sorted(rows)
    for pair in found:
        row = rows[pair.pair_id]
        assert (pair.item_id("left"), pair.item_id("right")) == (row["left_id"], row["right_id"])
        assert (pair.modality("left"), pair.modality("right")) == ("image", "text")
    last = max(rows)
    assert [pair.pair_id for pair in matched_pairs(run, [last])] == [last]
    assert matched_pairs(run, []) == []
