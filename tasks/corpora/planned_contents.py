"""Check that images are those of the plan: a run's id belongs to one content."""

import hashlib
from collections.abc import Sequence

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry, ImageFiles
from tasks.corpora.images.loading import place_of, read_bytes

__all__ = ["check_planned", "read_planned"]

_MEMBER = "member:"


def read_planned(files: ImageFiles, entry: ImageEntry, fingerprint: str | None) -> bytes:
    """Bytes of an image, of the content that was planned.

    Parameters
    ----------
    files, entry
        The image.
    fingerprint
        What the plan knew of its content; None where there was no image. Members of larger files are checked
        by `check_planned` when all of a block have been read.

    Returns
    -------
    bytes
        Bytes as stored.

    Raises
    ------
    ItemError
        If it is absent, or was absent when the run was planned.
    InputError
        If the content is another one.
    """
    if fingerprint is None:
        read_bytes(files, entry)  # says why it still cannot be read
        message = f"{place_of(files, entry)}: there was no such image when the run was planned"
        raise ItemError(FailureReason.ABSENT, message)
    if fingerprint.startswith(_MEMBER):
        return read_bytes(files, entry)
    try:
        data, found = files.read_known(entry)
    except FileNotFoundError as error:
        raise _changed(place_of(files, entry)) from error
    if fingerprint not in {found, f"sha256:{hashlib.sha256(data).hexdigest()}"}:
        raise _changed(place_of(files, entry))
    return data


def check_planned(files: ImageFiles, planned: Sequence[tuple[ImageEntry, str | None]]) -> None:
    """Refuse a block of which a shard or a table has been replaced since the plan.

    This comes after the images were read, so that what was read is what was there at the time of the plan.

    Parameters
    ----------
    files
        Reader of the corpus.
    planned
        Images of the block, each with the fingerprint that the plan has for it.

    Raises
    ------
    InputError
        If a fingerprint is another one.
    """
    members = [(entry, known) for entry, known in planned if known and known.startswith(_MEMBER)]
    found = files.fingerprints([entry for entry, _ in members]) if members else []
    for (entry, known), now in zip(members, found, strict=True):
        if now != known:
            raise _changed(place_of(files, entry))


def _changed(place: str) -> InputError:
    return InputError(f"{place} has changed since the run was planned; start ilime explain again")
