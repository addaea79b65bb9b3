"""Parameters of stage select: each moves what is selected, and blocks and runners move nothing.

Proves tasks.stages.select.plan.
"""

import pytest
from selected_runs import BASE, finished
from tiny_benchmark import merged

from tasks.comparison.diff import diff_runs


def test_words_are_chosen_on_the_other_side(changed):
    rows = changed(sides=["right"])
    assert {row["side"] for row in rows} == {"right"}
    assert {row["n_pool"] for row in rows} == {3}
    counts = {
        row["pair_id"]: row["step"] for row in rows if row["method"] == "smdl"
    }  # the last is the largest
    assert set(counts.values()) == {6, 8}  # words of the two captions of a picture


def test_a_word_that_no_text_holds_selects_nothing(changed):
    assert changed(word="zebra") == []


PLAIN = ("pair_id", "method", "side", "step", "segment", "objective", "n_candidates", "proved", "n_encodes")


@pytest.mark.parametrize(
    "change",
    [
        {"methods": ["smdl"]},
        {"sample": 2},
        {"weights": [0.0, 0.0, 0.0, 1.0]},
        {"scale": 2.0},
        {"candidates": 2},
        {"most_ordered": 2},
        {"most_removed": 1},
        {"exact_segments": 0},
        {"sides": ["left", "right"]},
    ],
    ids=str,
)
def test_each_parameter_moves_what_is_selected(run, changed, change):
    plain = [tuple(row[name] for name in PLAIN) for row in run.table("selections").to_pylist()]
    assert sorted(map(str, plain)) != sorted(
        str(tuple(row[name] for name in PLAIN)) for row in changed(**change)
    )


@pytest.mark.parametrize(
    ("change", "n_rows", "n_points"), [({"faded": 1}, 6, 5), ({"fade_points": 3}, 12, 3)]
)
def test_parameters_of_fading_move_the_curves(changed, change, n_rows, n_points):
    rows = changed("selection_curves", **change)
    assert (len(rows), {len(row["x"]) for row in rows}) == (n_rows, {n_points})


def test_a_larger_sample_contains_a_smaller_one_and_its_numbers(run, changed):
    small = changed(sample=3)
    assert len({row["pair_id"] for row in small}) == 3
    columns = ("pair_id", "method", "step", "segment", "score", "n_encodes")
    large = {tuple(row[name] for name in columns) for row in run.table("selections").to_pylist()}
    assert {tuple(row[name] for name in columns) for row in small} <= large


def test_blocks_change_no_number(run, corpus, tmp_path):
    cut = finished(corpus.spec(tmp_path, **merged(BASE, {"blocks": {"image_encodes": 20}})))
    [stage] = [name for name in cut.commits() if name.startswith("select-")]
    assert (len(run.commits()[stage]), len(cut.commits()[stage])) == (1, 3)
    assert diff_runs(run, cut).same


@pytest.mark.slow
def test_threads_give_the_same_bits(prefect_server, run, corpus, tmp_path):
    other = finished(corpus.spec(tmp_path, **merged(BASE, {"runner": {"name": "threads"}})))
    report = diff_runs(run, other)
    assert report.bitwise, report.lines
    assert other.table("selections").num_rows == run.table("selections").num_rows > 0
