"""Choice of runs to remove: by number, age and name, and those that may not go."""

from datetime import UTC, datetime, timedelta

import pytest

from ilime_core.errors import InputError
from tasks.runs.inventory import StoredRun
from tasks.runs.prune_choice import Choice, choose_runs

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def stored(number, days, *, label="nightly", finished=True, planned=True, marked=False, sources=()):
    moment = NOW - timedelta(days=days)
    return StoredRun(
        run_id=f"r{number:016x}",
        label=label,
        created=moment if planned else None,
        written=moment,
        n_files=10,
        n_bytes=1000,
        planned=planned,
        finished=finished,
        marked=marked,
        sources=frozenset(f"r{source:016x}" for source in sources),
    )


def chosen(runs, **choice):
    return {int(one.run.run_id[1:], 16): one for one in choose_runs(runs, Choice(**choice), NOW)}


NIGHTS = [stored(number, number) for number in range(1, 6)]  # the newest first


@pytest.mark.parametrize(
    ("keep", "going"), [(5, set()), (3, {4, 5}), (1, {2, 3, 4, 5}), (0, {1, 2, 3, 4, 5})]
)
def test_the_newest_of_a_label_are_kept(keep, going):
    assert chosen(NIGHTS, keep=keep).keys() == going


def test_every_label_keeps_its_own():
    others = [stored(number + 10, number, label="weekly") for number in range(1, 4)]
    runs = sorted([*NIGHTS, *others], key=lambda run: run.written, reverse=True)
    assert chosen(runs, keep=2).keys() == {3, 4, 5, 13}


def test_an_unfinished_run_is_not_counted_among_those_that_are_kept():
    assert chosen([stored(9, 0.5, finished=False), *NIGHTS], keep=4).keys() == {5}


@pytest.mark.parametrize(("days", "going"), [(30, set()), (3, {4, 5}), (1.5, {2, 3, 4, 5})])
def test_age_is_that_of_the_newest_file(days, going):
    assert chosen(NIGHTS, older_than=timedelta(days=days)).keys() == going


def test_number_and_age_together_remove_what_both_name():
    assert chosen(NIGHTS, keep=2, older_than=timedelta(days=4)).keys() == {5}
    assert chosen(NIGHTS, keep=4, older_than=timedelta(days=1)).keys() == {5}


def test_a_run_is_named_by_the_beginning_of_its_id():
    runs = [stored(0xA1 << 56, 1), stored(0xA2 << 56, 2)]
    with pytest.raises(InputError, match=r"'ra' fits ra1\w+, ra2"):
        choose_runs(runs, Choice(run_ids=("ra",)), NOW)
    assert [one.run for one in choose_runs(runs, Choice(run_ids=("ra2",)), NOW)] == [runs[1]]
    with pytest.raises(InputError, match="'rb' is no run"):
        choose_runs(runs, Choice(run_ids=("rb",)), NOW)


def test_unfinished_runs_go_when_asked_and_a_day_old():
    runs = [stored(1, 0.5, finished=False), stored(2, 1.5, finished=False), stored(3, 9)]
    assert chosen(runs).keys() == set()
    assert chosen(runs, unfinished=True).keys() == {2}


def test_what_was_left_behind_goes_without_being_asked():
    runs = [
        stored(1, 0.01, planned=False, finished=False, marked=True),
        stored(2, 0.5, planned=False, finished=False),
        stored(3, 2, planned=False, finished=False),
    ]
    found = chosen(runs)
    assert {number: one.reason for number, one in found.items()} == {
        1: "its removal has begun",
        3: "has no plan",
    }
    assert [one.obstacle for one in found.values()] == [None, None]


def test_a_source_of_an_unfinished_run_stays_unless_that_run_goes_too():
    runs = [stored(1, 0.5, finished=False, sources=[2]), stored(2, 8), stored(3, 9)]
    found = chosen(runs, keep=0)
    assert found[3].obstacle is None
    assert "r0000000000000001 copies rows from it" in found[2].obstacle
    found = chosen(runs, keep=0, run_ids=("r0000000000000001",))
    assert [one.obstacle for one in found.values()] == [None, None, None]


def test_a_run_that_may_be_at_work_stays():
    young, old = stored(1, 0.5 / 24, finished=False), stored(2, 2 / 24, finished=False)
    found = chosen([young, old], run_ids=(young.run_id, old.run_id))
    assert "may be at work" in found[1].obstacle
    assert found[2].obstacle is None
    done = stored(3, 0.5 / 24)
    assert chosen([done], keep=0)[3].obstacle is None
