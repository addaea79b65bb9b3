"""The Karpathy reader: what it lists, and what it refuses by name.

Proves tasks.corpora.corpus.
"""

import json
import re

import pytest

from ilime_core.errors import FailureReason, InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.formats.karpathy import read_karpathy
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters


def sentence(raw, sentid=None):
    return {"raw": raw, "tokens": raw.split()} | ({} if sentid is None else {"sentid": sentid})


def image(filename, *sentences, split="test", **others):
    return {"filename": filename, "split": split, "sentences": list(sentences), **others}


SMALL = [
    image("a.jpg", sentence("a red cat", 10), sentence("", 11), split="train", imgid=0, cocoid=391895),
    image("b.jpg", sentence("two dogs 🐶", 20), filepath="val2014", imgid=1),
    image("c.jpg", sentence("no ids"), sentence("at all"), split="restval"),
]


@pytest.fixture
def read(tmp_path):
    def write_and_read(images, split="test", **options):
        place = tmp_path / "mine.json"
        tree = images if isinstance(images, dict) else {"dataset": "mine", "images": images}
        place.write_text(json.dumps(tree), encoding="utf-8")
        return read_karpathy(str(place), str(tmp_path / "photos"), split, **options)

    return write_and_read


def test_every_entry_of_all_splits_is_listed_in_the_order_of_the_file(read, tmp_path):
    corpus = read(SMALL, "all")
    assert corpus.left == (
        ImageEntry("a.jpg", "391895"),
        ImageEntry("val2014/b.jpg", "1"),
        ImageEntry("c.jpg", "c.jpg"),
    )
    assert corpus.right == (
        TextEntry("a red cat", "mine.json", "0", "10", 0),
        TextEntry("", "mine.json", "1", "11", 0),
        TextEntry("two dogs 🐶", "mine.json", "2", "20", 1),
        TextEntry("no ids", "mine.json", "3", "c.jpg#0", 2),
        TextEntry("at all", "mine.json", "4", "c.jpg#1", 2),
    )
    assert corpus.relevance == ((0, 0), (0, 1), (1, 2), (2, 3), (2, 4))
    assert (corpus.split, corpus.format) == ("all", "karpathy")
    assert corpus.files.root == str(tmp_path / "photos")


@pytest.mark.parametrize(
    ("split", "names", "members"),
    [
        ("train", ["a.jpg"], ["0", "1"]),
        ("test", ["val2014/b.jpg"], ["2"]),
        ("restval", ["c.jpg"], ["3", "4"]),
    ],
)
def test_a_split_takes_its_images_and_captions_keep_their_numbers(read, split, names, members):
    corpus = read(SMALL, split)
    assert [entry.uri for entry in corpus.left] == names
    assert [text.member for text in corpus.right] == members
    assert {text.image_index for text in corpus.right} == {0}


def test_a_limit_takes_the_first_images_with_their_captions(read):
    assert [entry.uri for entry in read(SMALL, "all", limit=2).left] == ["a.jpg", "val2014/b.jpg"]
    assert len(read(SMALL, "all", limit=2).right) == 3
    assert len(read(SMALL, "all", limit=1).right) == 2


def test_an_image_without_captions_distracts_but_matches_nothing(read):
    corpus = read([image("a.jpg"), image("b.jpg", sentence("b"))])
    assert len(corpus.left) == 2
    assert corpus.relevance == ((1, 0),)


def test_the_spec_reaches_the_reader(tmp_path):
    place = tmp_path / "mine.json"
    place.write_text(json.dumps({"images": SMALL}))
    asked = CorpusParameters(annotations=str(place), images=str(tmp_path), split="all", limit=2)
    assert [entry.uri for entry in open_corpus(asked).left] == ["a.jpg", "val2014/b.jpg"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a.jpg", "'..' segment"),
        ("x/../../a.jpg", "'..' segment"),
        ("/etc/passwd", "absolute"),
        ("s3://other/a.jpg", "scheme"),
        ("file:/etc/passwd", "scheme"),
        ("C:\\a.jpg", "scheme"),
        ("..\\a.jpg", "backslash"),
        ("x//a.jpg", "empty"),
        ("", "empty"),
        ("a\n.jpg", "control character"),
    ],
)
@pytest.mark.parametrize("folder", [None, "val2014"])
def test_a_name_that_leads_elsewhere_is_refused(read, tmp_path, name, reason, folder):
    if folder and reason in {"absolute", "scheme"}:
        folder, name = name, "a.jpg"  # the folder is as dangerous as the name
    others = {} if folder is None else {"filepath": folder}
    corpus = read([image("good.jpg", sentence("good")), image(name, sentence("bad"), **others)])
    assert [entry.uri for entry in corpus.left] == ["good.jpg"]
    [found] = corpus.rejected
    assert found.reason is FailureReason.MALFORMED
    assert found.message.startswith(f"{tmp_path}/mine.json.images[1].filename: key ")
    assert reason in found.message


