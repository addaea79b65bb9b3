"""Cuts items into segments: regions of a view, words or tokens of a text."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
