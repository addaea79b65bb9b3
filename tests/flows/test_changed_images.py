"""An image that changes between the plan and its block: the block is refused, a new start is a new run."""

import pytest
from tiny_benchmark import make_benchmark

from ilime_core.errors import InputError
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.spec import ExplainParameters
from tasks.stages.embed import embed_block


def test_a_block_of_an_image_that_has_changed_is_refused(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus", n_images=2)
    parameters = ExplainParameters(**corpus.spec(tmp_path / "tables"))
    run = freeze_plan(draft_plan(parameters))
    first, second = sorted(corpus.images.iterdir())
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    with pytest.raises(InputError, match=rf"{first.name} has changed since the run was planned"):
        embed_block(parameters.output, run.run_id, 0)
    assert draft_plan(parameters).run_id != run.run_id
    first.write_bytes(content)
    assert embed_block(parameters.output, run.run_id, 0).rows == 2
