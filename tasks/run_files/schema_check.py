"""Check of the major schema version of committed tables: others have other tables or columns."""

from collections.abc import Iterable

from ilime_core.errors import InputError
from tasks.run_files.commit_records import Commit
from tasks.tables import SCHEMA_VERSION

__all__ = ["SchemaError", "check_schema"]


class SchemaError(InputError):
    """A run was written under another major version of the schema."""


def check_schema(root: str, commits: Iterable[Commit]) -> None:
    """Refuse records of another major version.

    Parameters
    ----------
    root
        Output, for the error.

    Raises
    ------
    SchemaError
        If a record is of another major version; the message names the run and both versions.
    """
    major, _, _ = SCHEMA_VERSION.partition(".")
    for commit in commits:
        found = commit.versions.get("tables", SCHEMA_VERSION)
        if found.partition(".")[0] != major:
            raise SchemaError(
                f"{root}: run {commit.run_id} has tables of schema {found}, and this version of ilime reads "
                f"{SCHEMA_VERSION}: use the version that wrote it, or explain again into another output"
            )
