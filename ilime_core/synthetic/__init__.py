"""Planted towers whose effects and interactions are known, as oracles."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
