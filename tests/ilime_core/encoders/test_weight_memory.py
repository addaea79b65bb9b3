"""Where weights lie in memory is not seen in what they compute."""

import pytest
import torch
from torch import nn

from ilime_core.encoders.weight_memory import ALIGNMENT, align_weights


def laid_at(tensor, offset):
    """The same values, so many bytes behind an address of torch's own."""
    size = tensor.numel() * tensor.element_size()
    raw = torch.empty(size + 2 * ALIGNMENT, dtype=torch.uint8)
    start = -raw.data_ptr() % ALIGNMENT + offset
    moved = raw[start : start + size].view(tensor.dtype).view(tensor.shape)
    assert moved.data_ptr() % ALIGNMENT == offset
    return moved.copy_(tensor)


@pytest.mark.parametrize("offset", [4, 8, 16, 40, 60])
def test_weights_of_any_address_give_the_bits_of_torchs_own(offset):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(64, 25), nn.BatchNorm1d(25)).eval()
    rows = torch.randn(25, 64)
    expected = network(rows)
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            tensor.data = laid_at(tensor.detach(), offset)
    align_weights(network)
    assert {tensor.data_ptr() % ALIGNMENT for tensor in (*network.parameters(), *network.buffers())} == {0}
    assert torch.equal(network(rows), expected)


def test_weights_that_lie_well_are_not_copied():
    network = nn.Linear(8, 8)
    addresses = [tensor.data_ptr() for tensor in network.parameters()]
    align_weights(network)
    assert [tensor.data_ptr() for tensor in network.parameters()] == addresses


def test_tied_weights_stay_tied_and_layouts_stay():
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    first.weight.data = laid_at(first.weight.detach(), 8)
    second.weight = first.weight
    picture = nn.Conv2d(3, 8, 2).to(memory_format=torch.channels_last)
    network = align_weights(nn.Sequential(first, second, picture))
    assert network[0].weight is network[1].weight
    assert picture.weight.is_contiguous(memory_format=torch.channels_last)
    assert not picture.weight.is_contiguous()


def test_weights_with_gaps_or_turned_are_laid_out_in_rows():
    network = nn.Linear(6, 6)
    values = network.weight.detach().clone()
    network.weight.data = values.t().contiguous().t()
    align_weights(network)
    assert network.weight.is_contiguous()
    assert torch.equal(network.weight, values)
