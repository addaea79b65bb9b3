"""Seals: a digest of run, name and content inside the JSON of a frozen plan."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import cast

from tasks.run_files.damage import DamageError

__all__ = ["sealed_json", "unsealed"]

_SEAL = "seal"
_HEX = re.compile(r"[0-9a-f]{64}")


def sealed_json(content: Mapping[str, object], run_id: str, name: str) -> bytes:
    """Encode a plan file as JSON, its seal first.

    Parameters
    ----------
    content
        JSON object without a seal.
    run_id, name
        Run and name of the file: both enter the seal, so that a file of another run or name does not fit.

    Returns
    -------
    bytes
        UTF-8, canonical for its content.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    seal = hashlib.sha256(f"{run_id}\0{name}\0{text}".encode()).hexdigest()
    return (json.dumps({_SEAL: seal, **content}, ensure_ascii=False, indent=1) + "\n").encode()


def unsealed(data: bytes, run_id: str, name: str, place: tuple[str, str]) -> dict[str, object]:
    """Parse a plan file and check its seal; files from before there were seals have none to check.

    Parameters
    ----------
    data
        Content of the file.
    run_id, name
        Run and name that it has to be of.
    place
        Output and key, for the error.

    Returns
    -------
    dict of str to object
        Content without the seal.

    Raises
    ------
    DamageError
        If the bytes are not those that `sealed_json` makes of their content.
    """
    try:
        content: object = json.loads(data)
    except ValueError as error:
        raise DamageError.of(*place, f"it is no JSON ({error})") from error
    if not isinstance(content, dict) or not content:
        raise DamageError.of(*place, "it holds no JSON object")
    found = cast("dict[str, object]", content)
    first, value = next(iter(found.items()))
    if first != _SEAL:
        if _SEAL in found or (isinstance(value, str) and _HEX.fullmatch(value)):
            raise DamageError.of(*place, "its seal has another name or place")
        return found
    del found[_SEAL]
    if sealed_json(found, run_id, name) != data:
        raise DamageError.of(*place, f"its seal is not that of its content as {name} of run {run_id}")
    return found
