"""Statements about a whole benchmark, with errors that know that pairs share items."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
