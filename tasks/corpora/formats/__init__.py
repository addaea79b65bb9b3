"""Corpus formats, one file a format."""
