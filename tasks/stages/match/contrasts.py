"""Contrasts of a run: scores of both candidates, and who won."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from ilime_core.retrieval.choices import asked_queries
from ilime_core.retrieval.ranking import rank_pairs
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.survey import Survey
from tasks.corpora.contrasts import Contrast
from tasks.run_files.naming import pair_id_of
from tasks.run_files.plan import OpenRun
from tasks.run_files.planned_contrasts import planned_contrasts
from tasks.stages.match.rivals import RivalCandidates
from tasks.stages.match.tables import DIRECTIONS, MatchSide
from tasks.tables import TABLES

__all__ = ["PlacedContrasts", "contrast_table", "place_contrasts"]


@dataclass(frozen=True, slots=True)
class PlacedContrasts:
    """Contrasts whose rows are positions of usable items, and those that cannot be held against each other.

    Attributes
    ----------
    usable
        With positions.
    unusable
        Of which an item has failed, with entries of the manifest.
    unedited
        Captions to which an edit does not apply, likewise.
    """

    usable: tuple[Contrast, ...]
    unusable: tuple[Contrast, ...] = ()
    unedited: tuple[Contrast, ...] = ()

    @property
    def any(self) -> bool:
        """Whether the corpus has contrasts, usable or not."""
        return bool(self.usable or self.unusable or self.unedited)

    @property
    def correct(self) -> Int64[np.ndarray, "contrasts 2"]:
        """(left, right) positions of the correct pairs."""
        return _pairs([(one.direction, one.query, one.correct) for one in self.usable])

    @property
    def edited(self) -> Int64[np.ndarray, "contrasts 2"]:
        """(left, right) positions of the edited pairs."""
        return _pairs([(one.direction, one.query, _edited(one)) for one in self.usable])

    def asked(self, surveys: tuple[Survey, Survey], request: PairRequest) -> "PlacedContrasts":
        """Keep those whose query a request includes.

        Parameters
        ----------
        surveys
            One for each of ``DIRECTIONS``.
        request
            Choice of pairs.

        Returns
        -------
        PlacedContrasts
            In their order.
        """
        if not self.usable:
            return PlacedContrasts(())
        asked = dict(zip(DIRECTIONS, (asked_queries(one, request) for one in surveys), strict=True))
        return PlacedContrasts(tuple(one for one in self.usable if asked[one.direction][one.query]))

    def without_match(
        self, left: MatchSide, right: MatchSide, relevance: Int64[np.ndarray, "matches 2"]
    ) -> frozenset[str]:
        """Ids of the edited candidates that match nothing.

        Parameters
        ----------
        left, right
            Items of each side.
        relevance
            (left, right) positions that match.

        Returns
        -------
        frozenset of str
            Item ids.
        """
        matched = {
            side.ids[place] for side, column in ((left, 0), (right, 1)) for place in relevance[:, column]
        }
        edited = {
            (right if one.direction == DIRECTIONS[0] else left).ids[_edited(one)] for one in self.usable
        }
        return frozenset(edited - matched)

    def rivals(self, left: MatchSide, right: MatchSide) -> Iterator[RivalCandidates]:
        """Both candidates of each, whose margin fit explains.

        Parameters
        ----------
        left, right
            Items of each side.

        Yields
        ------
        Iterator[RivalCandidates]
            In the order of the contrasts.
        """
        for one in self.usable:
            asking, answering = (left, right) if one.direction == DIRECTIONS[0] else (right, left)
            names = (answering.ids[place] for place in (one.correct, _edited(one)))
            yield RivalCandidates.of(asking.ids[one.query], one.direction, *names, reason="contrast")


def place_contrasts(run: OpenRun, left: MatchSide, right: MatchSide) -> PlacedContrasts:
    """Look up the items of the contrasts that the plan holds.

    Parameters
    ----------
    run
        Opened plan of the run.
    left, right
        Usable items of each side.

    Returns
    -------
    PlacedContrasts
        In the plan's order.
    """
    usable, unusable, unedited = list[Contrast](), list[Contrast](), list[Contrast]()
    for row in planned_contrasts(run).to_pylist():
        one = Contrast(**row)
        asks, answers = (left, right) if one.direction == DIRECTIONS[0] else (right, left)
        query, correct = asks.places.get(one.query), answers.places.get(one.correct)
        if one.edited is None:
            unedited.append(one)
            continue
        edited = answers.places.get(one.edited)
        if query is None or correct is None or edited is None:
            unusable.append(one)
        elif correct != edited:  # entries of one content that were told apart only when they were read
            usable.append(replace(one, query=query, correct=correct, edited=edited))
    return PlacedContrasts(tuple(usable), tuple(unusable), tuple(unedited))


def contrast_table(placed: PlacedContrasts, forward: Survey, explained: Collection[str]) -> pa.Table:
    """One row per contrast.

    Parameters
    ----------
    placed
        Contrasts of the run.
    forward
        Survey of the left queries; its pool gives the scores.
    explained
        Ids of the selected pairs.

    Returns
    -------
    pyarrow.Table
        Rows of the table ``contrasts``, in the order of the contrasts.
    """
    correct, edited = placed.correct, placed.edited
    # With ranks that nobody asks for, but rounded as scores of rankings and pairs are.
    scores = rank_pairs(forward.pool, np.concatenate([correct, edited])).scores
    good, bad = np.split(scores, 2)
    rows = [
        {
            "question": one.question,
            "edit": one.edit,
            "category": one.category,
            "direction": one.direction,
            **_ids(one, forward),
            "score_correct": good[number],
            "score_edited": bad[number],
            "margin": good[number] - bad[number],
            "won": bool(good[number] > bad[number]),
            "tied": bool(good[number] == bad[number]),
        }
        for number, one in enumerate(placed.usable)
    ]
    known = frozenset(explained)
    told = [
        row | {"is_explained": known.issuperset((row["correct_pair_id"], row["edited_pair_id"]))}
        for row in rows
    ]
    return pa.Table.from_pylist(told, schema=TABLES["contrasts"].schema)


def _ids(one: Contrast, forward: Survey) -> dict[str, str]:
    """Ids of the items and pairs of a contrast, by column."""
    left, right = forward.pool.query_ids, forward.pool.candidate_ids
    to_right = one.direction == DIRECTIONS[0]
    asking, answering = (left, right) if to_right else (right, left)
    query, correct, edited = asking[one.query], answering[one.correct], answering[_edited(one)]
    pairs = [pair_id_of(*((query, name) if to_right else (name, query))) for name in (correct, edited)]
    return {
        "query_id": query,
        "correct_id": correct,
        "edited_id": edited,
        "correct_pair_id": pairs[0],
        "edited_pair_id": pairs[1],
    }


def _edited(one: Contrast) -> int:
    assert one.edited is not None  # `PlacedContrasts.usable` holds no others
    return one.edited


def _pairs(placed: list[tuple[str, int, int]]) -> Int64[np.ndarray, "contrasts 2"]:
    pairs = [(query, place) if way == DIRECTIONS[0] else (place, query) for way, query, place in placed]
    return np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
