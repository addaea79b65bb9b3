"""Objects in a column: two layouts in three formats, and what is rejected or refused.

Proves tasks.corpora.parquet.object_columns.
"""

import json

import pyarrow as pa
import pytest
from parquet_files import IMAGES, asked, parquet, structs
from pydantic import ValidationError
from refusals import refusal

from tasks.corpora.corpus import ObjectBox
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters

LISTED = [{"bbox": [1, 2.5, 3, 4], "label": "cat"}, {"bbox": [0, 0, 9, 9], "label": None}]
PARALLEL = {"bbox": [[1, 2.5, 3, 4], [0, 0, 9, 9]], "category": ["cat", " "]}
CAT = (ObjectBox(1.0, 2.5, 3.0, 4.0, "cat"),)


def table(objects, metadata=None):
    columns = {"image": structs(IMAGES[: len(objects)]), "caption": ["a"] * len(objects), "things": objects}
    made = pa.table(columns)
    return parquet(made.replace_schema_metadata(metadata) if metadata else made)


@pytest.fixture
def read(root):
    def opened(format_, values, **fields):
        rows = [
            {"file": f"{number}.jpg", "caption": "a", "things": value} for number, value in enumerate(values)
        ]
        if format_ == "parquet":
            root.write("test.parquet", table(pa.array(values)))
            return open_corpus(asked(root, object_column="things", **fields))
        if format_ == "karpathy":
            images = [
                {
                    "filename": row["file"],
                    "split": "test",
                    "sentences": [{"raw": "a"}],
                    "things": row["things"],
                }
                for row in rows
            ]
            root.write("x.json", json.dumps({"images": images}).encode())
        else:
            root.write("x.json", json.dumps(rows).encode())
        places = {"annotations": f"{root.url}/x.json", "images": root.url}
        return open_corpus(
            CorpusParameters(format=format_, **places, **({"object_column": "things"} | fields))
        )

    return opened


@pytest.mark.parametrize("format_", ["parquet", "karpathy", "folder"])
@pytest.mark.parametrize("objects", [LISTED, PARALLEL])
def test_both_layouts_are_read_and_objects_without_a_name_left_out(read, format_, objects):
    corpus = read(format_, [objects, None])
    assert [image.objects for image in corpus.left] == [CAT, ()]
    corners = read(format_, [objects], object_box="xyxy").left[0].objects
    assert corners == (ObjectBox(1.0, 2.5, 2.0, 1.5, "cat"),)


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ("cat", 'things: got "cat"; needed is a list of objects'),
        ([7], "things[0]: got 7; needed is an object with 'bbox' and 'label'"),
        ([{"label": "cat"}], "'bbox' is absent"),
        ([{"bbox": [1, 2, 3], "label": "cat"}], "things[0].bbox: got a list of 3; needed is [x, y, width"),
        (
            [{"bbox": [1, 2, -3, 4], "label": "cat"}],
            "needed is [x, y, width, height] in pixels, see corpus.object_box",
        ),
        ([{"bbox": [1, 2, True, 4], "label": "cat"}], "things[0].bbox[2]: got true"),
        ([{"bbox": [1, 2, float("nan"), 4], "label": "cat"}], "things[0].bbox[2]: got NaN"),
        ([{"bbox": [1, 2, 10**400, 4], "label": "cat"}], "things[0].bbox[2]: got 1000"),
        ([{"bbox": [1, 2, 3, 4], "label": 5}], "things[0].label: got 5; needed is the object's name as text"),
        ({"bbox": [[1, 2, 3, 4]], "label": []}, "got 1 boxes and 0 names"),
        (LISTED[:1] * 1001, "holds 1,001 objects; at most 1,000 are read"),
    ],
)
def test_an_image_whose_objects_cannot_be_used_is_rejected_with_the_place(read, objects, message):
    for format_ in ("karpathy", "folder"):
        corpus = read(format_, [objects, LISTED])
        assert [image.objects for image in corpus.left] == [CAT]
        (rejected,) = corpus.rejected
        assert message in rejected.message
        assert "\n" not in rejected.message
        assert len(rejected.message) < 400


