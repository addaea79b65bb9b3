"""Feature map of conse's image tower: what each cell gives to the embedding.

The classifier averages its map, but probabilities are not linear in it: parts are those of the read-out
linearised at the picture, so they add up to its derivative along the whole map and not to the embedding.
"""

from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ilime_core.encoders.precision import unit_norm
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["map_last_layer", "map_parts"]


def map_parts(
    network: nn.Module,
    given: Float[Tensor, "1 3 height width"],
    class_embeddings: Float[Tensor, "classes dim"],
) -> LocalParts:
    """Local parts of one normalised view through the linearised read-out.

    With p the probabilities and l the logits of a cell alone (its share of the average), a cell gives
    ``sum_c p_c (l_c - <p, l>) E_c``.

    Parameters
    ----------
    network
        Classifier whose last map is read.
    given
        The view, normalised.
    class_embeddings
        E: one row per class.

    Returns
    -------
    LocalParts
        One part per cell; they do not add up to ``pooled``, the embedding before scaling.
    """
    cells = _cells(network, given)
    own = cells[0].flatten(1).mT
    classifier = cast("Any", network)._fc  # noqa: SLF001 - the package gives it no other name
    probabilities = torch.softmax(classifier(own.mean(dim=0)), dim=0)
    logits = own @ classifier.weight.mT / len(own)
    slopes = probabilities * (logits - (logits @ probabilities)[:, None])
    return LocalParts(
        (slopes @ class_embeddings).detach(),
        (probabilities @ class_embeddings).detach(),
        (cells.shape[2], cells.shape[3]),
    )


def map_last_layer(
    network: nn.Module,
    given: Float[Tensor, "1 3 height width"],
    class_embeddings: Float[Tensor, "classes dim"],
) -> LastLayer:
    """Cut the classifier before it averages its map.

    Parameters
    ----------
    network
        Classifier whose last map is read.
    given
        The view, normalised.
    class_embeddings
        One row per class.

    Returns
    -------
    LastLayer
        One row of features per cell.
    """
    cells = _cells(network, given)
    classifier = cast("Any", network)._fc  # noqa: SLF001 - as above

    def read_out(features: Float[Tensor, "batch places width"]) -> Float[Tensor, "batch dim"]:
        return unit_norm(torch.softmax(classifier(features.mean(dim=1)), dim=1) @ class_embeddings)

    return LastLayer(cells[0].flatten(1).mT.contiguous(), read_out, (cells.shape[2], cells.shape[3]))


def _cells(network: nn.Module, given: Float[Tensor, "1 3 height width"]) -> Tensor:
    return cast("Any", network).extract_features(given.contiguous(memory_format=torch.channels_last)).detach()
