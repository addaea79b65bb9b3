"""Pairs whose score is no inner product of two embeddings, explained from their scores alone."""