def test_names_are_one_short_line(read):
    objects = [{"bbox": [0, 0, 1, 1], "label": "a\n<b>\x00" + "x" * 10**6}]
    (found,) = read("karpathy", [objects]).left[0].objects
    assert found.name.startswith("a <b>\N{REPLACEMENT CHARACTER}xx")
    assert len(found.name) == 100


@pytest.mark.parametrize("format_", ["karpathy", "folder"])
def test_a_column_that_is_absent_is_refused_in_one_line(read, format_):
    message = refusal(lambda: read(format_, [LISTED], object_column="thinks"))
    assert "(corpus.object_column): there is no column 'thinks'; did you mean 'things'?" in message
    assert "\n" not in message


def test_a_parquet_column_that_is_absent_or_of_another_type_is_refused(root):
    root.write("test.parquet", table(pa.array(["cat"])))
    for name, needed in (
        ("things", "column 'things' holds string; needed are structs of 'bbox' and 'label'"),
        ("thing", "there is no column 'thing'; did you mean 'things'?"),
    ):
        assert needed in refusal(lambda name=name: open_corpus(asked(root, object_column=name)))


@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: {"feature": one, "_type": "Sequence"}, lambda one: [one]]
)
def test_numbered_classes_have_the_names_of_the_metadata(root, wrap):
    kind = {"bbox": {}, "category": {"names": ["dog", "cat"], "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": {"things": wrap(kind)}}})}
    rows = pa.array([{"bbox": [[1, 2.5, 3, 4]], "category": [number]} for number in (1, 2)])
    root.write("test.parquet", table(rows, metadata))
    corpus = open_corpus(asked(root, object_column="things"))
    assert [image.objects for image in corpus.left] == [CAT]
    assert "needed is the number of one of 2 classes" in corpus.rejected[0].message
    root.write("test.parquet", table(rows, {"huggingface": "{["}))
    assert "needed is the object's name as text" in refusal(
        lambda: open_corpus(asked(root, object_column="things"))
    )


def test_a_name_that_is_no_utf8_is_replaced(root):
    binary = pa.array([b"c\xfft"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 1, binary.buffers())
    objects = pa.StructArray.from_arrays([pa.array([[1, 2.5, 3, 4]]), text], ["bbox", "label"])
    listed = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), objects)
    root.write("test.parquet", table(listed))
    (found,) = open_corpus(asked(root, object_column="things")).left[0].objects
    assert found.name == "c?t"


def test_of_several_rows_of_an_image_those_of_the_first_with_objects_count(root):
    dog = [{**LISTED[0], "label": "dog"}]
    rows = [{"file": "a.jpg", "caption": "a", "things": things} for things in (None, LISTED, dog)]
    root.write("x.json", json.dumps(rows).encode())
    places = {"annotations": f"{root.url}/x.json", "images": root.url}
    (image,) = open_corpus(CorpusParameters(format="folder", object_column="things", **places)).left
    assert image.objects == CAT
    columns = {
        "image": structs(IMAGES[:1] * 3),
        "caption": ["a"] * 3,
        "key": ["k"] * 3,
        "things": [row["things"] for row in rows],
    }
    root.write("test.parquet", parquet(columns))
    (image,) = open_corpus(asked(root, "test.parquet", object_column="things", id_column="key")).left
    assert image.objects == CAT


def test_text_files_beside_images_have_no_such_column(root):
    root.write("a.jpg", b"1")
    root.write("a.txt", b"a cat")
    spec = CorpusParameters(format="folder", images=root.url, object_column="things")
    assert refusal(lambda: open_corpus(spec)).startswith(f"{root.url}: corpus.object_column needs a table")


def test_other_formats_and_boxes_without_a_column_are_refused():
    places = {"annotations": "a", "images": "b"}
    with pytest.raises(
        ValidationError, match=r"object_column goes with format: .*parquet.*got format: flickr30k"
    ):
        CorpusParameters(format="flickr30k", object_column="objects", **places)
    with pytest.raises(ValidationError, match="object_box goes with object_column"):
        CorpusParameters(format="karpathy", object_box="xyxy", **places)
