"""Encoders of open_clip: CLIP and its relatives, from hub ids or local checkpoints."""
