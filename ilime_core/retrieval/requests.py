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
        True chooses every pair that matches according to the corpus.
    errors
        True chooses for each failed query of either direction its best wrong candidate, and its best relevant
        one, which the explanation of the margin between the two needs.
    retrieved
        Number of first candidates to choose for every query of either direction.
    hard_negatives
        Number of best wrong candidates to choose for every query of either direction.
    random
        Number of random wrong candidates to choose for every query of either direction.
    sampled_queries
        Number of queries, drawn from both directions together; a positive is kept if either of its items was
        drawn. None takes all. Ranks always refer to the whole pool, and listed pairs are always kept.
    seed
        Of the two draws.
    unasked
        Ids that are no queries of a sample: candidates that are held to be wrong and match nothing.
    """

    positives: bool = True
    errors: bool = True
    retrieved: int = 0
    hard_negatives: int = 0
    random: int = 0
    sampled_queries: int | None = None
    seed: int = 0
    unasked: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if min(self.retrieved, self.hard_negatives, self.random) < 0:
            raise InputError(
                "retrieved, hard_negatives and random must be at least 0, got "
                f"{self.retrieved}, {self.hard_negatives} and {self.random}."
            )
        if self.sampled_queries is not None and self.sampled_queries < 1:
            raise InputError(f"sampled_queries must be at least 1, got {self.sampled_queries}.")
