"""Everything that a picture or a page of a pair shows, read once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Bool, Float

from ilime_core.errors import InputError
from ilime_core.interactions.significance import LEVEL
from tasks.figures.curve_pictures import CurvePicture, read_curve_pictures
from tasks.figures.item_pictures import ImagePicture, ItemPicture, TextPicture, read_item_pictures
from tasks.figures.joint_share import JointShare, joint_share
from tasks.figures.margin_pictures import MarginPicture, read_margins
from tasks.runs.run import Run
from tasks.runs.sides import IMAGES_AND_IMAGES, IMAGES_AND_TEXTS, TEXTS_AND_TEXTS, SideWords
from tasks.spec.estimator_kinds import errors_leave_out
from tasks.tables.arrays import grouped
from tasks.tables.row_filters import among

__all__ = ["FactorPicture", "PairPicture", "primary_estimator", "read_pair", "read_pairs"]

_ORDER = ("component", "side", "segment", "left_segment", "right_segment")

PAIRS_AT_ONCE = 32
"""Pairs that share one reading of each table."""


@dataclass(frozen=True, slots=True, eq=False)
class FactorPicture:
    """One singular component of W."""

    component: int
    strength: float
    energy: float
    """Share of the squared strengths."""
    gap: float
    """Strength minus that of the next component."""
    left: Float[np.ndarray, " left"]
    right: Float[np.ndarray, " right"]

    @property
    def may_be_mixed(self) -> bool:
        """True if the next component is nearly as strong: the two maps may then be mixtures of both."""
        return self.gap < 0.15 * self.strength


@dataclass(frozen=True, slots=True, eq=False)
class PairPicture:
    """Two items, and what the model's score makes of them together."""

    pair_id: str
    estimator: str
    relation: str
    """As in table `pairs`; empty of a pair of no corpus."""
    is_positive: bool
    is_error: bool
    rank_of_right: int | None
    """Among the left item's candidates."""
    rank_of_left: int | None
    """Among the right item's candidates."""
    score: float
    left: ItemPicture
    right: ItemPicture
    weights: Float[np.ndarray, "left right"]
    errors: Float[np.ndarray, "left right"]
    """Standard errors; NaN where there are none."""
    p_values: Float[np.ndarray, "left right"]
    """Two-sided, of a true weight of 0, each cell by itself; NaN where there are none."""
    left_effect: Float[np.ndarray, " left"]
    """Effect with the right item whole."""
    right_effect: Float[np.ndarray, " right"]
    """Effect with the left item whole."""
    joint: JointShare
    """Share of the joint variance that the matrix explains."""
    sampled: tuple[int | None, ...]
    """Masks that were drawn of the left and of the right item; None where all coalitions were encoded."""
    split_half_error: float | None
    factors: tuple[FactorPicture, ...]
    curves: tuple[CurvePicture, ...]
    margins: tuple[MarginPicture, ...]

    @property
    def is_alike(self) -> bool:
        """True if both items are images, or both are texts."""
        return type(self.left) is type(self.right)

    @property
    def sides(self) -> SideWords:
        """Words for the two items, such as image and caption."""
        if not self.is_alike:
            return IMAGES_AND_TEXTS
        return IMAGES_AND_IMAGES if isinstance(self.left, ImagePicture) else TEXTS_AND_TEXTS

    @property
    def image(self) -> ImagePicture:
        """The left item, which is an image unless texts answer texts (InputError)."""
        if not isinstance(self.left, ImagePicture):
            raise InputError(f"pair {self.pair_id} has no image on the left: it is of two texts")
        return self.left

    @property
    def text(self) -> TextPicture:
        """The right item, which is a text unless images answer images (InputError)."""
        if not isinstance(self.right, TextPicture):
            raise InputError(f"pair {self.pair_id} has no text on the right: it is of two images")
        return self.right

    @property
    def left_net(self) -> Float[np.ndarray, " left"]:
        """Sum of a left segment's interactions."""
        return self.weights.sum(axis=1)

    @property
    def right_net(self) -> Float[np.ndarray, " right"]:
        """Sum of a right segment's interactions."""
        return self.weights.sum(axis=0)

    @property
    def untested(self) -> str:
        """Reason why no cell is tested against 0; empty where some are."""
        if not np.isnan(self.p_values).all():
            return ""
        left_out = errors_leave_out(self.estimator)
        return (
            f"standard errors leave out {left_out}: no cell is tested" if left_out else "no standard errors"
        )

    @property
    def may_be_zero(self) -> Bool[np.ndarray, "left right"]:
        """Cells that do not differ from 0 significantly; a cell without a standard error is never one."""
        return self.p_values >= LEVEL

    @property
    def z(self) -> Float[np.ndarray, "left right"]:
        """Absolute weights over their standard errors; infinite where these are 0, NaN where unknown."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(self.weights) / self.errors


def primary_estimator(run: Run) -> str:
    """The first estimator of the run's spec."""
    parameters = run.plan.get("parameters")
    named = parameters.get("estimators") if isinstance(parameters, Mapping) else None
    if not named:
        raise InputError(f"the plan of run {run.run_id} names no estimator")
    return str(named[0])


