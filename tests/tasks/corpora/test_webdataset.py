"""Tar shards: what is listed, what is read of them, and what is refused by name."""

import io
import json
import secrets
import tarfile

import pytest

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora import open_corpus, open_images
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.webdataset import ShardImages, read_webdataset
from tasks.parameters import CorpusParameters
from tasks.storage import MissingFileError, Storage


def shard(files):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in files:
            content = data if isinstance(data, bytes) else json.dumps(data).encode()
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return stream.getvalue()


FIRST = [
    ("0000.jpg", b"first"),
    ("0000.json", {"caption": "a cat", "status": "success", "key": "0000"}),
    ("0000.txt", b"not this one"),
    ("0001.seg.png", b"not an image of the sample"),
    ("0001.PNG", b"second"),
    ("0001.txt", b"  two dogs\n"),
    ("README", b"no sample"),
]
SECOND = [
    ("deep/a.b.txt", b"nothing"),
    ("deep/a.webp", b"third"),
    ("deep/a.json", {"caption": ["one", "", "three"], "uid": "u3"}),
    ("lone.jpg", b"fourth"),
    ("failed.json", {"caption": "gone", "status": "failed_to_download"}),
    ("null.jpeg", b"fifth"),
    ("null.json", {"caption": None}),
    ("null.txt", b""),
]


def rejected_as(corpus, folder):
    """Reason, file and what the message says after the shard."""
    return [
        (one.reason.value, one.uri, one.message.removeprefix(f"{folder.url}/{one.uri}: "))
        for one in corpus.rejected
    ]


@pytest.fixture(params=["local", "memory"])
def folder(request, tmp_path):
    storage = Storage(str(tmp_path / "x") if request.param == "local" else f"memory://{secrets.token_hex(8)}")
    storage.write("00.tar", shard(FIRST))
    storage.write("01.tar", shard(SECOND))
    return storage


def test_every_entry_is_listed_in_the_order_of_the_shards(folder):
    corpus = read_webdataset(f"{folder.url}/{{00..01}}.tar", "all")
    images = [(one.uri, one.external_id, one.member, one.size) for one in corpus.left]
    assert images == [
        ("00.tar", "0000", "0000.jpg", 5),
        ("00.tar", "0001", "0001.PNG", 6),
        ("01.tar", "u3", "deep/a.webp", 5),
        ("01.tar", "null", "null.jpeg", 5),
    ]
    assert corpus.right == (
        TextEntry("a cat", "00.tar", "0000.json", "0000#0", 0),
        TextEntry("  two dogs", "00.tar", "0001.txt", "0001#0", 1),
        TextEntry("one", "01.tar", "deep/a.json#0", "u3#0", 2),
        TextEntry("", "01.tar", "deep/a.json#1", "u3#1", 2),
        TextEntry("three", "01.tar", "deep/a.json#2", "u3#2", 2),
        TextEntry("", "01.tar", "null.txt", "null#0", 3),
    )
    assert corpus.relevance == ((0, 0), (1, 1), (2, 2), (2, 3), (2, 4), (3, 5))
    assert rejected_as(corpus, folder) == [
        (
            "unlisted",
            "01.tar",
            "'lone.jpg' has no caption; needed is lone.txt, or lone.json with 'caption', right beside it",
        ),
        (
            "absent",
            "01.tar",
            "'failed' has no image, only 'failed.json'; its status is 'failed_to_download'",
        ),
    ]
    assert (corpus.split, corpus.format, corpus.files.root) == ("all", "webdataset", folder.url)
    read = [corpus.files.read(one) for one in corpus.left]
    assert read == [b"first", b"second", b"third", b"fifth"]


def test_the_spec_reaches_the_reader_and_workers_list_nothing(folder, monkeypatch):
    asked = CorpusParameters(format="webdataset", images=f"{folder.url}/*.tar", split="all", limit=1)
    corpus = open_corpus(asked)
    assert len(corpus.left) == 1

    def refused(*_):
        raise AssertionError("listed")

    for name in ("list", "stat", "open", "read_bytes"):
        monkeypatch.setattr(Storage, name, refused)
    assert open_images(asked).read(corpus.left[0]) == b"first"


def test_a_limit_opens_no_later_shard(folder, monkeypatch):
    opened = []
    real = Storage.open
    monkeypatch.setattr(
        Storage, "open", lambda self, key, *size: opened.append(key) or real(self, key, *size)
    )
    for limit, images, texts, shards in ((2, 2, 2, 1), (3, 3, 5, 2), (4, 4, 6, 2), (99, 4, 6, 2)):
        opened.clear()
        corpus = read_webdataset(folder.url, "all", limit)
        assert (len(corpus.left), len(corpus.right), len(opened)) == (images, texts, shards)


