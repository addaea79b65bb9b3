"""Reference pages of tables, the spec and the registries, generated from the code."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ilime_core.faithfulness.registry import REPORTED
from ilime_core.registry import Entry, EstimatorEntry, Registry
from tasks.corpora.format import CorpusFormat
from tasks.corpora.registry import FORMATS
from tasks.query.registry import THRESHOLDS, VIEWS
from tasks.query.view import View
from tasks.reference_pages.heads import (
    COMPARISONS_HEAD,
    REGISTRIES_HEAD,
    SPEC_HEAD,
    TABLES_HEAD,
    THRESHOLDS_HEAD,
    VALUES_HEAD,
    VIEWS_HEAD,
)
from tasks.spec import SpecFile
from tasks.spec.settings import registry_of
from tasks.spec.words import column_words, field_words
from tasks.tables import TABLES, Reference, Table
from tasks.tables.comparisons import COMPARISONS

__all__ = ["PAGES", "choices", "example_spec", "registries_page", "spec_page", "tables_page", "views_page"]

_NEEDED = {
    "corpus.annotations": "data/annotations.json",
    "corpus.images": "data/images",
    "model.name": "conse",
    "output": "explanations",
}
"""Values of the example where a field has no default, or none that suits."""

_METHOD_COLUMNS = ("name", "title", "what", "settings", "source")
_VALUES_COLUMNS = ("metric", "title", "range", "chance", "better", "of")

Field = tuple[str, FieldInfo]


def tables_page() -> str:
    """Every table with its columns, from `tasks.tables`."""
    rows = [
        (f"[`{table.name}`](#{table.name})", table.stage, _names(table.key), table.meaning)
        for table in TABLES.values()
    ]
    overview = _markdown_table(("table", "stage", "key, beside the run", "what it holds"), rows)
    own = [f"{COMPARISONS_HEAD}{_table_section(COMPARISONS)}"]
    return "\n".join([TABLES_HEAD, overview, *map(_table_section, TABLES.values()), *own])


def views_page() -> str:
    """Every view with its columns, and the thresholds, from `tasks.query.registry`."""
    rows = [(f"[`{view.name}`](#{view.name})", view.meaning) for view in VIEWS.values()]
    thresholds = [(f"`{name}`", *_threshold(meaning)) for name, meaning in THRESHOLDS.items()]
    overview = _markdown_table(("view", "what it holds"), rows)
    settable = _markdown_table(("name", "default", "what it decides"), thresholds)
    return "\n".join([VIEWS_HEAD, overview, THRESHOLDS_HEAD, settable, *map(_view_section, VIEWS.values())])


def spec_page() -> str:
    """Every field of a spec, from `tasks.spec`, after an example that has them all."""
    sections = [_section("The run itself", _plain_fields(SpecFile))]
    for path, model in _sections(SpecFile):
        sections.append(_section(f"`{path}`: {_sentence(model)}", _plain_fields(model, f"{path}.")))
    return "\n".join([SPEC_HEAD, f"```yaml\n{example_spec()}```\n", "## Every field\n", *sections])


def registries_page() -> str:
    """Every method that a spec can name, from the registries of the core."""
    parts = [REGISTRIES_HEAD]
    for path, registry in choices().items():
        rows = [
            (f"`{name}`", entry.title, _what(entry), _settings(entry), _source(entry.source))
            for name, entry in registry.entries.items()
        ]
        parts.append(f"## `{path}`\n\n" + _markdown_table(_METHOD_COLUMNS, rows))
    return "\n".join([*parts, VALUES_HEAD, _markdown_table(_VALUES_COLUMNS, list(_value_rows()))])


def example_spec() -> str:
    """A spec in YAML that names every field, with its default where it has one."""
    lines = list(_example_lines(SpecFile, "", 0))
    width = max(len(code) for code, _ in lines)
    return "".join(f"{code:{width}}  # {comment}\n" for code, comment in lines)


PAGES: Mapping[str, Callable[[], str]] = {
    "tables": tables_page,
    "views": views_page,
    "spec": spec_page,
    "registries": registries_page,
}
"""Pages of docs by name."""


def choices() -> Mapping[str, Registry[Any]]:
    """Registries by the first field of a spec whose values are their names.

    Returns
    -------
    mapping of str to Registry
        In the order of the spec.
    """
    found: dict[str, Registry[Any]] = {}
    for path, info in _fields(SpecFile):
        registry = registry_of(info)
        if registry is not None and all(registry is not one for one in found.values()):
            found[path] = registry
    return found


def _what(entry: Entry[Any]) -> str:
    if isinstance(entry, EstimatorEntry) and entry.left_out:
        return f"{entry.what}; standard errors leave out {entry.left_out}"
    if isinstance(entry, CorpusFormat):
        return f"{entry.what}; split `{entry.split}`"
    return entry.what


def _settings(entry: Entry[Any]) -> str:
    names = dict.fromkeys((*entry.required, *entry.settings))
    return ", ".join(f"`{name}`" + " (needed)" * (name in entry.required) for name in names)


def _value_rows() -> Iterator[tuple[str, ...]]:
    """Each value that a metric reports, and its modes whose range is another one."""
    for name, value in REPORTED.items():
        null = value.chance if value.null is None else f"{value.null:g}"
        own = (null, value.direction if value.has_merit else "", ", ".join(value.controls))
        yield f"`{name}`", value.title, str(value.bounds), *own
        for mode, bounds in value.mode_bounds.items():
            yield f"`{name}`, {mode}", value.title, str(bounds), *own


def _table_section(table: Table) -> str:
    rows = [
        (
            f"**`{column.name}`**" if column.name in table.key else f"`{column.name}`",
            column_words(column.type),
            column.unit,
            column.meaning,
        )
        for column in table.columns
    ]
    schema = table.schema
    volatile = _names(name for name in schema.names if name in table.volatile)
    writer = "`ilime compare`" if table is COMPARISONS else f"stage {table.stage}"
    head = f"## {table.name}\n\n{table.meaning[0].upper()}{table.meaning[1:]}. Written by {writer}.\n"
    foot = f"\nForeign keys: {'; '.join(map(_reference, table.references))}.\n" if table.references else ""
    foot += f"\nVolatile: {volatile}.\n" if volatile else ""
    return f"{head}\n{_markdown_table(('column', 'type', 'unit', 'meaning'), rows)}{foot}"


def _threshold(meaning: str) -> tuple[str, str]:
    what, _, default = meaning.rpartition("; ")
    return default, what


def _view_section(view: View) -> str:
    rows = [
        (f"`{column.name}`", column_words(column.type), column.unit, column.meaning)
        for column in view.columns
    ]
    head = f"## {view.name}\n\n{view.meaning[0].upper()}{view.meaning[1:]}.\n"
    return f"{head}\n{_markdown_table(('column', 'type', 'unit', 'meaning'), rows)}"


def _reference(reference: Reference) -> str:
    names = _names(reference.columns)
    return (
        f"{f'({names})' if len(reference.columns) > 1 else names} of [{reference.table}](#{reference.table})"
    )


def _section(title: str, fields: Iterator[Field]) -> str:
    rows = [(f"`{path}`", field_words(info), _default(info), _meaning(path, info)) for path, info in fields]
    return f"### {title}\n\n" + _markdown_table(("field", "type", "default", "meaning"), rows)


def _meaning(path: str, info: FieldInfo) -> str:
    """Description; of a field of the corpus also the formats that read it, unless all do."""
    section, _, name = path.rpartition(".")
    if section != "corpus":
        return str(info.description)
    formats = FORMATS.entries
    needing = [known for known, one in formats.items() if name in one.required]
    reading = [known for known, one in formats.items() if name in one.fields and known not in needing]
    other = [f"`{known}` {one.split}" for known, one in formats.items() if one.split != info.default]
    remarks = [
        f" Needed by {_names(tuple(needing))}." if needing else "",
        f" Read by {_names(tuple(reading))}." if reading and len(reading) < len(formats) else "",
        f" Other defaults: {', '.join(other)}." if name == "split" else "",
    ]
    return f"{info.description}{''.join(remarks)}"


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[Field]:
    """Every field, those of sections inside included, in the order of the spec."""
    for name, info in model.model_fields.items():
        inner = _model_of(info)
        if inner is None:
            yield prefix + name, info
        else:
            yield from _fields(inner, f"{prefix}{name}.")


def _plain_fields(model: type[BaseModel], prefix: str = "") -> Iterator[Field]:
    for name, info in model.model_fields.items():
        if _model_of(info) is None:
            yield prefix + name, info


def _sections(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    for name, info in model.model_fields.items():
        inner = _model_of(info)
        if inner is not None:
            if any(_plain_fields(inner)):
                yield prefix + name, inner
            yield from _sections(inner, f"{prefix}{name}.")


def _example_lines(model: type[BaseModel], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, info in model.model_fields.items():
        inner = _model_of(info)
        if inner is None:
            value = _NEEDED.get(prefix + name) or _yaml(info.default)
            yield f"{'  ' * depth}{name}: {value}", str(info.description)
        else:
            yield f"{'  ' * depth}{name}:", _sentence(inner)
            yield from _example_lines(inner, f"{prefix}{name}.", depth + 1)


def _model_of(info: FieldInfo) -> type[BaseModel] | None:
    kind = info.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _sentence(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").splitlines()[0]


def _default(info: FieldInfo) -> str:
    return "needed" if info.is_required() else f"`{_yaml(info.default)}`"


def _yaml(value: object) -> str:
    """JSON is YAML; only words look better without quotes."""
    return value if isinstance(value, str) and value.isidentifier() else json.dumps(value)


def _source(source: str) -> str:
    return f"[{source.partition('://')[2]}]({source})" if "://" in source else source


def _names(names: Iterator[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _markdown_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(map(_cell, row)) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
