import pytest

from flows.console.run_clock import RunClock, plain_stage


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def timed():
    clock = Clock()
    return RunClock(clock), clock


def report(timed, stage, unit, n, seconds, times=1):
    """Report n units in all, in equal parts that take the seconds together."""
    whole, clock = timed
    for _ in range(times):
        clock.now += seconds / times
        whole.advance(stage, unit, n // times)


def test_nothing_is_said_before_enough_is_timed(timed):
    whole, _ = timed
    whole.expect("score", {"images": 100})
    report(timed, "score", "images", 10, 50)  # a model was built: not timed
    assert (whole.left_s, whole.share) == (None, 0.0)
    report(timed, "score", "images", 10, 2, times=2)
    assert whole.left_s is None
    report(timed, "score", "images", 10, 2)
    assert whole.left_s == pytest.approx(70 * 0.2)
    assert whole.share == pytest.approx(0.3)


def test_each_unit_has_its_own_cost_in_all_stages(timed):
    whole, _ = timed
    whole.expect("score", {"images": 22, "texts": 1000})
    whole.expect("measure", {"images": 10, "texts": 100})
    report(timed, "score", "images", 10, 0)
    report(timed, "score", "images", 12, 12, times=3)
    assert whole.left_s == pytest.approx(10 + 1100 / 7)
    report(timed, "score", "texts", 300, 3)  # one slow batch says nothing yet
    assert whole.left_s == pytest.approx(10 + 800 / 7)
    report(timed, "score", "texts", 200, 2, times=2)
    assert whole.left_s == pytest.approx(10 + 600 * 0.01)
    assert whole.share == pytest.approx(27 / (27 + 16))


def test_what_is_reused_or_closed_or_taken_back_is_in_the_rest(timed):
    whole, _ = timed
    whole.expect("score", {"images": 100})
    report(timed, "score", "images", 0, 0)
    report(timed, "score", "images", 9, 9, times=3)
    whole.skip("score", "images", 41)
    assert whole.left_s == pytest.approx(50)
    whole.advance("score", "images", -9)  # an attempt failed, its work is to be done again
    assert whole.left_s == pytest.approx(59)
    whole.close("score")
    assert whole.left_s == 0


def test_a_measurement_is_expected_before_it_has_an_id(timed):
    whole, _ = timed
    whole.expect("measure", {"images": 100})
    report(timed, "measure-m0a1", "images", 0, 0)
    report(timed, "measure-m0a1", "images", 60, 60, times=3)
    assert whole.left_s == pytest.approx(40)
    whole.close("measure-m0a1")
    assert whole.left_s == 0


def test_pairs_of_one_stage_say_nothing_of_another(timed):
    whole, _ = timed
    whole.expect("fit", {"pairs": 100})
    whole.expect("fit-opaque", {"pairs": 100})
    report(timed, "fit-opaque", "pairs", 1, 0)
    report(timed, "fit-opaque", "pairs", 9, 90, times=3)
    assert whole.left_s == pytest.approx(90 * 10)
    report(timed, "fit", "pairs", 0, 0)
    report(timed, "fit", "pairs", 60, 3, times=3)
    assert whole.left_s == pytest.approx(90 * 10 + 40 / 20)


def test_plain_stages():
    named = ("score", "fit-opaque", "select-s1")
    assert [plain_stage(one) for one in named] == ["score", "fit-opaque", "select"]


def test_the_wait_before_the_first_report_of_a_stage_is_no_work(timed):
    whole, _ = timed
    whole.expect("score", {"images": 20})
    report(timed, "score", "images", 1, 0)
    report(timed, "score", "images", 9, 9, times=3)
    report(timed, "measure-m0a1", "images", 1, 500)  # pairs were fitted in between
    assert whole.left_s == pytest.approx(10)
