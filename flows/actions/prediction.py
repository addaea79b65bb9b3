"""Prediction of ``ilime plan --calibrate``: seconds of a whole run, its largest cost, and what halves it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from flows.console.progress import duration
from ilime_core.encoders.building import build_encoder
from ilime_core.perturbation.baselines import BASELINES
from tasks.corpora.registry import open_corpus
from tasks.forecast.calibration import TowerSpeed, time_images, time_texts
from tasks.forecast.largest_cost import Saving, halved
from tasks.forecast.reuse import ReuseForecast
from tasks.forecast.run_seconds import Further, Speeds, run_seconds
from tasks.planning.draft import Draft
from tasks.process.models import encoder_specification
from tasks.stages.fit_opaque.budget import OpaqueBudget

__all__ = ["Load", "Prediction", "predict"]


class Load:
    """Load of the machine while this process works on one core."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def stretch(self) -> float:
        """Seconds of the clock for one of the processor, since this was made; at least 1.

        Returns
        -------
        float
            1 on a quiet machine.
        """
        processor = time.process_time() - self._processor
        return max((time.perf_counter() - self._wall) / processor, 1.0) if processor > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Prediction:
    """Seconds of a run.

    Attributes
    ----------
    parts
        Seconds by part.
    towers
        Speeds by unit.
    saving
        What halves the largest part.
    scores
        Scores of pairs, which are not timed.
    """

    parts: Mapping[str, float]
    towers: Mapping[str, TowerSpeed]
    stretch: float = 1.0
    saving: Saving | None = None
    scores: int = 0

    @property
    def largest(self) -> str:
        """Part that takes most of the time."""
        return max(self.parts, key=lambda part: self.parts[part])

    def lines(self) -> Iterator[tuple[str, str]]:
        """Names and texts of the lines to print.

        Yields
        ------
        tuple of str
            ``time`` and ``largest cost``.
        """
        total = sum(self.parts.values())
        speeds = " and ".join(f"{speed.per_s:,.0f} {unit}/s" for unit, speed in self.towers.items())
        parts = ", ".join(f"{part} {duration(seconds)}" for part, seconds in self.parts.items())
        load = f"; other work makes this machine {self.stretch:.1f} times slower" * (self.stretch > 1.2)
        unknown = f"; {self.scores:,} scores of pairs are not timed" * bool(self.scores)
        yield "time", f"about {duration(total)} with a report: {parts}, at {speeds}{load}{unknown}"
        share = self.parts[self.largest] / total
        yield "largest cost", f"{self.largest}, {share:.0%} of the time{self._remedy(total)}"

    def _remedy(self, total: float) -> str:
        if self.saving is None:
            return "; no number of masks or pairs halves it"
        left = total - (1 - self.saving.share) * self.parts[self.largest]
        changes = " ".join(f"--set {one}" for one in self.saving.settings)
        return f"; {changes} leaves {self.saving.share:.0%} of it, {duration(left)} in all"


def predict(draft: Draft, reuse: ReuseForecast, opaque: OpaqueBudget | None, load: Load) -> Prediction:
    """Build the model, time its towers on this corpus, and predict the run.

    Parameters
    ----------
    draft
        The run, in which the sample of measured pairs is already a number.
    reuse
        What earlier runs spare.
    opaque
        Cost of estimators of single pairs.
    load
        Load of the machine, from before the run was planned.

    Returns
    -------
    Prediction
        Seconds by part.
    """
    parameters = draft.parameters
    encoder = build_encoder(
        encoder_specification(parameters.model), draft.model.device, draft.model.precision
    )
    stretch = load.stretch()
    start_s = time.process_time() * stretch
    corpus, kinds = open_corpus(parameters.corpus), draft.manifest["modality"].to_pylist()
    towers: dict[str, TowerSpeed] = {}
    if "image" in kinds:
        paints = BASELINES[parameters.perturbation.image_baseline].paints
        towers["images"] = time_images(encoder, corpus, parameters.blocks.image_batch, paints=paints)
    if "text" in kinds:
        drops = parameters.perturbation.text_removal == "drop"
        towers["texts"] = time_texts(encoder, corpus, parameters.blocks.text_batch, drops=drops)
    asked = {} if opaque is None else {"images": opaque.image_encodes, "texts": opaque.text_encodes}
    speeds = Speeds(
        start_s=start_s,
        each_s={unit: speed.each_s for unit, speed in towers.items()},
        first_s=sum(speed.first_s for speed in towers.values()),
        stretch=stretch,
    )
    parts = run_seconds(draft, speeds, Further.of(reuse, asked))
    scores = 0 if opaque is None else opaque.scores
    found = Prediction(parts, towers, stretch, scores=scores)
    return replace(found, saving=halved(draft, found.largest))
