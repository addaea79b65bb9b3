"""A lexicon of the user's own decides word classes and the run's id; effects of another lexicon are reused.

Proves tasks.stages.segment.word_classes.
"""

import pyarrow.compute as pc
import pytest
from tiny_benchmark import explain, run_of

from ilime_core.errors import InputError
from ilime_core.segmentation.lexicon import english_lexicon, parse_lexicon, segment_classes


def texts_of(run):
    texts = run.table("items", ["item_id", "text"], pc.field("modality") == "text").to_pylist()
    return {row["item_id"]: row["text"] for row in texts}


def classes_of(run):
    texts = texts_of(run)
    rows = run.table("segments").sort_by([("item_id", "ascending"), ("segment", "ascending")]).to_pylist()
    assert {row["word_class"] for row in rows if row["item_id"] not in texts} == {None}
    return [row for row in rows if row["item_id"] in texts]


def wanted(run, lexicon):
    texts = texts_of(run)
    return [
        segment_classes(texts[row["item_id"]], [(row["char_start"], row["char_end"])], lexicon)[0]
        for row in classes_of(run)
    ]


def test_classes_follow_the_lexicon_and_effects_are_reused(benchmark, tmp_path):
    own, unmeasured = tmp_path / "own.tsv", {"faithfulness": {"sample": 0}}
    first = run_of(explain(benchmark.spec(tmp_path / "tables", **unmeasured)))
    words = sorted({row["word"] for row in classes_of(first)})
    own.write_text("".join(f"{word}\tmaterial\n" for word in words[::2]), encoding="utf-8")
    changed = unmeasured | {"segmentation": {"text": {"lexicon": str(own)}}}
    second = run_of(explain(benchmark.spec(tmp_path / "tables", **changed)))
    assert second.run_id != first.run_id
    assert [row["word_class"] for row in classes_of(first)] == wanted(first, english_lexicon())
    lexicon = parse_lexicon(own.read_text(encoding="utf-8"), "own")
    assert [row["word_class"] for row in classes_of(second)] == wanted(second, lexicon)
    assert {"material", "content"} <= set(wanted(second, lexicon))
    encodes = [
        sum(commit.facts.counts.encodes for commit in run.commits()["score"].values())
        for run in (first, second)
    ]
    assert encodes[0] > 0 == encodes[1]
    own.unlink()
    with pytest.raises(InputError, match=r"segmentation\.text\.lexicon: there is no .*own\.tsv"):
        explain(benchmark.spec(tmp_path / "tables", **changed))
