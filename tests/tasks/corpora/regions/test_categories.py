import json

import pytest

from ilime_core.errors import InputError
from tasks.corpora.reading.json_document import read_document
from tasks.corpora.regions.categories import category_names


def names_of(root, tree):
    root.write("x.json", json.dumps(tree).encode())
    return category_names(read_document(f"{root.url}/x.json", ("categories", "id", "name")))


def test_names_are_found_by_id_and_may_be_absent(root):
    found = names_of(root, {"categories": [{"id": 18, "name": "dog"}, {"id": "k", "name": "tree"}]})
    assert found == {"18": "dog", "k": "tree"}
    assert names_of(root, {}) == {}


def test_a_category_without_a_name_is_refused(root):
    with pytest.raises(InputError, match="name"):
        names_of(root, {"categories": [{"id": 18}]})
