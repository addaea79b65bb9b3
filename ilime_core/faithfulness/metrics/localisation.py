"""Localisation: overlap of a word's regions with those that show what the word names."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.draws import named_rng
from ilime_core.errors import InputError
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.placement import energy_inside, localise, matched_iou
from ilime_core.faithfulness.region_truth import RegionTruth
from ilime_core.faithfulness.reported import SHARE, Group, Reported

__all__ = ["LOCALISATION", "localisation"]

N_ORDERS = 200
"""Random orders of the regions behind the chance of an IoU, which has no closed form."""


@dataclass(frozen=True, slots=True, eq=False)
class _Aims:
    """What is asked of a pair: columns of W that are added up, and where each sum should lie."""

    words: tuple[tuple[int, ...], ...]
    shown: Bool[np.ndarray, "regions aims"]
    covered: Float[np.ndarray, "regions aims"]
    sizes: Float[np.ndarray, " aims"]
    areas: Float[np.ndarray, " regions"]

    @property
    def confusable(self) -> bool:
        """Whether there are two different places, so that one can be taken for the other."""
        return bool((self.shown != self.shown[:, :1]).any())

    def ious(self, orders: Int64[np.ndarray, "orders regions"], aim: int) -> Float[np.ndarray, " orders"]:
        return matched_iou(orders, self.covered[:, aim], float(self.sizes[aim]), self.areas)


def localisation(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Judge where W and the linear surrogate place what words name.

    Mode ``word`` takes each word that names something by itself, mode ``phrase`` the sum of W over the words
    of one part; both are means over the pair. A linear surrogate has one map for all words. A column without
    any weight has no opinion and is left out, so that an estimator without W has no value.

    Returns
    -------
    Values of ``pointing_game``, ``energy_inside``, ``iou`` and, where a region could show something else that
    the text names, ``pgr``; none where nothing is known or the view shows no part.

    Raises
    ------
    InputError
        If the truth speaks of other regions or words than W has.
    """
    if pair.truth is None:
        return ()
    n_regions, n_words = pair.explanation.interactions.shape
    words = [word for part in pair.truth.parts for word in part.words]
    if len(pair.truth.areas) != n_regions or not set(words) <= set(range(n_words)):
        raise InputError(
            f"the truth of {pair.explanation.left_id} and {pair.explanation.right_id} knows"
            f" {len(pair.truth.areas)} regions and words up to {max(words, default=-1)}; explained are"
            f" {n_regions} regions and {n_words} words"
        )
    found: list[FaithfulnessValue] = []
    for mode in ("word", "phrase"):
        aims = _aims(pair.truth, mode)
        if aims is not None:
            found += _judged(pair, mode, aims)
    return tuple(found)


def _aims(truth: RegionTruth, mode: str) -> _Aims | None:
    """Every word or every part that the view shows; None if it shows none."""
    shown, covered = truth.shown(), truth.covered
    seen = [(at, part) for at, part in enumerate(truth.parts) if part.words and shown[:, at].any()]
    chosen = [
        (at, words)
        for at, part in seen
        for words in ([part.words] if mode == "phrase" else [(word,) for word in part.words])
    ]
    if not chosen:
        return None
    at = [place for place, _ in chosen]
    sizes = np.array([truth.parts[place].size for place in at])
    return _Aims(tuple(words for _, words in chosen), shown[:, at], covered[:, at], sizes, truth.areas)


def _judged(pair: MeasuredPair, mode: str, aims: _Aims) -> list[FaithfulnessValue]:
    explained = pair.explanation
    columns = np.stack([explained.interactions[:, list(words)].sum(axis=1) for words in aims.words], axis=1)
    linear = np.repeat(explained.left_main[:, None], len(aims.words), axis=1)
    found = [
        _value(name, mode, control, scores)
        for control, weights in ((Control.EXPLANATION, columns), (Control.MAIN_EFFECTS, linear))
        for name, scores in _scores(weights, aims).items()
    ]
    rng = named_rng(0, "localisation", explained.left_id, explained.right_id)
    orders = np.argsort(rng.random((N_ORDERS, len(aims.areas))), axis=1).astype(np.int64)
    drawn = np.mean([aims.ious(orders, aim) for aim in range(len(aims.words))], axis=0)
    for name, scores in _chances(columns, aims).items():
        found.append(_value(name, mode, Control.RANDOM, scores))
    found.append(
        FaithfulnessValue(
            "iou",
            mode,
            Control.RANDOM,
            float(drawn.mean()),
            spread=float(drawn.std(ddof=1)),
            n_orders=N_ORDERS,
        )
    )
    return found


