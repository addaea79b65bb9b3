"""Corpus formats, a file each.

Opened through `tasks.corpora` only.
"""
