"""Exports of a finished run: copies of its tables and views for other programs, written batch by batch."""
