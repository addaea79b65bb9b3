"""Seconds of a whole run by part: its encodes at measured speeds, all else at stated costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ilime_core.modality import Modality
from tasks.corpora.contrasted_pairs import contrasted_pairs
from tasks.forecast.reuse import ReuseForecast
from tasks.forecast.run_work import later_work
from tasks.forecast.unit_costs import (
    ENGINE_S,
    FIT_BLOCK_S,
    FITS_PER_S,
    GATHERED_PER_S,
    REPORT_S,
    REPORTED_PER_S,
    SEGMENTED_PER_S,
    STAGES_S,
    SUMMARISED_PER_S,
    SWEPT_PER_S,
)
from tasks.stages.explain_cost import Listed

__all__ = ["ENCODES", "Further", "Speeds", "expected_pairs", "run_seconds"]

ENCODES = ("images", "texts", "measure", "select")
"""Parts that are made of encodes."""

FAILED = 0.5
"""Share of the queries whose correct candidate is not first: nobody knows it before retrieval."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Speeds of this machine under the load that it has.

    Attributes
    ----------
    start_s
        From the start of the command until the model is built.
    each_s
        Of an encode, by unit: ``images``, ``texts``.
    first_s
        Of both towers' first batches, beyond those after them.
    stretch
        Seconds of the clock for one of a quiet core: what is not timed takes so many times its stated cost.
    """

    start_s: float
    each_s: Mapping[str, float]
    first_s: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True, slots=True)
class Further:
    """Encodes that the listing alone does not tell, by unit."""

    spared: Mapping[str, float] = field(default_factory=dict)
    opaque: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, reuse: ReuseForecast, opaque: Mapping[str, float]) -> "Further":
        """Those that earlier runs spare, and those of single pairs.

        Parameters
        ----------
        reuse
            Forecast of what is reused.
        opaque
            Encodes of estimators of single pairs.

        Returns
        -------
        Further
            Both by unit.
        """
        return cls({"images": reuse.image_encodes, "texts": reuse.text_encodes}, opaque)


def run_seconds(listed: Listed, speeds: Speeds, further: Further) -> dict[str, float]:
    """Predict the seconds of a run and its report by part; parts follow each other, as both want all cores.

    Parameters
    ----------
    listed
        The run, in which the sample of measured pairs is already a number.
    speeds
        What was measured on this machine.
    further
        Encodes beside those of the listing.

    Returns
    -------
    dict of str to float
        ``start``, ``images``, ``texts``, ``measure``, ``select``, ``fit``, ``every pair``, ``tables`` and
        ``report``; a part that takes nothing is left out.
    """
    parameters, manifest = listed.parameters, listed.manifest
    whole = manifest["modality"].to_pylist()
    work = later_work(listed)
    n_pairs = expected_pairs(listed)
    left, right = (sum(manifest[side].to_pylist()) for side in ("left", "right"))
    engine = ENGINE_S if parameters.runner.name != "inline" else 0.0
    stretch = speeds.stretch
    seconds: dict[str, float] = {"start": speeds.start_s + speeds.first_s + engine * stretch}
    for modality in Modality:
        unit = f"{modality.value}s"
        n = whole.count(modality.value) + work["score"][unit] + further.opaque.get(unit, 0.0)
        seconds[unit] = max(n - further.spared.get(unit, 0.0), 0.0) * speeds.each_s.get(unit, 0.0)
    for stage in ("measure", "select"):
        seconds[stage] = sum(n * speeds.each_s.get(unit, 0.0) for unit, n in work.get(stage, {}).items())
    n_fits, swept = n_pairs * len(parameters.estimators), left * right if parameters.pairs.all else 0
    blocks = -(-n_pairs // parameters.blocks.pairs)
    seconds["fit"] = stretch * (n_fits / FITS_PER_S + blocks * FIT_BLOCK_S)
    seconds["every pair"] = stretch * (swept / (SWEPT_PER_S * _workers(listed)) + swept / GATHERED_PER_S)
    segmented = whole.count(Modality.IMAGE.value) / SEGMENTED_PER_S
    seconds["tables"] = stretch * (STAGES_S + segmented + n_fits / SUMMARISED_PER_S)
    seconds["report"] = stretch * (REPORT_S + n_pairs / REPORTED_PER_S)
    return {part: taken for part, taken in seconds.items() if taken}


def expected_pairs(listed: Listed) -> int:
    """Pairs that are explained, as far as that is known before retrieval.

    Parameters
    ----------
    listed
        The spec and its corpus.

    Returns
    -------
    int
        Of queries, `FAILED` are taken to find a wrong candidate first.
    """
    pairs = listed.parameters.pairs
    left, right = (sum(listed.manifest[side].to_pylist()) for side in ("left", "right"))
    queries = left + right
    if pairs.sample_queries is not None:
        queries = min(queries, 2 * pairs.sample_queries)
    share = queries / max(left + right, 1)
    known = share * listed.relevance.num_rows if pairs.positives else 0.0
    known += listed.named.num_rows
    known += contrasted_pairs(listed.contrasts).num_rows if pairs.contrasts else 0
    each = FAILED * bool(pairs.errors) + pairs.retrieved + pairs.hard_negatives + pairs.random
    return round(min(known + each * queries, left * right))


def _workers(listed: Listed) -> int:
    runner = listed.parameters.runner
    return 1 if runner.name == "inline" else runner.workers
