"""`make bench` runs what docs/performance.md names, and names it all."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONG = {"flip_bytes", "kill_twenty"}
"""Proofs of the same page that give no ratio, and take hours."""


def test_the_programs_of_make_bench_are_those_of_the_page():
    tree = ast.parse((ROOT / "tests/benchmarks/every_ratio.py").read_text())
    [programs] = [
        ast.literal_eval(one.value)
        for one in tree.body
        if isinstance(one, ast.AnnAssign) and one.target.id == "PROGRAMS"
    ]
    named = set(
        re.findall(r"\b(bench_\w+|compare_\w+|cost_model)\.py", (ROOT / "docs/performance.md").read_text())
    )
    assert named - LONG == programs.keys()
    assert programs.keys() <= {path.stem for path in (ROOT / "tests/benchmarks").glob("*.py")}
