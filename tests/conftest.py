"""Shape annotations of the core are checked while the tests run."""

from jaxtyping import install_import_hook

with install_import_hook("ilime_core", "beartype.beartype"):
    import ilime_core  # noqa: F401  - imported here so that every later import is checked
