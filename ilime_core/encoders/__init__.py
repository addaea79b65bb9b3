"""Dual encoders: two towers whose score is the inner product of their unit-norm embeddings."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
