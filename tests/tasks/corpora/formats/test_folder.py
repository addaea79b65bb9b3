"""Folders of images: every place where their captions may be, and what is refused.

Proves tasks.corpora.captioned_rows, tasks.corpora.reading.caption_files and tasks.corpora.reading.sidecars.
"""

import json
import re

import pytest
from every import every
from refusals import refusal

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.reading.caption_files import CAPTION_BYTES
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))


@pytest.fixture
def read(root):
    def write_and_read(files, split="all", **options):
        for name, content in files.items():
            root.write(name, content if isinstance(content, bytes) else content.encode())
        return open_corpus(CorpusParameters(format="folder", images=root.url, split=split, **options))

    return write_and_read


TABLES = {
    "captions.csv": 'file,caption,more\ndeep/a.jpg,"one, two",1\nb.png,,2\ndeep/a.jpg,three,3\n',
    "metadata.csv": 'file_name,caption\ndeep/a.jpg,"one, two"\nb.png,\ndeep/a.jpg,three\n',
    "captions.jsonl": '{"file": "deep/a.jpg", "caption": "one, two"}\n\n{"file": "b.png", "caption": ""}\n'
    '{"file": "deep/a.jpg", "caption": ["three"]}\n',
    "metadata.jsonl": '{"file_name": "deep/a.jpg", "caption": ["one, two"], "n": [1]}\n'
    '{"file_name": "b.png", "caption": ""}\n{"file_name": "deep/a.jpg", "caption": "three"}',
    "captions.txt": "deep/a.jpg\tone, two\r\nb.png\t\r\ndeep/a.jpg\tthree\r\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_the_folder_lists_its_images_in_their_order(read, root, name):
    corpus = read({name: TABLES[name], "deep/a.jpg": b"12345", "unlisted.jpg": b"1"})
    assert corpus.left == (ImageEntry("deep/a.jpg", "deep/a.jpg"), ImageEntry("b.png", "b.png"))
    assert corpus.right == (
        TextEntry("one, two", name, "0", "deep/a.jpg#0", 0),
        TextEntry("", name, "1", "b.png#0", 1),
        TextEntry("three", name, "2", "deep/a.jpg#1", 0),
    )
    assert corpus.relevance == ((0, 0), (1, 1), (0, 2))
    assert (corpus.split, corpus.format, corpus.files.root) == ("all", "folder", root.url)
    assert corpus.files.read(corpus.left[0]) == b"12345"
    assert corpus.files.fingerprints(corpus.left)[1] is None


@pytest.mark.parametrize("name", TABLES)
def test_a_limit_takes_the_first_images_with_all_their_captions(read, name):
    corpus = read({name: TABLES[name]}, limit=1)
    assert len(corpus.left) == 1
    assert [text.member for text in corpus.right] == ["0", "2"]


def test_the_table_may_be_named_and_lie_on_another_store(read, tmp_path):
    (tmp_path / "mine.csv").write_text("file_name,alt\na.jpg,from afar\n")
    files = {"captions.csv": TABLES["captions.csv"], "metadata.csv": TABLES["metadata.csv"]}
    corpus = read(files, annotations=str(tmp_path / "mine.csv"), caption_column="alt")
    assert [text.text for text in corpus.right] == ["from afar"]


def test_two_tables_are_named_and_none_is_guessed(read, root):
    files = {name: TABLES[name] for name in ("metadata.csv", "captions.txt")}
    with pytest.raises(
        InputError, match=rf"{root.url}: holds captions\.txt and metadata\.csv; set corpus\.ann"
    ):
        read(files)


def test_an_image_with_an_empty_list_distracts(read):
    rows = [{"file_name": "a.jpg", "caption": []}, {"file_name": "b.jpg", "caption": ["x", "y"]}]
    corpus = read({"metadata.jsonl": "\n".join(map(json.dumps, rows))})
    assert len(corpus.left) == 2
    assert corpus.relevance == ((1, 0), (1, 1))


SIDECARS = {
    "00001/b.PNG": b"1",
    "00001/b.txt": "\ufefftwo dogs\r\n\r\na second line",
    "00000/a.jpg": b"12",
    "00000/a.txt": "a cat\n",
    "00000/a.json": "{}",
    "c.webp": b"1",
    "c.txt": " \n",
    "no-caption.jpg": b"1",
    "README.txt": "about",
}


def test_text_files_beside_the_images_hold_a_caption_a_line(read):
    corpus = read(SIDECARS)
    assert [entry.uri for entry in corpus.left] == ["00000/a.jpg", "00001/b.PNG", "c.webp"]
    assert corpus.right == (
        TextEntry("a cat", "00000/a.txt", "0", "00000/a.jpg#0", 0),
        TextEntry("two dogs", "00001/b.txt", "0", "00001/b.PNG#0", 1),
        TextEntry("a second line", "00001/b.txt", "1", "00001/b.PNG#1", 1),
        TextEntry("", "c.txt", "0", "c.webp#0", 2),
    )
    assert [entry.uri for entry in read({}, limit=1).left] == ["00000/a.jpg"]
    assert rejected_as(corpus) == [
        ("unlisted", "no-caption.jpg", "no-caption.jpg: has no caption; needed is no-caption.txt beside it")
    ]


def rejected_as(corpus):
    root = f"{corpus.files.root}/"
    return [(one.reason.value, one.uri, one.message.removeprefix(root)) for one in corpus.rejected]


def test_json_beside_an_image_goes_before_its_text_file_as_in_shards(read):
    files = {
        "a.jpg": b"1",
        "a.json": json.dumps({"caption": "one of\ntwo lines", "status": "success"}),
        "a.txt": "one of\ntwo lines",
        "b.jpg": b"2",
        "b.json": json.dumps({"caption": ["x", None, "y"]}),
        "c.jpg": b"3",
        "c.json": json.dumps([{"box": [0, 1]}]),
        "c.TXT": "not in the JSON",
        "d.jpg": b"4",
        "d.json": json.dumps({"caption": []}),
        "e.jpg": b"5",
        "e.json": " " * CAPTION_BYTES + "{}",
        "e.txt": "too large a JSON",
        "._a.jpg": b"macOS",
    }
    corpus = read(files)
    assert [entry.uri for entry in corpus.left] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert corpus.right == (
        TextEntry("one of\ntwo lines", "a.json", "0", "a.jpg#0", 0),
        TextEntry("x", "b.json", "0", "b.jpg#0", 1),
        TextEntry("y", "b.json", "2", "b.jpg#1", 1),
        TextEntry("not in the JSON", "c.TXT", "0", "c.jpg#0", 2),
        TextEntry("too large a JSON", "e.txt", "0", "e.jpg#0", 4),
    )
    assert rejected_as(corpus) == [("malformed", "b.jpg", "b.json.caption[1]: got null; needed is a caption")]


def test_files_beside_images_that_cannot_be_used_are_rejected_and_the_rest_is_listed(read):
    files = {
        "a.jpg": b"1",
        "a.txt": b"\xff",
        "b.jpg": b"1",
        "b.png": b"1",
        "b.txt": "which",
        "c.txt": "no image",
        "d.jpg": b"1",
        "d.json": "{",
        "d.txt": "whose JSON is broken",
        "e.jpg": b"1",
        "e.json": '{"caption": null}',
        "stats.json": "{}",
        "z.jpg": b"1",
        "z.txt": "a zebra",
    }
    corpus = read(files)
    assert [text.text for text in corpus.right] == ["a zebra"]
    assert [entry.uri for entry in corpus.left] == ["z.jpg"]
    assert [(reason, uri, said[:40]) for reason, uri, said in rejected_as(corpus)] == [
        ("undecodable", "a.jpg", "a.txt: is not UTF-8 (invalid start byte)"),
        ("duplicate", "b.jpg", "b.txt: is beside both b.jpg and b.png; n"),
        ("absent", "c.txt", "c.txt: there is no image beside it; neede"[:40]),
        ("malformed", "d.jpg", "d.json: no valid JSON (Expecting property"[:40]),
        ("malformed", "e.jpg", "e.json.caption: got null; needed is a cap"[:40]),
    ]
    assert [entry.uri for entry in read({}, limit=1).left] == ["z.jpg"]


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"a.jpg": "1", "b.jpg": "1"}, r"holds 2 images and no captions for them; needed is captions\.csv, "),
        ({}, "holds 0 images"),
        ({"a.jpg": "1", "a.png": "1", "a.txt": "x"}, r"/a\.txt: is beside both a\.jpg and a\.png"),
        (
            {"a.jpg": "1", "a.txt": "x" * (CAPTION_BYTES + 1)},
            r"/a\.txt: 1,048,577 bytes; beside an image at most",
        ),
        ({"a.jpg": "1", "a.txt": b"\xff"}, r"/a\.txt: is not UTF-8"),
        ({"captions.csv": ""}, r"/captions\.csv: is empty"),
        ({"captions.csv": "file,caption\n"}, "the 0 images have no caption"),
        (
            {"captions.csv": "file,text\na,b\n"},
            r"line 2: there is no column 'caption'; Found: 'file', 'text'\. corpus.caption_column names",
        ),
        ({"captions.csv": "fil_name,caption\na,b\n"}, r"line 2: .* 'file_name'; did you mean 'fil_name'\?"),
        ({"captions.csv": "file,caption\na\n"}, r"line 2: got 1 fields; the header has 2"),
        ({"captions.txt": "a.jpg a cat\n"}, r"line 1: got 'a.jpg a cat'; needed is file<TAB>caption"),
        ({"captions.jsonl": "[1]\n"}, r"line 1: got a list of 1; needed is an object"),
        ({"captions.jsonl": "{\n"}, r"line 1: no valid JSON"),
        ({"captions.jsonl": '{"file": "a", "file": "b"}'}, r"line 1: an object has two members 'file'"),
        ({"captions.jsonl": '{"file": "a", "text": "b"}'}, r"no column 'caption'; Found: 'file', 'text'"),
        ({"captions.jsonl": '{"file": 3, "caption": "b"}'}, r"line 1\.file: got 3; needed is the image's"),
        ({"captions.jsonl": '{"file": "a", "caption": [3]}'}, r"line 1\.caption\[0\]: got 3"),
        ({"captions.jsonl": '{"file": "a", "caption": null}'}, r"line 1: 'caption' is null"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(read, files, complaint):
    assert re.search(complaint, refusal(read, files))


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/passwd", "s3://other/a.jpg", "x//a.jpg", "..\\a.jpg", ""])
@pytest.mark.parametrize("table", ["captions.csv", "captions.jsonl", "captions.txt"])
def test_a_name_that_leads_elsewhere_is_refused(read, table, name):
    content = {
        "captions.csv": f"file,caption\n{name},x\n",
        "captions.jsonl": json.dumps({"file": name, "caption": "x"}),
        "captions.txt": f"{name}\tx",
    }[table]
    assert re.search(r"line \d: key ", refusal(read, {table: content}))


def test_a_split_is_refused_where_there_are_none(read):
    with pytest.raises(InputError, match=r"captions\.txt: has no splits.*'test'.*set corpus\.split: all"):
        read({"captions.txt": "a.jpg\tx"}, split="test")


def test_another_kind_of_table_is_refused(read, tmp_path):
    (tmp_path / "captions.tsv").write_text("a.jpg\tx")
    with pytest.raises(
        InputError, match=r"captions\.tsv: is no table known here; needed is \.csv, \.json, \.j"
    ):
        read({}, annotations=str(tmp_path / "captions.tsv"))


def test_a_link_that_leads_out_is_no_caption(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(b"1")
    (tmp_path / "images" / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InputError, match="no captions"):
        open_corpus(CorpusParameters(format="folder", images=str(tmp_path / "images"), split="all"))


def test_a_bucket_is_a_folder(s3_access):
    bucket = s3_access.make_bucket()
    root = Storage(f"s3://{bucket}/photos")
    for name, content in SIDECARS.items():
        root.write(name, content if isinstance(content, bytes) else content.encode())
    asked = CorpusParameters(format="folder", images=root.url, split="all")
    corpus = open_corpus(asked)
    assert [text.text for text in corpus.right] == ["a cat", "two dogs", "a second line", ""]
    assert open_images(asked).read(corpus.left[0]) == b"12"
    assert every(found.startswith("etag:") for found in corpus.files.fingerprints(corpus.left))
    root.write("captions.csv", TABLES["captions.csv"].encode())
    assert [entry.uri for entry in open_corpus(asked).left] == ["deep/a.jpg", "b.png"]
