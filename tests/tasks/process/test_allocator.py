"""Large buffers come from memory that the process has, not from the system each time."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys, threading
import numpy as np
from tasks.process.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()

def faults():
    for _ in range(2):
        thread = threading.Thread(target=lambda: [np.ones(2**23).sum() for _ in range(5)])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        thread.start()
        thread.join()
        found = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    return found

print(faults())
"""


def page_faults(mode):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_a_thread_that_asks_for_large_buffers_again_gets_them_without_page_faults():
    assert page_faults("keep") < page_faults("default") / 10


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_buffers_of_arrow_come_from_there_too():
    program = (
        "from tasks.process.allocator import keep_freed_memory; keep_freed_memory(); import pyarrow as pa; "
        "kept = pa.array(range(1000)); print(kept.nbytes <= pa.system_memory_pool().bytes_allocated())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
