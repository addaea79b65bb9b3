"""Stage match: retrieval of pairs by tiles, their blocks and their margins."""