def _scores(weights: Float[np.ndarray, "regions aims"], aims: _Aims) -> dict[str, Float[np.ndarray, " aims"]]:
    """Scores by metric; NaN where a column has no opinion."""
    says = (weights != 0).any(axis=0)
    placed = localise(weights, aims.shown)
    orders = np.argsort(-weights, axis=0, kind="stable").T.astype(np.int64)
    ious = np.array([aims.ious(order[None], aim)[0] for aim, order in enumerate(orders)])
    scores = {
        "pointing_game": np.where(says, placed.hits, np.nan),
        "energy_inside": energy_inside(weights, aims.covered),
        "iou": np.where(says, ious, np.nan),
    }
    return scores | ({"pgr": np.where(says, placed.right_mass, np.nan)} if aims.confusable else {})


def _chances(
    weights: Float[np.ndarray, "regions aims"], aims: _Aims
) -> dict[str, Float[np.ndarray, " aims"]]:
    """Means of the scores over all permutations of the regions, where they have a closed form."""
    says = (weights != 0).any(axis=0)
    placed = localise(weights, aims.shown)
    chances = {"pointing_game": placed.hit_chance, "energy_inside": aims.covered.mean(axis=0)}
    mass = np.where(says, placed.right_mass_chance, np.nan)
    return chances | ({"pgr": mass} if aims.confusable else {})


def _value(name: str, mode: str, control: Control, scores: Float[np.ndarray, " aims"]) -> FaithfulnessValue:
    known = scores[~np.isnan(scores)]
    return FaithfulnessValue(name, mode, control, float(known.mean()) if len(known) else None)


_CONTROLS = (Control.EXPLANATION, Control.MAIN_EFFECTS, Control.RANDOM)
_PERMUTED = "Regions permuted, in closed form beside it."

LOCALISATION = Metric(
    make=localisation,
    what="whether the regions of a word show what it names, where this is known",
    source="https://doi.org/10.1007/s11263-017-1059-x",
    title="localisation",
    settings=("truth",),
    needs_truth=True,
    reports=(
        Reported(
            name="pointing_game",
            title="pointing game",
            says="How often the strongest region of a word shows what the word names.",
            group=Group.LOCALISATION,
            direction="higher",
            bounds=SHARE,
            controls=_CONTROLS,
            chance=_PERMUTED,
            modes=("word", "phrase"),
        ),
        Reported(
            name="energy_inside",
            title="energy inside",
            says="Share of a word's positive weight that lies on what the word names.",
            group=Group.LOCALISATION,
            direction="higher",
            bounds=SHARE,
            controls=_CONTROLS,
            chance=_PERMUTED,
            modes=("word", "phrase"),
        ),
        Reported(
            name="iou",
            title="IoU",
            says="Overlap of a word's strongest regions with what the word names, both of one area.",
            group=Group.LOCALISATION,
            direction="higher",
            bounds=SHARE,
            controls=_CONTROLS,
            chance="Random orders of the regions, measured beside it.",
            modes=("word", "phrase"),
        ),
        Reported(
            name="pgr",
            title="PGR",
            says="Share of a word's absolute weight that is rightly placed: positive on what the word names, "
            "negative elsewhere; only where the image shows other things that the caption names.",
            group=Group.LOCALISATION,
            direction="higher",
            bounds=SHARE,
            controls=_CONTROLS,
            chance=_PERMUTED,
            modes=("word", "phrase"),
        ),
    ),
)
