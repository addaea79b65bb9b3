"""Images of a corpus come through the one door to files."""

import hashlib

import pytest

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.stored_corpus import StoredCorpus
from tasks.storage import Storage


def entry(uri):
    return ImageEntry(uri, uri)


def corpus_of(storage, uris, **options):
    images = tuple(map(entry, uris))
    return StoredCorpus(
        images, (TextEntry("x", "a.json", "0", "0", 0),), storage, split="s", format="f", **options
    )


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "images"
    (root / "deep").mkdir(parents=True)
    (root / "deep" / "a.jpg").write_bytes(b"12345")
    return root


def test_bytes_and_fingerprint_are_those_of_the_file(folder):
    corpus = corpus_of(Storage(str(folder)), ["deep/a.jpg"])
    assert corpus.read_image(corpus.images[0]) == b"12345"
    assert corpus.fingerprint_image(corpus.images[0]) == "sha256:" + hashlib.sha256(b"12345").hexdigest()


def test_an_absent_image_is_a_missing_file(folder):
    corpus = corpus_of(Storage(str(folder)), ["deep/b.jpg"])
    for use in (corpus.read_image, corpus.fingerprint_image):
        with pytest.raises(FileNotFoundError, match=r"deep/b\.jpg"):
            use(corpus.images[0])


def test_a_link_that_leads_out_is_refused_by_name(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(tmp_path / "secret")
    (folder / "inside.jpg").symlink_to(folder / "deep" / "a.jpg")
    corpus = corpus_of(Storage(str(folder)), ["link.jpg"])
    for use in (corpus.read_image, corpus.fingerprint_image):
        with pytest.raises(InputError, match=r"link\.jpg.*leads out"):
            use(corpus.images[0])
    assert corpus.read_image(entry("inside.jpg")) == b"12345"


def test_the_size_limit_is_exact_and_fails_the_item_only(folder):
    storage = Storage(str(folder))
    image = entry("deep/a.jpg")
    assert corpus_of(storage, [image.uri], max_image_bytes=5).read_image(image) == b"12345"
    with pytest.raises(ItemError, match=r"deep/a\.jpg: 5 bytes; at most 4") as caught:
        corpus_of(storage, [image.uri], max_image_bytes=4).read_image(image)
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
    corpus = corpus_of(storage, uris)
    prints = [corpus.fingerprint_image(image) for image in corpus.images]
    assert storage.asked.count("list") == lists
    assert storage.asked.count("key") == by_key
    assert prints == [Storage(storage.url).fingerprint(uri) for uri in uris]
    storage.delete(uris[0])
    with pytest.raises(FileNotFoundError):
        corpus_of(storage, uris).fingerprint_image(entry(uris[0]))
