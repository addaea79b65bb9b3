"""Copied rows of an earlier run have this run's entries, equal contents once."""

from types import SimpleNamespace

import pyarrow as pa
import pytest

from tasks.spec import SegmentationParameters
from tasks.stages import embed


def entry(number, fingerprint):
    places = {"uri": f"{number}.png", "uri_member": None, "uri_offset": None, "uri_size": None}
    return embed._Entry(
        entry=number,
        modality="image",
        **places,
        external_id=str(number),
        text=None,
        fingerprint=fingerprint,
    )


def row(item_id, fingerprint):
    """Of a run in which the items stood elsewhere."""
    return {
        "item_id": item_id,
        "modality": "image",
        "entry": 90,
        "same_entries": [91, 92],
        "uri": "old.png",
    } | {
        "fingerprint": fingerprint,
        "external_id": "90",
        "embedding": [1.0, 0.0],
        "sha256": "ab",
    }


@pytest.fixture
def carry(monkeypatch):
    def carried(entries, *rows):
        monkeypatch.setattr(embed, "reuse_rows", lambda *_: pa.Table.from_pylist(list(rows)))
        segmentation = SegmentationParameters()
        plan = SimpleNamespace(parameters=SimpleNamespace(segmentation=segmentation))
        run = SimpleNamespace(plan=plan, tags={})
        return embed._carry(run, "r1", entries)

    return carried


def test_entries_are_those_of_this_run_and_two_of_one_content_are_one_item(carry):
    # Two files of one content may have two fingerprints: their times differ.
    entries = [entry(3, "a"), entry(4, "b"), entry(7, "b2")]
    result = carry(entries, row("ia", "a"), row("ib", "b"), row("ib", "b2"))
    items = result.tables["items"].to_pylist()
    assert [(one["item_id"], one["entry"], one["same_entries"], one["uri"]) for one in items] == [
        ("ia", 3, [], "3.png"),
        ("ib", 4, [7], "4.png"),
    ]
    assert (
        result.counts.image_encodes_reused,
        result.counts.text_encodes_reused,
        result.counts.image_encodes,
    ) == (2, 0, 0)


def test_without_a_row_of_every_content_nothing_is_carried(carry):
    assert carry([entry(3, "a"), entry(4, "b")], row("ia", "a")) is None
