"""Log lines of a task run on a worker: each names stage and block, or the item."""

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from flows.console.block_lines import block_failures, block_line, item_name
from flows.engine.api import api_is_local
from flows.runners.block_group import GroupOutcome

__all__ = ["log_blocks"]


def log_blocks(root: str, run_id: str, outcome: GroupOutcome) -> None:
    """Log the blocks of a task run; text that may name a uri or a caption only where the API is local.

    Parameters
    ----------
    root
        Output of the run.
    run_id
        Id of the run.
    outcome
        Reports and failures of the blocks.
    """
    try:
        logger = get_run_logger()
    except MissingContextError:  # the body was called without a task run
        return
    local = api_is_local()
    for report in outcome.reports:
        logger.info("%s", block_line(report))
        for item in block_failures(root, run_id, report):
            said = f"{item.reason}: {item.message}" if local else item.reason
            name = item_name(item.entry, item.item_id)
            logger.warning("%s, block %d, %s: %s", report.stage, report.block, name, said)
    for failure in outcome.failures:
        said = " ".join(failure.message.split()) if local else failure.public
        trace = f"\n{failure.traceback}" if local and failure.traceback else ""
        logger.error("%s, block %d: %s%s", failure.stage, failure.block, said, trace)
