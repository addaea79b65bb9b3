"""Flickr30k's tables: what each of the three gives, and what is refused by its line."""

import csv
import json
import re

import pytest
from refusals import refusal

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.formats.flickr30k import read_flickr30k
from tasks.corpora.reading.annotation_file import LINE_CHARACTERS
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage

HEADER = ["raw", "sentids", "split", "filename", "img_id"]
ROWS = [
    [['Two men, one "tall"', "a green yard"], [0, 1], "train", "1000092795.jpg", "0"],
    [["a red cat", ""], [2, 3], "test", "10002456.jpg", "1"],
    [["two dogs 🐶\nin two lines"], [4], "test", "sub/3.jpg", "2"],
]


def table(rows, header=HEADER):
    from io import StringIO

    stream = StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([[json.dumps(cell) if isinstance(cell, list) else cell for cell in row] for row in rows])
    return stream.getvalue()


@pytest.fixture
def read(tmp_path):
    def write_and_read(content, split="all", name="mine.csv", **options):
        place = tmp_path / name
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_flickr30k(str(place), str(tmp_path / "photos"), split, **options)

    return write_and_read


def test_the_csv_with_splits_gives_what_stands_in_it(read, tmp_path):
    corpus = read(table(ROWS))
    assert corpus.left == (
        ImageEntry("1000092795.jpg", "0"),
        ImageEntry("10002456.jpg", "1"),
        ImageEntry("sub/3.jpg", "2"),
    )
    assert corpus.right == (
        TextEntry('Two men, one "tall"', "mine.csv", "0", "0", 0),
        TextEntry("a green yard", "mine.csv", "1", "1", 0),
        TextEntry("a red cat", "mine.csv", "2", "2", 1),
        TextEntry("", "mine.csv", "3", "3", 1),
        TextEntry("two dogs 🐶\nin two lines", "mine.csv", "4", "4", 2),
    )
    assert corpus.relevance == ((0, 0), (0, 1), (1, 2), (1, 3), (2, 4))
    assert (corpus.split, corpus.format, corpus.files.root) == ("all", "flickr30k", str(tmp_path / "photos"))


def test_a_split_and_a_limit_take_their_images_and_captions_keep_their_numbers(read):
    test = read(table(ROWS), "test")
    assert [entry.uri for entry in test.left] == ["10002456.jpg", "sub/3.jpg"]
    assert [text.member for text in test.right] == ["2", "3", "4"]
    assert [entry.uri for entry in read(table(ROWS), "test", limit=1).left] == ["10002456.jpg"]


