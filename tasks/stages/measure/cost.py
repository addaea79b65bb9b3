"""Cost of measuring: an upper bound by number of pairs, and the sample that costs no more than explaining."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.modality import Modality
from tasks.corpora.contrasted_pairs import contrasted_pairs
from tasks.corpora.contrasts import CONTRAST_SCHEMA
from tasks.corpora.named_pairs import PAIR_SCHEMA
from tasks.parameters import Parameters
from tasks.run_files.plan import OpenRun
from tasks.run_files.planned_contrasts import planned_contrasts
from tasks.spec import ExplainParameters, FaithfulnessParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import Listed, explain_encodes, scored_items
from tasks.stages.match.blocks import TYPICAL_WORDS
from tasks.stages.measure.budget import encodes_of_item, encodes_of_pair, refit_encodes

__all__ = [
    "LARGEST_SAMPLE",
    "PlannedCorpus",
    "affordable_pairs",
    "cost_of_pair",
    "kinds_of_sides",
    "listing_of",
    "measure_encodes",
    "measured_pairs",
    "most_measure_encodes",
    "resolved_faithfulness",
]

LARGEST_SAMPLE = 200
"""Pairs of the default sample of a large benchmark: intervals of means are narrow by then."""


@dataclass(frozen=True, slots=True, eq=False)
class PlannedCorpus:
    """A spec with the corpus of a frozen plan."""

    parameters: ExplainParameters
    manifest: pa.Table
    relevance: pa.Table
    named: pa.Table = field(default_factory=PAIR_SCHEMA.empty_table)
    contrasts: pa.Table = field(default_factory=CONTRAST_SCHEMA.empty_table)


def listing_of(run: OpenRun, sections: Mapping[str, Parameters]) -> PlannedCorpus:
    """The corpus of a run; sections that fix none of its numbers may be others than at its first start.

    Parameters
    ----------
    run
        Opened plan of the run.
    sections
        Sections to replace, by field of the spec.

    Returns
    -------
    PlannedCorpus
        Corpus with the changed spec.
    """
    return PlannedCorpus(
        run.plan.parameters.model_copy(update=dict(sections)),
        run.manifest,
        run.relevance,
        run.named,
        planned_contrasts(run),
    )


def resolved_faithfulness(listed: Listed) -> FaithfulnessParameters:
    """The section with its sample as a number: by default as many pairs as cost no more than explaining."""
    faithfulness = listed.parameters.faithfulness
    if faithfulness.sample is not None:
        return faithfulness
    sample = LARGEST_SAMPLE
    if not faithfulness.pairs:
        scored = scored_items(listed)
        sample = affordable_pairs(listed, explain_encodes(listed, scored), scored.most_words)
    return faithfulness.model_copy(update={"sample": sample})


def affordable_pairs(listed: Listed, encodes: int, most_words: int) -> int:
    """Return the most pairs, up to LARGEST_SAMPLE, whose measurement takes at most ``encodes``.

    Parameters
    ----------
    listed
        Spec and its corpus.
    encodes
        Encodes that measuring may take.
    most_words
        Words of the longest text.

    Returns
    -------
    int
        0 where one pair takes more.
    """
    enough, too_many = 0, LARGEST_SAMPLE + 1
    while too_many - enough > 1:
        sample = (enough + too_many) // 2
        if most_measure_encodes(listed, measured_pairs(listed, sample), most_words) <= encodes:
            enough = sample
        else:
            too_many = sample
    return enough


def measured_pairs(listed: Listed, sample: int | None = None) -> int:
    """Pairs that are measured, as far as they are known before retrieval: at most.

    Parameters
    ----------
    listed
        Spec and its corpus.
    sample
        Number of pairs; None takes that of the spec, which has to be a number.

    Returns
    -------
    int
        Upper bound on the number of pairs.
    """
    faithfulness, pairs = listed.parameters.faithfulness, listed.parameters.pairs
    if not faithfulness.measures:
        return 0
    if faithfulness.pairs:
        return len(faithfulness.pairs)
    sample = (faithfulness.sample or 0) if sample is None else sample
    further = pairs.asks_retrieval or pairs.sample_queries
    known = listed.named.num_rows + (listed.relevance.num_rows if pairs.positives else 0)
    known += contrasted_pairs(listed.contrasts).num_rows if pairs.contrasts else 0
    return sample if further else min(sample, known)


def most_measure_encodes(listed: Listed, n_pairs: int, most_words: int) -> int:
    """Most encodes of measuring, of both modalities.

    Parameters
    ----------
    listed, n_pairs, most_words
        As in :func:`measure_encodes`.

    Returns
    -------
    int
        Its total.
    """
    return measure_encodes(listed, n_pairs, most_words).total()


def measure_encodes(listed: Listed, n_pairs: int, most_words: int) -> Counter[str]:
    """Most encodes of measuring pairs of items of the largest size, by modality.

    A left item is encoded once for its pairs, a right one for each.

    Parameters
    ----------
    listed
        Spec and its corpus.
    n_pairs
        Pairs that are measured.
    most_words
        Words of the longest text.

    Returns
    -------
    Counter of str
        Upper bounds, refits included.
    """
    most: Counter[str] = Counter()
    if not n_pairs:
        return most
    parameters = listed.parameters
    faithfulness = parameters.faithfulness
    n_explanations = len(faithfulness.estimators or parameters.estimators)
    sizes = {
        Modality.IMAGE.value: parameters.segmentation.image.n_segments,
        Modality.TEXT.value: most_words,
    }
    left, right = kinds_of_sides(listed, ("left", "right"))
    n_images = listed.manifest.filter(pc.field("modality") == Modality.IMAGE.value).num_rows
    n_left = min(n_pairs, n_images if left == Modality.IMAGE.value else n_pairs)
    # Shared evenly an item's orders cost most: what an item may need grows ever more slowly.
    shared = n_explanations * -(-n_pairs // max(n_left, 1))
    most[left] += n_left * encodes_of_item(faithfulness, sizes.get(left, 0), shared)
    most[right] += n_pairs * encodes_of_item(faithfulness, sizes.get(right, 0), n_explanations)
    for kind in (left, right):
        again = refit_encodes(parameters, [(kind, sizes.get(kind, 0))])
        most[kind] += min(n_pairs, faithfulness.refits.sample) * again
    return most


def kinds_of_sides(listed: Listed, sides: Sequence[str]) -> list[str]:
    """Modality of each side; '' where a side is empty.

    Parameters
    ----------
    listed
        Spec and its corpus.
    sides
        ``left``, ``right`` or both.

    Returns
    -------
    list of str
        One for each side.
    """
    of_sides = [listed.manifest.filter(pc.field(side))["modality"] for side in sides]
    return [str(kinds[0]) if len(kinds) else "" for kinds in of_sides]


def cost_of_pair(parameters: ExplainParameters) -> tuple[int, int]:
    """Encodes of measuring an image with a typical text, at most, and about those of explaining the two."""
    sizes = {Modality.IMAGE: parameters.segmentation.image.n_segments, Modality.TEXT: TYPICAL_WORDS}
    explaining = sum(MaskDraw.of(modality, parameters).about(size) for modality, size in sizes.items())
    return encodes_of_pair(parameters, parameters.faithfulness), explaining
