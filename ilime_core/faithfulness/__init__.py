"""Whether an explanation says what the model does: orders, curves, their controls and metrics over them."""
