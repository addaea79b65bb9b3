"""Facts that a worker reports before it gets work: versions, access to the output, allowed plugins."""

import platform
from collections.abc import Callable
from dataclasses import dataclass

from ilime_core.errors import IlimeError
from ilime_core.numerics import NUMERICS
from tasks.process.models import encoder_specification
from tasks.run_files.library_versions import library_versions
from tasks.spec import ModelParameters

__all__ = ["Question", "WorkerFacts", "worker_facts"]


@dataclass(frozen=True, slots=True)
class Question:
    """Output and model that a worker has to check."""

    read: Callable[[str], bytes]
    """Reads a file of the output by its key."""
    probe: str
    """Key of a file that the driver has just written."""
    model: ModelParameters


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """Facts of a worker; all but ``unreachable`` should equal those of the driver."""

    ilime: str
    tables: str
    python: str
    """Major and minor: code that travels pickled depends on them."""
    numerics: tuple[tuple[str, int], ...]
    plugins: tuple[str, ...]
    unreachable: str
    """Reason that the probe could not be read; empty if it could."""


def worker_facts(question: Question) -> WorkerFacts:
    """Collect the facts on the worker itself."""
    versions = library_versions()
    return WorkerFacts(
        ilime=versions["ilime"],
        tables=versions["tables"],
        python=".".join(platform.python_version_tuple()[:2]),
        numerics=tuple(sorted(NUMERICS.items())),
        plugins=encoder_specification(question.model).allowed_plugins,
        unreachable=_unreachable(question),
    )


def _unreachable(question: Question) -> str:
    try:
        question.read(question.probe)
    except IlimeError as error:
        return str(error)
    return ""
