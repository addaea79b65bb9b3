"""Words for the sides of a run: by the modalities that its corpus has."""

from types import SimpleNamespace

import pytest

from tasks.runs.sides import side_words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"n_images": 3, "n_texts": 4}, ("image", "caption", "image to text", ("region", "word"), False)),
        ({"n_images": 3, "n_texts": 0}, ("query", "candidate", "query to candidate", ("region",) * 2, True)),
        ({"n_images": 0, "n_texts": 4}, ("query", "candidate", "query to candidate", ("word",) * 2, True)),
    ],
)
def test_words_follow_from_the_modalities(counts, words):
    found = side_words(SimpleNamespace(plan=counts))
    first = found.questions["left_to_right"]
    assert (found.left, found.right, first, found.one_segment, found.is_alike) == words
    assert found.both == f"{words[0]} and {words[1]}"
