"""Explanation of items and pairs in memory, without a run.

Used from Python, and by ``ilime pair``.
"""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