def test_a_name_from_here_is_the_name(read):
    corpus = read([image("./a.jpg", sentence("x")), image("a.jpg", sentence("y"))])
    assert [entry.uri for entry in corpus.left] == ["a.jpg"]
    assert [one.reason for one in corpus.rejected] == [FailureReason.DUPLICATE]


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (
            image("a.jpg", sentence("x", 2), imgid=2),
            r"images\[1\]: the image 'a.jpg' occurs at .*images\[0\]",
        ),
        (image("b.jpg", sentence("x", 2), imgid=1), r"images\[1\]: the image id '1' occurs at .*images\[0\]"),
        (
            image("b.jpg", sentence("x", 1), imgid=2),
            r"images\[1\].sentences\[0\]: the caption id '1' occurs at",
        ),
    ],
)
def test_a_name_that_stands_twice_is_rejected(read, second, complaint):
    [found] = read([image("a.jpg", sentence("x", 1), imgid=1), second]).rejected
    assert found.reason is FailureReason.DUPLICATE
    assert re.search(complaint, found.message)


def test_equal_names_in_different_folders_are_two_images(read):
    pair = [image("a.jpg", sentence("x"), filepath=folder) for folder in ("one", "two")]
    assert [entry.uri for entry in read(pair).left] == ["one/a.jpg", "two/a.jpg"]


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ({"pictures": []}, r"mine.json: 'images' is absent; needed is the list of images"),
        ({"images": {}}, r"mine.json.images: got an object .* needed is the list of images"),
        ({"images": []}, r"'images' is an empty list"),
        ({"images": [7]}, r"mine.json.images\[0\]: got 7; needed is an object"),
        ({"images": [{"split": "test", "sentences": []}]}, r"images\[0\]: 'filename' is absent"),
        ({"images": [{"filename": "a", "sentences": []}]}, r"images\[0\]: 'split' is absent"),
        ({"images": [{"filename": "a", "split": "test"}]}, r"images\[0\]: 'sentences' is absent"),
        ({"images": [image(3)]}, r"images\[0\].filename: got 3; needed is the image's file name"),
        ({"images": [image("a", {"sentid": 1})]}, r"sentences\[0\]: 'raw' is absent; needed is the caption"),
        ({"images": [image("a", {"raw": 5})]}, r"sentences\[0\].raw: got 5; needed is the caption as text"),
        ({"images": [image("a", {"raw": "\ud800"})]}, r"sentences\[0\].raw: .*surrogate"),
        (
            {"images": [image("a", sentence("x", sentid=True))]},
            r"sentid: got true; needed is a whole number or a word",
        ),
        ({"images": [image("a", sentence("x"), imgid=1.5)]}, r"imgid: got 1.5; needed is a whole number"),
    ],
)
def test_a_broken_member_is_named_with_what_is_needed(read, broken, complaint):
    with pytest.raises(InputError, match=complaint):
        read(broken)


def test_a_corpus_without_pairs_is_refused(read):
    with pytest.raises(InputError, match="split 'test': the 2 images have no caption"):
        read([image("a.jpg"), image("b.jpg"), image("c.jpg", sentence("x"), split="train")])


def test_an_unknown_split_names_the_nearest_and_all(read):
    with pytest.raises(
        InputError,
        match=r"split 'tset'; did you mean 'test'\? Found: 'restval' \(1\), 'test' \(1\), 'train' \(1\)",
    ):
        read(SMALL, "tset")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"images: []", "no valid JSON"),
        (b'{"images": [', "no valid JSON"),
        (b"\x80\x04K\x01.", "no valid JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"images": [], "images": []}', "two members 'images'"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path, content, complaint):
    (tmp_path / "mine.json").write_bytes(content)
    with pytest.raises(InputError, match=complaint):
        read_karpathy(str(tmp_path / "mine.json"), str(tmp_path), "test")


def test_the_size_limit_is_exact(read, tmp_path):
    read(SMALL)
    size = (tmp_path / "mine.json").stat().st_size
    assert len(read(SMALL, max_bytes=size).left) == 1
    with pytest.raises(InputError, match=f"at most {size - 1} bytes"):
        read(SMALL, max_bytes=size - 1)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("absent.json", "there is no such file"),
        ("s3://bucket", "names no file"),
        ("https://host/a.json", "protocol 'https'"),
        ("file:///a::s3://b.json", "chained"),
    ],
)
def test_a_place_without_annotations_is_refused(tmp_path, monkeypatch, url, complaint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=complaint):
        read_karpathy(url, str(tmp_path), "test")
