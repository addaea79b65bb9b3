"""Catalog of a finished run: what other programs need to open its tables and views without ilime."""