def test_columns_may_be_ordered_and_ids_left_out(read):
    corpus = read(table([["a.jpg", "test", ["x", "y"]]], ["filename", "split", "raw"]), "test")
    assert corpus.left == (ImageEntry("a.jpg", "a.jpg"),)
    assert [text.external_id for text in corpus.right] == ["a.jpg#0", "a.jpg#1"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(read):
    assert len(read(b"\xef\xbb\xbf" + table(ROWS).encode()).left) == 3


TOKENS = 'b.jpg#0\tTwo men .\nb.jpg#1\t\na.jpg#0\ta cat | on | a "mat"\nb.jpg#2\tlate , but here\n'


def test_the_token_file_gives_a_caption_a_line(read):
    corpus = read(TOKENS, name="results_20130124.token")
    assert corpus.left == (ImageEntry("b.jpg", "b.jpg"), ImageEntry("a.jpg", "a.jpg"))
    assert corpus.right == (
        TextEntry("Two men .", "results_20130124.token", "0", "b.jpg#0", 0),
        TextEntry("", "results_20130124.token", "1", "b.jpg#1", 0),
        TextEntry('a cat | on | a "mat"', "results_20130124.token", "2", "a.jpg#0", 1),
        TextEntry("late , but here", "results_20130124.token", "3", "b.jpg#2", 0),
    )
    first = read(TOKENS, limit=1)
    assert [text.member for text in first.right] == ["0", "1", "3"]


PIPED = (
    "image_name| comment_number| comment\r\n"
    'a.jpg| 0| Two men , one "tall .\r\n'
    "a.jpg| 1| either | or\r\n"
    "2199200615.jpg| 3|\r\n"
    "2199200615.jpg| 4   A dog runs across the grass .\r\n"
    "2199200615.jpg| 5\r\n"
)


def test_results_csv_gives_a_caption_a_line_even_where_a_delimiter_is_lost(read):
    corpus = read(PIPED, name="results.csv")
    assert [entry.uri for entry in corpus.left] == ["a.jpg", "2199200615.jpg"]
    assert [(text.text, text.external_id, text.member) for text in corpus.right] == [
        ('Two men , one "tall .', "a.jpg#0", "0"),
        ("either | or", "a.jpg#1", "1"),
        ("", "2199200615.jpg#3", "2"),
        ("A dog runs across the grass .", "2199200615.jpg#4", "3"),
        ("", "2199200615.jpg#5", "4"),
    ]


@pytest.mark.parametrize("content", [TOKENS, PIPED])
def test_tables_without_splits_say_so(read, content):
    with pytest.raises(
        InputError, match=r"mine\.csv: has no splits.*'test'.*set corpus\.split: all, or give flickr_annot"
    ):
        read(content, "test")


def test_an_unknown_split_names_the_nearest_and_all(read):
    with pytest.raises(InputError, match=r"'tset'; did you mean 'test'\? Found: 'test' \(2\), 'train' \(1\)"):
        read(table(ROWS), "tset")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", r"needed are the columns"),
        ("caption,image\nx,y\n", r"line 1: got 'caption,image'; needed are the columns filename, raw, split"),
        (table([]), "has a header and no row"),
        (table([[[], [], "test", "a.jpg", 0]]), r"the 1 images have no caption"),
        (table([["no list", [1], "test", "a.jpg", 0]]), r"line 2, raw: no valid JSON"),
        (table([[[7], [1], "test", "a.jpg", 0]]), r"line 2, raw\[0\]: got 7; needed is the caption as text"),
        (table([[["a"], [1, 2], "test", "a.jpg", 0]]), r"line 2: got 2 sentids for 1 captions"),
        (table([[["a"], [1], "test", "a.jpg"]]), r"line 2: got 4 fields; the header has 5"),
        (
            table([ROWS[0], [["x"], [9], "test", "1000092795.jpg", 9]]),
            r"image '1000092795.jpg' occurs at .*",
        ),
        (table([ROWS[0], [["x"], [9], "test", "b.jpg", 0]]), r"line 3: the image id '0' occurs at .*line 2"),
        (table([ROWS[0], [["x"], [1], "test", "b.jpg", 9]]), r"the caption id '1' occurs at .*line 2, raw"),
        (table([], [*HEADER, "raw"]), r"names column 'raw' twice"),
        (table(ROWS) + '"open', r"no valid CSV"),
        (table(ROWS).encode() + b"\xff\xfe", r"is not UTF-8"),
        (table([[["x" * 140_000], [1], "test", "a.jpg", 0]]), r"line 2: no valid CSV \(field larger"),
        ("a.jpg#0\tgood\nno tab\n", r"line 2: got 'no tab'; needed is name.jpg#0<TAB>caption"),
        ("a.jpg#0\tone\na.jpg#0\ttwo\n", r"line 2: the caption id 'a.jpg#0' occurs at .*line 1"),
        (PIPED + "a.jpg\r\n", r"line 7: got 'a.jpg'; needed is name.jpg\| 0\| caption"),
        (PIPED + "a.jpg| x| y\r\n", r"line 7: got"),
        ("a.jpg#0\ty\na.jpg#1\t" + "x" * LINE_CHARACTERS, r"line 2: more than 1,048,576 characters"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(read, content, complaint):
    assert re.search(complaint, refusal(read, content))


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/passwd", "s3://other/a.jpg", "x//a.jpg", "..\\a.jpg", ""])
@pytest.mark.parametrize("kind", ["csv", "token", "results"])
def test_a_name_that_leads_elsewhere_is_refused(read, name, kind):
    content = {
        "csv": table([[["x"], [1], "test", name, 0]]),
        "token": f"a.jpg#0\tx\n{name}#0\tx\n",
        "results": f"image_name| comment_number| comment\n{name}| 0| x\n",
    }[kind]
    assert re.search(r"line 2: key ", refusal(read, content))


def test_an_absent_file_names_its_joined_place_and_the_nearest(read, tmp_path):
    read(TOKENS, name="results_20130124.token")
    url = f"{tmp_path}/results_20130214.token"
    with pytest.raises(InputError, match=rf"{url}: there is no such file.*did you mean 'results_20130124"):
        read_flickr30k(url, str(tmp_path), "all")


def test_annotations_and_images_may_lie_on_two_stores(tmp_path):
    here, there = Storage(str(tmp_path / "here")), Storage(str(tmp_path / "there"))
    here.write("deep/mine.csv", table(ROWS).encode())
    there.write("photos/sub/3.jpg", b"12345")
    asked = CorpusParameters(
        format="flickr30k", annotations=f"{here.url}/deep/mine.csv", images=f"{there.url}/photos", limit=2
    )
    corpus = open_corpus(asked)
    assert [entry.uri for entry in corpus.left] == ["10002456.jpg", "sub/3.jpg"]
    assert open_images(asked).read(corpus.left[1]) == b"12345"
    assert corpus.files.fingerprints(corpus.left)[0] is None
