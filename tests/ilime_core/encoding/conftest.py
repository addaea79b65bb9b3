"""A dual encoder small enough to be computed again by hand, which remembers the batches it was given."""

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from ilime_core.records import ImageView, ViewGeometry

SIDE = 6


class ImageTower:
    patch_size = None

    def __init__(self, largest=None):
        self.weights = torch.from_numpy(np.random.default_rng(0).normal(size=(3 * SIDE * SIDE, 5))).float()
        self.dim = 5
        self.batches = []
        self.largest = largest

    def view(self, image):
        return ImageView(np.array(image), ViewGeometry(SIDE, SIDE, SIDE, SIDE, 0.0, 0.0, 1.0, 1.0))

    def encode(self, pixels):
        self.batches.append(tuple(pixels.shape))
        if self.largest is not None and len(pixels) > self.largest:
            raise torch.OutOfMemoryError("too many rows")
        # A white pixel in the corner makes the row not finite: the stand-in for a model that overflows.
        rows = pixels.flatten(1) @ self.weights
        rows[pixels[:, :, 0, 0].sum(1) == 3.0] = torch.nan
        return normalize(rows, dim=-1)


class TextTower:
    context_length = 8
    mask_word = "x"

    def __init__(self, largest=None):
        self.dim = 5
        self.batches = []
        self.largest = largest

    def tokenise(self, texts):
        return [[1, *(2 + len(word) for word in text.split()), 0] for text in texts]

    def token_spans(self, text):
        raise NotImplementedError

    def encode(self, rows, width=None):
        self.batches.append((len(rows), width))
        if self.largest is not None and len(rows) > self.largest:
            raise torch.OutOfMemoryError("too many rows")
        cut = [[*row[:7], 0] if len(row) > 8 else row for row in rows]
        assert max(map(len, cut)) <= width
        moments = [[sum(t * (1 + k * at) for at, t in enumerate(row)) + k for k in range(5)] for row in cut]
        return normalize(torch.tensor(moments, dtype=torch.float32), dim=-1)


class Towers:
    device = "cpu"

    def __init__(self, largest=None):
        self.image = ImageTower(largest)
        self.text = TextTower(largest)

    def fingerprint(self):
        return "0" * 64


@pytest.fixture
def towers():
    return Towers()


@pytest.fixture
def small_device():
    """Runs out of memory above three rows."""
    return Towers(largest=3)
