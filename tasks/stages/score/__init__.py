"""Stage score: perturb, encode and regress every item."""
