"""A pipe is refused, and not waited for, wherever the spec or the command line names a file.

Proves ilime_core.encoders.fingerprint.
"""

import errno
import os

import pytest

from ilime_core.encoders.fingerprint import file_sha256
from ilime_core.errors import InputError
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters
from tasks.spec.reading import load_parameters
from tasks.storage import local_files


@pytest.mark.parametrize("name", ["a.json", "a.csv"])
def test_annotations_that_may_not_be_read_are_bad_input(tmp_path, monkeypatch, name):
    (tmp_path / name).write_text("{}")

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(local_files, "open_regular", refuse)
    monkeypatch.setattr(local_files, "read_regular", refuse)
    asked = CorpusParameters(
        format="folder", annotations=str(tmp_path / name), images=str(tmp_path), split="all"
    )
    with pytest.raises(InputError, match=rf"'{name}': Permission denied; needed are annotations in a file"):
        open_corpus(asked)


@pytest.mark.parametrize(
    "read",
    [load_parameters, file_sha256, lambda path: AnnotationFile.find(str(path))],
    ids=["spec", "weights", "annotations"],
)
def test_a_pipe_is_refused_wherever_a_file_is_named(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"pipe.*regular file"):
        read(tmp_path / "pipe")