def read_pair(run: Run, pair_id: str, estimator: str | None = None) -> PairPicture:
    """Read one pair.

    Parameters
    ----------
    run
        Stored run.
    pair_id
        The whole id.
    estimator
        Name of an estimator; None for the first of the spec.

    Returns
    -------
    PairPicture
        Items, matrix, factors, margins and curves.

    Raises
    ------
    InputError
        If the run has no such pair, or the pair was not fitted.
    """
    found = list(read_pairs(run, [pair_id], estimator))
    if not found:
        raise InputError(f"run {run.run_id} has not explained a pair {pair_id!r}")
    return found[0]


def read_pairs(run: Run, pair_ids: Sequence[str], estimator: str | None = None) -> Iterator[PairPicture]:
    """Read pairs in the given order, each table once for many pairs; pairs without a fit are omitted.

    Parameters
    ----------
    run
        Stored run.
    pair_ids
        Pairs to read.
    estimator
        Name of an estimator; None for the first of the spec.

    Yields
    ------
    PairPicture
        One pair at a time.
    """
    named = estimator or primary_estimator(run)
    for start in range(0, len(pair_ids), PAIRS_AT_ONCE):
        yield from _read_some(run, pair_ids[start : start + PAIRS_AT_ONCE], named)


def _read_some(run: Run, pair_ids: Sequence[str], estimator: str) -> Iterator[PairPicture]:
    mine = among("pair_id", list(pair_ids))
    pairs = {row["pair_id"]: row for row in run.table("pairs", filter=mine).to_pylist()}
    tables = {
        name: grouped(
            run.table(name, filter=mine & (pc.field("estimator") == estimator)), ["pair_id"], _ORDER
        )
        for name in ("fits", "interactions", "main_effects", "factors")
    }
    curves = read_curve_pictures(run, pair_ids, estimator)
    margins = read_margins(run, pair_ids, estimator)
    wanted = {pairs[name][side] for name in pairs for side in ("left_id", "right_id")}
    wanted |= {item for told in margins.values() for one in told for item in one.item_ids}
    items = read_item_pictures(run, wanted)
    drawn = among("item_id", sorted(wanted)) & (pc.field("estimator") == estimator) & pc.field("sampled")
    masks = {
        row["item_id"]: row["n_masks"]
        for row in run.table("item_fits", ["item_id", "n_masks"], drawn).to_pylist()
    }
    for name in pair_ids:
        if name in pairs and (name,) in tables["fits"]:
            own = {table: rows.get((name,)) for table, rows in tables.items()}
            told = tuple(m for row in margins.get(name, ()) if (m := row.picture(items)) is not None)
            picture = _picture(
                pairs[name], own, items, masks=masks, curves=curves.get(name, ()), margins=told
            )
            if picture is not None:
                yield picture


def _picture(
    pair: Mapping[str, object],
    own: Mapping[str, pa.Table | None],
    items: Mapping[str, ItemPicture],
    *,
    masks: Mapping[str, int],
    curves: tuple[CurvePicture, ...],
    margins: tuple[MarginPicture, ...],
) -> PairPicture | None:
    left, right = items.get(str(pair["left_id"])), items.get(str(pair["right_id"]))
    fits, cells, effects = own["fits"], own["interactions"], own["main_effects"]
    if left is None or right is None or fits is None or cells is None or effects is None:
        return None
    fit = fits.to_pylist()[0]
    shape = (left.n_segments, right.n_segments)
    sides = {side: effects.filter(pc.field("side") == side)["intact_effect"] for side in ("left", "right")}
    return PairPicture(
        pair_id=str(pair["pair_id"]),
        estimator=str(fit["estimator"]),
        relation=str(pair["relation"]),
        is_positive=bool(pair["is_positive"]),
        is_error=bool(pair["is_error"]),
        rank_of_right=pair["rank_left_to_right"],  # type: ignore[arg-type]
        rank_of_left=pair["rank_right_to_left"],  # type: ignore[arg-type]
        score=float(pair["score"]),  # type: ignore[arg-type]
        left=left,
        right=right,
        weights=_reals(cells["weight"]).reshape(shape),
        errors=_reals(cells["standard_error"]).reshape(shape),
        p_values=_reals(cells["p_value"]).reshape(shape),
        left_effect=_reals(sides["left"]),
        right_effect=_reals(sides["right"]),
        joint=joint_share(fit),
        sampled=(masks.get(left.item_id), masks.get(right.item_id)),
        split_half_error=fit["split_half_error"],
        factors=_factors(own["factors"]),
        curves=curves,
        margins=margins,
    )


def _factors(table: pa.Table | None) -> tuple[FactorPicture, ...]:
    return tuple(
        FactorPicture(
            component=row["component"],
            strength=row["strength"],
            energy=row["energy"],
            gap=row["gap"],
            left=np.array(row["left_vector"]),
            right=np.array(row["right_vector"]),
        )
        for row in (table.to_pylist() if table is not None else ())
    )


def _reals(column: pa.ChunkedArray) -> Float[np.ndarray, " rows"]:
    """NULL becomes NaN."""
    return column.to_numpy().astype(np.float64)
