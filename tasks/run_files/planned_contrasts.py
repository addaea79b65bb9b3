"""Contrasts that the plan of a run holds."""

import pyarrow as pa

from tasks.corpora.contrasts import CONTRAST_SCHEMA
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import read_named_table

__all__ = ["planned_contrasts"]


def planned_contrasts(run: OpenRun) -> pa.Table:
    """Contrasts of the corpus by entries of the manifest, rows of `CONTRAST_SCHEMA`."""
    if not run.plan.contrasts:
        return CONTRAST_SCHEMA.empty_table()
    return read_named_table(run.storage, run.run_id, run.plan.contrasts)
