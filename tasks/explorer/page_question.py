"""A question whose answer is a table of a page."""

from dataclasses import dataclass

__all__ = ["PageQuestion"]


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """One question.

    Attributes
    ----------
    title, meaning
        Heading, and what its columns mean.
    sql
        One statement over the tables and views of the run; its columns are those of the page.
    filter
        Filter of the gallery that the first cell of a row opens, such as ``word``; empty for none.
    """

    title: str
    meaning: str
    sql: str
    filter: str = ""
