"""Estimators of effects that look inside the model: gradients in the gates of segments, and feature maps."""
