"""Models as people name them on the command line."""

from dataclasses import asdict

from ilime_core.encoders.registry import encoder_named

__all__ = ["model_fields"]


def model_fields(text: str) -> dict[str, str]:
    """Fields of ``model`` that a name of :func:`~ilime_core.encoders.registry.encoder_named` fills."""
    return {field: str(value) for field, value in asdict(encoder_named(text)).items() if value}
