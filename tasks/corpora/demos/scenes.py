"""Generated scenes as a corpus: pictures, captions, and the truth of both."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.pictures.decoding import label_map_png
from ilime_core.synthetic.scene_batches import held_out_pairs
from ilime_core.synthetic.scenes import Scene, SceneCaption, object_masks, render
from tasks.corpora.demos.laying_out import Json, document, lay_out

__all__ = ["SIDE", "SceneCorpus", "materialise_scenes"]

SIDE = 256
"""Of the pictures, in pixels."""


@dataclass(frozen=True, slots=True)
class SceneCorpus:
    """Paths of a corpus of scenes; the annotations are in the Karpathy layout, split ``test``."""

    images: Path
    """Folder."""
    annotations: Path
    regions: Path
    """Words of a caption for each object, and the object's box."""
    label_maps: Path
    """Folder of label maps, one an image: 0 the ground, k object k. For segmentation method ``given``."""

    @classmethod
    def below(cls, folder: Path) -> "SceneCorpus":
        """Paths at which :func:`materialise_scenes` lays a corpus out."""
        return cls(
            folder / "images", folder / "annotations.json", folder / "regions.json", folder / "label_maps"
        )


def materialise_scenes(folder: Path, n_scenes: int, seed: int = 0) -> SceneCorpus:
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
    SceneCorpus
        Paths of the corpus.

    Raises
    ------
    InputError
        If no scene is asked for, or the folder cannot be written.
    """
    if n_scenes < 1:
        raise InputError(f"a corpus needs one scene or more, got {n_scenes}")
    lay_out(folder, _files(held_out_pairs(n_scenes, seed)), "scenes")
    return SceneCorpus.below(folder)


def _files(pairs: tuple[tuple[Scene, SceneCaption], ...]) -> Iterator[tuple[str, bytes]]:
    images: list[Json] = []
    regions: list[Json] = []
    for number, (scene, caption) in enumerate(pairs):
        name = f"scene-{number:05d}"
        pixels, labels = render(scene, SIDE)
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, format="PNG")
        yield f"images/{name}.png", stream.getvalue()
        yield f"label_maps/{name}.png", label_map_png(labels)
        sentence = {"raw": caption.text, "sentid": number}
        images.append({"filename": f"{name}.png", "imgid": number, "split": "test", "sentences": [sentence]})
        spans = list(_spans(caption, _boxes(labels, len(scene.objects))))
        regions.append({"filename": f"{name}.png", "sentid": number, "spans": spans})
    yield "regions.json", document("ilime-scenes", "regions", regions)
    yield "annotations.json", document("ilime-scenes", "images", images)


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
