import numpy as np
import pytest
import torch
from scipy.stats import skew

from ilime_core.errors import InputError
from ilime_core.retrieval.hubness import hubness, largest_hubs
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.survey import survey_direction

NONE = np.empty((0, 2), dtype=np.int64)


def survey_of(n_queries=50, n_candidates=40, dim=4, seed=2, top_k=10):
    rng = np.random.default_rng(seed)
    queries, candidates = rng.normal(0.5, 1, (n_queries, dim)), rng.normal(0, 1, (n_candidates, dim))
    ids = [f"c{place:02d}" for place in rng.permutation(n_candidates)]
    names = tuple(f"q{n}" for n in range(n_queries))
    pool = Pool(torch.tensor(queries), torch.tensor(candidates), names, tuple(ids))
    return survey_direction(pool, NONE, top_k=top_k)


def counts_of(survey, chosen):
    scores = (survey.pool.queries.float() @ survey.pool.candidates.float().T).numpy()[chosen]
    first = np.argsort(-scores, axis=1)[:, :10]
    return np.bincount(first.ravel(), minlength=scores.shape[1])


def test_skewness_is_that_of_scipy_and_its_error_the_brute_jackknife():
    survey = survey_of()
    chosen = np.arange(50) % 5 > 0
    found = hubness(survey, chosen)
    assert found.value == pytest.approx(skew(counts_of(survey, chosen)))
    places = np.flatnonzero(chosen)
    without = np.array([skew(counts_of(survey, np.delete(places, n))) for n in range(len(places))])
    n = len(places)
    assert found.standard_error == pytest.approx(
        np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    )
    assert found.n == n
    assert found.value - found.low == pytest.approx(found.high - found.value)


def test_error_is_the_spread_over_other_queries_or_a_little_more():
    """Queries are drawn anew, candidates stay."""
    rng = np.random.default_rng(1)
    candidates = torch.tensor(rng.normal(0, 1, (60, 3)))
    ids = tuple(f"c{n}" for n in range(60))
    found = []
    for _ in range(200):
        queries = torch.tensor(rng.normal(0.5, 1, (40, 3)))
        pool = Pool(queries, candidates, tuple(f"q{n}" for n in range(40)), ids)
        found.append(hubness(survey_direction(pool, NONE, top_k=10), np.ones(40, dtype=bool)))
    spread = np.std([one.value for one in found])
    assert 0.9 < np.mean([one.standard_error for one in found]) / spread < 1.6


def test_hubs_are_the_most_frequent_candidates_in_the_order_of_their_ids():
    survey = survey_of()
    chosen = np.ones(50, dtype=bool)
    counts = counts_of(survey, chosen)
    ids = survey.pool.candidate_ids
    expected = sorted(range(40), key=lambda place: (-counts[place], ids[place]))[:7]
    found = largest_hubs(survey, chosen, 7)
    assert found.candidates.tolist() == expected
    assert found.k_occurrence.tolist() == counts[expected].tolist()
    assert found.expected == 50 * 10 / 40
    assert len(set(found.k_occurrence.tolist())) < 7  # some are tied
    assert largest_hubs(survey, chosen, 3).candidates.tolist() == expected[:3]


def test_candidates_that_no_query_has_first_are_no_hubs():
    survey = survey_of(n_queries=1)
    found = largest_hubs(survey, np.ones(1, dtype=bool), 20)
    assert found.k_occurrence.tolist() == [1] * 10
    assert hubness(survey, np.ones(1, dtype=bool)).low is None


def test_a_pool_of_neighbours_only_has_no_skewness():
    assert hubness(survey_of(n_candidates=8), np.ones(50, dtype=bool)).value is None


def test_a_shallow_survey_is_refused():
    with pytest.raises(InputError, match="first 10 candidates of a query, the survey keeps 4"):
        hubness(survey_of(top_k=4), np.ones(50, dtype=bool))


def test_the_interval_stays_within_what_the_number_of_candidates_allows():
    """A pool of 11, of which a query has all but one among its first: few queries say little."""
    largest = 9 / np.sqrt(10)
    assert skew([1, *[0] * 10]) == pytest.approx(largest)
    found = [hubness(survey_of(4, 11, seed=seed), np.ones(4, dtype=bool)) for seed in range(60)]
    found = [one for one in found if one.low is not None]
    assert any(one.low == -largest for one in found)
    for one in found:
        assert -largest <= one.low <= one.value <= one.high <= largest
