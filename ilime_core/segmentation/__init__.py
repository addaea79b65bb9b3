"""Cuts items into segments: regions of a view, words or tokens of a text."""
