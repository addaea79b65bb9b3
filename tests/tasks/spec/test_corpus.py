"""The section corpus is held against what its format reads and needs.

Proves tasks.corpora.fields and tasks.corpora.format.
"""

import pytest
from pydantic import ValidationError

from ilime_core.errors import InputError
from tasks.corpora.format import COMMON_FIELDS
from tasks.corpora.registry import FORMATS
from tasks.spec import CorpusParameters, ExplainParameters
from tasks.spec.reading import validate_specification

PLACES = {"annotations": "a.json", "images": "i"}


def read(**corpus):
    return validate_specification({"corpus": corpus, "model": {"name": "conse"}, "output": "o"}).corpus


def needed(name):
    return {field: PLACES[field] for field in FORMATS[name].required}


FIELDS = [name for name in CorpusParameters.model_fields if name not in {*COMMON_FIELDS, *PLACES}]


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_goes_with_the_formats_that_read_it_alone(field):
    readers = [name for name, known in FORMATS.entries.items() if field in known.fields]
    also = {"region_label_maps": {"regions": "r.json"}, "object_box": {"object_column": "objects"}}
    extra = also.get(field, {})
    value = {"relevant_above": 0.5, "edits": ("shuffle",), "object_box": "xyxy"}.get(field, "x")
    assert readers
    for name in FORMATS.names:
        given = {"format": name, **needed(name), **extra, field: value}
        if name in readers:
            assert getattr(CorpusParameters.model_validate(given), field) == value
        else:
            refused = next(iter({**extra, field: value}))
            message = f"{refused} goes with format: {' or '.join(readers)}, got format: {name}"
            with pytest.raises(ValidationError, match=message):
                CorpusParameters.model_validate(given)


def test_the_refusal_of_a_spec_is_one_line():
    with pytest.raises(InputError) as caught:
        read(format="folder", images="i", id_column="key")
    assert str(caught.value) == "spec: corpus: id_column goes with format: parquet, got format: folder"


@pytest.mark.parametrize("name", FORMATS.names)
def test_every_format_has_its_needs_and_its_split(name):
    for field in FORMATS[name].required:
        given = {key: value for key, value in needed(name).items() if key != field}
        with pytest.raises(InputError, match=rf"^spec: corpus: format: {name} needs {field}, the URL of"):
            read(format=name, **given)
    assert read(format=name, **needed(name)).split == FORMATS[name].split
    assert read(format=name, **needed(name), split="val").split == "val"


def test_splits_are_those_of_published_layouts():
    found = {name: known.split for name, known in FORMATS.entries.items()}
    assert [name for name, split in found.items() if split == "test"] == ["karpathy", "flickr30k", "parquet"]
    assert set(found.values()) == {"test", "all"}


def test_default_values_of_unread_fields_are_no_mistake():
    whole = CorpusParameters(format="folder", images="i").model_dump()
    assert CorpusParameters.model_validate(whole) == CorpusParameters(format="folder", images="i")


def test_a_wrong_name_tells_the_known_ones_and_the_nearest():
    with pytest.raises(InputError) as caught:
        read(format="karpaty", **PLACES)
    known = ", ".join(f"'{name}'" for name in list(FORMATS.names)[:-1])
    assert str(caught.value) == (
        f"spec: corpus.format: input should be {known} or 'folder', got 'karpaty'; did you mean 'karpathy'?"
    )
    schema = ExplainParameters.model_json_schema()["$defs"]["CorpusParameters"]["properties"]
    assert schema["format"]["enum"] == list(FORMATS.names)
    assert next(iter(schema)) == "format"


def test_region_label_maps_go_with_regions():
    with pytest.raises(InputError, match="region_label_maps goes with regions, the panoptic JSON"):
        read(format="coco_captions", **PLACES, region_label_maps="masks")


def test_an_edit_is_named_once_and_is_known():
    assert read(**PLACES, format="contrast", edits=["shuffle", "detail"]).edits == ("shuffle", "detail")
    with pytest.raises(InputError, match="edits are named twice: shuffle, shuffle"):
        read(**PLACES, edits=["shuffle", "shuffle"])
    with pytest.raises(InputError, match=r"corpus\.edits.*colors"):
        read(**PLACES, edits=["colors"])


def test_a_value_where_a_list_is_needed_is_shown_as_a_list():
    with pytest.raises(InputError, match=r"corpus\.edits: needs a list, \[shuffle\], got 'shuffle'"):
        read(**PLACES, edits="shuffle")
