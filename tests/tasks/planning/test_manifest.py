"""Items of a corpus: equal contents are one entry, and every row of a side knows its own."""

import pytest

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry, image_text_corpus
from tasks.planning.manifest import list_items, merged_line


class Contents:
    """Images whose content is their first letter; ``absent`` ones are not there."""

    root = "/data"

    def fingerprints(self, entries):
        return [None if one.uri.startswith("absent") else f"sha256:{one.uri[0]}" for one in entries]


def corpus(names, captions):
    images = [ImageEntry(name, name) for name in names]
    texts = [
        TextEntry(text, "c.json", str(number), f"c{number}", image)
        for number, (text, image) in enumerate(captions)
    ]
    return image_text_corpus(images, texts, Contents(), "all", "folder")


def test_equal_contents_are_one_entry_that_rows_point_to():
    found = corpus(["a1.png", "b.png", "a2.png"], [("a cat", 0), ("a dog", 1), ("a cat", 2), ("wrong", None)])
    manifest, relevance, (lefts, rights), tags = list_items(found)
    assert manifest["external_id"].to_pylist() == ["a1.png", "b.png", "c0", "c1", "c3"]
    assert (lefts, rights) == ([0, 1, 0], [2, 3, 2, 4])
    assert relevance.to_pylist() == [{"left": 0, "right": 2}, {"left": 1, "right": 3}]
    assert manifest["right"].to_pylist() == [False, False, True, True, True]
    assert tags.num_rows == 0


def test_images_of_equal_content_are_named():
    def told(*names):
        listed = corpus(names, [("a cat", 0), ("a cat", 0)])
        return merged_line(listed, list_items(listed)[2])

    assert told("a1.png", "b.png") == ""
    assert told("a1.png", "b.png", "a2.png").startswith("1 image has the content of another one")
    assert told("a1.png", "b.png", "a2.png").endswith(": a2.png is a1.png")
    assert told("b1.png", "a.png", "b2.png", "b3.png").startswith("2 images have the content of another one")
    assert told("b1.png", "a.png", "b2.png", "b3.png").endswith(": b2.png is b1.png, to name one")


def test_nothing_that_matches_and_no_image_at_all_are_refused():
    with pytest.raises(InputError, match="no pairs that match"):
        list_items(corpus(["a.png"], [("wrong", None)]))
    with pytest.raises(InputError, match=r"none of the 1 images can be read.*/data/absent\.png"):
        list_items(corpus(["absent.png"], [("a cat", 0)]))
