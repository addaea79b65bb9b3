"""Visual search: queries, candidates and judgements from any of three tables."""

import io
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from refusals import refusal

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage

ROWS = [
    ("q/1.jpg", "c/1.jpg", 2.5, "test"),
    ("q/1.jpg", "c/2.jpg", 0, "test"),
    ("c/2.jpg", "c/1.jpg", 1, "test"),
    ("x.jpg", "c/3.jpg", 1, "train"),
    ("c/2.jpg", "c/2.jpg", 0, "test"),
]
COLUMNS = ("query", "candidate", "relevance", "split")


def as_csv(rows, columns):
    lines = [",".join(columns), *(",".join("" if one is None else str(one) for one in row) for row in rows)]
    return "\n".join(lines).encode()


def as_jsonl(rows, columns):
    return "\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in rows).encode()


def as_parquet(rows, columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))), sink)
    return sink.getvalue()


def as_tsv(rows, columns):
    return as_csv(rows, columns).replace(b",", b"\t")


WRITERS = {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl, "parquet": as_parquet}


@pytest.fixture
def read(tmp_path):
    storage = Storage(str(tmp_path / "x"))

    def write_and_read(rows, columns=COLUMNS, kind="jsonl", split="test", **options):
        content = rows if isinstance(rows, bytes) else WRITERS[kind](rows, columns)
        storage.write(f"judged.{kind}", content)
        asked = CorpusParameters(
            format="image_pairs",
            annotations=f"{storage.url}/judged.{kind}",
            images=f"{storage.url}/photos",
            split=split,
            **options,
        )
        storage.write("photos/q/1.jpg", b"one")
        assert open_images(asked).read(ImageEntry("q/1.jpg", "")) == b"one"
        return open_corpus(asked)

    return write_and_read


def entries(*keys):
    return tuple(ImageEntry(key, key) for key in keys)


@pytest.mark.parametrize("kind", WRITERS)
def test_both_sides_are_listed_in_the_order_of_first_appearance(read, kind):
    corpus = read(ROWS, kind=kind)
    assert corpus.left == entries("q/1.jpg", "c/2.jpg")
    assert corpus.right == entries("c/1.jpg", "c/2.jpg")
    assert corpus.relevance == ((0, 0), (1, 0))
    assert (corpus.split, corpus.format) == ("test", "image_pairs")
    assert read(ROWS, kind=kind, split="train").right == entries("c/3.jpg")
    assert read(ROWS, kind=kind, split="all").relevance == ((0, 0), (1, 0), (2, 2))


@pytest.mark.parametrize("kind", WRITERS)
def test_without_relevance_and_splits_every_row_matches(read, kind):
    corpus = read([row[:2] for row in ROWS[:4]], COLUMNS[:2], kind, "all")
    assert corpus.relevance == ((0, 0), (0, 1), (1, 0), (2, 2))
    with pytest.raises(InputError, match=r"set corpus\.split: all"):
        read([row[:2] for row in ROWS[:4]], COLUMNS[:2], kind, "test")


def test_a_limit_takes_the_first_queries_with_their_candidates(read):
    corpus = read(ROWS, split="all", limit=1)
    assert (corpus.left, corpus.right) == (entries("q/1.jpg"), entries("c/1.jpg", "c/2.jpg"))
    assert len(read(ROWS, split="all", limit=2).left) == 2


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("a.jpg", "../b.jpg", 1.0, "test"), r"judged\.\w+, (line|row) \d+: key '\.\./b\.jpg'"),
        (("s3://b/a.jpg", "b.jpg", 1.0, "test"), "has a scheme"),
        (("a.jpg", "a.jpg", 1.0, "test"), "'a.jpg' is to answer itself"),
        (("q/1.jpg", "c/1.jpg", 0.0, "test"), "query 'q/1.jpg' and candidate 'c/1.jpg' are listed together"),
        (("a.jpg", None, 1.0, "test"), "'candidate' is (null|empty)"),
        (("a.jpg", "b.jpg", float("nan"), "test"), "relevance: got NaN; needed is a number|got .nan."),
    ],
)
def test_a_broken_row_is_named(read, kind, row, complaint):
    corpus = read([*ROWS, row], kind=kind)
    assert (len(corpus.left), len(corpus.relevance)) == (2, 2)
    [found] = corpus.rejected
    assert re.search(complaint, found.message)


@pytest.mark.parametrize(
    ("content", "kind", "complaint"),
    [
        (b"query,candidates\na,b\n", "csv", "there is no column 'candidate'; did you mean 'candidates'"),
        (as_parquet([("a", "b")], ("query", "x")), "parquet", "there is no column 'candidate'"),
        (b"PAR1 not really", "parquet", r"judged\.parquet: is no Parquet file, or damaged"),
        (b'{"query": "a", "candidate": "b", "relevance": "much"}', "jsonl", 'got "much"; needed is a number'),
        (b'{"query": 7, "candidate": "b"}', "jsonl", "line 1.query: got 7; needed is a text or a file name"),
        (b"{", "jsonl", "line 1: no valid JSON"),
        (b"query,candidate\n", "csv", "has no rows"),
        (b"query,candidate\na,b\n", "txt", "needed is a table ending in .csv, .tsv, .jsonl or .parquet"),
    ],
)
def test_a_broken_table_is_named(read, content, kind, complaint):
    assert re.search(complaint, refusal(read, content, kind=kind, split="all"))


def test_a_table_without_a_match_or_without_the_split_is_refused(read):
    with pytest.raises(InputError, match="of 1 rows none is relevant"):
        read([("a", "b", 0, "test")])
    with pytest.raises(InputError, match=r"split 'tset'; did you mean 'test'\?"):
        read(ROWS, split="tset")
