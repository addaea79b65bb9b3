"""Models of a process: resolved without weights, loaded once, one scoring block per device."""

from functools import lru_cache
from threading import Lock, RLock

import torch

from ilime_core.draws import named_rng
from ilime_core.encoders.building import build_encoder, fingerprint_encoder
from ilime_core.encoders.precision import resolve_device, resolve_precision
from ilime_core.encoders.randomised import randomise
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from ilime_core.perturbation.drop_tokens import check_dropping
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.white_box.tower_checks import check_white_box
from tasks.process.plugin_environment import allowed_plugins
from tasks.run_files.plan import OpenRun, ResolvedModel
from tasks.spec import ModelParameters

__all__ = [
    "device_lock",
    "encoder_of",
    "encoder_specification",
    "other_encoder",
    "random_encoder",
    "reader_of",
    "resolve_model",
]


_loading = Lock()
_device_locks_guard = Lock()
_device_locks: dict[str, RLock] = {}


def resolve_model(parameters: ModelParameters) -> ResolvedModel:
    """Replace ``auto`` and take the fingerprint of the files; no weights are loaded."""
    device = resolve_device(parameters.device)
    return ResolvedModel(
        device=device,
        precision=resolve_precision(parameters.precision, device),
        fingerprint=fingerprint_encoder(encoder_specification(parameters)),
    )


def encoder_of(run: OpenRun) -> DualEncoder:
    """The run's model, loaded at the first call of the process.

    Raises
    ------
    InputError
        If its weights, tokenizer or preprocessing are not those that the run was planned with, or one of its
        towers cannot serve an estimator of the spec.
    """
    model = run.plan.model
    encoder = _checked(run, model.device, model.precision)
    check_white_box(encoder, run.plan.parameters.estimators)
    check_dropping(encoder, [run.plan.parameters.perturbation.image_baseline])
    return encoder


def reader_of(run: OpenRun) -> DualEncoder:
    """The run's model for its view and tokenizer alone: on the CPU where the device is absent."""
    model = run.plan.model
    if model.device.startswith("cuda") and not torch.cuda.is_available():
        return _checked(run, "cpu", "float32")
    return _checked(run, model.device, model.precision)


def random_encoder(run: OpenRun, number: int) -> DualEncoder:
    """Build the run's model with random weights; it is not cached.

    Parameters
    ----------
    run
        Run whose model and seed are used.
    number
        Number of the draw: each gives other weights.

    Returns
    -------
    DualEncoder
        On the run's device, at its precision.

    Raises
    ------
    InputError
        If the model cannot be randomised.
    """
    parameters, model = run.plan.parameters, run.plan.model
    with _loading:
        built = build_encoder(encoder_specification(parameters.model), model.device, model.precision)
    return randomise(built, named_rng(parameters.seed, "random weights", str(number)))


def other_encoder(run: OpenRun, parameters: ModelParameters) -> DualEncoder:
    """Build another model beside the run's, on its device; it is not cached.

    Parameters
    ----------
    run
        Run whose device and estimators it has to serve.
    parameters
        Section of the other model.

    Returns
    -------
    DualEncoder
        On the run's device, at its own precision.

    Raises
    ------
    InputError
        If it cannot be built, is set to another device, or a tower cannot serve an estimator of the spec.
    """
    device = run.plan.model.device
    if parameters.device != "auto" and resolve_device(parameters.device) != device:
        raise InputError(
            f"consistency: the other model's device must be auto or the run's {device}, got "
            f"{parameters.device}"
        )
    precision = resolve_precision(parameters.precision, device)
    with _loading:
        built = build_encoder(encoder_specification(parameters), device, precision)
    check_white_box(built, run.plan.parameters.estimators)
    check_dropping(built, [run.plan.parameters.perturbation.image_baseline])
    return built


def _checked(run: OpenRun, device: str, precision: str) -> DualEncoder:
    model = run.plan.model
    with _loading:  # single flight: two blocks must not load two copies
        encoder = _load(encoder_specification(run.plan.parameters.model), device, precision)
    if encoder.fingerprint() != model.fingerprint:
        raise InputError(
            f"the model has changed since run {run.run_id} was planned (fingerprint "
            f"{encoder.fingerprint()[:12]}, planned {model.fingerprint[:12]}); start ilime explain again"
        )
    return encoder


def device_lock(device: str) -> RLock:
    """Device lock: one block at a time scores on a device, since two would share its memory and cores."""
    with _device_locks_guard:
        return _device_locks.setdefault(device, RLock())


@lru_cache(maxsize=1)
def _load(specification: EncoderSpec, device: str, precision: str) -> DualEncoder:
    return build_encoder(specification, device, precision)


def encoder_specification(parameters: ModelParameters) -> EncoderSpec:
    """The encoder that a spec names; plugins as the environment allows them."""
    return parameters.specification(allowed_plugins())
