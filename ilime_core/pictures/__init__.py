"""Decoding of pictures: safe, upright RGB; label maps as PNG.

Used by every wing of tasks that opens an image.
"""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
