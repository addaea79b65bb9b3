"""Encoding many items and their perturbations in full batches of one shape."""
