"""Runners of blocks: inline, threads, Dask and Ray, with retries, schedule and preflight checks.

Opened by `flows.execution` through `choice`; sessions see the protocol in `seam`.
"""
