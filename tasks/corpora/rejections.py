"""Entries of a corpus that cannot be used: they become rows of ``failures``, and the rest is explained."""

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ilime_core.errors import FailureReason, InputError, ItemError

__all__ = ["Rejection", "Rejections", "rejected_line"]

_LONGEST = 400
"""Characters of a message: it may quote a caption or a name of any length."""


_NAMED = 3
"""Rejected entries that a line names."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One entry that cannot be used."""

    reason: FailureReason
    message: str
    """One line: the place, what was got and what was needed."""
    uri: str
    """Name of the entry's file, without its folder; or the key of an image."""


class Rejections:
    """Rejected entries in the order in which a reader meets them.

    Parameters
    ----------
    uri
        Name of the file that is read, for entries that have no other.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._found: list[Rejection] = []

    @property
    def found(self) -> tuple[Rejection, ...]:
        """All rejected entries so far."""
        return tuple(self._found)

    def add(self, reason: FailureReason, message: str, uri: str | None = None) -> None:
        """Reject an entry; what cannot be written as UTF-8 is escaped, and a long message is cut.

        Parameters
        ----------
        reason
            Kind of fault.
        message
            Place, what was got and what is needed.
        uri
            File of the entry or key of the image; None for the file that is read.
        """
        self._found.append(Rejection(reason, _line(message), _line(uri or self._uri)))

    @contextmanager
    def guard(self, uri: str | None = None) -> Generator[None]:
        """Reject the entry that is read inside instead of ending the corpus.

        An `ItemError` keeps its reason; any other `InputError` is a malformed entry. What is wrong with the
        whole corpus, like an absent column, has to be checked outside.
        """
        try:
            yield
        except ItemError as error:
            self.add(error.reason, str(error), uri)
        except InputError as error:
            self.add(FailureReason.MALFORMED, str(error), uri)


def rejected_line(rejected: Sequence[Rejection]) -> str:
    """``3 entries cannot be used: 2 empty, 1 duplicate; the first: ...``; empty where all can be used."""
    if not rejected:
        return ""
    counts = ", ".join(
        f"{n:,} {reason}" for reason, n in Counter(one.reason for one in rejected).most_common()
    )
    first = "; ".join(one.message for one in rejected[:_NAMED])
    entries = "1 entry" if len(rejected) == 1 else f"{len(rejected):,} entries"
    return f"{entries} of the corpus cannot be used: {counts}; the first: {first}"


def _line(text: str) -> str:
    line = text.encode("utf-8", "backslashreplace").decode()
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
