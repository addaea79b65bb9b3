"""The spec as frozen pydantic models: every field's description is its documentation."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "BlockParameters",
    "CorpusParameters",
    "ExplainParameters",
    "FailureParameters",
    "FaithfulnessParameters",
    "HeldOutParameters",
    "ImageSegmentationParameters",
    "ModelParameters",
    "PairParameters",
    "PerturbationParameters",
    "RunnerParameters",
    "SegmentationParameters",
    "TextSegmentationParameters",
]

Share = Annotated[float, Field(ge=0, le=1)]
Colour = tuple[
    Annotated[int, Field(ge=0, le=255)],
    Annotated[int, Field(ge=0, le=255)],
    Annotated[int, Field(ge=0, le=255)],
]


class Parameters(BaseModel, frozen=True):
    """Base: immutable, and an unknown key is an error."""

    # Each class says frozen itself: type checkers take it, and with it the hash, from there alone.
    model_config = ConfigDict(extra="forbid", strict=False)


class CorpusParameters(Parameters, frozen=True):
    """Where the images and captions are."""

    format: Literal["karpathy"] = Field(default="karpathy", description="Layout of the annotations.")
    annotations: str = Field(description="URL or path of the annotation file.")
    images: str = Field(description="URL or path of the folder that image names are relative to.")
    split: str = Field(default="test", description="Split to explain; 'all' takes every one.")
    limit: int | None = Field(
        default=None, ge=1, description="Explain only the first so many images and their captions."
    )


class ModelParameters(Parameters, frozen=True):
    """Which dual encoder is explained."""

    name: Literal["conse", "open_clip", "plugin"] = Field(description="Kind of encoder.")
    model: str = Field(
        default="", description="open_clip: architecture, 'hf-hub:' id, or path of a JSON config."
    )
    pretrained: str = Field(default="", description="open_clip: pretrained tag.")
    checkpoint: str = Field(
        default="", description="open_clip: local checkpoint (safetensors, or tensors-only .pt)."
    )
    force_quick_gelu: bool = Field(
        default=False, description="open_clip: use QuickGELU whatever the config says."
    )
    factory: str = Field(
        default="", description="plugin: package.module:function that returns a dual encoder."
    )
    device: str = Field(default="auto", description="auto, cpu, cuda or cuda:N.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="Arithmetic of the towers."
    )


class ImageSegmentationParameters(Parameters, frozen=True):
    """How views are cut into regions."""

    method: Literal["slic", "felzenszwalb", "quickshift", "watershed", "grid", "given"] = Field(
        default="slic", description="How views are cut into regions."
    )
    n_segments: int = Field(default=49, ge=1, le=1024, description="Regions wanted; methods come near it.")
    masks: str = Field(
        default="", description="given: URL of a folder of label maps, <image name without suffix>.png."
    )

    @model_validator(mode="after")
    def _given_needs_masks(self) -> "ImageSegmentationParameters":
        if (self.method == "given") != bool(self.masks):
            raise ValueError("masks names the folder of label maps and goes with method: given")
        return self


class TextSegmentationParameters(Parameters, frozen=True):
    """How captions are cut."""

    unit: Literal["word", "token"] = Field(
        default="word", description="Unicode words, or the tokenizer's tokens."
    )


class SegmentationParameters(Parameters, frozen=True):
    """What is explained: regions and words."""

    image: ImageSegmentationParameters = ImageSegmentationParameters()
    text: TextSegmentationParameters = TextSegmentationParameters()


class HeldOutParameters(Parameters, frozen=True):
    """Fresh masks that check the fit."""

    image: int = Field(default=64, ge=0, description="Masks per image; 0 for none.")
    text: int = Field(default=16, ge=0, description="Masks per text; an enumerated text reuses its own.")
    image_share: Share = Field(
        default=1.0, description="Share of images that get them (a seeded choice per image)."
    )
    text_share: Share = Field(default=1.0, description="Share of texts that get them.")


class PerturbationParameters(Parameters, frozen=True):
    """How items are perturbed."""

    design: Literal["foldover", "enumerate", "iid", "stratified"] = Field(
        default="foldover", description="How the masks of an item are drawn."
    )
    p: float = Field(
        default=0.5, gt=0, lt=1, description="Probability of keeping a segment; part of the question."
    )
    max_image_masks: int = Field(
        default=256, ge=2, description="Masks per image (foldover rounds up to whole blocks)."
    )
    max_text_masks: int = Field(
        default=64, ge=2, description="Masks per text; enumerated where 2^words fits."
    )
    shapley_image_masks: int = Field(
        default=128, ge=0, description="Further masks per image for product_shapley."
    )
    shapley_text_masks: int = Field(
        default=32, ge=0, description="Further masks per text for product_shapley."
    )
    held_out: HeldOutParameters = HeldOutParameters()
    image_baseline: Literal["segment_mean", "blur", "constant", "noise", "dataset_mean"] = Field(
        default="segment_mean", description="What stands in for removed regions."
    )
    baseline_colour: Colour = Field(
        default=(127, 127, 127), description="constant: colour of removed regions."
    )
    blur_sigma: float = Field(default=10.0, gt=0, description="blur: standard deviation in view pixels.")
    text_removal: Literal["drop", "mask"] = Field(
        default="drop", description="Cut words out, or write a mask word."
    )
    ridge: float = Field(
        default=0.0,
        ge=0,
        description="Penalty on the squared norm of each side's effects, beside the mean square residual.",
    )
    kernel_width: float | None = Field(
        default=None, gt=0, description="Product kernel width; none for equal weights."
    )
    keep_embeddings: bool = Field(default=False, description="Keep the embedding of every fitted mask.")

    @model_validator(mode="after")
    def _folding_needs_half(self) -> "PerturbationParameters":
        if self.design == "foldover" and self.p != 0.5:
            raise ValueError(f"design: foldover needs p: 0.5, got {self.p}; use design: iid or stratified")
        return self


class PairParameters(Parameters, frozen=True):
    """Which pairs are explained."""

    positives: bool = Field(default=True, description="Pairs that the corpus calls a match.")
    errors: bool = Field(default=True, description="For each failed query its best wrong candidate.")
    retrieved: int = Field(default=0, ge=0, description="Best candidates of every query, in both directions.")
    hard_negatives: int = Field(default=0, ge=0, description="Best wrong candidates of every query.")
    listed: str = Field(default="", description="URL of a CSV with columns left,right (external ids).")
    sample_queries: int | None = Field(
        default=None, ge=1, description="Explain only the pairs of so many seeded queries."
    )


class FaithfulnessParameters(Parameters, frozen=True):
    """Whether explanations can be trusted."""

    metrics: tuple[Literal["insertion_deletion"], ...] = Field(
        default=("insertion_deletion",), description="What is measured; an empty list measures nothing."
    )
    sample: int = Field(default=200, ge=0, description="Pairs to measure, a seeded choice.")
    steps: int = Field(default=50, ge=2, description="Points of a curve.")
    random_orders: int = Field(default=20, ge=2, description="Random-order controls.")


class FailureParameters(Parameters, frozen=True):
    """How many unusable items are still a success."""

    tolerate: Share = Field(default=0.01, description="Share of items that may fail with exit status 0.")


class RunnerParameters(Parameters, frozen=True):
    """Who does the work; no number depends on it."""

    name: Literal["inline", "threads"] = Field(
        default="threads", description="inline works without a Prefect server, one block at a time."
    )
    workers: int = Field(default=2, ge=1, le=256, description="Blocks at work at once.")
    blocks_per_task: int = Field(default=1, ge=1, description="Blocks grouped into one task run.")


class BlockParameters(Parameters, frozen=True):
    """Size of the units of commit and of the encoder's batches; frozen by the first start of a run."""

    image_encodes: int = Field(default=20_000, ge=1, description="Image encodes of one block.")
    text_encodes: int = Field(default=100_000, ge=1, description="Text encodes of one block.")
    pairs: int = Field(default=4_096, ge=1, description="Pairs of one block.")
    image_batch: int = Field(default=32, ge=1, description="Rows of an image batch.")
    text_batch: int = Field(default=64, ge=1, description="Rows of a text batch.")


class ExplainParameters(Parameters, frozen=True):
    """One spec file."""

    label: str = Field(default="", max_length=80, pattern=r"^[\w .:+-]*$", description="A name for people.")
    corpus: CorpusParameters
    model: ModelParameters
    segmentation: SegmentationParameters = SegmentationParameters()
    perturbation: PerturbationParameters = PerturbationParameters()
    estimators: tuple[Literal["banzhaf", "product_shapley"], ...] = Field(
        default=("banzhaf",),
        min_length=1,
        description="Which effects are computed; the first is the primary one.",
    )
    pairs: PairParameters = PairParameters()
    faithfulness: FaithfulnessParameters = FaithfulnessParameters()
    failures: FailureParameters = FailureParameters()
    output: str = Field(description="URL or path that all tables are written below.")
    runner: RunnerParameters = RunnerParameters()
    blocks: BlockParameters = BlockParameters()
    seed: int = Field(default=0, ge=0, lt=2**63, description="Of all random choices.")

    @model_validator(mode="after")
    def _estimators_once(self) -> "ExplainParameters":
        if len(set(self.estimators)) != len(self.estimators):
            raise ValueError(f"estimators are named twice: {', '.join(self.estimators)}")
        return self
