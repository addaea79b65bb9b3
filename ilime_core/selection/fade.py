"""Fading curves: the score as one segment is blended in (ICE curves)."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.selection.fade_curves import FadeCurve
from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.registry import SelectionOptions
from ilime_core.selection.search import Request, Search, Selection

__all__ = ["FadeIn", "make_fade", "mixed_baseline", "strongest_segments"]


@dataclass(frozen=True, slots=True)
class FadeIn:
    """Score of the pair at even levels of one segment between its baseline and itself, the others whole.

    Where segments cannot be half there, as words, only the two ends are read.

    Attributes
    ----------
    points
        Levels from 0 to 1, both ends among them.

    Raises
    ------
    InputError
        If there are fewer than two points.

    References
    ----------
    .. [1] A. Goldstein, A. Kapelner, J. Bleich, E. Pitkin, "Peeking inside the black box: visualizing
       statistical learning with plots of individual conditional expectation", Journal of Computational and
       Graphical Statistics 24(1), 2015, doi:10.1080/10618600.2014.907095.
    """

    points: int = 11

    def __post_init__(self) -> None:
        if self.points < 2:
            raise InputError(f"a curve needs at least 2 points, got {self.points}.")

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct rows of an item for one fading segment."""
        # The only segment of an item at level 0 is the empty item, which is known.
        return self.points - 1 - (n_segments == 1)

    def search(self, question: SubsetQuestion) -> Search:
        """Ask for all curves at once."""
        before = question.first()
        levels = np.linspace(0.0, 1.0, self.points if question.continuous else 2)
        if not question.faded:
            return Selection(before, reason="no segment was named to fade in")
        without = ~np.eye(question.n_segments, dtype=bool)[list(question.faded)]
        masks, tiled = np.repeat(without, len(levels) - 1, axis=0), np.tile(levels[:-1], len(without))
        answer = yield Request(masks, tiled)
        scores = (answer.embeddings @ question.answer.double()).cpu().numpy()
        whole = float(question.full.double() @ question.answer.double())
        rows = scores.reshape(len(question.faded), -1)
        curves = tuple(
            FadeCurve(segment, levels, np.append(row, whole), answer.n_encodes)
            for segment, row in zip(question.faded, rows, strict=True)
        )
        return Selection(before, curves=curves)


def make_fade(options: SelectionOptions) -> FadeIn:
    """Return the selection with its settings."""
    return FadeIn(options.fade_points)


def mixed_baseline(
    pixels: UInt8[np.ndarray, "height width 3"], baseline: UInt8[np.ndarray, "height width 3"], level: float
) -> UInt8[np.ndarray, "height width 3"]:
    """Baseline of a segment that is partly there: ``baseline + level (pixels - baseline)``.

    Parameters
    ----------
    pixels
        View of the image, as a model reads it.
    baseline
        Picture that replaces removed segments.
    level
        Share of the view in the mix, from 0 to 1.

    Returns
    -------
    UInt8 array, height x width x 3
        Rounded to whole values; ``baseline`` itself at level 0.
    """
    if level == 0:
        return baseline
    mixed = baseline + level * (pixels.astype(np.float64) - baseline)
    return np.rint(mixed).astype(np.uint8)


def strongest_segments(
    effects: Float[Tensor, "segments dim"], focus: Float[Tensor, " dim"], count: int
) -> tuple[int, ...]:
    """Segments of largest effect on the score with one embedding.

    Parameters
    ----------
    effects
        Effects of the segments of an item.
    focus
        Embedding of the item's counterpart, or the effects of one of its segments.
    count
        Most segments to return.

    Returns
    -------
    tuple of int
        Segments by descending signed effect; of equal ones the lowest first.
    """
    values = (effects.double() @ focus.double()).cpu().numpy()
    return tuple(int(segment) for segment in np.argsort(-values, kind="stable")[:count])
