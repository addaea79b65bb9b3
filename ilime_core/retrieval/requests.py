"""Settings of the choice of pairs."""

from dataclasses import dataclass

from ilime_core.errors import InputError

__all__ = ["PairRequest"]


@dataclass(frozen=True, slots=True)
class PairRequest:
    """Reasons for which pairs are chosen, with their numbers.

    Attributes
    ----------
    positives
        Every pair that the corpus calls a match.
    errors
        For each failed query of either direction its best wrong candidate, and its best relevant one, without
        which the margin between the two could not be explained.
    retrieved
        The so many first candidates of every query of either direction.
    hard_negatives
        The so many best wrong candidates of every query of either direction.
    random
        So many random wrong candidates of every query of either direction.
    sampled_queries
        Ask only so many queries, drawn from both directions together; a positive stays if either of its items
        was drawn. None asks all. Ranks always refer to the whole pool, and listed pairs always stay.
    seed
        Of the two draws.
    """

    positives: bool = True
    errors: bool = True
    retrieved: int = 0
    hard_negatives: int = 0
    random: int = 0
    sampled_queries: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.retrieved, self.hard_negatives, self.random) < 0:
            raise InputError(
                "retrieved, hard_negatives and random must be at least 0, got "
                f"{self.retrieved}, {self.hard_negatives} and {self.random}."
            )
        if self.sampled_queries is not None and self.sampled_queries < 1:
            raise InputError(f"sampled_queries must be at least 1, got {self.sampled_queries}.")
