"""Statements about a whole benchmark, with errors that know that pairs share items."""
