"""Retrieval: rankings under one exact tie rule, their metrics, and the choice of pairs to explain."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
