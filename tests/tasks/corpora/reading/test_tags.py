"""Tags of items: read in every layout, bounded, and refused where no column has their name."""

import json
import math

import pyarrow as pa
import pytest
from parquet_files import IMAGES, parquet, structs
from refusals import refusal
from tar_shards import shard

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, merged_tags
from tasks.corpora.reading.tags import LONGEST_TAG, tag_value
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters

KARPATHY = [
    {"filename": "a.jpg", "split": "test", "sentences": [{"raw": "a cat"}], "source": "coco", "n": 2},
    {"filename": "b.jpg", "split": "test", "sentences": [{"raw": "a dog"}], "source": None, "n": [1, "x"]},
]
COCO = {
    "images": [
        {"id": 1, "file_name": "a.jpg", "source": "coco", "n": 2},
        {"id": 2, "file_name": "b.jpg", "n": [1, "x"]},
    ],
    "annotations": [
        {"id": 1, "image_id": 1, "caption": "a cat"},
        {"id": 2, "image_id": 2, "caption": "a dog"},
    ],
}
FLICKR = (
    "raw,sentids,split,filename,img_id,source,n\n"
    '"[""a cat""]",[0],test,a.jpg,0,coco,2\n"[""a dog""]",[1],test,b.jpg,1,,"1, x"\n'
)
TABLE = 'file,caption,source,n\na.jpg,a cat,coco,2\nb.jpg,a dog,,"1, x"\n'
ROWS = [
    {"image": "a.jpg", "caption": "a cat", "source": "coco", "n": 2.0},
    {"image": "b.jpg", "caption": "a dog", "n": [1, "x", None]},
]
LAYOUTS = {
    "karpathy": {"annotations": ("x.json", json.dumps({"images": KARPATHY}))},
    "coco_captions": {"annotations": ("x.json", json.dumps(COCO))},
    "flickr30k": {"annotations": ("x.csv", FLICKR), "split": "test"},
    "folder": {"annotations": ("x.csv", TABLE)},
    "folder of JSON lines": {"annotations": ("x.jsonl", "\n".join(map(json.dumps, ROWS)))},
    "folder of sidecars": {
        "images": {"a.jpg": b"1", "b.jpg": b"2"}
        | {f"{row['image'][0]}.json": json.dumps(row).encode() for row in ROWS}
    },
    "webdataset": {
        "images": {
            "0.tar": shard([("a.jpg", b"1"), ("a.json", ROWS[0]), ("b.jpg", b"2"), ("b.json", ROWS[1])])
        }
    },
    "parquet": {
        "images": {
            "test.parquet": parquet(
                {
                    "image": structs(IMAGES[:2]),
                    "caption": ["a cat", "a dog"],
                    "source": ["coco", None],
                    "n": pa.array([["2"], ["1", "x"]]),
                }
            )
        },
        "split": "test",
    },
}
EXPECTED = [(("source", "coco"), ("n", "2")), (("n", "1, x"),)]


@pytest.fixture
def read(root):
    def opened(layout, given, **fields):
        name = layout.partition(" ")[0]
        places = {"images": root.url}
        for place, content in given.get("images", {}).items():
            root.write(place, content)
        if "annotations" in given:
            place, text = given["annotations"]
            root.write(place, text if isinstance(text, bytes) else text.encode())
            places["annotations"] = f"{root.url}/{place}"
        split = {"split": given["split"]} if "split" in given else {}
        return open_corpus(CorpusParameters(format=name, **places, **split, **fields))

    return opened


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_an_image_and_its_captions_the_tags_of_their_row(read, layout):
    corpus = read(layout, LAYOUTS[layout], tags=["source", "n"])
    assert [entry.tags for entry in corpus.left] == EXPECTED
    assert [entry.tags for entry in corpus.right] == EXPECTED
    assert [entry.tags for entry in read(layout, LAYOUTS[layout]).left] == [(), ()]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_unknown_column_is_refused_in_one_line_with_the_one_that_was_perhaps_meant(read, layout):
    message = refusal(lambda: read(layout, LAYOUTS[layout], tags=["n", "sorce"]))
    assert "there is no column 'sorce'; did you mean 'source'?" in message
    assert "corpus.tags" in message
    assert "\n" not in message


PAIRS = (
    "query,candidate,relevance,query_kind,candidate_kind,source\n"
    "one,two,1,q,c,coco\n"
    "one,three,1,other,d,flickr\n"
    "four,two,0,r,e,coco\n"
)


@pytest.mark.parametrize("layout", ["image_pairs", "text_pairs"])
def test_rows_of_pairs_describe_both_sides_or_the_one_that_the_column_begins_with(read, layout):
    given = {"annotations": ("x.csv", PAIRS)}
    corpus = read(layout, given, tags=["query_kind", "candidate_kind", "source"])
    assert [entry.tags for entry in corpus.left] == [
        (("query_kind", "q"), ("source", "coco")),
        (("query_kind", "r"), ("source", "coco")),
    ]
    assert [entry.tags for entry in corpus.right] == [
        (("candidate_kind", "c"), ("source", "coco")),
        (("candidate_kind", "d"), ("source", "flickr")),
    ]
    assert "did you mean 'query_kind'?" in refusal(lambda: read(layout, given, tags=["query_kin"]))


