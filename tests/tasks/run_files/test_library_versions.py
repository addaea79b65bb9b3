"""Versions in a record: of Python, the tables and every installed library that may change a number."""

import platform

import numpy as np
import pyarrow as pa

from tasks.run_files.library_versions import library_versions
from tasks.tables import SCHEMA_VERSION


def test_versions_are_those_of_the_imported_libraries():
    versions = library_versions()
    assert versions["python"] == platform.python_version()
    assert versions["tables"] == SCHEMA_VERSION
    assert (versions["numpy"], versions["pyarrow"]) == (np.__version__, pa.__version__)


def test_an_absent_library_is_omitted(monkeypatch):
    monkeypatch.setattr("tasks.run_files.library_versions._PACKAGES", ("numpy", "no-such-package"))
    library_versions.cache_clear()
    try:
        assert sorted(library_versions()) == ["numpy", "python", "tables"]
    finally:
        library_versions.cache_clear()
