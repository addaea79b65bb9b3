"""Version of each stage's numerics: raised when a golden value of the stage moves, part of every run id."""

__all__ = ["NUMERICS"]

NUMERICS = {
    "embed": 1,
    "match": 3,
    "segment": 1,
    "score": 3,
    "fit": 3,
    "sweep": 1,
    "gather": 1,
    "measure": 3,
    "rank": 3,
    "select": 2,
    "summarise": 3,
}
