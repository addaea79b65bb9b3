"""Pairs of texts from any of four tables; what is wrong with a row is said in one line.

Proves tasks.corpora.label_column and tasks.corpora.pair_table.
"""

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
from tasks.spec.reading import parse_specification
from tasks.storage.storage import Storage

COLUMNS = ("query", "candidate", "relevance", "split")
ROWS = [
    ("a cat", 'a "tabby" cat', 2.5, "test"),
    ("a cat", "a dog", 0, "test"),
    ("a dog", "a tabby", 1, "test"),
    ("rain, much", "a shower", 1, "train"),
]


def as_csv(rows, columns):
    quoted = [columns, *(["" if one is None else str(one) for one in row] for row in rows)]
    cells = [[f'"{one.replace(chr(34), chr(34) * 2)}"' for one in row] for row in quoted]
    return "\n".join(map(",".join, cells)).encode()


def as_tsv(rows, columns):
    lines = ["\t".join("" if one is None else str(one) for one in row) for row in rows]
    return "\n".join(["\t".join(columns), *lines]).encode()


def as_jsonl(rows, columns):
    return "\n".join(json.dumps(dict(zip(columns, row, strict=True))) for row in rows).encode()


def as_parquet(rows, columns):
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))), sink)
    return sink.getvalue()


WRITERS = {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl, "parquet": as_parquet}


@pytest.fixture
def read(tmp_path):
    storage = Storage(str(tmp_path / "x"))

    def write_and_read(rows, columns=COLUMNS, kind="jsonl", split="all", **options):
        content = rows if isinstance(rows, bytes) else WRITERS[kind](rows, columns)
        storage.write(f"pairs.{kind}", content)
        place = f"{storage.url}/pairs.{kind}"
        return open_corpus(CorpusParameters(format="text_pairs", annotations=place, split=split, **options))

    return write_and_read


def texts(side):
    return [entry.text for entry in side]


@pytest.mark.parametrize("kind", WRITERS)
def test_both_sides_are_listed_in_the_order_of_first_appearance(read, kind):
    corpus = read(ROWS, kind=kind)
    assert texts(corpus.left) == ["a cat", "a dog", "rain, much"]
    assert texts(corpus.right) == ['a "tabby" cat', "a dog", "a tabby", "a shower"]
    assert corpus.relevance == ((0, 0), (1, 2), (2, 3))
    assert (corpus.split, corpus.format) == ("all", "text_pairs")
    assert [entry.external_id for entry in corpus.right] == [f"{row}.candidate" for row in range(4)]
    assert {entry.uri for entry in corpus.left} == {f"pairs.{kind}"}
    assert read(ROWS, kind=kind, split="train").relevance == ((0, 0),)


def test_a_limit_counts_queries(read):
    assert texts(read(ROWS, limit=1).right) == ['a "tabby" cat', "a dog"]
    assert len(read(ROWS, limit=2).left) == 2


@pytest.mark.parametrize("kind", WRITERS)
def test_columns_have_the_names_that_the_spec_gives_them(read, kind):
    columns = ("sentence1", "sentence2", "score")
    rows = [("a", "b", 4.5), ("a", "c", 3.5), ("d", "b", 0.1)]
    names = {"left_column": "sentence1", "right_column": "sentence2"}
    assert read(rows, columns, kind, label_column="", **names).relevance == ((0, 0), (0, 1), (1, 0))
    assert read(rows, columns, kind, label_column="score", **names).relevance == ((0, 0), (0, 1), (1, 0))
    above = read(rows, columns, kind, label_column="score", relevant_above=3.5, **names)
    assert above.relevance == ((0, 0),)
    assert len(above.right) == 2


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("label", "complaint"),
    [
        ("scores", r"column 'scores'; did you mean 'score'\? Found: 'query', 'candidate', 'score'\."),
        ("relevance", r"no column 'relevance'; Found: .* set corpus.label_column to 'score', or to ''"),
    ],
)
def test_labels_that_would_be_passed_over_are_refused(read, kind, label, complaint):
    with pytest.raises(InputError, match=complaint):
        read([("a", "b", 4.5), ("c", "d", 0.5)], ("query", "candidate", "score"), kind, label_column=label)
    every = read([("a", "b", "x"), ("c", "d", "y")], ("query", "candidate", "source"), kind)
    assert len(every.relevance) == 2


@pytest.mark.parametrize("kind", WRITERS)
def test_labels_may_be_true_and_false(read, kind):
    corpus = read([("a", "b", True), ("c", "d", False)], ("query", "candidate", "relevance"), kind)
    assert corpus.relevance == ((0, 0),)
    assert corpus.rejected == ()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_row_without_a_label_among_others_is_no_match_and_is_said(read, kind):
    rows = [("a", "b", 1.0), ("c", "d", None), ("e", "f", 0.0)]
    corpus = read(rows, ("query", "candidate", "relevance"), kind)
    assert corpus.relevance == ((0, 0),)
    assert [(one.reason, "has no label" in one.message) for one in corpus.rejected] == [("empty", True)]


