"""The same pictures and captions in every layout are the same items, and one entry of them fails alike.

Proves tasks.corpora.registry.
"""

import csv
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.actions.init import Wanted, write_spec
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters
from tasks.spec.reading import load_parameters
from tasks.spec.relative_paths import check_places

CAPTIONS = {
    "a.jpg": ["a red circle", "a circle, red"],
    "b.2023.05.jpg": ["a paragraph\nof two lines"],
    "deep/c.jpg": ['it\'s "quoted" | 100 %', "ein grüner Kreis"],
}
BAD = ["an empty one is next", None]
"""Captions of d.jpg: the second cannot be used."""


def picture(name):
    return f"picture of {name}".encode()


def files(folder):
    for name in (*CAPTIONS, "d.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(picture(name))


def karpathy(folder, captions):
    files(folder)
    images = [
        {"filename": name, "split": "test", "sentences": [{"raw": text} for text in texts]}
        for name, texts in captions.items()
    ]
    (folder / "a.json").write_text(json.dumps({"images": images}))
    return {"format": "karpathy", "annotations": str(folder / "a.json"), "split": "test"}


def coco(folder, captions):
    files(folder)
    images = [{"id": number, "file_name": name} for number, name in enumerate(captions)]
    texts = [(number, text) for number, own in enumerate(captions.values()) for text in own]
    said = [{"id": n, "image_id": image, "caption": text} for n, (image, text) in enumerate(texts)]
    (folder / "captions.json").write_text(json.dumps({"images": images, "annotations": said}))
    return {"format": "coco_captions", "annotations": str(folder / "captions.json")}


def table(folder, captions):
    files(folder)
    rows = [json.dumps({"file_name": name, "caption": texts}) for name, texts in captions.items()]
    (folder / "metadata.jsonl").write_text("\n".join(rows))
    return {"format": "folder"}


def beside(captions):
    """Names and contents of images and of the files beside them: text where it can be, else JSON."""
    for name, texts in captions.items():
        stem = name.removesuffix(".jpg")
        yield name, picture(name)
        if all(text is not None and "\n" not in text for text in texts):
            yield f"{stem}.txt", "\n".join(texts).encode()
        else:
            yield f"{stem}.json", json.dumps({"caption": texts}).encode()


def sidecars(folder, captions):
    for name, data in beside(captions):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return {"format": "folder"}


def shards(folder, captions):
    with tarfile.open(folder / "0.tar", "w") as tar:
        for name, data in beside(captions):
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return {"format": "webdataset"}


def parquet_lists(folder, captions):
    images = [{"bytes": picture(name), "path": name} for name in captions]
    pq.write_table(pa.table({"image": images, "caption": list(captions.values())}), folder / "test.parquet")
    return {"format": "parquet", "split": "test"}


def parquet_rows(folder, captions):
    rows = [(name, text, "test") for name, texts in captions.items() for text in texts]
    rows.append(("a.jpg", "of another split", "train"))
    names, texts, splits = zip(*rows, strict=True)
    columns = {"image": list(map(picture, names)), "caption": texts, "id": names, "split": splits}
    pq.write_table(pa.table(columns), folder / "0.parquet", row_group_size=2)
    return {"format": "parquet", "split": "test", "id_column": "id"}


def parquet_paths(folder, captions):
    files(folder)
    rows = [(name, text) for name, texts in captions.items() for text in texts]
    columns = {"image": [name for name, _ in rows], "caption": [text for _, text in rows]}
    pq.write_table(pa.table(columns | {"id": columns["image"]}), folder / "0.parquet")
    return {"format": "parquet", "split": "all", "id_column": "id"}


LAYOUTS = (karpathy, coco, table, sidecars, shards, parquet_lists, parquet_rows, parquet_paths)


def read(folder, layout, captions):
    folder.mkdir()
    fields = layout(folder, captions)
    return open_corpus(CorpusParameters(images=str(folder), **fields))


def items(corpus):
    """Digests of images and the captions that match each."""
    found = {hashlib.sha256(corpus.files.read(one)).hexdigest(): [] for one in corpus.left}
    digests = list(found)
    for left, right in corpus.relevance:
        found[digests[left]].append(corpus.right[right].text)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["plain", "set [2023] {a,b}*"])
