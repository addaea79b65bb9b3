"""What a stage body says when a block is committed; the engine reads it and nothing else of the block."""

from dataclasses import dataclass

__all__ = ["BlockReport"]


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One committed block.

    ``reused`` counts encodes that were carried over, ``failed`` items that can never be explained. Of an
    adopted block (found committed) the counts are what its record says.
    """

    stage: str
    block: int
    rows: int
    image_encodes: int
    text_encodes: int
    reused: int
    failed: int
    seconds: float
    encoder_seconds: float
    adopted: bool
    digest: str
    scores: int = 0
