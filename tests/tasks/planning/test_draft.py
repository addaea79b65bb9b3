"""A run's id is made of what fixes its numbers; a field of the spec that gets another name moves none."""

import pytest

from tasks.planning.draft import _segmentation_digests
from tasks.run_files.plan import REGIONS_SCHEMA, digest
from tasks.spec import ExplainParameters

IMAGE = {"method": "grid", "n_segments": 9, "max_segments": 2048}
TEXT = {"unit": "word", "max_segments": 512, "max_characters": 20_000}


def parameters(**image):
    return ExplainParameters.model_validate(
        {
            "corpus": {"annotations": "a.json", "images": "images"},
            "model": {"name": "scenes"},
            "segmentation": {"image": IMAGE | image},
            "output": "out",
        }
    )


def test_cut_regions_enter_with_the_names_that_their_fields_had_first():
    found = _segmentation_digests(parameters(), REGIONS_SCHEMA.empty_table())
    assert found == {"segmentation": digest({"image": IMAGE | {"masks": ""}, "text": TEXT})}


def test_names_of_labels_and_the_lexicon_enter_no_segmentation():
    regions = REGIONS_SCHEMA.empty_table()
    plain = parameters(method="given", label_maps="maps")
    named = parameters(method="given", label_maps="maps", label_names="names.tsv")
    text = named.segmentation.text.model_copy(update={"lexicon": "own.tsv"})
    segmentation = named.segmentation.model_copy(update={"text": text})
    named = named.model_copy(update={"segmentation": segmentation})
    assert _segmentation_digests(named, regions) == _segmentation_digests(plain, regions)


@pytest.mark.parametrize("folder", ["maps", "elsewhere"])
def test_given_regions_enter_by_content_and_not_by_place(folder):
    regions = REGIONS_SCHEMA.empty_table()
    found = _segmentation_digests(parameters(method="given", label_maps=folder), regions)
    image = IMAGE | {"method": "given"}
    assert found == {"segmentation": digest({"image": image, "text": TEXT}), "regions": digest([])}
