"""First items of a corpus, read and encoded before a run is planned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.encoders.probing import TowerProbe, probe_tower
from ilime_core.errors import ItemError
from ilime_core.modality import Modality
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.view_records import ImageView
from tasks.corpora.corpus import Corpus, Entry, ImageEntry
from tasks.corpora.images.loading import read_image
from tasks.corpora.registry import open_corpus
from tasks.spec import BlockParameters, ExplainParameters, SegmentationParameters
from tasks.stages.item_bounds import check_text_bounds

__all__ = ["CHECKED", "FirstItems", "encode_side", "load_sides"]

CHECKED = 32
"""Items of the left side that are looked at, with all that match them."""

_MOST = 256


@dataclass(frozen=True, slots=True, eq=False)
class FirstItems:
    """Usable entries of one side.

    Attributes
    ----------
    rows
        Their places in the corpus.
    views
        Of images.
    texts
        Of captions.
    failures
        What is wrong with the others.
    """

    modality: Modality
    rows: list[int]
    entries: list[Entry]
    views: list[ImageView]
    texts: list[str]
    failures: list[str]


def load_sides(
    parameters: ExplainParameters, encoder: DualEncoder
) -> tuple[Corpus, tuple[FirstItems, FirstItems]]:
    """List the first items and read them.

    Parameters
    ----------
    parameters
        Spec; of its corpus at most `CHECKED` items are listed.
    encoder
        Model whose views and tokens are made.

    Returns
    -------
    tuple[Corpus, tuple[FirstItems, FirstItems]]
        The corpus, and its first left items with the right items that match them.

    Raises
    ------
    InputError
        If the corpus cannot be listed.
    """
    limit = min(parameters.corpus.limit or CHECKED, CHECKED)
    corpus = open_corpus(parameters.corpus.model_copy(update={"limit": limit}))
    lefts = list(range(min(len(corpus.left), CHECKED)))
    matching = sorted({right for left, right in corpus.relevance if left in lefts})[:_MOST]
    sides = (
        _load(corpus, corpus.left, lefts, encoder, parameters.segmentation),
        _load(corpus, corpus.right, matching, encoder, parameters.segmentation),
    )
    return corpus, sides


def encode_side(
    encoder: DualEncoder, side: FirstItems, blocks: BlockParameters
) -> tuple[Float[Tensor, "items dim"], TowerProbe]:
    """Embed a side in batches, and probe its tower on one of them.

    Parameters
    ----------
    encoder
        Model that embeds.
    side
        Items of one modality.
    blocks
        Sizes of batches.

    Returns
    -------
    tuple[Float[Tensor, items dim], TowerProbe]
        Embeddings, one row an item, and the probe.
    """
    n_items = len(side.entries)
    if side.modality is Modality.IMAGE:
        pixels = torch.from_numpy(np.stack([view.pixels for view in side.views])).permute(0, 3, 1, 2)

        def encode(order: Sequence[int]) -> Tensor:
            return encoder.image.encode(pixels[list(order)].to(encoder.device).float() / 255)

        size = blocks.image_batch
    else:
        rows = encoder.text.tokenise(side.texts)
        width = min(max(map(len, rows)), encoder.text.context_length)

        def encode(order: Sequence[int]) -> Tensor:
            return encoder.text.encode([rows[place] for place in order], width)

        size = blocks.text_batch
    parts = [encode(range(at, min(at + size, n_items))) for at in range(0, n_items, size)]
    return torch.cat(parts), probe_tower(encode, min(size, n_items))


def _load(
    corpus: Corpus,
    entries: Sequence[Entry],
    rows: list[int],
    encoder: DualEncoder,
    bounds: SegmentationParameters,
) -> FirstItems:
    kind = Modality.IMAGE if isinstance(entries[0], ImageEntry) else Modality.TEXT
    side = FirstItems(kind, [], [], [], [], [])
    for row in rows:
        entry = entries[row]
        try:
            if isinstance(entry, ImageEntry):
                side.views.append(encoder.image.view(read_image(corpus.files, entry)[1].image))
            else:
                name = f"{entry.uri}, caption {entry.external_id}"
                side.texts.append(check_text_bounds(name, entry.text, bounds))
        except ItemError as error:
            side.failures.append(str(error))
            continue
        side.rows.append(row)
        side.entries.append(entry)
    return side
