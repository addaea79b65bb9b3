"""The cross-encoder scores pairs.

Proves ilime_core.opaque.cross_encoder.
"""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from ilime_core.encoders.cross_encoder.source import CHECKPOINT, cross_encoder_fingerprint
from ilime_core.errors import InputError
from ilime_core.opaque.scorer_building import build_scorer, fingerprint_scorer
from ilime_core.opaque.scorer_spec import ScorerSpec
from ilime_core.protocols.pairs import PairScorer
from training.matching_batches import held_out_twins


@pytest.fixture(scope="module")
def scorer():
    torch.set_num_threads(1)
    return CrossEncoderScorer("cpu", "float32")


@pytest.fixture(scope="module")
def held_out():
    """64 scenes of another seed than the training's, their views, and their captions."""
    batch = held_out_twins(64, seed=99)
    return batch, torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255, batch.texts


@pytest.fixture(scope="module")
def own(scorer, held_out):
    _, views, texts = held_out
    return scorer.score(views, texts[:64])


def share(flags) -> float:
    return float(flags.double().mean())


def test_it_is_a_scorer_of_pairs(scorer):
    assert isinstance(scorer, PairScorer)
    assert scorer.image_size == (64, 64)
    assert scorer.mask_word == "x"


def test_it_knows_whose_caption_it_is(scorer, held_out, own):
    _, views, texts = held_out
    others = [texts[(at + 2) % 64] for at in range(64)]
    assert own.dtype == torch.float32
    assert share(own > 0) > 0.7
    assert share(scorer.score(views, others) < 0) > 0.9


def test_it_tells_twins_apart(scorer, held_out, own):
    batch, views, texts = held_out
    twins = torch.from_numpy(batch.twin_of)
    told = ~torch.from_numpy(batch.is_true)[torch.arange(64), twins]
    of_twin = scorer.score(views, [texts[int(at)] for at in twins])
    assert share((own > of_twin)[told]) > 0.8
    assert share((own > of_twin[twins])[told]) > 0.8  # the caption prefers its own picture, too


@pytest.mark.parametrize("kind", [1, 2], ids=["one word wrong", "two words exchanged"])
def test_a_wrong_caption_scores_lower_in_most_cases(scorer, held_out, own, kind):
    _, views, texts = held_out
    assert share(own > scorer.score(views, texts[64 * kind : 64 * (kind + 1)])) > 0.8


def test_a_score_changes_with_either_side(scorer, held_out, own):
    _, views, texts = held_out
    assert not torch.isclose(scorer.score(views.roll(2, 0), texts[:64]), own, atol=1e-3).any()
    darker = views[:8].clone()
    darker[:, :, :32] *= 0.5
    assert (scorer.score(darker, texts[:8]) - own[:8]).abs().min() > 1e-4


def test_a_row_does_not_depend_on_its_neighbours(scorer, held_out, own):
    _, views, texts = held_out
    alone = torch.cat([scorer.score(views[at : at + 1], [texts[at]]) for at in range(6)])
    torch.testing.assert_close(alone, own[:6], rtol=0, atol=1e-4)
    longer = [texts[0], "a small red circle and " * 30]
    beside = scorer.score(views[[0, 0]], longer)
    torch.testing.assert_close(beside[:1], own[:1], rtol=0, atol=1e-4)


def test_the_same_rows_have_the_same_bits(scorer, held_out, own):
    _, views, texts = held_out
    assert torch.equal(scorer.score(views, texts[:64]), own)
    swapped = scorer.score(views[:8].flip(0), texts[:8][::-1]).flip(0)
    assert torch.equal(swapped, scorer.score(views[:8], texts[:8]))


def test_half_precision_is_near(held_out, own):
    _, views, texts = held_out
    rounded = CrossEncoderScorer("cpu", "bfloat16").score(views[:16], texts[:16])
    assert rounded.dtype == torch.float32
    difference = (rounded - own[:16]).abs()
    assert 0 < difference.max() < 1.5


def test_odd_texts_are_scored(scorer, held_out):
    _, views, _ = held_out
    scores = scorer.score(views[:4], ["", "!", "ein rotes Quadrat", "a small red circle " * 40])
    assert torch.isfinite(scores).all()
    assert scorer.score(views[:0], []).shape == (0,)


def test_a_view_is_the_middle_square(scorer):
    picture = np.zeros((64, 128, 3), dtype=np.uint8)
    picture[:, 32:96] = 200
    view = scorer.view(Image.fromarray(picture))
    assert view.pixels.shape == (64, 64, 3)
    assert (view.pixels == 200).all()


@pytest.mark.parametrize(
    ("shape", "n_texts", "says"),
    [((2, 3, 64, 64), 1, "got 2 views, 1 texts"), ((1, 3, 32, 64), 1, "64 x 64 pixels, got 32 x 64")],
)
def test_wrong_inputs_are_refused_in_one_line(scorer, shape, n_texts, says):
    with pytest.raises(InputError, match=says) as caught:
        scorer.score(torch.zeros(shape), ["a small red circle"] * n_texts)
    assert "\n" not in str(caught.value)


def test_other_weights_have_another_fingerprint_and_other_scores(scorer, held_out, own, tmp_path):
    _, views, texts = held_out
    weights = load_file(CHECKPOINT)
    weights["read_out.bias"] += 1.0
    save_file(weights, tmp_path / "other.safetensors")
    other = CrossEncoderScorer("cpu", "float32", tmp_path / "other.safetensors")
    assert other.fingerprint() != scorer.fingerprint()
    assert scorer.fingerprint() == cross_encoder_fingerprint(CHECKPOINT)
    torch.testing.assert_close(other.score(views, texts[:64]), own + 1.0, rtol=0, atol=2e-3)


def test_it_is_had_by_its_name_with_packaged_or_other_weights(scorer, tmp_path):
    plain = ScorerSpec("cross_encoder")
    assert (
        build_scorer(plain, "cpu", "float32").fingerprint()
        == fingerprint_scorer(plain)
        == scorer.fingerprint()
    )
    weights = load_file(CHECKPOINT)
    weights["read_out.bias"] += 1.0
    save_file(weights, tmp_path / "other.safetensors")
    other = ScorerSpec("cross_encoder", checkpoint=tmp_path / "other.safetensors")
    assert (
        build_scorer(other, "cpu", "float32").fingerprint()
        == fingerprint_scorer(other)
        != scorer.fingerprint()
    )
    with pytest.raises(InputError, match="does not know factory"):
        build_scorer(ScorerSpec("cross_encoder", factory="a.b:c"), "cpu", "float32")
