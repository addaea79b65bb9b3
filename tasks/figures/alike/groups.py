"""Factors of W taken apart by sign: which segments of one item go with which of the other."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from tasks.figures.canvas import INK, MUTED, Box, axes_in, write
from tasks.figures.caption import caption_height
from tasks.figures.colours import MATCHED, shade_to, symmetric_limit
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.pair_picture import FactorPicture, PairPicture
from tasks.figures.photo import draw_item, inches_per_pixel

__all__ = ["FactorGroup", "draw_groups", "group_sentence", "groups_height", "matched_groups"]

FACTORS, GROUPS = 3, 5
_COLUMNS, _TALLEST = 3, 2.1
_SMALLEST = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class FactorGroup:
    """Segments of both items that a factor brings together: one sign of it on the left, one on the right.

    Attributes
    ----------
    left, right
        Sizes of the factor's weights of that sign; 0 elsewhere.
    raises
        Whether they raise the score together; else they lower it.
    energy
        Share of the squared weights of W.
    """

    component: int
    left: Float[np.ndarray, " left"]
    right: Float[np.ndarray, " right"]
    raises: bool
    energy: float


def matched_groups(pair: PairPicture) -> list[FactorGroup]:
    """Groups of the leading factors by component, those of more than a fiftieth of the energy.

    A factor ``s u v^T`` is the sum of four blocks by the signs of u and v. Equal signs raise the score,
    opposite ones lower it with the same segments over again: the two of the kind that holds more are taken.
    """
    found: list[FactorGroup] = []
    for factor in pair.factors[:FACTORS]:
        equal = [_group(factor, pair, sign, sign) for sign in (1, -1)]
        opposite = [_group(factor, pair, sign, -sign) for sign in (1, -1)]
        stronger = max(equal, opposite, key=lambda two: sum(one.energy for one in two))
        found += sorted((one for one in stronger if one.energy > _SMALLEST), key=lambda one: -one.energy)
    kept = sorted(found, key=lambda one: -one.energy)[:GROUPS]
    return [one for one in found if one in kept]


def groups_height(pair: PairPicture, width: float) -> float:
    """Height that `draw_groups` needs at a width.

    Parameters
    ----------
    pair
        The pair as read from the run.
    width
        Width of the drawing, in inches.

    Returns
    -------
    float
        Height in inches.
    """
    apart = (width + 0.2) / max(len(matched_groups(pair)), _COLUMNS)
    return 0.95 + sum(_heights(pair, apart - 0.2))


def _heights(pair: PairPicture, width: float) -> tuple[float, float]:
    """Heights of query and candidate in a column of a given width."""
    left, right = (
        min(_TALLEST, item.photo.shape[0] * inches_per_pixel(Box(0, 0, width, _TALLEST), item.photo.shape))
        if isinstance(item, ImagePicture)
        else caption_height(item.caption, width, 5)
        for item in (pair.left, pair.right)
    )
    return left, right


def draw_groups(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw each group in its own colour: the query's segments above, the candidate's below.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    groups = matched_groups(pair)
    width = (box.width + 0.2) / max(len(groups), _COLUMNS)
    heights = _heights(pair, width - 0.2)
    several = {one.component for one in groups if sum(one.component == two.component for two in groups) > 1}
    for place, group in enumerate(groups):
        x, colour = box.x + place * width, MATCHED[place]
        axes = axes_in(figure, Box(x, box.y, width - 0.2, 0.5))
        name = f"factor {group.component}" + (f", part {_part(groups, place)}" * (group.component in several))
        write(axes, 0, 0, name, fontsize=10.5, weight="bold", color=INK)
        write(axes, 0, 0.22, group_sentence(group), fontsize=7.5, color=MUTED)
        for row, (item, values) in enumerate(((pair.left, group.left), (pair.right, group.right))):
            where = Box(x, box.y + 0.45 + row * (heights[0] + 0.15), width - 0.2, heights[row])
            draw_item(figure, where, item, values, symmetric_limit(values), shade=shade_to(colour))
    foot = axes_in(figure, Box(box.x, box.y + box.height - 0.25, box.width, 0.25))
    write(foot, 0, 0, _FOOT + _OPPOSED * bool(several), fontsize=8, color=MUTED)


_FOOT = (
    "query above, candidate below; what is coloured in one column belongs together, the deeper the more; "
    "each item has a scale of its own"
)
_OPPOSED = "; the two parts of a factor oppose each other"


def group_sentence(group: FactorGroup) -> str:
    """Effect of a group on the score, and its share of the interaction."""
    verb = "raise" if group.raises else "lower"
    return f"{verb} the score together: {group.energy:.0%}"


def _part(groups: list[FactorGroup], place: int) -> str:
    earlier = [one for one in groups[:place] if one.component == groups[place].component]
    return "ab"[len(earlier)]


def _group(factor: FactorPicture, pair: PairPicture, left_sign: int, right_sign: int) -> FactorGroup:
    left, right = np.maximum(left_sign * factor.left, 0.0), np.maximum(right_sign * factor.right, 0.0)
    whole = float((pair.weights**2).sum()) or 1.0
    energy = factor.strength**2 * float((left**2).sum()) * float((right**2).sum()) / whole
    return FactorGroup(factor.component, left, right, left_sign == right_sign, energy)
