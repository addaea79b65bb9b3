"""Protocols of the extension points: segmenter, design, baseline, encoders, scorer and estimators."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
