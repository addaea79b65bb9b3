"""Trials are remembered by subject and machine; damage and a full disk only cost another trial."""

import pytest

from ilime_core.modality import Modality
from tasks.forecast.trial_memory import (
    PrecisionTrial,
    TowerSpeeds,
    machine_type,
    recall_trial,
    remember_trial,
)

TRIAL = PrecisionTrial(
    image=TowerSpeeds(float32=0.04, bfloat16=0.02), text=None, median=0.02, p99=0.3, n_pairs=16
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_remembered_comes_back_for_its_subject_and_machine_alone(cache):
    remember_trial("one", TRIAL)
    assert recall_trial("one") == TRIAL
    assert recall_trial("another") is None
    assert recall_trial("one", machine="another") is None
    assert recall_trial("one", machine=machine_type()) == TRIAL
    assert [path.suffix for path in (cache / "ilime" / "precision").iterdir()] == [".json"]


def test_a_tower_that_was_not_timed_has_no_speeds():
    assert TRIAL.of(Modality.IMAGE) == TowerSpeeds(float32=0.04, bfloat16=0.02)
    assert TRIAL.of(Modality.TEXT) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace("0.3", "-0.3"),
        lambda text: text.replace("0.3", "NaN"),
        lambda text: text.replace('"one"', '"two"'),
        lambda text: text.replace('"median"', '"middle"'),
    ],
)
def test_a_damaged_file_is_no_trial_and_is_replaced(cache, damage):
    remember_trial("one", TRIAL)
    [path] = (cache / "ilime" / "precision").iterdir()
    path.write_text(damage(path.read_text()))
    assert recall_trial("one") is None
    remember_trial("one", TRIAL)
    assert recall_trial("one") == TRIAL


def test_where_nothing_can_be_written_nothing_is_remembered(cache, monkeypatch):
    cache.write_text("a file where the folder should be")
    remember_trial("one", TRIAL)
    assert recall_trial("one") is None
    assert cache.read_text() == "a file where the folder should be"
