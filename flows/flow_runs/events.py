"""Events of a run, for automations: they contain counts and never a caption or a uri."""

from prefect.events import emit_event

from flows.session.outcome import Shortfall
from tasks.model_comparison.drift import Drift

__all__ = ["DRIFTED", "FINISHED", "PARTLY_FAILED", "emit_drift", "emit_end"]

FINISHED = "ilime.run.finished"
PARTLY_FAILED = "ilime.run.partly-failed"
DRIFTED = "ilime.run.drifted"


def emit_end(kind: str, name: str, run_id: str, computed: int, shortfall: Shortfall) -> None:
    """Say that a start has come to its end; whether enough of it succeeded is the name of the event.

    Parameters
    ----------
    kind
        ``explain`` or ``measure``.
    name
        Of the flow run: corpus and run id.
    computed
        Blocks that this start committed.
    shortfall
        What is missing or failed.
    """
    emit_event(
        event=PARTLY_FAILED if shortfall.too_much else FINISHED,
        resource={"prefect.resource.id": f"ilime.run.{run_id}", "prefect.resource.name": name},
        payload={
            "kind": kind,
            "run_id": run_id,
            "computed_blocks": computed,
            "items": shortfall.n_items,
            "failed_items": shortfall.n_failed,
            "tolerated_share": shortfall.tolerate,
            "failed": [
                {"stage": count.stage, "reason": count.reason, "items": count.items}
                for count in shortfall.items
            ],
            "missing_blocks": dict(shortfall.blocks or {}),
        },
    )


def emit_drift(name: str, run_a: str, run_b: str, drift: Drift) -> None:
    """Say that a run has moved away from an earlier one by more than it may.

    Parameters
    ----------
    name
        Of the flow run: corpus and run id.
    run_a, run_b
        Ids of the earlier and of the newer run.
    drift
        Distance, and what it has crossed.
    """
    emit_event(
        event=DRIFTED,
        resource={"prefect.resource.id": f"ilime.run.{run_b}", "prefect.resource.name": name},
        payload={
            "kind": "compare",
            "run_id": run_b,
            "against": run_a,
            "correlation": drift.correlation,
            "recall_at_1_differences": drift.recall_differences,
            "crossed": list(drift.crossed),
        },
    )
