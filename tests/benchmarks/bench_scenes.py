"""The packaged model of generated scenes: retrieval on held-out scenes, and where the words' weights lie."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from rich.console import Console

from flows.execution import execute
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.scenes import CHECKPOINTS
from ilime_core.encoders.spec import EncoderSpec
from tasks.corpora.demos.laying_out import LabelledCorpus
from tasks.corpora.demos.scenes import materialise_scenes
from tasks.corpora.formats.karpathy import read_karpathy
from tasks.report.scene_truth import by_kind, place_words
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters

SEED = 1
"""Not that of the training, whose own held-out scenes were watched while it ran."""

BATCH = 100


@dataclass(frozen=True, slots=True)
class Recalls:
    """Share of queries whose own answer is among the first 1, 5 and 10."""

    of_captions: tuple[float, ...]
    of_pictures: tuple[float, ...]


def retrieval(corpus: LabelledCorpus, checkpoint: str) -> Recalls:
    """Embed every picture and caption once and rank."""
    encoder = build_encoder(EncoderSpec("scenes", pretrained=checkpoint), "cpu", "float32")
    listing = read_karpathy(str(corpus.annotations), str(corpus.images), "test")
    views = [encoder.image.view(Image.open(corpus.images / entry.uri)).pixels for entry in listing.left]
    pixels = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2).float() / 255
    images = torch.cat([encoder.image.encode(part) for part in pixels.split(BATCH)])
    texts = encoder.text.encode(encoder.text.tokenise([entry.text for entry in listing.right]))
    return Recalls(*(_recalls(scores) for scores in (texts @ images.T, images @ texts.T)))


def _recalls(scores: torch.Tensor) -> tuple[float, ...]:
    ranks = (scores > scores.diagonal()[:, None]).sum(dim=1)
    return tuple(float((ranks < k).float().mean()) for k in (1, 5, 10))


def explained(corpus: LabelledCorpus, checkpoint: str, n_scenes: int, output: Path) -> Run:
    """A run of the whole pipeline over the first scenes."""
    parameters = ExplainParameters.model_validate(
        {
            "corpus": {
                "annotations": str(corpus.annotations),
                "images": str(corpus.images),
                "limit": n_scenes,
            },
            "model": {"name": "scenes", "pretrained": checkpoint},
            "segmentation": {"image": {"method": "grid", "n_segments": 64}},
            "perturbation": {
                "max_image_masks": 256,
                "image_baseline": "dataset_mean",
                "held_out": {"image": 0, "text": 0},
            },
            "estimators": ["banzhaf"],
            "pairs": {"errors": False, "retrieved": 0},
            "faithfulness": {"sample": 0},
            "output": str(output),
            "runner": {"name": "inline"},
        }
    )
    outcome = execute("explain", parameters, Console(quiet=True))
    return open_run(outcome.run.root, outcome.run.run_id)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=500)
    parser.add_argument("--explained", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        corpus = materialise_scenes(Path(folder) / "scenes", options.scenes, SEED)
        print(f"{options.scenes} held-out scenes, R@1 R@5 R@10")
        for checkpoint in CHECKPOINTS:
            found = retrieval(corpus, checkpoint)
            for name, shares in (("caption asks", found.of_captions), ("picture asks", found.of_pictures)):
                print(f"{checkpoint:<8}{name:<16}" + " ".join(f"{share:.3f}" for share in shares))
        print(f"{options.explained} scenes explained: strongest region right (chance), mass right (chance)")
        for checkpoint in CHECKPOINTS:
            run = explained(corpus, checkpoint, options.explained, Path(folder) / checkpoint)
            for kind in by_kind(list(place_words(run, corpus))):
                print(
                    f"{checkpoint:<8}{kind.kind:<8}{kind.hit:.2f} ({kind.hit_chance:.2f})  "
                    f"{kind.right_mass:.2f} ({kind.right_mass_chance:.2f})  {kind.n_words} words"
                )


if __name__ == "__main__":
    main()
