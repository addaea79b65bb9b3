"""Figures of two items of one modality: matrix and links.

Used by pages and by `ilime show`.
"""
