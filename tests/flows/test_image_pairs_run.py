"""Visual search from end to end: pictures ask and pictures answer.

Proves flows.console.summary.
"""

from itertools import combinations

import numpy as np
import planted_plugin
import pytest
import torch
from every import every
from PIL import Image
from tiny_benchmark import explain, make_benchmark, run_of

from flows.console.summary import count_lines, retrieval_lines
from tasks.comparison.diff import diff_runs
from tasks.figures.pair_picture import read_pair
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.query.database import Database
from tasks.report.choice import choose_shown_pairs
from tasks.report.terminal import match_lines, overview_lines
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters

SIDE = planted_plugin.SIDE
JUDGED = """query,candidate,relevance
shapes-0.png,shapes-1.png,1
shapes-1.png,shapes-0.png,2
shapes-2.png,shapes-3.png,1
shapes-2.png,shapes-0.png,0
"""


@pytest.fixture(scope="module")
def visual(tmp_path_factory):
    """Four pictures of four regions, two of them on both sides; every coalition encoded."""
    folder = tmp_path_factory.mktemp("visual")
    corpus = make_benchmark(folder / "corpus")
    (folder / "judged.csv").write_text(JUDGED)
    spec = corpus.spec(
        folder / "tables",
        segmentation={"image": {"n_segments": 4}},
        perturbation={"design": "enumerate", "max_image_masks": 16},
    )
    spec["corpus"] = {
        "format": "image_pairs",
        "annotations": str(folder / "judged.csv"),
        "images": str(corpus.images),
        "split": "all",
    }
    draft = draft_plan(ExplainParameters.model_validate(spec))
    encoder_of(freeze_plan(draft))  # the check of a plugin's contract encodes, too
    budget = estimate_budget(draft)
    before = dict(planted_plugin.rows)
    outcome = explain(spec)
    seen = {side: planted_plugin.rows[side] - count for side, count in before.items()}
    assert outcome.finished, outcome.failures
    return corpus, run_of(outcome), budget, seen


def test_views_have_the_regions_of_both_pictures(visual):
    _, run, _, _ = visual
    segments = {(row["item_id"], row["segment"]): row for row in run.table("segments").to_pylist()}
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    with Database(run) as database:
        cells = database.query("FROM matches").read_all().to_pylist()
        effects = database.query("FROM region_effects").read_all().to_pylist()
    assert cells
    for row in cells:
        region = segments[pairs[row["pair_id"]]["right_id"], row["word_number"]]
        assert (row["right_x"], row["right_width"]) == (region["bbox_x"], region["bbox_width"])
        assert row["word"] is None
    assert {row["side"] for row in effects} == {"left", "right"}
    own = {
        (row["pair_id"], row["side"], row["segment"]): row
        for row in run.table("main_effects").to_pylist()
        if row["estimator"] == run.plan["parameters"]["estimators"][0]
    }
    assert len(effects) == len(own)
    for row in effects:
        assert row["effect"] == own[row["pair_id"], row["side"], row["region"]]["intact_effect"]
        region = segments[pairs[row["pair_id"]][f"{row['side']}_id"], row["region"]]
        assert (row["x"], row["area_share"]) == (region["bbox_x"], region["share"])


def embeddings(path):
    """Embedding of every set of quarters of a picture; removed quarters get their mean colour."""
    tower = planted_plugin.make("cpu", "float32").image
    pixels = tower.view(Image.open(path).convert("RGB")).pixels.astype(np.float64)
    half = SIDE // 2
    quarters = [(slice(y, y + half), slice(x, x + half)) for y in (0, half) for x in (0, half)]
    found = {}
    for kept in (kept for size in range(5) for kept in combinations(range(4), size)):
        composed = pixels.copy()
        for number, place in enumerate(quarters):
            if number not in kept:
                composed[place] = np.rint(pixels[place].mean(axis=(0, 1)))
        rows = torch.from_numpy(composed).permute(2, 0, 1)[None].float() / 255
        found[kept] = tower.encode(rows)[0].double().numpy()
    return found


def test_w_of_two_pictures_is_the_banzhaf_interaction_by_its_definition(visual):
    """Four scores a cell, averaged over all sets of the other regions of both."""
    corpus, run, _, _ = visual
    names = {row["item_id"]: row["uri"] for row in run.table("items").to_pylist()}
    of = {name: embeddings(corpus.images / uri) for name, uri in names.items()}
    cells = run.table("interactions").to_pylist()
    positives = [row for row in run.table("pairs").to_pylist() if row["is_positive"]]
    found = [(names[row["left_id"]][7:8], names[row["right_id"]][7:8]) for row in positives]
    assert sorted(found) == [("0", "1"), ("1", "0"), ("2", "3")]
    for row in positives:
        g, h = of[row["left_id"]], of[row["right_id"]]
        assert row["score"] == pytest.approx(g[0, 1, 2, 3] @ h[0, 1, 2, 3], abs=1e-5)
        mine = [one for one in cells if (one["pair_id"], one["estimator"]) == (row["pair_id"], "banzhaf")]
        assert len(mine) == 16
        for cell in mine:
            i, j = cell["left_segment"], cell["right_segment"]
            mixed = [
                (g[tuple(sorted((*s, i)))] - g[s]) @ (h[tuple(sorted((*t, j)))] - h[t])
                for s in g if i not in s
                for t in h if j not in t
            ]  # fmt: skip
            assert len(mixed) == 64
            assert cell["weight"] == pytest.approx(np.mean(mixed), abs=1e-5)
        assert max(abs(cell["weight"]) for cell in mine) > 1e-3


