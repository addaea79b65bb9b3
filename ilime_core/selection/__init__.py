"""Selection of segments: few that suffice, few that decide, and curves as one of them fades in."""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
