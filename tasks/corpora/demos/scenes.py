"""Generated scenes as a corpus: pictures, captions, and the truth of both."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Int
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.synthetic.scene_batches import held_out_pairs
from ilime_core.synthetic.scenes import Scene, SceneCaption, object_masks, render
from tasks.corpora.demos.laying_out import CaptionedPicture, Json, LabelledCorpus, lay_out_captioned

__all__ = ["SIDE", "materialise_scenes"]

SIDE = 256
"""Of the pictures, in pixels."""


def materialise_scenes(folder: Path, n_scenes: int, seed: int = 0) -> LabelledCorpus:
    """Lay generated scenes out below a folder, one caption each; none of them was trained on.

    What is there already and right stays untouched. Every file appears whole or not at all, the annotations
    last.

    Parameters
    ----------
    folder
        Made if absent.
    n_scenes
        How many; the first ones of a seed are the same however many are asked for.
    seed
        Of the scenes.

    Returns
    -------
    LabelledCorpus
        Paths of the corpus.

    Raises
    ------
    InputError
        If no scene is asked for, or the folder cannot be written.
    """
    if n_scenes < 1:
        raise InputError(f"a corpus needs one scene or more, got {n_scenes}")
    return lay_out_captioned(folder, _pictures(held_out_pairs(n_scenes, seed)), "scenes")


def _pictures(pairs: tuple[tuple[Scene, SceneCaption], ...]) -> Iterator[CaptionedPicture]:
    for number, (scene, caption) in enumerate(pairs):
        pixels, labels = render(scene, SIDE)
        spans = list(_spans(caption, _boxes(labels, len(scene.objects))))
        name = f"scene-{number:05d}.png"
        yield CaptionedPicture(name, Image.fromarray(pixels), labels, caption.text, spans)


def _spans(caption: SceneCaption, boxes: list[list[int]]) -> Iterator[Json]:
    for phrase in caption.phrases:
        yield {
            "char_start": phrase.start,
            "char_end": phrase.end,
            "text": caption.text[phrase.start : phrase.end],
            "label": phrase.place + 1,
            "boxes": [boxes[phrase.place]],
        }


def _boxes(labels: Int[np.ndarray, "side side"], n_objects: int) -> list[list[int]]:
    """Left edge, top edge, width and height of each object, in pixels."""
    boxes: list[list[int]] = []
    for mask in object_masks(labels, n_objects):
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        left, top = int(columns[0]), int(rows[0])
        boxes.append([left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top])
    return boxes
