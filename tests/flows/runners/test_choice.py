import subprocess
import sys

import pytest

from flows.console.signals import StopSignals
from flows.runners.choice import make_runner
from flows.runners.inline import InlineRunner
from ilime_core.errors import InputError
from tasks.spec import RunnerParameters

WITHOUT_PREFECT = """
import sys
from flows.runners.choice import make_runner
from flows.runners.seam import StageWork
from flows.console.signals import StopSignals
from tasks.spec import RunnerParameters
from tasks.stages.block_report import BlockReport

def body(root, run_id, block):
    return BlockReport("embed", block, 1)

done = []
runner = make_runner(RunnerParameters(name="inline"), StopSignals())
assert runner.run_pipeline([StageWork("embed", body, (0, 1))], ".", "r1", done.append) == []
assert [r.block for r in done] == [0, 1]
print([name for name in sys.modules if name.split(".")[0] == "prefect"])
"""


def test_inline_never_imports_prefect():
    run = subprocess.run([sys.executable, "-c", WITHOUT_PREFECT], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_names_give_runners():
    assert isinstance(make_runner(RunnerParameters(name="inline"), StopSignals()), InlineRunner)
    runner = make_runner(RunnerParameters(name="threads"), StopSignals())
    assert (type(runner).__name__, runner.in_process) == ("PoolRunner", True)


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_runner_of_processes_needs_its_cluster(name):
    with pytest.raises(InputError, match=f"runner {name} needs a cluster"):
        make_runner(RunnerParameters(name=name), StopSignals())
