"""Rivals: two candidates of one query whose margin is explained, kept as the plan's file of margins."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.selection import SelectedPairs, retrieval_errors
from ilime_core.retrieval.survey import Survey
from tasks.run_files.match_plan import match_plan, write_named_table
from tasks.run_files.naming import pair_id_of
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import read_named_table
from tasks.stages.match.tables import DIRECTIONS, MatchSide

__all__ = ["RivalCandidates", "failed_queries", "listed_rivals", "numbered", "read_rivals", "write_rivals"]

ROW_GROUP = 4096
"""Rows of a row group of the file: a block of pairs reads few of them."""

_NAMES = (
    "query_id",
    "direction",
    "correct_item_id",
    "wrong_item_id",
    "correct_pair_id",
    "wrong_pair_id",
    "reason",
)
_SCHEMA = pa.schema(
    [*((name, pa.string()) for name in _NAMES), ("number", pa.int32()), ("block", pa.int32())]
)


@dataclass(frozen=True, slots=True)
class RivalCandidates:
    """A query with a candidate and its pair that should win, and those that should not."""

    query_id: str
    direction: str
    correct_item_id: str
    wrong_item_id: str
    correct_pair_id: str
    wrong_pair_id: str
    reason: str
    """error: a failed query; contrast: of the corpus; listed: both pairs are listed."""
    number: int = 0
    """Among the rivals of the same query, direction and reason."""

    @classmethod
    def of(cls, query: str, direction: str, correct: str, wrong: str, reason: str) -> "RivalCandidates":
        """Rivals by their item ids.

        Parameters
        ----------
        query
            Item that asks.
        direction
            One of ``DIRECTIONS``.
        correct, wrong
            Items that answer.
        reason
            Why the two are compared.

        Returns
        -------
        RivalCandidates
            With the ids of both pairs, left item first.
        """
        to_right = direction == DIRECTIONS[0]
        pairs = [pair_id_of(*((query, one) if to_right else (one, query))) for one in (correct, wrong)]
        return cls(query, direction, correct, wrong, pairs[0], pairs[1], reason)


def failed_queries(surveys: Iterable[Survey], request: PairRequest) -> Iterator[RivalCandidates]:
    """Best relevant and best wrong candidate of the failed queries that a request selects.

    Parameters
    ----------
    surveys
        One for each of ``DIRECTIONS``.
    request
        Choice of pairs; says which errors are kept.

    Returns
    -------
    iterator of RivalCandidates
        By direction and then in the order of the pool.
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
            yield RivalCandidates.of(asked[query], direction, named[good], named[bad], "error")


def listed_rivals(
    pairs: SelectedPairs, listed: np.ndarray, left: MatchSide, right: MatchSide
) -> Iterator[RivalCandidates]:
    """Candidates that are listed for one query: the first one that matches against each of the others.

    Of a query without a listed candidate that matches, the first listed one stands in its place. The order is
    that of the items' ids: scores may tie.

    Parameters
    ----------
    pairs
        Selected pairs, the listed ones among them.
    listed
        (left, right) positions, shape (pairs, 2).
    left, right
        Items of each side.

    Returns
    -------
    iterator of RivalCandidates
        By direction and query, the others by their ids.
    """
    place = {
        both: row for row, both in enumerate(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    }
    rows = [place[i, j] for i, j in listed.tolist()]
    for direction in DIRECTIONS:
        to_right = direction == DIRECTIONS[0]
        asking, answering = (left, right) if to_right else (right, left)
        asks, answers = (pairs.left, pairs.right) if to_right else (pairs.right, pairs.left)
        candidates: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            candidates[int(asks[row])].append(row)
        for query, own in sorted(candidates.items()):
            matches = {answering.ids[answers[row]]: bool(pairs.is_positive[row]) for row in own}
            # The first that matches, and False comes before True.
            first, *others = sorted(matches, key=lambda name: (not matches[name], name))
            for wrong in others:
                yield RivalCandidates.of(asking.ids[query], direction, first, wrong, "listed")


def numbered(rivals: Iterable[RivalCandidates]) -> list[RivalCandidates]:
    """Rivals with their numbers: from 0 for each query, direction and reason, in order; repetitions go.

    Parameters
    ----------
    rivals
        RivalCandidates without numbers.

    Returns
    -------
    list of RivalCandidates
        In the order in which they came.
    """
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    found: list[RivalCandidates] = []
    for one in dict.fromkeys(rivals):
        key = (one.query_id, one.direction, one.reason)
        found.append(replace(one, number=counts[key]))
        counts[key] += 1
    return found


def write_rivals(run: OpenRun, rivals: Sequence[RivalCandidates], block_of: Mapping[str, int]) -> str:
    """Write the file of margins, by the pair block of the wrong pair, and return its name.

    Parameters
    ----------
    run
        Run whose plan the file belongs to.
    rivals
        All of the run.
    block_of
        Pair block by pair id.

    Returns
    -------
    str
        Name of the file.
    """
    rows = [asdict(one) | {"block": block_of[one.wrong_pair_id]} for one in rivals]
    rows.sort(key=lambda row: row["block"])
    table = pa.Table.from_pylist(rows, schema=_SCHEMA)
    return write_named_table(run.storage, run.run_id, "margins", table, ROW_GROUP)


def read_rivals(run: OpenRun, block: int) -> list[RivalCandidates]:
    """Rivals whose wrong pair is in a pair block.

    Parameters
    ----------
    run
        Opened plan of the run.
    block
        Number of the pair block.

    Returns
    -------
    list of RivalCandidates
        In the order of the file.
    """
    table = read_named_table(run.storage, run.run_id, match_plan(run).margins, pc.field("block") == block)
    return [RivalCandidates(**row) for row in table.select([*_NAMES, "number"]).to_pylist()]
