"""From the effects of single items to the interactions of pairs: W = A B^T and all that follows from it."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
