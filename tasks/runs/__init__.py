"""Stored runs: open, list, read items, verify, repair and choose what to prune.

Used by stages of finished runs, figures, report and commands.
"""
