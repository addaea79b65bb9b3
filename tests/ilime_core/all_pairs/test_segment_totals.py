import numpy as np

from ilime_core.all_pairs.segment_totals import SegmentTotals, merge_segment_totals


def part(position, segment, net):
    n = len(net)
    values = np.asarray(net, dtype=float)
    counts = np.arange(1, n + 1)
    places = (np.asarray(one, dtype=np.int64) for one in (position, segment))
    return SegmentTotals(*places, values, 2 * np.abs(values), counts, 10 * counts)


def test_rows_of_one_segment_add_up_and_others_are_kept():
    merged = merge_segment_totals([part([5, 5], [1, 0], [1.0, 2.0]), part([5, 2], [1, 0], [-4.0, 8.0])])
    assert merged.position.tolist() == [2, 5, 5]
    assert merged.segment.tolist() == [0, 0, 1]
    assert merged.net.tolist() == [8.0, 2.0, -3.0]
    assert merged.mass.tolist() == [16.0, 4.0, 10.0]
    assert merged.n_largest.tolist() == [2, 2, 2]
    assert merged.n_candidates.tolist() == [20, 20, 20]


def test_means_are_over_candidates_and_missing_without_any():
    one = part([0, 0], [0, 1], [5.0, 4.0])
    assert one.mean_net.tolist() == [0.5, 0.2]
    assert one.mean_mass.tolist() == [1.0, 0.4]
    assert one.largest_share.tolist() == [0.1, 0.1]
    none = SegmentTotals(one.position, one.segment, one.net, one.mass, one.n_largest, 0 * one.n_candidates)
    assert np.isnan(none.mean_net).all()


def test_no_rows_merge_to_no_rows():
    assert len(merge_segment_totals([part([], [], [])]).net) == 0
