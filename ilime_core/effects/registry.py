"""The estimators of effects, by their names in the spec."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from ilime_core.perturbation.row_set import RowSet
from ilime_core.registry import EstimatorEntry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.records import Effects, MaskedEmbeddings

__all__ = [
    "ESTIMATORS",
    "EffectsEstimator",
    "FitOptions",
    "ItemEstimatorEntry",
    "Refinement",
    "check_refinement",
    "gives_posterior",
    "row_sets",
    "rows_read",
]

Refinement = Literal["none", "gls", "posterior"]
"""How effects are refined beyond least squares, without further encodes."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Settings of all estimators of effects, by their names in the spec; each reads its own."""

    ridge: float = 0.0
    """banzhaf, weighted_banzhaf: penalty on the squared norm of the effects beside the mean squared residual,
    per side."""
    kernel_width: float | None = None
    """The same two: width of the product kernel that weights coalitions near the full item; None weights all
    alike."""
    refine: Refinement = "none"
    """banzhaf: ``gls`` is generalised least squares, to which triples of segments are noise of a known shape;
    ``posterior`` also shrinks each effect by what the item's segments tell of it."""
    weighted_p: float = 0.8
    """weighted_banzhaf: probability of keeping a segment."""
    weighted_image_masks: int = 256
    weighted_text_masks: int = 64
    quadrature_nodes: int = 4
    """shapley_interaction, shapley_taylor, faith_shap: items of a pair need the same number."""
    quadrature_image_masks: int = 512
    quadrature_text_masks: int = 128
    block_segments: int = 4
    """sliding_block_occlusion: segments that are removed together."""
    lime_kernel_width: float = 0.25
    """search_lime: width of LIME's kernel on the cosine distance of a mask."""
    lime_penalty: float = 1.0
    """search_lime: ridge beside the weighted *sum* of squared residuals."""


class EffectsEstimator(Protocol):
    """Turns the encoded masks of items into effects, one result per item in the same order."""

    def __call__(self, items: "Sequence[MaskedEmbeddings]", options: FitOptions) -> "list[Effects]": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEstimatorEntry(EstimatorEntry[EffectsEstimator]):
    """An estimator that reads encoded masks of items and nothing else."""

    rows: Mapping[str, Callable[[FitOptions, Modality], RowSet]] = field(
        default_factory=dict[str, Callable[[FitOptions, Modality], RowSet]]
    )
    """Sets of rows that it needs beside the Banzhaf rows, by name; estimators may share one."""
    shapley_rows: bool = False
    """Whether it reads the Shapley rows, whose sizes reach the ends."""
    probability: Callable[[float, FitOptions], float] | None = None
    """Probability with which its rows keep a segment, given that of the Banzhaf rows; None where no single
    product law is behind them."""


_QUADRATURE = {"quadrature": lazy("ilime_core.effects.quadrature:quadrature_set")}
_OF_QUADRATURE = "the error of the quadrature"
_SHRUNK = ("ridge", "kernel_width")
_SHAPLEY = ("shapley_image_masks", "shapley_text_masks")
_NODES = ("quadrature_nodes", "quadrature_image_masks", "quadrature_text_masks")

