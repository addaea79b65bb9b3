"""Which files a URL stands for."""

import pytest

from ilime_core.errors import InputError
from tasks.corpora.file_patterns import find_files, parse_pattern
from tasks.storage import Storage


@pytest.mark.parametrize(
    ("url", "root", "names"),
    [
        ("s3://b/x/{08..10}.tar", "s3://b/x", ("08.tar", "09.tar", "10.tar")),
        ("s3://b/x/{8..10}.tar", "s3://b/x", ("8.tar", "9.tar", "10.tar")),
        ("s3://b/{a,b}/{0..1}.tar", "s3://b", ("a/0.tar", "a/1.tar", "b/0.tar", "b/1.tar")),
        ("/data/a.tar", "/data", ("a.tar",)),
        ("a.tar", ".", ("a.tar",)),
        ("/*.tar", "/", ("*.tar",)),
        ("/data/*/x-?.tar", "/data", ("*/x-?.tar",)),
        ("/data/shards/", "/data/shards/", ()),
        ("file:///data/[ab].tar", "file:///data", ("[ab].tar",)),
    ],
)
def test_root_and_names(url, root, names):
    pattern = parse_pattern(url, ".tar")
    assert (pattern.root, pattern.names) == (root, names)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("x/{3..1}.tar", "runs backwards"),
        ("x/{0..99999999}.tar", "more than 1,000,000 files"),
        ("x/{0..3.tar", "a brace is not closed"),
        ("x/{abc}.tar", "neither a range"),
    ],
)
def test_broken_braces_are_refused(url, complaint):
    with pytest.raises(InputError, match=complaint):
        parse_pattern(url, ".tar")


@pytest.fixture
def storage(tmp_path):
    storage = Storage(str(tmp_path))
    for key in ("b.tar", "a.tar", "c.txt", "deep/a.tar", "deep/er/z.tar"):
        storage.write(key, key.encode())
    return storage


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("", ["a.tar", "b.tar", "deep/a.tar", "deep/er/z.tar"]),
        ("*.tar", ["a.tar", "b.tar"]),
        ("*/?.tar", ["deep/a.tar"]),
        ("{b,a}.tar", ["b.tar", "a.tar"]),
        ("[a]*", ["a.tar"]),
    ],
)
def test_files_come_in_the_order_of_the_names_or_sorted(storage, names, found):
    pattern = parse_pattern(f"{storage.url}/{names}", ".tar")
    assert [file.key for file in find_files(Storage(pattern.root), pattern)] == found


def test_absent_files_are_named_and_counted(storage):
    for last in (4, 150):
        pattern = parse_pattern(f"{storage.url}/{{0..{last}}}.tar", ".tar")
        with pytest.raises(
            InputError, match=rf"/0\.tar: there is no such file \({last + 1} of {last + 1} are"
        ):
            find_files(storage, pattern)
    pattern = parse_pattern(f"{storage.url}/{{a,x,y}}.tar", ".tar")
    with pytest.raises(InputError, match=r"/x\.tar: there is no such file \(2 of 3 are absent\)"):
        find_files(storage, pattern)
    pattern = parse_pattern(f"{storage.url}/z*.tar", ".tar")
    with pytest.raises(InputError, match=r"no file is called like 'z\*\.tar'; there is 'a\.tar', 'b\.tar'"):
        find_files(storage, pattern)
