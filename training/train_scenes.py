"""Train the small CLIP of the generated scenes: ``python -m training.train_scenes --out FOLDER``."""

import copy
import json
from functools import partial
from pathlib import Path
from typing import Any, cast

import click
import torch
from open_clip import CLIP
from rich.progress import track
from safetensors.torch import load_file
from torch import nn

from ilime_core.encoders.open_clip.text import trimmed_features
from ilime_core.encoders.open_clip.tokens import build_tokeniser
from ilime_core.encoders.precision import unit_norm
from ilime_core.encoders.preprocessing import channel_scale, normalise
from ilime_core.encoders.row_tokeniser import RowTokeniser, fill_rows
from ilime_core.encoders.scenes import CHECKPOINTS, CONFIGURATION
from ilime_core.synthetic.scene_batches import BatchPlan, SceneBatch, held_out_scenes, scene_batch
from tasks.process.allocator import keep_freed_memory
from training.contrastive import ContrastiveExamples, Schedule, train_contrastive
from training.training_loop import drawn_ahead, save_halves

__all__ = ["recall_at_1", "train"]

EARLY = 0.1
"""Share of the training after which the early checkpoint is kept."""

EVERY = 100
"""Steps between two measurements; each keeps the weights so far."""


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the weights.")
@click.option(
    "--steps", type=click.IntRange(1), default=3000, show_default=True, help="Batches to learn from."
)
@click.option("--batch", type=click.IntRange(2), default=256, show_default=True, help="Pairs of a batch.")
@click.option(
    "--erased", default=BatchPlan().erased, show_default=True, help="Share of pictures with patches gone."
)
@click.option("--start", type=click.Path(path_type=Path), help="Weights to go on from, else random ones.")
@click.option("--device", default="cpu", show_default=True)
@click.option("--seed", default=0, show_default=True)
def train(
    *, out: Path, start: Path | None, steps: int, batch: int, erased: float, device: str, seed: int
) -> None:
    """Train, print retrieval on held-out scenes now and then, and write two checkpoints."""
    keep_freed_memory()
    torch.manual_seed(seed)
    layout = json.loads(CONFIGURATION.read_text(encoding="utf-8"))
    tokeniser = build_tokeniser(json.dumps(layout["model_cfg"]), CONFIGURATION.parent)
    model = cast("nn.Module", CLIP(**copy.deepcopy(layout["model_cfg"]))).to(device)
    if start:
        model.load_state_dict(load_file(start, device))
    averaged = copy.deepcopy(model).requires_grad_(requires_grad=False)
    prepare = _Preparation(tokeniser, layout["preprocess_cfg"], device)
    held_out = prepare(held_out_scenes(500, seed))
    schedule = Schedule(steps)
    draw = partial(scene_batch, BatchPlan(batch, erased=erased), seed)
    batches = (prepare(one) for one in drawn_ahead(draw, steps))
    out.mkdir(parents=True, exist_ok=True)
    for step in track(train_contrastive(model, averaged, batches, schedule), "learning", total=steps):
        if (step.number + 1) % EVERY == 0:
            save_halves(averaged, out / CHECKPOINTS["final"].name)
            found = recall_at_1(averaged, held_out)
            click.echo(f"{step.number + 1}: loss {step.loss:.3f} R@1 {found[0]:.3f} {found[1]:.3f}")
        if step.number + 1 == max(1, round(steps * EARLY)):
            save_halves(averaged, out / CHECKPOINTS["early"].name)
    save_halves(averaged, out / CHECKPOINTS["final"].name)


class _Preparation:
    """Pictures and captions as tensors."""

    def __init__(self, tokeniser: RowTokeniser, preprocessing: dict[str, list[float]], device: str) -> None:
        self._tokeniser = tokeniser
        self._device = device
        red, green, blue = preprocessing["mean"]
        self._mean = channel_scale((red, green, blue), device)
        red, green, blue = preprocessing["std"]
        self._std = channel_scale((red, green, blue), device)

    def __call__(self, batch: SceneBatch) -> ContrastiveExamples:
        pixels = torch.from_numpy(batch.pixels).to(self._device).permute(0, 3, 1, 2).float() / 255
        rows = self._tokeniser.rows([*batch.texts, *batch.wrong])
        return ContrastiveExamples(
            normalise(pixels, self._mean, self._std),
            fill_rows(self._tokeniser, rows, None, self._device),
            torch.tensor([len(row) for row in rows], device=self._device),
        )


@torch.no_grad()
def recall_at_1(model: nn.Module, batch: ContrastiveExamples) -> tuple[float, float]:
    """Share of texts that find their image first, and of images that find their text.

    Parameters
    ----------
    model
        open_clip model.
    batch
        Pictures and captions; caption k belongs to picture k.

    Returns
    -------
    tuple[float, float]
        Shares of texts and of images, in [0, 1].
    """
    images = unit_norm(cast("Any", model).encode_image(batch.pixels))
    scores = unit_norm(trimmed_features(model, batch.tokens[: len(images)])) @ images.T
    own = torch.arange(len(scores), device=scores.device)
    text, image = (float((matrix.argmax(1) == own).float().mean()) for matrix in (scores, scores.T))
    return text, image


if __name__ == "__main__":
    train()