def test_a_line_that_never_names_the_label_is_no_match_where_others_have_one(tmp_path):
    table = tmp_path / "pairs.jsonl"
    lines = [{"query": "a", "candidate": "b"}, {"query": "c", "candidate": "d", "relevance": 1}]
    table.write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = CorpusParameters(format="text_pairs", annotations=str(table))
    corpus = open_corpus(asked)
    assert corpus.relevance == ((1, 1),)
    [found] = corpus.rejected
    assert (found.reason, found.message.partition(": ")[0]) == ("empty", f"{table}, line 1")
    table.write_text(json.dumps(lines[0]) + "\n")
    assert open_corpus(asked).relevance == ((0, 0),)


@pytest.mark.parametrize("kind", WRITERS)
def test_ids_name_texts_where_the_table_has_them(read, kind):
    rows = [("q1", "same words", "c1", "b"), ("q2", "same words", "c1", "b")]
    corpus = read(rows, ("query_id", "query", "candidate_id", "candidate"), kind)
    assert [entry.external_id for entry in corpus.left] == ["q1", "q2"]
    assert [entry.external_id for entry in corpus.right] == ["c1"]
    assert corpus.relevance == ((0, 0), (1, 0))
    again = read(
        [*rows, ("q3", "x", "c1", "other")], ("query_id", "query", "candidate_id", "candidate"), kind
    )
    assert [entry.external_id for entry in again.left] == ["q1", "q2"]
    [found] = again.rejected
    assert re.search("candidate 'c1' is 'other' here and 'b' in row 0; an id names one", found.message)


def test_ids_may_be_numbers(read):
    corpus = read([(7, "a", "b")], ("query_id", "query", "candidate"), "parquet")
    assert corpus.left[0].external_id == "7"


def test_an_empty_text_fails_by_itself_later(read):
    assert texts(read([*ROWS, ("", "x", 1, "test")], kind="csv").left)[-1] == ""


def test_there_are_no_images(read):
    asked = CorpusParameters(format="text_pairs", annotations="x.csv")
    with pytest.raises(FileNotFoundError):
        open_images(asked).read(ImageEntry("a.jpg", "a"))
    assert read(ROWS).files.fingerprints([ImageEntry("a.jpg", "a")]) == [None]


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (("a", "a", 1.0, "test"), r"pairs\.\w+, (line|row) \d+: 'a' is to answer itself; needed are two"),
        (("a cat", "a dog", 1.0, "test"), "query 'a cat' and candidate 'a dog' are listed together already"),
        (("a", "b", float("inf"), "test"), r"relevance: got (Infinity|.inf.); needed is a number; above 0"),
    ],
)
def test_a_broken_row_is_named(read, kind, row, complaint):
    corpus = read([*ROWS, row], kind=kind)
    assert corpus.relevance == ((0, 0), (1, 2), (2, 3))
    [found] = corpus.rejected
    assert re.search(complaint, found.message)


@pytest.mark.parametrize(
    ("content", "kind", "complaint"),
    [
        (b"query,candidates\na,b\n", "csv", "there is no column 'candidate'; did you mean 'candidates'"),
        (b"query\tcandidate\na\tb\tc\n", "tsv", "line 2: got 3 fields; the header has 2"),
        (b"query\tquery\na\tb\n", "tsv", "the header names column 'query' twice"),
        (b"", "tsv", "is empty; needed is a table with a header"),
        (b"\xff\xfe", "tsv", "is not UTF-8"),
        (b'{"query": ["a"], "candidate": "b"}', "jsonl", "line 1.query: got a list of 1; needed is a"),
        (b'{"query": "a", "candidate": null}', "jsonl", "'candidate' is null"),
        (b"query,candidate\n", "csv", "has no rows"),
        (b"a", "txt", "needed is a table ending in .csv, .tsv, .jsonl or .parquet"),
        (as_parquet([(b"\xff", "b")], ("query", "candidate")), "parquet", "row 0.query: got .*needed is a"),
        (b"PAR1", "parquet", "is no Parquet file, or damaged"),
    ],
)  # fmt: skip
def test_a_broken_table_is_named(read, content, kind, complaint):
    assert re.search(complaint, refusal(read, content, kind=kind))


def test_a_split_that_is_not_there_is_refused(read):
    with pytest.raises(InputError, match=r"no row is in split 'tets'; did you mean 'test'\?"):
        read(ROWS, split="tets")
    with pytest.raises(InputError, match="of 1 rows none is relevant"):
        read([("a", "b", 0, "test")])


def test_only_texts_need_no_images():
    spec = "corpus: {{format: {}, annotations: a.csv}}\nmodel: {{name: conse}}\noutput: o\n"
    assert parse_specification(spec.format("text_pairs")).corpus.images == ""
    with pytest.raises(InputError, match="format: image_pairs needs images, the URL of a folder"):
        parse_specification(spec.format("image_pairs"))
