"""Manifest of a corpus: its items, which of them match, and their tags."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.printable import printable
from tasks.corpora.corpus import Corpus, Entry, ImageEntry, Tags, merged_tags
from tasks.corpora.named_pairs import entry_pairs
from tasks.run_files.plan import MANIFEST_SCHEMA, TAGS_SCHEMA

__all__ = ["list_items", "merged_line"]


def list_items(corpus: Corpus) -> tuple[pa.Table, pa.Table, tuple[list[int], list[int]], pa.Table]:
    """List the items of a corpus; equal contents become one.

    Parameters
    ----------
    corpus
        Listed corpus.

    Returns
    -------
    tuple
        Manifest without blocks, pairs of its entries that match, the entry of each row of either side, and
        tags of entries.

    Raises
    ------
    InputError
        If no image can be read, or nothing matches.
    """
    tags: list[Tags] = []
    rows: list[dict[str, object]] = []
    row_of: dict[tuple[str, str], int] = {}

    def add(entry: Entry, fingerprint: str | None, side: str) -> int:
        modality = Modality.IMAGE if isinstance(entry, ImageEntry) else Modality.TEXT
        key = (modality.value, fingerprint or f"absent:{entry.uri}:{entry.member}")
        if key not in row_of:
            row_of[key] = len(rows)
            rows.append(_manifest_row(len(rows), modality, entry, fingerprint))
            tags.append(())
        if entry.tags:
            tags[row_of[key]] = merged_tags((tags[row_of[key]], entry.tags))
        rows[row_of[key]][side] = True
        return row_of[key]

    lefts, rights = (
        [
            add(entry, found, side)
            for entry, found in zip(entries, _fingerprints(corpus, entries), strict=True)
        ]
        for entries, side in ((corpus.left, "left"), (corpus.right, "right"))
    )
    relevance = entry_pairs((lefts[left], rights[right]) for left, right in corpus.relevance)
    if not relevance.num_rows:
        raise InputError("the corpus has no pairs that match: check corpus.split and the annotations")
    schema = pa.schema([field for field in MANIFEST_SCHEMA if field.name != "block"])
    return pa.Table.from_pylist(rows, schema=schema), relevance, (lefts, rights), _tags_table(tags)


def merged_line(corpus: Corpus, rows: tuple[Sequence[int], Sequence[int]]) -> str:
    """Sentence on images that are one item because their contents are equal.

    Parameters
    ----------
    corpus
        Listed corpus.
    rows
        Entry of each row of either side, as `list_items` returns them.

    Returns
    -------
    str
        Their number and the first two; empty where all images differ.
    """
    pairs: list[tuple[str, str]] = []
    for entries, numbers in zip((corpus.left, corpus.right), rows, strict=True):
        first: dict[int, str] = {}
        for entry, number in zip(entries, numbers, strict=True):
            if not isinstance(entry, ImageEntry):
                continue
            if number in first:
                pairs.append((entry.title, first[number]))
            first.setdefault(number, entry.title)
    if not pairs:
        return ""
    again, earlier = map(printable, pairs[0])
    number, more = (
        ("1 image has", "") if len(pairs) == 1 else (f"{len(pairs):,} images have", ", to name one")
    )
    return (
        f"{number} the content of another one, and equal images are one item with all their captions: "
        f"{again} is {earlier}{more}"
    )


def _tags_table(tags: Sequence[Tags]) -> pa.Table:
    rows = [
        {"entry": entry, "tag": name, "value": value}
        for entry, found in enumerate(tags)
        for name, value in sorted(found)
    ]
    return pa.Table.from_pylist(rows, schema=TAGS_SCHEMA)


def _manifest_row(
    number: int, modality: Modality, entry: Entry, fingerprint: str | None
) -> dict[str, object]:
    image = isinstance(entry, ImageEntry)
    return {
        "entry": number,
        "modality": modality.value,
        "uri": entry.uri,
        "uri_member": entry.member,
        "uri_offset": entry.offset if image else None,
        "uri_size": entry.size if image else None,
        "external_id": entry.external_id,
        "text": None if image else entry.text,
        "fingerprint": fingerprint,
        "left": False,
        "right": False,
    }


def _fingerprints(corpus: Corpus, entries: Sequence[Entry]) -> list[str | None]:
    """Fingerprint of every entry; None where an image is absent: stage embed reports that as a failure."""
    images = [entry for entry in entries if isinstance(entry, ImageEntry)]
    found = corpus.files.fingerprints(images) if images else []
    if images and not any(found):
        raise InputError(
            f"none of the {len(images):,} images can be read: the first would be"
            f" {corpus.files.root}/{images[0].uri}; check corpus.images"
        )
    known = iter(found)
    return [
        next(known)
        if isinstance(entry, ImageEntry)
        else "sha256:" + hashlib.sha256(entry.text.encode()).hexdigest()
        for entry in entries
    ]
