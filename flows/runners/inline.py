"""One block after the other in the calling thread, without a server: the oracle of the other runners."""

import random
from collections.abc import Callable, Sequence

from flows.console.signals import StopSignals
from flows.runners.block_group import BlockGroup, GroupOutcome
from flows.runners.seam import BlockFailure, RetryPolicy, StageWork, unheard
from flows.runners.storage_faults import StorageFaults
from tasks.stages.block_report import BlockReport

__all__ = ["InlineRunner"]


class InlineRunner:
    """Runs stage after stage and block after block."""

    task_runs = 0
    in_process = True

    def __init__(self, stop: StopSignals | None = None, retry: RetryPolicy | None = None) -> None:
        self._stop = stop or StopSignals()
        self._retry = retry or RetryPolicy()
        self.retries = 0
        self.on_fault = unheard
        self._faults = StorageFaults(self._stop)

    def run_pipeline(
        self,
        works: Sequence[StageWork],
        root: str,
        run_id: str,
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run stages one after the other.

        Parameters
        ----------
        works, root, run_id, on_done
            See `flows.runners.seam.Runner`.

        Returns
        -------
        list[BlockFailure]
            Failures in the order of the stages.
        """
        failures: list[BlockFailure] = []
        for work in works:
            for block in work.blocks:
                if self._stop.requested:
                    return failures
                if not work.ready(block):
                    failures.append(BlockFailure.not_started(work.stage, block))
                    continue
                group = BlockGroup(
                    work, root, run_id, (block,), stop=lambda: self._stop.requested, on_fault=self.on_fault
                )
                outcome = self._run(group)
                self._faults.take(outcome)
                for report in outcome.reports:
                    on_done(report)
                failures.extend(outcome.failures)
        return failures

    def _run(self, group: BlockGroup) -> GroupOutcome:
        outcome = group.attempt()
        for delay_s in self._retry.delays_s:
            if not outcome.may_help:
                break
            spread = self._retry.jitter * random.uniform(-1, 1)  # noqa: S311 - jitter guards no secret
            if self._stop.wait(delay_s * (1 + spread)):
                break
            self.retries += 1
            outcome = group.attempt()
        return outcome
