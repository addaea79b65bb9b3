"""Numbers of stage select, against brute force on the towers themselves.

Proves tasks.stages.select.candidates, tasks.stages.select.inputs, tasks.stages.select.rows,
tasks.stages.select.select, tasks.stages.select.tables, ilime_core.selection.registry and
ilime_core.selection.subset_selection.
"""

from itertools import combinations

import numpy as np
import planted_plugin
import pytest
import torch
from every import every
from PIL import Image
from selected_runs import WEIGHTS

SIDE = planted_plugin.SIDE


class Quarters:
    """A picture with each quarter there to some level."""

    def __init__(self, path):
        self.tower = planted_plugin.make("cpu", "float32").image
        self.pixels = self.tower.view(Image.open(path).convert("RGB")).pixels.astype(np.float64)

    def embed(self, levels):
        composed, half = self.pixels.copy(), SIDE // 2
        for number, level in enumerate(levels):
            y, x = (half * place for place in divmod(number, 2))
            place = (slice(y, y + half), slice(x, x + half))
            mean = np.rint(self.pixels[place].mean(axis=(0, 1)))
            composed[place] = np.rint(mean + level * (self.pixels[place] - mean))
        rows = torch.from_numpy(composed).permute(2, 0, 1)[None].float() / 255
        return self.tower.encode(rows)[0].double().numpy()

    def kept(self, members):
        return self.embed([float(number in members) for number in range(4)])


def world(corpus, run):
    """Pictures by id, captions' embeddings by id, and which captions are whose."""
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    pictures = {
        n: Quarters(corpus.images / row["uri"]) for n, row in items.items() if row["modality"] == "image"
    }
    texts = {n: np.array(row["embedding"]) for n, row in items.items() if row["modality"] == "text"}
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    own = {n: {row["right_id"] for row in pairs.values() if row["left_id"] == n} for n in pictures}
    return pictures, texts, pairs, own


def steps_of(run, method):
    groups = {}
    for row in run.table("selections").to_pylist():
        if row["method"] == method:
            groups.setdefault(row["pair_id"], []).append(row)
    return {name: sorted(rows, key=lambda row: row["step"]) for name, rows in groups.items()}


def objective(members, picture, answer, candidates):
    alone, without = picture.kept(members), picture.kept(set(range(4)) - set(members))
    logits = 20.0 * candidates @ alone
    p = np.exp(logits - logits.max())
    p /= p.sum()
    unit = [picture.kept({number}) for number in range(4)]
    unit = [one / np.linalg.norm(one) for one in unit]
    angles = [
        min(np.arccos(np.clip(unit[i] @ unit[j], -1, 1)) / np.pi for j in members if j != i)
        for i in members
        if len(members) > 1
    ]
    parts = (1 + (p * np.log(p)).sum() / np.log(len(p)), sum(angles), alone @ answer, 1 - without @ answer)
    return sum(w * part for w, part in zip(WEIGHTS, parts, strict=True)), parts


def test_the_greedy_order_is_that_of_brute_force(corpus, run):
    pictures, texts, pairs, own = world(corpus, run)
    found = steps_of(run, "smdl")
    assert len(found) == 6
    for pair_id, steps in found.items():
        left, right = pairs[pair_id]["left_id"], pairs[pair_id]["right_id"]
        picture, answer = pictures[left], texts[right]
        wrong = sorted(
            (vector for name, vector in texts.items() if name not in own[left]),
            key=lambda vector: -(vector @ picture.kept(range(4))),
        )
        candidates = np.array([answer, *wrong[:3]])
        chosen = []
        for step in steps[1:]:
            values = {
                i: objective([*chosen, i], picture, answer, candidates) for i in range(4) if i not in chosen
            }
            best = max(values, key=lambda i: values[i][0])
            assert step["segment"] == best
            assert step["objective"] == pytest.approx(values[best][0], abs=1e-5)
            got = [step[k] for k in ("confidence", "effectiveness", "consistency", "collaboration")]
            assert got == pytest.approx(list(values[best][1]), abs=1e-5)
            chosen.append(best)
        assert steps[0]["score"] == pytest.approx(picture.kept(()) @ answer, abs=1e-5)
        assert steps[-1]["score"] == pytest.approx(pairs[pair_id]["score"], abs=1e-5)
        assert {tuple(step["weights"]) for step in steps} == {WEIGHTS}
        assert {(step["n_candidates"], step["n_pool"]) for step in steps} == {(4, 6)}


