"""Scenes are laid out whole, again the same, and with their truth."""

import json
import os
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.synthetic.scene_batches import held_out_pairs
from ilime_core.synthetic.scenes import object_masks, render
from tasks.corpora.demos.scenes import SIDE, materialise_scenes
from tasks.corpora.formats.karpathy import read_karpathy
from tasks.corpora.regions.named_spans import read_regions

N = 6


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    return materialise_scenes(tmp_path_factory.mktemp("scenes"), N, seed=4)


@pytest.fixture(scope="module")
def corpus(scenes):
    return read_karpathy(str(scenes.annotations), str(scenes.images), "test")


def test_pictures_and_captions_are_those_of_the_scenes(scenes, corpus):
    drawn = held_out_pairs(N, 4)
    assert [text.text for text in corpus.right] == [caption.text for _, caption in drawn]
    assert [text.image_index for text in corpus.right] == list(range(N))
    for entry, (scene, _) in zip(corpus.left, drawn, strict=True):
        assert np.array_equal(np.asarray(Image.open(scenes.images / entry.uri)), render(scene, SIDE)[0])


def test_label_maps_are_exact_and_stand_where_given_regions_are_looked_for(scenes, corpus):
    for entry, (scene, _) in zip(corpus.left, held_out_pairs(N, 4), strict=True):
        labels = label_map_from_png((scenes.label_maps / entry.uri).read_bytes())
        assert np.array_equal(labels, render(scene, SIDE)[1])


def test_spans_are_read_as_regions_and_their_boxes_hold_the_object_exactly(scenes, corpus):
    regions = read_regions(str(scenes.regions), corpus)
    assert [caption.text_index for caption in regions] == list(range(N))
    for caption, (scene, said) in zip(regions, held_out_pairs(N, 4), strict=True):
        masks = object_masks(render(scene, SIDE)[1], len(scene.objects))
        for span, phrase in zip(caption.spans, said.phrases, strict=True):
            assert span.text == " ".join(scene.objects[phrase.place].words)
            (box,) = span.boxes
            rows, columns = np.nonzero(masks[phrase.place])
            assert (box.x, box.x + box.width) == (columns.min(), columns.max() + 1)
            assert (box.y, box.y + box.height) == (rows.min(), rows.max() + 1)


def test_labels_of_spans_name_the_object_of_the_label_map(scenes):
    for row, (_, said) in zip(
        json.loads(scenes.regions.read_text())["regions"], held_out_pairs(N, 4), strict=True
    ):
        assert [span["label"] for span in row["spans"]] == [phrase.place + 1 for phrase in said.phrases]


def test_a_second_layout_touches_nothing_and_repairs_what_was_changed(tmp_path):
    first = materialise_scenes(tmp_path, 2)
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert Counter(path.suffix for path in files) == {".png": 4, ".json": 2}
    contents = {path: path.read_bytes() for path in files}
    for path in files:
        os.utime(path, (1, 1))
    (first.label_maps / "scene-00001.png").write_bytes(b"")
    assert materialise_scenes(tmp_path, 2) == first
    assert {path: path.read_bytes() for path in files} == contents
    assert [path.name for path in files if path.stat().st_mtime != 1] == ["scene-00001.png"]


def test_number_and_seed_are_what_is_asked_for(tmp_path):
    def captions(name, *arguments):
        made = materialise_scenes(tmp_path / name, *arguments)
        return [row["sentences"][0]["raw"] for row in json.loads(made.annotations.read_text())["images"]]

    three = captions("three", 3)
    assert len(three) == 3
    assert captions("two", 2) == three[:2]
    assert captions("other", 3, 1) != three


def test_no_scene_is_no_corpus(tmp_path):
    with pytest.raises(InputError, match="one scene or more, got 0"):
        materialise_scenes(tmp_path, 0)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot lay the scenes out: .*; choose another folder"):
        materialise_scenes(tmp_path / "file", 1)