def test_a_picture_never_answers_itself(visual):
    _, run, _, _ = visual
    rows = run.table("rankings").to_pylist()
    assert rows
    assert every(row["query_id"] != row["candidate_id"] for row in rows)
    pairs = run.table("pairs").to_pylist()
    assert every(row["left_id"] != row["right_id"] for row in pairs)
    assert {(row["left_modality"], row["right_modality"]) for row in pairs} == {("image", "image")}


def test_the_plan_counts_what_the_towers_see(visual):
    """A picture that asks and answers is encoded once."""
    _, run, budget, seen = visual
    row = run.table("runs").to_pylist()[0]
    assert (row["n_images"], row["n_texts"], row["n_failed"]) == (4, 0, 0)
    assert budget.is_exact
    assert (budget.n_images, budget.n_texts, budget.n_positives) == (4, 0, 3)
    assert (row["image_encodes"], row["text_encodes"]) == (budget.image_encodes, budget.text_encodes)
    facts = [one.facts for stage in run.commits().values() for one in stage.values()]
    assert seen == {"image": sum(fact.counts.image_encodes for fact in facts), "text": 0}
    assert 0 < seen["image"] - row["image_encodes"] <= budget.measure_encodes_at_most


def test_cells_of_two_pictures_cost_storage(visual):
    """Three matches of 4 x 4 cells under two estimators, beside vectors that do not depend on them."""
    from tasks.forecast.budget import CELL_BYTES

    corpus, run, budget, _ = visual
    folder = corpus.folder.parent
    (folder / "fewer.csv").write_text(JUDGED.replace("0.png,shapes-1.png,1", "0.png,shapes-1.png,0"))
    spec = ExplainParameters.model_validate(run.plan["parameters"])
    changed = spec.corpus.model_copy(update={"annotations": str(folder / "fewer.csv")})
    fewer = estimate_budget(draft_plan(spec.model_copy(update={"corpus": changed})))
    assert budget.storage_bytes - fewer.storage_bytes == pytest.approx(2 * 16 * CELL_BYTES, abs=1)


def test_the_later_stages_know_two_pictures(visual):
    _, run, _, _ = visual
    assert verify_run(run.storage, run.run_id) == []
    assert diff_runs(run, run).bitwise
    scores = {row["pair_id"]: row["score"] for row in run.table("pairs").to_pylist()}
    whole = [row for row in run.table("curves").to_pylist() if row["mode"] == "score"]
    assert len({row["pair_id"] for row in whole}) == 3
    for row in whole:  # insertion ends, and deletion begins, with both pictures whole
        at = -1 if row["metric"] == "insertion" else 0
        assert row["y"][at] == pytest.approx(scores[row["pair_id"]], abs=1e-5)
    loadings = run.table("global_loadings").to_pylist()
    sides = {side: {row["item_id"] for row in loadings if row["side"] == side} for side in ("left", "right")}
    assert sides["left"] & sides["right"]
    failed = [row for row in run.table("pairs").to_pylist() if row["is_error"]]
    assert run.table("margins").num_rows == len(failed) == 0


def test_people_read_of_queries_and_candidates(visual, tmp_path, call):
    _, run, _, _ = visual
    lines = [*retrieval_lines(run), *count_lines(run), *overview_lines(run)]
    text = "\n".join(lines)
    assert "query to candidate: R@1" in text
    assert "candidate asks, queries answer" in text
    assert "of what query and candidate do together" in text
    for word in ("caption", "photograph"):
        assert word not in text
    pair = run.table("pairs")["pair_id"][0].as_py()
    title, first = match_lines(read_pair(run, pair))[:2]
    assert title.count(".png") == 2
    assert first.startswith("  segment ")
    assert len(choose_shown_pairs(run, image="shapes-3.png")) >= 1  # it stands on the right alone
    status, out, _ = call("show", run.run_id, pair, "--root", run.root, "--out", tmp_path / "pictures")
    assert status == 0
    (picture,) = (tmp_path / "pictures").iterdir()
    assert f"picture: {picture}" in out
    assert Image.open(picture).width == 1320


def test_the_plan_times_pictures_alone(visual, call, tmp_path):
    import yaml

    _, run, _, _ = visual
    spec = tmp_path / "spec.yaml"
    spec.write_text(yaml.safe_dump(dict(run.plan["parameters"]) | {"output": str(tmp_path / "new")}))
    status, out, err = call("plan", spec, "--calibrate", "--set", "blocks.image_batch=8")
    assert status == 0, err
    assert "4 images, 0 texts" in out
    assert " images/s" in out
