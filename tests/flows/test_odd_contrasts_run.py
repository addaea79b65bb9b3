"""Contrasts of items that fail and of captions that mean harm.

Proves tasks.stages.match.contrast_accuracy and tasks.report.contrast_lines.
"""

import json

from contrast_runs import spec_of, write
from tiny_benchmark import explain, run_of

from ilime_core.edits.registry import EDITS
from tasks.report.contrast_lines import contrast_lines


def test_contrasts_of_a_failed_item_are_counted(tmp_path):
    questions = {
        "1": {"filename": "0.png", "caption": "a red dog", "negative_caption": "a blue dog"},
        "2": {"filename": "1.png", "caption": "two cats", "negative_caption": ""},
        "3": {"filename": "absent.png", "caption": "three cats", "negative_caption": "a cat"},
    }
    corpus = write(tmp_path, "swap_att.json", json.dumps(questions))
    outcome = explain(spec_of(corpus, tmp_path / "tables", failures={"tolerate": 1.0}))
    run = run_of(outcome)
    assert run.table("contrasts")["question"].to_pylist() == ["1"]
    rows = {(row["category"], row["measure"]): row for row in run.table("contrast_accuracy").to_pylist()}
    for category in ("swap_att", "all"):
        assert (rows[category, "won"]["n"], rows[category, "won"]["n_unknown"]) == (1, 2)


def test_hostile_captions_and_categories_are_held_against_each_other_and_shown_escaped(tmp_path):
    odd = "a <script>alert(1)</script> \u202ered dog\u202c \x1b[31m & two 'cats' \U0001f469\u200d\U0001f467"
    texts = ((odd, f"{odd} not"), ("a " * 60, "dog " * 60))
    questions = [
        {
            "image_path": f"{n}.png",
            "true_caption": one,
            "false_caption": other,
            "relation_name": "\x1b[31m\n<b>",
        }
        for n, (one, other) in enumerate(texts)
    ]
    corpus = write(tmp_path, "vg.json", json.dumps(questions)) | {"edits": list(EDITS.names)}
    run = run_of(explain(spec_of(corpus, tmp_path / "tables", failures={"tolerate": 1.0})))
    rows = run.table("contrasts").to_pylist()
    assert {"aro", "colours", "number", "detail", "shuffle"} <= {row["edit"] for row in rows}
    assert {row["category"] for row in rows if row["edit"] == "aro"} == {"\x1b[31m\n<b>"}
    lines = contrast_lines(run)
    assert lines
    assert not any(character in line for line in lines for character in "\x1b\n\u202e")
