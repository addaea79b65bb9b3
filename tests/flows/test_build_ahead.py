"""The model is built once, and ahead of the first block that asks for it."""

import threading

from tiny_benchmark import LEAN, explain

import flows.execution
from flows.execution import build_ahead
from tasks.process import models


def test_a_block_takes_the_model_that_was_built_ahead(benchmark, tmp_path):
    run = explain(benchmark.spec(tmp_path, **LEAN)).run
    models._load.cache_clear()
    build_ahead(run).join(60)
    assert models._load.cache_info().misses == 1
    models.encoder_of(run)
    assert (models._load.cache_info().misses, models._load.cache_info().hits) == (1, 1)


def test_a_model_that_cannot_be_built_is_said_by_its_block_alone(benchmark, tmp_path, monkeypatch, capfd):
    run = explain(benchmark.spec(tmp_path, **LEAN)).run
    asked = []

    def broken(wanted):
        asked.append(wanted)
        raise RuntimeError("no weights")

    escaped = []
    monkeypatch.setattr(threading, "excepthook", escaped.append)
    monkeypatch.setattr(flows.execution, "encoder_of", broken)
    build_ahead(run).join(60)
    assert (asked, escaped) == ([run], [])
    assert capfd.readouterr().err == ""
