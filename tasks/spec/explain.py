"""One spec: all sections."""

from pydantic import Field, model_validator

from ilime_core.effects.registry import FitOptions, check_refinement, rows_read
from ilime_core.encoders.registry import ENCODERS
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.perturbation.baselines import BASELINES
from ilime_core.white_box.registry import WHITE_BOX
from tasks.parameters import OutputPlace, Parameters, check_once
from tasks.spec.corpus import CorpusParameters
from tasks.spec.estimation import EstimationParameters, EstimatorName
from tasks.spec.faithfulness import FaithfulnessParameters
from tasks.spec.model import ModelParameters
from tasks.spec.opaque import OpaqueParameters
from tasks.spec.pairs import PairParameters
from tasks.spec.perturbation import PerturbationParameters
from tasks.spec.running import BlockParameters, FailureParameters, RunnerParameters
from tasks.spec.segmentation import SegmentationParameters
from tasks.spec.selection import SelectionParameters
from tasks.spec.summary import SummaryParameters
from tasks.storage.parameters import StorageParameters

__all__ = ["ExplainParameters", "SpecFile", "image_baselines"]

_OF_A_START = {"output", "runner", "faithfulness", "selection", "failures"}
"""Sections that change no explanation."""


class ExplainParameters(Parameters, frozen=True):
    """One spec: all that defines a run and its start, and nothing of how stores are reached."""

    label: str = Field(default="", max_length=80, pattern=r"^[\w .:+-]*$", description="A name for people.")
    corpus: CorpusParameters
    model: ModelParameters
    segmentation: SegmentationParameters = SegmentationParameters()
    perturbation: PerturbationParameters = PerturbationParameters()
    estimators: tuple[EstimatorName, ...] = Field(
        default=("banzhaf",),
        min_length=1,
        description="By which methods pairs are explained; the first is the primary one.",
    )
    estimation: EstimationParameters = EstimationParameters()
    opaque: OpaqueParameters = OpaqueParameters()
    pairs: PairParameters = PairParameters()
    faithfulness: FaithfulnessParameters = FaithfulnessParameters()
    selection: SelectionParameters = SelectionParameters()
    summary: SummaryParameters = SummaryParameters()
    failures: FailureParameters = FailureParameters()
    output: OutputPlace = Field(description="URL or path that all tables are written below.")
    runner: RunnerParameters = RunnerParameters()
    blocks: BlockParameters = BlockParameters()
    seed: int = Field(default=0, ge=0, lt=2**63, description="Of all random choices.")

    def of_the_run(self) -> dict[str, object]:
        """Sections that an explanation depends on, as JSON."""
        return self.model_dump(mode="json", exclude=_OF_A_START)

    @model_validator(mode="after")
    def _estimators_once(self) -> "ExplainParameters":
        check_once(self, "estimators")
        return self

    @model_validator(mode="after")
    def _second_order_has_its_rows(self) -> "ExplainParameters":
        wanted = [name for name in ("within_cells", "three_way_cells") if getattr(self.estimation, name)]
        if wanted and "banzhaf" not in self.estimators:
            raise ValueError(
                f"estimation.{wanted[0]} reads the rows of banzhaf: add it to estimators, got "
                f"{', '.join(self.estimators)}"
            )
        return self

    @model_validator(mode="after")
    def _refined_rows_are_folded(self) -> "ExplainParameters":
        drawn = self.perturbation
        options = FitOptions(
            ridge=drawn.ridge, kernel_width=drawn.kernel_width, refine=self.estimation.refine
        )
        check_refinement(options, drawn.design, self.estimators)
        return self

    @model_validator(mode="after")
    def _growing_budgets_have_their_readers(self) -> "ExplainParameters":
        if self.perturbation.adaptive.standard_error is None:
            return self
        if "banzhaf" not in self.estimators:
            raise ValueError(
                "perturbation.adaptive reads the standard errors of banzhaf: add it to estimators, got "
                f"{', '.join(self.estimators)}"
            )
        if "shapley" in rows_read(self.estimators):
            raise ValueError(
                "perturbation.adaptive does not grow the rows of product_shapley and kernel_shap: leave "
                f"these out, or adaptive, got {', '.join(self.estimators)}"
            )
        if self.opaque.reads_embeddings and set(self.estimators) & set(PAIR_ESTIMATORS.names):
            raise ValueError(
                f"opaque.scorer: {self.opaque.scorer} reads the same masks of all items: leave "
                "perturbation.adaptive out, or the estimators of single pairs"
            )
        return self

    @model_validator(mode="after")
    def _all_pairs_have_effects(self) -> "ExplainParameters":
        if self.pairs.all and self.estimators[0] in PAIR_ESTIMATORS.names:
            raise ValueError(
                f"pairs.all reads effects of items, and {self.estimators[0]} explains single pairs; name an "
                "estimator of items first"
            )
        return self

    @model_validator(mode="after")
    def _labels_have_one_source(self) -> "ExplainParameters":
        others = (
            ("corpus.regions", self.corpus.regions),
            (
                "segmentation.image.label_names",
                self.segmentation.image.label_names,
            ),
        )
        named = next((name for name, value in others if value), None)
        for boxes in ("object_column", "instances"):
            if getattr(self.corpus, boxes) and named:
                raise ValueError(f"corpus.{boxes} labels regions, and so does {named}; give one of them")
        return self

    @model_validator(mode="after")
    def _given_regions_once(self) -> "ExplainParameters":
        image = self.segmentation.image
        got = "neither" if not image.label_maps else "both"
        if image.method == "given" and bool(image.label_maps) == bool(self.corpus.regions):
            raise ValueError(
                "segmentation.image.method: given needs segmentation.image.label_maps, a folder of label"
                f" maps, or corpus.regions, MS COCO's objects, and not both; got {got}"
            )
        if self.corpus.regions and image.method != "given":
            raise ValueError("corpus.regions goes with segmentation.image.method: given")
        return self

    @model_validator(mode="after")
    def _dropped_tokens_have_a_tower(self) -> "ExplainParameters":
        """A picture is needed by all that reads more than the embedding of an item without some patches."""
        unpainted = [name for name in image_baselines(self) if not BASELINES[name].paints]
        if unpainted and not ENCODERS[self.model.name].reads_tokens:
            raise ValueError(
                f"image_baseline {unpainted[0]} leaves tokens of patches out, and the image tower of "
                f"model.name {self.model.name} has none; take segment_mean, or a vision transformer"
            )
        if BASELINES[self.perturbation.image_baseline].paints:
            return self
        readers = [name for name in self.estimators if name in WHITE_BOX.names]
        readers += (
            []
            if self.opaque.reads_embeddings
            else [name for name in self.estimators if name in PAIR_ESTIMATORS.names]
        )
        readers += [f"selection.methods {name}" for name in self.selection.methods if name == "fade"]
        if readers:
            raise ValueError(
                f"perturbation.image_baseline: {readers[0]} reads a picture that replaces removed regions, "
                f"and {self.perturbation.image_baseline} makes none; take another baseline, or leave "
                f"{readers[0]} out"
            )
        return self


def image_baselines(parameters: ExplainParameters) -> tuple[str, ...]:
    """Baselines of images that a spec explains and measures with, the first is that of the explanation."""
    asked = (one.image_baseline for one in parameters.faithfulness.baselines)
    return (parameters.perturbation.image_baseline, *(name for name in asked if name is not None))


class SpecFile(ExplainParameters, frozen=True):
    """One spec file: a spec, and access to the stores that it names."""

    storage: StorageParameters = StorageParameters()

    def spec(self) -> ExplainParameters:
        """The spec alone: no plan, table or server keeps section ``storage``."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"storage"}}
        return ExplainParameters(**given)
