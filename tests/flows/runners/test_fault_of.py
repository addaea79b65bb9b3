"""Causes of failures by exception, and what of a failure may leave this machine.

Proves ilime_core.errors.
"""

import pytest

from flows.runners.block_group import BlockGroup, fault_of
from flows.runners.seam import BlockFailure, Fault, StageWork
from ilime_core.errors import FailureReason, InputError, InternalError, ItemError, RankDeficientError
from tasks.run_files.damage import DamageError, MissingPartError
from tasks.storage.storage import AccessError, FullError, StorageError

OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})
"""As torch's, which has that name and that base."""


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (InputError("x"), Fault.INPUT),
        (RankDeficientError("x"), Fault.INPUT),
        (AccessError("x"), Fault.NO_ACCESS),
        (StorageError("x"), Fault.STORAGE),
        (FullError("x"), Fault.UNWRITABLE),
        (DamageError("x"), Fault.DAMAGE),
        (MissingPartError("x"), Fault.DAMAGE),
        (ItemError(FailureReason.EMPTY, "x"), Fault.OTHER),
        (OSError("x"), Fault.OTHER),
        (MemoryError(), Fault.OTHER),
        (OutOfMemoryError("x"), Fault.OTHER),
        (ImportError("x"), Fault.OTHER),
        (InternalError("x"), Fault.BUG),
        (KeyError("x"), Fault.BUG),
        (ValueError("x"), Fault.BUG),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_faults_by_exception(error, fault):
    assert fault_of(error) is fault


def test_public_is_the_kind_alone_and_never_the_message():
    failure = BlockFailure.of("fit", 3, InputError("images/secret.png: broken"), Fault.INPUT)
    assert failure.message == "InputError: images/secret.png: broken"
    assert (failure.kind, failure.public) == ("InputError", "InputError")
    [lost] = BlockGroup(StageWork("fit", None, (0,)), "root", "r1", (0,)).lost("tcp://host died").failures
    assert lost.message == "the engine lost the task run: tcp://host died"
    assert lost.public == "the engine lost the task run"
    assert "not started" in BlockFailure.not_started("fit", 3).public
