"""Comparison of two runs in the sense of "same": tolerances, ties and the freedom of decompositions.

Used by `ilime diff` and by tests.
"""
