"""Shape annotations of the core are checked while the tests run."""

from jaxtyping import install_import_hook

# Not as a context: the hook would leave with the block, and every module imported later would go unchecked.
install_import_hook("ilime_core", "beartype.beartype")
