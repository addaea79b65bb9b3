"""Client of S3 and compatible stores: timeouts, one client a process after forks, errors as one line."""

import hashlib
import os
import re
from functools import lru_cache

import aiohttp
import s3fs
from botocore import exceptions

from tasks.storage.access import identity
from tasks.storage.records import StorageOptions

__all__ = ["FAULTS", "access_problem", "connect", "fault_line", "without_secrets"]

FAULTS = (OSError, exceptions.BotoCoreError, exceptions.ClientError, aiohttp.ClientError)
"""Errors that requests raise."""

CONNECT_S, READ_S = 10, 30
ATTEMPTS = 4
"""Of one request by botocore, which waits between them, up to 20 s, and knows which faults pass."""
ROUNDS = 3
"""Of these attempts by s3fs, where the connection failed or a body ended early."""
CONNECTIONS = 64

_UNREACHABLE = (exceptions.EndpointConnectionError, exceptions.ProxyConnectionError)
_UNKNOWN = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
)
_BUCKETS = ("NoSuchBucket", "InvalidBucketName")

_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")


def connect(options: StorageOptions) -> s3fs.S3FileSystem:
    """Client of this process and environment for one set of options; a fork makes its own."""
    return _connected(options, _environment_digest(), os.getpid())


@lru_cache(maxsize=16)
def _connected(options: StorageOptions, environment: str, pid: int) -> s3fs.S3FileSystem:
    """One client a process and set of options: fsspec's own cache has one a thread, and breaks in a fork."""
    del environment, pid
    # AWS checks uploads and downloads by a checksum of its own; other servers differ in whether they know it.
    checksums = "when_required" if options.endpoint_url else "when_supported"
    store = s3fs.S3FileSystem(
        anon=options.anonymous,
        profile=options.profile,
        endpoint_url=options.endpoint_url,
        use_listings_cache=False,
        skip_instance_cache=True,
        max_concurrency=1,  # else reading an object asks for its size first
        config_kwargs={
            "connect_timeout": CONNECT_S,
            "read_timeout": READ_S,
            "max_pool_connections": CONNECTIONS,
            "retries": {"mode": "standard", "total_max_attempts": ATTEMPTS},
            "request_checksum_calculation": checksums,
            "response_checksum_validation": checksums,
        },
    )
    store.retries = ROUNDS
    return store


def access_problem(error: Exception, options: StorageOptions, bucket: str) -> str | None:
    """Explain an error of address, bucket or credentials, with what to do about it.

    Parameters
    ----------
    error
        Error of a request, one of `FAULTS`.
    options
        Access that the request used.
    bucket
        Name of the bucket, for the message.

    Returns
    -------
    str or None
        One line without the root; None if the error is of another kind.
    """
    where = options.endpoint_url or "AWS"
    if isinstance(error, _UNREACHABLE):
        return f"{where} cannot be reached; check storage.endpoint_url or AWS_ENDPOINT_URL, and the network"
    if isinstance(error, _UNKNOWN):
        return (
            f"there are no credentials ({error}); name a profile in storage.profile or AWS_PROFILE, set"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or, for a public bucket, storage.anonymous"
        )
    if _code(error) in _BUCKETS or isinstance(error, exceptions.ParamValidationError):
        return f"{where} has no bucket {bucket!r}; create it, or correct the URL or storage.endpoint_url"
    if isinstance(error, PermissionError):
        who = identity(options)
        return f"{where} refuses access {who} ({error}); check the credentials and the bucket's permissions"
    return None


def _code(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, OSError) else error
    return (
        cause.response.get("Error", {}).get("Code", "") if isinstance(cause, exceptions.ClientError) else ""
    )


def _environment_digest() -> str:
    """Digest that identifies the environment without keeping it: it may hold a secret."""
    kept = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    return hashlib.sha256(repr(kept).encode()).hexdigest()


def fault_line(error: Exception) -> str:
    """First line of an error, without secrets."""
    return without_secrets(str(error).partition("\n")[0] or type(error).__name__)


def without_secrets(text: str) -> str:
    """Text without keys of the environment, credentials of URLs and signatures."""
    for name in _SECRETS:
        if os.environ.get(name):
            text = text.replace(os.environ[name], f"${name}")
    text = re.sub(r"//[^/\s@]*@", "//", text)
    return re.sub(r"(?i)((?:signature|credential|security-token)=)[^&\s]+", r"\1...", text)
