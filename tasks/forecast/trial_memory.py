"""Trials of precisions, remembered by subject and machine in the user's cache folder."""

import hashlib
import json
import logging
import os
import platform
import tempfile
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ilime_core.modality import Modality
from tasks.storage.digest_cache import cache_folder

__all__ = ["PrecisionTrial", "TowerSpeeds", "machine_type", "recall_trial", "remember_trial"]

_LOG = logging.getLogger(__name__)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TowerSpeeds(_Record):
    """CPU seconds of an encode of one tower in either precision."""

    float32: float = Field(gt=0, allow_inf_nan=False)
    bfloat16: float = Field(gt=0, allow_inf_nan=False)


class PrecisionTrial(_Record):
    """What bfloat16 did to a model on one type of machine."""

    image: TowerSpeeds | None
    """None where the pairs of the trial have no image."""
    text: TowerSpeeds | None
    median: float = Field(ge=0, allow_inf_nan=False)
    """Of |dW| in standard errors, over cells."""
    p99: float = Field(ge=0, allow_inf_nan=False)
    n_pairs: int = Field(ge=1)
    problem: str = ""
    """Why the two could not be compared; quantiles are then 0 and mean nothing."""

    def of(self, modality: Modality) -> TowerSpeeds | None:
        """Speeds of the tower of a modality."""
        return self.image if modality is Modality.IMAGE else self.text


class _Stored(_Record):
    subject: str
    machine: str
    trial: PrecisionTrial


def machine_type() -> str:
    """Describe processor, instruction sets, threads and torch: what a trial depends on beside its subject."""
    capabilities = getattr(torch.cpu, "get_capabilities", dict)()
    facts = {
        "capabilities": capabilities,
        "machine": platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    return json.dumps(facts, sort_keys=True, default=str)


def recall_trial(subject: str, *, machine: str | None = None) -> PrecisionTrial | None:
    """Read the trial of a subject on a type of machine.

    Parameters
    ----------
    subject
        Digest of what was tried.
    machine
        None for this one.

    Returns
    -------
    PrecisionTrial or None
        None if there is none, or its file cannot be read or holds anything else.
    """
    machine = machine or machine_type()
    path = _path(subject, machine)
    try:
        stored = _Stored.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        _LOG.debug("trial of precisions not read: %s", error)
        return None
    return stored.trial if (stored.subject, stored.machine) == (subject, machine) else None


def remember_trial(subject: str, trial: PrecisionTrial, *, machine: str | None = None) -> None:
    """Write a trial; where that fails the next start tries again, and nothing else is lost.

    Parameters
    ----------
    subject
        Digest of what was tried.
    trial
        What was found.
    machine
        None for this one.
    """
    machine = machine or machine_type()
    path = _path(subject, machine)
    stored = _Stored(subject=subject, machine=machine, trial=trial)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            unfinished = Path(file.name)
            try:
                file.write(stored.model_dump_json(indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
                unfinished.replace(path)
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
    except OSError as error:
        _LOG.debug("trial of precisions not written: %s", error)


def _path(subject: str, machine: str) -> Path:
    name = hashlib.sha256(f"{subject}\n{machine}".encode()).hexdigest()[:24]
    return cache_folder() / "precision" / f"{name}.json"
