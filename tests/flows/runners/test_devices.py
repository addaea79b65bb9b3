"""Devices of this machine: its GPUs, or the processor."""

import pytest

from flows.runners.devices import n_devices


@pytest.mark.parametrize(("gpus", "devices"), [(0, 1), (1, 1), (3, 3)])
def test_without_gpus_the_processor_is_one_device(monkeypatch, gpus, devices):
    monkeypatch.setattr("torch.cuda.device_count", lambda: gpus)
    assert n_devices() == devices
