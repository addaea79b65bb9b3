"""One entry that cannot be used is a row with its reason, in every layout, and the good ones are listed.

Proves tasks.corpora.reading.annotation_file, tasks.corpora.reading.annotation_rows,
tasks.corpora.reading.file_heads, tasks.corpora.reading.json_document, tasks.corpora.reading.listing and
tasks.corpora.usable_text.
"""

import json

import pytest

from ilime_core.errors import FailureReason, InputError
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters

N_GOOD = 3
MALFORMED, DUPLICATE, UNDECODABLE, UNLISTED, TOO_LARGE = (
    FailureReason.MALFORMED,
    FailureReason.DUPLICATE,
    FailureReason.UNDECODABLE,
    FailureReason.UNLISTED,
    FailureReason.TOO_LARGE,
)
BAD_BYTES = "\udcff\udcfe"
"""Written with ``surrogateescape``: bytes that are not UTF-8."""


def karpathy(rows):
    images = [
        {"filename": name, "imgid": n, "split": "test", "sentences": [{"raw": caption, "sentid": n}]}
        for n, (name, caption) in enumerate(rows)
    ]
    return "a.json", json.dumps({"images": images}, ensure_ascii=False)


def coco_captions(rows):
    images = [{"id": n, "file_name": name} for n, (name, _) in enumerate(rows)]
    captions = [{"id": n, "image_id": n, "caption": caption} for n, (_, caption) in enumerate(rows)]
    return "a.json", json.dumps({"images": images, "annotations": captions}, ensure_ascii=False)


def flickr30k(rows):
    lines = [
        [json.dumps([caption], ensure_ascii=False), f"[{n}]", "test", name]
        for n, (name, caption) in enumerate(rows)
    ]
    return "a.csv", as_csv([["raw", "sentids", "split", "filename"], *lines])


def token(rows):
    return "a.token", "".join(f"{name}#{n}\t{caption}\n" for n, (name, caption) in enumerate(rows))


def csv_table(rows):
    return "captions.csv", as_csv([["file_name", "caption"], *rows])


def kaggle(rows):
    return "captions.txt", as_csv([["image", "caption"], *rows])


def jsonl(rows):
    lines = [json.dumps({"file": name, "caption": text}, ensure_ascii=False) for name, text in rows]
    return "captions.jsonl", "\n".join(lines)


def blip(rows):
    listed = [{"image": name, "caption": [text], "image_id": "x"} for name, text in rows]
    return "a.json", json.dumps(listed, ensure_ascii=False)


def tabbed(rows):
    return "captions.txt", "".join(f"{name}\t{caption}\n" for name, caption in rows)


def image_pairs(rows):
    lines = [[name, f"shop/{n}.jpg", "True"] for n, (name, _) in enumerate(rows)]
    return "a.csv", as_csv([["query", "candidate", "relevance"], *lines])


def text_pairs(rows):
    lines = [
        json.dumps({"query": caption, "candidate": f"text {n}"}, ensure_ascii=False)
        for n, (_, caption) in enumerate(rows)
    ]
    return "a.jsonl", "\n".join(lines)


def as_csv(rows):
    quoted = [['"' + str(cell).replace('"', '""') + '"' for cell in row] for row in rows]
    return "".join(",".join(row) + "\r\n" for row in quoted)


JSON = {
    "karpathy": (karpathy, "karpathy"),
    "coco": (coco_captions, "coco_captions"),
    "jsonl": (jsonl, "folder"),
    "blip": (blip, "folder"),
}
CSV = {
    "flickr30k": (flickr30k, "flickr30k"),
    "csv": (csv_table, "folder"),
    "kaggle": (kaggle, "folder"),
}
LINES = {"token": (token, "flickr30k"), "tabbed": (tabbed, "folder")}
WITH_IMAGES = JSON | CSV | LINES | {"image_pairs": (image_pairs, "image_pairs")}
WITH_TEXTS = JSON | CSV | LINES | {"text_pairs": (text_pairs, "text_pairs")}


