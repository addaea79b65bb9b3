"""Numbers that records derive from their fields."""

from ilime_core.records import MaskSets, TextSegments


def test_truncated_spans_are_no_segments():
    text = TextSegments("a b c", starts=(0, 2, 4), ends=(1, 3, 5), truncated=(False, False, True))
    assert text.n_segments == 2


def test_banzhaf_rows_are_counted_without_those_of_other_sets():
    sets = MaskSets({"banzhaf": slice(0, 4), "shapley": slice(4, 5)}, "foldover", 0.5)
    assert sets.n_banzhaf == 4
    assert not sets.enumerated
