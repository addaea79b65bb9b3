"""The packaged encoder `conse`: an image classifier and a sentence encoder in one space, no download."""

from importlib import import_module
from types import ModuleType

from ilime_core.errors import InputError

__all__ = ["packaged"]


def packaged(name: str) -> ModuleType:
    """Import a package of the extra ``conse``.

    Raises
    ------
    InputError
        If it is not installed; the message says what to install.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(
            "model conse needs packages that are not installed: pip install 'ilime[conse]'"
        ) from error
