"""Adjusted p-values of one question and of several, by hand and by a game in which nothing is true."""

import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.corrections import LEVEL, benjamini_hochberg, holm, question_by_question
from ilime_core.errors import InputError


def test_holm_steps_down():
    # Sorted .01, .02, .03, .9: times 4, 3, 2, 1 and never below the one before.
    assert holm(np.array([0.9, 0.02, 0.01, 0.03])) == pytest.approx([0.9, 0.06, 0.04, 0.06])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])
    assert len(holm(np.array([]))) == 0
    with pytest.raises(InputError, match=r"1 of 2 do not"):
        holm(np.array([0.5, -0.1]))


def test_questions_are_corrected_apart_and_for_those_that_have_no_answer():
    # Holm: question 0 .02 and .5, question 1 .03 and .04, question 2 .9. Their smallest, .02, .03 and .9,
    # become .045, .045 and .9 after Benjamini and Hochberg: two of three questions have an answer.
    p = np.array([0.01, 0.015, 0.9, 0.5, 0.04])
    questions = np.array([7, 1, 2, 7, 1])
    assert question_by_question(p, questions) == pytest.approx([0.03, 0.045, 1.0, 0.75, 0.06])


def test_without_an_answer_every_question_counts():
    p = np.array([0.04, 0.5, 0.6])
    assert question_by_question(p, np.array([0, 1, 2])) == pytest.approx([0.12, 1.0, 1.0])
    assert len(question_by_question(np.array([]), np.array([], dtype=np.int64))) == 0


def test_one_question_is_holms():
    p = np.array([0.01, 0.2, 0.011])
    assert question_by_question(p, np.zeros(3, dtype=np.int64)) == pytest.approx(holm(p))


def boards(quality, n_boards, n_questions=4, n_pairs=30):
    """P-values of all differences of methods that share pairs, by board, question and two methods."""
    rng = np.random.default_rng(0)
    shape = (n_boards, n_questions, len(quality), n_pairs)
    alike = rng.normal(size=(n_boards, 1, len(quality), n_pairs))  # questions of a board resemble each other
    values = np.array(quality)[:, None] + alike + rng.normal(size=shape)
    one, other = np.triu_indices(len(quality), 1)
    return stats.ttest_1samp(values[:, :, one] - values[:, :, other], 0.0, axis=-1).pvalue


def corrected(p_values, correct):
    """Each board by itself."""
    questions = np.repeat(np.arange(p_values.shape[1]), p_values.shape[2])
    return np.array([correct(p.ravel(), questions).reshape(p.shape) for p in p_values])


def most(level, n):
    """What a rate of that level hardly exceeds in so many trials."""
    return level + 2 * np.sqrt(level * (1 - level) / n)


def test_questions_whose_best_is_small_by_itself_are_selected_only_among_all_of_them():
    # Smallest adjusted p-values .02 * 3 / 1, .04 * 3 / 2 and .5: none below .05, so nothing is selected, and
    # what two of three selected questions would let through is not.
    p, questions = np.array([0.02, 0.04, 0.5]), np.array([0, 1, 2])
    assert question_by_question(p, questions) == pytest.approx([0.06, 0.12, 1.0])
    # .02, .02 * 3 / 2 and .045: all are.
    assert question_by_question(np.array([0.02, 0.02, 0.045]), questions) == pytest.approx(
        [0.02, 0.02, 0.045]
    )


def test_among_equal_methods_few_boards_get_any_answer():
    p = boards(np.zeros(5), 1000)
    answered = (corrected(p, question_by_question) < LEVEL).any(axis=(1, 2))
    assert 0.01 < answered.mean() < most(LEVEL, 1000)
    assert (p < LEVEL).any(axis=(1, 2)).mean() > 0.5


def test_one_procedure_over_all_would_drop_equal_leaders_far_more_often():
    """Four leaders, five that are far behind: the many true differences loosen the test between leaders."""
    p = boards([0.0] * 4 + [-3.0] * 5, 200)
    one, other = np.triu_indices(9, 1)
    between = (one < 4) & (other < 4)
    dropped = {
        name: (corrected(p, correct) < LEVEL)[:, :, between].any(axis=2).mean()
        for name, correct in (
            ("apart", question_by_question),
            ("together", lambda p_values, _: benjamini_hochberg(p_values)),
        )
    }
    assert dropped["apart"] < most(LEVEL, 800)
    assert dropped["together"] > 2 * LEVEL
