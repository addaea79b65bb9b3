"""A pipe is refused, and not waited for, wherever the spec or the command line names a file."""

import os

import pytest

from ilime_core.encoders.fingerprint import file_sha256
from ilime_core.errors import InputError
from tasks.corpora.annotation_file import AnnotationFile
from tasks.specification import load_parameters


@pytest.mark.parametrize(
    "read",
    [load_parameters, file_sha256, lambda path: AnnotationFile.find(str(path))],
    ids=["spec", "weights", "annotations"],
)
def test_a_pipe_is_refused_wherever_a_file_is_named(tmp_path, read):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=r"pipe.*regular file"):
        read(tmp_path / "pipe")
