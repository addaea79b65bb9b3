"""Planted towers whose effects and interactions are known, as oracles."""
