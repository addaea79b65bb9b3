"""Layouts are recognised by names and first bytes.

Proves tasks.corpora.clues and tasks.corpora.parquet.guess.
"""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ilime_core.errors import InputError
from tasks.corpora.guess import guess_corpus, guess_labels
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters

KARPATHY = json.dumps({"images": [{"filename": "a.jpg", "sentids": [0], "sentences": [{"raw": "a"}]}]})
COCO = json.dumps({"info": {}, "images": [{"id": 1, "file_name": "a.jpg"}], "annotations": []})
BLIP = json.dumps([{"image": "a.jpg", "caption": ["a red\tcat"]}] * 3000)
STS = {"left_column": "sentence1", "right_column": "sentence2", "label_column": "score"}


def laid(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("files", "format_", "fields"),
    [
        ({"captions.csv": "file,caption\na.jpg,a cat\n", "a.jpg": ""}, "folder", {}),
        ({"metadata.csv": "\ufefffile_name,text\na.jpg,a\n"}, "folder", {"caption_column": "text"}),
        (
            {"metadata.jsonl": '{"file_name": "a.jpg", "captions": ["a"]}\n'},
            "folder",
            {"caption_column": "captions"},
        ),
        ({"captions.txt": "a.jpg\ta cat\n"}, "folder", {}),
        ({"b/a.jpg": "", "b/a.txt": "a cat"}, "folder", {}),
        ({"a.jpg": "", "a.json": '{"caption": "a cat", "image_id": 7}'}, "folder", {}),
        ({"0/1.JPG": "", "0/1.txt": "a cat", "0/1.json": "{}", "0.parquet": ""}, "folder", {}),
        ({"set [1]/00000.tar": ""}, "webdataset", {}),
        ({"captions.txt": "image,text\na.jpg,a cat\n"}, "folder", {"caption_column": "text"}),
        ({"captions.csv": "image,caption\na.jpg,a cat\n"}, "folder", {}),
        ({"test.json": BLIP, "a.jpg": ""}, "folder", {"annotations": "test.json"}),
        ({"00000.tar": "", "00001.tar": "", "00000.parquet": ""}, "webdataset", {}),
        ({"data/test-00000-of-00001.parquet": "", "README.md": ""}, "parquet", {}),
        ({"train-00000-of-00002.parquet": ""}, "parquet", {"split": "all"}),
        ({"validation-00000-of-00002.parquet": ""}, "parquet", {"split": "validation"}),
        ({"dataset.json": KARPATHY, "images/a.jpg": ""}, "karpathy", {"annotations": "dataset.json"}),
        ({"captions_val.json": COCO, "a.jpg": ""}, "coco_captions", {"annotations": "captions_val.json"}),
    ],
)
def test_a_folder(tmp_path, files, format_, fields):
    guess = guess_corpus(laid(tmp_path, files), "")
    found = dict(guess.fields)
    if "annotations" in found:
        found["annotations"] = found["annotations"].removeprefix(f"{tmp_path}/")
    assert (guess.format, found) == (format_, fields)


TEXT = {"image": [b"x"], "caption": ["a"]}


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ({"test.parquet": TEXT, "train.parquet": TEXT}, {}),
        ({"default/train/0.parquet": TEXT, "default/validation/0.parquet": TEXT}, {"split": "validation"}),
        ({"0.parquet": TEXT}, {"split": "all"}),
        ({"0.parquet": TEXT | {"split": ["test"]}}, {}),
        (
            {"test.parquet": {"jpg": [b"x"], "key": ["k"], "text": ["a"]}},
            {"image_column": "jpg", "caption_column": "text"},
        ),
        ({"test.parquet": {"image": ["a.jpg"], "caption_0": ["a"], "caption_1": ["b"]}}, {}),
        (
            {"test.parquet": {"n": [1], "data": [{"bytes": b"x", "path": None}], "sentences": [["a"]]}},
            {"image_column": "data", "caption_column": "sentences"},
        ),
    ],
)
def test_split_and_columns_of_parquet(tmp_path, files, fields):
    for name, columns in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), tmp_path / name)
    guess = guess_corpus(str(tmp_path), "")
    assert (guess.format, dict(guess.fields)) == ("parquet", fields)
    corpus = open_corpus(CorpusParameters(format="parquet", images=str(tmp_path), **fields))
    assert corpus.right[0].text == "a"


