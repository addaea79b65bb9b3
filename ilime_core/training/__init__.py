"""Small models that are trained here: real networks whose truth is known."""