ESTIMATORS: Registry[ItemEstimatorEntry] = Registry(
    "estimator",
    {
        "banzhaf": ItemEstimatorEntry(
            lazy("ilime_core.effects.batched_banzhaf:banzhaf"),
            "centred least squares of embeddings on masks (InteractionLIME)",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
            title="Banzhaf interactions (InteractionLIME)",
            settings=(*_SHRUNK, "refine"),
            probability=lambda p, _: p,
        ),
        "product_shapley": ItemEstimatorEntry(
            lazy("ilime_core.effects.product_shapley:product_shapley"),
            "vector-valued Shapley values: interactions that sum to the mixed difference",
            "https://doi.org/10.1515/9781400881970-018",
            title="Shapley product",
            settings=_SHAPLEY,
            shapley_rows=True,
        ),
        "weighted_banzhaf": ItemEstimatorEntry(
            lazy("ilime_core.effects.weighted_banzhaf:weighted_banzhaf"),
            "the same regression nearer to the whole item: Bernoulli masks at another p",
            "https://arxiv.org/abs/2508.05430",
            title="weighted Banzhaf interactions",
            settings=("weighted_p", "weighted_image_masks", "weighted_text_masks", *_SHRUNK),
            rows={"weighted": lazy("ilime_core.effects.weighted_banzhaf:weighted_rows")},
            probability=lambda _, options: options.weighted_p,
        ),
        "occlusion": ItemEstimatorEntry(
            lazy("ilime_core.effects.occlusion:occlusion"),
            "change of the whole item's embedding when one segment goes",
            "https://doi.org/10.1007/978-3-319-10590-1_53",
            title="occlusion",
            rows={"leave_one_out": lazy("ilime_core.effects.occlusion:leave_one_out_rows")},
            draws=False,
        ),
        "shapley_interaction": ItemEstimatorEntry(
            lazy("ilime_core.effects.quadrature:shapley_interaction"),
            "Shapley interaction index: Banzhaf interactions averaged over the keeping probability",
            "https://doi.org/10.1007/s001820050125",
            title="Shapley interaction index",
            settings=_NODES,
            rows=_QUADRATURE,
            left_out=_OF_QUADRATURE,
        ),
        "shapley_taylor": ItemEstimatorEntry(
            lazy("ilime_core.effects.quadrature:shapley_taylor"),
            "Shapley-Taylor index of order 2: the same, small coalitions weighing more",
            "https://arxiv.org/abs/1902.05622",
            title="Shapley-Taylor index",
            settings=_NODES,
            rows=_QUADRATURE,
            left_out=_OF_QUADRATURE,
        ),
        "faith_shap": ItemEstimatorEntry(
            lazy("ilime_core.effects.quadrature:faith_shap"),
            "Faith-Shap of order 2: the same, middle sizes weighing more",
            "https://arxiv.org/abs/2203.00870",
            title="Faith-Shap",
            settings=_NODES,
            rows=_QUADRATURE,
            left_out=_OF_QUADRATURE,
        ),
        "sliding_block_occlusion": ItemEstimatorEntry(
            lazy("ilime_core.effects.sliding_blocks:sliding_block_occlusion"),
            "occlusion of a segment and its neighbours at once, shared among them (SBSM)",
            "https://arxiv.org/abs/2103.00370",
            title="sliding blocks (SBSM)",
            settings=("block_segments",),
            rows={"windows": lazy("ilime_core.effects.sliding_blocks:window_rows")},
            draws=False,
        ),
        "search_lime": ItemEstimatorEntry(
            lazy("ilime_core.effects.search_lime:search_lime"),
            "LIME of the search score: ridge regression with LIME's kernel, one item perturbed",
            "https://doi.org/10.1145/2939672.2939778",
            title="LIME of search",
            settings=("lime_kernel_width", "lime_penalty"),
        ),
        "kernel_shap": ItemEstimatorEntry(
            lazy("ilime_core.effects.kernel_shap:kernel_shap"),
            "KernelSHAP: Shapley values by least squares with the SHAP kernel",
            "https://arxiv.org/abs/1705.07874",
            title="KernelSHAP",
            settings=_SHAPLEY,
            shapley_rows=True,
        ),
    },
)
"""Estimators that read encoded masks and nothing else. Sets of rows are drawn in the order of the entries."""


def row_sets(estimators: Collection[str], options: FitOptions, modality: Modality) -> dict[str, RowSet]:
    """Sets of rows that estimators need beside the Banzhaf and Shapley rows, each once.

    Parameters
    ----------
    estimators
        Names; those of other registries need no rows.
    options
        Settings that the sets read.
    modality
        Images and texts may have their own number of rows.

    Returns
    -------
    dict of str to RowSet
        By name, in the order in which they are drawn.
    """
    return {
        name: rows(options, modality)
        for estimator, entry in ESTIMATORS.entries.items()
        if estimator in estimators
        for name, rows in entry.rows.items()
    }


def gives_posterior(estimator: str, options: FitOptions) -> bool:
    """Decide whether an estimator's effects are posterior means, whose errors are those of the posterior.

    Parameters
    ----------
    estimator
        Name; no estimator of another registry gives them.
    options
        Settings of the estimators.

    Returns
    -------
    bool
        True where the estimator is refined and ``refine`` is ``posterior``.
    """
    entry = ESTIMATORS.entries.get(estimator)
    return entry is not None and "refine" in entry.settings and options.refine == "posterior"


def check_refinement(options: FitOptions, design: str, estimators: Collection[str]) -> None:
    """Refuse ``refine`` where nothing would be refined, or the method does not hold.

    Parameters
    ----------
    options
        Settings of the estimators.
    design
        Name of the design of the Banzhaf rows.
    estimators
        Names of the estimators that are asked for.

    Raises
    ------
    InputError
        If effects are to be refined and no estimator does so, the rows are not folded, or they are weighted
        or shrunk otherwise.
    """
    if options.refine == "none":
        return
    readers = [name for name, entry in ESTIMATORS.entries.items() if "refine" in entry.settings]
    needed = f"refine: {options.refine} needs"
    if not set(readers) & set(estimators):
        raise InputError(f"{needed} the estimator {' or '.join(readers)}, got {', '.join(estimators)}")
    if design != "foldover":
        raise InputError(f"{needed} design: foldover, got {design}")
    if options.ridge > 0 or options.kernel_width is not None:
        raise InputError(
            f"{needed} ridge: 0 and no kernel_width, got ridge {options.ridge:g} and kernel_width "
            f"{options.kernel_width}"
        )


def rows_read(estimators: Collection[str]) -> frozenset[str]:
    """Names of all sets of rows that estimators read, ``banzhaf`` and ``shapley`` included."""
    entries = [ESTIMATORS[name] for name in estimators if name in ESTIMATORS.names]
    own = {name for entry in entries for name in entry.rows}
    return frozenset({"banzhaf", *own, *(["shapley"] if any(one.shapley_rows for one in entries) else [])})
