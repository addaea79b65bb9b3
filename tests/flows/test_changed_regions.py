"""Given regions that change between the plan and their block: the block is refused, as are changed images."""

import numpy as np
import pytest
from PIL import Image
from tiny_benchmark import LEAN, explain, make_benchmark, run_of

from ilime_core.errors import InputError
from tasks.run_files.committed import read_commit
from tasks.run_files.match_plan import match_plan
from tasks.run_files.naming import commit_key
from tasks.run_files.plan import OpenRun
from tasks.stages.segment.segment import segment_block


def write_map(place, turn=0):
    labels = np.roll(np.indices((44, 60))[1] * 3 // 60 + 1, turn, axis=1)
    Image.fromarray(labels.astype(np.uint8)).save(place)


def test_a_block_whose_label_map_has_changed_is_refused(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    maps = tmp_path / "maps"
    maps.mkdir()
    for name in ("shapes-0", "shapes-1"):
        write_map(maps / f"{name}.png")
    given = {"image": {"method": "given", "label_maps": str(maps)}}
    run = run_of(explain(corpus.spec(tmp_path / "tables", segmentation=given, **LEAN)))
    [images] = [
        one for one in match_plan(OpenRun(run.root, run.run_id)).item_blocks if one.modality == "image"
    ]
    digest = read_commit(run.storage, run.run_id, "segment", images.block).digest
    run.storage.delete(commit_key(run.run_id, "segment", images.block))

    kept = (maps / "shapes-1.png").read_bytes()
    write_map(maps / "shapes-1.png", turn=9)
    with pytest.raises(InputError, match=r"the regions in shapes-1\.png have changed since .* was planned"):
        segment_block(run.root, run.run_id, images.block)
    (maps / "shapes-1.png").write_bytes(kept)
    assert segment_block(run.root, run.run_id, images.block).digest == digest
