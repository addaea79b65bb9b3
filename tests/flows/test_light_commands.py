"""Commands that only read records answer at once: what takes seconds to import is not imported for them."""

import subprocess
import sys

import pytest

PROGRAM = "import sys; import {module}; print(*sorted({{'torch', 'prefect', 'skimage'}} & set(sys.modules)))"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("flows.command_line", []),
        ("flows.actions.listing", []),
        ("flows.actions.query", []),
        ("flows.actions.report", ["skimage"]),
        ("flows.actions.show", ["skimage"]),
        ("tasks.spec.reading", []),
        ("ilime_core.records", ["torch"]),
    ],
)
def test_heavy_libraries_are_imported_by_who_computes(module, heavy):
    found = subprocess.check_output([sys.executable, "-c", PROGRAM.format(module=module)], text=True)
    assert found.split() == heavy
