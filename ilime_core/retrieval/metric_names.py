"""Names and meanings of the metrics of retrieval."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["METRICS"]

METRICS: Mapping[str, str] = MappingProxyType(
    {
        "recall_at_1": "share of queries whose first candidate matches",
        "recall_at_5": "share of queries with a match among the first 5",
        "recall_at_10": "share of queries with a match among the first 10",
        "median_rank": "median over queries of the rank of the best match",
        "map_at_r": "mean average precision among the first R candidates of a query with R matches",
        "auroc": "probability that a match scores higher than a query's hardest wrong candidate",
        "threshold": "score from which on accepting a pair has the largest balanced accuracy",
        "balanced_accuracy": "mean of two shares there: matches accepted, hardest wrong candidates rejected",
        "modality_gap": "distance between the mean embeddings of queries and candidates",
        "modality_gap_share": "its part of the mean squared distance of all embeddings from the middle",
        "hubness": "skewness of the number of queries that have a candidate among their first 10",
        "random_score_mean": "mean score of random pairs that do not match",
        "random_score_p95": "95th percentile of the scores of random pairs that do not match",
    }
)
"""Meaning of each metric, by its name, in the order of the table."""
