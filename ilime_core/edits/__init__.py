"""Edits of captions: small changes that make a right caption wrong, from a lexicon and closed lists."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
