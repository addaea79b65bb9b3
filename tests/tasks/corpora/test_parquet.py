"""Parquet corpora: rows and the images that they hold or name, in every layout of the image column.

Proves tasks.corpora.parquet.paths and tasks.corpora.parquet.rows.
"""

import pyarrow as pa
import pytest
from parquet_files import CAPTIONS, IMAGES, asked, parquet, rejected_as, structs

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.registry import open_corpus, open_images
from tasks.storage.storage import Storage

LAYOUTS = {
    "struct": structs(IMAGES, ["x.jpg"] * 5),
    "binary": pa.array(IMAGES, pa.binary()),
    "large": pa.array(IMAGES, pa.large_binary()),
    "view": pa.array(IMAGES, pa.binary_view()),
    "dictionary": pa.array(IMAGES, pa.binary()).dictionary_encode(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_images_and_their_captions(root, layout):
    root.write("data/a.parquet", parquet({"image": LAYOUTS[layout], "caption": CAPTIONS}))
    corpus = open_corpus(asked(root, "data"))
    assert corpus.left == tuple(ImageEntry("a.parquet", str(row), str(row)) for row in (0, 1, 3, 4))
    assert corpus.right == (
        TextEntry("a", "a.parquet", "0.caption", "0#0", 0),
        TextEntry("b", "a.parquet", "1.caption", "1#0", 1),
        TextEntry("", "a.parquet", "3.caption", "3#0", 2),
        TextEntry("e", "a.parquet", "4.caption", "4#0", 3),
    )
    assert corpus.relevance == ((0, 0), (1, 1), (2, 2), (3, 3))
    assert rejected_as(corpus) == [
        ("malformed", "a.parquet", "row 2: 'caption' is null; needed is a caption")
    ]
    images = [*IMAGES[:2], *IMAGES[3:]]
    assert [corpus.files.read(one) for one in corpus.left] == images
    assert [open_images(asked(root, "data")).read(one) for one in reversed(corpus.left)] == images[::-1]
    with pytest.raises(FileNotFoundError, match=r"'a\.parquet' has 5 rows and no row 5"):
        corpus.files.read(ImageEntry("a.parquet", "", "5"))


def test_files_of_a_pattern_are_one_corpus_and_ids_join_rows_across_them(root):
    first = {"image": structs(IMAGES[:2]), "caption": [["a", "b"], ["c"]], "key": [7, 8]}
    second = {"image": structs(IMAGES[2:4]), "caption": [["d"], [None, "e"]], "key": [8, 9]}
    root.write("x-1.parquet", parquet(second))
    root.write("x-0.parquet", parquet(first))
    corpus = open_corpus(asked(root, "x-*.parquet", id_column="key"))
    assert [(one.uri, one.member, one.external_id) for one in corpus.left] == [
        ("x-0.parquet", "0", "7"),
        ("x-0.parquet", "1", "8"),
        ("x-1.parquet", "1", "9"),
    ]
    assert [(one.text, one.external_id, one.member, one.image_index) for one in corpus.right] == [
        ("a", "7#0", "0.caption[0]", 0),
        ("b", "7#1", "0.caption[1]", 0),
        ("c", "8#0", "1.caption", 1),
        ("d", "8#1", "0.caption", 1),
        ("e", "9#0", "1.caption[1]", 2),
    ]
    assert rejected_as(corpus) == [
        ("malformed", "x-1.parquet", "row 1.caption[0]: is null; needed is a caption")
    ]
    assert len(open_corpus(asked(root, "x-{0,1}.parquet")).left) == 4
    limited = open_corpus(asked(root, "x-*.parquet", id_column="key", limit=2))
    assert [one.text for one in limited.right] == ["a", "b", "c", "d"]
    assert len(open_corpus(asked(root, "x-*.parquet", limit=3)).left) == 3


def test_other_columns_are_taken_where_the_spec_says_so(root):
    root.write("a.parquet", parquet({"img": structs(IMAGES), "text": CAPTIONS, "image": [1] * 5}))
    corpus = open_corpus(asked(root, "a.parquet", image_column="img", caption_column="text"))
    assert (len(corpus.left), corpus.right[0].member) == (4, "0.text")
    assert corpus.files.read(corpus.left[2]) == b"three"


def test_paths_are_files_beside_the_table(root):
    paths = ["p/0.jpg", None, "p/2.jpg"]
    root.write("d/p/0.jpg", b"file zero")
    root.write("d/p/2.jpg", b"file two")
    for column in (pa.array(paths), structs([None] * 3, paths), pa.array(paths).dictionary_encode()):
        root.write("d/a.parquet", parquet({"image": column, "caption": ["a", "b", "c"]}, group=2))
        corpus = open_corpus(asked(root, "*/a.parquet"))
        places = [(one.uri, one.member) for one in corpus.left]
        assert places == [("d/p/0.jpg", None), ("d/a.parquet", "1"), ("d/p/2.jpg", None)]
        assert corpus.files.read(corpus.left[0]) == b"file zero"
        with pytest.raises(FileNotFoundError, match=r"row 1\) holds no image"):
            corpus.files.read(corpus.left[1])
        prints = corpus.files.fingerprints(corpus.left)
        assert [prints[0], prints[2]] == [Storage(root.url).fingerprint(f"d/p/{n}.jpg") for n in (0, 2)]
        assert prints[1].startswith("member:")


@pytest.mark.parametrize("statistics", [True, False])
def test_bytes_go_before_a_path_in_any_mixture(root, statistics):
    mixed = structs([b"own", None, b"own too", None], ["0", "1", "2", None])
    root.write("1", b"beside")
    root.write("a.parquet", parquet({"image": mixed, "caption": ["x"] * 4}, 3, write_statistics=statistics))
    corpus = open_corpus(asked(root, "a.parquet"))
    places = [(one.uri, one.member) for one in corpus.left]
    assert places == [("a.parquet", "0"), ("1", None), ("a.parquet", "2"), ("a.parquet", "3")]
    assert [corpus.files.read(one) for one in corpus.left[:3]] == [b"own", b"beside", b"own too"]


@pytest.mark.parametrize("path", ["../a.jpg", "/etc/passwd", "s3://b/a.jpg", "x\\a.jpg"])
def test_a_row_whose_path_leads_elsewhere_is_rejected(root, path):
    only_paths = pa.array([{"path": "good"}, {"path": path}])
    for column in (pa.array(["good", path]), structs([None, None], ["good", path]), only_paths):
        root.write("a.parquet", parquet({"image": column, "caption": ["x"] * 2}))
        corpus = open_corpus(asked(root, "a.parquet"))
        assert [(one.uri, one.external_id) for one in corpus.left] == [("good", "0")]
        [(reason, _, message)] = rejected_as(corpus)
        assert reason == "malformed"
        assert message.startswith("row 1: key ")
        assert "relative to its root" in message


def test_rows_without_bytes_fail_by_themselves_when_they_are_read(root):
    columns = {"image": pa.array([b"x", None, b""], pa.binary()), "caption": ["a", "b", "c"]}
    root.write("a.parquet", parquet(columns))
    root.write("b.parquet", parquet({"image": pa.nulls(1), "caption": ["d"]}))
    root.write(
        "c.parquet", parquet({"image": pa.array([], pa.binary()), "caption": pa.array([], pa.string())})
    )
    corpus = open_corpus(asked(root, "*.parquet"))
    assert [one.external_id for one in corpus.left] == ["0", "1", "2", "3"]
    for row in (1, 3):
        with pytest.raises(FileNotFoundError, match="holds no image"):
            corpus.files.read(corpus.left[row])
    assert corpus.files.read(corpus.left[2]) == b""


def test_files_of_one_corpus_may_differ_in_the_kinds_of_their_columns(root):
    root.write("a.parquet", parquet({"image": structs(IMAGES[:1]), "caption": ["a"], "more": [1]}))
    root.write("b.parquet", parquet({"caption": [["b", "c"]], "image": IMAGES[1:2]}))
    root.write("c.parquet", parquet({"image": IMAGES[2:3], "caption": pa.nulls(1)}))
    corpus = open_corpus(asked(root, "*.parquet"))
    assert [one.text for one in corpus.right] == ["a", "b", "c"]
    assert [corpus.files.read(one) for one in corpus.left] == IMAGES[:2]
    assert rejected_as(corpus) == [
        ("malformed", "c.parquet", "row 0: 'caption' is null; needed is a caption")
    ]
    root.write("d.parquet", parquet({"image": IMAGES[2:3], "text": ["x"]}))
    with pytest.raises(
        InputError, match=r"d\.parquet \(corpus\.caption_column\): there is no column 'caption'"
    ):
        open_corpus(asked(root, "*.parquet"))
