"""Ground truth of localisation: which words name what, and where it lies in the image.

Opened when a run is planned, read by stage measure.
"""

from tasks.truth.opening import open_truth
from tasks.truth.truth import TruePart, Truth

__all__ = ["TruePart", "Truth", "open_truth"]
