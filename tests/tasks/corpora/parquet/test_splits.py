"""Splits of Parquet files: by the names of files and folders, by a column, and else refused in one line."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ilime_core.errors import InputError
from tasks.corpora.parquet.splits import split_of_name
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))


def write(root, key, captions, **columns):
    sink = io.BytesIO()
    pq.write_table(pa.table({"image": [b"x"] * len(captions), "caption": captions} | columns), sink)
    root.write(key, sink.getvalue())


def captions(root, split, name="d"):
    corpus = open_corpus(CorpusParameters(format="parquet", images=f"{root.url}/{name}", split=split))
    return [one.text for one in corpus.right]


@pytest.mark.parametrize(
    ("names", "split", "taken"),
    [
        (["test-00000-of-00002", "test-00001-of-00002", "train-00000-of-00001"], "test", [0, 1]),
        (["test-00000-of-00002", "test-00001-of-00002", "train-00000-of-00001"], "all", [0, 1, 2]),
        (["de/val-00000-of-00001-0a1b", "de/test-00000-of-00001"], "val", [0]),
        (["restval-00000-of-00001", "val-00000-of-00001"], "restval", [0]),
        (["mine_too-00000-of-00001", "test-00000-of-00001"], "mine_too", [0]),
        (["flowers-test-00000-of-00001", "flowers-train-00000-of-00001"], "test", [0]),
        (["test", "train", "validation"], "test", [0]),
        (["flowers-test", "flowers-train"], "train", [1]),
        (["flowers_test", "flowers.train"], "train", [1]),
        (["TEST-1", "TEST-2", "Train"], "test", [0, 1]),
        (["captions_val2017", "captions_train2017"], "val2017", [0]),
        (["captions_val2017", "captions_train2017"], "val", [0]),
        (["odd one", "test"], "odd one", [0]),
        (["default/test/0000", "default/test/0001", "default/partial-train/0000"], "test", [0, 1]),
        (["split=test/part-0", "split=train/part-0"], "test", [0]),
        (["split=mine/lang=de/0", "split=mine/lang=en/0", "split=other/lang=de/0"], "mine", [0, 1]),
        (["test/a/0", "test/b/0", "train/a/0"], "test", [0, 1]),
    ],
)
def test_names_of_files_and_folders_tell_splits(root, names, split, taken):
    for number, name in enumerate(names):
        write(root, f"d/{name}.parquet", [str(number)])
    assert captions(root, split) == [str(number) for number in taken]
    if split != "all":
        with pytest.raises(InputError, match=r"no file is in split 'absent'.* Found: '.*, or take 'all'"):
            captions(root, "absent")


def test_a_folder_that_is_called_like_a_split_is_that_split(root):
    write(root, "test/0000.parquet", ["a"])
    assert captions(root, "test", "test") == ["a"]
    assert captions(root, "test", "test/*.parquet") == ["a"]
    with pytest.raises(InputError, match=r"no file is in split 'train'; *Found: 'test' \(1\)"):
        captions(root, "train", "test")


@pytest.mark.parametrize("name", ["d", "d/one.parquet", "d/{one,two}.parquet", "d/*.parquet"])
def test_where_nothing_tells_a_split_only_all_is_taken(root, name):
    write(root, "d/one.parquet", ["a"])
    write(root, "d/two.parquet", ["b"])
    with pytest.raises(InputError, match=r"says of which split it is, .* set corpus\.split: all$") as caught:
        captions(root, "test", name)
    assert "\n" not in str(caught.value)
    assert captions(root, "all", name)[0] == "a"


def test_a_file_of_another_split_is_not_taken_because_it_was_named(root):
    write(root, "d/train.parquet", ["a"])
    write(root, "d/test.parquet", ["b"])
    with pytest.raises(InputError, match=r"no file is in split 'test'.*Found: 'train' \(1\)"):
        captions(root, "test", "d/train.parquet")
    assert captions(root, "test", "d/*.parquet") == ["b"]
    assert captions(root, "test", "d/{train,test}.parquet") == ["b"]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["de/test-00000-of-00001", "en/test-00000-of-00001"], "de/test-00000-of-00001.parquet and"),
        (["default/test/0000", "other/test/0000"], "default/test/0000.parquet and d/other/test"),
        (["birds-test", "flowers-test", "flowers-train"], "birds-test.parquet and d/flowers-test.parquet"),
        (["test_private", "test_public"], "test_private.parquet and d/test_public.parquet"),
    ],
)
def test_configurations_side_by_side_are_refused_by_name(root, names, shown):
    for name in names:
        write(root, f"d/{name}.parquet", [name])
    for split in ("test", "all"):
        with pytest.raises(InputError, match=r"split 'test' is there 2 times side by side, as ") as caught:
            captions(root, split)
        assert shown.replace("d/", "") in str(caught.value)
    assert captions(root, "test", f"d/{names[0]}.parquet") == names[:1]


def test_files_that_tell_nothing_beside_those_that_do_are_not_left_out_in_silence(root):
    write(root, "d/test.parquet", ["a"])
    write(root, "d/more.parquet", ["b"])
    with pytest.raises(InputError, match=r"/d/more\.parquet: its name does not say .*\(1 of 2 files\)"):
        captions(root, "test")
    write(root, "d/train/test.parquet", ["a"])
    root.delete("d/more.parquet")
    with pytest.raises(InputError, match=r"/d/train/test\.parquet: its name does not say"):
        captions(root, "test")


def test_a_column_tells_the_splits_of_rows(root):
    columns = {"split": ["train", "test", None, "test"]}
    write(root, "d/0000.parquet", ["a", "b", "c", "d"], **columns)
    asked = CorpusParameters(format="parquet", images=f"{root.url}/d")
    corpus = open_corpus(asked)
    assert [(one.text, one.member, one.external_id) for one in corpus.right] == [
        ("b", "1.caption", "1#0"),
        ("d", "3.caption", "3#0"),
    ]
    [rejected] = corpus.rejected
    assert (rejected.reason, rejected.uri) == ("malformed", "0000.parquet")
    assert rejected.message.endswith(
        "0000.parquet, row 2: 'split' is null or empty; needed is the name of its split"
    )
    assert captions(root, "all") == ["a", "b", "c", "d"]
    with pytest.raises(InputError, match=r"no row is in split 'val'; *Found: 'test' \(2\), 'train' \(1\)"):
        captions(root, "val")


def test_a_column_goes_before_the_names_of_files(root):
    """As in Flickr30k of Hugging Face: one file TEST with the rows of all splits."""
    write(root, "d/TEST-00000-of-00001.parquet", ["a", "b", "c"], split=["train", "test", "val"])
    assert [captions(root, split) for split in ("train", "test", "all")] == [["a"], ["b"], ["a", "b", "c"]]


def test_a_column_of_numbers_tells_no_split(root):
    write(root, "d/0000.parquet", ["a"], split=[0])
    with pytest.raises(InputError, match="there is no column 'split'"):
        captions(root, "test")


def test_absent_parts_are_named(root):
    write(root, "d/test-00001-of-00003.parquet", ["x"])
    with pytest.raises(InputError, match=r"d/test-00000-of-00003\.parquet: .*\(2 of 3 are absent\)"):
        captions(root, "test")
    assert captions(root, "test", "d/*.parquet") == ["x"]


@pytest.mark.parametrize(
    ("key", "split"),
    [("a/test.parquet", "test"), ("latest.parquet", None), ("train-test.parquet", None), ("0.parquet", None)],
)
def test_a_name_alone(key, split):
    assert split_of_name(key) == split
