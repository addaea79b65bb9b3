"""Embedding-valued effects of the segments of one item, from which every pair follows."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
