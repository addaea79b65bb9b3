"""Columns of Parquet corpora: captions of every kind, ids, fields of structs, and what is said of others."""

import pyarrow as pa
import pytest
from parquet_files import IMAGES, asked, parquet, rejected_as

from ilime_core.errors import InputError
from tasks.corpora.registry import open_corpus


@pytest.mark.parametrize(
    ("columns", "options", "complaint"),
    [
        (
            {"images": [b"x"], "caption": ["x"]},
            {},
            r"image_column\): there is no column 'image'; did you mean 'im",
        ),
        ({"image": [b"x"], "text": ["x"]}, {}, r"caption_column\): there is no column 'caption'"),
        ({"image": [b"x"], "caption": ["x"]}, {"id_column": "id"}, r"id_column\): there is no column 'id'"),
        ({"image": [7], "caption": ["x"]}, {}, r"column 'image' holds int64; needed is binary"),
        ({"image": [b"x"], "caption": [7]}, {}, r"column 'caption' holds int64; needed is string or list"),
        ({"image": [b"x"], "caption": [[7]]}, {}, r"column 'caption' holds list.*; needed is string"),
        (
            {"image": [{"url": "x"}], "caption": ["x"]},
            {},
            r"column 'image' holds struct<url: string>; needed",
        ),
        ({"image": [b"x"], "a": [{"b": "x"}]}, {"caption_column": "a.c"}, "there is no column 'a.c'"),
        (
            {"image": [b"x"], "caption": ["x"], "id": [1.5]},
            {"id_column": "id"},
            "'id' holds double; needed are",
        ),
        (
            {"image": [b"x"], "caption": ["x"], "id": pa.array([None], "string")},
            {"id_column": "id"},
            "0 images and no caption.*1 entry of the corpus cannot be used: .*row 0: 'id' is null",
        ),
        (
            {"image": [b"x"], "caption": pa.array([None], "string")},
            {},
            "0 images and no caption in column 'cap.* 1 malformed; the first: .*row 0: 'caption' is null",
        ),
    ],
)
def test_a_column_of_another_kind_is_named(root, columns, options, complaint):
    root.write("a.parquet", parquet(columns))
    with pytest.raises(InputError, match=complaint) as caught:
        open_corpus(asked(root, "a.parquet", **options))
    assert "\n" not in str(caught.value)


def undecodable(kind, *values):
    """Strings that Arrow takes as they are."""
    return pa.Array.from_buffers(kind, len(values), pa.array(values, pa.binary()).buffers())


BAD = undecodable(pa.string(), b"good", b"\xff\xfe", b"good too")


@pytest.mark.parametrize(
    ("captions", "read", "rejected"),
    [
        (BAD, ["good", "good too"], [("undecodable", "row 1.caption: is not UTF-8; needed is a caption")]),
        (
            BAD.dictionary_encode(),
            ["good", "good too"],
            [("undecodable", "row 1.caption: is not UTF-8; needed is a caption")],
        ),
        (
            pa.ListArray.from_arrays([0, 2, 3, 3], BAD),
            ["good", "good too"],
            [("undecodable", "row 0.caption[1]: is not UTF-8; needed is a caption")],
        ),
        (
            pa.array(["a", "b\0c", "d"]),
            ["a", "d"],
            [
                (
                    "malformed",
                    "row 1.caption: got 'b\\x00c'; needed is a caption, without a NUL character",
                )
            ],
        ),
        (
            pa.array([["a"], [], [None]]),
            ["a"],
            [("malformed", "row 2.caption: is null; needed is a caption")],
        ),
        (
            pa.array([["a"], None, ["b"]]),
            ["a", "b"],
            [("malformed", "row 1: 'caption' is null; needed is a caption")],
        ),
    ],
)
def test_captions_that_cannot_be_used_are_rejected_one_by_one(root, captions, read, rejected):
    root.write("a.parquet", parquet({"image": IMAGES[:3], "caption": captions}))
    corpus = open_corpus(asked(root, "a.parquet"))
    assert [one.text for one in corpus.right] == read
    assert rejected_as(corpus) == [(reason, "a.parquet", message) for reason, message in rejected]


