"""Look-up by name and lazy imports of registries."""

import pytest

from ilime_core.errors import InputError
from ilime_core.registry import Entry, Registry, lazy

SUM = Entry(sum, "adds up", "ilime", title="sum")
ROOT = Entry(lazy("math:isqrt"), "integer root", "ilime", title="root")
PATH = Entry(lazy("os:path.join"), "path of two parts", "ilime", title="path")
MATHS = Registry("operation", {"sum": SUM, "root": ROOT, "path": PATH})


def test_names_are_in_the_order_of_registration():
    assert MATHS.names == ("sum", "root", "path")
    assert MATHS["sum"] is SUM


def test_a_lazy_entry_calls_the_named_function():
    assert MATHS["root"].make(17) == 4
    assert MATHS["path"].make("a", "b") == "a/b"


def test_an_unknown_name_lists_the_nearest_and_all_known_ones():
    with pytest.raises(
        InputError, match=r"^no operation is called 'rot'; did you mean 'root'\? Known: path, root, sum\.$"
    ):
        MATHS["rot"]