def test_pairs_in_parquet_have_tags_of_any_plain_column(read):
    table = {"query": ["one"], "candidate": ["two"], "level": [3], "raw": pa.array([b"x"])}
    given = {"annotations": ("x.parquet", parquet(table))}
    corpus = read("text_pairs", given, tags=["level"])
    assert [entry.tags for entry in (*corpus.left, *corpus.right)] == [(("level", "3"),)] * 2
    assert "column 'raw' holds binary; needed are words" in refusal(
        lambda: read("text_pairs", given, tags=["raw"])
    )
    assert "did you mean 'level'?" in refusal(lambda: read("text_pairs", given, tags=["levels"]))


CONTRAST = {
    "q": {"filename": "a.jpg", "caption": "a cat", "negative_caption": "a dog", "source": "coco"},
    "r": {"filename": "a.jpg", "caption": "one cat", "negative_caption": "two cats", "source": "flickr"},
}


def test_questions_give_their_image_and_all_their_captions_tags_and_a_category(read):
    given = {"annotations": ("swap.json", json.dumps(CONTRAST))}
    corpus = read("contrast", given, tags=["source", "category"])
    assert [dict(entry.tags) for entry in corpus.left] == [{"source": "coco", "category": "swap"}]
    assert [dict(entry.tags)["source"] for entry in corpus.right] == ["coco"] * 2 + ["flickr"] * 2
    assert "did you mean 'source'?" in refusal(lambda: read("contrast", given, tags=["sorce"]))


def test_a_folder_is_a_tag_by_itself(read):
    table = "deep/cats/a.jpg\tone\nb.jpg\ttwo\n"
    corpus = read("folder", {"annotations": ("captions.txt", table)}, tags=["folder"])
    assert [entry.tags for entry in corpus.left] == [(("folder", "cats"),), ()]
    assert "no column 'source'" in refusal(
        lambda: read("folder", {"annotations": ("captions.txt", table)}, tags=["source"])
    )


def test_of_several_rows_of_an_image_the_first_value_counts_and_captions_keep_their_own(read):
    table = "file,caption,source,kind\na.jpg,one,,x\na.jpg,two,coco,y\na.jpg,three,flickr,z\n"
    corpus = read("folder", {"annotations": ("captions.csv", table)}, tags=["source", "kind"])
    assert [dict(entry.tags) for entry in corpus.left] == [{"source": "coco", "kind": "x"}]
    assert [dict(entry.tags) for entry in corpus.right] == [
        {"kind": "x"},
        {"source": "coco", "kind": "y"},
        {"source": "flickr", "kind": "z"},
    ]
    assert merged_tags([(("a", "1"),), (("b", "2"), ("a", "3"))]) == (("a", "1"), ("b", "2"))


def test_rows_of_one_id_in_parquet_are_one_image_and_its_first_values(read, root):
    table = {
        "image": structs(IMAGES[:2]),
        "caption": ["one", "two"],
        "key": [7, 7],
        "kind": [None, "y"],
        "level": [1, 2],
    }
    given = {"images": {"test.parquet": parquet(table)}, "split": "test"}
    corpus = read("parquet", given, tags=["kind", "level"], id_column="key")
    image = ImageEntry("test.parquet", "7", "0", tags=(("level", "1"), ("kind", "y")))
    assert corpus.left == (image,)
    assert "column 'image' holds struct" in refusal(
        lambda: read("parquet", given, tags=["image"], id_column="key")
    )


def test_a_member_that_occurs_twice_rejects_its_entry(read):
    first = '{"image": "a.jpg", "caption": "a cat", "n": 1, "n": 2}'
    given = {"annotations": ("x.jsonl", f'{first}\n{{"image": "b.jpg", "caption": "a dog", "n": 3}}')}
    corpus = read("folder", given, tags=["n"])
    assert [entry.tags for entry in corpus.left] == [(("n", "3"),)]
    assert "two members 'n'" in corpus.rejected[0].message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("coco", "coco"),
        ("  two \n words\t", "two words"),
        ("<script>alert('x')</script>", "<script>alert('x')</script>"),
        ("a\0b\x1bc", "a\ufffdb\ufffdc"),
        ("half \udc80", "half ?"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (0.25, "0.25"),
        (math.inf, "inf"),
        (math.nan, ""),
        (None, ""),
        (" \n", ""),
        ([], ""),
        (["a", None, 2.0, ["b", True]], "a, 2, b, true"),
        ({"a": 1}, ""),
        ("x" * 100, "x" * 100),
        ("x" * 100_000, "x" * 99 + "…"),
        (["ab"] * 50_000, ("ab, " * 25)[:99] + "…"),
    ],
)
def test_a_value_is_one_bounded_line(value, expected):
    assert tag_value(value) == expected
    assert len(tag_value(value)) <= LONGEST_TAG


@pytest.mark.parametrize("tags", [["a=b"], [""], ["a\nb"], ["a", "a"], [str(n) for n in range(21)]])
def test_names_that_could_be_no_slice_are_refused(tags):
    with pytest.raises(ValueError, match=r"tags"):
        CorpusParameters(annotations="a.json", images="x", tags=tags)


def test_tags_of_an_empty_layout_say_that_it_has_no_columns(read):
    given = {"annotations": ("results.token", "a.jpg#0\ta cat\n"), "split": "all"}
    with pytest.raises(InputError, match="no column 'source'; this layout has no named columns"):
        read("flickr30k", given, tags=["source"])
