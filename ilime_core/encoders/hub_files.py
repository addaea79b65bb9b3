"""Files of a Hugging Face repository: from the cache where they are, else downloaded once."""

from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import LocalEntryNotFoundError

from ilime_core.errors import InputError

__all__ = ["hub_file", "hub_folder", "missing_files"]

_TIMEOUT = 10.0


def hub_file(repository: str, names: Sequence[str]) -> Path:
    """Locate the first of some files that a repository has.

    A cached file is taken without asking the network: a model stays what it was when it was first used.

    Parameters
    ----------
    repository
        ``owner/name``.
    names
        Names within the repository, the preferred one first.

    Returns
    -------
    Path
        File in the cache of the hub.

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


def hub_folder(repository: str, patterns: Sequence[str], needed: Sequence[Sequence[str]]) -> Path:
    """Locate the files of a repository in one folder, as its revision has them.

    A cached revision is taken without asking the network, if nothing that is needed is missing there.

    Parameters
    ----------
    repository
        ``owner/name``, or ``owner/name@revision``.
    patterns
        Globs of the files that are wanted.
    needed
        Alternatives: of each group one file must be there.

    Returns
    -------
    Path
        Folder of the revision in the cache of the hub.

    Raises
    ------
    InputError
        If a needed file is not cached and cannot be downloaded; the message says which and what to do.
    """
    name, _, revision = repository.partition("@")
    wanted = list(patterns)
    try:
        cached = snapshot_download(
            name, revision=revision or None, allow_patterns=wanted, local_files_only=True
        )
        if missing_files(Path(cached), needed) is None:
            return Path(cached)
    except LocalEntryNotFoundError:
        pass
    try:
        # One request that fails at once, where a download would retry for most of a minute per file.
        HfApi().model_info(name, revision=revision or None, timeout=_TIMEOUT)
        folder = Path(snapshot_download(name, revision=revision or None, allow_patterns=wanted))
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(
            f"the model {repository} is not complete on this machine and could not be downloaded ({why}); "
            "connect once, or give a local folder"
        ) from error
    missing = missing_files(folder, needed)
    if missing is not None:
        raise InputError(f"the model {repository} has no file {missing}")
    return folder


def missing_files(folder: Path, needed: Sequence[Sequence[str]]) -> str | None:
    """First group of alternatives of which a folder has none.

    Parameters
    ----------
    folder
        Folder of a model.
    needed
        Alternatives: of each group one file must be there.

    Returns
    -------
    str or None
        Names of the group, joined by "or"; None where nothing is missing.
    """
    for names in needed:
        if not any((folder / name).is_file() for name in names):
            return " or ".join(names)
    return None
