"""Proves ilime_core.explaining.contents."""

import pytest
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.explaining.contents import read_content
from ilime_core.records import Modality


def test_a_text_that_names_an_image_file_is_refused(tmp_path):
    photo = tmp_path / "cat.jpg"
    Image.new("RGB", (4, 4)).save(photo)
    with pytest.raises(InputError, match=r"names an image file; give pathlib\.Path\("):
        read_content(str(photo))
    assert read_content(photo).modality is Modality.IMAGE


@pytest.mark.parametrize("text", ["cat.jpg", "a cat on a mat", "x" * 5000 + ".jpg", "a\0b.jpg", ""])
def test_a_text_that_names_no_file_is_a_text(text):
    assert read_content(text).modality is Modality.TEXT
