import math

import pytest
import torch

from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.errors import InputError


@pytest.mark.parametrize("width", [0.25, 1.0])
def test_weights_fall_with_the_cosine_to_the_full_mask(width):
    masks = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.bool)
    weights = product_kernel_weights(masks, width)
    # Cosines 1, 1/2 and (by the convention of LIME's distance) 0.
    expected = torch.tensor([1.0, math.exp(-0.25 / width**2), math.exp(-1.0 / width**2)], dtype=torch.float64)
    torch.testing.assert_close(weights, expected)
    torch.testing.assert_close(product_kernel_weights(masks[None], width)[0], expected)


def test_a_width_of_zero_is_refused():
    with pytest.raises(InputError, match="must be positive, got 0"):
        product_kernel_weights(torch.ones(1, 2, dtype=torch.bool), 0.0)
