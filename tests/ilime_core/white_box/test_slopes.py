"""Directional derivatives against closed forms, however the rows are cut."""

import pytest
import torch

from ilime_core.white_box.slopes import slopes

WEIGHTS = torch.tensor([[1.0, -2.0], [0.5, 0.25], [2.0, 1.0]])


def curved(points):
    return torch.tanh(points @ WEIGHTS)


def test_values_and_slopes_are_those_of_the_closed_form():
    generator = torch.Generator().manual_seed(0)
    points, directions = torch.randn(2, 7, 3, generator=generator)
    values, found = slopes(curved, points, directions, batch_rows=3)
    known = torch.tanh(points @ WEIGHTS)
    assert torch.allclose(values, known, atol=1e-6)
    assert torch.allclose(found, (1 - known**2) * (directions @ WEIGHTS), atol=1e-6)


def test_a_function_that_does_not_answer_has_slope_zero():
    values, found = slopes(lambda points: torch.ones(len(points), 2), torch.zeros(3, 1), torch.ones(3, 1), 2)
    assert torch.equal(values, torch.ones(3, 2))
    assert torch.equal(found, torch.zeros(3, 2))


@pytest.mark.parametrize(("batch_rows", "largest"), [(2, 2), (5, 5), (100, 7)])
def test_no_pass_has_more_rows_than_asked_for(batch_rows, largest):
    sizes = []

    def noted(points):
        sizes.append(len(points))
        return curved(points)

    slopes(noted, torch.zeros(7, 3), torch.ones(7, 3), batch_rows)
    assert max(sizes) == largest
    assert sum(sizes) == 7


def test_what_does_not_fit_is_halved_and_gives_the_same():
    def small(points):
        if len(points) > 2:
            raise torch.OutOfMemoryError
        return curved(points)

    points, directions = torch.linspace(-1, 1, 21).view(7, 3), torch.ones(7, 3)
    for got, wanted in zip(
        slopes(small, points, directions, 7), slopes(curved, points, directions, 7), strict=True
    ):
        assert torch.allclose(got, wanted, atol=1e-6)
