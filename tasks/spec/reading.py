"""From a YAML file and ``--set`` pairs to validated parameters, with one line for whatever is wrong."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from ilime_core.regular_file import read_regular
from tasks.spec import ExplainParameters, SpecFile
from tasks.spec.relative_paths import settled
from tasks.storage.access import grant_access

__all__ = ["load_parameters", "parse_specification", "validate_specification"]

Tree = dict[str, object]

MOST_BYTES = 2**20
"""Limit of a spec file: hundreds of times the size of all fields with comments."""

MOST_VALUES = 5_000
"""Limit of the values of a spec, entries of lists included."""

MOST_NESTED = 20
"""Lists and sections inside each other."""

_TOO_MANY = f"a spec has at most {MOST_VALUES:,} values, lists included; long lists belong into files"
_SHOWN = 80

_RENAMED = {
    "corpus.region_masks": "corpus.region_label_maps",
    "faithfulness.fills": "faithfulness.baselines",
    "faithfulness.truth.masks": "faithfulness.truth.label_maps",
    "segmentation.image.masks": "segmentation.image.label_maps",
}
"""Fields by the name that they had before."""


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML without aliases and duplicate keys, which hide what a spec says, and of a limited size."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._n_nodes = 0
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=event.start_mark)
        self._n_nodes += 1
        if self._n_nodes > 2 * MOST_VALUES:  # keys are nodes, too
            raise yaml.MarkedYAMLError(problem=_TOO_MANY, problem_mark=self.peek_event().start_mark)
        if self._depth > MOST_NESTED:
            problem = f"lists and sections are nested more than {MOST_NESTED} deep"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.peek_event().start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is not a word", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} occurs twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_parameters(path: Path, changes: Iterable[str] = ()) -> ExplainParameters:
    """Read a spec file, apply ``a.b=c`` changes, and put its access to stores in effect.

    Parameters
    ----------
    path
        YAML file; its folder is where relative paths of the spec start.
    changes
        ``a.b=c``, applied in order; their relative paths start from the current folder.

    Returns
    -------
    ExplainParameters
        The validated spec.

    Raises
    ------
    InputError
        One line: file, place, what was got and what is needed.
    """
    try:
        text = _text(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot read the spec ({error.strerror or error}); give a YAML file"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the spec is not UTF-8 text") from error
    file = parse_specification(text, changes, str(path), str(path.parent))
    grant_access(file.storage)
    return file.spec()


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InputError(f"{path}: has {size:,} bytes, at most {MOST_BYTES:,} are read; is it a spec?")
    return read_regular(path).decode()


def parse_specification(
    text: str, changes: Iterable[str] = (), where: str = "spec", folder: str | None = None
) -> SpecFile:
    """Validate the text of a spec.

    Parameters
    ----------
    text
        YAML.
    changes
        ``a.b=c``; their relative paths start from the current folder.
    where
        Names the spec in errors.
    folder
        Where relative paths of the text start; None leaves all paths as they are.

    Returns
    -------
    SpecFile
        The validated spec, with the access that it names.

    Raises
    ------
    InputError
        As `load_parameters`.
    """
    tree = _parse(text, where)
    if not isinstance(tree, dict):
        raise InputError(
            f"{where}: a spec is a mapping with corpus, model and output; got {type(tree).__name__}"
        )
    if folder is not None:
        tree = settled(cast("Tree", tree), folder)
    for change in changes:
        _apply(tree, change, "" if folder is not None else None)
    return validate_specification(tree, where)


def validate_specification(tree: Mapping[str, object], where: str = "spec") -> SpecFile:
    """Validate a spec that has been parsed already; errors as in `load_parameters`.

    Parameters
    ----------
    tree
        Sections and fields; paths are taken as they are.
    where
        Names the spec in errors.

    Returns
    -------
    SpecFile
        The validated spec, with the access that it names.
    """
    _check_size(tree, where)
    try:
        return SpecFile.model_validate(tree)
    except ValidationError as error:
        raise InputError(f"{where}: {_first_problem(error)}") from error


def _check_size(tree: Mapping[str, object], where: str) -> None:
    """Refuse long lists before they are validated entry by entry."""
    n_values = 0
    waiting: list[tuple[str, object]] = [("", tree)]
    while waiting:
        path, value = waiting.pop()
        inner: list[tuple[str, object]] = []
        if isinstance(value, Mapping):
            found = cast("Mapping[str, object]", value)
            inner = [(f"{path}.{name}".lstrip("."), one) for name, one in found.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            entries = cast("Sequence[object]", value)
            inner = [(path, one) for one in entries[: MOST_VALUES + 1]]
        n_values += len(inner)
        if n_values > MOST_VALUES:
            raise InputError(f"{where}: {path}: {_TOO_MANY}")
        waiting += inner


def _parse(text: str, where: str) -> object:
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise InputError(f"{where}, {place}: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise InputError(f"{where}: not YAML ({str(error).splitlines()[0]})") from error


def _apply(tree: Tree, change: str, folder: str | None) -> None:
    name, found, value = change.partition("=")
    if not found or not name.strip():
        raise InputError(f"--set {change!r}: write it as section.field=value, for example seed=1")
    *sections, field = name.strip().split(".")
    given = _parse(value, f"--set {name}")
    if folder is not None:
        given = _at(settled(_tree_of([*sections, field], given), folder), [*sections, field])
    node: Tree = tree
    for section in sections:
        child = node.setdefault(section, {})
        if not isinstance(child, dict):
            raise InputError(f"--set {change!r}: {section} is a value, not a section")
        node = child
    node[field] = given


def _tree_of(path: list[str], value: object) -> Tree:
    """A spec that says one thing alone."""
    for name in reversed(path):
        value = {name: value}
    return cast("Tree", value)


def _at(tree: Tree, path: list[str]) -> object:
    first, *rest = path
    return _at(cast("Tree", tree[first]), rest) if rest else tree[first]


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    path = [str(part) for part in problem["loc"]]
    name = ".".join(path)
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if problem["type"] == "extra_forbidden" and name in _RENAMED:
        return f"{name} is now called {_RENAMED[name]}; write it so{more}"
    if problem["type"] == "extra_forbidden":
        near = get_close_matches(path[-1], _fields(path[:-1]), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(_fields(path[:-1]))}."
        return f"{name} is not a field; {hint}{more}"
    if problem["type"] == "missing":
        return f"{name} is missing{more}"
    got = problem["input"]
    shown = "" if isinstance(got, Mapping | BaseModel) else f", got {_short(got)}"
    message = problem["msg"].removeprefix("Value error, ")
    hint = ""
    if problem["type"] == "tuple_type":
        message = "needs a list" + (f", [{got}]" if isinstance(got, str | int | float) else "")
    if problem["type"] == "literal_error" and isinstance(got, str):
        hint = did_you_mean(got, re.findall(r"'([^']*)'", problem.get("ctx", {}).get("expected", "")))
    return f"{name or 'spec'}: {message[0].lower()}{message[1:]}{shown}{hint}{more}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _fields(path: list[str]) -> list[str]:
    model: type[BaseModel] = SpecFile
    for part in path:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return sorted(model.model_fields)
