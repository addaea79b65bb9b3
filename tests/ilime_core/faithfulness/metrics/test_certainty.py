from stored_pairs import single, stored

from ilime_core.faithfulness.metrics.certainty import certainty


def test_certainty_is_the_share_that_stage_fit_has_kept():
    got = single(certainty(stored([[5.0, -4.0, 0.1]], share_certain=2 / 3)))
    assert got.value == 2 / 3


def test_where_nothing_was_estimated_nothing_is_certain():
    assert single(certainty(stored([[1.0, 0.0]]))).value is None
