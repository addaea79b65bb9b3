"""What can be wrong. What a run does about it (retry, a failed row, stop) is decided where it is caught."""

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
    """Something that may be meant, but is most likely a mistake: what it is and what to do, in one line."""


class InputError(IlimeError, ValueError):
    """The caller's input is wrong: the message says what was got, what was needed and where."""


class InternalError(IlimeError):
    """A bug in ilime: what one part guarantees to another does not hold, whatever the input was."""


class RankDeficientError(InputError):
    """A design cannot identify the effects; the message says how many masks are needed."""


class FailureReason(StrEnum):
    """Why an item can never be explained: each would fail again in the same way."""

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
    """One item is unusable; the run goes on without it and keeps a row in ``failures``."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
