"""Forecasts of encodes, bytes and seconds before a run.

Used by `ilime plan` and at the start of a run.
"""