def test_rows_without_an_id_are_rejected_and_others_of_the_id_are_the_image(root):
    columns = {"image": IMAGES, "caption": ["a", "b", None, "d", "e"], "id": ["x", None, "y", "y", ""]}
    root.write("a.parquet", parquet(columns))
    corpus = open_corpus(asked(root, "a.parquet", id_column="id"))
    assert [(one.external_id, one.member) for one in corpus.left] == [("x", "0"), ("y", "3")]
    assert [(reason, message) for reason, _, message in rejected_as(corpus)] == [
        ("malformed", "row 1: 'id' is null; needed is the image's id"),
        ("malformed", "row 2: 'caption' is null; needed is a caption"),
        ("malformed", "row 4: 'id' is empty; needed is the image's id"),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.list_(pa.string()),
        pa.large_list(pa.large_string()),
        pa.list_view(pa.string()),
        pa.list_(pa.string(), 1),
        pa.list_(pa.dictionary(pa.int32(), pa.string())),
    ],
    ids=str,
)
def test_every_kind_of_text_is_read(root, kind):
    many = not isinstance(kind, pa.DictionaryType) and pa.types.is_nested(kind)
    captions = pa.array([["a"], ["b"]] if many else ["a", "b"], kind)
    root.write("a.parquet", parquet({"image": IMAGES[:2], "caption": captions}))
    assert [one.text for one in open_corpus(asked(root, "a.parquet")).right] == ["a", "b"]


def test_numbered_columns_are_captions_of_one_image_and_nulls_are_none(root):
    columns = {
        "image": IMAGES[:3],
        "caption_10": ["k", None, None],
        "caption_0": ["a", "b", None],
        "caption_2": [["c", "d"], None, None],
        "caption_en": ["no", "no", "no"],
    }
    root.write("a.parquet", parquet(columns))
    corpus = open_corpus(asked(root, "a.parquet"))
    assert [(one.text, one.member, one.external_id, one.image_index) for one in corpus.right] == [
        ("a", "0.caption_0", "0#0", 0),
        ("c", "0.caption_2[0]", "0#1", 0),
        ("d", "0.caption_2[1]", "0#2", 0),
        ("k", "0.caption_10", "0#3", 0),
        ("b", "1.caption_0", "1#0", 1),
    ]
    assert rejected_as(corpus) == [
        ("malformed", "a.parquet", "row 2: 'caption_0' to 'caption_10' are null; needed is a caption")
    ]


def test_columns_inside_structs_and_with_dots_in_their_names(root):
    samples = [
        {"img": {"bytes": data, "path": None}, "text": f"text {n}"} for n, data in enumerate(IMAGES[:2])
    ]
    columns = {
        "sample": [*samples, None],
        "my.image": IMAGES[:3],
        "my": ["x"] * 3,
        "my.text": ["p", "q", "r"],
    }
    root.write("a.parquet", parquet(columns))
    corpus = open_corpus(
        asked(root, "a.parquet", image_column="sample.img", caption_column="sample.text", id_column="my.text")
    )
    assert [(one.text, one.member, one.external_id) for one in corpus.right] == [
        ("text 0", "0.sample.text", "p#0"),
        ("text 1", "1.sample.text", "q#0"),
    ]
    assert [corpus.files.read(one) for one in corpus.left] == IMAGES[:2]
    assert len(corpus.rejected) == 1
    for image, caption in (("my.image", "my.text"), ("my.image", "my")):
        corpus = open_corpus(asked(root, "a.parquet", image_column=image, caption_column=caption))
        assert [corpus.files.read(one) for one in corpus.left] == IMAGES[:3]


def test_a_field_of_lists_of_structs_is_a_list_of_captions(root):
    said = [
        [{"raw": "a", "id": 1}, {"raw": None, "id": 2}, {"raw": "b", "id": 3}],
        [],
        None,
        [{"raw": "c", "id": 4}],
    ]
    root.write(
        "a.parquet", parquet({"image": IMAGES[:4], "sentences": said, "meta": [{"said": said[0]}] * 4}, 3)
    )
    corpus = open_corpus(asked(root, "a.parquet", caption_column="sentences.raw"))
    assert [(one.text, one.member, one.image_index) for one in corpus.right] == [
        ("a", "0.sentences.raw[0]", 0),
        ("b", "0.sentences.raw[2]", 0),
        ("c", "3.sentences.raw", 2),
    ]
    assert [message for _, _, message in rejected_as(corpus)] == [
        "row 0.sentences.raw[1]: is null; needed is a caption",
        "row 2: 'sentences.raw' is null; needed is a caption",
    ]
    corpus = open_corpus(asked(root, "a.parquet", caption_column="meta.said.raw"))
    assert [one.text for one in corpus.right] == ["a", "b"] * 4