def test_counterfactual_sets_are_the_smallest_there_are(corpus, run):
    pictures, texts, pairs, _ = world(corpus, run)
    names = sorted(texts)
    pool = np.array([texts[name] for name in names])
    found = steps_of(run, "counterfactual")
    assert len(found) == 6
    for pair_id, steps in found.items():
        picture = pictures[pairs[pair_id]["left_id"]]

        def top(gone, picture=picture):
            return names[int((pool @ picture.kept(set(range(4)) - set(gone))).argmax())]

        before = top(())
        flipping = [s for n in range(1, 5) for s in combinations(range(4), n) if top(s) != before]
        gone = [step["segment"] for step in steps[1:]]
        assert {step["top1_before"] for step in steps} == {before}
        assert every(step["proved"] for step in steps)
        assert len(gone) == (len(flipping[0]) if flipping else 0)
        assert steps[-1]["top1_after"] == top(gone)
        assert (steps[0]["reason"] is None) == bool(flipping)
        scores = [picture.kept(set(range(4)) - set(gone[:n])) @ pool.T for n in range(len(gone) + 1)]
        for step, row in zip(steps, scores, strict=True):
            own = row[names.index(before)]
            others = [score for score, name in zip(row, names, strict=True) if name != before]
            assert step["margin"] == pytest.approx(own - max(others), abs=1e-5)


def test_fading_curves_follow_the_pixels(corpus, run):
    pictures, texts, pairs, _ = world(corpus, run)
    rows = run.table("selection_curves").to_pylist()
    assert len(rows) == 12
    for row in rows:
        pair = pairs[row["pair_id"]]
        picture, answer = pictures[pair["left_id"]], texts[pair["right_id"]]
        levels = np.ones((5, 4))
        levels[:, row["segment"]] = np.linspace(0, 1, 5)
        assert row["x"] == pytest.approx([0, 0.25, 0.5, 0.75, 1])
        assert row["y"] == pytest.approx([picture.embed(one) @ answer for one in levels], abs=2e-5)
        assert row["word"] is None


def test_the_strongest_regions_fade(run):
    rows = run.table("main_effects", ["pair_id", "side", "segment", "intact_effect"]).to_pylist()
    curves = run.table("selection_curves", ["pair_id", "segment"]).to_pylist()
    for pair_id in {row["pair_id"] for row in curves}:
        effects = {
            row["segment"]: row["intact_effect"]
            for row in rows
            if (row["pair_id"], row["side"]) == (pair_id, "left")
        }
        strongest = sorted(effects, key=lambda segment: -effects[segment])[:2]
        assert {row["segment"] for row in curves if row["pair_id"] == pair_id} == set(strongest)


def test_a_shared_word_fades_and_so_does_the_region_that_it_matches(run, changed):
    rows = changed("selection_curves", word="BESIDE", sides=["left", "right"], methods=["fade"], sample=9)
    words = {}
    for row in run.table("segments").to_pylist():
        words.setdefault(row["item_id"], {})[row["segment"]] = row["word"]
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    cells = run.table("interactions").to_pylist()
    assert {row["word"] for row in rows} == {"beside"}
    for pair_id in {row["pair_id"] for row in rows}:
        [left], [right] = (
            [row["segment"] for row in rows if (row["pair_id"], row["side"]) == (pair_id, side)]
            for side in ("left", "right")
        )
        assert words[pairs[pair_id]["right_id"]][right] == "beside"
        own = {
            row["left_segment"]: row["weight"]
            for row in cells
            if (row["pair_id"], row["right_segment"]) == (pair_id, right)
        }
        assert left == max(own, key=own.get)
    with_word = [name for name in pairs if "beside" in words[pairs[name]["right_id"]].values()]
    assert sorted({row["pair_id"] for row in rows}) == sorted(with_word)
    assert len(with_word) == 3
