"""Scores of pairs of pictures and captions, from towers and scorers whose numbers are known."""

from types import SimpleNamespace

import numpy as np
import torch

from training.cross_encoder_figures import clip_scores, opaque_scores, unit_pixels

PIXELS = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1) * 51 * np.ones((1, 2, 2, 3), np.uint8)
"""Three grey pictures of 0, 0.2 and 0.4."""

TEXTS = ("a", "bb", "ccc", "dddd")


def test_pixels_are_moved_to_the_unit_interval_with_channels_first():
    pixels = np.zeros((1, 2, 4, 3), np.uint8)
    pixels[0, 1, 3] = (255, 51, 0)
    found = unit_pixels(pixels, "cpu")
    assert found.shape == (1, 3, 2, 4)
    torch.testing.assert_close(found[0, :, 1, 3], torch.tensor([1.0, 0.2, 0.0]))
    assert found.sum().item() == torch.tensor(1.2).item()


def test_cosines_are_inner_products_of_the_towers_rows():
    towers = SimpleNamespace(
        device="cpu",
        image=SimpleNamespace(
            encode=lambda views: torch.stack([views[:, 0, 0, 0], 1 - views[:, 0, 0, 0]], 1)
        ),
        text=SimpleNamespace(
            tokenise=lambda texts: [len(text) for text in texts],
            encode=lambda rows: torch.tensor([[float(n), 10.0 * n] for n in rows]),
        ),
    )
    score = clip_scores(towers, PIXELS, TEXTS)
    found = score(torch.tensor([0, 1, 2]), torch.tensor([0, 3, 1]))
    torch.testing.assert_close(found, torch.tensor([10.0, 4 * 0.2 + 40 * 0.8, 2 * 0.4 + 20 * 0.6]))


def test_a_scorer_is_asked_for_each_pair_once_and_its_answers_keep_their_order():
    asked = []

    def score(views, texts):
        asked.extend(texts)
        return torch.tensor(
            [float(view[0, 0, 0]) + len(text) for view, text in zip(views, texts, strict=True)]
        )

    scores = opaque_scores(SimpleNamespace(device="cpu", score=score), PIXELS, TEXTS)
    scenes, places = torch.arange(600) % 3, torch.arange(600) % 4
    torch.testing.assert_close(scores(scenes, places), scenes * 0.2 + places + 1.0)
    assert asked == [TEXTS[place] for place in places]
