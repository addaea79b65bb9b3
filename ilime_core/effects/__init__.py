"""Embedding-valued effects of the segments of one item, from which every pair follows."""
