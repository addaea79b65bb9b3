"""Regions are of the caption and of its image, or they are refused by name."""

import json

import pytest

from ilime_core.errors import IlimeWarning, InputError
from tasks.corpora.corpus import ImageEntry, TextEntry, image_text_corpus
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.regions.named_spans import CaptionRegions, NamedSpan, PixelBox, read_regions, read_spans
from tasks.storage.storage import Storage

CAPTION = "a 🐈 cat on a mat"


@pytest.fixture
def corpus(tmp_path):
    images = (ImageEntry("a.jpg", "0"), ImageEntry("b.jpg", "1"))
    texts = (TextEntry(CAPTION, "m", "0", "10", 0), TextEntry("a dog", "m", "1", "11", 1))
    return image_text_corpus(images, texts, StoredImages(Storage(str(tmp_path))), "test", "karpathy")


def span(start, end, text, *boxes):
    return {"char_start": start, "char_end": end, "text": text, "boxes": list(boxes) or [[0, 0, 1, 1]]}


def region(sentid, filename, *spans):
    return {"sentid": sentid, "filename": filename, "spans": list(spans)}


@pytest.fixture
def read(tmp_path, corpus):
    def write_and_read(*regions):
        place = tmp_path / "regions.json"
        place.write_text(json.dumps({"regions": list(regions)}))
        return read_regions(str(place), corpus)

    return write_and_read


def test_spans_and_boxes_come_in_the_order_of_the_captions(read):
    dog = region(11, "b.jpg", span(2, 5, "dog", [5, 6, 7.5, 8]))
    cat = region(10, "a.jpg", span(4, 7, "cat", [0, 0, 1, 2], [3, 4, 5, 6]), span(13, 16, "mat"))
    assert read(dog, region(99, "of another split.jpg", span(0, 1, "x")), cat) == (
        CaptionRegions(
            0,
            (
                NamedSpan(4, 7, "cat", (PixelBox(0, 0, 1, 2), PixelBox(3, 4, 5, 6))),
                NamedSpan(13, 16, "mat", (PixelBox(0, 0, 1, 1),)),
            ),
        ),
        CaptionRegions(1, (NamedSpan(2, 5, "dog", (PixelBox(5, 6, 7.5, 8),)),)),
    )


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (region(10, "b.jpg"), r"regions\[0\].filename: got \"b.jpg\"; needed is 'a.jpg'"),
        (region(10, "a.jpg", span(5, 8, "cat")), r"spans\[0\]: got 'text' 'cat'; .*has there, 'at '"),
        (region(10, "a.jpg", span(13, 99, "mat")), r"the caption of 16 code points has there, 'mat'"),
        (region(10, "a.jpg", span(4, 4, "")), r"begins at 0 or later, with a code point in it"),
        (region(10, "a.jpg", span(-3, 16, "mat")), r"begins at 0 or later"),
        (region(10, "a.jpg", span(4, 7, "cat"), span(6, 7, "t")), r"spans\[1\]: .*begins at 7 or later"),
        (region(10, "a.jpg", span(4, 7, "cat", [0, 0, 0, 5])), r"boxes\[0\]: .*and an area"),
        (region(10, "a.jpg", span(4, 7, "cat", [-1, 0, 5, 5])), r"boxes\[0\]: .*not negative"),
        (region(10, "a.jpg", span(4, 7, "cat", [0, 0, 5])), r"boxes\[0\]: got a list of 3; needed is \[x, y"),
        (region(10, "a.jpg", span(4, 7, "cat", [0, 0, float("inf"), 5])), r"boxes\[0\]: got a list of 4"),
        (
            region(10, "a.jpg", span(4, 7, "cat", [0, 0, "5", 5])),
            r"boxes\[0\]\[2\]: got \"5\"; needed is a number",
        ),
        (region(10, "a.jpg", span(4, 7, "cat") | {"boxes": []}), r"spans\[0\]: .*at least one box"),
        (region(10, "a.jpg", span("4", 7, "cat")), r"char_start: got \"4\"; needed is the first code point"),
        (region(99, "a.jpg", span(4, 7, "cat")), r"no region is of a caption of this corpus"),
    ],
)
def test_a_region_that_does_not_fit_is_refused(read, broken, complaint):
    with pytest.raises(InputError, match=complaint):
        read(broken)


def test_a_caption_stands_once(read):
    with pytest.raises(InputError, match=r"regions\[1\]: the caption '10' occurs twice"):
        read(region(10, "a.jpg", span(4, 7, "cat")), region(10, "a.jpg", span(13, 16, "mat")))


def test_spans_are_read_without_a_corpus_and_compared_with_a_caption_later(tmp_path):
    place = tmp_path / "regions.json"
    labelled = span(4, 7, "cat", [0, 0, 1, 2]) | {"label": 3}
    place.write_text(json.dumps({"regions": [region(99, "elsewhere.jpg", labelled, span(13, 16, "mat"))]}))
    (said,) = read_spans(str(place))
    assert said.filename == "elsewhere.jpg"
    assert said.sentid == "99"
    assert said.spans == (
        NamedSpan(4, 7, "cat", (PixelBox(0, 0, 1, 2),), 3),
        NamedSpan(13, 16, "mat", (PixelBox(0, 0, 1, 1),), None),
    )
    said.check(CAPTION)
    with pytest.raises(InputError, match=r"regions\[0\].spans\[1\]: got 'text' 'mat'; .*has there, 'rug'"):
        said.check("a 🐈 cat on a rug")


def test_a_caption_stands_once_without_a_corpus_too(tmp_path):
    place = tmp_path / "regions.json"
    place.write_text(json.dumps({"regions": [region(9, "a.jpg"), region(9, "b.jpg")]}))
    with pytest.warns(
        IlimeWarning, match=r"1 captions cannot be used, .*regions\[1\]: the caption '9' occurs tw"
    ):
        (said,) = read_spans(str(place))
    assert said.filename == "a.jpg"


def test_a_file_of_nothing_but_broken_captions_is_refused(tmp_path):
    place = tmp_path / "regions.json"
    broken = span(0, 1, "a", [0, 0, -1, float("nan")])
    place.write_text(json.dumps({"regions": [region(9, "a.jpg", broken)]}))
    with pytest.raises(
        InputError, match=r"1 captions cannot be used, the first: .*boxes\[0\]: got a list of 4"
    ):
        read_spans(str(place))