def test_fingerprints_change_with_the_shard_and_differ_between_members(folder):
    files = ShardImages(Storage(folder.url))
    corpus = read_webdataset(folder.url, "all")
    before = files.fingerprints(corpus.left)
    assert len(set(before)) == 4
    assert before == corpus.files.fingerprints(corpus.left)
    assert all(one.startswith("member:") and len(one) == 71 for one in before)
    folder.write("01.tar", shard([*SECOND, ("more.jpg", b"x")]))
    after = files.fingerprints(corpus.left)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, False]
    folder.delete("01.tar")
    assert files.fingerprints(corpus.left)[2:] == [None] * 2
    with pytest.raises(FileNotFoundError, match=r"01\.tar"):
        files.read(corpus.left[2])


def test_the_size_limit_is_exact_and_fails_the_item_only(folder):
    image = read_webdataset(folder.url, "all").left[0]
    assert ShardImages(folder, max_bytes=5).read(image) == b"first"
    with pytest.raises(ItemError, match=r"00\.tar \(0000\.jpg\): 5 bytes; at most 4") as caught:
        ShardImages(folder, max_bytes=4).read(image)
    assert caught.value.reason is FailureReason.TOO_LARGE
    with pytest.raises(InputError, match="needed are offset and size"):
        ShardImages(folder).read(ImageEntry("00.tar", "x", "0000.jpg"))


BESIDE = [("z.jpg", b"z"), ("z.txt", b"a zebra")]


