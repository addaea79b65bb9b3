"""Trial of bfloat16 on a CPU: pairs of the corpus explained in both precisions, where the model is."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ilime_core.draws import named_rng
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.precision import PRECISIONS, processor_has_bfloat16
from ilime_core.errors import InputError, ItemError
from ilime_core.explaining.contents import ExplainedInput
from ilime_core.explaining.explanation import ItemExplanation
from ilime_core.explaining.interaction import InteractionExplanation
from ilime_core.explaining.items import explain_items
from ilime_core.explaining.options import ExplainOptions
from ilime_core.explaining.pairs import fit_item_pair
from ilime_core.explaining.precision_shift import precision_shift
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import open_image
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.segmentation.word_boundaries import word_spans
from tasks.corpora.corpus import Corpus, Entry, ImageEntry
from tasks.corpora.registry import open_corpus
from tasks.forecast.trial_memory import PrecisionTrial, TowerSpeeds, recall_trial, remember_trial
from tasks.process.models import encoder_specification
from tasks.run_files.plan import digest
from tasks.spec import ExplainParameters
from tasks.spec.memory_options import memory_options

__all__ = ["TRIED_PAIRS", "TrialRequest", "trial_encodes", "try_precisions"]

TRIED_PAIRS = 16
"""Pairs of the trial: 32 items, some thousand cells, so that 1 % of them is more than a handful."""

_CANDIDATES = 8 * TRIED_PAIRS


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """A model, a corpus and how its items are perturbed, for the process that has them."""

    parameters: ExplainParameters
    fingerprint: str
    dataset_colour: tuple[int, int, int] | None
    modalities: tuple[Modality, ...]
    """Towers that the run uses; a trial that has not timed one of them is none."""
    may_try: bool
    """False: only what an earlier trial found is wanted, and no weights are loaded."""

    @property
    def subject(self) -> str:
        """Digest of what the trial depends on beside the machine.

        The corpus is among it: segments that are of one colour have standard errors near zero, which drawings
        have many of and photographs few.
        """
        parameters = self.parameters
        return digest(
            [
                self.fingerprint,
                parameters.corpus.model_dump(mode="json", exclude={"limit"}),
                parameters.segmentation.model_dump(mode="json"),
                parameters.perturbation.model_dump(mode="json"),
                self.dataset_colour,
            ]
        )


def trial_encodes(parameters: ExplainParameters, modalities: Collection[Modality]) -> int:
    """Most encodes of a trial: every item under its masks, whole and empty, in both precisions.

    Parameters
    ----------
    parameters
        Spec with the numbers of masks.
    modalities
        Those of the corpus.

    Returns
    -------
    int
        Encodes, images and texts together.
    """
    masks = {
        Modality.IMAGE: parameters.perturbation.max_image_masks,
        Modality.TEXT: parameters.perturbation.max_text_masks,
    }
    sides = 2 * sum(masks[one] + 2 for one in modalities) // max(len(modalities), 1)
    return len(PRECISIONS) * TRIED_PAIRS * sides


def try_precisions(request: TrialRequest) -> PrecisionTrial | None:
    """Recall or make the trial of a model on this machine; on a worker, where only workers have the model.

    Parameters
    ----------
    request
        Model and corpus.

    Returns
    -------
    PrecisionTrial or None
        None if this processor has no bfloat16 of its own, or nothing is remembered and nothing may be tried.

    Raises
    ------
    InputError
        If the model cannot be loaded.
    StorageError
        If the corpus cannot be read.
    """
    if not processor_has_bfloat16():
        return None
    known = recall_trial(request.subject)
    if known is not None and all(known.of(one) is not None for one in request.modalities):
        return known
    if not request.may_try:
        return None
    trial = _tried(request)
    if not trial.problem:
        remember_trial(request.subject, trial)
    return trial


def _tried(request: TrialRequest) -> PrecisionTrial:
    """One model after the other, so that the weights are in memory once."""
    parameters, options = request.parameters, _options(request)
    pairs = list(_readable_pairs(open_corpus(parameters.corpus)))
    seconds: dict[str, list[float | None]] = {}
    fits: list[list[InteractionExplanation]] = []
    problem = ""
    for precision in PRECISIONS:
        encoder = build_encoder(encoder_specification(parameters.model), "cpu", precision)
        try:
            found, seconds[precision] = _explained(encoder, pairs, options)
        except InputError as error:  # a value that is not finite, or no item that the model sees
            problem = f"{precision}: {error}"
            break
        fits.append(found)
    try:
        shift = None if problem else precision_shift(*fits)
    except InputError as error:
        shift, problem = None, str(error)
    speeds = [
        TowerSpeeds(float32=slow, bfloat16=fast) if slow and fast else None
        for slow, fast in zip(*(seconds.get(one, [None, None]) for one in PRECISIONS), strict=True)
    ]
    return PrecisionTrial(
        image=speeds[0],
        text=speeds[1],
        median=0.0 if shift is None else shift.median,
        p99=0.0 if shift is None else shift.p99,
        n_pairs=max(len(pairs), 1),
        problem=problem,
    )


def _options(request: TrialRequest) -> ExplainOptions:
    """Items as the run perturbs them, under its masks; slic replaces given regions, which are of files."""
    own = memory_options(request.parameters)
    return replace(
        own,
        estimators=("banzhaf",),
        segmenter="slic" if own.segmenter == "given" else own.segmenter,
        baseline_colour=request.dataset_colour or own.baseline_colour,
        held_out_image_masks=0,
        held_out_text_masks=0,
    )


def _explained(
    encoder: DualEncoder, pairs: Sequence[tuple[ExplainedInput, ExplainedInput]], options: ExplainOptions
) -> tuple[list[InteractionExplanation], list[float | None]]:
    """Explanations of the pairs, and CPU seconds of an encode of an image and of a text.

    CPU seconds, because other work on the machine moves them less than the clock's.
    """
    items = [item for pair in pairs for item in pair]
    images = [place for place, item in enumerate(items) if not isinstance(item, str)]
    texts = [place for place, item in enumerate(items) if isinstance(item, str)]
    explained: dict[int, ItemExplanation] = {}
    seconds: list[float | None] = []
    for places in (images, texts):
        start = time.process_time()
        found = explain_items(encoder, [items[place] for place in places], options) if places else []
        spent = time.process_time() - start
        distinct = {one.sha256: one.n_encodes for one in found}
        seconds.append(spent / sum(distinct.values()) if distinct else None)
        explained |= dict(zip(places, found, strict=True))
    fits = [
        fit_item_pair(explained[2 * number], explained[2 * number + 1], options)
        for number in range(len(pairs))
    ]
    return fits, seconds


def _readable_pairs(corpus: Corpus) -> Iterator[tuple[ExplainedInput, ExplainedInput]]:
    """Matching pairs from all over the corpus that can be read, no item of them twice."""
    order = named_rng(0, "trial of precisions").permutation(len(corpus.relevance))[:_CANDIDATES]
    used: tuple[set[int], set[int]] = (set(), set())
    n_read = 0
    for number in order.tolist():
        left, right = corpus.relevance[int(number)]
        if left in used[0] or right in used[1]:
            continue
        items = (_item(corpus, corpus.left[left]), _item(corpus, corpus.right[right]))
        if items[0] is None or items[1] is None:
            continue
        used[0].add(left)
        used[1].add(right)
        yield items[0], items[1]
        n_read += 1
        if n_read == TRIED_PAIRS:
            return


def _item(corpus: Corpus, entry: Entry) -> np.ndarray | str | None:
    if not isinstance(entry, ImageEntry):
        return entry.text if word_spans(entry.text) else None
    try:
        return np.asarray(open_image(corpus.files.read(entry)).image)
    except (ItemError, FileNotFoundError):
        return None
