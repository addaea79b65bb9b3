"""Estimators of effects that look inside the model: gradients in the gates of segments, and feature maps."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
