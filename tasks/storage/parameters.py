"""Models of the section ``storage``: address, profile and signature of object stores."""

from pydantic import Field

from tasks.parameters import Parameters

__all__ = ["StorageParameters", "StoreParameters"]


class StoreParameters(Parameters, frozen=True):
    """Access to one object store. It holds no secret: a profile or the environment names those."""

    endpoint_url: str = Field(
        default="", description="Address of an S3-compatible server; empty leaves it to AWS_ENDPOINT_URL."
    )
    profile: str = Field(
        default="", description="Profile of the AWS configuration files; empty leaves it to AWS_PROFILE."
    )
    anonymous: bool = Field(default=False, description="Do not sign requests: for public buckets.")


class StorageParameters(StoreParameters, frozen=True):
    """Access to object stores; enters no id, table or log."""

    buckets: dict[str, StoreParameters] = Field(
        default={}, description="Buckets that are reached otherwise, by name."
    )
