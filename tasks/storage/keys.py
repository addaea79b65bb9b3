"""Storage roots and keys: the URLs and keys that are accepted, and why others are refused."""

import os
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ilime_core.errors import InputError
from tasks.storage.paths import absolute_path, is_url

__all__ = ["PROTOCOLS", "ParsedRoot", "check_key", "parse_url"]

PROTOCOLS = ("file", "s3")

_LONGEST_KEY = 1024  # bytes; the limit of S3
_LONGEST_SEGMENT = 255  # bytes; the limit of file systems


@dataclass(frozen=True, slots=True)
class ParsedRoot:
    """A parsed root: ``path`` is an absolute folder for files, ``bucket/prefix`` for object stores."""

    protocol: str
    path: str

    @property
    def url(self) -> str:
        """The root as it may be printed."""
        return self.path if self.protocol == "file" else f"{self.protocol}://{self.path}"


def check_key(key: str) -> str:
    """Return a key that stays below its root.

    Raises
    ------
    InputError
        If it is empty, absolute, has a scheme, a backslash, a control character, or an empty, ``.`` or ``..``
        segment, or is longer than 1024 bytes (a segment 255).
    """
    reason = _refusal(key)
    if reason:
        raise InputError(f"key {key[:200]!r} {reason}; a key is relative to its root, like 'images/0001.jpg'")
    return key


def _refusal(key: str) -> str | None:
    segments = key.split("/")
    refused = {
        "is empty": not key,
        "is absolute": key.startswith("/"),
        "has a scheme": is_url(key),
        "has a backslash": "\\" in key,
        "has a control character": any(unicodedata.category(c) in {"Cc", "Cs"} for c in key),
        "has an empty, '.' or '..' segment": not {"", ".", ".."}.isdisjoint(segments),
        f"is longer than {_LONGEST_KEY} bytes": _bytes(key) > _LONGEST_KEY,
        f"has a segment longer than {_LONGEST_SEGMENT} bytes": max(map(_bytes, segments)) > _LONGEST_SEGMENT,
    }
    return next((reason for reason, holds in refused.items() if holds), None)


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))


def parse_url(url: str) -> ParsedRoot:
    """Split a root into protocol and path.

    Raises
    ------
    InputError
        If the protocol is not one of `PROTOCOLS`, the URL is chained, the path is not UTF-8, or it holds
        credentials. The message does not repeat a URL that may hold a secret.
    """
    if not url.strip():
        raise InputError(f"a storage root is a path or a URL of {', '.join(PROTOCOLS)}; got an empty one")
    if "::" in url:
        raise InputError("chained URLs ('::') are refused; give the place itself, like s3://bucket/folder")
    if not is_url(url):
        return _folder(url)
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise InputError(
            f"a {parts.scheme} URL with credentials, a query or a fragment is refused (not repeated here);"
            " name a profile or set the environment instead"
        )
    if parts.scheme not in PROTOCOLS:
        raise InputError(f"protocol {parts.scheme!r} is not one of {', '.join(PROTOCOLS)}")
    if parts.scheme == "file":
        return _file_place(parts.netloc, parts.path)
    path = f"{parts.netloc}{parts.path}".rstrip("/")
    if not parts.netloc:
        raise InputError(f"{url!r} names no bucket; needed is {parts.scheme}://name/folder")
    return ParsedRoot(parts.scheme, check_key(path))


def _file_place(host: str, path: str) -> ParsedRoot:
    if host not in {"", "localhost"} or not path.startswith("/"):
        raise InputError(
            f"file://{host}{path} is not an absolute path; needed is file:///folder or a plain path"
        )
    return _folder(unquote(path, errors="surrogateescape"))


def _folder(path: str) -> ParsedRoot:
    place = absolute_path(path)
    if any(unicodedata.category(character) == "Cs" for character in place):
        shown = os.fsencode(place).decode(errors="backslashreplace")
        raise InputError(
            f"{shown} is not UTF-8, as places in plans and tables have to be; rename the folder, or give a"
            " link to it that is called otherwise"
        )
    return ParsedRoot("file", place)
