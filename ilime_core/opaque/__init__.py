"""Pairs whose score is no inner product of two embeddings, explained from their scores alone."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
