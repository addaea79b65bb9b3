"""Given regions are copied where they did not change.

Proves tasks.stages.item_copying.
"""

from pathlib import Path

import numpy as np
import planted_plugin
from PIL import Image
from tiny_benchmark import LEAN, add_picture, explain, make_benchmark, run_of

from tasks.comparison.diff import diff_runs


def write_label_map(folder: Path, name: str, turn: int = 0) -> None:
    rows, columns = np.indices((44, 60))
    labels = np.roll(rows * 2 // 44 * 3 + columns * 3 // 60 + 1, turn, axis=1)
    Image.fromarray(labels.astype(np.uint8)).save(folder / f"{name}.png")


def test_given_regions_that_stayed_are_not_encoded_again_and_moved_ones_are(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    maps = tmp_path / "maps"
    maps.mkdir()
    for name in ("shapes-0", "shapes-1"):
        write_label_map(maps, name)
    given = {"image": {"method": "given", "label_maps": str(maps)}}
    spec = corpus.spec(tmp_path / "tables", segmentation=given, **LEAN)

    def images_encoded():
        before = planted_plugin.rows["image"]
        run = run_of(explain(spec))
        assert run.table("failures").num_rows == 0
        return run, planted_plugin.rows["image"] - before

    first, all_of_two = images_encoded()
    add_picture(corpus)
    write_label_map(maps, "new-91")
    grown, new_one = images_encoded()
    assert 0 < new_one <= all_of_two // 2 + 1
    write_label_map(maps, "shapes-0", turn=7)
    moved, again = images_encoded()
    assert len({first.run_id, grown.run_id, moved.run_id}) == 3
    assert again >= all_of_two // 2 - 1
    fresh = run_of(explain(spec | {"output": str(tmp_path / "fresh")}))
    assert diff_runs(fresh, moved).same
