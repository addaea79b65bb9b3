"""Figures of two items of one modality: matrix and links."""
