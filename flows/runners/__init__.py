"""Runners of blocks: inline, threads, Dask and Ray, with retry, schedule and preflight checks."""
