"""Access to object stores, for this process and its children: the section ``storage`` of a spec in effect.

It travels by one environment variable, so that it reaches child processes and never a plan, a table or the
parameters of a flow. It holds addresses and names of profiles, and by construction no secret.
"""

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Generic, ParamSpec, TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from ilime_core.errors import InputError
from tasks.storage.keys import parse_url
from tasks.storage.parameters import StorageParameters
from tasks.storage.records import StorageOptions

__all__ = [
    "STORAGE_VARIABLE",
    "WithAccess",
    "check_endpoint",
    "grant_access",
    "granted",
    "identity",
    "options_for",
]

P = ParamSpec("P")
R = TypeVar("R")

STORAGE_VARIABLE = "ILIME_STORAGE"
"""Environment variable: the section ``storage`` as JSON."""

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

_IDENTITIES = {
    "AWS_ACCESS_KEY_ID": "with the key of the environment",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "with the web identity of the environment",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "as the role of this container",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "as the role of this container",
}

_replaced: list[tuple[str, str | None]] = []
"""Granted section and the variable's value before it: the next spec may have no section of its own."""


def grant_access(parameters: StorageParameters) -> None:
    """Put a spec's section in effect for this process and for those that it starts.

    An empty section leaves the environment as it is, and revokes what an earlier spec granted.

    Raises
    ------
    InputError
        If an endpoint is no address or holds credentials; the message does not repeat those.
    """
    for store in (parameters, *parameters.buckets.values()):
        if store.endpoint_url:
            check_endpoint(store.endpoint_url, "storage.endpoint_url")
    text = "" if parameters == StorageParameters() else parameters.model_dump_json(exclude_defaults=True)
    if text and text == os.environ.get(STORAGE_VARIABLE):
        return  # other threads are reading it
    _take_back()
    if not text:
        return
    _replaced.append((text, os.environ.get(STORAGE_VARIABLE)))
    os.environ[STORAGE_VARIABLE] = text


def granted() -> StorageParameters:
    """Return the section in effect, to be granted on another machine as well.

    Raises
    ------
    InputError
        If the environment variable holds something else.
    """
    return _parsed(os.environ.get(STORAGE_VARIABLE, ""))


class WithAccess(Generic[P, R]):
    """A function that keeps the section in effect when it is pickled, and grants it where it is called."""

    def __init__(self, function: Callable[P, R], access: StorageParameters | None = None) -> None:
        self._function = function
        self._access = access

    def __reduce__(self) -> tuple[object, ...]:
        return WithAccess, (self._function, self._access or granted())

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        if self._access is not None:
            grant_access(self._access)
        return self._function(*arguments, **named)


def options_for(url: str) -> StorageOptions:
    """Resolve the options of a root: its bucket's entry, else the general one, else the environment.

    A bucket's entry alone decides whether requests are signed; an address or profile that it omits is the
    general one.

    Raises
    ------
    InputError
        If the URL is refused, or the address in the environment holds credentials.
    """
    place = parse_url(url)
    if place.protocol != "s3":
        return StorageOptions()
    general = granted()
    store = general.buckets.get(place.path.partition("/")[0], general)
    return StorageOptions(
        endpoint_url=store.endpoint_url or general.endpoint_url or _endpoint_of_environment(),
        profile=None
        if store.anonymous
        else store.profile or general.profile or os.environ.get("AWS_PROFILE"),
        anonymous=store.anonymous,
    )


def identity(options: StorageOptions) -> str:
    """Describe the identity that requests use, by names alone, in the order in which AWS looks it up."""
    if options.anonymous:
        return "without a signature"
    if options.profile:
        return f"as profile {options.profile}"
    for name, words in _IDENTITIES.items():
        if os.environ.get(name):
            return f"{words} ({name})"
    return "as the default profile, or as the role of this machine"


def check_endpoint(url: str, where: str) -> None:
    """Refuse an endpoint that is no plain address.

    Parameters
    ----------
    url
        Address to check, like ``https://minio.example.org:9000``.
    where
        Name of the field or variable that holds it, for the message.

    Raises
    ------
    InputError
        One line, without the URL where it may hold a secret.
    """
    parts = urlsplit(url)
    if "@" in url or parts.query or parts.fragment:
        raise InputError(
            f"{where} contains credentials, a query or a fragment (not repeated here); give only the address,"
            " and name a profile or set the environment"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(f"{where} is {url!r}; needed is an address like https://minio.example.org:9000")


def _endpoint_of_environment() -> str | None:
    name = next((name for name in _ENDPOINTS if os.environ.get(name)), None)
    if name is None:
        return None
    check_endpoint(os.environ[name], name)
    return os.environ[name]


def _take_back() -> None:
    if _replaced and os.environ.get(STORAGE_VARIABLE) == _replaced[-1][0]:
        before = _replaced[-1][1]
        if before is None:
            del os.environ[STORAGE_VARIABLE]
        else:
            os.environ[STORAGE_VARIABLE] = before
    _replaced.clear()


@lru_cache(maxsize=8)
def _parsed(text: str) -> StorageParameters:
    if not text:
        return StorageParameters()
    try:
        parameters = StorageParameters.model_validate_json(text)
    except ValidationError:
        raise InputError(
            f"the environment's {STORAGE_VARIABLE} is not the section storage of a spec as JSON; needed is"
            ' something like {"endpoint_url": "https://minio.example.org:9000"}'
        ) from None
    for store in (parameters, *parameters.buckets.values()):
        if store.endpoint_url:
            check_endpoint(store.endpoint_url, STORAGE_VARIABLE)
    return parameters
