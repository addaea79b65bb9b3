"""A small trained model of pairs that reads patches and words together: no embedding, no inner product."""
