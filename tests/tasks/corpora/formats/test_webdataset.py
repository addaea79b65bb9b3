"""Tar shards: what is listed, what is read of them, and what is refused by name."""

import secrets

import pytest
from every import every
from tar_shards import rejected_as, shard

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.formats.webdataset import ShardImages, read_webdataset
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import MissingFileError, Storage

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


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    storage = (
        Storage(str(tmp_path / "x")) if request.param == "local" else request.getfixturevalue("s3_storage")
    )
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
    assert every(one.startswith("member:") and len(one) == 71 for one in before)
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
    assert every(images.fingerprints(corpus.left))
    with pytest.raises(MissingFileError):
        bucket.read_bytes("01.tar")


def counted_ranges(monkeypatch):
    from tasks.storage.s3_files import S3Files

    ranges = []
    real = S3Files.read_range

    def counting(self, key, start, end):
        ranges.append((start, end))
        return real(self, key, start, end)

    monkeypatch.setattr(S3Files, "read_range", counting)
    return ranges
