"""Pairs chosen for each reason, their relations, ranks and scores.

Proves ilime_core.retrieval.choices and ilime_core.retrieval.requests.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.ranking import rank_candidates
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.sampling import sample_queries
from ilime_core.retrieval.selection import Relation, SelectedPairs, retrieval_errors, select_pairs
from ilime_core.retrieval.survey import Survey, survey_direction

NOTHING = PairRequest(positives=False, errors=False)
N_LEFT, N_RIGHT = 12, 30


def surveys(seed: int = 7) -> tuple[Survey, Survey]:
    """Twelve images with two captions each; the last six captions match nothing."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(N_LEFT, 5)), rng.normal(size=(N_RIGHT, 5))
    right[: 2 * N_LEFT] += 0.8 * np.repeat(left, 2, axis=0)
    left_ids = tuple(f"i{number:02d}" for number in rng.permutation(N_LEFT))
    right_ids = tuple(f"t{number:02d}" for number in rng.permutation(N_RIGHT))
    pool = Pool(torch.tensor(left), torch.tensor(right), left_ids, right_ids)
    relevance = np.column_stack([np.repeat(np.arange(N_LEFT), 2), np.arange(2 * N_LEFT)])
    return (
        survey_direction(pool, relevance, top_k=4, n_wrong=3),
        survey_direction(pool.reversed(), relevance[:, ::-1], top_k=4, n_wrong=3),
    )


def select(request: PairRequest, listed: list[tuple[int, int]] | None = None) -> SelectedPairs:
    given = None if listed is None else np.asarray(listed)
    return select_pairs(*surveys(), request, lambda left, right: f"p{right}{left}", given)


def index_pairs(selected: SelectedPairs) -> set[tuple[int, int]]:
    return set(zip(selected.left.tolist(), selected.right.tolist(), strict=True))


def ranked(backward: bool) -> list[list[int]]:
    return rank_candidates(surveys()[backward].pool, N_RIGHT).candidates.tolist()


def is_match(left: int, right: int) -> bool:
    return right < 2 * N_LEFT and right // 2 == left


def errors_by_hand() -> set[tuple[int, int]]:
    there = {(left, row[0]) for left, row in enumerate(ranked(backward=False)) if not is_match(left, row[0])}
    back = {
        (row[0], right)
        for right, row in enumerate(ranked(backward=True))
        if right < 2 * N_LEFT and not is_match(row[0], right)
    }
    return there | back


