"""Coalitions of segments to keep, and what stands in for the segments that are removed."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
