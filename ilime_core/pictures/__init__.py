"""Decoding of pictures: safe, upright RGB; label maps as PNG.

Used by every wing of tasks that opens an image.
"""
