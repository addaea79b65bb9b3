"""The calls of an object store over S3's own requests: as few as can be, bounded in time, safe in forks."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import s3fs
from botocore import exceptions

from tasks.storage.access import identity
from tasks.storage.records import StorageOptions

__all__ = ["S3Objects"]

MULTIPART_BYTES = 50 * 2**20
"""Size of the parts in which an object of twice this size or more is put."""
PARALLEL_PARTS = 4
ORPHANED = timedelta(days=1)
"""Age at which nobody is still going to complete an upload."""

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


class S3Objects:
    """The part of fsspec's interface that `tasks.storage.object_files.ObjectFiles` uses, for S3.

    Parameters
    ----------
    options
        Says how to reach the store. It is asked at every request, as the environment is: what holds an object
        of this class may outlive the access that held when it was made.
    multipart_bytes
        Size of the parts of large objects.
    """

    def __init__(self, options: Callable[[], StorageOptions], multipart_bytes: int = MULTIPART_BYTES) -> None:
        self._options = options
        self._multipart_bytes = multipart_bytes
        self._has_bucket = False

    def cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """One object, or a range of it, by one request."""
        return cast("bytes", self._store.cat_file(path, start=start, end=end))

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite") -> None:
        """Put an object; a large one in parts, which are taken back if one fails."""
        self._store.pipe_file(
            path, value, chunksize=self._multipart_bytes, max_concurrency=PARALLEL_PARTS, mode=mode
        )

    def find(self, path: str, *, detail: bool = True) -> dict[str, dict[str, object]]:
        """Every object below a folder, straight from the store, 1,000 a request."""
        bucket, _, folder = path.partition("/")
        found: dict[str, dict[str, object]] = {}
        further: dict[str, str] = {}
        while True:
            page = self._call(
                "list_objects_v2", Bucket=bucket, Prefix=f"{folder}/" if folder else "", **further
            )
            for entry in cast("list[dict[str, object]]", page.get("Contents", [])):
                found[f"{bucket}/{entry['Key']}"] = {**entry, "size": entry["Size"]} if detail else {}
            if not page.get("IsTruncated"):
                return found
            further = {"ContinuationToken": cast("str", page["NextContinuationToken"])}

    def info(self, path: str) -> dict[str, object]:
        """Size, time and etag."""
        bucket, _, key = path.partition("/")
        try:
            head = self._call("head_object", Bucket=bucket, Key=key)
        except FileNotFoundError:
            if not self._has_bucket:  # a reply without a body does not say what is absent, and a listing does
                self._call("list_objects_v2", Bucket=bucket, Prefix=key, MaxKeys=1)
            self._has_bucket = True
            raise
        return {"size": head["ContentLength"], "LastModified": head["LastModified"], "ETag": head.get("ETag")}

    def rm_file(self, path: str) -> None:
        """Delete an object; S3 does not tell whether there was one."""
        bucket, _, key = path.partition("/")
        self._call("delete_object", Bucket=bucket, Key=key)

    def abort_uploads(self, path: str, below: Sequence[str], age: timedelta = ORPHANED) -> int:
        """Abort uploads in parts that were begun so long ago, and never completed.

        Parameters
        ----------
        path
            Where to look, by one listing.
        below
            Folders in it whose uploads are aborted; none are all.
        """
        bucket, _, folder = path.partition("/")
        prefix = f"{folder}/" if folder else ""
        tops = tuple(f"{prefix}{name}/" for name in below) or (prefix,)
        before = datetime.now(UTC) - age
        n_aborted = 0
        further: dict[str, str] = {}
        while True:
            page = self._call("list_multipart_uploads", Bucket=bucket, Prefix=prefix, **further)
            for upload in cast("list[dict[str, Any]]", page.get("Uploads", [])):
                if upload["Key"].startswith(tops) and upload["Initiated"].astimezone(UTC) <= before:
                    self._abort(bucket, upload["Key"], upload["UploadId"])
                    n_aborted += 1
            if not page.get("IsTruncated"):
                return n_aborted
            further = {
                "KeyMarker": cast("str", page["NextKeyMarker"]),
                "UploadIdMarker": cast("str", page["NextUploadIdMarker"]),
            }

    def _abort(self, bucket: str, key: str, upload: str) -> None:
        try:
            self._call("abort_multipart_upload", Bucket=bucket, Key=key, UploadId=upload)
        except FileNotFoundError:
            return  # completed or aborted by another since it was listed

    def _call(self, name: str, **arguments: str | int) -> Mapping[str, object]:
        return cast("Mapping[str, object]", self._store.call_s3(name, **arguments))

    def access_problem(self, error: Exception, bucket: str) -> str | None:
        """What is wrong with address, bucket or credentials, and what to do; None if it is something else."""
        return _access_problem(error, self._options(), bucket)

    @property
    def _store(self) -> s3fs.S3FileSystem:
        return _connected(self._options(), _environment_digest(), os.getpid())


@lru_cache(maxsize=16)
def _connected(options: StorageOptions, environment: str, pid: int) -> s3fs.S3FileSystem:
    """One client of a process for each way in: fsspec's own cache has one a thread, and dies in a fork."""
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


def _access_problem(error: Exception, options: StorageOptions, bucket: str) -> str | None:
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
    """Tells one environment from another without keeping it: it may hold a secret."""
    kept = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
    return hashlib.sha256(repr(kept).encode()).hexdigest()
