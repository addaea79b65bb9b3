"""Readers that formats share: annotation files, JSON, listings, sidecars and tar archives.

Used by corpora and truth.
"""
