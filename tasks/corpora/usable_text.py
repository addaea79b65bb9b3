"""Check of texts: those that can be stored and read by a tokenizer."""

import unicodedata

from ilime_core.errors import FailureReason, ItemError

__all__ = ["check_text", "is_blank", "is_utf8"]

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def check_text(text: str, place: str, needed: str) -> str:
    """Return a text that can be written as UTF-8 and has no NUL; line ends and tabs are fine.

    Parameters
    ----------
    text
        Decoded with the error handler ``surrogateescape``.
    place, needed
        For the message.

    Returns
    -------
    str
        The text, unchanged.

    Raises
    ------
    ItemError
        If bytes of it are not UTF-8, or it has half a surrogate pair or a NUL.
    """
    if not is_utf8(text):
        raise ItemError(FailureReason.UNDECODABLE, f"{place}: is not UTF-8; needed is {needed}")
    fault = "half a surrogate pair" if not _is_encodable(text) else "a NUL character" if "\0" in text else ""
    if fault:
        raise ItemError(
            FailureReason.MALFORMED, f"{place}: got {text[:80]!a}; needed is {needed}, without {fault}"
        )
    return text


def is_utf8(text: str) -> bool:
    """Return whether no byte was undecodable when a text was read with ``surrogateescape``."""
    return _is_encodable(text) or not any("\udc80" <= character <= "\udcff" for character in text)


def is_blank(text: str) -> bool:
    """Return whether a text has only invisible characters: spaces, control or zero-width ones."""
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
