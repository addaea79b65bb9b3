"""Every pair of the corpus: tiles (sweep) and what they add up to (gather)."""
