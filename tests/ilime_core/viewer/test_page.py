"""A pair that was explained in memory, as a page, a frame and a figure.

Proves ilime_core.viewer.page, ilime_core.viewer.assets, ilime_core.viewer.building,
ilime_core.viewer.plotting, ilime_core.explaining.interaction and ilime_core.explaining.item_records.
"""

import base64
import hashlib
import html
import json
import re

import numpy as np
import planted_plugin
import pytest
from PIL import Image

import ilime_core
from ilime_core.explaining.options import ExplainOptions
from ilime_core.viewer.assets import SCRIPTS, viewer_asset
from ilime_core.viewer.building import LABEL_SIDE, shrunken_labels
from ilime_core.viewer.packing import unpack_reals

CAPTION = 'red </script><script>alert(1)</script> <b>"dog"'


@pytest.fixture(scope="module")
def found():
    pixels = np.random.default_rng(0).integers(0, 255, (90, 1300, 3), dtype=np.uint8)
    options = ExplainOptions(segmenter="grid", n_segments=4, max_image_masks=16, max_text_masks=16)
    return ilime_core.explain_pair(
        planted_plugin.make("cpu", "float32"), Image.fromarray(pixels), CAPTION, options
    )


def test_records_have_the_arrays_of_the_explanation(found):
    pair, items = found.records()
    for key, array in (
        ("weights", found.weights),
        ("errors", found.standard_errors),
        ("p_values", found.p_values),
    ):
        np.testing.assert_allclose(
            unpack_reals(pair[key]).reshape(pair["shape"]), array, atol=np.nanmax(np.abs(array)) / 6e4
        )
    assert pair["fit"]["share_cross"] == pytest.approx(found.fit.share_cross, abs=1e-6)
    assert pair["score"] == found.fit.f_full
    image, text = items[pair["left_id"]], items[pair["right_id"]]
    assert len(image["regions"]) == found.weights.shape[0]
    assert sum(one["share"] for one in image["regions"]) == pytest.approx(1, abs=1e-3)
    assert image["labels"]["width"] == LABEL_SIDE
    assert image["photo"].startswith("data:image/jpeg;base64,")
    assert max(found.left.thumbnail.shape) == 640
    assert [text["text"][one["start"] : one["end"]] for one in text["words"]] == list(found.right.words)
    json.dumps([pair, items], allow_nan=False)


def test_nothing_of_a_caption_becomes_markup_and_the_policy_names_the_only_script(found):
    page = found.page()
    assert page.count("<script") == page.count("</script") == 1
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = html.unescape(re.findall(r'Policy" content="([^"]*)"', page)[0])
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "alert(1)" not in re.sub(r"<script>.*</script>", "", page, flags=re.DOTALL).replace(
        html.escape(CAPTION), ""
    )
    for name in SCRIPTS:
        assert viewer_asset(name) in script


def test_a_notebook_gets_frames_that_hold_whole_pages(found):
    [inside] = re.findall(r'srcdoc="([^"]*)"', found._repr_html_())
    assert html.unescape(inside) == found.page()
    assert 'sandbox="allow-scripts"' in found._repr_html_()


def test_the_figure_is_coloured_by_the_weights(found):
    figure = found.plot()
    photo, matrix = figure.axes
    assert len(photo.images) == 2
    rows = [int(label.get_text()) for label in matrix.get_yticklabels()]
    assert rows == np.argsort(-np.abs(found.weights).max(axis=1), kind="stable").tolist()
    strongest = np.unravel_index(np.abs(found.weights).argmax(), found.weights.shape)
    red, _, blue, _ = matrix.images[0].get_array()[rows.index(strongest[0]), strongest[1]]
    assert (red > blue) == (found.weights[strongest] > 0)
    assert [label.get_text() for label in matrix.get_xticklabels()] == list(found.right.words)


def test_label_maps_shrink_to_their_own_pixels():
    labels = np.repeat(np.repeat(np.arange(6).reshape(2, 3), 400, 0), 300, 1)
    small = shrunken_labels(labels)
    assert max(small.shape) == LABEL_SIDE
    assert np.bincount(small.ravel()) / small.size == pytest.approx(np.full(6, 1 / 6), abs=0.01)
    np.testing.assert_array_equal(shrunken_labels(labels[:5, :7]), labels[:5, :7])
