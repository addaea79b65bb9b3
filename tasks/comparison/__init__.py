"""Comparison of two runs in the sense of "same": tolerances, ties and freedom of decompositions."""
