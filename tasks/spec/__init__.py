"""The spec as frozen pydantic models: every field's description is its documentation.

Used by every wing above; knows no file but the spec itself.
"""

from tasks.spec.corpus import CorpusParameters
from tasks.spec.estimation import EstimationParameters
from tasks.spec.explain import ExplainParameters, SpecFile
from tasks.spec.faithfulness import BaselineParameters, FaithfulnessParameters
from tasks.spec.model import ModelParameters
from tasks.spec.opaque import OpaqueParameters
from tasks.spec.pairs import PairParameters
from tasks.spec.perturbation import HeldOutParameters, PerturbationParameters
from tasks.spec.refits import RefitParameters
from tasks.spec.running import BlockParameters, FailureParameters, RunnerParameters
from tasks.spec.segmentation import (
    ImageSegmentationParameters,
    SegmentationParameters,
    TextSegmentationParameters,
)
from tasks.spec.selection import SelectionParameters
from tasks.spec.summary import SummaryParameters
from tasks.spec.truth import TruthParameters
from tasks.storage.parameters import StorageParameters, StoreParameters

__all__ = [
    "BaselineParameters",
    "BlockParameters",
    "CorpusParameters",
    "EstimationParameters",
    "ExplainParameters",
    "FailureParameters",
    "FaithfulnessParameters",
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
    "SpecFile",
    "StorageParameters",
    "StoreParameters",
    "SummaryParameters",
    "TextSegmentationParameters",
    "TruthParameters",
]
