"""Reads of Parquet files: what a worker reads and keeps, and what is refused for its size or as damaged.

Proves tasks.corpora.parquet.images and tasks.corpora.parquet.tables.
"""

import secrets
import threading

import pytest
from every import every
from parquet_files import CAPTIONS, IMAGES, asked, parquet, structs

import tasks.corpora.parquet.images as kept
import tasks.corpora.parquet.tables as tables
from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.parquet.images import RowImages
from tasks.corpora.registry import open_corpus, open_images
from tasks.storage.storage import Storage


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
    assert every(one == images[:6] for one in found.values())
    assert sorted(read) == [0, 1]
    for row in (0, 6, 0, 3):  # 3 groups of 300 bytes never fit: the one used longest ago goes
        assert files.read(entries[row]) == images[row]
    assert read[2:] == [2, 1]
    monkeypatch.setattr(kept, "KEPT_BYTES", 900)
    files.read(entries[6])
    files.read(entries[0])
    assert len(read) == 6 - 1


def test_listing_reads_no_image_and_a_worker_reads_a_row_group_once(s3_access, monkeypatch):
    from tasks.storage.s3_files import S3Files

    root = Storage(f"s3://{s3_access.make_bucket()}/d")
    images = [secrets.token_bytes(2**21) for _ in range(6)]
    root.write("a.parquet", parquet({"image": structs(images), "caption": ["x"] * 6}, 3, compression="none"))
    ranges = []
    real = S3Files.read_range

    def counting(self, key, start, end):
        ranges.append(end - start)
        return real(self, key, start, end)

    monkeypatch.setattr(S3Files, "read_range", counting)
    corpus = open_corpus(asked(root, "a.parquet"))
    assert sum(ranges) < 4 * 2**20  # of 12 MiB
    ranges.clear()
    assert [open_images(asked(root, "a.parquet")).read(corpus.left[4])] == [images[4]]
    assert sum(ranges) < 9 * 2**20
    ranges.clear()
    assert [corpus.files.read(one) for one in corpus.left] == images
    assert sum(ranges) < 16 * 2**20
    assert len(ranges) < 12
