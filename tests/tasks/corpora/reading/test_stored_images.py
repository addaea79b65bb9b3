"""Images of a corpus come through the one door to files."""

import errno
import hashlib
import os
import socket

import pytest

from ilime_core.errors import FailureReason, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.reading.stored_images import StoredImages
from tasks.storage import local_files
from tasks.storage.storage import Storage, StorageError


def entry(uri):
    return ImageEntry(uri, uri)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    (root / "deep").mkdir(parents=True)
    (root / "deep" / "a.jpg").write_bytes(b"12345")
    return root


def test_bytes_and_fingerprint_are_those_of_the_file(folder):
    files = StoredImages(Storage(str(folder)))
    assert files.read(entry("deep/a.jpg")) == b"12345"
    assert files.fingerprints([entry("deep/a.jpg")]) == ["sha256:" + hashlib.sha256(b"12345").hexdigest()]


def test_an_absent_image_is_a_missing_file(folder):
    files = StoredImages(Storage(str(folder)))
    with pytest.raises(FileNotFoundError, match=r"deep/b\.jpg"):
        files.read(entry("deep/b.jpg"))
    assert files.fingerprints([entry("deep/b.jpg"), entry("deep/a.jpg")])[0] is None


def test_a_link_that_leads_out_is_refused_by_name(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(tmp_path / "secret")
    (folder / "inside.jpg").symlink_to(folder / "deep" / "a.jpg")
    files = StoredImages(Storage(str(folder)))
    with pytest.raises(ItemError, match=r"link\.jpg.*leads out") as caught:
        files.read(entry("link.jpg"))
    assert caught.value.reason is FailureReason.MALFORMED
    assert files.fingerprints([entry("link.jpg")]) == [None]
    assert files.read(entry("inside.jpg")) == b"12345"


@pytest.fixture(params=["folder", "named pipe", "socket", "device", "loop", "forbidden", "name too long"])
def odd(request, folder, monkeypatch):
    """An image that is no file that can be read, and what is said of it."""
    place, what = folder / "odd.jpg", request.param
    if what == "folder":
        place.mkdir()
    elif what == "named pipe":
        os.mkfifo(place)
    elif what == "socket":
        monkeypatch.chdir(folder)  # a socket's path is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(place.name)
    elif what == "loop":
        place.symlink_to(place)
    elif what == "device":
        monkeypatch.setattr(local_files, "leads_inside", lambda _path, _root: True)
        place.symlink_to("/dev/zero")
    else:  # who runs the tests may read everything, and so do file systems differ in their longest name
        place.write_bytes(b"1")
        fault = errno.EACCES if what == "forbidden" else errno.ENAMETOOLONG

        def refuse(path, *_):
            raise OSError(fault, os.strerror(fault), str(path))

        monkeypatch.setattr(local_files, "open_regular", refuse)
        monkeypatch.setattr(local_files, "read_regular", refuse)
        monkeypatch.setattr(local_files, "file_digest", refuse)
    return what


def test_what_can_never_be_read_fails_the_item_only_and_at_once(folder, odd):
    files = StoredImages(Storage(str(folder)))
    assert files.fingerprints([entry("odd.jpg"), entry("deep/a.jpg")])[0] is None
    with pytest.raises(ItemError, match=r"odd\.jpg") as caught:
        files.read(entry("odd.jpg"))
    assert caught.value.reason is FailureReason.UNREADABLE


def test_a_fault_of_the_disk_is_no_fault_of_the_item(folder, monkeypatch):
    def refuse(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(local_files, "read_regular", refuse)
    with pytest.raises(StorageError, match="Input/output"):
        StoredImages(Storage(str(folder))).read(entry("deep/a.jpg"))


def test_links_of_the_hubs_cache_lead_to_the_blobs_of_their_own_repository(tmp_path):
    cache = tmp_path / "hub"
    snapshot = cache / "datasets--someone--photos" / "snapshots" / "0a1b" / "images"
    snapshot.mkdir(parents=True)
    for repository in ("datasets--someone--photos", "datasets--someone--secrets"):
        (cache / repository / "blobs").mkdir(parents=True)
        (cache / repository / "blobs" / "c0ffee").write_bytes(repository.encode())
    (cache / "datasets--someone--photos" / "refs").mkdir()
    (cache / "datasets--someone--photos" / "refs" / "main").write_bytes(b"0a1b")
    up = "../../.."
    for name, target in (
        ("a.jpg", f"{up}/blobs/c0ffee"),
        ("ref.jpg", f"{up}/refs/main"),
        ("other.jpg", f"{up}/../datasets--someone--secrets/blobs/c0ffee"),
        ("passwd.jpg", "/etc/passwd"),
    ):
        (snapshot / name).symlink_to(target)
    files = StoredImages(Storage(str(snapshot)))
    assert files.read(entry("a.jpg")) == b"datasets--someone--photos"
    for name in ("ref.jpg", "other.jpg", "passwd.jpg"):
        with pytest.raises(ItemError, match="leads out"):
            files.read(entry(name))
    assert [file.key for file in Storage(str(snapshot)).list()] == ["a.jpg"]


def test_the_size_limit_is_exact_and_fails_the_item_only(folder):
    storage, image = Storage(str(folder)), entry("deep/a.jpg")
    assert StoredImages(storage, max_bytes=5).read(image) == b"12345"
    with pytest.raises(ItemError, match=r"deep/a\.jpg: 5 bytes; at most 4") as caught:
        StoredImages(storage, max_bytes=4).read(image)
    assert caught.value.reason is FailureReason.TOO_LARGE


class CountingStorage(Storage):
    """Counts questions; fingerprints of keys and of listed files must agree."""

    def __init__(self, url):
        super().__init__(url)
        self.asked = []

    def list(self, prefix=""):
        self.asked.append("list")
        return super().list(prefix)

    def fingerprint(self, file):
        self.asked.append("key" if isinstance(file, str) else "listed")
        return super().fingerprint(file)


@pytest.mark.parametrize(("n_images", "lists", "by_key"), [(99, 0, 99), (100, 1, 0)])
def test_a_store_is_listed_once_where_that_is_cheaper(s3_storage, n_images, lists, by_key):
    storage = CountingStorage(s3_storage.url)
    uris = [f"{number}.jpg" for number in range(n_images)]
    for uri in [*uris, "of another corpus.jpg"]:
        storage.write(uri, uri.encode())
    prints = StoredImages(storage).fingerprints([entry(uri) for uri in uris])
    assert storage.asked.count("list") == lists
    assert storage.asked.count("key") == by_key
    assert prints == [Storage(storage.url).fingerprint(uri) for uri in uris]
    storage.delete(uris[0])
    again = StoredImages(storage).fingerprints([entry(uri) for uri in uris])
    assert again == [None, *prints[1:]]
