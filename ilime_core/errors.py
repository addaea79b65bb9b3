"""Exceptions of ilime.

The reaction of a run (retry, a failed row, stop) is decided where an error is caught.
"""

from enum import StrEnum

__all__ = [
    "FailureReason",
    "IlimeError",
    "IlimeWarning",
    "InputError",
    "InternalError",
    "ItemError",
    "RankDeficientError",
]


class IlimeError(Exception):
    """Base of every error that ilime raises on purpose."""

    says_what_to_do = False
    """Whether the message ends with what the reader should do."""


class IlimeWarning(UserWarning):
    """Input that may be intended but is most likely a mistake: what it is and what to do, in one line."""


class InputError(IlimeError, ValueError):
    """The caller's input is wrong: the message says what was received, what was needed and where."""


class InternalError(IlimeError):
    """A bug in ilime: an internal guarantee does not hold, independent of the input."""


class RankDeficientError(InputError):
    """A design cannot identify the effects; the message says how many masks are needed."""


class FailureReason(StrEnum):
    """Permanent reason why an item cannot be explained: a retry would fail in the same way."""

    ABSENT = "absent"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNDECODABLE = "undecodable"
    NON_FINITE = "non_finite"
    UNREADABLE = "unreadable"
    """It exists, but is no regular file, or its permissions forbid reading it."""
    MALFORMED = "malformed"
    """NULL, of another type, or with a name or characters that cannot be used."""
    DUPLICATE = "duplicate"
    """Its name or id belongs to another entry already."""
    UNLISTED = "unlisted"
    """It refers to an entry that the corpus does not hold, or no entry refers to it."""


class ItemError(IlimeError):
    """One item is unusable; the run continues without it and writes a row in ``failures``."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