@pytest.fixture
def read(tmp_path):
    def write_and_read(layout, odd, *, last=True):
        write, kind = layout
        good = [(f"good{n}.jpg", f"a good caption {n}") for n in range(N_GOOD)]
        name, content = write([*good, *odd] if last else [*odd, *good])
        (tmp_path / name).write_bytes(content.encode("utf-8", "surrogateescape"))
        fields = {"format": kind, "annotations": str(tmp_path / name), "images": str(tmp_path / "images")}
        return open_corpus(CorpusParameters(**fields, split="all"))

    return write_and_read


def check(corpus, reasons):
    assert [one.reason for one in corpus.rejected] == reasons
    for one in corpus.rejected:
        assert (one.message + one.uri).isprintable()
    texts = [entry for side in (corpus.left, corpus.right) for entry in side]
    for entry in texts:
        (entry.uri + entry.external_id + getattr(entry, "text", "")).encode()
    assert len(corpus.relevance) == N_GOOD


NAMES = {
    "dots": "../a.jpg",
    "absolute": "/etc/passwd",
    "scheme": "s3://bucket/a.jpg",
    "drive": "C:a.jpg",
    "backslash": "folder\\a.jpg",
    "escape": "a\x1b.jpg",
    "empty": "",
    "long": "a" * 256 + ".jpg",
    "deep": "a/" * 600 + "a.jpg",
}


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("layout", WITH_IMAGES)
def test_a_name_that_cannot_be_used_is_one_row(read, layout, name, last):
    check(read(WITH_IMAGES[layout], [(name, "a caption")], last=last), [MALFORMED])


@pytest.mark.parametrize("layout", JSON | CSV)
def test_a_line_end_in_a_name_is_one_row(read, layout):
    check(read(WITH_IMAGES[layout], [("a\nb.jpg", "a caption")]), [MALFORMED])


@pytest.mark.parametrize("layout", WITH_IMAGES)
def test_bytes_of_a_name_that_are_not_utf8_are_one_row(read, layout):
    check(read(WITH_IMAGES[layout], [(f"{BAD_BYTES}.jpg", "a caption")]), [UNDECODABLE])


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("layout", WITH_TEXTS)
@pytest.mark.parametrize(
    ("caption", "reason"), [("a \0 cat", MALFORMED), (f"a {BAD_BYTES} cat", UNDECODABLE)]
)
def test_a_caption_that_cannot_be_stored_is_one_row(read, layout, caption, reason, last):
    corpus = read(WITH_TEXTS[layout], [("odd.jpg", caption)], last=last)
    check(corpus, [reason])
    assert layout == "text_pairs" or "odd.jpg" in [entry.uri for entry in corpus.left]  # distracts


@pytest.mark.parametrize("layout", [*JSON, "text_pairs"])
@pytest.mark.parametrize(
    "caption",
    ["NULL", "NaN", "7", "true", '{"a": "b"}', r'"a \ud83d cat"', r'"a \u0000 cat"', "[[1]]", "[null]"],
)
def test_a_value_that_is_no_caption_is_one_row(read, tmp_path, layout, caption):
    write, kind = WITH_TEXTS[layout]
    marked = (
        lambda rows: (
            write(rows)[0],
            write(rows)[1].replace('"MARK"', caption.lower() if caption == "NULL" else caption),
        ),
        kind,
    )
    check(read(marked, [("odd.jpg", "MARK")]), [MALFORMED])


@pytest.mark.parametrize("layout", WITH_TEXTS)
@pytest.mark.parametrize(
    "caption", ["bidi \u202e odd", "\u200b", "", "e\u0301 \u00e9", "\ufeffmarked", "=1+1", "x" * 100_000]
)
def test_a_strange_caption_is_listed_as_it_is(read, layout, caption):
    corpus = read(WITH_TEXTS[layout], [("odd.jpg", caption)])
    assert corpus.rejected == ()
    assert caption in [
        entry.text for side in (corpus.left, corpus.right) for entry in side if hasattr(entry, "text")
    ]


@pytest.mark.parametrize("layout", JSON | CSV)
def test_line_ends_and_tabs_are_part_of_a_caption(read, layout):
    corpus = read(WITH_TEXTS[layout], [("odd.jpg", "one\r\n\ttwo\u2028")])
    assert corpus.right[-1].text == "one\r\n\ttwo\u2028"


