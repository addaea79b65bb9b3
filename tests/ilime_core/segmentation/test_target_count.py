import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.records import ImageSegments
from ilime_core.segmentation.target_count import MAX_TRIES, CountWindow, ScaleSearch, cut_near_count

PIXELS = np.zeros((64, 64, 3), dtype=np.uint8)


class Cutter:
    """Stripes of a 64-pixel-high picture; remembers the scales it was asked for."""

    def __init__(self, count_at):
        self.count_at = count_at
        self.scales = []

    def __call__(self, scale):
        self.scales.append(scale)
        count = min(max(self.count_at(scale), 1), 4096)
        flat = np.arange(64 * 64) * count // (64 * 64)
        return ImageSegments(flat.reshape(64, 64), count)


def search(exponent=1.0, low=1.0, high=4096.0, start=49.0):
    return ScaleSearch(start, low, high, exponent)


@pytest.mark.parametrize(
    ("wanted", "accepted"),
    [(49, range(40, 59)), (64, range(52, 65)), (33, range(33, 40)), (1, range(1, 2)), (4, range(4, 5))],
)
def test_counts_within_a_fifth_and_of_the_same_foldover_order_are_accepted(wanted, accepted):
    assert [count for count in range(1, 200) if CountWindow(wanted).accepts(count)] == list(accepted)


def test_the_same_order_is_worth_more_than_a_nearer_count():
    window = CountWindow(49)
    assert window.distance(34) < window.distance(65)
    assert window.distance(20) < window.distance(99)  # 99 is above the ceiling of 98


def test_a_method_that_gives_half_is_asked_for_more():
    cutter = Cutter(lambda scale: int(scale // 2))
    assert cut_near_count(cutter, PIXELS, 49, search()).n_segments == 50
    assert cutter.scales == [49.0, pytest.approx(49.0 * 49 / 24)]


def test_a_falling_count_is_searched_downward():
    cutter = Cutter(lambda scale: round(2000 / scale))
    found = cut_near_count(cutter, PIXELS, 49, search(exponent=-1.0, start=200.0))
    assert 40 <= found.n_segments <= 58
    assert cutter.scales[1] < cutter.scales[0]


def test_the_search_gives_up_and_keeps_the_nearest():
    cutter = Cutter(lambda scale: 35 if scale < 60 else 66)
    assert cut_near_count(cutter, PIXELS, 49, search()).n_segments == 35  # 66 needs twice the masks
    assert len(cutter.scales) <= MAX_TRIES


def test_a_cut_never_has_more_than_twice_the_wanted_segments():
    cutter = Cutter(lambda scale: 500)
    assert cut_near_count(cutter, PIXELS, 49, search()).n_segments == 98
    assert cut_near_count(cutter, PIXELS, 10, search()).n_segments == 20


def test_the_scale_stays_within_its_bounds():
    cutter = Cutter(lambda scale: 2)
    cut_near_count(cutter, PIXELS, 49, search(high=60.0))
    assert cutter.scales == [49.0, 60.0]


def test_less_than_one_segment_is_refused():
    with pytest.raises(InputError, match="at least 1, got 0"):
        cut_near_count(Cutter(round), PIXELS, 0, search())
