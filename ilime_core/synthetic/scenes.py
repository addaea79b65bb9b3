"""Generated scenes with known ground truth: which pixels belong to which words."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, UInt8

from ilime_core.errors import InputError
from ilime_core.synthetic.shapes import COLOURS, REACH, SHAPES, coverage

__all__ = [
    "SIZES",
    "Phrase",
    "Scene",
    "SceneCaption",
    "SceneObject",
    "describe",
    "draw_scene",
    "object_masks",
    "render",
]

SIZES = {"small": (0.075, 0.105), "large": (0.15, 0.19)}
"""Radius of an object, in sides of the picture."""

_MOST_OBJECTS = 4
_GAP = 0.015
_TRIES = 60


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One coloured shape; places and radius in sides of the picture, y downwards."""

    shape: str
    colour: str
    size: str
    x: float
    y: float
    radius: float

    @property
    def words(self) -> tuple[str, str, str]:
        """Size, colour and shape, the words of a caption for the object."""
        return self.size, self.colour, self.shape


@dataclass(frozen=True, slots=True)
class Scene:
    """Two to four objects that do not touch, on a grey ground."""

    objects: tuple[SceneObject, ...]
    grey: int
    noise_seed: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Code points of a caption that describe one object of the scene."""

    start: int
    end: int
    place: int
    """Of the object in the scene."""


@dataclass(frozen=True, slots=True)
class SceneCaption:
    """Sentence about a scene, with the phrase of each mentioned object."""

    text: str
    phrases: tuple[Phrase, ...]


def draw_scene(rng: np.random.Generator, n_objects: int | None = None) -> Scene:
    """Draw a scene; no two objects of it share size, colour and shape.

    Parameters
    ----------
    rng
        Source of all choices.
    n_objects
        1 to 4; None draws 2, 3 or 4 alike.

    Returns
    -------
    Scene
        Objects, grey of the ground and seed of its noise.

    Raises
    ------
    InputError
        If ``n_objects`` is out of range.
    """
    wanted = int(rng.integers(2, _MOST_OBJECTS + 1)) if n_objects is None else n_objects
    if not 1 <= wanted <= _MOST_OBJECTS:
        raise InputError(f"a scene has 1 to {_MOST_OBJECTS} objects, got {wanted}")
    while True:
        objects: list[SceneObject] = []
        for _ in range(_TRIES):
            candidate = _draw_object(rng)
            if _fits(candidate, objects):
                objects.append(candidate)
            if len(objects) == wanted:
                return Scene(tuple(objects), int(rng.integers(60, 120)), int(rng.integers(2**31)))


def _draw_object(rng: np.random.Generator) -> SceneObject:
    shapes, colours, sizes = tuple(SHAPES), tuple(COLOURS), tuple(SIZES)
    size = sizes[rng.integers(len(sizes))]
    radius = float(rng.uniform(*SIZES[size]))
    x, y = rng.uniform(radius + _GAP, 1.0 - radius - _GAP, size=2)
    shape, colour = shapes[rng.integers(len(shapes))], colours[rng.integers(len(colours))]
    return SceneObject(shape, colour, size, float(x), float(y), radius)


def _fits(candidate: SceneObject, objects: list[SceneObject]) -> bool:
    return all(
        np.hypot(candidate.x - other.x, candidate.y - other.y)
        > REACH * (candidate.radius + other.radius) + _GAP
        and candidate.words != other.words
        for other in objects
    )


def describe(scene: Scene, rng: np.random.Generator, n_mentioned: int | None = None) -> SceneCaption:
    """Describe a scene in words, objects in an order drawn from ``rng``.

    The first two objects are joined by their relation along the axis on which they are farther apart, further
    ones by "and".

    Parameters
    ----------
    scene
        What is described.
    rng
        Source of the order.
    n_mentioned
        Objects to mention; None mentions all.

    Returns
    -------
    SceneCaption
        Sentence with its phrases.

    Raises
    ------
    InputError
        If the scene has fewer objects than are to be mentioned, or none is.
    """
    wanted = len(scene.objects) if n_mentioned is None else n_mentioned
    if not 1 <= wanted <= len(scene.objects):
        raise InputError(f"a scene of {len(scene.objects)} objects cannot be described by {wanted}")
    order = [int(place) for place in rng.permutation(len(scene.objects))[:wanted]]
    text = ""
    phrases: list[Phrase] = []
    for position, place in enumerate(order):
        if position:
            text += f" {_joint(scene, order, position)} "
        words = " ".join(scene.objects[place].words)
        text += "a "
        phrases.append(Phrase(len(text), len(text) + len(words), place))
        text += words
    return SceneCaption(text, tuple(phrases))


def _joint(scene: Scene, order: list[int], position: int) -> str:
    if position > 1:
        return "and"
    first, second = (scene.objects[place] for place in order[:2])
    across, down = second.x - first.x, second.y - first.y
    if abs(across) > abs(down):
        return "left of" if across > 0 else "right of"
    return "above" if down > 0 else "below"


def render(scene: Scene, side: int) -> tuple[UInt8[np.ndarray, "side side 3"], Int[np.ndarray, "side side"]]:
    """Draw the picture and the label map of a scene.

    Parameters
    ----------
    scene
        Scene to draw.
    side
        Side of the picture in pixels.

    Returns
    -------
    pixels
        Edges are smoothed over one pixel; the ground has a little noise.
    labels
        Of each pixel: 0 the ground, k + 1 object k where it covers half of the pixel or more.
    """
    noise = np.random.default_rng(scene.noise_seed).normal(0.0, 4.0, size=(side, side, 1))
    picture = np.full((side, side, 3), float(scene.grey)) + noise
    labels = np.zeros((side, side), dtype=np.int64)
    for place, item in enumerate(scene.objects):
        covered = coverage(item.shape, item.x * side, item.y * side, item.radius * side, side)
        picture += covered[..., None] * (np.array(COLOURS[item.colour], dtype=float) - picture)
        labels[covered >= 0.5] = place + 1
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), labels


def object_masks(
    labels: Int[np.ndarray, "side side"], n_objects: int
) -> Bool[np.ndarray, "objects side side"]:
    """Split a label map of :func:`render` into one mask per object.

    Parameters
    ----------
    labels
        0 the ground, k + 1 object k.
    n_objects
        Objects of the scene.

    Returns
    -------
    Bool array, objects x side x side
        True where the object is.
    """
    return labels[None] == np.arange(1, n_objects + 1)[:, None, None]
