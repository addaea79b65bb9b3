"""Names of labels from a table, and from the spans of captions."""

import json

import pytest

from ilime_core.errors import InputError
from tasks.corpora.regions.label_names import open_label_names


def caption(filename, number, *spans):
    text = " ".join(words for words, _ in spans)
    places, start = [], 0
    for words, label in spans:
        places.append(
            {"char_start": start, "char_end": start + len(words), "text": words, "boxes": [[0, 0, 1, 1]]}
            | ({} if label is None else {"label": label})
        )
        start += len(words) + 1
    assert start == len(text) + 1
    return {"filename": filename, "sentid": number, "spans": places}


def test_the_last_word_of_most_spans_names_a_label(root):
    captions = [
        caption("a.jpg", 1, ("a small cat", 1), ("the mat", 2), ("a house", None)),
        caption("a.jpg", 2, ("two kittens", 1), ("mat", 2)),
        caption("a.jpg", 3, ("a kitten.", 1), ("the cat!", 1), ("rug", 2)),
        caption("b.jpg", 4, ("a dog", 2)),
        caption("b.jpg", 5, ("an animal", 2)),
    ]
    root.write("regions.json", json.dumps({"regions": captions}).encode())
    names = open_label_names(f"{root.url}/regions.json")
    assert names.of("a.jpg") == {1: "cat", 2: "mat"}
    assert names.of("b.jpg") == {2: "animal"}
    assert names.of("c.jpg") == {}


def test_spans_without_any_label_are_refused(root):
    root.write("regions.json", json.dumps({"regions": [caption("a.jpg", 1, ("a cat", None))]}).encode())
    with pytest.raises(InputError, match=r"regions\.json: no span has a 'label'"):
        open_label_names(f"{root.url}/regions.json")


def test_a_table_names_the_labels_of_all_images(root):
    root.write("names.tsv", b"# ADE\n1\twall\n\n17\tpotted plant\n")
    names = open_label_names(f"{root.url}/names.tsv")
    assert names.of("a.jpg") == names.of("b.jpg") == {1: "wall", 17: "potted plant"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1 wall\n",
            r"names\.tsv, line 1: got '1 wall'; needed are a label of the maps, a tabulator and its",
        ),
        ("one\twall\n", "line 1: got"),
        ("1\twall\n1\tfloor\n", "line 2: label 1 has another name in an earlier line"),
        ("#\n", "names no label"),
    ],
)
def test_bad_tables_are_refused_in_one_line(root, text, message):
    root.write("names.tsv", text.encode())
    with pytest.raises(InputError, match=message):
        open_label_names(f"{root.url}/names.tsv")
