"""The default sample measures as many pairs as cost no more than explaining; a given sample is kept.

Proves tasks.stages.measure.budget and tasks.forecast.run_work.
"""

import pyarrow as pa
import pytest

from flows.console.cost_lines import cost_lines
from tasks.forecast.run_work import MEASURED_SHARE, later_work
from tasks.spec import ExplainParameters
from tasks.stages.explain_cost import explain_encodes, scored_items
from tasks.stages.measure.cost import (
    PlannedCorpus,
    measured_pairs,
    most_measure_encodes,
    resolved_faithfulness,
)


def listing(n_images, captions, **sections):
    """Photographs with captions of six words."""
    places = {"images": "i", "annotations": "a"}
    spec = {"corpus": places, "model": {"name": "conse"}, "output": "o"} | sections
    n = n_images * captions
    rows = [(i, "image", f"sha256:{i:064x}", None, True) for i in range(n_images)]
    rows += [(n_images + i, "text", f"sha256:{i + 1000:064x}", "a b c d e f", False) for i in range(n)]
    columns = dict(
        zip(("entry", "modality", "fingerprint", "text", "left"), zip(*rows, strict=True), strict=True)
    )
    manifest = pa.table(columns | {"right": [not one for one in columns["left"]]})
    matches = pa.table({"left": [i // captions for i in range(n)], "right": [n_images + i for i in range(n)]})
    return PlannedCorpus(ExplainParameters.model_validate(spec), manifest, matches)


def costs(listed, sample):
    scored = scored_items(listed)
    n_pairs = measured_pairs(listed, sample)
    return most_measure_encodes(listed, n_pairs, scored.most_words), explain_encodes(listed, scored)


@pytest.mark.parametrize("further", [{}, {"metrics": ["stability"]}, {"sides": ["left"], "steps": 5}])
def test_the_default_is_the_largest_sample_that_costs_no_more_than_explaining(further):
    listed = listing(30, 2, faithfulness=further)
    sample = resolved_faithfulness(listed).sample
    assert 0 < sample < 60
    within, explaining = costs(listed, sample)
    beyond, _ = costs(listed, sample + 1)
    assert within <= explaining < beyond


@pytest.mark.parametrize(
    ("listed", "sample"),
    [
        (listing(30, 2, faithfulness={"sample": 150}), 150),
        (listing(30, 2, faithfulness={"sample": 0}), 0),
        (listing(1, 1), 0),  # one pair takes 2,300 encodes, explaining 450
        (listing(1, 1, faithfulness={"metrics": ["fidelity"]}), 200),  # reads what is stored
        (listing(1200, 1), 200),
        (listing(1, 1, faithfulness={"pairs": ["p0"]}), 200),  # draws none
    ],
)
def test_what_is_asked_for_is_kept_and_a_default_never_costs_more(listed, sample):
    assert resolved_faithfulness(listed).sample == sample


def told(**faithfulness):
    asked = listing(30, 2, faithfulness=faithfulness)
    resolved = {"faithfulness": resolved_faithfulness(asked)}
    listed = PlannedCorpus(asked.parameters.model_copy(update=resolved), asked.manifest, asked.relevance)
    return cost_lines(listed, asked.parameters.faithfulness)


def test_costs_are_said_beside_those_of_explaining():
    [own] = told()
    assert own.startswith("measure: at most 6 pairs, at most ")
    assert own.endswith("(faithfulness.sample is not given: no more than explaining)")
    [many] = told(sample=50, metrics=["insertion_deletion", "stability"])
    assert " times the about 15,420 of explaining; stability explain pairs again" in many
    assert many.endswith("faithfulness.sample=3 costs no more than explaining")
    assert told(sample=0) == []
    selecting = listing(1, 1, faithfulness={"sample": 0}, selection={"methods": ["fade"]})
    [one] = cost_lines(selecting, selecting.parameters.faithfulness)
    assert one.startswith("select: at most 50 pairs by fade, at most ")


def test_what_follows_is_known_by_modality_before_it_starts():
    listed = listing(30, 2, faithfulness={"sample": 5})
    measuring, explaining = costs(listed, 5)
    work = later_work(listed)
    assert sum(work["score"].values()) == explaining - 90  # whole items are stage embed's
    assert min(work["score"].values()) > 0
    assert set(work["measure"]) == {"images", "texts"}
    assert sum(work["measure"].values()) == pytest.approx(MEASURED_SHARE * measuring)
    assert min(work["measure"].values()) > 0
    assert later_work(listing(30, 2, faithfulness={"sample": 0}))["measure"] == {}
    selecting = listing(30, 2, faithfulness={"sample": 0}, selection={"methods": ["fade"]})
    assert sum(later_work(selecting)["select"].values()) > 0
