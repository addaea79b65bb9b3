"""Comparison of two models, checkpoints or settings on the same items.

Used by `ilime compare` and by its deployed flow; `tasks.comparison` asks if two runs are the same.
"""
