"""Certainty: share of the interactions that differ from 0."""

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import SHARE, Group, Reported

__all__ = ["CERTAINTY", "certainty"]


def certainty(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Share of the cells of W that differ from 0 at 5 %, false discoveries controlled.

    Each weight over its standard error is held against Student's t with the error's degrees of freedom, on
    both sides, and all cells of the pair against each other by Benjamini and Hochberg: stage fit does so for
    every pair (:func:`~ilime_core.interactions.significance.pair_significance`). Where nothing is there, some
    discovery is made in 5 % of the pairs, so that no chance control stands beside.

    Without a value where errors are unknown, and where nothing was drawn: of a method that computes its
    weights, and of items all of whose coalitions were encoded, no weight is estimated, so none is certain.
    """
    value = pair.shares.share_certain
    return (FaithfulnessValue("certainty", "none", Control.EXPLANATION, value),)


CERTAINTY = Metric(
    make=certainty,
    what="share of interactions that differ from 0, false discoveries controlled",
    source="https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
    title="certainty",
    reports=(
        Reported(
            name="certainty",
            title="certainty",
            says="Share of the matrix's cells that differ from 0 at 5 %, false discoveries controlled; "
            "none of methods that draw no masks and of items whose coalitions were all encoded, of which "
            "nothing is estimated, and none where standard errors leave something out.",
            group=Group.COMPREHENSIBILITY,
            direction="higher",
            bounds=SHARE,
            chance="Next to nothing: noise seldom differs from 0.",
            modes_of_draws=("none",),
        ),
    ),
)
