"""Measure a cross-encoder beside its CLIP: ``python -m training.cross_encoder_figures``."""

from collections.abc import Sequence
from pathlib import Path

import click
import torch
from jaxtyping import Float, UInt8
from numpy import ndarray
from torch import Tensor

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from ilime_core.encoders.cross_encoder.source import CHECKPOINT
from ilime_core.encoders.scenes import CHECKPOINTS, CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.synthetic.scene_batches import held_out_scenes
from training.matching_batches import held_out_twins
from training.matching_figures import PairScores, reranked_recall, told_apart

__all__ = ["clip_scores", "matching_line", "measure", "opaque_scores", "scene_clip", "unit_pixels"]

ROWS = 128
"""Pairs that are scored at once."""


@click.command()
@click.option("--checkpoint", type=click.Path(path_type=Path), default=CHECKPOINT, help="Cross-encoder.")
@click.option("--clip", type=click.Path(path_type=Path), default=CHECKPOINTS["final"], help="CLIP's weights.")
@click.option("--scenes", default=500, show_default=True, help="Held-out scenes.")
@click.option("--seed", default=0, show_default=True)
def measure(checkpoint: Path, clip: Path, scenes: int, seed: int) -> None:
    """Print what both tell apart, and R@1 of CLIP alone and with its first ten scored anew."""
    twins = held_out_twins(scenes, seed)
    encoder = scene_clip(clip, "cpu", "float32")
    scorer = CrossEncoderScorer("cpu", "float32", checkpoint)
    click.echo(f"clip: {told_apart(clip_scores(encoder, twins.pixels, twins.texts), twins)}")
    click.echo(f"cross-encoder: {matching_line(scorer, scenes, seed)}")
    drawn = held_out_scenes(scenes, seed)
    pixels = unit_pixels(drawn.pixels, "cpu")
    matrix = encoder.text.encode(encoder.text.tokenise(drawn.texts)) @ encoder.image.encode(pixels).T
    pairs = opaque_scores(scorer, drawn.pixels, drawn.texts)
    for name, scores, rescore in (
        ("text to image", matrix, lambda query, candidate: pairs(candidate, query)),
        ("image to text", matrix.T, pairs),
    ):
        anew = reranked_recall(scores, rescore)
        found = float(
            (scores.topk(10, dim=1).indices == torch.arange(scenes)[:, None]).any(1).double().mean()
        )
        click.echo(
            f"{name}: R@1 {reranked_recall(scores, None):.3f}, first ten anew {anew:.3f}, R@10 {found:.3f}"
        )


def matching_line(scorer: CrossEncoderScorer, n_scenes: int, seed: int) -> str:
    """Shares of held-out scenes that a cross-encoder matches correctly, in one line.

    Parameters
    ----------
    scorer
        Cross-encoder to measure.
    n_scenes
        Even: scenes come in twins.
    seed
        Of the held-out scenes.

    Returns
    -------
    str
        Line for a terminal.
    """
    twins = held_out_twins(n_scenes, seed)
    return str(told_apart(opaque_scores(scorer, twins.pixels, twins.texts), twins))


def scene_clip(checkpoint: Path, device: str, precision: str) -> DualEncoder:
    """The small CLIP of the generated scenes with weights of one's own.

    Parameters
    ----------
    checkpoint
        Weights (safetensors).
    device, precision
        As in section ``model`` of a spec.

    Returns
    -------
    DualEncoder
        The encoder.
    """
    spec = EncoderSpec("open_clip", model=str(CONFIGURATION), checkpoint=checkpoint)
    return build_encoder(spec, device, precision)


def unit_pixels(
    pixels: UInt8[ndarray, "scenes side side 3"], device: str
) -> Float[Tensor, "scenes 3 side side"]:
    """Convert pictures to what encoders take: values in [0, 1], channels first.

    Parameters
    ----------
    pixels
        Values from 0 to 255, channels last.
    device
        Device of the result.

    Returns
    -------
    Float[Tensor, scenes 3 side side]
        In [0, 1].
    """
    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 255


def clip_scores(
    encoder: DualEncoder, pixels: UInt8[ndarray, "scenes side side 3"], texts: Sequence[str]
) -> PairScores:
    """Cosines of pairs, from one encoding of each picture and caption.

    Parameters
    ----------
    encoder
        Dual encoder.
    pixels, texts
        Pictures and captions, encoded once.

    Returns
    -------
    PairScores
        Cosines by places of pictures and captions.
    """
    images = encoder.image.encode(unit_pixels(pixels, encoder.device))
    captions = encoder.text.encode(encoder.text.tokenise(texts))
    return lambda scenes, places: (images[scenes] * captions[places]).sum(1)


def opaque_scores(
    scorer: CrossEncoderScorer, pixels: UInt8[ndarray, "scenes side side 3"], texts: Sequence[str]
) -> PairScores:
    """Logits of pairs, each scored anew.

    Parameters
    ----------
    scorer
        Cross-encoder, called for every pair.
    pixels, texts
        Pictures and captions.

    Returns
    -------
    PairScores
        Logits by places of pictures and captions.
    """
    views = unit_pixels(pixels, scorer.device)

    def score(scenes: Tensor, places: Tensor) -> Tensor:
        parts = [
            scorer.score(views[some], [texts[int(place)] for place in which])
            for some, which in zip(scenes.split(ROWS), places.split(ROWS), strict=True)
        ]
        return torch.cat(parts)

    return score


if __name__ == "__main__":
    measure()
