import subprocess
import sys

import pytest

from flows.runner_choice import make_runner
from flows.runner_inline import InlineRunner
from flows.signals import StopSignals
from ilime_core.errors import InputError

WITHOUT_PREFECT = """
import sys
from flows.runner_choice import make_runner
from flows.signals import StopSignals
from tasks.reports import BlockReport

def body(root, run_id, block):
    return BlockReport("embed", block, 1, 0, 0, 0, 0, 0.0, 0.0, False, "")

done = []
assert make_runner("inline", 2, 1, StopSignals()).map("embed", body, ".", "r1", [0, 1], done.append) == []
assert [r.block for r in done] == [0, 1]
print([name for name in sys.modules if name.split(".")[0] == "prefect"])
"""


def test_inline_never_imports_prefect():
    run = subprocess.run([sys.executable, "-c", WITHOUT_PREFECT], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_names_give_runners():
    assert isinstance(make_runner("inline", 2, 1, StopSignals()), InlineRunner)
    assert type(make_runner("threads", 2, 1, StopSignals())).__name__ == "ThreadsRunner"


@pytest.mark.parametrize(
    ("name", "workers", "blocks_per_task", "says"),
    [
        ("dask", 1, 1, "'dask'. Known: inline, threads"),
        ("threads", 0, 1, "Got 0 and 1"),
        ("threads", 1, 0, "Got 1 and 0"),
    ],
)
def test_what_cannot_run_is_refused(name, workers, blocks_per_task, says):
    with pytest.raises(InputError, match=says):
        make_runner(name, workers, blocks_per_task, StopSignals())
