"""Proves tasks.report.meanings."""

from tasks.report.meanings import faithfulness_sentences
from tasks.report.overview import read_overview


def test_metrics_that_have_too_few_items_share_a_sentence(tmp_path, commit_run, planted):
    def change(tables):
        tables["leaderboard"] += [
            row | {"n": 4, "n_left": 4, "n_right": 4} if row["versus"] == "random" else row
            for row in planted.rows
        ]

    overview = read_overview(planted.make(tmp_path, commit_run, change).run)
    assert len(overview.judged) > 1
    [told] = faithfulness_sentences(overview)
    assert told.startswith("Not compared with chance: ")
    assert "measured on 4 of 2 explained pairs; too few items (4 on a side, 10 are needed)." in told
