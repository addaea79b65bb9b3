"""Pages that a browser draws from data: the viewer of a pair, and the records that it reads.

Used by `ilime_core.explaining` for notebooks and by ``tasks.explorer`` for the site of a run.
"""

from ilime_core.lazy_names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
