"""Reader of tar shards in the layout of WebDataset and img2dataset: files of one name up to its first dot."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import Corpus, CorpusFormat, ImageEntry, ImageFiles, TextEntry, image_text_corpus
from tasks.corpora.file_patterns import find_files, parse_pattern
from tasks.corpora.json_document import Node, read_line
from tasks.corpora.listing import refuse_split
from tasks.corpora.member_fingerprints import member_fingerprints
from tasks.corpora.stored_images import IMAGE_BYTES
from tasks.corpora.tar_members import TarMember, tar_members
from tasks.parameters import CorpusParameters
from tasks.storage import MissingFileError, Storage, StoredFile

__all__ = ["SIDECAR_BYTES", "WEBDATASET", "ShardImages", "read_webdataset"]

SIDECAR_BYTES = 2**20
"""Largest caption or JSON file beside an image that is read."""

_IMAGES = frozenset({"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"})
_COMPRESSED = (".gz", ".tgz", ".bz2", ".xz", ".zst")
_READERS = 8


class ShardImages:
    """`tasks.corpora.corpus.ImageFiles` inside tar shards: an image is one range of bytes.

    Parameters
    ----------
    storage
        Root of the shards.
    known
        Shards that have been listed already, by key.
    max_bytes
        Images above this size are refused before they are read.
    """

    def __init__(
        self,
        storage: Storage,
        known: Mapping[str, StoredFile] | None = None,
        max_bytes: int = IMAGE_BYTES,
    ) -> None:
        self._storage = storage
        self._known = known or {}
        self._max_bytes = max_bytes

    @property
    def root(self) -> str:
        """Where the shards lie."""
        return self._storage.url

    def read(self, entry: ImageEntry) -> bytes:
        """Bytes of one image in one request; errors as in `tasks.corpora.corpus.ImageFiles`."""
        if entry.offset is None or entry.size is None:
            raise InputError(f"{entry.uri} ({entry.member}): needed are offset and size of the image")
        if entry.size > self._max_bytes:
            raise ItemError(
                FailureReason.TOO_LARGE,
                f"{entry.uri} ({entry.member}): {entry.size:,} bytes; at most {self._max_bytes:,} are read",
            )
        try:
            return self._storage.read_range(entry.uri, entry.offset, entry.offset + entry.size)
        except MissingFileError as error:
            raise FileNotFoundError(str(error)) from error

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Digests of the shard's fingerprint and the member's name; no image is read."""
        return member_fingerprints(self._storage, entries, self._known)


def read_webdataset(images: str, split: str, limit: int | None = None) -> Corpus:
    """List the images and captions of tar shards by reading headers and captions only.

    Parameters
    ----------
    images
        URL or path of shards: one, numbers in braces, wildcards, or their folder.
    split
        Shards have none: ``all``.
    limit
        Take only the first so many images and their captions; no shard after them is opened.

    Raises
    ------
    InputError
        If a split is asked for, a shard is absent, cut short or damaged, or its files do not make samples:
        the message names the shard and the member.
    StorageError
        If the transport fails.
    """
    refuse_split(images, split)
    if images.endswith(_COMPRESSED):
        raise InputError(f"{images}: a compressed archive cannot be read by ranges; decompress it to .tar")
    pattern = parse_pattern(images, ".tar")
    storage = Storage(pattern.root)
    shards = find_files(storage, pattern).files
    listing = _Listing(limit)
    with _read_all(storage, shards, limit) as read:
        for shard, samples in zip(shards, read, strict=True):
            listing.add(shard.key, samples)
            if listing.is_full:
                break
    if not listing.texts:
        raise InputError(
            f"{images}: {len(listing.images):,} images in {len(shards):,} shards and no caption, so there is"
            " no pair to explain; needed is KEY.txt, or KEY.json with 'caption', beside KEY.jpg"
        )
    files = ShardImages(storage, {shard.key: shard for shard in shards})
    return image_text_corpus(listing.images, listing.texts, files, split, "webdataset")


@dataclass(slots=True)
class _Sample:
    """Files of one key."""

    key: str
    image: TarMember | None = None
    described: Node | None = None
    caption: TarMember | None = None
    caption_text: str = ""
    files: dict[str, str] = field(default_factory=dict[str, str])
    """Names by extension."""

    @property
    def has_failed(self) -> bool:
        """Whether the downloader says that it has no image."""
        status = self.described.optional("status") if self.described else None
        return status is not None and status.value != "success"

    @property
    def external_id(self) -> str:
        uid = self.described.optional("uid") if self.described else None
        return uid.identifier() if uid else self.key

    def captions(self) -> Iterator[tuple[str, str]]:
        """Captions and the names of their places; those of the JSON file come first where there are any."""
        found = self.described.optional("caption") if self.described else None
        if self.described is None or found is None:
            if self.caption is not None:
                yield self.caption_text, self.caption.name
        elif isinstance(found.value, list):
            for number, one in enumerate(found.items("a caption or a list of captions")):
                yield one.text("a caption"), f"{self.key}.json#{number}"
        else:
            yield found.text("a caption or a list of captions"), f"{self.key}.json"


