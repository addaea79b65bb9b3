"""Scripts that train the packaged toy models; not part of the installed package."""
