"""A spec as commented YAML: the fields that people change, each with the words of its description."""

import json
import textwrap
from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ilime_core.errors import InputError
from tasks.spec import ExplainParameters
from tasks.spec.words import field_words

__all__ = ["commented_spec"]

_WIDTH = 100


def commented_spec(
    parameters: ExplainParameters,
    shown: Sequence[str],
    head: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
) -> str:
    """Write a spec.

    Parameters
    ----------
    parameters
        Values of the fields.
    shown
        Fields to write, like ``corpus.images``, grouped by section; all others keep their defaults.
    head
        Lines of comment to begin with.
    notes
        What else is to be known of some fields of ``shown``.

    Returns
    -------
    str
        YAML, each field with its comment.

    Raises
    ------
    InputError
        If a field is not one of a spec.
    """
    lines = [f"# {line}".rstrip() for line in head]
    open_sections: tuple[str, ...] = ()
    for path in shown:
        *sections, name = path.split(".")
        owner: BaseModel = parameters
        for depth, section in enumerate(sections):
            _field(owner, section, path)
            owner = getattr(owner, section)
            if open_sections[: depth + 1] != tuple(sections[: depth + 1]):
                lines += [""] * (depth == 0)
                lines.append(f"{'  ' * depth}{section}:{_remark(owner)}")
                open_sections = tuple(sections[: depth + 1])
        open_sections = tuple(sections)
        field = _field(owner, name, path)
        indent = "  " * len(sections)
        lines += [""] * (not sections)
        lines += textwrap.wrap(
            " ".join([_meaning(field), *([notes[path]] if notes and path in notes else [])]),
            _WIDTH,
            initial_indent=f"{indent}# ",
            subsequent_indent=f"{indent}# ",
        )
        lines.append(f"{indent}{name}: {_value(getattr(owner, name))}")
    return "\n".join(lines) + "\n"


def _field(owner: BaseModel, name: str, path: str) -> FieldInfo:
    fields: Mapping[str, FieldInfo] = type(owner).model_fields
    if name not in fields:
        raise InputError(f"{path} is not a field of a spec")
    return fields[name]


def _meaning(field: FieldInfo) -> str:
    """Description, and the choices where there are some."""
    words = field_words(field)
    choices = f" ({words.replace('`', '')})" if "`" in words else ""
    return f"{field.description or ''}{choices}"


def _remark(section: BaseModel) -> str:
    first = (type(section).__doc__ or "").strip().partition("\n")[0]
    return f"  # {first}" if first else ""


def _value(value: object) -> str:
    """JSON is YAML, with every text in quotes."""
    return json.dumps(value, ensure_ascii=False)
