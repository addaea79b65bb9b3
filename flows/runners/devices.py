"""Devices of this machine, for clusters that are started on it."""

import torch

__all__ = ["n_devices"]


def n_devices() -> int:
    """GPUs, or one: without any the processor is the device."""
    return max(torch.cuda.device_count(), 1)
