"""Python's garbage collector, paused while a command imports its modules."""

import gc

__all__ = ["pause_collector", "resume_collector"]

_paused: list[bool] = []


def pause_collector() -> None:
    """Look for no garbage until `resume_collector` is called.

    A command imports some hundred thousand objects, which all stay; the collector would look through all of
    them again and again while they grow: a fifth of the time of the imports.
    """
    if gc.isenabled():
        gc.disable()
        _paused.append(True)


def resume_collector() -> None:
    """Look for garbage again, but not among what was imported; does nothing if it was not paused."""
    if _paused:
        _paused.clear()
        gc.freeze()
        gc.enable()
