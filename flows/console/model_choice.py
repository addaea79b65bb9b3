"""Models as people name them on the command line."""

__all__ = ["model_fields"]


def model_fields(text: str) -> dict[str, str]:
    """Fields of ``model``.

    From NAME, NAME:MODEL, open_clip:ARCHITECTURE:TAG, scenes:TAG or plugin:PACKAGE:FUNCTION.
    """
    name, _, rest = text.partition(":")
    if name == "plugin":
        return {"name": name, "factory": rest}
    if name == "scenes":
        return {"name": name, "pretrained": rest} if rest else {"name": name}
    if name != "open_clip" or rest.startswith("hf-hub:"):
        return {"name": name, "model": rest} if rest else {"name": name}
    architecture, _, tag = rest.partition(":")
    key = (
        "checkpoint" if "/" in tag or tag.endswith((".safetensors", ".pt", ".pth", ".bin")) else "pretrained"
    )
    return {"name": name, "model": architecture} | ({key: tag} if tag else {})
