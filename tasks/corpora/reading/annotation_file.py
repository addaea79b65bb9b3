"""The file that annotations are read from: where it is, how large it may be, and what is there instead."""

import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches

from ilime_core.errors import FailureReason, InputError
from ilime_core.git_lfs import is_pointer
from tasks.corpora.rejections import Rejections
from tasks.storage.keys import parse_url
from tasks.storage.storage import MissingFileError, Storage, StorageError, UnreadableFileError

__all__ = ["DOCUMENT_BYTES", "LINE_CHARACTERS", "AnnotationFile", "numbered_lines"]

DOCUMENT_BYTES = 2**30
"""Largest annotation file that is read; MS COCO's 123,287 images with five captions take 145 MB."""

_POINTER_BYTES = 1024
"""No pointer of Git LFS is larger."""

LINE_CHARACTERS = 2**20
"""Longest line of a table."""


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """A file that is there and not too large."""

    storage: Storage
    name: str
    """Its key below the storage."""

    @classmethod
    def find(cls, url: str, max_bytes: int = DOCUMENT_BYTES) -> "AnnotationFile":
        """Look a file up.

        Parameters
        ----------
        url
            URL or path of the file.
        max_bytes
            Largest file that is accepted.

        Returns
        -------
        AnnotationFile
            The file, with its folder as the root.

        Raises
        ------
        InputError
            If the URL names no file, or the file is absent (with the nearest name that is there) or over
            ``max_bytes``.
        StorageError
            If the transport fails.
        """
        folder, name = _split(url)
        file = cls(Storage(folder), name)
        try:
            with _refused():
                size = file.storage.stat(name).size
        except MissingFileError as error:
            hint = file.nearest()
            raise InputError(f"{file.url}: there is no such file; needed are annotations{hint}") from error
        if size > max_bytes:
            raise InputError(
                f"{file.url}: {size:,} bytes; annotations of at most {max_bytes:,} bytes are read"
            )
        if size <= _POINTER_BYTES and is_pointer(file.read_bytes()):
            raise InputError(
                f"{file.url}: is a Git LFS pointer, not the annotations themselves; run `git lfs pull` where"
                " it was cloned"
            )
        return file

    @property
    def url(self) -> str:
        """Root and key, joined."""
        return f"{self.storage.url.rstrip('/')}/{self.name}"

    def read_bytes(self) -> bytes:
        """Read the whole file; InputError if it can never be read."""
        with _refused():
            return self.storage.read_bytes(self.name)

    def nearest(self) -> str:
        """Words that name the most similar file of the folder, if any."""
        names: list[str] = []
        with suppress(StorageError):  # the message is complete without them
            names = [file.key for file in self.storage.list() if "/" not in file.key]
        near = get_close_matches(self.name, names, n=1)
        return f"; did you mean {near[0]!r}?" if near else ""

    @contextmanager
    def text(self) -> Generator[io.TextIOWrapper]:
        """Stream the file as UTF-8, with or without a byte order mark; line ends are left as they are.

        Bytes that are not UTF-8 become halves of surrogate pairs, which `check_text` refuses one by one.
        """
        with _refused():
            opened = self.storage.open(self.name)
        with (
            opened as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="") as text,
        ):
            yield text


@contextmanager
def _refused() -> Generator[None]:
    """Say of a file that can never be read that it is bad input."""
    try:
        yield
    except UnreadableFileError as error:
        raise InputError(f"{error}; needed are annotations in a file that can be read") from error


def numbered_lines(file: AnnotationFile, rejections: Rejections) -> Iterator[tuple[str, str]]:
    """Lines that are not blank, without their ends, each with its place like ``/data/captions.txt, line 3``.

    A line of more than `LINE_CHARACTERS` is rejected.

    Parameters
    ----------
    file
        Read as text.
    rejections
        Receives the lines that are too long.

    Yields
    ------
    Iterator[tuple[str, str]]
        Place and content of each line, in order.
    """
    with file.text() as text:
        number = 0
        while line := text.readline(LINE_CHARACTERS + 1):
            number += 1
            place = f"{file.url}, line {number}"
            if len(line) > LINE_CHARACTERS:
                message = f"{place}: more than {LINE_CHARACTERS:,} characters; is it a table?"
                rejections.add(FailureReason.TOO_LARGE, message)
                while line and not line.endswith(("\n", "\r")):
                    line = text.readline(LINE_CHARACTERS)
            elif line.strip():
                yield place, line.rstrip("\r\n")


def _split(url: str) -> tuple[str, str]:
    """Folder and name of a file's URL."""
    folder, _, name = parse_url(url).url.rpartition("/")
    if not name or folder.endswith("/"):
        raise InputError(
            f"{url}: names no file; needed is the place of the annotations, like data/dataset.json"
        )
    return folder or "/", name
