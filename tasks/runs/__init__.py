"""Stored runs: open, list, take stock, verify, repair and choose what to prune."""
