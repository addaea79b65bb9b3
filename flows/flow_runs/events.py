"""Events of a run, for automations: they contain counts and never a caption or a uri."""

from prefect.events import emit_event

from flows.session.outcome import Shortfall

__all__ = ["FINISHED", "PARTLY_FAILED", "emit_end"]

FINISHED = "ilime.run.finished"
PARTLY_FAILED = "ilime.run.partly-failed"


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
