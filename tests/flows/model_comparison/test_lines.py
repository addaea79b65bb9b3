"""Summary of a comparison: one screen that names what moved, safe for a terminal, and JSON for programs.

Proves tasks.model_comparison.lines.
"""

import json
from dataclasses import replace

import pyarrow as pa
from every import every

from tasks.model_comparison.compare import compare_runs
from tasks.model_comparison.lines import comparison_json, comparison_lines


def test_a_screen_says_how_well_they_agree_and_what_moved(compared):
    lines = comparison_lines(compared)
    assert len(lines) <= 24
    text = "\n".join(lines)
    assert lines[0].startswith(f"A  {compared.a.run_id} before: model ")
    assert compared.b.run_id in lines[1]
    row = next(row for row in compared.rows.to_pylist() if row["quantity"] == "correlation")
    assert f"correlation of W within pairs: {row['value']:.3f} [" in text
    assert "word classes that lost share of mass (1 of " in text
    assert "colour 0." in text
    assert "pairs changed rank" in text
    assert "note: both runs have drawn the same masks" in text
    assert "segments of images: 108 in A, 108 in B, 108 the same" in text


def test_nothing_that_moved_is_said_too(before):
    text = "\n".join(comparison_lines(compare_runs(before, before)))
    assert "words: none of " in text
    assert "no common pair changed its rank" in text


def test_captions_reach_no_terminal_with_control_characters(compared):
    column = compared.rows.schema.get_field_index("text")
    evil = pa.array(["\x1b[31mred\n"] * compared.rows.num_rows)
    lines = comparison_lines(replace(compared, rows=compared.rows.set_column(column, "text", evil)))
    assert any("[31mred" in line for line in lines)
    assert every(line.isprintable() for line in lines)


def test_json_has_the_rows_of_the_benchmark_and_of_names_and_no_null(compared):
    told = json.loads(comparison_json(compared))
    assert (told["run_a"], told["run_b"], told["estimator"]) == (
        compared.a.run_id,
        compared.b.run_id,
        "banzhaf",
    )
    assert told["notes"] == list(compared.notes)
    assert {row["level"] for row in told["rows"]} == {"benchmark", "word", "word_class"}
    assert every(value is not None for row in told["rows"] for value in row.values())
