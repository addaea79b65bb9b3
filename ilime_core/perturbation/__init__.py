"""Coalitions of segments to keep, and what stands in for the segments that are removed."""
