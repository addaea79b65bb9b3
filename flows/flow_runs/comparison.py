"""Comparison of a nightly run with an earlier one, from within a flow run."""

from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.engine.api import api_is_local
from flows.flow_runs.conclusion import as_shown
from flows.flow_runs.events import emit_drift
from tasks.model_comparison.compare import ModelComparison, compare_runs
from tasks.model_comparison.drift import Drift, DriftBounds, drift_of
from tasks.model_comparison.lines import comparison_lines
from tasks.model_comparison.stored import is_stored, store_comparison
from tasks.runs.run import Run

__all__ = ["compare_nights"]


def compare_nights(name: str, runs: tuple[Run, Run], bounds: DriftBounds, out: str) -> State[None]:
    """Compare two runs once: write table ``comparisons``, an artifact, and an event where a bound is crossed.

    Parameters
    ----------
    name
        Name of the flow run.
    runs
        The earlier and the newer run.
    bounds
        What may be.
    out
        Folder or URL of table ``comparisons``.

    Returns
    -------
    State
        Completed; whether a bound was crossed is in its message.
    """
    a, b = runs
    estimator = str(a.table("runs", ["estimator"])["estimator"][0].as_py())
    if is_stored(a.run_id, b.run_id, estimator, out):
        return Completed(message=f"run {b.run_id} was compared with {a.run_id} before")
    found = compare_runs(a, b, estimator)
    drift = drift_of(found, bounds)
    create_markdown_artifact(_summary(found, drift), key="ilime-comparison", description="What has moved")
    # The event comes before the file: whoever dies between them compares again, and no event is lost.
    if drift.crossed:
        emit_drift(name, a.run_id, b.run_id, drift)
    store_comparison(found, out)
    said = "; ".join(drift.crossed) or "no bound is crossed"
    return Completed(message=f"run {b.run_id} against {a.run_id}: {said}")


def _summary(found: ModelComparison, drift: Drift) -> str:
    """Markdown; words of captions only where the API is on this machine."""
    lines = [
        f"# Run {found.b.run_id} against {found.a.run_id}",
        *(drift.crossed or ("No bound is crossed.",)),
    ]
    if api_is_local():
        lines += [as_shown(line) for line in comparison_lines(found)]
    return "\n\n".join(lines)
