"""The sections ``runner``, ``blocks`` and ``failures``: who works, in what portions, what may fail."""

from typing import Literal

from pydantic import Field

from tasks.parameters import Parameters, Share

__all__ = ["BlockParameters", "FailureParameters", "RunnerParameters"]


class RunnerParameters(Parameters, frozen=True):
    """Runner of blocks; no number depends on it."""

    name: Literal["inline", "threads", "dask", "ray"] = Field(
        default="threads",
        description="inline: one block at a time, without Prefect; threads: in this process; dask, ray: in "
        "processes of a cluster, with PREFECT_API_URL set.",
    )
    workers: int = Field(
        default=2,
        ge=1,
        le=256,
        description="Blocks at work at once; without an address also the processes of a local cluster.",
    )
    blocks_per_task: int = Field(
        default=1, ge=1, le=1_000_000, description="Blocks grouped into one task run."
    )
    address: str = Field(
        default="", description="dask and ray: address of a running cluster; empty starts a local one."
    )
    device_resource: str = Field(
        default="",
        description="dask and ray: resource, like GPU, that workers with a device declare; stages that "
        "encode then go to those alone. Empty: to any.",
    )


class BlockParameters(Parameters, frozen=True):
    """Size of the units of commit and of the encoder's batches; frozen by the first start of a run."""

    image_encodes: int = Field(
        default=20_000, ge=1, le=1_000_000_000, description="Image encodes of one block."
    )
    text_encodes: int = Field(
        default=100_000, ge=1, le=1_000_000_000, description="Text encodes of one block."
    )
    pairs: int = Field(default=4_096, ge=1, le=1_000_000, description="Pairs of one block.")
    tile_pairs: int = Field(
        default=1_250_000,
        ge=1,
        le=1_000_000_000,
        description="Pairs of one tile of pairs.all, about: tiles are whole blocks of items.",
    )
    image_batch: int = Field(default=32, ge=1, le=65_536, description="Rows of an image batch.")
    text_batch: int = Field(default=64, ge=1, le=65_536, description="Rows of a text batch.")


class FailureParameters(Parameters, frozen=True):
    """Tolerance for unusable items."""

    tolerate: Share = Field(default=0.01, description="Share of items that may fail with exit status 0.")
