"""Controls and modes of metrics in people's words."""

__all__ = ["CONTROLS", "mode_name"]

CONTROLS = {
    "explanation": "explanation",
    "interactions": "matrix alone",
    "main_effects": "linear",
    "random": "chance",
}
"""What controls are called."""

_MODES = {
    "none": "",
    "mixed_difference": "joint effect",
    "image_encodes": "image encodes",
    "text_encodes": "text encodes",
    "cosine": "units of the score",
    "weights": "",
    "radius": "",
    "model": "",
}


def mode_name(mode: str) -> str:
    """A mode in people's words; empty where a metric has no variants."""
    return _MODES.get(mode, mode)
