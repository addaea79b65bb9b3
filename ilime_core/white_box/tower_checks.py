"""Check of a model's towers against the needs of white-box estimators."""

from collections.abc import Collection

from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.white_box.registry import WHITE_BOX

__all__ = ["check_white_box"]


def check_white_box(encoder: DualEncoder, names: Collection[str]) -> None:
    """Refuse estimators that the towers of a model cannot serve, before anything is encoded.

    Parameters
    ----------
    encoder
        The model.
    names
        Estimators of a run; those of other registries need nothing.

    Raises
    ------
    InputError
        If a tower lacks a method; the message names estimators and methods.
    """
    for name in names:
        if name not in WHITE_BOX.names:
            continue
        needs = WHITE_BOX[name].needs
        for tower in (encoder.image, encoder.text):
            if not all(hasattr(tower, method) for method in needs):
                raise InputError(
                    f"estimator {name} needs towers with {' and '.join(needs)}, which "
                    f"{type(tower).__name__} lacks: take it out of estimators "
                    f"({', '.join(WHITE_BOX.names)} look into the model)"
                )
