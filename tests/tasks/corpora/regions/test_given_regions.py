"""Regions of others, read for one image: carried into its view, or the reason why there are none."""

import json

import numpy as np
import pytest
from PIL import Image

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.pictures.decoding import label_map_png
from ilime_core.records import ViewGeometry
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.regions.given_regions import GivenPlaces, check_given, given_fingerprints, read_given
from tasks.spec import ExplainParameters
from tasks.storage.storage import Storage

RIGHT_HALF = ViewGeometry(4, 2, 2, 2, 2.0, 0.0, 1.0, 1.0)
WHOLE = ViewGeometry(4, 2, 4, 2, 0.0, 0.0, 1.0, 1.0)


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))


def asked(corpus=None, label_maps="", label_names=""):
    places = {"format": "coco_captions", "annotations": "captions_x.json", "images": "i"}
    return ExplainParameters.model_validate(
        {
            "corpus": places | (corpus or {}),
            "model": {"name": "conse"},
            "segmentation": {
                "image": {"method": "given", "label_maps": label_maps, "label_names": label_names}
            },
            "output": "o",
        }
    )


def places(parameters):
    image = parameters.segmentation.image
    return GivenPlaces(image.label_maps, image.label_names), parameters.corpus


@pytest.fixture
def drawn(root):
    """One object in the left column of image 7 (4 x 2 pixels)."""
    shape = [[0, 0, 1, 0, 1, 2, 0, 2]]
    tree = {
        "images": [{"id": number, "height": 2, "width": 4} for number in (7, 8)],
        "annotations": [{"image_id": 7, "segmentation": shape}],
    }
    root.write("instances.json", json.dumps(tree).encode())
    return asked({"regions": f"{root.url}/instances.json"})


def test_objects_and_their_background_are_carried_into_the_view(drawn):
    found = read_given(*places(drawn), ImageEntry("deep/a.jpg", "7"), WHOLE)
    assert found.segments.labels.tolist() == [[0, 1, 1, 1]] * 2


@pytest.mark.parametrize(
    ("image", "geometry", "message"),
    [
        (
            ImageEntry("deep/b.jpg", "8"),
            WHOLE,
            r"deep/b\.jpg: image 8 has no object in /.*json",
        ),
        (ImageEntry("a.jpg", "7"), RIGHT_HALF, r"a\.jpg: the view shows no object of image 7"),
    ],
)
def test_a_view_without_an_object_is_empty_and_not_one_large_region(drawn, image, geometry, message):
    with pytest.raises(ItemError, match=message) as caught:
        read_given(*places(drawn), image, geometry)
    assert caught.value.reason is FailureReason.EMPTY


def test_objects_of_another_size_than_the_image_fail_it(drawn):
    with pytest.raises(ItemError, match="label map is 4 x 2 pixels, its upright image 8 x 2") as caught:
        read_given(*places(drawn), ImageEntry("a.jpg", "7"), ViewGeometry(8, 2, 8, 2, 0.0, 0.0, 1.0, 1.0))
    assert caught.value.reason is FailureReason.UNDECODABLE


def test_a_label_map_stands_under_the_name_of_its_image(root):
    root.write("maps/deep/a.png", label_map_png(np.array([[9, 9, 4, 4]] * 2)))
    parameters = asked(label_maps=f"{root.url}/maps")
    found = read_given(*places(parameters), ImageEntry("deep/a.jpg", "7"), WHOLE)
    assert found.segments.labels.tolist() == [[0, 0, 1, 1]] * 2
    with pytest.raises(ItemError, match=r"b\.jpg: there is no label map /.*/maps/b\.png") as caught:
        read_given(*places(parameters), ImageEntry("b.jpg", "8"), WHOLE)
    assert caught.value.reason is FailureReason.ABSENT


def test_contents_of_label_maps_are_told_apart_wherever_they_lie(tmp_path):
    found = []
    for folder, colour in (("here", 1), ("there", 1), ("other", 2)):
        (tmp_path / folder).mkdir()
        Image.new("L", (4, 2), colour).save(tmp_path / folder / "a.png")
        images = [ImageEntry("a.jpg", "7"), ImageEntry("absent.jpg", "8")]
        found.append(given_fingerprints(*places(asked(label_maps=str(tmp_path / folder))), images))
    assert found[0] == found[1] != found[2]
    assert found[0]["absent.png"] is None


def test_a_folder_without_any_label_map_is_refused(root):
    with pytest.raises(InputError, match=r"none of the 1 label maps exists: .*/maps/deep/a\.png; check"):
        given_fingerprints(*places(asked(label_maps=f"{root.url}/maps")), [ImageEntry("deep/a.jpg", "7")])


def test_objects_of_other_images_only_are_refused(drawn):
    with pytest.raises(InputError, match=r"instances\.json: none of the 1 images .* first of them '8'"):
        given_fingerprints(*places(drawn), [ImageEntry("b.jpg", "8")])
    assert len(given_fingerprints(*places(drawn), [ImageEntry("b.jpg", "8"), ImageEntry("a.jpg", "7")])) == 1


def test_segments_have_the_category_names_of_their_objects(root):
    left, right = [[0, 0, 1, 0, 1, 2, 0, 2]], [[3, 0, 4, 0, 4, 2, 3, 2]]
    tree = {
        "images": [{"id": 7, "height": 2, "width": 4}],
        "categories": [{"id": 1, "name": "Potted  Plant"}],
        "annotations": [
            {"image_id": 7, "segmentation": right, "category_id": 9},
            {"image_id": 7, "segmentation": left, "category_id": 1},
        ],
    }
    root.write("named.json", json.dumps(tree).encode())
    named = asked({"regions": f"{root.url}/named.json"})
    found = read_given(*places(named), ImageEntry("a.jpg", "7"), WHOLE)
    assert found.segments.labels.tolist() == [[0, 1, 1, 2]] * 2
    assert (found.labels, found.source) == (("potted plant", None, None), "instances")


def test_labels_of_maps_have_the_names_of_their_file(root):
    root.write("maps/deep/a.png", label_map_png(np.array([[9, 9, 4, 0]] * 2)))
    root.write("names.tsv", b"4\tSky\n9\tsea\n")
    parameters = asked(label_maps=f"{root.url}/maps", label_names=f"{root.url}/names.tsv")
    image = ImageEntry("deep/a.jpg", "7")
    found = read_given(*places(parameters), image, WHOLE)
    assert (found.labels, found.source) == (("sea", "sky", None), "label_names")
    assert read_given(*places(parameters), image, RIGHT_HALF).labels == ("sky", None)
    before = given_fingerprints(*places(parameters), [image])
    assert before.keys() == {"deep/a.png", "names.tsv"}
    check_given(*places(parameters), [image], before)
    root.write("names.tsv", b"4\tsky\n9\tlake\n")
    with pytest.raises(InputError, match=r"the regions in names\.tsv have changed since the run was planned"):
        check_given(*places(parameters), [image], before)
