"""Facts of a worker: its versions and plugins, and the reason that it cannot read the output.

Proves tasks.process.plugin_environment.
"""

import platform

from tasks.process.plugin_environment import PLUGIN_VARIABLE
from tasks.process.worker_facts import Question, worker_facts
from tasks.spec import ModelParameters
from tasks.tables import SCHEMA_VERSION


def test_facts_are_those_of_this_process(store, monkeypatch):
    monkeypatch.setenv(PLUGIN_VARIABLE, "one, two")
    store.write("probe", b"x")
    model = ModelParameters(name="scenes")
    facts = worker_facts(Question(store.read_bytes, "probe", model))
    assert facts.tables == SCHEMA_VERSION
    assert facts.python == ".".join(platform.python_version_tuple()[:2])
    assert facts.plugins == ("one", "two")
    assert facts.unreachable == ""
    absent = worker_facts(Question(store.read_bytes, "absent", model))
    assert "there is no 'absent'" in absent.unreachable
