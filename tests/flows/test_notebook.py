"""The notebook of the documentation runs from its first cell to its last in a kernel of its own."""

from pathlib import Path

import nbformat
import pytest
from every import every
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tour.ipynb"


@pytest.mark.slow
def test_every_cell_runs(reference, monkeypatch):
    monkeypatch.setenv("ILIME_ROOT", reference.root)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kinds = {kind for cell in codes for one in cell.outputs for kind in one.get("data", {})}
    assert {"image/png", "text/html"} <= kinds
    assert every(cell.execution_count for cell in codes)
    assert not any(cell.outputs for cell in nbformat.read(NOTEBOOK, as_version=4).cells if "outputs" in cell)
