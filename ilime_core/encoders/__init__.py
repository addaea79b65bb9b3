"""Dual encoders: two towers whose score is the inner product of their unit-norm embeddings."""
