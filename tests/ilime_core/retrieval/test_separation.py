import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, roc_auc_score, roc_curve

from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.separation import JudgedScores, auroc, best_threshold
from ilime_core.retrieval.survey import survey_direction


def judged(matches, wrong, match_query=None):
    n = len(wrong)
    owners = np.arange(n) if match_query is None else np.asarray(match_query)
    return JudgedScores(np.asarray(matches, float), owners, np.asarray(wrong, float), np.arange(n), n)


def draw(seed, n=60, shift=0.7, several=1, shared=0.0):
    """Scores on a coarse grid, so that some are tied; ``shared`` is common to the scores of a query."""
    rng = np.random.default_rng(seed)
    common = shared * rng.normal(size=n)
    matches = np.round(rng.normal(shift, 1, n * several) + np.repeat(common, several), 1)
    wrong = np.round(rng.normal(0, 1, n) + common, 1)
    return judged(matches, wrong, np.repeat(np.arange(n), several))


def as_labels(scores):
    labels = np.r_[np.ones(len(scores.matches)), np.zeros(len(scores.wrong))]
    return labels, np.r_[scores.matches, scores.wrong]


def test_matches_and_the_hardest_wrong_candidate_are_read_from_the_survey():
    scores = np.array([[0.9, 0.8, 0.1], [0.2, 0.3, 0.4], [0.5, 0.6, 0.7], [0.0, 0.1, 0.2]])
    pool = Pool(
        torch.eye(4), torch.tensor(scores.T, dtype=torch.float32), ("d", "c", "b", "a"), ("x", "y", "z")
    )
    relevance = np.asarray(
        [[0, 0], [0, 2], [1, 0], [2, 0], [2, 1], [2, 2]]
    )  # "b" has no wrong one, "a" no match
    found = JudgedScores.of(survey_direction(pool, relevance, top_k=3), np.ones(4, dtype=bool))
    assert found.n_queries == 2  # "c" is 0, "d" is 1
    np.testing.assert_allclose(found.wrong, [0.4, 0.8])
    np.testing.assert_allclose(found.matches, [0.9, 0.1, 0.2])
    assert found.match_query.tolist() == [1, 1, 0]
    only = JudgedScores.of(
        survey_direction(pool, relevance, top_k=3), np.asarray([True, False, False, False])
    )
    np.testing.assert_allclose(only.wrong, [0.8])


@pytest.mark.parametrize("several", [1, 3])
def test_area_is_that_of_scikit_learn(several):
    scores = draw(1, several=several)
    assert auroc(scores).value == pytest.approx(roc_auc_score(*as_labels(scores)))


def test_error_without_common_queries_is_delongs():
    """DeLong's variance by hand: variances of the placements over their numbers, and the covariance."""
    scores = draw(2)
    wins = (scores.matches[:, None] > scores.wrong) + (scores.matches[:, None] == scores.wrong) / 2
    by_match, by_wrong = wins.mean(axis=1), wins.mean(axis=0)
    n = len(by_match)
    expected = (by_match.var(ddof=1) + by_wrong.var(ddof=1) + 2 * np.cov(by_match, by_wrong)[0, 1]) / n
    assert auroc(scores).standard_error ** 2 == pytest.approx(expected)


def test_intervals_cover_areas_of_scores_that_queries_share():
    truth = auroc(draw(0, n=20000, several=2, shared=1.0)).value
    found = [auroc(draw(seed, n=40, several=2, shared=1.0)) for seed in range(1, 301)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.92 <= covered <= 0.98
    spread = np.std([one.value for one in found])
    assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.1)


def test_perfect_separation_has_an_interval_below_1():
    found = auroc(judged([0.8, 0.9, 0.7], [0.1, 0.2, 0.3]))
    assert (found.value, found.standard_error, found.high) == (1.0, 0.0, 1.0)
    assert found.low < 0.5


@pytest.mark.parametrize("several", [1, 3])
def test_threshold_is_that_of_scikit_learns_curve(several):
    scores = draw(3, several=several)
    labels, values = as_labels(scores)
    wrong, right, thresholds = roc_curve(labels, values, drop_intermediate=False)
    found = best_threshold(scores, 0)
    gains = right - wrong
    assert found.score.value == thresholds[gains > gains.max() - 1e-12].max()
    assert found.balanced_accuracy.value == pytest.approx(
        balanced_accuracy_score(labels, values >= found.score.value)
    )
    assert found.score.low < found.score.value < found.score.high
    assert found.balanced_accuracy.low < found.balanced_accuracy.value < found.balanced_accuracy.high


def test_of_equally_good_thresholds_the_highest_is_taken():
    # 0.9: half of the matches and no wrong one; 0.3: all matches and half of the wrong ones.
    found = best_threshold(judged([0.9, 0.3], [0.5, 0.1]), 0)
    assert (found.score.value, found.balanced_accuracy.value) == (0.9, 0.75)


def test_balanced_accuracy_varies_as_its_error_says():
    """With one match a query it is a mean over queries."""
    scores = draw(4)
    found = best_threshold(scores, 0)
    cut = found.score.value
    each = ((scores.matches >= cut).astype(float) + (scores.wrong < cut)) / 2
    assert found.balanced_accuracy.standard_error == pytest.approx(each.std(ddof=1) / np.sqrt(len(each)))


def test_thresholds_of_other_queries_are_within_the_interval():
    truth = best_threshold(draw(0, n=50000), 0).score.value
    found = [best_threshold(draw(seed, n=80), 0).score for seed in range(1, 31)]
    assert np.mean([one.low - 0.2 <= truth <= one.high + 0.2 for one in found]) > 0.9


def test_a_threshold_that_accepts_all_has_no_interval_of_its_accuracy():
    found = best_threshold(judged([0.1, 0.2, 0.3], [0.7, 0.8, 0.9]), 0).balanced_accuracy
    assert (found.value, found.low, found.high) == (0.5, None, None)


def test_a_single_query_has_no_interval():
    one = judged([0.9], [0.1])
    assert auroc(one).low is None
    assert best_threshold(one, 0).score.low is None
    assert best_threshold(one, 0).balanced_accuracy.standard_error is None
    assert auroc(judged([], [])).value is None
    assert best_threshold(judged([], []), 0).score.value is None


def test_few_queries_have_a_threshold_without_an_interval():
    """Both resamples of two alike queries have the same threshold: an interval would have no width."""
    found = best_threshold(judged([0.5, 0.5], [0.9, 0.9]), 0).score
    assert (found.value, found.standard_error, found.low, found.high, found.n) == (0.5, None, None, None, 2)
    assert best_threshold(draw(5, n=9), 0).score.low is None
    assert best_threshold(draw(5, n=10), 0).score.low is not None
