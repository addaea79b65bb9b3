"""Models of a process: the CPU reads views where the run's device is absent."""

from types import SimpleNamespace

import pytest
import torch

from tasks.process import models
from tasks.run_files.plan import ResolvedModel
from tasks.spec import ModelParameters


@pytest.mark.parametrize(
    ("device", "has_cuda", "built"),
    [
        ("cuda", False, ("cpu", "float32")),
        ("cuda:1", False, ("cpu", "float32")),
        ("cuda", True, ("cuda", "bfloat16")),
        ("cpu", False, ("cpu", "bfloat16")),
    ],
)
def test_a_worker_without_the_device_reads_on_the_processor(monkeypatch, device, has_cuda, built):
    made = []

    def build(specification, on, precision):
        made.append((on, precision))
        return SimpleNamespace(fingerprint=lambda: "f")

    monkeypatch.setattr(models, "build_encoder", build)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    models._load.cache_clear()
    plan = SimpleNamespace(
        model=ResolvedModel(device=device, precision="bfloat16", fingerprint="f"),
        parameters=SimpleNamespace(model=ModelParameters(name="conse")),
    )
    run = SimpleNamespace(run_id="r1", plan=plan)
    try:
        models.reader_of(run)
        models.reader_of(run)
    finally:
        models._load.cache_clear()
    assert made == [built]
