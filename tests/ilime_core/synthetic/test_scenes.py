"""Labels, captions and relations say what is in the picture."""

import math
from itertools import combinations

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.synthetic.scenes import (
    SIZES,
    Scene,
    SceneObject,
    describe,
    draw_scene,
    object_masks,
    render,
)
from ilime_core.synthetic.shapes import COLOURS

SIDE = 256


def scene_of(*places, colours=("red", "blue", "green")):
    objects = [
        SceneObject("circle", colour, "small", x, y, 0.09)
        for (x, y), colour in zip(places, colours, strict=False)
    ]
    return Scene(tuple(objects), 90, 3)


def drawn(n=40):
    rng = np.random.default_rng(5)
    return [draw_scene(rng) for _ in range(n)]


def test_label_k_is_object_k_with_its_area_and_its_colour():
    areas = {"circle": math.pi * 0.93**2, "square": 2.56}
    seen = 0
    for scene in drawn():
        pixels, labels = render(scene, SIDE)
        assert labels.max() == len(scene.objects)
        for item, mask in zip(scene.objects, object_masks(labels, len(scene.objects)), strict=True):
            rows, columns = np.nonzero(mask)
            if item.shape in areas:
                radius = item.radius * SIDE
                edge = 8 * radius  # pixels along the outline; a square's side may move by half of one
                assert abs(mask.sum() - areas[item.shape] * radius**2) < 0.5 * edge
                assert columns.mean() + 0.5 == pytest.approx(item.x * SIDE, abs=0.6)
                assert rows.mean() + 0.5 == pytest.approx(item.y * SIDE, abs=0.6)
                seen += 1
            assert np.median(pixels[mask], axis=0).tolist() == list(COLOURS[item.colour])
    assert seen > 20


def test_the_ground_is_grey_with_a_little_noise():
    pixels, labels = render(scene_of((0.3, 0.3), (0.7, 0.7)), SIDE)
    far = pixels[:20, -20:].astype(float)
    assert not labels[:20, -20:].any()
    assert (far[..., 0] == far[..., 1]).all()
    assert far.mean() == pytest.approx(90, abs=1)
    assert far[..., 0].std() == pytest.approx(4, abs=0.5)


def test_a_scene_is_rendered_alike_twice_and_its_noise_has_a_seed():
    scene = scene_of((0.3, 0.3), (0.7, 0.7))
    other = Scene(scene.objects, scene.grey, scene.noise_seed + 1)
    assert np.array_equal(render(scene, 32)[0], render(scene, 32)[0])
    assert not np.array_equal(render(scene, 32)[0], render(other, 32)[0])
    assert np.array_equal(render(scene, 32)[1], render(other, 32)[1])


def test_objects_do_not_touch_stay_inside_and_differ():
    for scene in drawn(200):
        assert 2 <= len(scene.objects) <= 4
        for one, other in combinations(scene.objects, 2):
            apart = math.hypot(one.x - other.x, one.y - other.y)
            assert apart > 1.132 * (one.radius + other.radius)  # corners of two squares that face each other
            assert one.words != other.words
        for item in scene.objects:
            least, most = SIZES[item.size]
            assert least <= item.radius <= most
            assert item.radius < min(item.x, item.y, 1 - item.x, 1 - item.y)


def test_no_two_labels_are_neighbours():
    for scene in drawn():
        labels = render(scene, SIDE)[1]
        near = np.maximum.reduce(
            [np.roll(labels, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        )
        assert set(np.unique(near[labels > 0] - labels[labels > 0])) == {0}


@pytest.mark.parametrize("wanted", [1, 2, 3, 4])
def test_a_scene_has_the_objects_that_were_asked_for(wanted):
    assert len(draw_scene(np.random.default_rng(0), wanted).objects) == wanted


@pytest.mark.parametrize("wanted", [0, 5])
def test_other_numbers_are_refused(wanted):
    with pytest.raises(InputError, match=f"1 to 4 objects, got {wanted}"):
        draw_scene(np.random.default_rng(0), wanted)


def test_spans_say_what_the_objects_are():
    rng = np.random.default_rng(1)
    for scene in drawn():
        caption = describe(scene, rng)
        assert sorted(phrase.place for phrase in caption.phrases) == list(range(len(scene.objects)))
        for phrase in caption.phrases:
            item = scene.objects[phrase.place]
            assert caption.text[phrase.start : phrase.end] == f"{item.size} {item.colour} {item.shape}"
            assert caption.text[: phrase.start].endswith("a ")


@pytest.mark.parametrize(
    ("second", "said"),
    [((0.8, 0.6), "left of"), ((0.2, 0.6), "right of"), ((0.6, 0.9), "above"), ((0.6, 0.1), "below")],
)
def test_relations_are_true(second, said):
    scene = scene_of((0.5, 0.5), second)
    opposite = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}[said]
    texts = {describe(scene, np.random.default_rng(seed)).text for seed in range(20)}
    assert texts == {
        f"a small red circle {said} a small blue circle",
        f"a small blue circle {opposite} a small red circle",
    }


def test_further_objects_are_joined_by_and():
    text = describe(scene_of((0.2, 0.2), (0.5, 0.2), (0.8, 0.2)), np.random.default_rng(0)).text
    assert text.count(" of ") == 1
    assert text.count(" and ") == 1
    assert text.index(" of ") < text.index(" and ")


def test_a_caption_may_leave_objects_out():
    scene = scene_of((0.2, 0.2), (0.5, 0.2), (0.8, 0.2))
    one = describe(scene, np.random.default_rng(0), 1)
    assert len(one.phrases) == 1
    assert one.text == f"a small {scene.objects[one.phrases[0].place].colour} circle"
    with pytest.raises(InputError, match="3 objects cannot be described by 4"):
        describe(scene, np.random.default_rng(0), 4)
    with pytest.raises(InputError, match="3 objects cannot be described by 0"):
        describe(scene, np.random.default_rng(0), 0)
