"""Stored runs as analysts, the report and the command line open them.

>>> from tasks.runs.run import open_run
>>> run = open_run("s3://explanations", "latest")                                           # doctest: +SKIP
>>> run.table("interactions", columns=["pair_id", "weight"]).to_pandas()                    # doctest: +SKIP
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean, near_ids
from tasks.run_files.commits import Commit
from tasks.run_files.committed import RecordCache, all_commits, read_rows
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key, is_run_id, plan_key, run_prefix
from tasks.run_files.plan_files import read_plan_content
from tasks.run_files.pruning import lost_plan
from tasks.runs.listing import RunStatus, RunSummary, summarise_runs
from tasks.storage.storage import MissingFileError, Storage
from tasks.tables import TABLES

__all__ = ["Run", "RunStatus", "RunSummary", "find_run", "list_runs", "open_run"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One stored run, finished or not. Its tables hold the rows committed so far."""

    run_id: str
    root: str
    storage: Storage
    plan: Mapping[str, object]
    """The frozen plan as parsed JSON; `tasks.run_files.plan.RunPlan` names its fields."""
    _records: RecordCache = field(default_factory=dict, repr=False)

    @property
    def finished(self) -> bool:
        """True if every block is committed and the tables hold no other file."""
        return self.storage.exists(commit_key(self.run_id, "finish", 0))

    def require_finished(self) -> None:
        """Refuse a run whose tables are not whole.

        Raises
        ------
        InputError
            If the run is not finished.
        """
        if not self.finished:
            raise InputError(
                f"run {self.run_id} is not finished, and its tables are not whole: `ilime explain` resumes it"
            )

    @property
    def label(self) -> str:
        """Name given by the user."""
        return str(self.plan.get("label", ""))

    def commits(self) -> dict[str, dict[int, Commit]]:
        """All commit records by stage (``measure-<measure_id>`` for measurements) and block."""
        return all_commits(self.storage, self.run_id, self._records)

    def table(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        filter: pc.Expression | None = None,  # noqa: A002 - pyarrow's own word for it
    ) -> pa.Table:
        """Read committed rows of a table.

        Parameters
        ----------
        name
            A table of `tasks.tables.TABLES`.
        columns
            Columns to read, in this order; None for all.
        filter
            Condition on rows, like ``pc.field("item_id") == "i..."``; row groups that cannot match are not
            read.

        Returns
        -------
        pyarrow.Table
            Rows in the order of the blocks.

        Raises
        ------
        InputError
            If there is no such table or column.
        StorageError
            If a part is missing or damaged.
        """
        spec = TABLES.get(name)
        if spec is None:
            raise InputError(f"no table is called {name!r}{_hint(name, TABLES)} Known: {', '.join(TABLES)}.")
        known = [column.name for column in spec.columns]
        for column in columns or ():
            if column not in known:
                hint = _hint(column, known)
                raise InputError(f"table {name} has no column {column!r}{hint} Known: {', '.join(known)}.")
        stages = all_commits(self.storage, self.run_id, self._records, spec.stage)
        commits = [commit for blocks in stages.values() for commit in blocks.values()]
        return read_rows(self.storage, commits, name, columns, filter)


def list_runs(root: str) -> list[RunSummary]:
    """All runs below an output, finished or not, the newest first."""
    return summarise_runs(Storage(root))


def open_run(root: str, selector: str) -> Run:
    """Open one run.

    Parameters
    ----------
    root
        The output that the run was written to.
    selector
        A run id, a prefix of one, a label, or ``latest``: the newest finished run, or the newest if none is.

    Returns
    -------
    Run
        Its plan is read and checked, nothing else.

    Raises
    ------
    InputError
        If no run or several runs fit; the message lists the candidates.
    DamageError
        If the run's plan differs from what was written.
    """
    storage = Storage(root)
    run = _open(storage, selector) if is_run_id(selector) else None
    if run is None and is_run_id(selector) and lost_plan(storage, selector):
        raise DamageError.of(storage.url, plan_key(selector), "does not exist, and records of the run do")
    if run is None:
        run = _open(storage, _select(root, summarise_runs(storage), selector).run_id)
    if run is None:
        raise InputError(f"{root}: run {selector!r} was removed while it was opened")
    return run


def find_run(root: str, selector: str) -> str:
    """Find the id of one run, also of a damaged one.

    Parameters
    ----------
    root
        Output.
    selector
        As for `open_run`; ``latest`` counts a damaged run as finished.

    Returns
    -------
    str
        Run id.

    Raises
    ------
    InputError
        If no run or several runs fit.
    """
    storage = Storage(root)
    if is_run_id(selector) and storage.list(run_prefix(selector)):
        return selector
    runs = summarise_runs(storage)
    if selector == "latest":
        whole = [run for run in runs if run.status is not RunStatus.UNFINISHED]
        runs = whole or runs
        return runs[0].run_id if runs else _select(root, runs, selector).run_id
    return _select(root, runs, selector).run_id


def _open(storage: Storage, run_id: str) -> Run | None:
    try:
        return Run(run_id, storage.url, storage, read_plan_content(storage, run_id))
    except MissingFileError:
        return None


def _select(root: str, runs: list[RunSummary], selector: str) -> RunSummary:
    if not runs:
        raise InputError(f"{root} holds no runs; is it the output that they were written to?")
    if selector == "latest":
        return next((run for run in runs if run.status is RunStatus.FINISHED), runs[0])
    fitting = [run for run in runs if run.run_id == selector]
    fitting = fitting or [run for run in runs if run.label == selector and selector]
    fitting = fitting or [run for run in runs if selector and run.run_id.startswith(selector)]
    if len(fitting) == 1:
        return fitting[0]
    named = ", ".join(f"{run.run_id} ({run.label or 'no label'}, {run.status})" for run in fitting or runs)
    if fitting:
        raise InputError(f"{selector!r} fits {len(fitting)} runs of {root}: {named}; give more of the id")
    known = {*(run.run_id for run in runs), *(run.label for run in runs if run.label), "latest"}
    hint = did_you_mean(selector, known) or near_ids(selector, known, len(runs[0].run_id))
    raise InputError(f"no run of {root} fits {selector!r}{hint or '.'} It holds {named}")


def _hint(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    return did_you_mean(name, known) or "."