def test_one_parquet_file_is_looked_into(tmp_path):
    for name in ("train.parquet", "flowers.parquet"):
        pq.write_table(pa.table({"image": [b"x"], "text": ["a"]}), tmp_path / name)
    found = [dict(guess_corpus(f"{tmp_path}/{name}.parquet", "").fields) for name in ("train", "flowers")]
    assert found == [{"split": split, "caption_column": "text"} for split in ("train", "all")]


@pytest.mark.parametrize(
    ("name", "content", "format_", "fields"),
    [
        ("dataset_coco.json", KARPATHY, "karpathy", {}),
        ("captions_val2017.json", COCO, "coco_captions", {}),
        ("results.csv", "image_name| comment_number| comment\n1.jpg| 0| a\n", "flickr30k", {"split": "all"}),
        ("results.token", "1.jpg#0\tTwo dogs .\n", "flickr30k", {"split": "all"}),
        ("flickr_annotations_30k.csv", "raw,sentids,split,filename,img_id\n", "flickr30k", {}),
        ("pairs.csv", "query,candidate,relevance\n", "image_pairs", {}),
        ("pairs.jsonl", '{"query": "a.jpg", "candidate": "b.jpg"}\n', "image_pairs", {}),
        ("pairs.csv", "query,candidate,label\na.jpg,b.jpg,1\n", "image_pairs", {"label_column": "label"}),
        ("pairs.csv", "query,candidate\na red cat,a cat\n", "text_pairs", {}),
        ("sts.tsv", "sentence1\tsentence2\tscore\na\tb\t5\n", "text_pairs", STS),
        ("mine.csv", "image,text\n", "folder", {"caption_column": "text"}),
        ("captions.txt", "image,caption\na.jpg,a cat\n", "folder", {}),
        ("captions.txt", "a.jpg\timage,caption\n", "folder", {}),
        ("flickr30k_test.json", BLIP, "folder", {}),
        (
            "pretraining.json",
            json.dumps([{"image": "a.jpg", "text": "a"}]),
            "folder",
            {"caption_column": "text"},
        ),
        ("Flickr8k.token.txt", "1.jpg#0\tTwo dogs .\n", "flickr30k", {"split": "all"}),
    ],
)
def test_an_annotation_file(tmp_path, name, content, format_, fields):
    laid(tmp_path, {name: content})
    guess = guess_corpus(str(tmp_path), str(tmp_path / name))
    assert (guess.format, dict(guess.fields)) == (format_, fields)


@pytest.mark.parametrize(("column", "fields"), [("score", {"label_column": "score"}), ("relevance", {})])
def test_labels_of_a_parquet_table_are_found(tmp_path, column, fields):
    sink = io.BytesIO()
    pq.write_table(pa.table({"query": ["a.jpg"], "candidate": ["b.jpg"], column: [1.0]}), sink)
    (tmp_path / "pairs.parquet").write_bytes(sink.getvalue())
    guess = guess_corpus(str(tmp_path), str(tmp_path / "pairs.parquet"))
    assert (guess.format, dict(guess.fields)) == ("image_pairs", fields)
    assert dict(guess_labels(str(tmp_path / "pairs.parquet"))) == fields


def test_patterns_need_no_look():
    assert guess_corpus("s3://nowhere-at-all/{00000..00009}.tar", "").format == "webdataset"
    assert guess_corpus("s3://nowhere-at-all/test-*.parquet", "").format == "parquet"


def test_what_is_not_known_says_what_was_seen(tmp_path):
    with pytest.raises(InputError, match=r"no captions found .*nothing is there"):
        guess_corpus(str(tmp_path), "")
    laid(tmp_path, {"a.jpg": "", "words.json": '{"a": 1}', "b.csv": "x,y\n"})
    with pytest.raises(InputError, match=r"no captions found \('a\.jpg', 'b\.csv'"):
        guess_corpus(str(tmp_path), "")
    with pytest.raises(InputError, match="is like no known annotation file"):
        guess_corpus(str(tmp_path), str(tmp_path / "words.json"))
    with pytest.raises(InputError, match="there is no such file"):
        guess_corpus(str(tmp_path), str(tmp_path / "absent.json"))


def test_two_tables_are_not_chosen_between(tmp_path):
    laid(tmp_path, {"captions.csv": "file,caption\n", "metadata.jsonl": "{}\n"})
    with pytest.raises(InputError, match=r"captions\.csv and metadata\.jsonl; name the one"):
        guess_corpus(str(tmp_path), "")
