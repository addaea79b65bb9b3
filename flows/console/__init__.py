"""The terminal: log lines, progress bars, signals and tables of text; knows nothing of Prefect.

Used by every wing of flows.
"""
