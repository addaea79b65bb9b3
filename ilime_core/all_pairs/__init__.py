"""Every pair of a benchmark: totals of the interactions of all left with all right items."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
