"""A lexicon survives the table that plans keep; no file is the packaged one."""

import pytest

from ilime_core.errors import InputError
from ilime_core.segmentation.lexicon import english_lexicon
from tasks.corpora.lexicon_file import lexicon_of, read_lexicon_table


def test_rows_are_sorted_and_make_the_same_lexicon(root):
    root.write("own.tsv", "\ufeffzwei\tnumber\nRot\tcolour\n".encode())
    table = read_lexicon_table(f"{root.url}/own.tsv")
    assert table.to_pylist() == [{"word": "rot", "class": "colour"}, {"word": "zwei", "class": "number"}]
    assert lexicon_of(table).classes == {"rot": "colour", "zwei": "number"}


def test_no_file_is_the_packaged_lexicon():
    table = read_lexicon_table("")
    assert table.num_rows == 0
    assert lexicon_of(table) is english_lexicon()


def test_what_is_no_text_is_refused(root):
    root.write("own.tsv", b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"own\.tsv: is not UTF-8 text; needed is a lexicon, like rot"):
        read_lexicon_table(f"{root.url}/own.tsv")
    with pytest.raises(InputError, match=r"other\.tsv: there is no such file"):
        read_lexicon_table(f"{root.url}/other.tsv")
