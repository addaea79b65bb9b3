"""A run in a notebook has the numbers of its tables and views."""

import base64
import html

import numpy as np
import pyarrow.compute as pc
import pytest

from ilime_core.errors import InputError
from tasks.explorer.notebook import RunExplorer


@pytest.fixture(scope="module")
def explorer(pictured):
    return RunExplorer(pictured.run)


def test_a_pair_is_found_by_its_id_or_its_image_and_shows_itself(explorer, pictured):
    pair = explorer.pair(pictured.good[:14])
    assert pair.record["pair_id"] == pictured.good
    assert explorer.pair('it\'s "x" & <b>.png').record["left_id"] == pair.record["left_id"]
    mine = (pc.field("pair_id") == pictured.good) & (pc.field("estimator") == "banzhaf")
    cells = pictured.run.table("interactions", filter=mine)["weight"].to_numpy()
    np.testing.assert_allclose(pair.weights.ravel(), cells, atol=1e-5)
    page = pair.page()
    assert html.escape(pair._repr_html_()).count("iframe") == 2
    assert "a cat <script>" not in page.partition("<script>")[0]
    image = pair.items[pair.record["left_id"]]
    assert base64.b64decode(image["photo"].partition(",")[2])[:2] == b"\xff\xd8"
    assert [label.get_text() for label in pair.plot().axes[-1].get_xticklabels()][1] == "cat"


def test_an_unknown_pair_is_refused(explorer):
    with pytest.raises(InputError, match="no pair"):
        explorer.pair("pffffffffff")


def test_cells_and_lost_queries_are_tables(explorer, pictured):
    cells = explorer.matches(word="CAT")
    assert cells.num_rows > 0
    assert set(cells["word"].to_pylist()) == {"cat"}
    sizes = np.abs(explorer.matches()["weight"].to_numpy())
    assert (np.diff(sizes) <= 0).all()
    errors = explorer.errors().to_pandas()
    assert set(errors["part_of"]) == {"query", "correct", "wrong"}
    assert errors["margin"].max() < 0
