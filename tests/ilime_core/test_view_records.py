from ilime_core.view_records import TextSegments


def test_words_that_are_cut_off_are_no_segments():
    assert TextSegments("a cat sat", (0, 2, 6), (1, 5, 9), (False, False, True)).n_segments == 2
