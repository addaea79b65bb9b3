"""Images of the ten classes are found in every layout that the validation set is handed on in."""

from pathlib import PurePosixPath

import pytest
from imagenet_folder import OTHER, lay_out

from ilime_core.errors import InputError
from tasks.corpora.reading.imagenet_classes import CLASSES, class_images


def numbers(found):
    return {name: [int(PurePosixPath(key).stem[-8:]) for key in keys] for name, keys in found.items()}


EXPECTED = {one.name: [place + 1, place + 11] for place, one in enumerate(CLASSES)}


@pytest.mark.parametrize("layout", ["wnid", "index", "name", "kaggle", "caffe", "kit"])
def test_every_layout_gives_the_same_images(tmp_path, layout):
    assert numbers(class_images(str(lay_out(tmp_path / "val", layout)))) == EXPECTED


@pytest.mark.parametrize("layout", ["kaggle", "caffe", "kit"])
def test_labels_may_lie_elsewhere(tmp_path, layout):
    images = lay_out(tmp_path / "val", layout)
    (file,) = [path for path in images.iterdir() if path.suffix in (".csv", ".txt")]
    moved = file.rename(tmp_path / f"labels{file.suffix}")
    with pytest.raises(InputError, match=r"none is of goldfish \(n01443537, index 1\), husky"):
        class_images(str(images))
    assert numbers(class_images(str(images), str(moved))) == EXPECTED


def test_names_of_lines_may_have_folders_and_labels_be_wnids(tmp_path):
    images = lay_out(tmp_path / "val", "kit")
    place = images / "val.txt"
    place.write_text(
        "".join(f"val/ILSVRC2012_val_{at:08d}.JPEG {one.wnid}\n" for at, one in enumerate(CLASSES, 1))
    )
    assert numbers(class_images(str(images))) == {name: own[:1] for name, own in EXPECTED.items()}


def test_a_file_that_is_labelled_twice_is_one_image(tmp_path):
    images = lay_out(tmp_path / "val", "caffe")
    place = images / "val.txt"
    place.write_text(2 * place.read_text())
    assert numbers(class_images(str(images))) == EXPECTED


def test_a_class_without_images_is_named(tmp_path):
    images = lay_out(tmp_path / "val", "wnid", 1)
    next((images / "n03584254").iterdir()).unlink()
    with pytest.raises(InputError, match=r"of 10 images none is of ipod \(n03584254, index 605\); needed is"):
        class_images(str(images))


def test_train_and_val_are_not_mixed(tmp_path):
    lay_out(tmp_path / "val", "wnid")
    lay_out(tmp_path / "train", "wnid")
    with pytest.raises(InputError, match=r"below 'train' and 'val'; set"):
        class_images(str(tmp_path))


def test_a_folder_above_the_class_folders_is_taken(tmp_path):
    lay_out(tmp_path / "val", "wnid")
    assert numbers(class_images(str(tmp_path))) == EXPECTED


def test_the_four_names_of_a_class_are_its_own():
    for names in zip(*((one.name, one.index, one.wnid, one.number) for one in CLASSES), strict=True):
        assert len(set(names)) == 10
    assert OTHER not in {one.wnid for one in CLASSES}
    # Sorted wnids and indices go the same way.
    assert sorted(CLASSES, key=lambda one: one.wnid) == sorted(CLASSES, key=lambda one: one.index)
