"""Embed blocks: entries that earlier runs have embedded in blocks of their own, then what is new."""

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa

from tasks.planning.reuse import Source, split_by_source
from tasks.run_files.plan import MANIFEST_SCHEMA, EmbedBlock

__all__ = ["assign_embed_blocks"]


def assign_embed_blocks(
    manifest: pa.Table, sizes: Mapping[str, int], sources: Collection[Source[tuple[str, str]]]
) -> tuple[pa.Table, tuple[EmbedBlock, ...]]:
    """Fill blocks in the order of the manifest, one modality and at most one source a block.

    Parameters
    ----------
    manifest
        Rows of MANIFEST_SCHEMA without ``block``.
    sizes
        Entries of a block, by modality.
    sources
        Earlier runs with the (modality, fingerprint) that are copied from them.

    Returns
    -------
    tuple
        The manifest with ``block``, and the blocks.
    """
    columns = [manifest.column(name).to_pylist() for name in ("modality", "fingerprint")]
    contents = list(zip(*columns, strict=True))
    block_of = np.zeros(len(contents), dtype=np.int32)
    blocks: list[EmbedBlock] = []
    for source_run, chosen in split_by_source(contents, sources):
        for modality, size in sizes.items():
            entries = [place for place in chosen if contents[place][0] == modality]
            for start in range(0, len(entries), size):
                chunk = entries[start : start + size]
                block_of[chunk] = len(blocks)
                blocks.append(
                    EmbedBlock(
                        block=len(blocks), modality=modality, n_entries=len(chunk), source_run=source_run
                    )
                )
    return manifest.append_column(MANIFEST_SCHEMA.field("block"), pa.array(block_of)), tuple(blocks)
