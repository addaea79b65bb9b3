"""Scoring against the bare encoder on the same batches: python tests/benchmarks/bench_scoring.py --help."""

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # as commands do, before libraries start threads

import argparse
import platform
import resource
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from skimage import data

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.precision import resolve_device, resolve_precision
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoding.encoded import MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts
from ilime_core.protocols.encoders import DualEncoder

CAPTION = "a grey tabby cat with green eyes looks at the camera"


def image_jobs(encoder: DualEncoder, n_items: int, n_masks: int) -> list[MaskedImage[int]]:
    """Items with 49 square segments."""
    rng = np.random.default_rng(0)
    pixels = encoder.image.view(Image.fromarray(data.chelsea())).pixels
    height, width = pixels.shape[:2]
    labels = np.arange(height)[:, None] * 7 // height * 7 + np.arange(width)[None] * 7 // width
    baseline = np.full_like(pixels, 127)
    return [MaskedImage(k, pixels, baseline, labels, rng.random((n_masks, 49)) < 0.5) for k in range(n_items)]


def text_jobs(n_items: int, n_masks: int) -> list[MaskedTexts[int]]:
    """A caption with about half of its words."""
    rng = np.random.default_rng(0)
    words = np.array(CAPTION.split())
    kept = rng.random((n_items, n_masks, len(words))) < 0.5
    return [MaskedTexts(k, tuple(" ".join(words[row]) for row in rows)) for k, rows in enumerate(kept)]


def timed(encoder: DualEncoder, run: Callable[[], None]) -> float:
    """Seconds of ``run``, the device's queue included."""
    start = time.perf_counter()
    run()
    if encoder.device.startswith("cuda"):
        torch.cuda.synchronize()
    return time.perf_counter() - start


def report(what: str, n_rows: int, scoring: list[float], bare: list[float]) -> None:
    """Best of the repetitions, which alternate so that a busy machine meets both."""
    print(
        f"{what}: scoring {n_rows / min(scoring):.1f}/s, bare {n_rows / min(bare):.1f}/s, "
        f"ratio of best {min(scoring) / min(bare):.3f}, of medians {np.median(scoring) / np.median(bare):.3f}"
    )


def bench_images(encoder: DualEncoder, n_items: int, batch_size: int, repeats: int) -> None:
    """Time masked images."""
    jobs = image_jobs(encoder, n_items, 2 * batch_size)
    batch = torch.rand((batch_size, 3, *jobs[0].labels.shape), device=encoder.device)
    encoder.image.encode(batch)
    scoring: list[float] = []
    bare: list[float] = []
    for _ in range(repeats):
        scoring.append(
            timed(encoder, lambda: [None for _ in encode_masked_images(encoder, jobs, batch_size=batch_size)])
        )
        bare.append(timed(encoder, lambda: [encoder.image.encode(batch) for _ in range(2 * n_items)]))
    report("images", 2 * n_items * batch_size, scoring, bare)


def bench_texts(encoder: DualEncoder, n_items: int, batch_size: int, repeats: int) -> None:
    """Time masked texts; the bare encoder gets the same token rows, sorted already."""
    jobs = text_jobs(n_items, batch_size)
    rows = sorted(encoder.text.tokenise([text for job in jobs for text in job.texts]), key=len)
    scoring: list[float] = []
    bare: list[float] = []
    encoder.text.encode(rows[:batch_size])
    batches = [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    for _ in range(repeats):
        scoring.append(
            timed(encoder, lambda: [None for _ in encode_masked_texts(encoder, jobs, batch_size=batch_size)])
        )
        bare.append(timed(encoder, lambda: [encoder.text.encode(batch) for batch in batches]))
    report("texts", len(rows), scoring, bare)


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--items", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    device = resolve_device(options.device)
    precision = resolve_precision(options.precision, device)
    encoder = build_encoder(EncoderSpec("conse"), device, precision)
    print(
        f"{platform.node()}, {platform.processor()}, {torch.get_num_threads()} threads, {device}, {precision}"
    )
    bench_images(encoder, options.items, options.batch, options.repeats)
    bench_texts(encoder, 4 * options.items, 2 * options.batch, options.repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
