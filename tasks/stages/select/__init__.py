"""Stage select: subsets of segments that explain a pair."""
