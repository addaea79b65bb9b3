"""Every number of a spec has a range, and a spec has a size.

Proves tasks.spec.faithfulness, tasks.spec.pairs, tasks.spec.perturbation,
tasks.spec.reading, tasks.spec.refits, tasks.spec.running, tasks.spec.segmentation, tasks.spec.selection.
"""

from typing import get_args

import pytest
import yaml
from pydantic import BaseModel

from ilime_core.errors import InputError
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters, parse_specification, validate_specification

BASE = {"corpus": {"annotations": "a.json", "images": "i"}, "model": {"name": "conse"}, "output": "o"}


def leaves(model, prefix=""):
    for name, info in model.model_fields.items():
        inner = [
            kind
            for kind in (info.annotation, *get_args(info.annotation))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        yield from leaves(inner[0], f"{prefix}{name}.") if inner else [(prefix + name, info, model)]


def numbers(schema):
    """Schemas of numbers within the schema of a field."""
    if schema.get("type") in {"number", "integer"}:
        yield schema
    for part in [*schema.get("anyOf", ()), *schema.get("prefixItems", ()), schema.get("items")]:
        if isinstance(part, dict):
            yield from numbers(part)


NUMERIC = {
    path: found
    for path, _, model in leaves(ExplainParameters)
    if (found := list(numbers(model.model_json_schema()["properties"][path.rpartition(".")[2]])))
}


def test_every_number_has_a_least_and_a_greatest_value():
    assert len(NUMERIC) > 60
    unbounded = [
        path
        for path, found in NUMERIC.items()
        for one in found
        if not ({"minimum", "exclusiveMinimum"} & set(one) and {"maximum", "exclusiveMaximum"} & set(one))
    ]
    assert unbounded == []


@pytest.mark.parametrize("value", [".inf", "-.inf", ".nan", "1e999"])
def test_no_number_is_infinite_or_none(value):
    text = yaml.safe_dump(BASE)
    for path in NUMERIC:
        given = f"[{', '.join([value] * 4)}]" if path == "selection.weights" else value
        given = f"[{value}]" if path == "faithfulness.probabilities" else given
        other = ["faithfulness.refits.other.name=conse"] if ".other." in path else []
        with pytest.raises(InputError, match=path.rpartition(".")[2]):
            parse_specification(text, [*other, f"{path}={given}"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: " + "9" * 5000, "not YAML"),
        ("label: 2020-99-99", "not YAML"),
        ("faithfulness: {pairs: [" + "p1," * 10_001 + "]}", "a spec has at most 5,000 values"),
        ("a: " + "[" * 3000, "column 24: lists and sections are nested more than 20 deep"),
        ("label: " + "a" * 2**20, "1,048,5.. bytes, at most 1,048,576"),
    ],
    ids=["digits", "date", "list", "depth", "bytes"],
)
def test_a_spec_that_is_too_large_is_refused_in_one_line(tmp_path, text, message):
    spec = tmp_path / "spec.yaml"
    spec.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_parameters(spec)
    assert len(str(caught.value)) < 400


def test_a_list_of_a_million_is_refused_before_it_is_validated_wherever_it_comes_from():
    tree = {**BASE, "faithfulness": {"pairs": ["p1"] * 1_000_000}}
    with pytest.raises(InputError, match=r"^spec: faithfulness\.pairs: a spec has at most 5,000 values"):
        validate_specification(tree)


def test_a_value_is_not_repeated_at_length():
    with pytest.raises(InputError) as caught:
        parse_specification(yaml.safe_dump(BASE | {"seed": "x" * 5000}))
    assert len(str(caught.value)) < 300
