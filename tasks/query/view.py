"""Record of a view: SQL over tables and earlier views, with a meaning for every column."""

from dataclasses import dataclass

from tasks.tables import Column

__all__ = ["View"]


@dataclass(frozen=True, slots=True)
class View:
    """A view of one run. ``sql`` is one SELECT in DuckDB's dialect; its columns are ``columns``, in order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    sql: str
