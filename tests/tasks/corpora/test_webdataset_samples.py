"""Samples of tar shards: which files are one, its captions and its key, and which samples are rejected.

Proves tasks.corpora.shard_samples.
"""

import io
import tarfile

import pytest
from tar_shards import rejected_as, shard

from ilime_core.errors import InputError
from tasks.corpora.formats.webdataset import read_webdataset
from tasks.storage.storage import Storage

BESIDE = [("z.jpg", b"z"), ("z.txt", b"a zebra")]


@pytest.mark.parametrize(
    ("files", "reason", "message"),
    [
        ([("a.txt", b"x")], "absent", "'a' has no image, only 'a.txt'; needed is a.jpg, png, webp, ..."),
        (
            [("a.left.jpg", b"x"), ("a.right.jpg", b"x"), ("a.txt", b"x")],
            "absent",
            "'a' has no image, only 'a.txt'; needed is a.jpg, png, webp, ...",
        ),
        (
            [("a.jpg", b"x"), ("a.png", b"x"), ("a.txt", b"x")],
            "duplicate",
            "'a' has 'a.jpg' and 'a.png'; needed is one of a kind",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x"), ("a.txt", b"y")],
            "duplicate",
            "'a' has 'a.txt' and 'a.txt'; needed is one of a kind",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"\xff")],
            "undecodable",
            "a.txt: is not UTF-8 (invalid start byte); needed are captions",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x\0y")],
            "malformed",
            "a.txt: got 'x\\x00y'; needed is captions, without a NUL character",
        ),
        (
            [("a.jpg", b"x"), ("a.txt", b"x" * (2**20 + 1))],
            "too_large",
            "a.txt: 1,048,577 bytes; beside an image at most 1,048,576 are read",
        ),
        ([("a.jpg", b"x"), ("a.json", b"{")], "malformed", "a.json: no valid JSON (Expecting property name"),
        ([("a.jpg", b"x"), ("a.json", b"[" * 200_000)], "malformed", "a.json: nested too deeply"),
        ([("a.jpg", b"x"), ("a.json", b"[]")], "malformed", "a.json: got a list of 0; needed is an object"),
        (
            [("a.jpg", b"x"), ("a.json", {"caption": None})],
            "malformed",
            "a.json.caption: got null; needed is a caption or a list of captions",
        ),
        (
            [("a.jpg", b"x"), ("a.json", {"caption": 7})],
            "malformed",
            "a.json.caption: got 7; needed is a caption or a list of captions",
        ),
        (
            [("a.jpg", b"x"), ("a.json", {"key": "a"})],
            "unlisted",
            "'a.jpg' has no caption; needed is a.txt, or a.json with 'caption', right beside it",
        ),
        ([("../a.jpg", b"x"), ("../a.txt", b"x")], "malformed", "byte 0: key '../a.jpg' has an empty"),
    ],
)
def test_a_sample_that_cannot_be_used_is_rejected_and_the_rest_is_listed(tmp_path, files, reason, message):
    folder = Storage(str(tmp_path))
    folder.write("0.tar", shard([*files, *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert [one.text for one in corpus.right] == ["a zebra"]
    assert [one.external_id for one in corpus.left] == ["z"]
    [(got, uri, said)] = rejected_as(corpus, folder)
    assert (got, uri, said[: len(message)]) == (reason, "0.tar", message)


def test_one_caption_of_a_list_is_rejected_and_the_others_are_read(tmp_path):
    folder = Storage(str(tmp_path))
    captions = ["one", None, 7, "a\0b", "two\nlines"]
    folder.write("deep/0.tar", shard([("a.jpg", b"x"), ("a.json", {"caption": captions})]))
    corpus = read_webdataset(folder.url, "all")
    assert [(one.text, one.member) for one in corpus.right] == [
        ("one", "a.json#0"),
        ("two\nlines", "a.json#4"),
    ]
    assert [(reason, uri) for reason, uri, _ in rejected_as(corpus, folder)] == [
        ("malformed", "deep/0.tar")
    ] * 3


def test_an_image_with_an_empty_list_of_captions_distracts(tmp_path):
    folder = Storage(str(tmp_path))
    folder.write("0.tar", shard([("a.jpg", b"x"), ("a.json", {"caption": []}), *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert ([one.external_id for one in corpus.left], corpus.relevance, corpus.rejected) == (
        ["a", "z"],
        ((1, 0),),
        (),
    )


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["IMG_2023.05.1.jpg", "IMG_2023.05.1.txt", "IMG_2023.05.2.JPG", "IMG_2023.05.2.TXT"], 2),
        (["v1.0_cat.jpg", "v1.0_cat.txt", "v1.0_dog.jpg", "v1.0_dog.json"], 2),
        (["v1.jpg", "v1.txt", "v1.0_cat.jpg", "v1.0_cat.txt"], 2),
        (["a.seg.png", "a.jpg", "a.txt", "a.seg.txt.gz", "a.meta.json"], 1),
        (["a.jpg", "a.seg.png", "a.json", "a.cls", "a.b.txt"], 1),
        (["v1.0/x.jpg", "v1.0/x.txt", "v1.0/y.z.jpg", "v1.0/y.z.txt"], 2),
    ],
)
def test_keys_with_dots_are_samples_and_other_files_of_a_key_are_not(tmp_path, names, keys):
    folder = Storage(str(tmp_path))
    content = {"json": {"caption": "words"}}
    files = [(name, content.get(name.rpartition(".")[2], b"words")) for name in names]
    files = [(name, {"x": 1} if name == "a.meta.json" else data) for name, data in files]
    folder.write("0.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert len({one.external_id for one in corpus.left}) == len(corpus.left) == keys
    assert [one.text for one in corpus.right] == ["words"] * keys
    assert corpus.rejected == ()


def test_a_text_file_has_a_caption_a_line_and_json_goes_before_it(tmp_path):
    folder = Storage(str(tmp_path))
    files = [
        ("a.jpg", b"x"),
        ("a.txt", b"one\r\n\n  \ntwo \n"),
        ("b.jpg", b"y"),
        ("b.txt", b"not this\none"),
        ("b.json", {"caption": "one of\ntwo lines"}),
        ("c.jpg", b"z"),
        ("c.txt", b"\n"),
    ]
    folder.write("0.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert [(one.text, one.member, one.external_id) for one in corpus.right] == [
        ("one", "a.txt#0", "a#0"),
        ("two ", "a.txt#1", "a#1"),
        ("one of\ntwo lines", "b.json", "b#0"),
        ("", "c.txt", "c#0"),
    ]


def test_members_of_a_key_that_are_not_adjacent_are_said_with_the_cure(tmp_path):
    folder = Storage(str(tmp_path))
    torn = [("0.jpg", b"x"), ("1.jpg", b"y"), ("0.txt", b"x"), ("1.txt", b"y")]
    folder.write("0.tar", shard([*torn, *BESIDE]))
    corpus = read_webdataset(folder.url, "all")
    assert [one.external_id for one in corpus.left] == ["z"]
    said = (
        "the files of '{0}' are not adjacent ('{0}.jpg', later '{0}.txt'); needed is one right after the"
        " other: write the shard again with tar --sort=name"
    )
    assert rejected_as(corpus, folder) == [("malformed", "0.tar", said.format(key)) for key in (0, 1)]
    folder.write("0.tar", shard(torn))
    with pytest.raises(
        InputError, match=r"no pair to explain.*: 2 malformed; .* are not adjacent .*--sort=name"
    ):
        read_webdataset(folder.url, "all")


def test_a_key_that_comes_again_in_a_shard_is_rejected_and_the_first_is_kept(tmp_path):
    folder = Storage(str(tmp_path))
    again = [("z.png", b"other"), ("z.txt", b"other"), ("z.jpg", b"more"), ("z.json", {"caption": "more"})]
    folder.write(
        "0.tar", shard([*BESIDE, ("y.cls", b"0"), *again[:2], ("y.cls", b"0"), *again[2:], ("z.cls", b"0")])
    )
    corpus = read_webdataset(folder.url, "all")
    assert [one.text for one in corpus.right] == ["a zebra"]
    assert [(reason, said) for reason, _, said in rejected_as(corpus, folder)] == [
        ("duplicate", "the key 'z' occurs there already ('z.jpg', later 'z.png')"),
        ("duplicate", "the key 'z' occurs there already ('z.jpg', later 'z.jpg')"),
    ]


def test_shards_may_repeat_keys_and_ids(tmp_path):
    folder = Storage(str(tmp_path))
    described = ("z.json", {"caption": "c", "uid": "u"})
    for name, files in (
        ("0", BESIDE),
        ("1", [("z.jpg", b"other"), ("z.txt", b"a zebra")]),
        ("2", [("z.jpg", b"x"), described]),
        ("3", [("y.jpg", b"y"), ("y.json", {"caption": "d", "uid": "u"})]),
    ):
        folder.write(f"{name}.tar", shard(files))
    corpus = read_webdataset(folder.url, "all")
    assert [one.external_id for one in corpus.left] == ["z", "1.tar/z", "u", "y"]
    assert [one.external_id for one in corpus.right] == ["z#0", "1.tar/z#0", "u#0", "y#0"]
    assert len(set(corpus.files.fingerprints(corpus.left))) == 4


def test_links_and_other_members_that_are_no_files_are_rejected(tmp_path):
    with tarfile.open(tmp_path / "0.tar", "w") as tar:
        for name, kind in (
            ("./", tarfile.DIRTYPE),
            ("./a.jpg", tarfile.SYMTYPE),
            ("./a.txt", tarfile.REGTYPE),
            ("./latest", tarfile.SYMTYPE),
            ("./b.fifo", tarfile.FIFOTYPE),
            ("./z.jpg", tarfile.REGTYPE),
            ("./z.txt", tarfile.REGTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "z.jpg", kind == tarfile.REGTYPE
            tar.addfile(info, io.BytesIO(b"x"))
    corpus = read_webdataset(str(tmp_path), "all")
    assert [one.member for one in corpus.left] == ["z.jpg"]
    [(reason, _, said)] = rejected_as(corpus, Storage(str(tmp_path)))
    assert (reason, said[10:]) == ("unreadable", "'./a.jpg' is a symbolic link; only whole files are read")
