"""Demonstration corpora, laid out from bundled data or generated.

Used by `ilime demo` and by tests.
"""
