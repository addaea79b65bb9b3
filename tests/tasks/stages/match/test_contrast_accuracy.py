"""Accuracies of contrasts that share queries, and of questions of which items have failed."""

import pyarrow as pa
import pytest

from ilime_core.aggregates.wilson import wilson_interval
from tasks.corpora.contrasts import Contrast
from tasks.stages.match.contrast_accuracy import accuracy_table
from tasks.stages.match.contrasts import PlacedContrasts
from tasks.tables import TABLES


def rows_of(held, unusable=()):
    """Accuracies by measure; ``held`` has (question, query, correct, edited, margin)."""
    rows = [
        {
            "question": question,
            "edit": "negbench",
            "category": "all",
            "direction": "left_to_right",
            "query_id": query,
            "correct_id": correct,
            "edited_id": edited,
            "correct_pair_id": f"{query}-{correct}",
            "edited_pair_id": f"{query}-{edited}",
            "score_correct": margin,
            "score_edited": 0.0,
            "margin": margin,
            "won": margin > 0,
            "tied": margin == 0,
            "is_explained": False,
        }
        for question, query, correct, edited, margin in held
    ]
    table = pa.Table.from_pylist(rows, schema=TABLES["contrasts"].schema)
    found = accuracy_table(table, PlacedContrasts((), tuple(unusable))).to_pylist()
    return {row["measure"]: row for row in found}


def test_captions_of_one_image_make_the_interval_of_their_share_wider():
    """Of 20 images with five captions each all are won or all are lost: that is 20 trials, not 100."""
    held = [
        (f"{n}-{k}", f"image{n}", f"text{n}-{k}", f"edit{n}-{k}", 0.1 if n % 4 else -0.1)
        for n in range(20)
        for k in range(5)
    ]
    found = rows_of(held)
    for measure, n_true in (("won", 75), ("lost", 25)):
        low, high = wilson_interval(n_true, 100)
        assert found[measure]["value"] == n_true / 100
        assert found[measure]["high"] - found[measure]["low"] > 1.8 * (high - low)
        assert 0 < found[measure]["low"] < n_true / 100 < found[measure]["high"] < 1


def test_contrasts_that_share_nothing_have_wilsons_interval():
    held = [(str(n), f"image{n}", f"text{n}", f"edit{n}", 0.1 if n % 4 else 0.0) for n in range(20)]
    found = rows_of(held)["won"]
    assert (found["low"], found["high"]) == pytest.approx(wilson_interval(15, 20))


def test_queries_that_win_alike_have_no_interval_without_width():
    held = [
        (str(n), f"image{n}", f"text{n}", f"edit{n}-{k}", 0.1 - 0.2 * k) for n in range(20) for k in (0, 1)
    ]
    found = rows_of(held)["won"]
    assert (found["low"], found["high"]) == pytest.approx(wilson_interval(20, 40))


def test_captions_of_a_single_image_have_a_share_without_interval():
    found = rows_of([(str(k), "image", f"text{k}", f"edit{k}", 0.1) for k in range(5)])["won"]
    assert (found["value"], found["low"], found["high"]) == (1.0, None, None)


def test_questions_of_which_every_contrast_has_failed_are_counted():
    held = [(str(n), f"image{n}", f"text{n}", f"edit{n}-{k}", 0.1) for n in range(3) for k in range(2)]
    failed = [
        Contrast("left_to_right", 0, 0, edited, question, "all", "negbench")
        for question, edited in (("8", 1), ("8", 2), ("9", 3), ("9", 4), ("2", 5))
    ]
    found = rows_of(held, failed)
    assert (found["all_won"]["n"], found["all_won"]["n_unknown"]) == (2, 3)
    assert (found["won"]["n"], found["won"]["n_unknown"]) == (6, 5)
