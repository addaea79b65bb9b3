"""Stage fit-opaque: pairs of scorers that are not dual encoders."""
