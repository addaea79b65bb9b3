"""The colour of a data set is the mean over a seeded sample of its images."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.images.dataset_colour import COLOUR_SAMPLE, dataset_colour

N = 200
UNREADABLE = {3, 8, 80, 150}


def png(grey):
    sink = io.BytesIO()
    Image.new("RGB", (2, 2), (grey, 255 - grey, 0)).save(sink, "png")
    return sink.getvalue()


def corpus(unreadable):
    def read(entry):
        number = int(entry.uri)
        return b"no picture" if number in unreadable else png(number)

    entries = [ImageEntry(str(number), str(number)) for number in range(N)]
    return SimpleNamespace(left=entries, files=SimpleNamespace(read=read))


@pytest.mark.parametrize("seed", [0, 1])
def test_it_is_the_mean_of_as_many_readable_images_in_a_seeded_order(seed):
    order = [n for n in np.random.default_rng(seed).permutation(N).tolist() if n not in UNREADABLE]
    mean = np.mean(order[:COLOUR_SAMPLE])
    found = dataset_colour(corpus(UNREADABLE), seed)
    assert found == pytest.approx((mean, 255 - mean, 0), abs=0.5)
    assert abs(mean - np.mean(order)) > 1


def test_a_corpus_without_a_readable_image_has_none():
    with pytest.raises(InputError, match="no image of the corpus can be read"):
        dataset_colour(corpus(set(range(N))), 0)
