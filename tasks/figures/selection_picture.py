"""Records of the pictures of selections, read once."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float

from ilime_core.errors import InputError
from ilime_core.selection.fade_curves import FadeCurve, mean_curve
from tasks.figures.item_pictures import ImagePicture, read_item_pictures
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = [
    "CounterfactualPicture",
    "FadePicture",
    "OrderPicture",
    "read_counterfactual",
    "read_fades",
    "read_order",
    "selected_methods",
]


@dataclass(frozen=True, slots=True, eq=False)
class OrderPicture:
    """Regions of an image in the order in which they were chosen.

    Attributes
    ----------
    kept, removed
        Score of the pair with the first regions kept alone, and with them removed; the first entry is that
        of none.
    """

    image: ImagePicture
    segments: tuple[int, ...]
    kept: Float[np.ndarray, " states"]
    removed: Float[np.ndarray, " states"]


@dataclass(frozen=True, slots=True, eq=False)
class CounterfactualPicture:
    """Regions without which another candidate is found first; none where there is no such set."""

    image: ImagePicture
    segments: tuple[int, ...]
    before: str
    """Text or uri of the best candidate for the whole image."""
    after: str
    proved: bool
    reason: str | None


@dataclass(frozen=True, slots=True, eq=False)
class FadePicture:
    """Curves of one side of the pairs of a selection, and their mean."""

    side: str
    word: str | None
    curves: tuple[FadeCurve, ...]

    @property
    def mean(self) -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]]:
        """The partial dependence of the score."""
        return mean_curve(self.curves)


def selected_methods(run: Run, pair_id: str) -> list[str]:
    """Methods that have selected regions of a pair's left image; none of texts.

    Parameters
    ----------
    run
        Stored run.
    pair_id
        The whole id.

    Returns
    -------
    list of str
        Names of methods.
    """
    mine = (pc.field("pair_id") == pair_id) & (pc.field("side") == "left")
    methods = sorted(set(run.table("selections", ["method"], mine)["method"].to_pylist()))
    [left] = run.table("pairs", ["left_modality"], pc.field("pair_id") == pair_id)[
        "left_modality"
    ].to_pylist()
    return methods if left == "image" else []


def read_order(run: Run, pair_id: str) -> OrderPicture:
    """Read the submodular order of a pair's left image; of several selections the last by id.

    Parameters
    ----------
    run
        Stored run.
    pair_id
        The whole id.

    Returns
    -------
    OrderPicture
        Regions in the chosen order, with the scores.

    Raises
    ------
    InputError
        If there is none.
    """
    steps = _steps(run, pair_id, "smdl")
    return OrderPicture(
        _image(run, pair_id),
        _segments(steps),
        steps["score"].to_numpy().astype(np.float64),
        1 - steps["collaboration"].to_numpy().astype(np.float64),
    )


def read_counterfactual(run: Run, pair_id: str) -> CounterfactualPicture:
    """Read the counterfactual set of a pair's left image; of several selections the last by id.

    Parameters
    ----------
    run
        Stored run.
    pair_id
        The whole id.

    Returns
    -------
    CounterfactualPicture
        The set; no regions where there is no such set.

    Raises
    ------
    InputError
        If there is none.
    """
    steps = _steps(run, pair_id, "counterfactual")
    names = [steps["top1_before"][0].as_py(), steps["top1_after"][-1].as_py()]
    items = run.table("items", ["item_id", "uri", "text"], among("item_id", names)).to_pylist()
    told = {row["item_id"]: row["text"] or row["uri"] for row in items}
    return CounterfactualPicture(
        _image(run, pair_id),
        _segments(steps),
        told[names[0]],
        told[names[1]],
        bool(steps["proved"][0].as_py()),
        steps["reason"][0].as_py(),
    )


def read_fades(run: Run, side: str, word: str | None = None) -> FadePicture:
    """Read all curves of a side; those of a shared word, or of selections without one.

    Parameters
    ----------
    run
        Stored run.
    side
        ``left`` or ``right``.
    word
        Word that the pairs share; None for selections without one.

    Returns
    -------
    FadePicture
        All curves on one grid of intensities.

    Raises
    ------
    InputError
        If there are none.
    """
    field = pc.field("word")
    mine = (field.is_null() if word is None else field == word) & (pc.field("side") == side)
    rows = _last(run.table("selection_curves", None, mine))
    if not rows.num_rows:
        named = "" if word is None else f" of the word {word!r}"
        raise InputError(
            f"run {run.run_id} has no curves{named} on the {side}; selection.methods asks for them"
        )
    columns = [rows[name].to_pylist() for name in ("segment", "x", "y", "n_encodes")]
    curves = [
        FadeCurve(segment, np.array(x), np.array(y), n_encodes)
        for segment, x, y, n_encodes in zip(*columns, strict=True)
    ]
    return FadePicture(side, word, tuple(curves))


def _steps(run: Run, pair_id: str, method: str) -> pa.Table:
    mine = (pc.field("pair_id") == pair_id) & (pc.field("method") == method) & (pc.field("side") == "left")
    rows = _last(run.table("selections", None, mine))
    if not rows.num_rows:
        raise InputError(f"pair {pair_id} has no {method} in run {run.run_id}; selection.methods asks for it")
    return rows.sort_by("step")


def _last(rows: pa.Table) -> pa.Table:
    """Rows of the last selection by id, for a run with several selections."""
    last = max(rows["selection_id"].to_pylist(), default="")
    return rows.filter(pc.field("selection_id") == last)


def _segments(steps: pa.Table) -> tuple[int, ...]:
    return tuple(steps["segment"][1:].to_pylist())


def _image(run: Run, pair_id: str) -> ImagePicture:
    [pair] = run.table("pairs", ["left_id"], pc.field("pair_id") == pair_id).to_pylist()
    picture = read_item_pictures(run, [pair["left_id"]]).get(pair["left_id"])
    if not isinstance(picture, ImagePicture):
        raise InputError(f"pair {pair_id}: its left item is no image that was cut into regions")
    return picture