def test_positives_are_the_matches():
    selected = select(replace(NOTHING, positives=True))
    assert index_pairs(selected) == {(right // 2, right) for right in range(2 * N_LEFT)}
    assert set(selected.relations) == {Relation.POSITIVE}
    assert selected.is_positive.all()


def test_errors_are_the_best_wrong_candidates_of_failed_queries_with_their_best_relevant_ones():
    selected = select(replace(NOTHING, errors=True))
    wrong = {pair for pair in index_pairs(selected) if not is_match(*pair)}
    assert len(wrong) > 3
    assert wrong == errors_by_hand()
    assert {
        pair
        for pair, flag in zip(zip(selected.left, selected.right, strict=True), selected.is_error, strict=True)
        if flag
    } == wrong
    assert {
        relation
        for relation, positive in zip(selected.relations, selected.is_positive, strict=True)
        if not positive
    } == {Relation.HARD_NEGATIVE}
    forward, backward = surveys()
    for survey, flip in ((forward, 1), (backward, -1)):
        errors = retrieval_errors(survey, PairRequest())
        for query, right, bad in zip(
            errors.queries, errors.correct_candidates, errors.wrong_candidates, strict=True
        ):
            assert is_match(*(query, right)[::flip])
            assert not is_match(*(query, bad)[::flip])
            assert {(query, right)[::flip], (query, bad)[::flip]} <= index_pairs(selected)


def test_retrieved_are_the_first_k_of_both_directions():
    for k in (1, 3):
        selected = select(replace(NOTHING, retrieved=k))
        there = {(left, right) for left, row in enumerate(ranked(backward=False)) for right in row[:k]}
        back = {(left, right) for right, row in enumerate(ranked(backward=True)) for left in row[:k]}
        assert index_pairs(selected) == there | back
        assert selected.is_retrieved.all()


def test_hard_negatives_are_the_k_best_wrong_of_both_directions():
    for k in (1, 3):
        selected = select(replace(NOTHING, hard_negatives=k))
        there = {
            (left, right)
            for left, row in enumerate(ranked(backward=False))
            for right in [right for right in row if not is_match(left, right)][:k]
        }
        back = {
            (left, right)
            for right, row in enumerate(ranked(backward=True))
            for left in [left for left in row if left >= 0 and not is_match(left, right)][:k]
        }
        assert index_pairs(selected) == there | back
        assert set(selected.relations) == {Relation.HARD_NEGATIVE}
        # A hard negative is an error only where its query failed.
        assert set(np.flatnonzero(selected.is_error)) == {
            place
            for place, pair in enumerate(zip(selected.left, selected.right, strict=True))
            if pair in errors_by_hand()
        }


def test_random_candidates_are_wrong_seeded_and_as_many_as_asked():
    selected = select(replace(NOTHING, random=2))
    assert not selected.is_positive.any()
    assert np.bincount(selected.left, minlength=N_LEFT).min() >= 2
    assert np.bincount(selected.right, minlength=N_RIGHT).min() >= 2
    assert Relation.SAMPLED in selected.relations
    assert index_pairs(selected) == index_pairs(select(replace(NOTHING, random=2)))
    assert index_pairs(selected) != index_pairs(select(replace(NOTHING, random=2, seed=1)))
    all_wrong = select(replace(NOTHING, random=N_RIGHT))
    assert len(all_wrong.left) == N_LEFT * N_RIGHT - 2 * N_LEFT


def test_listed_pairs_are_kept_and_named_last_but_sampled():
    forward_rank = {pair: rank for pair, rank in _forward_ranks().items() if not is_match(*pair)}
    far = max(set(forward_rank) - errors_by_hand(), key=forward_rank.__getitem__)
    selected = select(NOTHING, [far, (0, 0), far])
    relation = dict(zip(zip(selected.left, selected.right, strict=True), selected.relations, strict=True))
    assert relation == {far: Relation.LISTED, (0, 0): Relation.POSITIVE}


def test_ranks_scores_and_order_are_those_of_the_pool():
    selected = select(PairRequest(retrieved=4, random=1))
    assert list(selected.pair_ids) == sorted(selected.pair_ids)
    there, back = ranked(backward=False), ranked(backward=True)
    pool = surveys()[0].pool
    for row, (left, right) in enumerate(zip(selected.left, selected.right, strict=True)):
        assert selected.pair_ids[row] == f"p{pool.candidate_ids[right]}{pool.query_ids[left]}"
        assert selected.rank_left_to_right[row] == there[left].index(right) + 1
        assert selected.rank_right_to_left[row] == back[right].index(left) + 1
        assert selected.scores[row] == pytest.approx(
            float(pool.queries[left].float() @ pool.candidates[right].float()), abs=1e-6
        )


def test_contrasts_come_before_all_relations_but_positive():
    held = np.array([(0, 0), (0, 2), (5, 29)])
    request = PairRequest(retrieved=4, hard_negatives=3)
    selected = select_pairs(*surveys(), request, lambda left, right: f"p{right}{left}", contrasts=held)
    found = dict(
        zip(
            zip(selected.left.tolist(), selected.right.tolist(), strict=True), selected.relations, strict=True
        )
    )
    assert [found[pair] for pair in ((0, 0), (0, 2), (5, 29))] == [
        Relation.POSITIVE,
        Relation.CONTRAST,
        Relation.CONTRAST,
    ]
    assert list(selected.relations).count(Relation.CONTRAST) == 2


def test_items_that_are_not_asked_take_no_place_in_a_sample():
    wrong = frozenset(f"t{number:02d}" for number in range(30)) - {
        surveys()[0].pool.candidate_ids[right] for right in range(2 * N_LEFT)
    }
    selected = select(replace(NOTHING, positives=True, sampled_queries=36, unasked=wrong))
    assert len(wrong) == 6
    assert len(index_pairs(selected)) == 2 * N_LEFT  # 12 images and 24 captions are all that may be drawn
    assert len(index_pairs(select(replace(NOTHING, positives=True, sampled_queries=1, unasked=wrong)))) >= 1


def test_relations_name_the_first_that_holds():
    selected = select(PairRequest(retrieved=4, hard_negatives=1, random=1), [(0, 29), (3, 28)])
    kinds = [kind for kind in Relation if kind is not Relation.CONTRAST]
    for relation, positive, error, retrieved in zip(
        selected.relations, selected.is_positive, selected.is_error, selected.is_retrieved, strict=True
    ):
        place = kinds.index(relation)
        assert (place == 0) == positive
        assert place <= 1 or not error
        assert place <= 2 or not retrieved


def test_a_sample_keeps_only_pairs_of_the_drawn_queries_and_the_ranks_of_the_whole_pool():
    request = PairRequest(retrieved=1)
    whole, part = select(request), select(replace(request, sampled_queries=5))
    rows = {pair: row for row, pair in enumerate(zip(whole.left, whole.right, strict=True))}
    assert index_pairs(part) < index_pairs(whole)
    for row, pair in enumerate(zip(part.left, part.right, strict=True)):
        assert part.rank_left_to_right[row] == whole.rank_left_to_right[rows[pair]]
        assert part.relations[row] == whole.relations[rows[pair]]
    everyone = select(replace(request, sampled_queries=N_LEFT + N_RIGHT))
    assert index_pairs(everyone) == index_pairs(whole)
    assert index_pairs(part) != index_pairs(select(replace(request, sampled_queries=5, seed=3)))
    assert index_pairs(part) < index_pairs(select(replace(request, sampled_queries=9)))


def test_a_positive_stays_if_either_item_was_drawn_and_a_hard_negative_if_its_query_was():
    pool = surveys()[0].pool
    drawn = sample_queries(0, pool.query_ids, pool.candidate_ids, 9)
    lefts = {left for left, name in enumerate(pool.query_ids) if name in drawn}
    rights = {right for right, name in enumerate(pool.candidate_ids) if name in drawn}
    assert lefts
    assert rights & set(range(2 * N_LEFT))
    positives = select(replace(NOTHING, positives=True, sampled_queries=9))
    assert index_pairs(positives) == {
        (right // 2, right) for right in range(2 * N_LEFT) if right in rights or right // 2 in lefts
    }
    hard = select(replace(NOTHING, hard_negatives=1, sampled_queries=9))
    assert index_pairs(hard) == {
        (left, next(right for right in row if not is_match(left, right)))
        for left, row in enumerate(ranked(backward=False))
        if left in lefts
    } | {
        (next(left for left in row if left >= 0 and not is_match(left, right)), right)
        for right, row in enumerate(ranked(backward=True))
        if right in rights
    }


def test_a_sample_limits_the_errors_of_a_direction_to_its_drawn_queries():
    forward, _ = surveys()
    every = set(retrieval_errors(forward, PairRequest()).queries.tolist())
    some = set(retrieval_errors(forward, PairRequest(sampled_queries=8)).queries.tolist())
    assert some < every
    assert not len(retrieval_errors(forward, PairRequest(errors=False)).queries)


def _forward_ranks() -> dict[tuple[int, int], int]:
    return {
        (left, right): rank
        for left, row in enumerate(ranked(backward=False))
        for rank, right in enumerate(row)
    }


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (NOTHING, "no pair is selected"),
        (replace(NOTHING, retrieved=5), "keep 4 candidates and 3 wrong"),
        (replace(NOTHING, hard_negatives=4), "keep 4 candidates and 3 wrong"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(request_, message):
    with pytest.raises(InputError, match=message):
        select(request_)


def test_negative_counts_are_refused():
    with pytest.raises(InputError, match="at least 0, got 0, -1 and 0"):
        PairRequest(hard_negatives=-1)
    with pytest.raises(InputError, match="at least 1, got 0"):
        PairRequest(sampled_queries=0)
