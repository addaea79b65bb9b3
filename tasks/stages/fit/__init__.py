"""Stage fit: interaction matrices, factors and fits of pairs."""
