"""Files that a URL or pattern matches."""

import pytest

from ilime_core.errors import InputError
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.storage.storage import Storage


@pytest.mark.parametrize(
    ("url", "root", "path"),
    [
        ("s3://b/x/{08..10}.tar", "s3://b/x", "{08..10}.tar"),
        ("s3://b/{a,b}/{0..1}.tar", "s3://b", "{a,b}/{0..1}.tar"),
        ("/data/a.tar", "/data", "a.tar"),
        ("a.tar", ".", "a.tar"),
        ("/*.tar", "/", "*.tar"),
        ("/data/*/x-?.tar", "/data", "*/x-?.tar"),
        ("/data/shards/", "/data/shards/", ""),
        ("file:///data/[ab].tar", "file:///data", "[ab].tar"),
    ],
)
def test_root_and_path(url, root, path):
    pattern = parse_pattern(url, ".tar")
    assert (pattern.root, pattern.path) == (root, path)


def found(url):
    pattern = parse_pattern(url, ".tar")
    files = find_files(Storage(pattern.root), pattern)
    return [file.key for file in files.files], files.folder


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("{3..1}.tar", "runs backwards"),
        ("{0..99999999}.tar", "more than 1,000,000 files"),
        ("{0..3.tar", "a brace is not closed"),
        ("{abc}.tar", "neither a range"),
    ],
)
def test_broken_braces_are_refused(storage, name, complaint):
    with pytest.raises(InputError, match=complaint):
        found(f"{storage.url}/{name}")


@pytest.fixture
def storage(tmp_path):
    storage = Storage(str(tmp_path))
    for key in ("b.tar", "a.tar", "c.txt", "deep/a.tar", "deep/er/z.tar"):
        storage.write(key, key.encode())
    return storage


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("", ["a.tar", "b.tar", "deep/a.tar", "deep/er/z.tar"]),
        ("*.tar", ["a.tar", "b.tar"]),
        ("*/?.tar", ["deep/a.tar"]),
        ("{b,a}.tar", ["b.tar", "a.tar"]),
        ("{a,deep/a}.tar", ["a.tar", "deep/a.tar"]),
        ("[a]*", ["a.tar"]),
    ],
)
def test_files_come_in_the_order_of_the_names_or_sorted(storage, name, keys):
    assert found(f"{storage.url}/{name}") == (keys, None if name else "")


@pytest.mark.parametrize(
    ("files", "numbers", "keys"),
    [
        (("8", "9", "10"), "{8..10}", ["8.tar", "9.tar", "10.tar"]),
        (("08", "09", "10"), "{08..10}", ["08.tar", "09.tar", "10.tar"]),
    ],
)
def test_numbers_have_the_width_of_the_first(tmp_path, files, numbers, keys):
    for name in files:
        (tmp_path / f"{name}.tar").touch()
    assert found(f"{tmp_path}/{numbers}.tar")[0] == keys


STRANGE = ["set [2023]", "a{1..2}", "what?", "all *", "{", "}", "x]"]


@pytest.mark.parametrize("folder", STRANGE)
def test_a_folder_that_exists_is_that_folder_whatever_is_in_its_name(tmp_path, folder):
    for name in (folder, "a1", "whats"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.tar").touch()
        (tmp_path / name / "1.tar").touch()
    both = [f"{folder}/0.tar", f"{folder}/1.tar"]
    assert found(f"{tmp_path}/{folder}") == (both, folder)
    assert found(f"{tmp_path}/{folder}/0.tar") == (both[:1], None)
    assert found(f"{tmp_path}/{folder}/*.tar") == (both, None)
    assert found(f"{tmp_path}/{folder}/{{1..1}}.tar") == (both[1:], None)


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_exists_is_that_file_whatever_is_in_its_name(tmp_path, name):
    for one in (name, "a1", "whats", "set 2"):
        (tmp_path / f"{one}.tar").touch()
    assert found(f"{tmp_path}/{name}.tar") == ([f"{name}.tar"], None)


def test_a_folder_may_be_called_like_a_file(tmp_path):
    (tmp_path / "x.tar").mkdir()
    (tmp_path / "x.tar" / "0.tar").touch()
    assert found(f"{tmp_path}/x.tar") == (["x.tar/0.tar"], "x.tar")


def test_absent_files_are_named_and_counted(storage):
    for last in (4, 150):
        with pytest.raises(
            InputError, match=rf"/0\.tar: there is no such file \({last + 1} of {last + 1} are"
        ):
            found(f"{storage.url}/{{0..{last}}}.tar")
    with pytest.raises(InputError, match=r"/x\.tar: there is no such file \(2 of 3 are absent\)"):
        found(f"{storage.url}/{{a,x,y}}.tar")
    with pytest.raises(InputError, match=r"/x\.tar: there is no such file or folder"):
        found(f"{storage.url}/x.tar")
    with pytest.raises(InputError, match=r"no file is called like 'z\*\.tar'; there is 'a\.tar', 'b\.tar'"):
        found(f"{storage.url}/z*.tar")
    with pytest.raises(InputError, match=r"no file is called like '\*\.tar'; there is nothing"):
        found(f"{storage.url}/absent")
    many = ",".join(f"name-{number}" for number in range(100))
    with pytest.raises(InputError, match=r"/name-0\.tar: there is no such file \(100 of 100"):
        found(f"{storage.url}/{{{many}}}.tar")
