"""Objects of an S3 bucket: one PUT each, create-only by If-None-Match, no cache, few requests."""

import errno
import hashlib
import io
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, cast

import s3fs

from tasks.storage.range_stream import RangeStream
from tasks.storage.records import AccessError, MissingFileError, StorageError, StorageOptions, StoredFile
from tasks.storage.s3_client import FAULTS, access_problem, connect, fault_line, without_secrets

__all__ = ["S3Files"]

MULTIPART_BYTES = 50 * 2**20
"""Size of the parts in which an object of twice this size or more is put."""
PARALLEL_PARTS = 4
ORPHANED = timedelta(days=1)
"""Age from which on an upload counts as abandoned."""

_READ_AHEAD = 2**20
_WHOLE = 4 * 2**20  # bytes; up to here one request for all costs less than several for what is needed


class S3Files:
    """`tasks.storage.records.Files` of an object store.

    Parameters
    ----------
    path
        Root: ``bucket/prefix``.
    options
        Returns the access to the store. It is called at every request, because an object of this class may
        outlive the access that was in effect when it was made.
    multipart_bytes
        Size of the parts of large objects.
    """

    def __init__(
        self, path: str, options: Callable[[], StorageOptions], multipart_bytes: int = MULTIPART_BYTES
    ) -> None:
        self._path = path
        self._bucket, _, folder = path.partition("/")
        self._top = f"{folder}/" if folder else ""
        self._options = options
        self._multipart_bytes = multipart_bytes
        self._has_bucket = False

    @property
    def url(self) -> str:
        """The root."""
        return f"s3://{self._path}"

    def read_bytes(self, key: str) -> bytes:
        """Read a whole object by one request."""
        with self._reported(key):
            return cast("bytes", self._store.cat_file(self._at(key)))

    def open(self, key: str, size: int | None) -> BinaryIO:
        """See `tasks.storage.records.Files.open`: a small object is read at once, a large one by ranges."""
        known = self.stat(key).size if size is None else size
        if known > _WHOLE:
            ranges = RangeStream(known, lambda start, end: self._whole_range(key, start, end))
            return io.BufferedReader(ranges, _READ_AHEAD)
        data = self.read_bytes(key)
        self._check_length(key, data, known)
        return io.BytesIO(data)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """See `tasks.storage.records.Files.read_range`."""
        with self._reported(key):
            return cast("bytes", self._store.cat_file(self._at(key), start=start, end=end))

    def write(self, key: str, data: bytes) -> None:
        """See `tasks.storage.records.Files.write`: one PUT, or several parts of a large object."""
        with self._reported(key):
            self._put(key, data, "overwrite")

    def create(self, key: str, data: bytes) -> bool:
        """See `tasks.storage.records.Files.create`: a PUT with If-None-Match.

        A store may refuse a request that the transport sent twice after its first reply was lost, and stores
        report a refusal in different ways: the content that is stored afterwards decides.
        """
        try:
            self._put(key, data, "create")
        except FAULTS as fault:
            self._raise_access_problem(fault)
            try:
                return self.read_bytes(key) == data
            except MissingFileError:
                raise StorageError(f"{self.url}: {key!r} not created: {fault_line(fault)}") from fault
        return True

    def list(self, prefix: str) -> list[StoredFile]:
        """Every object below a prefix that ends at a '/', straight from the store, 1,000 a request."""
        top = f"{self._top}{prefix}/" if prefix else self._top
        with self._reported(prefix):
            pages = list(self._pages("list_objects_v2", ("ContinuationToken",), Prefix=top))
        found = [
            _described(entry["Key"].removeprefix(self._top), entry["Size"], entry)
            for page in pages
            for entry in page.get("Contents", [])
            if not entry["Key"].endswith("/")
        ]
        return sorted(found, key=lambda file: file.key)

    def stat(self, key: str) -> StoredFile:
        """Describe one object."""
        with self._reported(key):
            head = self._head(f"{self._top}{key}")
        return _described(key, head["ContentLength"], head)

    def delete(self, key: str) -> None:
        """Remove an object; no error if it is absent."""
        with suppress(MissingFileError), self._reported(key):
            self._call("delete_object", Key=f"{self._top}{key}")

    def fingerprint(self, key: str) -> str:
        """The store's etag; a digest of the content where the store has none."""
        etag = self.stat(key).etag
        return f"etag:{etag}" if etag else f"sha256:{hashlib.sha256(self.read_bytes(key)).hexdigest()}"

    def remove_partials(self, prefixes: Sequence[str]) -> int:
        """Abort uploads that were begun a day ago or more; objects themselves appear whole.

        Where the store cannot list uploads, or does not let us, its own lifecycle rule has to abort them.
        """
        try:
            with self._reported("uploads"):
                return self.abort_uploads(prefixes)
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, PermissionError) or getattr(cause, "errno", None) == errno.ENOSYS:
                return 0
            raise

    def abort_uploads(self, below: Sequence[str], age: timedelta = ORPHANED) -> int:
        """Abort uploads in parts of some age that were never completed; finds them by one listing.

        Parameters
        ----------
        below
            Folders whose uploads are aborted; all of them if empty.
        age
            Age of the youngest upload that is aborted.

        Returns
        -------
        int
            Number of aborted uploads.
        """
        tops = tuple(f"{self._top}{name}/" for name in below) or (self._top,)
        before = datetime.now(UTC) - age
        n_aborted = 0
        for page in self._pages("list_multipart_uploads", ("KeyMarker", "UploadIdMarker"), Prefix=self._top):
            for upload in page.get("Uploads", []):
                if upload["Key"].startswith(tops) and upload["Initiated"].astimezone(UTC) <= before:
                    with suppress(FileNotFoundError):  # completed or aborted by another since it was listed
                        self._call("abort_multipart_upload", Key=upload["Key"], UploadId=upload["UploadId"])
                    n_aborted += 1
        return n_aborted

    def remove_empty_folders(self, prefix: str) -> None:
        """Do nothing: a store has no folders."""
        del prefix

    @property
    def _store(self) -> s3fs.S3FileSystem:
        return connect(self._options())

    def _at(self, key: str) -> str:
        return f"{self._path}/{key}"

    def _put(self, key: str, data: bytes, mode: str) -> None:
        """Put an object; a large one in parts, and if one fails the upload is aborted."""
        self._store.pipe_file(
            self._at(key), data, chunksize=self._multipart_bytes, max_concurrency=PARALLEL_PARTS, mode=mode
        )

    def _call(self, name: str, **arguments: str | int) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self._store.call_s3(name, Bucket=self._bucket, **arguments))

    def _pages(self, name: str, markers: Sequence[str], **arguments: str) -> Iterator[Mapping[str, Any]]:
        """Pages of a listing; each names the markers of the next."""
        further: dict[str, str] = {}
        while True:
            page = self._call(name, **arguments, **further)
            yield page
            if not page.get("IsTruncated"):
                return
            further = {marker: page[f"Next{marker}"] for marker in markers}

    def _head(self, key: str) -> Mapping[str, Any]:
        try:
            return self._call("head_object", Key=key)
        except FileNotFoundError:
            if not self._has_bucket:  # a reply without a body does not say what is absent, and a listing does
                self._call("list_objects_v2", Prefix=key, MaxKeys=1)
            self._has_bucket = True
            raise

    def _whole_range(self, key: str, start: int, end: int) -> bytes:
        data = self.read_range(key, start, end)
        self._check_length(key, data, end - start)
        return data

    def _check_length(self, key: str, data: bytes, wanted: int) -> None:
        if len(data) != wanted:
            raise StorageError(f"{self.url}: {key!r}: got {len(data)} bytes where {wanted} should lie")

    @contextmanager
    def _reported(self, key: str) -> Generator[None]:
        try:
            yield
        except FAULTS as error:
            self._raise_access_problem(error)
            if isinstance(error, FileNotFoundError):
                raise MissingFileError(f"{self.url}: there is no {key!r}") from error
            raise StorageError(f"{self.url}: {key!r}: {fault_line(error)}") from error

    def _raise_access_problem(self, error: Exception) -> None:
        problem = access_problem(error, self._options(), self._bucket)
        if problem:
            raise AccessError(f"{self.url}: {without_secrets(problem)}") from error


def _described(key: str, size: int, reply: Mapping[str, Any]) -> StoredFile:
    etag = reply.get("ETag")
    return StoredFile(
        key, size, reply["LastModified"].astimezone(UTC), str(etag).strip('"') if etag else None
    )
