"""Baseline drop_tokens: a transformer is not shown the patches of removed segments."""

from collections.abc import Collection

import numpy as np
from jaxtyping import UInt8

from ilime_core.errors import InputError
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.protocols.encoders import DualEncoder, TokenDropping
from ilime_core.protocols.perturbation import Baseline
from ilime_core.records import ImageSegments

__all__ = ["check_dropping", "make_drop_tokens"]


def make_drop_tokens(options: BaselineOptions) -> Baseline:
    """No picture: the tokens of patches that lie in removed segments are left out behind their positions.

    References
    ----------
    .. [1] S. Jain, H. Salman, E. Wong, P. Zhang, V. Vineet, S. Vemprala, A. Madry, "Missingness bias in model
       debugging", ICLR 2022, arXiv:2204.08945.
    """
    del options  # it has no setting

    def nothing(
        pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> None:
        del pixels, segments, rng

    return nothing


def check_dropping(encoder: DualEncoder, baselines: Collection[str]) -> None:
    """Refuse a baseline that an image tower cannot serve, before anything is encoded.

    Parameters
    ----------
    encoder
        The model.
    baselines
        Names of baselines of images.

    Raises
    ------
    InputError
        If one of them paints nothing, and the tower cannot leave patches out.
    """
    unpainted = [name for name in baselines if not BASELINES[name].paints]
    if not unpainted:
        return
    tower = encoder.image
    if not isinstance(tower, TokenDropping) or tower.patch_size is None:
        raise InputError(
            f"image_baseline {unpainted[0]} needs an image tower that can leave patches out (methods "
            f"patch_grid and encode_kept), which {type(tower).__name__} cannot: take segment_mean"
        )
    tower.patch_grid()
