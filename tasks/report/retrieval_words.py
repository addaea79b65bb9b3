"""Sentences on retrieval: separation of matches, threshold, hubness, and levels of scores."""

from tasks.report.overview import DirectionRecall, MetricValue, Overview

__all__ = ["direction_sentence", "interval", "level_sentence"]


def interval(found: MetricValue | None, digits: int = 3, *, percent: bool = False) -> str:
    """Interval of a metric in brackets; empty where there is none.

    Parameters
    ----------
    found
        Value and its ends.
    digits
        Decimals.
    percent
        Write shares as percentages.

    Returns
    -------
    str
        Like ``(0.812 to 0.871)``.
    """
    if found is None or found.low is None or found.high is None:
        return ""
    return f"({_number(found.low, digits, percent)} to {_number(found.high, digits, percent)})"


def direction_sentence(recall: DirectionRecall) -> str:
    """Sentence on one direction: mAP@R, AUROC, threshold and hubness; empty where none is known."""
    told = [
        _told(recall, "map_at_r", "mAP@R"),
        _told(recall, "auroc", "AUROC of matches against the hardest wrong candidates"),
        _threshold(recall),
        _told(recall, "hubness", "hubness", digits=2),
    ]
    return "; ".join(filter(None, told))


def level_sentence(overview: Overview) -> str:
    """Sentence on what scores are compared with: gap of the sides, random pairs, empty pairs.

    Random pairs are those of the first direction: its queries draw them.
    """
    if not overview.recalls:
        return ""
    first = overview.recalls[0]
    share = _value(first, "modality_gap_share")
    gap = _told(
        first, "modality_gap", f"gap between mean {overview.sides.left} and mean {overview.sides.right}"
    )
    mean, upper = (_value(first, f"random_score_{name}") for name in ("mean", "p95"))
    empty = overview.aggregate("f_empty", "all")
    if gap and share is not None:
        gap += f", {share:.0%} of the spread of embeddings"
    told = [gap]
    if mean is not None and upper is not None:
        told.append(f"random pairs score {mean:.3f}, 95% of them below {upper:.3f}")
    if empty is not None and empty.mean is not None:
        told.append(f"empty pairs score {empty.mean:.3f}")
    return "; ".join(filter(None, told))


def _threshold(recall: DirectionRecall) -> str:
    accuracy = _value(recall, "balanced_accuracy")
    told = _told(recall, "threshold", "best threshold")
    return f"{told}, balanced accuracy {accuracy:.1%}" if told and accuracy is not None else told


def _told(recall: DirectionRecall, metric: str, name: str, digits: int = 3) -> str:
    found = recall.metrics.get(metric)
    if found is None or found.value is None:
        return ""
    return f"{name} {found.value:.{digits}f} {interval(found, digits)}".rstrip()


def _value(recall: DirectionRecall, metric: str) -> float | None:
    found = recall.metrics.get(metric)
    return None if found is None else found.value


def _number(value: float, digits: int, percent: bool) -> str:
    return f"{100 * value:.{digits}f}" if percent else f"{value:.{digits}f}"
