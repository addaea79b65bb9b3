"""Batches can be drawn again, held-out scenes stay out, twins differ in one thing."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.synthetic.scenes import Scene, SceneObject, describe, draw_scene
from ilime_core.training.scene_batches import (
    BatchPlan,
    held_out_pairs,
    held_out_scenes,
    scene_batch,
    twin,
)

JOINT = re.compile(r"left of|right of|above|below")
PLAN = BatchPlan(n_pairs=24, side=16)


def same(first, second):
    return first.texts == second.texts and np.array_equal(first.pixels, second.pixels)


def test_a_batch_depends_on_seed_and_number_alone():
    assert same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 3, 7))
    assert not same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 3, 8))
    assert not same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 4, 7))


def test_a_batch_is_as_large_as_planned():
    batch = scene_batch(PLAN, 0, 0)
    assert batch.pixels.shape == (24, 16, 16, 3)
    assert len(batch.texts) == 24


def test_batches_end_where_held_out_scenes_begin():
    with pytest.raises(InputError, match="got 1000000"):
        scene_batch(PLAN, 0, 10**6)


def test_held_out_scenes_are_in_no_batch():
    held = {picture.tobytes() for picture in held_out_scenes(200, 0, 16).pixels}
    plan = BatchPlan(n_pairs=3, side=16)
    learned = {picture.tobytes() for number in range(200) for picture in scene_batch(plan, 0, number).pixels}
    assert (len(held), len(learned)) == (200, 600)
    assert held.isdisjoint(learned)


def test_more_held_out_scenes_begin_with_the_same_ones():
    assert held_out_pairs(5, 2) == held_out_pairs(9, 2)[:5]
    assert held_out_pairs(5, 2) != held_out_pairs(5, 3)
    assert held_out_scenes(3, 2, 16).texts == tuple(caption.text for _, caption in held_out_pairs(3, 2))


def objects_said(texts):
    return [len(text.split(" a ")) for text in texts]


def test_partial_captions_leave_objects_out():
    whole = scene_batch(BatchPlan(200, twins=0.0, partial=0.0, side=8), 0, 0).texts
    partial = scene_batch(BatchPlan(200, twins=0.0, partial=1.0, side=8), 0, 0).texts
    assert min(objects_said(whole)) == 2
    assert min(objects_said(partial)) == 1
    assert max(objects_said(partial)) == 3


def bag(scene):
    return Counter(word for item in scene.objects for word in item.words)


def test_twins_stand_in_a_batch_as_often_as_planned():
    def pairs_alike(share):
        texts = scene_batch(BatchPlan(300, twins=share, partial=0.0, side=8), 0, 0).texts
        bags = [Counter(JOINT.sub("", text).split()) for text in texts]
        return sum(one == other for one, other in pairwise(bags))

    assert pairs_alike(0.0) == 0
    assert pairs_alike(1.0) == 150
    assert 30 < pairs_alike(0.25) < 90


def test_a_twin_has_the_same_words_and_another_binding():
    rng = np.random.default_rng(0)
    exchanged = 0
    for _ in range(300):
        scene = draw_scene(rng)
        other = twin(scene, rng)
        assert bag(other) == bag(scene)
        assert len({item.words for item in other.objects}) == len(scene.objects)
        changed = [
            (name, place)
            for place, (a, b) in enumerate(zip(scene.objects, other.objects, strict=True))
            for name in ("shape", "colour", "size", "radius")
            if getattr(a, name) != getattr(b, name)
        ]
        if changed:
            exchanged += 1
            (first, _), (second, _) = changed  # two objects, one property
            assert first == second
            assert first in {"shape", "colour"}
            assert [(a.x, a.y) for a in scene.objects] == [(b.x, b.y) for b in other.objects]
    assert exchanged > 290


@pytest.mark.parametrize("place", [(0.8, 0.3), (0.3, 0.8)])
def test_objects_that_differ_in_size_alone_are_mirrored_so_that_the_caption_changes(place):
    objects = (
        SceneObject("ring", "red", "small", 0.2, 0.2, 0.09),
        SceneObject("ring", "red", "large", *place, 0.16),
    )
    scene = Scene(objects, 90, 0)
    other = twin(scene, np.random.default_rng(0))
    assert [item.words for item in other.objects] == [item.words for item in objects]
    said = [describe(one, np.random.default_rng(4)).text for one in (scene, other)]
    assert said[0] != said[1]


def test_a_single_object_has_no_twin():
    with pytest.raises(InputError, match="one object has no twin"):
        twin(draw_scene(np.random.default_rng(0), 1), np.random.default_rng(0))
