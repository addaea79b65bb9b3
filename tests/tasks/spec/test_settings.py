"""Descriptions of fields name the methods that read them.

Proves tasks.spec.settings.
"""

from pydantic import BaseModel, Field

from ilime_core.registry import Entry, Registry
from tasks.spec import ExplainParameters
from tasks.spec.settings import described_by, readers


def entry(**more):
    return Entry(print, "prints", "ilime", title="printing", **more)


METHODS = Registry(
    "method",
    {
        "first": entry(settings=("width", "depth", "every")),
        "second": entry(settings=("depth", "every")),
        "third": entry(settings={"every": "", "place": "a folder"}),
        "fourth": entry(settings={"every": "", "place": "a hub id"}),
    },
)
OTHERS = Registry("other", {"left": entry(settings=("depth",)), "right": entry()})


@described_by(METHODS, OTHERS)
class Section(BaseModel):
    width: int = Field(1, description="pixels.")
    depth: int = Field(1, description="layers.")
    place: str = ""
    label: str = Field("", description="A name.")


class Whole(BaseModel):
    section: Section = Section()


def test_methods_of_each_registry_come_before_the_meaning():
    said = {name: info.description for name, info in Section.model_fields.items()}
    assert said == {
        "width": "first: pixels.",
        "depth": "first, second with left: layers.",
        "place": "third: a folder; fourth: a hub id.",
        "label": "A name.",
    }


def test_the_json_schema_says_the_same_also_of_a_section_inside_another():
    shown = Whole.model_json_schema()["$defs"]["Section"]["properties"]
    assert shown["place"]["description"] == "third: a folder; fourth: a hub id."


def test_readers_keep_the_order_of_registration():
    assert readers(METHODS, "depth") == ("first", "second")
    assert readers(METHODS, "label") == ()


def test_a_weight_of_a_model_names_the_encoders_that_read_it():
    shown = ExplainParameters.model_json_schema()["$defs"]["ModelParameters"]["properties"]["pretrained"]
    assert shown["description"].startswith("open_clip: pretrained tag; scenes: weights")
