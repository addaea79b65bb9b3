"""Files of a Hugging Face repository: from the cache where they are, else downloaded once."""

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, try_to_load_from_cache

from ilime_core.errors import InputError

__all__ = ["hub_file"]

_TIMEOUT = 10.0


def hub_file(repository: str, names: Sequence[str]) -> Path:
    """Locate the first of ``names`` that a repository has.

    A cached file is taken without asking the network: a model stays what it was when it was first used.

    Raises
    ------
    InputError
        If none is cached and the repository cannot be reached or has none; the message says what to do.
    """
    for name in names:
        cached = try_to_load_from_cache(repository, name)
        if isinstance(cached, str):
            return Path(cached)
    try:
        # One request that fails at once, where a download would retry for most of a minute per file.
        siblings = HfApi().model_info(repository, timeout=_TIMEOUT).siblings or []
        offered = {file.rfilename for file in siblings}
        name = next((name for name in names if name in offered), None)
        if name is not None:
            return Path(hf_hub_download(repository, name))
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(
            f"{' or '.join(names)} of the model {repository} is not on this machine and could not be "
            f"downloaded ({why}); connect once, or give a local checkpoint"
        ) from error
    raise InputError(f"the model {repository} has no file {' or '.join(names)}")
