"""What annotators or generators say of an image and its captions: which words name what, and where it is."""

from tasks.truth.opening import open_truth
from tasks.truth.truth import TruePart, Truth

__all__ = ["TruePart", "Truth", "open_truth"]
