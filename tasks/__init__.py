"""Stages of the pipeline: every touch of the outside world, thin around ``ilime_core``."""
