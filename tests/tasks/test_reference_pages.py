"""The committed reference pages are what the code says today.

Proves tasks.reference_pages.__main__, tasks.reference_pages.heads, tasks.reference_pages.pages,
tasks.spec.model, tasks.spec.words.
"""

from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from pydantic import BaseModel, Field

from ilime_core.edits.registry import EDITS
from ilime_core.encoders.registry import ENCODERS
from ilime_core.errors import InputError
from ilime_core.faithfulness.registry import METRICS
from ilime_core.opaque.scorers import SCORERS
from ilime_core.perturbation.baselines import BASELINES
from ilime_core.perturbation.designs import DESIGNS
from ilime_core.segmentation.registry import SEGMENTERS
from ilime_core.selection.registry import SELECTIONS
from tasks.corpora.registry import FORMATS
from tasks.query.registry import VIEWS
from tasks.reference_pages import PAGES, choices, example_spec, spec_page, tables_page, views_page
from tasks.reference_pages.__main__ import main
from tasks.spec import SpecFile
from tasks.spec.estimation import EVERY_ESTIMATOR
from tasks.spec.reading import parse_specification
from tasks.spec.words import column_words, field_words
from tasks.tables import TABLES

DOCS = Path(__file__).parents[2] / "docs"


def leaves(model, prefix=""):
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield prefix + name, info


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_generated_one(name):
    committed = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert committed == PAGES[name](), f"run: python -m tasks.reference_pages {name} > docs/{name}.md"


def test_every_table_and_column_has_a_row():
    page = tables_page()
    for table in TABLES.values():
        section = page.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        shown = [line.split("|")[1].strip(" *`") for line in section.splitlines() if line.startswith("| ")]
        assert shown[2:] == [column.name for column in table.columns]
        bold = [line.split("`")[1] for line in section.splitlines() if line.startswith("| **")]
        assert set(bold) == set(table.key)


def test_every_view_and_column_has_a_row():
    page = views_page()
    for view in VIEWS.values():
        section = page.split(f"\n## {view.name}\n")[1].split("\n## ")[0]
        shown = [line.split("|")[1].strip(" `") for line in section.splitlines() if line.startswith("| ")]
        assert shown[2:] == [column.name for column in view.columns]
    assert "| `low_r2` | 0.25 | trust: r2_cross below it says no |" in page


def test_foreign_keys_are_under_their_table():
    section = tables_page().split("\n## margin_effects\n")[1].split("\n## ")[0]
    assert "(`item_id`, `segment`) of [segments](#segments)" in section


def test_every_field_has_a_row_and_a_meaning():
    rows = [line for line in spec_page().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(path for path, _ in leaves(SpecFile))
    unexplained = [path for path, info in leaves(SpecFile) if not info.description]
    assert unexplained == []


def test_the_example_names_every_field_with_its_default():
    given = yaml.safe_load(example_spec())
    parameters = parse_specification(example_spec())
    assert parameters.model_dump(mode="json") == given
    smallest = {
        "corpus": {key: given["corpus"][key] for key in ("annotations", "images")},
        "model": {"name": given["model"]["name"]},
        "output": given["output"],
    }
    assert parameters == SpecFile.model_validate(smallest)


@pytest.mark.parametrize("path", choices())
def test_the_spec_offers_what_the_registry_has(path):
    words = field_words(dict(leaves(SpecFile))[path]).removeprefix("list of ")
    assert set(words.split(", ")[0].split(" or ")) == {f"`{name}`" for name in choices()[path].names}


def test_every_registry_is_found_by_the_field_that_names_its_methods():
    assert choices() == {
        "corpus.format": FORMATS,
        "corpus.edits": EDITS,
        "model.name": ENCODERS,
        "segmentation.image.method": SEGMENTERS,
        "perturbation.design": DESIGNS,
        "perturbation.image_baseline": BASELINES,
        "estimators": EVERY_ESTIMATOR,
        "opaque.scorer": SCORERS,
        "faithfulness.metrics": METRICS,
        "selection.methods": SELECTIONS,
    }


@pytest.mark.parametrize(
    ("registry", "name"),
    [(registry, name) for registry in choices().values() for name in registry.names],
    ids=lambda value: value if isinstance(value, str) else value.seam,
)
def test_an_entry_says_everything_of_its_method(registry, name):
    entry = registry[name]
    assert entry.title
    assert entry.what
    assert entry.source == "ilime" or entry.source.startswith("https://")
    fields = {path.rpartition(".")[2] for path, _ in leaves(SpecFile)} | {"truth"}
    assert set(entry.settings) | set(entry.required) <= fields


def test_titles_of_a_registry_differ():
    for registry in choices().values():
        titles = [entry.title for entry in registry.entries.values()]
        assert len(set(titles)) == len(titles), registry.seam


class Further(BaseModel):
    left: str = ""
    right: str = ""


class Sample(BaseModel):
    further: tuple[Further, ...] = ()
    other: Further | None = None
    share: float = Field(0.5, ge=0, le=1)
    count: int | None = Field(None, gt=3, lt=9)
    words: tuple[str, ...] = Field(("a",), min_length=1)
    label: str = Field("", max_length=8, pattern="^x*$")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("share", "number, at least 0, at most 1"),
        ("further", "list of section of `left`, `right`"),
        ("other", "section of `left`, `right`, or `null`"),
        ("count", "integer, above 3, below 9, or `null`"),
        ("words", "list of text, at least 1 of them"),
        ("label", "text, at most 8 characters, matching `^x*$`"),
    ],
)
def test_bounds_of_a_field_are_said(name, words):
    assert field_words(Sample.model_fields[name]) == words


def test_columns_say_their_width():
    assert column_words(pa.float32()) == "float32"
    assert column_words(pa.list_(pa.float32())) == "list of float32"
    assert column_words(pa.int64()) == "int64"


def test_bars_do_not_break_a_row():
    row = next(line for line in tables_page().splitlines() if line.startswith("| `max_z`"))
    assert r"\|weight\| / standard error" in row


def test_a_page_is_printed(capsys):
    main(["registries"])
    assert capsys.readouterr().out == PAGES["registries"]()


def test_an_unknown_page_is_refused():
    with pytest.raises(InputError, match="one of tables, views, spec, registries is needed"):
        main(["table"])


@pytest.mark.parametrize(
    ("format_", "split"), [("karpathy", "test"), ("folder", "all"), ("webdataset", "all")]
)
def test_layouts_without_splits_are_taken_whole_unless_told_otherwise(format_, split):
    from tasks.spec import CorpusParameters

    given = {"format": format_, "annotations": "a.json", "images": "x"}
    assert CorpusParameters.model_validate(given).split == split
    assert CorpusParameters.model_validate(given | {"split": "val"}).split == "val"