class _Listing:
    """Entries as shards come, and the shard in which each name was first seen."""

    def __init__(self, limit: int | None) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self._limit = limit
        self._seen: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        return self._limit is not None and len(self.images) >= self._limit

    def add(self, shard: str, samples: Sequence[_Sample]) -> None:
        for sample in samples:
            if self.is_full:
                return
            if sample.image is None:
                continue
            external_id = sample.external_id
            for name in {sample.key, external_id}:
                if name in self._seen:
                    raise InputError(
                        f"{shard}: the key {name!r} stands in {self._seen[name]} already; each may stand"
                        " once, its files one after the other"
                    )
                self._seen[name] = shard
            for number, (text, place) in enumerate(sample.captions()):
                self.texts.append(TextEntry(text, shard, place, f"{external_id}#{number}", len(self.images)))
            image = sample.image
            self.images.append(ImageEntry(shard, external_id, image.name, image.offset, image.size))


@contextmanager
def _read_all(
    storage: Storage, shards: Sequence[StoredFile], limit: int | None
) -> Generator[Iterator[list[_Sample]]]:
    """Samples of every shard in order: ahead in threads, or one after the other where a limit may end it."""
    if limit is not None:
        yield (_read_shard(storage, shard, limit) for shard in shards)
        return
    with ThreadPoolExecutor(_READERS, thread_name_prefix="shards") as pool:
        yield pool.map(lambda shard: _read_shard(storage, shard, None), shards)


def _read_shard(storage: Storage, shard: StoredFile, limit: int | None) -> list[_Sample]:
    samples: list[_Sample] = []
    n_images = 0
    with storage.open(shard.key, shard.size) as stream:
        for sample in _samples(stream, f"{storage.url}/{shard.key}"):
            samples.append(sample)
            n_images += sample.image is not None
            if n_images == limit:
                break
    return samples


def _samples(stream: BinaryIO, place: str) -> Iterator[_Sample]:
    """Samples that have an image, in the order of the shard."""
    current: _Sample | None = None
    for member in tar_members(stream, place):
        folder, slash, name = member.name.rpartition("/")
        stem, _, extension = name.partition(".")
        if not stem or not extension:
            continue
        key = f"{folder}{slash}{stem}"
        if current is None or key != current.key:
            yield from _finished(current, place)
            current = _Sample(key)
        _take(current, member, extension.lower(), stream, place)
    yield from _finished(current, place)


def _finished(sample: _Sample | None, place: str) -> Iterator[_Sample]:
    if sample is None:
        return
    if sample.image is None and (sample.caption or sample.described) and not sample.has_failed:
        found = ", ".join(map(repr, sample.files.values()))
        raise InputError(
            f"{place}: {sample.key!r} has no image, only {found}; needed is {sample.key}.jpg, png, webp, ..."
        )
    if sample.image is not None:
        yield sample


def _take(sample: _Sample, member: TarMember, extension: str, stream: BinaryIO, place: str) -> None:
    if extension in sample.files or (extension in _IMAGES and sample.image):
        files = ", ".join(map(repr, [*sample.files.values(), member.name]))
        raise InputError(f"{place}: {sample.key!r} has {files}; needed is one of a kind")
    sample.files[extension] = member.name
    if extension in _IMAGES:
        sample.image = member
    elif extension == "txt":
        sample.caption = member
        sample.caption_text = _read_text(member, stream, place).removesuffix("\n").removesuffix("\r")
    elif extension == "json":
        sample.described = read_line(_read_text(member, stream, place), f"{place}: {member.name}")


def _read_text(member: TarMember, stream: BinaryIO, place: str) -> str:
    if member.size > SIDECAR_BYTES:
        raise InputError(
            f"{place}: {member.name!r} has {member.size:,} bytes; beside an image at most"
            f" {SIDECAR_BYTES:,} are read"
        )
    stream.seek(member.offset)
    try:
        return stream.read(member.size).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: {member.name!r} is not in UTF-8") from error


def _open(asked: CorpusParameters) -> ImageFiles:
    return ShardImages(Storage(parse_pattern(asked.images, ".tar").root))


WEBDATASET = CorpusFormat(
    "tar shards, KEY.jpg with KEY.txt or KEY.json, as img2dataset writes them",
    lambda asked: read_webdataset(asked.images, asked.split, asked.limit),
    _open,
)
