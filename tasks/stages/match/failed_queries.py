"""Failed queries: read from the surveys, kept as the plan's file of margins."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.selection import retrieval_errors
from ilime_core.retrieval.survey import Survey
from tasks.run_files.match_plan import match_plan, write_named_table
from tasks.run_files.naming import pair_id_of
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import read_named_table
from tasks.stages.match.tables import DIRECTIONS

__all__ = ["FailedQuery", "failed_queries", "read_failed_queries", "write_failed_queries"]

ROW_GROUP = 4096
"""Rows of a row group of the file: a block of pairs reads few of them."""

_NAMES = ("query_id", "direction", "correct_item_id", "wrong_item_id", "correct_pair_id", "wrong_pair_id")
_SCHEMA = pa.schema([*((name, pa.string()) for name in _NAMES), ("block", pa.int32())])


@dataclass(frozen=True, slots=True)
class FailedQuery:
    """A failed query with the candidate and the pair that should have won, and those that did."""

    query_id: str
    direction: str
    correct_item_id: str
    wrong_item_id: str
    correct_pair_id: str
    wrong_pair_id: str


def failed_queries(surveys: Iterable[Survey], request: PairRequest) -> Iterator[FailedQuery]:
    """Failed queries that a request selects, by direction and then in the order of the pool.

    Parameters
    ----------
    surveys
        One for each of ``DIRECTIONS``.
    request
        Choice of pairs; says which errors are kept.

    Returns
    -------
    iterator of FailedQuery
        Each with the ids of both pairs, left item first.
    """
    for survey, direction in zip(surveys, DIRECTIONS, strict=True):
        errors = retrieval_errors(survey, request)
        asked, named = survey.pool.query_ids, survey.pool.candidate_ids
        for query, good, bad in zip(
            errors.queries.tolist(),
            errors.correct_candidates.tolist(),
            errors.wrong_candidates.tolist(),
            strict=True,
        ):
            pairs = ((asked[query], named[candidate]) for candidate in (good, bad))
            ids = [pair_id_of(*(pair if direction == DIRECTIONS[0] else pair[::-1])) for pair in pairs]
            yield FailedQuery(asked[query], direction, named[good], named[bad], *ids)


def write_failed_queries(run: OpenRun, queries: Sequence[FailedQuery], block_of: Mapping[str, int]) -> str:
    """Write the file of margins, by the pair block of the wrong pair, and return its name.

    Parameters
    ----------
    run
        Run whose plan the file belongs to.
    queries
        All of the run.
    block_of
        Pair block by pair id.

    Returns
    -------
    str
        Name of the file.
    """
    rows = [asdict(query) | {"block": block_of[query.wrong_pair_id]} for query in queries]
    rows.sort(key=lambda row: row["block"])
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    return write_named_table(run.storage, run.run_id, "margins", table, ROW_GROUP)


def read_failed_queries(run: OpenRun, block: int) -> list[FailedQuery]:
    """Failed queries whose wrong pair is in a pair block.

    Parameters
    ----------
    run
        Opened plan of the run.
    block
        Number of the pair block.

    Returns
    -------
    list of FailedQuery
        In the order of the file.
    """
    table = read_named_table(run.storage, run.run_id, match_plan(run).margins, pc.field("block") == block)
    return [FailedQuery(**row) for row in table.select(_NAMES).to_pylist()]
