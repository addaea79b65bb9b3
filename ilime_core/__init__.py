"""The numerics of ilime: arrays in, arrays and frozen records out.

Knows nothing of workflows, tables or storage; the only files it opens are checkpoints whose paths it is
given.
"""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
