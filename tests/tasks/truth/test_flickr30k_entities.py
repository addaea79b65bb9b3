"""Phrases of Flickr30k Entities find their boxes, whatever way the caption is cut; what is odd is refused."""

import pytest

from ilime_core.errors import InputError
from tasks.corpora.regions.named_spans import PixelBox
from tasks.truth.flickr30k_entities import MOST_BYTES, read_entity_truth

SENTENCES = """[/EN#1/people A man] holds [/EN#2/bodyparts/people a man 's arm] at [/EN#3/scene a wedding] .
[/EN#1/people He] is near [/EN#0/notvisual each other] , on [/EN#2/other the left] .
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<annotation><filename>36.jpg</filename>
 <size><width>50</width><height>40</height><depth>3</depth></size>
 <object><name>1</name><bndbox><xmin>1</xmin><ymin>3</ymin><xmax>10</xmax><ymax>12</ymax></bndbox></object>
 <object><name>2</name><name>1</name>
  <bndbox><xmin>21</xmin><ymin>1</ymin><xmax>30</xmax><ymax>1</ymax></bndbox></object>
 <object><name>3</name><scene>1</scene><nobndbox>0</nobndbox></object>
 <object><name>4</name><scene>0</scene><nobndbox>1</nobndbox></object>
</annotation>"""


@pytest.fixture
def truth(root):
    root.write("Annotations/36.xml", XML.encode())
    root.write("Sentences/36.txt", SENTENCES.encode())
    return read_entity_truth(f"{root.url}/Annotations", f"{root.url}/Sentences")


FIRST, SECOND = PixelBox(0, 2, 10, 10), PixelBox(20, 0, 10, 1)


@pytest.mark.parametrize(
    ("caption", "phrases"),
    [
        ("A man holds a man 's arm at a wedding .", ["A man", "a man 's arm"]),
        ("A man holds a man's arm at a wedding.", ["A man", "a man's arm"]),
        ("a man holds a man's arm, at a wedding", ["a man", "a man's arm"]),
        ("He is near each other, on the left.", ["He", "the left"]),
        ("Another sentence.", []),
        ("A man", []),
    ],
)
def test_phrases_are_found_in_captions_of_every_distribution(truth, image, text, caption, phrases):
    parts = truth.parts(image("flickr30k-images/36.jpg"), text(caption))
    assert [caption[part.char_start : part.char_end] for part in parts] == phrases
    assert [part.shows for part in parts] == [(FIRST, SECOND), (SECOND,)][: len(phrases)]


def test_an_image_without_files_has_none(truth, image, text):
    assert truth.parts(image("37.jpg"), text("A man holds a man's arm at a wedding.")) == ()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (XML.replace("<annotation>", "<!DOCTYPE a><annotation>"), "36.xml: declares a document type"),
        (XML.replace("</annotation>", ""), "36.xml: no valid XML"),
        (XML.replace("<xmin>1<", "<xmin>one<"), r"36.xml, object 1: got \['one', .* whole numbers"),
        (XML.replace("<xmax>10<", "<xmax>0<"), "36.xml, object 1: got .* needed is a box with an area"),
        (XML.replace("<ymin>1</ymin>", ""), r"36.xml, object 2: got \['21', '', "),
        (XML + " " * MOST_BYTES, "36.xml: 1,0.* bytes; at most 1,048,576 are read"),
    ],
)
def test_annotations_that_cannot_be_used(root, truth, image, text, document, complaint):
    root.write("Annotations/36.xml", document.encode())
    with pytest.raises(InputError, match=complaint):
        truth.parts(image("36.jpg"), text("x"))


def test_sentences_that_cannot_be_used(root, truth, image, text):
    root.write("Sentences/36.txt", b"A man\n[/EN#12/people A man")
    with pytest.raises(InputError, match=r"36.txt, line 2: got .*needed are phrases like"):
        truth.parts(image("36.jpg"), text("x"))
    root.write("Sentences/36.txt", b"\xff")
    with pytest.raises(InputError, match=r"36.txt: is not UTF-8"):
        read_entity_truth(truth.annotations.url, truth.sentences.url).parts(image("36.jpg"), text("x"))


def test_folders_of_something_else_are_refused(root):
    root.write("Annotations/36.xml", XML.encode())
    with pytest.raises(InputError, match=r"Sentences: holds no file \.txt"):
        read_entity_truth(f"{root.url}/Annotations", f"{root.url}/Sentences")
    with pytest.raises(InputError, match=r"Sentences: holds no file \.xml"):
        read_entity_truth(f"{root.url}/Sentences", f"{root.url}/Annotations")


def test_the_fingerprint_follows_both_folders(root, truth):
    first = truth.fingerprint()
    assert truth.fingerprint() == first
    root.write("Annotations/36.xml", XML.replace("10", "11").encode())
    second = truth.fingerprint()
    root.write("Sentences/36.txt", SENTENCES.lower().encode())
    assert len({first, second, truth.fingerprint()}) == 3
