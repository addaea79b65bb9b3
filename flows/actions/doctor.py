"""``ilime doctor``: this machine, the engine and the storage, one line each."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from flows.actions.doctor_engine import engine, proxies
from flows.actions.doctor_machine import disk, memory
from flows.console.findings import Finding, findings_status, ok, report_finding, warning, wrong
from ilime_core.encoders.precision import processor_has_bfloat16, resolve_device, resolve_precision
from ilime_core.errors import IlimeError
from tasks.run_files.library_versions import library_versions
from tasks.spec import ExplainParameters
from tasks.storage.access import identity, options_for
from tasks.storage.storage import Storage

__all__ = ["examine"]

_ENGINE_PACKAGES = ("prefect", "fsspec", "s3fs", "transformers")


def examine(root: str | None, parameters: ExplainParameters | None) -> int:
    """Print a finding about each part of the machine, the engine and the storage.

    Parameters
    ----------
    root
        Output to try, by a probe file that is removed; None for none.
    parameters
        Of a spec, whose device, runner and output are looked at; None for defaults.

    Returns
    -------
    int
        Exit status of all findings.
    """
    root = root or (parameters.output if parameters else None)
    runner = parameters.runner.name if parameters else "threads"
    looks: list[Callable[[], Finding]] = [
        _versions,
        lambda: _device(parameters.model.device if parameters else "auto"),
        memory,
        lambda: engine(runner),
        proxies,
        lambda: _storage(root),
        lambda: disk(root),
    ]
    found: list[Finding] = []
    for look in looks:
        report_finding(found, look())
    return findings_status(found)


def _versions() -> Finding:
    versions = dict(library_versions())
    for name in _ENGINE_PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return ok("versions", ", ".join(f"{name} {number}" for name, number in versions.items()))


def _device(requested: str) -> Finding:
    try:
        device = resolve_device(requested)
    except IlimeError as error:
        return wrong("device", str(error))
    precision = resolve_precision("auto", device)
    if device.startswith("cuda"):
        names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
        free, total = torch.cuda.mem_get_info(torch.device(device))
        text = (
            f"{device} ({', '.join(names)}), {precision}, {free / 2**30:.0f} of {total / 2**30:.0f} GiB free"
        )
        return ok("device", text)
    text = f"{device} with {torch.get_num_threads()} threads, {precision}"
    if device == "cpu" and processor_has_bfloat16():
        text += " (bfloat16 in the processor: large runs try it)"
    if device == "cpu" and Path("/dev/nvidia0").exists():
        built = torch.version.cuda or "none"
        cure = "install a torch build that fits the driver, and look at CUDA_VISIBLE_DEVICES"
        return warning("device", f"{text}, though there is an NVIDIA device (torch's CUDA: {built}): {cure}")
    return ok("device", text)


def _storage(root: str | None) -> Finding:
    if root is None:
        return ok("storage", "not tried: give --root or --spec")
    try:
        storage = Storage(root)
        storage.check_writable()
    except IlimeError as error:
        return wrong("storage", str(error))
    access = f" ({identity(options_for(root))})" if root.startswith("s3://") else ""
    return ok(
        "storage", f"{storage.url}{access}: written, read, deleted, and not overwritten when asked not to"
    )
