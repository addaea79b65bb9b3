"""The spec as frozen pydantic models: every field's description is its documentation."""

from tasks.parameters.corpus import CorpusParameters
from tasks.parameters.estimation import EstimationParameters
from tasks.parameters.explain import ExplainParameters
from tasks.parameters.failures import FailureParameters
from tasks.parameters.faithfulness import FaithfulnessParameters, FillParameters
from tasks.parameters.model import ModelParameters
from tasks.parameters.opaque import OpaqueParameters
from tasks.parameters.pairs import PairParameters
from tasks.parameters.perturbation import HeldOutParameters, PerturbationParameters
from tasks.parameters.refits import RefitParameters
from tasks.parameters.running import BlockParameters, RunnerParameters
from tasks.parameters.segmentation import (
    ImageSegmentationParameters,
    SegmentationParameters,
    TextSegmentationParameters,
)
from tasks.parameters.selection import SelectionParameters
from tasks.parameters.stores import StorageParameters, StoreParameters
from tasks.parameters.truth import TruthParameters

__all__ = [
    "BlockParameters",
    "CorpusParameters",
    "EstimationParameters",
    "ExplainParameters",
    "FailureParameters",
    "FaithfulnessParameters",
    "FillParameters",
    "HeldOutParameters",
    "ImageSegmentationParameters",
    "ModelParameters",
    "OpaqueParameters",
    "PairParameters",
    "PerturbationParameters",
    "RefitParameters",
    "RunnerParameters",
    "SegmentationParameters",
    "SelectionParameters",
    "StorageParameters",
    "StoreParameters",
    "TextSegmentationParameters",
    "TruthParameters",
]
