"""The planted run of the figures' tests."""

import importlib.util
from pathlib import Path

_PLACE = Path(__file__).parent.parent / "figures" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("pictured_run", _PLACE)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

pictured = _MODULE.pictured
