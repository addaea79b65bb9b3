"""Encoding of masked images and texts in micro-batches, read ahead of the device."""
