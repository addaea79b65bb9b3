"""Network of the cross-encoder: layout and padding; captions beside one picture do not see each other.

Proves ilime_core.encoders.cross_encoder.fusion.
"""

import pytest
import torch

from ilime_core.encoders.cross_encoder.fusion import FusionLayer
from ilime_core.encoders.cross_encoder.source import blank_network


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return blank_network().eval().double().requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def inputs():
    draw = torch.Generator().manual_seed(1)
    pixels = torch.randn(3, 3, 64, 64, generator=draw, dtype=torch.float64)
    return pixels, torch.randint(1, 600, (3, 9), generator=draw), torch.tensor([4, 9, 6])


def test_row_by_row_and_captions_beside_one_picture_agree(network, inputs):
    pixels, tokens, lengths = inputs
    patches, words = network.image(pixels), network.text(tokens)
    grid = network.match(patches, words[None].expand(3, -1, -1, -1), lengths[None].expand(3, -1))
    rows = torch.stack([network(pixels, tokens.roll(s, 0), lengths.roll(s)) for s in range(3)])
    for shift in range(3):
        at = torch.arange(3)
        torch.testing.assert_close(rows[shift], grid[at, (at - shift) % 3], rtol=0, atol=1e-12)


def test_padding_is_not_read(network, inputs):
    pixels, tokens, lengths = inputs
    inside = torch.arange(9) < lengths[:, None]
    torch.testing.assert_close(
        network(pixels, tokens.masked_fill(~inside, 0), lengths),
        network(pixels, tokens.masked_fill(~inside, 77), lengths),
        rtol=0,
        atol=1e-12,
    )
    assert abs(network(pixels, tokens, lengths) - network(pixels, tokens, lengths - 1)).min() > 1e-4


def test_every_word_and_every_patch_counts(network, inputs):
    pixels, tokens, lengths = (one[:1].clone() for one in inputs)
    pixels.requires_grad_()
    network(pixels, tokens, lengths).sum().backward()
    patches = torch.nn.functional.avg_pool2d(pixels.grad.abs().sum(1), 8)
    assert (patches > 0).all()
    score = network(pixels.detach(), tokens, lengths)
    for place in range(4):
        changed = tokens.clone()
        changed[0, place] += 1
        assert abs(network(pixels.detach(), changed, lengths) - score) > 1e-6


def test_the_sides_are_not_simply_added(network, inputs):
    """f(x, y) - f(x', y) - f(x, y') + f(x', y') is zero for a sum of two towers."""
    pixels, tokens, lengths = inputs
    grid = [
        [float(network(pixels[a : a + 1], tokens[b : b + 1], lengths[b : b + 1])) for b in (0, 1)]
        for a in (0, 1)
    ]
    assert abs(grid[0][0] - grid[1][0] - grid[0][1] + grid[1][1]) > 1e-3


def test_captions_do_not_see_each_other():
    torch.manual_seed(0)
    layer = FusionLayer(16, 8, 4).double()
    words, patches = torch.randn(2, 3, 5, 16).double(), torch.randn(2, 7, 8).double()
    inside = torch.ones(2, 3, 5, dtype=torch.bool)
    whole = layer(words, patches, inside)
    words[:, 1] += 1.0
    changed = layer(words, patches, inside)
    torch.testing.assert_close(changed[:, [0, 2]], whole[:, [0, 2]], rtol=0, atol=1e-12)
    assert (changed[:, 1] - whole[:, 1]).abs().max() > 0.1


def test_heads_and_layers_are_those_of_the_layout(network):
    assert len(network.image.layers) == 3
    assert len(network.text.layers) == 2
    assert len(network.fusion) == 3
    layers = (FusionLayer(16, 16, heads) for heads in (2, 4))
    one, other = layers
    other.load_state_dict(one.state_dict())
    words, patches = torch.randn(1, 1, 5, 16), torch.randn(1, 7, 16)
    inside = torch.ones(1, 1, 5, dtype=torch.bool)
    assert (one(words, patches, inside) - other(words, patches, inside)).abs().max() > 1e-4
