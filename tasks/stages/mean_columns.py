"""Columns of a mean over pairs, which the tables of means share."""

from ilime_core.aggregates.clustered_mean import ClusteredMean

__all__ = ["mean_columns"]


def mean_columns(mean: ClusteredMean, n_asked: int) -> dict[str, object]:
    """Columns of a mean with its interval.

    Parameters
    ----------
    mean
        Mean with its interval.
    n_asked
        Pairs that could have had a value.

    Returns
    -------
    dict of str to object
        Values by column.
    """
    return {
        "mean": mean.mean,
        "median": mean.median,
        "low": mean.low,
        "high": mean.high,
        "n": mean.n,
        "n_unknown": n_asked - mean.n,
        "n_left": mean.n_left,
        "n_right": mean.n_right,
        "standard_error": mean.standard_error,
        "degrees": mean.degrees,
    }
