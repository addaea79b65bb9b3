"""Forecasts of encodes, seconds and sizes before a run."""
