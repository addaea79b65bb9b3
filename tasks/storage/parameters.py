"""The section ``storage``."""

from pydantic import Field

from tasks.parameters import Parameters

__all__ = ["StorageParameters", "StoreParameters"]


class StoreParameters(Parameters, frozen=True):
    """How to reach one object store. Secrets never stand here: a profile or the environment names them."""

    endpoint_url: str = Field(
        default="", description="Address of an S3-compatible server; empty leaves it to AWS_ENDPOINT_URL."
    )
    profile: str = Field(
        default="", description="Profile of the AWS configuration files; empty leaves it to AWS_PROFILE."
    )
    anonymous: bool = Field(default=False, description="Do not sign requests: for public buckets.")


class StorageParameters(StoreParameters, frozen=True):
    """How to reach object stores; enters no id, table or log."""

    buckets: dict[str, StoreParameters] = Field(
        default={}, description="Buckets that are reached otherwise, by name."
    )
