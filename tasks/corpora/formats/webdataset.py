"""Reader of tar shards in the layout of WebDataset and img2dataset: files of one name up to its first dot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.clues import Clue, Guess, ImagesName, ListedFiles
from tasks.corpora.corpus import Corpus, ImageEntry, ImageFiles, TextEntry, image_text_corpus
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import IMAGES, CorpusFormat
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.corpora.reading.listing import refuse_split
from tasks.corpora.reading.member_fingerprints import member_fingerprints
from tasks.corpora.reading.stored_images import IMAGE_BYTES
from tasks.corpora.reading.tags import TagColumns
from tasks.corpora.rejections import Rejection, Rejections, rejected_line
from tasks.corpora.shard_samples import ShardSample, read_samples
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["WEBDATASET", "ShardImages", "read_webdataset"]

_COMPRESSED = (".gz", ".tgz", ".bz2", ".xz", ".zst")


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
        """URL or path of the shards' root."""
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

    def read_known(self, entry: ImageEntry) -> tuple[bytes, None]:
        """Bytes of one image; whether the shard is the same one takes another request."""
        return self.read(entry), None

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Digests of the shard's fingerprint and the member's name; no image is read."""
        return member_fingerprints(self._storage, entries, self._known)


def read_webdataset(images: str, split: str, limit: int | None = None, tags: Sequence[str] = ()) -> Corpus:
    """List the images and captions of tar shards by reading headers and captions only.

    Samples that cannot be used are rejected one by one.

    Parameters
    ----------
    images
        URL or path of shards: one, numbers in braces, wildcards, or their folder.
    split
        Shards have none: ``all``.
    limit
        Largest number of images, with their captions; no shard after them is opened.
    tags
        Members of the JSON files that are kept as tags.

    Returns
    -------
    Corpus
        Corpus with every image and caption that can be used; the others are in its ``rejected``.

    Raises
    ------
    InputError
        If a split is asked for, a shard is absent, cut short or damaged, or no image has a caption: the
        message names the shard and the byte, or the first sample that was rejected.
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
    columns = TagColumns(tags, images)
    for shard, samples in zip(shards, _read_all(storage, shards, limit, columns), strict=True):
        listing.add(shard.key, samples)
        if listing.is_full:
            break
    columns.check()
    if not listing.texts:
        line = rejected_line(listing.rejected)
        raise InputError(
            f"{images}: {len(listing.images):,} images in {len(shards):,} shards and no caption, so there is"
            " no pair to explain; needed is KEY.txt, or KEY.json with 'caption', beside KEY.jpg"
            + (f"; {line}" if line else "")
        )
    files = ShardImages(storage, {shard.key: shard for shard in shards})
    return image_text_corpus(
        listing.images, listing.texts, files, split, "webdataset", rejected=listing.rejected
    )


class _Listing:
    """Entries as shards come, and the names that are taken."""

    def __init__(self, limit: int | None) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self.rejected: list[Rejection] = []
        self._limit = limit
        self._taken: set[str] = set()

    @property
    def is_full(self) -> bool:
        return self._limit is not None and len(self.images) >= self._limit

    def add(self, shard: str, samples: Sequence[ShardSample]) -> None:
        for sample in samples:
            if self.is_full:
                return
            rejections = Rejections(shard)
            with rejections.guard():
                self._add(shard, sample)
            self.rejected += rejections.found
            self.rejected += (replace(one, uri=shard) for one in sample.rejected)

    def _add(self, shard: str, sample: ShardSample) -> None:
        if sample.error is not None:
            raise sample.error
        if sample.image is None:
            return
        external_id = self._name(shard, sample)
        for number, one in enumerate(sample.captions):
            name = f"{external_id}#{number}"
            place = sample.caption_name(one)
            self.texts.append(TextEntry(one.text, shard, place, name, len(self.images), sample.tags))
        image = sample.image
        self.images.append(ImageEntry(shard, external_id, image.name, image.offset, image.size, sample.tags))

    def _name(self, shard: str, sample: ShardSample) -> str:
        """The image's own id, its key, or its key in the shard: the first that no other image has."""
        names = [name for name in (sample.uid, sample.key, f"{shard}/{sample.key}") if name is not None]
        free = next((name for name in names if name not in self._taken), None)
        if free is None:
            message = f"{shard}: the names {', '.join(map(repr, names))} are taken by other images"
            raise ItemError(FailureReason.DUPLICATE, message)
        self._taken.add(free)
        return free


def _read_all(
    storage: Storage, shards: Sequence[StoredFile], limit: int | None, columns: TagColumns
) -> Iterator[list[ShardSample]]:
    """Samples of every shard in order: ahead in threads, or one after the other where a limit may end it."""
    if limit is not None:
        return (_read_shard(storage, shard, limit, columns) for shard in shards)
    return read_many(lambda shard: _read_shard(storage, shard, None, columns), shards)


def _read_shard(
    storage: Storage, shard: StoredFile, limit: int | None, columns: TagColumns
) -> list[ShardSample]:
    with storage.open(shard.key, shard.size) as stream:
        return read_samples(stream, f"{storage.url}/{shard.key}", limit, columns)


def _open(asked: CorpusFields) -> ImageFiles:
    return ShardImages(Storage(parse_pattern(asked.images, ".tar").root))


def _guess(clue: Clue) -> Guess | None:
    if isinstance(clue, ImagesName) and clue.text.endswith(".tar"):
        return Guess("names end in .tar")
    n_shards = sum(key.endswith(".tar") for key in clue.keys) if isinstance(clue, ListedFiles) else 0
    return Guess(f"{n_shards} files end in .tar") if n_shards else None


WEBDATASET = CorpusFormat(
    lambda asked: read_webdataset(asked.images, asked.split, asked.limit, asked.tags),
    "tar shards, KEY.jpg with KEY.txt or KEY.json, as img2dataset writes them",
    "https://github.com/webdataset/webdataset",
    title="WebDataset shards",
    open=_open,
    required=IMAGES,
    split="all",
    guess=_guess,
)
