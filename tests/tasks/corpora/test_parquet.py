"""Parquet corpora: every layout of the image column, ids, splits, and what a worker reads."""

import io
import secrets
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tasks.corpora.parquet_images as kept
import tasks.corpora.parquet_tables as tables
from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora import open_corpus, open_images
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.parquet_images import RowImages
from tasks.parameters import CorpusParameters
from tasks.storage import Storage

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
IMAGES = [b"zero", b"one", b"two", b"three", b"four"]
CAPTIONS = ["a", "b", None, "", "e"]


def parquet(columns, group=2, **options):
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, row_group_size=group, **options)
    return sink.getvalue()


def structs(images, paths=None):
    paths = paths or [None] * len(images)
    return pa.array([{"bytes": i, "path": p} for i, p in zip(images, paths, strict=True)], STRUCT)


@pytest.fixture(params=["local", "memory"])
def root(request, tmp_path):
    return Storage(str(tmp_path / "x") if request.param == "local" else f"memory://{secrets.token_hex(8)}")


def rejected_as(corpus):
    """Reason, file and what the message says after the file."""
    return [(one.reason.value, one.uri, one.message.partition(".parquet, ")[2]) for one in corpus.rejected]


def asked(root, name="", split="all", **options):
    return CorpusParameters(format="parquet", images=f"{root.url}/{name}", split=split, **options)


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


def test_what_is_no_parquet_or_damaged_is_refused_by_name(root):
    whole = parquet({"image": [b"x" * 9999], "caption": ["x" * 999]}, compression="none")
    damaged = bytearray(whole)
    damaged[4:30] = bytes(26)
    for content in (b"", b"PAR1", b"PAR1" + bytes(99) + b"PAR1", whole[:-20], bytes(damaged)):
        root.write("a.parquet", content)
        with pytest.raises(InputError, match=r"a\.parquet: is no Parquet file, or damaged") as caught:
            open_corpus(asked(root, "a.parquet")).files.read(ImageEntry("a.parquet", "", "0"))
        assert "\n" not in str(caught.value)


def test_a_pointer_of_git_lfs_is_called_by_its_name(root):
    root.write("a.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(InputError, match=r"a\.parquet: is a pointer of Git LFS .* git lfs pull"):
        open_corpus(asked(root, "a.parquet"))


def test_a_huge_row_group_is_refused_with_advice(root, monkeypatch):
    monkeypatch.setattr(tables, "GROUP_BYTES", 25_000)
    monkeypatch.setattr(kept, "GROUP_BYTES", 25_000)
    images = [secrets.token_bytes(10_000) for _ in range(4)]
    root.write("a.parquet", parquet({"image": structs(images), "caption": ["x"] * 4}, group=2))
    assert len(open_corpus(asked(root, "a.parquet")).left) == 4
    root.write("a.parquet", parquet({"image": structs(images), "caption": ["x"] * 4}, group=3))
    with pytest.raises(InputError, match=r"row group 0 holds 30,\d+ bytes of images.*row_group_size=100"):
        open_corpus(asked(root, "a.parquet"))
    root.write("a.parquet", parquet({"image": structs(images[:1] * 4), "caption": ["x"] * 4}, group=4))
    with pytest.raises(InputError, match="row group 0 unpacks to more than 25,000 bytes"):
        RowImages(root, "image").read(ImageEntry("a.parquet", "", "0"))


def test_captions_that_unpack_to_any_size_are_refused(root):
    long = ["x" * 2**20] * 70
    root.write("a.parquet", parquet({"image": [b"x"] * 70, "caption": long}, group=70))
    with pytest.raises(InputError, match=r"70 rows from row 0 on have 73,\d\d\d,\d\d\d bytes of captions"):
        open_corpus(asked(root, "a.parquet"))


def test_the_size_limit_is_exact_and_fails_the_item_only(root):
    root.write("a.parquet", parquet({"image": IMAGES, "caption": CAPTIONS}))
    entry = ImageEntry("a.parquet", "", "3")
    assert RowImages(root, "image", max_bytes=5).read(entry) == b"three"
    with pytest.raises(ItemError, match=r"a\.parquet \(row 3\): 5 bytes; at most 4") as caught:
        RowImages(root, "image", max_bytes=4).read(entry)
    assert caught.value.reason is FailureReason.TOO_LARGE


def test_threads_share_row_groups_and_old_ones_go(root, monkeypatch):
    images = [secrets.token_bytes(100) for _ in range(12)]
    root.write("a.parquet", parquet({"image": structs(images), "caption": ["x"] * 12}, group=3))
    monkeypatch.setattr(kept, "KEPT_BYTES", 600)
    read = []
    real = RowImages._read_group
    monkeypatch.setattr(RowImages, "_read_group", lambda *a: read.append(a[2]) or real(*a))
    files = RowImages(root, "image")
    entries = [ImageEntry("a.parquet", "", str(row)) for row in range(12)]
    found = {}
    threads = [
        threading.Thread(target=lambda n=n: found.update({n: [files.read(e) for e in entries[:6]]}))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == images[:6] for one in found.values())
    assert sorted(read) == [0, 1]
    for row in (0, 6, 0, 3):  # 3 groups of 300 bytes never fit: the one used longest ago goes
        assert files.read(entries[row]) == images[row]
    assert read[2:] == [2, 1]
    monkeypatch.setattr(kept, "KEPT_BYTES", 900)
    files.read(entries[6])
    files.read(entries[0])
    assert len(read) == 6 - 1


def test_listing_reads_no_image_and_a_worker_reads_a_row_group_once(s3_access, monkeypatch):
    from tasks.object_files import ObjectFiles

    root = Storage(f"s3://{s3_access.make_bucket()}/d")
    images = [secrets.token_bytes(2**21) for _ in range(6)]
    root.write("a.parquet", parquet({"image": structs(images), "caption": ["x"] * 6}, 3, compression="none"))
    ranges = []
    real = ObjectFiles.read_range

    def counting(self, key, start, end):
        ranges.append(end - start)
        return real(self, key, start, end)

    monkeypatch.setattr(ObjectFiles, "read_range", counting)
    corpus = open_corpus(asked(root, "a.parquet"))
    assert sum(ranges) < 4 * 2**20  # of 12 MiB
    ranges.clear()
    assert [open_images(asked(root, "a.parquet")).read(corpus.left[4])] == [images[4]]
    assert sum(ranges) < 9 * 2**20
    ranges.clear()
    assert [corpus.files.read(one) for one in corpus.left] == images
    assert sum(ranges) < 16 * 2**20
    assert len(ranges) < 12
