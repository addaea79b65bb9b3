"""Factories of models from packages that the environment allows."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, Protocol, TypeVar, cast, runtime_checkable

from ilime_core.errors import InputError

__all__ = ["Factory", "PluginLoader", "checked_fingerprint", "plugin_factory"]

Factory = Callable[[str, str], object]
"""Called with device and precision."""


@runtime_checkable
class PluginSpec(Protocol):
    """What a spec says of a factory."""

    @property
    def factory(self) -> str:
        """``package.module:function``."""
        ...

    @property
    def allowed_plugins(self) -> tuple[str, ...]:
        """Packages that factories may come from."""
        ...


@runtime_checkable
class Fingerprinted(Protocol):
    """A model that says by a digest what decides its results."""

    def fingerprint(self) -> str:
        """Hex sha256."""
        ...


Model = TypeVar("Model", bound=Fingerprinted)


@dataclass(frozen=True, slots=True)
class PluginLoader(Generic[Model]):
    """Builds models of one kind from factories, and takes their fingerprints."""

    kind: str
    """Names what is built in errors."""
    check: Callable[[object, str], Model]
    """Holds what a factory returned against the contract of its kind; called with its name, too."""

    def build(self, spec: PluginSpec, device: str, precision: str) -> Model:
        """Import the factory, call it, and check what it returns.

        Parameters
        ----------
        spec
            Name of the factory, and the packages that it may come from.
        device, precision
            Arguments of the factory, as resolved by :mod:`ilime_core.encoders.precision`.

        Returns
        -------
        Model
            Checked; its fingerprint is the one that the factory promises, if it does.

        Raises
        ------
        InputError
            If its package is not allowed, it cannot be imported or fails, or its model breaks the contract.
        """
        factory = plugin_factory(spec.factory, spec.allowed_plugins)
        try:
            made = factory(device, precision)
        except Exception as error:  # somebody else's code may fail in any way, and its name is what helps
            raise InputError(f"plugin {spec.factory} failed: {type(error).__name__}: {error}") from error
        model = self.check(made, spec.factory)
        promised = getattr(factory, "fingerprint", None)
        if callable(promised) and promised() != model.fingerprint():
            raise InputError(
                f"plugin {spec.factory}: factory.fingerprint() differs from that of the {self.kind} it builds"
            )
        return model

    def fingerprint(self, spec: PluginSpec) -> str:
        """Digest of a plugin's model; the model is built for it where the factory has no ``fingerprint``.

        Raises
        ------
        InputError
            As `build`.
        """
        promised = getattr(plugin_factory(spec.factory, spec.allowed_plugins), "fingerprint", None)
        if not callable(promised):
            return self.build(spec, "cpu", "float32").fingerprint()
        return checked_fingerprint(promised(), spec.factory)


def plugin_factory(name: str, allowed: Collection[str]) -> Factory:
    """Import the factory of a plugin.

    Parameters
    ----------
    name
        ``package.module:function``.
    allowed
        Packages that may be imported; no other one is.

    Returns
    -------
    Factory
        The function.

    Raises
    ------
    InputError
        If the name has another form, its package is not allowed, or it cannot be imported.
    """
    module, _, function = name.partition(":")
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", module) or not function.isidentifier():
        raise InputError(f"plugin factory must look like package.module:function, got {name!r}")
    package = module.partition(".")[0]
    if package not in allowed:
        raise InputError(
            f"plugin package {package!r} is not allowed here. Allowed: {', '.join(allowed) or 'none'}."
        )
    try:
        found = getattr(import_module(module), function, None)
    except ImportError as error:
        raise InputError(f"plugin {name} cannot be imported: {error}") from error
    if not callable(found):
        raise InputError(f"plugin module {module} has no function {function!r}")
    return cast("Factory", found)


def checked_fingerprint(fingerprint: object, name: str) -> str:
    """Check the form of a plugin's fingerprint.

    Parameters
    ----------
    fingerprint
        Result of the plugin's own function.
    name
        Name of the factory, for messages.

    Returns
    -------
    str
        The fingerprint, 64 hex digits.

    Raises
    ------
    InputError
        If it is no hex sha256.
    """
    if not isinstance(fingerprint, str) or not re.fullmatch(r"[0-9a-f]{64}", fingerprint):
        raise InputError(f"plugin {name}: fingerprint must be a hex sha256, got {fingerprint!r}")
    return fingerprint
