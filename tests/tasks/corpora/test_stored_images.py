"""Images of a corpus come through the one door to files."""

import hashlib

import pytest

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.stored_images import StoredImages
from tasks.storage import Storage


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
    with pytest.raises(InputError, match=r"link\.jpg.*leads out"):
        files.read(entry("link.jpg"))
    with pytest.raises(InputError, match=r"link\.jpg.*leads out"):
        files.fingerprints([entry("link.jpg")])
    assert files.read(entry("inside.jpg")) == b"12345"


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
def test_a_store_is_listed_once_where_that_is_cheaper(n_images, lists, by_key):
    storage = CountingStorage(f"memory://listing{n_images}")
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
