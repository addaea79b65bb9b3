"""Checks of a spec with estimators of single pairs before anything is computed."""

import numpy as np
import pyarrow as pa

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.opaque.foreseen_scores import foreseen_scores
from tasks.run_files.plan import digest
from tasks.spec import ExplainParameters
from tasks.spec.core_options import pair_options
from tasks.spec.estimator_kinds import pair_estimators

__all__ = ["check_opaque", "opaque_digest"]

_SMALL = 3
"""Segments of either side on which an estimator is asked whether it takes the options."""


def check_opaque(parameters: ExplainParameters, manifest: pa.Table, relevance: pa.Table) -> None:
    """Refuse what would fail hours later.

    Parameters
    ----------
    parameters
        Spec with its estimators of pairs and their scorer.
    manifest
        Entries of the corpus with their ``modality``.
    relevance
        Matching pairs, as entry numbers ``left`` and ``right``.

    Raises
    ------
    InputError
        If an estimator does not take the options, or the scorer needs images on the left and texts on the
        right and the corpus has others.
    """
    for name in pair_estimators(parameters):
        foreseen_scores(name, _SMALL, _SMALL, pair_options(parameters), np.random.default_rng(0))
    if parameters.opaque.reads_embeddings:
        return
    modalities = manifest["modality"].to_pylist()
    wanted = {"left": Modality.IMAGE.value, "right": Modality.TEXT.value}
    for side, modality in wanted.items():
        if any(modalities[entry] != modality for entry in relevance[side].to_pylist()):
            raise InputError(
                f"opaque.scorer: {parameters.opaque.scorer} scores an image on the left with a text on the "
                f"right, and the {side} items of this corpus are others; take a read-out like cosine"
            )


def opaque_digest(parameters: ExplainParameters, scorer: str) -> str:
    """Digest of what fixes the rows of estimators of pairs; of a scorer's model the content enters.

    Parameters
    ----------
    parameters
        Spec with its estimators and section ``opaque``.
    scorer
        Fingerprint of the scorer's model, in place of its path.

    Returns
    -------
    str
        Hex digest.
    """
    section = parameters.opaque.model_dump(mode="json", exclude={"checkpoint", "factory"})
    return digest([sorted(pair_estimators(parameters)), section, scorer])
