"""Explanation of items and pairs in memory, without a run.

Used from Python, and by ``ilime pair``.
"""