@pytest.mark.parametrize(
    ("files", "reason", "message"),
    [
        ([("a.txt", b"x")], "absent", "'a' has no image, only 'a.txt'; needed is a.jpg, png, webp, ..."),
        (
            [("a.left.jpg", b"x"), ("a.right.jpg", b"x"), ("a.txt", b"x")],
            "absent",
            "'a' has no image, only 'a.txt'; needed is a.jpg, png, webp, ...",
        ),
        (
            [("a.jpg", b"x"), ("a.png", b"x"), ("a.txt", b"x")],
            "duplicate",
            "'a' has 'a.jpg' and 'a.png'; needed is one of a kind",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x"), ("a.txt", b"y")],
            "duplicate",
            "'a' has 'a.txt' and 'a.txt'; needed is one of a kind",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"\xff")],
            "undecodable",
            "a.txt: is not UTF-8 (invalid start byte); needed are captions",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x\0y")],
            "malformed",
            "a.txt: got 'x\\x00y'; needed is captions, without a NUL character",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x" * (2**20 + 1))],
            "too_large",
            "a.txt: 1,048,577 bytes; beside an image at most 1,048,576 are read",
        ),
        ([("a.jpg", b"x"), ("a.json", b"{")], "malformed", "a.json: no valid JSON (Expecting property name"),
        ([("a.jpg", b"x"), ("a.json", b"[" * 200_000)], "malformed", "a.json: nested too deeply"),
        ([("a.jpg", b"x"), ("a.json", b"[]")], "malformed", "a.json: got a list of 0; needed is an object"),
        (
            [("a.jpg", b"x"), ("a.json", {"caption": None})],
            "malformed",
            "a.json.caption: got null; needed is a caption or a list of captions",
        ),
        (
            [("a.jpg", b"x"), ("a.json", {"caption": 7})],
            "malformed",
            "a.json.caption: got 7; needed is a caption or a list of captions",
        ),
        (
            [("a.jpg", b"x"), ("a.json", {"key": "a"})],
            "unlisted",
            "'a.jpg' has no caption; needed is a.txt, or a.json with 'caption', right beside it",
        ),
        ([("../a.jpg", b"x"), ("../a.txt", b"x")], "malformed", "byte 0: key '../a.jpg' has an empty"),
    ],
)
def test_a_sample_that_cannot_be_used_is_rejected_and_the_rest_is_listed(tmp_path, files, reason, message):
    folder = Storage(str(tmp_path))
    folder.write("0.tar", shard([*files, *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert [one.text for one in corpus.right] == ["a zebra"]
    assert [one.external_id for one in corpus.left] == ["z"]
    [(got, uri, said)] = rejected_as(corpus, folder)
    assert (got, uri, said[: len(message)]) == (reason, "0.tar", message)


def test_one_caption_of_a_list_is_rejected_and_the_others_are_read(tmp_path):
    folder = Storage(str(tmp_path))
    captions = ["one", None, 7, "a\0b", "two\nlines"]
    folder.write("deep/0.tar", shard([("a.jpg", b"x"), ("a.json", {"caption": captions})]))
    corpus = read_webdataset(folder.url, "all")
    assert [(one.text, one.member) for one in corpus.right] == [
        ("one", "a.json#0"),
        ("two\nlines", "a.json#4"),
    ]
    assert [(reason, uri) for reason, uri, _ in rejected_as(corpus, folder)] == [
        ("malformed", "deep/0.tar")
    ] * 3


def test_an_image_with_an_empty_list_of_captions_distracts(tmp_path):
    folder = Storage(str(tmp_path))
    folder.write("0.tar", shard([("a.jpg", b"x"), ("a.json", {"caption": []}), *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert ([one.external_id for one in corpus.left], corpus.relevance, corpus.rejected) == (
        ["a", "z"],
        ((1, 0),),
        (),
    )


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["IMG_2023.05.1.jpg", "IMG_2023.05.1.txt", "IMG_2023.05.2.JPG", "IMG_2023.05.2.TXT"], 2),
        (["v1.0_cat.jpg", "v1.0_cat.txt", "v1.0_dog.jpg", "v1.0_dog.json"], 2),
        (["v1.jpg", "v1.txt", "v1.0_cat.jpg", "v1.0_cat.txt"], 2),
        (["a.seg.png", "a.jpg", "a.txt", "a.seg.txt.gz", "a.meta.json"], 1),
        (["a.jpg", "a.seg.png", "a.json", "a.cls", "a.b.txt"], 1),
        (["v1.0/x.jpg", "v1.0/x.txt", "v1.0/y.z.jpg", "v1.0/y.z.txt"], 2),
    ],
)
def test_keys_with_dots_are_samples_and_other_files_of_a_key_are_not(tmp_path, names, keys):
    folder = Storage(str(tmp_path))
    content = {"json": {"caption": "words"}}
    files = [(name, content.get(name.rpartition(".")[2], b"words")) for name in names]
    files = [(name, {"x": 1} if name == "a.meta.json" else data) for name, data in files]
    folder.write("0.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert len({one.external_id for one in corpus.left}) == len(corpus.left) == keys
    assert [one.text for one in corpus.right] == ["words"] * keys
    assert corpus.rejected == ()


def test_a_text_file_has_a_caption_a_line_and_json_goes_before_it(tmp_path):
    folder = Storage(str(tmp_path))
    files = [
        ("a.jpg", b"x"),
        ("a.txt", b"one\r\n\n  \ntwo \n"),
        ("b.jpg", b"y"),
        ("b.txt", b"not this\none"),
        ("b.json", {"caption": "one of\ntwo lines"}),
        ("c.jpg", b"z"),
        ("c.txt", b"\n"),
    ]
    folder.write("0.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert [(one.text, one.member, one.external_id) for one in corpus.right] == [
        ("one", "a.txt#0", "a#0"),
        ("two ", "a.txt#1", "a#1"),
        ("one of\ntwo lines", "b.json", "b#0"),
        ("", "c.txt", "c#0"),
    ]


def test_members_of_a_key_that_are_not_adjacent_are_said_with_the_cure(tmp_path):
    folder = Storage(str(tmp_path))
    torn = [("0.jpg", b"x"), ("1.jpg", b"y"), ("0.txt", b"x"), ("1.txt", b"y")]
    folder.write("0.tar", shard([*torn, *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert [one.external_id for one in corpus.left] == ["z"]
    said = (
        "the files of '{0}' are not adjacent ('{0}.jpg', later '{0}.txt'); needed is one right after the"
        " other: write the shard again with tar --sort=name"
    )
    assert rejected_as(corpus, folder) == [("malformed", "0.tar", said.format(key)) for key in (0, 1)]
    folder.write("0.tar", shard(torn))
    with pytest.raises(
        InputError, match=r"no pair to explain.*: 2 malformed; .* are not adjacent .*--sort=name"
    ):
        read_webdataset(folder.url, "all")


def test_a_key_that_comes_again_in_a_shard_is_rejected_and_the_first_is_kept(tmp_path):
    folder = Storage(str(tmp_path))
    again = [("z.png", b"other"), ("z.txt", b"other"), ("z.jpg", b"more"), ("z.json", {"caption": "more"})]
    folder.write(
        "0.tar", shard([*BESIDE, ("y.cls", b"0"), *again[:2], ("y.cls", b"0"), *again[2:], ("z.cls", b"0")])
    )
    corpus = read_webdataset(folder.url, "all")
    assert [one.text for one in corpus.right] == ["a zebra"]
    assert [(reason, said) for reason, _, said in rejected_as(corpus, folder)] == [
        ("duplicate", "the key 'z' stands there already ('z.jpg', later 'z.png')"),
        ("duplicate", "the key 'z' stands there already ('z.jpg', later 'z.jpg')"),
    ]


def test_shards_may_repeat_keys_and_ids(tmp_path):
    folder = Storage(str(tmp_path))
    described = ("z.json", {"caption": "c", "uid": "u"})
    for name, files in (
        ("0", BESIDE),
        ("1", [("z.jpg", b"other"), ("z.txt", b"a zebra")]),
        ("2", [("z.jpg", b"x"), described]),
        ("3", [("y.jpg", b"y"), ("y.json", {"caption": "d", "uid": "u"})]),
    ):
        folder.write(f"{name}.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert [one.external_id for one in corpus.left] == ["z", "1.tar/z", "u", "y"]
    assert [one.external_id for one in corpus.right] == ["z#0", "1.tar/z#0", "u#0", "y#0"]
    assert len(set(corpus.files.fingerprints(corpus.left))) == 4


def test_links_and_other_members_that_are_no_files_are_rejected(tmp_path):
    with tarfile.open(tmp_path / "0.tar", "w") as tar:
        for name, kind in (
            ("./", tarfile.DIRTYPE),
            ("./a.jpg", tarfile.SYMTYPE),
            ("./a.txt", tarfile.REGTYPE),
            ("./latest", tarfile.SYMTYPE),
            ("./b.fifo", tarfile.FIFOTYPE),
            ("./z.jpg", tarfile.REGTYPE),
            ("./z.txt", tarfile.REGTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "z.jpg", kind == tarfile.REGTYPE
            tar.addfile(info, io.BytesIO(b"x"))
    corpus = read_webdataset(str(tmp_path), "all")
    assert [one.member for one in corpus.left] == ["z.jpg"]
    [(reason, _, said)] = rejected_as(corpus, Storage(str(tmp_path)))
    assert (reason, said[10:]) == ("unreadable", "'./a.jpg' is a symbolic link; only whole files are read")


def test_a_cut_shard_is_refused_by_name_and_byte(folder):
    folder.write("02.tar", shard(FIRST)[:1500])
    with pytest.raises(InputError, match=r"02\.tar: byte 1,024: .*(ends here|cut short)"):
        read_webdataset(folder.url, "all")


def test_absent_shards_and_splits_are_named(folder):
    with pytest.raises(InputError, match=r"/02\.tar: there is no such file \(8 of 10 are absent\)"):
        read_webdataset(f"{folder.url}/{{00..09}}.tar", "all")
    with pytest.raises(InputError, match=r"set corpus\.split: all"):
        read_webdataset(folder.url, "test")
    with pytest.raises(InputError, match=r"x\.tar\.gz: a compressed archive .*; decompress it to \.tar"):
        read_webdataset(f"{folder.url}/x.tar.gz", "all")
    folder.write("only/x.tar", shard([("a.jpg", b"x")]))
    with pytest.raises(
        InputError,
        match=r"0 images in 1 shards and no caption.* 1 entry of the corpus cannot be used: 1 unlisted",
    ):
        read_webdataset(f"{folder.url}/only", "all")


def test_on_a_store_an_image_is_one_request_and_a_listing_skips_the_images(s3_access, monkeypatch):
    bucket = Storage(f"s3://{s3_access.make_bucket()}/shards")
    bodies = [secrets.token_bytes(3 * 2**20) for _ in range(3)]
    files = [
        (f"{n}.{kind}", data)
        for n, body in enumerate(bodies)
        for kind, data in (("jpg", body), ("txt", b"x"))
    ]
    bucket.write("00.tar", shard(files))
    asked = CorpusParameters(format="webdataset", images=f"{bucket.url}/{{00..00}}.tar", split="all")
    ranges = counted_ranges(monkeypatch)
    corpus = open_corpus(asked)
    assert sum(end - start for start, end in ranges) < 4.5 * 2**20  # of 9 MiB: the read-ahead after a header
    ranges.clear()
    images = open_images(asked)
    assert [images.read(one) for one in corpus.left] == bodies
    assert [end - start for start, end in ranges] == [3 * 2**20] * 3
    assert all(images.fingerprints(corpus.left))
    with pytest.raises(MissingFileError):
        bucket.read_bytes("01.tar")


def counted_ranges(monkeypatch):
    from tasks.object_files import ObjectFiles

    ranges = []
    real = ObjectFiles.read_range

    def counting(self, key, start, end):
        ranges.append((start, end))
        return real(self, key, start, end)

    monkeypatch.setattr(ObjectFiles, "read_range", counting)
    return ranges
