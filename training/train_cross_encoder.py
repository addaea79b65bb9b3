"""Train the cross-encoder of the generated scenes: ``python -m training.train_cross_encoder --out FILE``."""

from functools import partial
from pathlib import Path

import click
import torch
from rich.progress import track

from ilime_core.encoders.cross_encoder.network import CrossEncoder
from ilime_core.encoders.cross_encoder.scorer import CrossEncoderScorer
from ilime_core.encoders.cross_encoder.source import (
    build_preprocessing,
    build_scene_tokeniser,
    cross_layout,
    load_network,
)
from ilime_core.encoders.open_clip.encoder import load_model
from ilime_core.encoders.open_clip.source import resolve_source
from ilime_core.encoders.precision import resolve_device
from ilime_core.encoders.preprocessing import channel_scale, normalise
from ilime_core.encoders.row_tokeniser import fill_rows
from ilime_core.encoders.scenes import CHECKPOINTS, CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec
from tasks.process.allocator import keep_freed_memory
from training.contrastive import Schedule
from training.cross_encoder_figures import matching_line, scene_clip, unit_pixels
from training.matching import MatchingExamples, choose_candidates, slow_copy, train_matching
from training.matching_batches import MatchingBatch, MatchingPlan, matching_batch
from training.training_loop import drawn_ahead, save_halves

__all__ = ["train"]

HARD = 3
"""Captions of each picture that CLIP takes for its own most readily, wrongly."""

EVERY = 100
"""Steps between two measurements; each keeps the weights so far."""


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File for the weights.")
@click.option(
    "--clip", type=click.Path(path_type=Path), default=CHECKPOINTS["final"], help="Weights to start from."
)
@click.option(
    "--start", type=click.Path(path_type=Path), help="Cross-encoder to go on from, else CLIP's towers."
)
@click.option("--steps", default=1500, show_default=True, help="Batches to learn from.")
@click.option("--batch", default=128, show_default=True, help="Scenes of a batch, half of them twins.")
@click.option("--seed", default=0, show_default=True)
def train(*, out: Path, clip: Path, start: Path | None, steps: int, batch: int, seed: int) -> None:
    """Train, print figures on held-out scenes now and then, and write the weights."""
    keep_freed_memory()
    torch.manual_seed(seed)
    device = resolve_device("auto")
    model = (load_network(start) if start else _on_towers(clip)).requires_grad_(requires_grad=True).to(device)
    schedule = Schedule(steps)
    averaged = slow_copy(model, schedule)
    prepare = _Preparation(clip, device, seed)
    out.parent.mkdir(parents=True, exist_ok=True)  # before hours are spent on what could not be written
    batches = (prepare(one) for one in drawn_ahead(partial(matching_batch, MatchingPlan(batch), seed), steps))
    for step in track(train_matching(model, averaged, batches, schedule), "learning", total=steps):
        last = step.number + 1 == steps
        if last or (step.number + 1) % EVERY == 0:
            save_halves(averaged.module, out)
            told = matching_line(CrossEncoderScorer(device, "float32", out), 200, seed)
            click.echo(f"{step.number + 1}: loss {step.loss:.3f} first {step.correct:.3f} {told}")


def _on_towers(clip: Path) -> CrossEncoder:
    source = resolve_source(EncoderSpec("open_clip", model=str(CONFIGURATION), checkpoint=clip))
    return CrossEncoder(load_model(source), cross_layout())


class _Preparation:
    """Batches on the device, with candidates chosen by CLIP's scores."""

    def __init__(self, clip: Path, device: str, seed: int) -> None:
        self._clip = scene_clip(clip, device, "bfloat16")
        self._tokeniser = build_scene_tokeniser()
        preprocessing = build_preprocessing()
        self._mean = channel_scale(preprocessing.mean, device)
        self._std = channel_scale(preprocessing.std, device)
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(self, batch: MatchingBatch) -> MatchingExamples:
        device, n_scenes = self._clip.device, len(batch.pixels)
        pixels = unit_pixels(batch.pixels, device)
        rows = self._tokeniser.rows(batch.texts)
        scores = self._clip.image.encode(pixels) @ self._clip.text.encode(rows[:n_scenes]).T
        truth = torch.from_numpy(batch.is_true).to(device)
        twins = torch.from_numpy(batch.twin_of).to(device)
        return MatchingExamples(
            normalise(pixels, self._mean, self._std),
            fill_rows(self._tokeniser, rows, None, device),
            torch.tensor([len(row) for row in rows], device=device),
            choose_candidates(scores, truth, twins, HARD, self._generator),
        )


if __name__ == "__main__":
    train()
