"""The demo corpus is complete, honest about its files, and laid out whole."""

import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from ilime_core.errors import InputError
from tasks.corpora.demos import photographs as module
from tasks.corpora.demos.photographs import PHOTOGRAPHS, materialise_demo
from tasks.corpora.formats.karpathy import read_karpathy
from tasks.corpora.regions.named_spans import read_regions


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return materialise_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def corpus(demo):
    return read_karpathy(str(demo.annotations), str(demo.images), "test")


def test_twelve_photographs_have_five_captions_each(corpus):
    assert [entry.uri for entry in corpus.left] == [photograph.filename for photograph in PHOTOGRAPHS]
    assert Counter(text.image_index for text in corpus.right) == dict.fromkeys(range(12), 5)
    assert len({text.text for text in corpus.right}) == 60


def test_captions_are_short_sentences(corpus):
    for text in corpus.right:
        assert 6 <= len(text.text.split()) <= 14, text.text
        assert re.fullmatch(r"[A-Z][A-Za-z' -]+\.", text.text), text.text


def test_every_caption_has_regions_inside_its_picture(demo, corpus):
    regions = read_regions(str(demo.regions), corpus)
    assert [caption.text_index for caption in regions] == list(range(60))
    assert sum(len(caption.spans) for caption in regions) == 147
    for caption in regions:
        assert caption.spans, corpus.right[caption.text_index].text
        entry = corpus.left[corpus.right[caption.text_index].image_index]
        width, height = Image.open(demo.images / entry.uri).size
        for box in (box for span in caption.spans for box in span.boxes):
            assert box.x + box.width <= width, (entry.uri, box)
            assert box.y + box.height <= height, (entry.uri, box)


def test_spans_are_whole_words(demo, corpus):
    for caption in read_regions(str(demo.regions), corpus):
        text = corpus.right[caption.text_index].text
        for span in caption.spans:
            around = text[span.char_start - 1 : span.char_start] + text[span.char_end : span.char_end + 1]
            assert not re.search(r"\w", around), (text, span.text)


def test_photographs_are_upright_colour_pictures(demo):
    for photograph in PHOTOGRAPHS:
        image = Image.open(demo.images / photograph.filename)
        assert image.mode == "RGB"
        assert image.getexif().get(274, 1) == 1, "boxes are drawn on the picture as stored"


def test_sources_name_every_file_with_its_digest(demo):
    sources = (demo.images.parent / "SOURCES.md").read_text(encoding="utf-8")
    for photograph in PHOTOGRAPHS:
        assert f"| {photograph.filename} | {photograph.sha256} |" in sources
        assert f"| {photograph.filename} | {photograph.distribution.split('==')[0]} |" in sources
        assert photograph.distribution.replace("==", " ") in sources


def test_a_second_layout_touches_nothing_and_repairs_what_was_changed(tmp_path):
    first = materialise_demo(tmp_path)
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert len(files) == 15
    contents = {path: path.read_bytes() for path in files}
    for path in files:
        os.utime(path, (1, 1))
    (first.images / "coffee.png").write_bytes(contents[first.images / "coffee.png"][:-1])
    first.regions.unlink()
    assert materialise_demo(tmp_path) == first
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == contents
    touched = {path.name for path in files if path.stat().st_mtime != 1}
    assert touched == {"coffee.png", "regions.json"}


def patched(monkeypatch, **changes):
    changed = replace(PHOTOGRAPHS[0], **changes)
    monkeypatch.setattr(module, "PHOTOGRAPHS", (*PHOTOGRAPHS[1:], changed))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"sha256": "0" * 64},
            r"astronaut\.png: not the photograph .*88431cd9653c.*needed 000000000000.*pip install",
        ),
        (
            {"filename": "dog.png"},
            r"dog\.png: the demo's photograph cannot be read .*pip install scikit-image==",
        ),
        ({"package": "no_such_package"}, r"no_such_package is not installed, but astronaut\.png"),
    ],
)
def test_another_photograph_is_noticed_and_nothing_is_written(monkeypatch, tmp_path, changes, complaint):
    patched(monkeypatch, **changes)
    with pytest.raises(InputError, match=complaint):
        materialise_demo(tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot lay the demo corpus out: .*; choose another folder"):
        materialise_demo(tmp_path / "file")


def test_the_example_in_the_docs_is_of_the_demo(corpus):
    docs = (Path(__file__).parents[4] / "docs" / "corpora.md").read_text(encoding="utf-8")
    spans = re.findall(r'"char_start": (\d+), "char_end": (\d+), "text": "(\w+)"', docs)
    assert [corpus.right[6].text[int(start) : int(end)] for start, end, _ in spans] == [
        text for *_, text in spans
    ]
    assert len(spans) == 2
