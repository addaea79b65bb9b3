"""Samples of a tar shard: members of one key, their captions, and what is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import Tags
from tasks.corpora.reading.caption_files import (
    CAPTION_BYTES,
    Beside,
    Caption,
    read_captions,
    read_description,
)
from tasks.corpora.reading.json_document import Node
from tasks.corpora.reading.tags import TagColumns
from tasks.corpora.reading.tar_members import TarMember, tar_members
from tasks.corpora.rejections import Rejection, Rejections

__all__ = ["ShardSample", "read_samples"]

_IMAGES = frozenset({"jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"})
_CAPTIONS = frozenset({"txt", "json"})


@dataclass(frozen=True, slots=True)
class _Part:
    """A member, by the first and by the last dot of its name."""

    member: TarMember
    key: str
    extension: str
    last_key: str
    kind: str
    """Suffix after the last dot, in lower case."""
    data: bytes | None
    """Content of captions; None where it is too large or is not read."""

    @property
    def is_plain(self) -> bool:
        """Whether the name has one dot, and after it a word and no number."""
        return self.extension.isalnum() and not self.extension.isdigit()


@dataclass(slots=True)
class ShardSample:
    """Members of one key."""

    key: str
    files: dict[str, TarMember] = field(default_factory=dict[str, TarMember])
    """Members by what follows the last dot."""
    captions: Sequence[Caption] = ()
    uid: str | None = None
    """The image's own id, if its JSON file has one."""
    tags: Tags = ()
    error: InputError | ItemError | None = None
    """Reason why the sample cannot be used."""
    rejected: Sequence[Rejection] = ()
    """Single captions that cannot be used."""

    @property
    def image(self) -> TarMember | None:
        """Image file of the sample; None where it has none."""
        return next((member for kind, member in self.files.items() if kind in _IMAGES), None)

    @property
    def captioned(self) -> bool:
        """Return whether there is a file that may have captions."""
        return not _CAPTIONS.isdisjoint(self.files)

    def caption_name(self, caption: Caption) -> str:
        """Place of a caption in the shard."""
        name = self.files["json" if caption.in_json else "txt"].name
        return name if caption.number is None else f"{name}#{caption.number}"


def read_samples(
    stream: BinaryIO, place: str, limit: int | None, columns: TagColumns | None = None
) -> list[ShardSample]:
    """Read headers and captions of a shard; of images nothing.

    The key of a member is its name up to the first dot, as WebDataset has it. It ends at the last dot, as in
    ``IMG_2023.05.1.jpg``, where no other member makes a sample of what is before the first, or where there
    are an image and captions of that name. Other members with several dots are ignored.

    Parameters
    ----------
    stream
        The shard.
    place
        Its name for messages.
    limit
        Stop after this number of usable images; None reads the whole shard.
    columns
        Members of the JSON files that are kept as tags.

    Returns
    -------
    list[ShardSample]
        Samples in the order of the shard; those that cannot be used have their ``error``.

    Raises
    ------
    InputError
        If the shard is cut short or damaged.
    """
    samples: dict[str, ShardSample] = {}
    columns = columns or TagColumns((), place)
    n_images = 0
    for parts in _groups(stream, place):
        for sample in _resolved(parts, place, columns):
            if sample.key in samples:
                _add_again(samples, sample, place)
                continue
            samples[sample.key] = sample
            n_images += sample.error is None
            if n_images == limit:
                return list(samples.values())
    return list(samples.values())


def _groups(stream: BinaryIO, place: str) -> Iterator[list[_Part]]:
    """Adjacent members of one name up to the first dot."""
    group: list[_Part] = []
    for member in tar_members(stream, place):
        folder, slash, name = member.name.rpartition("/")
        stem, _, extension = name.partition(".")
        if not stem or not extension:
            continue
        last, _, kind = name.rpartition(".")
        kind = kind.lower()
        data = None
        if kind in _CAPTIONS and member.wrong is None and member.size <= CAPTION_BYTES:
            stream.seek(member.offset)
            data = stream.read(member.size)
        part = _Part(member, f"{folder}{slash}{stem}", extension, f"{folder}{slash}{last}", kind, data)
        if group and group[0].key != part.key:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _resolved(parts: Sequence[_Part], place: str, columns: TagColumns) -> Iterator[ShardSample]:
    """Samples of a group: that of its key, and those whose keys have dots."""
    plain = [part for part in parts if part.is_plain]
    dotted: defaultdict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        if not part.is_plain:
            dotted[part.last_key].append(part)
    if plain:
        yield from _sample(parts[0].key, plain, place, columns)
    for key, own in dotted.items():
        if not plain or _is_whole(own):
            yield from _sample(key, own, place, columns)


