"""Patches left out against painted ones: python tests/benchmarks/bench_drop_tokens.py --help.

A vision transformer of open_clip with random weights, and a photograph that is cut along its patches, under
masks as runs draw them: images a second under both baselines, and how far a view with every patch is from the
tower's own embedding.
"""

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # as commands do, before libraries start threads

import argparse
import time

import numpy as np
import open_clip
import torch
from PIL import Image
from skimage import data

from ilime_core.encoders.attention_layout import lay_out_attention
from ilime_core.encoders.open_clip.encoder import OpenClipImageEncoder
from ilime_core.encoders.preprocessing import Preprocessing
from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_images, encode_masked_images
from ilime_core.perturbation.foldover import foldover
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions


class RandomTower:
    """An image tower of open_clip with random weights; it has no texts."""

    def __init__(self, name: str, device: str, precision: str) -> None:
        torch.manual_seed(0)
        model = open_clip.create_model(name, pretrained=None).eval().requires_grad_(requires_grad=False)
        lay_out_attention(model, device, precision)
        height, width = model.visual.image_size
        view = Preprocessing(height, width, "shortest", "bicubic", 0, (0.48, 0.46, 0.41), (0.27, 0.26, 0.28))
        self.device = device
        self.image = OpenClipImageEncoder(model.to(device), view, device, precision)


def jobs(tower: RandomTower, n_masks: int, n_segments: int, *, dropped: bool) -> list[MaskedImage[int]]:
    """A photograph four times under fold-over masks: half of the patches are kept, on average."""
    pixels = tower.image.view(Image.fromarray(data.chelsea())).pixels
    segments = SEGMENTERS["grid"].make(SegmenterOptions(n_segments, tower.image.patch_size))(pixels)
    masks = [foldover(segments.n_segments, n_masks, np.random.default_rng(seed)) for seed in range(4)]
    painted = np.broadcast_to(pixels.mean((0, 1), keepdims=True).astype(np.uint8), pixels.shape).copy()
    return [
        MaskedImage(seed, pixels, None if dropped else painted, segments.labels, rows)
        for seed, rows in enumerate(masks)
    ]


def seconds(tower: RandomTower, given: list[MaskedImage[int]], batch_size: int) -> float:
    """CPU seconds of an encode, or those of the clock where there is a device."""
    clock = time.perf_counter if tower.device.startswith("cuda") else time.process_time
    start = clock()
    rows = [one.embeddings.cpu() for one in encode_masked_images(tower, given, batch_size=batch_size)]
    return (clock() - start) / sum(map(len, rows))


def largest_difference(tower: RandomTower, given: MaskedImage[int]) -> float:
    """From the tower itself, every patch kept."""
    everything = np.ones((1, given.masks.shape[1]), dtype=bool)
    whole = MaskedImage("whole", given.pixels, None, given.labels, everything)
    [kept] = encode_masked_images(tower, [whole], batch_size=1)
    [itself] = encode_images(tower, [("whole", given.pixels)], batch_size=1)
    return float((kept.embeddings[0] - itself.embeddings).abs().max())


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["ViT-B-32", "ViT-B-16"])
    parser.add_argument("--precisions", nargs="+", default=["float32"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--masks", type=int, default=256)
    parser.add_argument("--segments", type=int, default=49)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{torch.get_num_threads()} threads, {options.device}, {options.masks} masks, best of alternated runs"
    )
    for name in options.models:
        for precision in options.precisions:
            tower = RandomTower(name, options.device, precision)
            both = [
                jobs(tower, options.masks, options.segments, dropped=dropped) for dropped in (False, True)
            ]
            spent: tuple[list[float], list[float]] = ([], [])
            for _ in range(options.repeats):
                for given, found in zip(both, spent, strict=True):
                    found.append(seconds(tower, given, options.batch))
            painted, dropped = (min(one) for one in spent)
            print(
                f"{name} {precision}: painted {1 / painted:.1f}/s, dropped {1 / dropped:.1f}/s, ratio "
                f"{painted / dropped:.2f}; from the tower with every patch "
                f"{largest_difference(tower, both[1][0]):.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
