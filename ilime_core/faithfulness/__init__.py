"""Faithfulness of explanations: orders, curves, their controls and metrics over them."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
