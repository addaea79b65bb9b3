"""The report of a run: a static site, and the lines that the terminal shows.

Used by commands alone.
"""
