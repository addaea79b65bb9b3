"""The guards of this test run, which would go unnoticed if they stopped to watch."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
import torch
from beartype.roar import BeartypeCallHintViolation, BeartypeDoorHintViolation
from jaxtyping import Float
from shape_checks import checked

from ilime_core.effects.covariance import low_rank_covariance

REFUSED = BeartypeCallHintViolation


def test_shape_annotations_of_the_core_are_checked():
    low_rank_covariance(torch.eye(4), 2)
    with pytest.raises(REFUSED):
        low_rank_covariance(torch.zeros(4), 2)


def test_a_shape_that_passed_excuses_no_other():
    @checked
    def added(one: Float[np.ndarray, " rows"], other: Float[np.ndarray, " rows"]) -> float:
        return float((one + other).sum())

    for _ in range(2):
        assert added(np.ones(3), np.ones(3)) == 6
    for wrong in (np.ones(1), np.ones((3, 1)), np.ones(3, dtype=np.int64), torch.ones(3), 1.0):
        with pytest.raises(REFUSED):
            added(np.ones(3), wrong)
        with pytest.raises(REFUSED):
            added(np.ones(3), other=wrong)


def test_what_is_returned_is_checked_after_arguments_of_a_shape_that_passed():
    answers = [np.ones(3), np.ones(3), np.ones(2), np.ones(3), None, (np.ones(3),)]

    @checked
    def answer(given: Float[np.ndarray, " rows"]) -> Float[np.ndarray, " rows"]:
        return answers.pop(0)

    for _ in range(2):
        assert len(answer(np.ones(3))) == 3
    with pytest.raises(BeartypeDoorHintViolation):
        answer(np.ones(3))
    assert len(answer(np.ones(3))) == 3
    for _ in range(2):
        with pytest.raises(BeartypeDoorHintViolation):
            answer(np.ones(3))


def test_what_a_container_holds_and_a_literal_says_is_checked_at_every_call():
    @checked
    def count(names: Sequence[str]) -> int:
        return len(names)

    @checked
    def named(way: Literal["left", "right"]) -> str:
        return way

    for names in (["a"], ("a", "b")):
        assert count(names) == len(names)
    for wrong in ([1], (1,), {1: 2}):
        with pytest.raises(REFUSED):
            count(wrong)
    assert named("left") == "left"
    with pytest.raises(REFUSED):
        named("up")


def test_fields_of_records_are_checked():
    @checked
    @dataclass(frozen=True, slots=True)
    class Row:
        values: Float[np.ndarray, " rows"]

    assert len(Row(np.ones(2)).values) == 2
    with pytest.raises(REFUSED):
        Row(np.ones((2, 2)))


@pytest.mark.parametrize("package", ["ilime_core", "tasks", "flows"])
def test_warnings_that_our_modules_cause_are_errors(package):
    ours = {"__name__": f"{package}.made_up.module", "np": np}
    exec("def divide(): return np.float64(1.0) / np.float64(0.0)", ours)
    with pytest.raises(RuntimeWarning, match="divide by zero"):
        ours["divide"]()


def test_warnings_that_libraries_cause_are_not():
    theirs = {"__name__": "made_up.module", "np": np}
    exec("def divide(): return np.float64(1.0) / np.float64(0.0)", theirs)
    with warnings.catch_warnings(record=True) as heard:
        assert np.isinf(theirs["divide"]())
    assert len(heard) == 1
