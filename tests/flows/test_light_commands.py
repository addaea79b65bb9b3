"""Commands that only read records answer at once: what takes seconds to import is not imported for them."""

import subprocess
import sys

import pytest

PROGRAM = "import sys; import {module}; print(*sorted({{{heavy}}} & set(sys.modules)))"

HEAVY = "'torch', 'prefect', 'skimage', 'matplotlib', 'scipy.stats', 'transformers', 'open_clip'"


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("flows.command_line", []),
        ("flows.actions.listing", []),
        ("flows.actions.query", []),
        ("flows.actions.report", ["matplotlib", "skimage"]),
        ("flows.actions.show", ["matplotlib", "skimage"]),
        ("flows.launch", ["skimage", "torch"]),
        ("tasks.spec.reading", []),
        ("ilime_core.records", ["torch"]),
    ],
)
def test_heavy_libraries_are_imported_by_who_computes(module, heavy):
    found = subprocess.check_output(
        [sys.executable, "-c", PROGRAM.format(module=module, heavy=HEAVY)], text=True
    )
    assert found.split() == heavy
