"""Batches can be drawn again, held-out scenes stay out, twins differ in one thing."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.synthetic.scene_batches import (
    BatchPlan,
    altered,
    held_out_pairs,
    held_out_scenes,
    scene_batch,
    twin,
)
from ilime_core.synthetic.scenes import Scene, SceneObject, describe, draw_scene, render

JOINT = re.compile(r"left of|right of|above|below")
PLAN = BatchPlan(n_pairs=24, side=16)
PLAIN = BatchPlan(300, twins=0.0, altered=0.0, partial=0.0, gaps=0.0, erased=0.0, side=8)


def same(first, second):
    return (first.texts, first.wrong) == (second.texts, second.wrong) and np.array_equal(
        first.pixels, second.pixels
    )


def test_a_batch_depends_on_seed_and_number_alone():
    assert same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 3, 7))
    assert not same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 3, 8))
    assert not same(scene_batch(PLAN, 3, 7), scene_batch(PLAN, 4, 7))


def test_a_batch_is_as_large_as_planned():
    batch = scene_batch(PLAN, 0, 0)
    assert batch.pixels.shape == (24, 16, 16, 3)
    assert len(batch.texts) == len(batch.wrong) == 24


def test_batches_end_where_held_out_scenes_begin():
    with pytest.raises(InputError, match="got 1000000"):
        scene_batch(PLAN, 0, 10**6)


def test_held_out_scenes_are_in_no_batch():
    held = {picture.tobytes() for picture in held_out_scenes(200, 0, 16).pixels}
    plan = replace(PLAIN, n_pairs=3, side=16)
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
    whole = scene_batch(replace(PLAIN, n_pairs=200), 0, 0).texts
    partial = scene_batch(replace(PLAIN, n_pairs=200, partial=1.0), 0, 0).texts
    assert min(objects_said(whole)) == 2
    assert min(objects_said(partial)) == 1
    assert max(objects_said(partial)) == 3


def bag(scene):
    return Counter(word for item in scene.objects for word in item.words)


def test_twins_stand_in_a_batch_as_often_as_planned():
    def pairs_alike(share):
        texts = scene_batch(replace(PLAIN, twins=share), 0, 0).texts
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


def differences(one, other):
    return [
        (name, place)
        for place, (a, b) in enumerate(zip(one.objects, other.objects, strict=True))
        for name in ("shape", "colour", "size", "radius", "x", "y")
        if getattr(a, name) != getattr(b, name)
    ]


def test_an_altered_scene_differs_in_one_property_of_one_object():
    rng = np.random.default_rng(0)
    seen = Counter()
    for _ in range(300):
        scene = draw_scene(rng)
        other = altered(scene, rng)
        assert len({item.words for item in other.objects}) == len(scene.objects)
        assert other.noise_seed != scene.noise_seed
        changed = differences(scene, other)
        if len(changed) == 2:
            (_, place), _ = changed
            assert changed == [("size", place), ("radius", place)]
            assert (scene.objects[place].size, other.objects[place].size) == ("large", "small")
            assert 0.075 <= other.objects[place].radius <= 0.105
        else:
            assert len(changed) == 1
        seen[changed[0][0]] += 1
    assert set(seen) == {"size", "colour", "shape"}
    assert min(seen.values()) > 40


def test_altered_scenes_stand_in_a_batch_as_often_as_planned():
    def one_apart(share):
        texts = scene_batch(replace(PLAIN, altered=share), 0, 0).texts
        bags = [Counter(text.split()) - Counter(["left", "right", "of", "above", "below"]) for text in texts]
        return sum((one - other).total() == (other - one).total() == 1 for one, other in pairwise(bags))

    assert one_apart(0.0) < 8
    assert one_apart(1.0) > 130
    assert 60 < one_apart(0.5) < 125


def test_beside_each_caption_stands_one_with_a_word_wrong():
    batch = scene_batch(PLAIN, 0, 0)
    for right, wrong in zip(batch.texts, batch.wrong, strict=True):
        assert sum(a != b for a, b in zip(right.split(), wrong.split(), strict=True)) == 1


def test_captions_with_gaps_leave_words_out_and_their_wrong_ones_the_same():
    def shortened(share):
        batch = scene_batch(replace(PLAIN, gaps=share), 0, 0)
        lengths = [len(text.split()) for text in batch.texts]
        pairs = [(a.split(), b.split()) for a, b in zip(batch.texts, batch.wrong, strict=True)]
        alike = sum(
            len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1 for a, b in pairs
        )
        return sum(lengths), alike, min(lengths)

    whole, alike, shortest = shortened(0.0)
    assert (alike, shortest) == (300, 9)
    half, _, _ = shortened(0.5)
    gaps, alike, shortest = shortened(1.0)
    assert gaps / whole == pytest.approx(0.65, abs=0.05)
    assert half / whole == pytest.approx(0.83, abs=0.05)
    assert 270 < alike < 300  # where no wrong word would be kept, the whole wrong caption is used
    assert shortest >= 1


def test_patches_of_pictures_are_painted_over_in_one_grey():
    whole, some, every = (
        scene_batch(replace(PLAIN, erased=share, side=16), 0, 0).pixels for share in (0.0, 0.5, 1.0)
    )
    cells = np.kron(np.arange(64).reshape(8, 8), np.ones((2, 2), dtype=int))
    shares, greys = [], []
    for before, after in zip(whole, every, strict=True):
        # A pixel that had the grey already is not seen to change.
        gone = np.isin(cells, cells[(before != after).any(axis=2)])
        shares.append(gone.mean())
        if gone.any():
            (grey,) = np.unique(after[gone])
            greys.append(int(grey))
        assert np.array_equal(before[~gone], after[~gone])
    assert np.mean(shares) == pytest.approx(0.35, abs=0.03)  # between 0 and 0.7
    assert max(shares) < 0.85
    assert (min(greys), max(greys)) == (60, 119)
    touched = (whole != some).any(axis=(1, 2, 3)).mean()
    assert touched == pytest.approx(0.5, abs=0.08)


def test_held_out_pictures_are_whole_and_their_captions_too():
    batch = held_out_scenes(20, 3, 16)
    for (scene, caption), picture, text, wrong in zip(
        held_out_pairs(20, 3), batch.pixels, batch.texts, batch.wrong, strict=True
    ):
        assert np.array_equal(picture, render(scene, 16)[0])
        assert text == caption.text
        assert sum(a != b for a, b in zip(text.split(), wrong.split(), strict=True)) == 1