@pytest.mark.parametrize("layout", {"karpathy": 0, "coco": 0, "flickr30k": 0})
def test_an_image_that_stands_twice_is_one_row(read, layout):
    check(read(WITH_IMAGES[layout], [("good0.jpg", "another caption")]), [DUPLICATE])


def test_equal_captions_are_no_fault(read):
    assert (
        read(WITH_IMAGES["csv"], [("a.jpg", "a good caption 0"), ("good0.jpg", "a good caption 0")]).rejected
        == ()
    )


def test_a_caption_over_a_million_characters_is_a_row_where_a_line_or_field_has_a_limit(read):
    for layout in ("csv", "tabbed"):
        check(read(WITH_IMAGES[layout], [("odd.jpg", "x" * 2**20)]), [TOO_LARGE])


@pytest.mark.parametrize(
    "broken",
    ['odd.jpg,"never closed\r\n', 'odd.jpg,"closed" twice"\r\n', "odd.jpg,one,two\r\n", "odd.jpg\r\n"],
)
def test_a_broken_line_of_csv_takes_no_other_with_it(read, broken):
    good = "".join(f"good{n}.jpg,a good caption {n}\r\n" for n in range(N_GOOD))
    layout = (lambda _: ("captions.csv", f"file_name,caption\r\n{broken}{good}"), "folder")
    corpus = read(layout, [])
    check(corpus, [MALFORMED])
    assert "line 2" in corpus.rejected[0].message
    assert [entry.uri for entry in corpus.left] == [f"good{n}.jpg" for n in range(N_GOOD)]


def test_a_line_that_is_no_json_is_one_row(read):
    write = JSON["jsonl"][0]
    for broken in (
        "{",
        "[1]",
        "7",
        '{"file": "a.jpg", "file": "b.jpg"}',
        '{"caption": "no file"}',
        "{" * 10_000,
    ):
        check(
            read((lambda rows, broken=broken: (write(rows)[0], f"{broken}\n{write(rows)[1]}"), "folder"), []),
            [MALFORMED],
        )


@pytest.mark.parametrize("layout", JSON)
@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, '{"a": ' * 5000 + "1" + "}" * 5000, "7" * 5000])
def test_a_value_that_is_nested_or_long_beyond_reading_is_one_row(read, layout, value):
    write, kind = JSON[layout]
    odd = (lambda rows: (write(rows)[0], write(rows)[1].replace('"MARK"', value)), kind)
    check(read(odd, [("odd.jpg", "MARK")]), [MALFORMED])


def test_an_annotation_of_an_image_that_is_not_listed_is_one_row(read):
    def write(rows):
        tree = json.loads(coco_captions(rows)[1])
        tree["annotations"].append({"id": 77, "image_id": 99, "caption": "of nothing"})
        return "a.json", json.dumps(tree)

    check(read((write, "coco_captions"), []), [UNLISTED])


def test_captions_of_an_image_that_cannot_be_used_go_with_it(read):
    corpus = read(JSON["coco"], [("../a.jpg", "a caption")])
    check(corpus, [MALFORMED])
    assert len(corpus.right) == N_GOOD


@pytest.mark.parametrize("layout", WITH_IMAGES)
def test_a_corpus_of_nothing_but_odd_entries_says_how_many_and_the_first(tmp_path, layout):
    write, kind = WITH_IMAGES[layout]
    name, content = write([(f"../{n}.jpg", "a caption") for n in range(4)])
    (tmp_path / name).write_text(content)
    fields = {"format": kind, "annotations": str(tmp_path / name), "images": str(tmp_path), "split": "all"}
    with pytest.raises(
        InputError, match=r"4 entries of the corpus cannot be used: 4 malformed; the first: .*\.\./0\.jpg"
    ) as caught:
        open_corpus(CorpusParameters(**fields))
    assert "\n" not in str(caught.value)


def test_a_pointer_of_git_lfs_is_no_broken_annotation_file(tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 60515\n"
    (tmp_path / "a.json").write_text(pointer)
    with pytest.raises(InputError, match=r"a\.json: is a Git LFS pointer, not the annotations themselves"):
        AnnotationFile.find(str(tmp_path / "a.json"))
