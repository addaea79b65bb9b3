"""What `leaderboard.py` explains and measures on each corpus, and on how much of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.actions.demo import Demo
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from tasks.corpora.demos.mosaics import NOUNS
from tasks.spec.estimation import EVERY_ESTIMATOR

__all__ = ["CLAIMS", "COMMON", "CORPORA", "FREE", "LOCATED", "RANDOMISED", "STABLE", "STORED", "Corpus"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """One corpus of the page.

    Attributes
    ----------
    curves
        Section ``faithfulness`` of what encodes perturbed pairs; None measures none of that.
    spread
        Measures one match of every picture with it, instead of a sample of matches.
    has_refits
        Explains some matches again.
    distinct_pictures
        Behind all pictures, where these share some; None where each is one of its own.
    """

    demo: Demo
    changes: Mapping[str, object]
    curves: Mapping[str, object] | None = None
    spread: bool = False
    has_refits: bool = False
    distinct_pictures: int | None = None


METHODS = EVERY_ESTIMATOR.names
ENCODED_ONCE = [*(name for name in METHODS if name not in PAIR_ESTIMATORS.names), "grid"]
"""Methods whose matches share encodes. The others ask for 600 to 2,800 images a match, and the real encoder
does fifty a second on a core: the scenes tell of them."""

COMMON = {
    "estimators": list(METHODS),
    "runner": {"name": "inline"},
    "estimation": {"path_steps": 8},
    "blocks": {"image_encodes": 6_000, "text_encodes": 30_000},
    "pairs": {"errors": False, "sample_queries": None},
    "faithfulness": {"relations": ["positive"], "baselines": []},
}
CURVES = {
    "metrics": [
        "insertion_deletion",
        "aid",
        "average_drop",
        "highest_confidence",
        "p_faithfulness",
        "infidelity",
        "synergy",
    ],
    "sides": ["both"],
    "random_orders": 10,
    "steps": 10,
    "coalitions": 64,
}
FREE = {
    "metrics": [
        "localisation",
        "fidelity",
        "incompleteness",
        "certainty",
        "comprehensibility",
        "representativeness",
    ],
    "sample": 1000,
}
"""Read from tables on every match: nothing is encoded."""
CLAIMS = {
    "metrics": ["incompleteness", "asymmetry"],
    "estimators": [
        "banzhaf",
        "product_shapley",
        "weighted_banzhaf",
        "occlusion",
        "faith_shap",
        "kernel_shap",
    ],
    "sides": ["left", "right"],
    "random_orders": 10,
    "steps": 10,
}
RANDOMISED = {
    "metrics": ["randomised_weights"],
    "sample": 12,
    "refits": {"sample": 12, "random_models": 5},
}
STABLE = {
    "metrics": ["stability", "incompleteness"],
    "sample": 48,
    "refits": {"sample": 48, "seeds": 1, "noise_draws": 1},
}
"""Matches explained again; missed rows are compared with those that the matrix misses under other masks."""
LOCATED = ["pointing_game", "pgr", "energy_inside", "iou"]
STORED = [
    "r2_cross_held_out",
    "incompleteness",
    "missed_rows",
    "certainty",
    "comprehensibility",
    "representativeness",
]

_REAL_ENCODER = {
    "estimators": ENCODED_ONCE,
    "perturbation": {
        "max_image_masks": 128,
        "shapley_image_masks": 64,
        "held_out": {"image_share": 1.0},
    },
    "estimation": {"weighted_image_masks": 64, "quadrature_image_masks": 256, "path_steps": 4},
    "opaque": {"sample": 100},
}
CORPORA: Mapping[str, Corpus] = {
    "photographs": Corpus(
        Demo("photographs"),
        _REAL_ENCODER | {"segmentation": {"image": {"n_segments": 25}}},
        CURVES | {"steps": 9, "coalitions": 48},
        spread=True,
    ),
    "scenes": Corpus(
        Demo("scenes", 120),
        {
            "perturbation": {"max_image_masks": 256, "shapley_image_masks": 128},
            "opaque": {"sample": 40, "rows": 1000},
        },
        CURVES | {"sample": 120},
        has_refits=True,
    ),
    # Six cells a side cut between the four photographs of a mosaic.
    "mosaics": Corpus(
        Demo("mosaics", 24),
        _REAL_ENCODER | {"segmentation": {"image": {"n_segments": 36}}},
        distinct_pictures=len(NOUNS),
    ),
}
