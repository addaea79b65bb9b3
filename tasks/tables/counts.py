"""Counts of work, from one block to a whole run; their names are columns and keys of records."""

from dataclasses import dataclass, fields

__all__ = ["Counts"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Encodes, scores, failures and seconds; they add up.

    A new count is a field here and a column in `tasks.tables.finish`; records, rows and logs follow.
    """

    image_encodes: int = 0
    """Images that went through the tower."""
    text_encodes: int = 0
    scores: int = 0
    """Joint rows of pairs that a scorer of pairs has scored."""
    image_encodes_reused: int = 0
    """Image encodes that were copied from an earlier run instead."""
    text_encodes_reused: int = 0
    failed: int = 0
    """Items that can never be explained."""
    seconds: float = 0.0
    encoder_seconds: float = 0.0
    """Seconds inside the towers."""

    def __add__(self, other: "Counts") -> "Counts":
        mine, theirs = self.as_row(), other.as_row()
        return Counts(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def encodes(self) -> int:
        """Encodes of both modalities."""
        return self.image_encodes + self.text_encodes

    @property
    def reused(self) -> int:
        """Reused encodes of both modalities."""
        return self.image_encodes_reused + self.text_encodes_reused

    @property
    def work(self) -> dict[str, int]:
        """Counts of work done, by name: without reused encodes, failures and seconds."""
        return {name: n for name, n in self.as_row().items() if name not in _NO_WORK}

    def as_row(self) -> dict[str, int]:
        """All counts by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_NO_WORK = frozenset({"image_encodes_reused", "text_encodes_reused", "failed", "seconds", "encoder_seconds"})
