"""Demonstration corpora, laid out from bundled data or generated."""
