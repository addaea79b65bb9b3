"""Encoding of masked images and texts in micro-batches, read ahead of the device."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
