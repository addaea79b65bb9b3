"""A run's id belongs to the contents that were planned: other ones are refused when they are read.

Proves tasks.corpora.images.loading and tasks.corpora.reading.member_fingerprints.
"""

import hashlib
import io
import tarfile

import pytest
from PIL import Image

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.images.loading import read_unchanged
from tasks.corpora.planned_contents import check_planned, read_planned
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage


def pixel():
    stream = io.BytesIO()
    Image.new("RGB", (1, 1)).save(stream, "PNG")
    return stream.getvalue()


CHANGED = r"a\.jpg has changed since the run was planned; start ilime explain again"
PIXEL = pixel()


@pytest.fixture
def folder(tmp_path):
    storage = Storage(str(tmp_path / "images"))
    storage.write("a.jpg", b"first")
    return storage


def test_a_file_is_read_only_as_it_was_planned(folder):
    files, entry = StoredImages(folder), ImageEntry("a.jpg", "a")
    [planned] = files.fingerprints([entry])
    assert read_planned(files, entry, planned) == b"first"
    folder.write("a.jpg", b"other")
    with pytest.raises(InputError, match=CHANGED):
        read_planned(files, entry, planned)
    folder.delete("a.jpg")
    with pytest.raises(InputError, match=CHANGED):
        read_planned(files, entry, planned)


def test_an_image_that_came_after_the_plan_stays_absent(folder):
    with pytest.raises(
        ItemError, match=r"a\.jpg: there was no such image when the run was planned"
    ) as caught:
        read_planned(StoredImages(folder), ImageEntry("a.jpg", "a"), None)
    assert caught.value.reason is FailureReason.ABSENT


def write_shard(folder, content):
    with tarfile.open(folder / "0.tar", "w") as tar:
        for name, data in (("a.jpg", content), ("a.txt", b"a cat")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def test_a_shard_that_was_replaced_is_noticed_after_its_images_were_read(tmp_path):
    write_shard(tmp_path, b"first")
    asked = CorpusParameters(format="webdataset", images=str(tmp_path))
    corpus = open_corpus(asked)
    planned = list(zip(corpus.left, corpus.files.fingerprints(corpus.left), strict=True))
    check_planned(open_images(asked), planned)
    write_shard(tmp_path, b"other")
    assert read_planned(open_images(asked), *planned[0]) == b"other"
    with pytest.raises(InputError, match=r"0\.tar \(a\.jpg\) has changed since the run was planned"):
        check_planned(open_images(asked), planned)


def test_an_object_that_was_replaced_is_noticed_by_its_etag(s3_access):
    bucket = Storage(f"s3://{s3_access.make_bucket()}/images")
    bucket.write("a.jpg", b"first")
    files, entry = StoredImages(bucket), ImageEntry("a.jpg", "a")
    [planned] = files.fingerprints([entry])
    assert planned.startswith("etag:")
    assert read_planned(files, entry, planned) == b"first"
    bucket.write("a.jpg", b"other")
    with pytest.raises(InputError, match=CHANGED):
        read_planned(files, entry, planned)


def test_later_stages_read_the_bytes_that_were_embedded(folder):
    files, entry = StoredImages(folder), ImageEntry("a.jpg", "a")
    folder.write("a.jpg", PIXEL)
    assert read_unchanged(files, entry, hashlib.sha256(PIXEL).hexdigest()).width == 1
    with pytest.raises(InputError, match=r"a\.jpg has changed since it was embedded"):
        read_unchanged(files, entry, hashlib.sha256(b"first").hexdigest())