def _is_whole(parts: Sequence[_Part]) -> bool:
    """Whether members with several dots are a sample of their own, beside one of their first key."""
    kinds = {part.kind for part in parts}
    captioned = any(part.kind == "txt" or b'"caption"' in (part.data or b"") for part in parts)
    return captioned and not kinds.isdisjoint(_IMAGES)


def _sample(key: str, parts: Sequence[_Part], place: str, columns: TagColumns) -> Iterator[ShardSample]:
    """The sample of a key, unless none of its members is an image or has captions."""
    used = [part for part in parts if part.kind in _IMAGES | _CAPTIONS]
    if not used:
        return
    sample = ShardSample(key)
    rejections = Rejections(place.rpartition("/")[2])
    try:
        for part in used:
            _take(sample, part, place)
        node = _read(sample, {part.kind: part for part in used}, place, rejections)
        sample.tags = columns.read(node) if node is not None else ()
    except (InputError, ItemError) as error:
        sample.error = error
    sample.rejected = rejections.found
    yield sample


def _take(sample: ShardSample, part: _Part, place: str) -> None:
    first = next((kind for kind in sample.files if kind == part.kind or {kind, part.kind} <= _IMAGES), None)
    if first is not None:
        both = f"{sample.files[first].name!r} and {part.member.name!r}"
        raise ItemError(
            FailureReason.DUPLICATE, f"{place}: {sample.key!r} has {both}; needed is one of a kind"
        )
    sample.files[part.kind] = part.member
    if part.member.wrong is not None:
        raise part.member.wrong


def _read(sample: ShardSample, parts: dict[str, _Part], place: str, rejections: Rejections) -> Node | None:
    """Read the captions; the JSON object is returned, if there is one."""
    described, text = (
        Beside(part.member.name, f"{place}: {part.member.name}", part.data, part.member.size)
        if part
        else None
        for part in (parts.get("json"), parts.get("txt"))
    )
    node = read_description(described, text)
    if sample.image is None:
        status = node.optional("status") if node is not None else None
        names = ", ".join(repr(member.name) for member in sample.files.values())
        needed = f"needed is {sample.key}.jpg, png, webp, ..."
        if status is not None and status.value != "success":
            needed = f"its status is {status.value!r}"
        raise ItemError(FailureReason.ABSENT, f"{place}: {sample.key!r} has no image, only {names}; {needed}")
    uid = node.optional("uid") if node is not None else None
    sample.uid = uid.identifier() if uid is not None else None
    captions = read_captions(node, text, rejections)
    if captions is None:
        raise ItemError(
            FailureReason.UNLISTED,
            f"{place}: {sample.image.name!r} has no caption; needed is {sample.key}.txt, or {sample.key}.json"
            " with 'caption', right beside it",
        )
    sample.captions = captions
    return node


def _add_again(samples: dict[str, ShardSample], sample: ShardSample, place: str) -> None:
    """Say what is wrong where a key comes again in a shard: its members are torn apart, or there twice."""
    first = samples[sample.key]
    (one, two) = (next(iter(found.files.values())).name for found in (first, sample))
    if _completes(first, sample):
        first.captions, first.rejected = (), ()
        first.error = InputError(
            f"{place}: the files of {sample.key!r} are not adjacent ({one!r}, later {two!r}); needed is"
            " one right after the other: write the shard again with tar --sort=name"
        )
        return
    sample.error = ItemError(
        FailureReason.DUPLICATE,
        f"{place}: the key {sample.key!r} occurs there already ({one!r}, later {two!r})",
    )
    sample.captions, sample.rejected = (), ()
    samples[f"{sample.key}\0{len(samples)}"] = sample


def _completes(first: ShardSample, second: ShardSample) -> bool:
    """Whether two samples of one key have no file in common."""
    return first.files.keys().isdisjoint(second.files) and not (first.image and second.image)
