"""Recognition of files by their first bytes, where a file is not what its name says."""

__all__ = ["HEAD_BYTES", "other_kind"]

HEAD_BYTES = 64

_KINDS = (
    (
        b"version https://git-lfs",
        "is a pointer of Git LFS and not the file itself: fetch it with git lfs pull",
    ),
    (b"\x1f\x8b", "is compressed with gzip, and cannot be read by ranges: decompress it first"),
    (b"BZh", "is compressed with bzip2, and cannot be read by ranges: decompress it first"),
    (b"\xfd7zXZ\0", "is compressed with xz, and cannot be read by ranges: decompress it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd, and cannot be read by ranges: decompress it first"),
    (b"PK\3\4", "is a zip archive: unpack it, and take corpus.format folder"),
    (b"<!doctype html", "is a web page and not the file itself: download the file"),
    (b"<html", "is a web page and not the file itself: download the file"),
)


def other_kind(head: bytes) -> str:
    """Kind of file by its first `HEAD_BYTES`, with advice; empty where the kind is not known here."""
    start = head.lstrip()[:HEAD_BYTES].lower()
    return next((said for magic, said in _KINDS if head.startswith(magic) or start.startswith(magic)), "")
