"""Problems of a stored run: one kind for each way in which it can be damaged."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Problem", "ProblemKind"]


class ProblemKind(StrEnum):
    """Kinds of damage of a stored run."""

    DAMAGED_PLAN = "damaged_plan"
    DAMAGED_RECORD = "damaged_record"
    DAMAGED_LIST = "damaged_list"
    STALE_RECORD = "stale_record"
    MISSING_BLOCK = "missing_block"
    MISSING_PART = "missing_part"
    WRONG_SIZE = "wrong_size"
    WRONG_DIGEST = "wrong_digest"
    UNREADABLE = "unreadable"
    WRONG_ROWS = "wrong_rows"
    UNRECORDED_PART = "unrecorded_part"
    DUPLICATE_KEY = "duplicate_key"
    DANGLING_ID = "dangling_id"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a stored run."""

    kind: ProblemKind
    key: str
    """File that it was found in."""
    message: str
    """One line: got and needed."""