def test_every_layout_gives_the_same_items(tmp_path, layout, name):
    corpus = read(tmp_path / name, layout, CAPTIONS)
    expected = {hashlib.sha256(picture(one)).hexdigest(): texts for one, texts in CAPTIONS.items()}
    assert items(corpus) == expected
    assert corpus.rejected == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_null_among_captions_is_one_rejected_entry_in_every_layout(tmp_path, layout):
    corpus = read(tmp_path / "x", layout, CAPTIONS | {"d.jpg": BAD})
    assert items(corpus)[hashlib.sha256(picture("d.jpg")).hexdigest()] == BAD[:1]
    assert len(corpus.left) == len(CAPTIONS) + 1
    [rejected] = corpus.rejected
    assert rejected.reason == "malformed"
    assert "null" in rejected.message


def test_captions_of_csv_are_the_same(tmp_path):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["file_name", "caption"])
    writer.writerows((name, text) for name, texts in CAPTIONS.items() for text in texts)
    files(tmp_path)
    (tmp_path / "captions.csv").write_text(stream.getvalue(), newline="")
    corpus = open_corpus(CorpusParameters(format="folder", images=str(tmp_path)))
    assert [one.text for one in corpus.right] == [text for texts in CAPTIONS.values() for text in texts]


def by_content(corpus):
    """As `items`, where rows of one image may be entries of their own."""
    found = {}
    for left, right in corpus.relevance:
        digest = hashlib.sha256(corpus.files.read(corpus.left[left])).hexdigest()
        found.setdefault(digest, []).append(corpus.right[right].text)
    return found


def flickr(folder, captions):
    files(folder)
    lines = [f"{name}#{n}\t{text}" for name, texts in captions.items() for n, text in enumerate(texts)]
    (folder / "results.token").write_text("\n".join(lines))
    return {"annotations": "results.token"}


def image_pairs(folder, captions):
    files(folder)
    (folder / "pairs.csv").write_text("query,candidate\na.jpg,deep/c.jpg\n")
    return {"annotations": "pairs.csv"}


def text_pairs(folder, captions):
    files(folder)
    (folder / "sts.tsv").write_text("sentence1\tsentence2\tscore\na cat\tthe cat\t5\na cat\ta dog\t0\n")
    return {"annotations": "sts.tsv"}


@pytest.mark.parametrize("layout", [*LAYOUTS, flickr, image_pairs, text_pairs])
def test_init_writes_a_spec_that_opens_every_layout(tmp_path, monkeypatch, layout):
    """Typed in one folder, written into another: both find the corpus."""
    (tmp_path / "data").mkdir()
    (tmp_path / "specs").mkdir()
    captions = {name: [text.replace("\n", " ") for text in texts] for name, texts in CAPTIONS.items()}
    fields = layout(tmp_path / "data", captions)
    lies_apart = layout in {karpathy, flickr, image_pairs, text_pairs}
    named = f"data/{Path(fields['annotations']).name}" if lies_apart else ""
    monkeypatch.chdir(tmp_path)
    found = []
    for out in ("spec.yaml", "specs/spec.yaml"):
        write_spec(Wanted("data", named, None, "conse", ""), out, force=False)
        monkeypatch.chdir(tmp_path / "specs")  # a spec is read from anywhere
        parameters = load_parameters(tmp_path / out)
        monkeypatch.chdir(tmp_path)
        assert parameters.output == str((tmp_path / out).parent / "explanations")
        check_places(parameters)
        found.append(open_corpus(parameters.corpus))
    assert found[0].left == found[1].left
    assert found[0].relevance == found[1].relevance
    if layout in LAYOUTS:
        expected = {hashlib.sha256(picture(one)).hexdigest(): texts for one, texts in captions.items()}
        assert by_content(found[1]) == expected
    else:
        assert len(found[1].relevance) == {flickr: 5, image_pairs: 1, text_pairs: 1}[layout]
