"""Pairs explained again, on towers so plain that each W is known by hand.

Proves tasks.stages.measure.refit_variations.
"""

import linear_plugin
import numpy as np
import pytest
import torch
from every import every
from PIL import Image
from refit_runs import FEW, PLUGINS, explained, pairs_of, refitted
from scipy.stats import spearmanr

from ilime_core.draws import named_rng
from ilime_core.encoders.randomised import randomise
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.faithfulness.measurement import Control
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.records import Modality
from tasks.process.models import encoder_of
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.refits import RefitParameters
from tasks.stages.measure.refit_budget import most_refit_encodes
from tasks.stages.measure.refits import RefitPair
from tasks.stages.progress import set_listener

COLOUR = (127, 127, 127)
BIG_ENOUGH = 0.02
"""Cells of W are 1e-5: their own rounding in float32 embeddings is a thousandth of that."""


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("ILIME_PLUGINS", PLUGINS)


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    return explained(tmp_path_factory.mktemp("linear"), "linear_plugin:make")


@pytest.fixture
def measure(linear):
    """Measure three pairs of the linear run; values by pair, estimator, metric, mode and control."""
    run, reader = linear

    def measured(*names, pairs=None, **changes):
        encoder = TimedEncoder(encoder_of(run))
        parameters = RefitParameters.model_validate(FEW | changes)
        return refitted(run, encoder, parameters, names, pairs or pairs_of(reader))

    return measured


def by_hand(linear, pair, encoder, change=lambda item_id, pixels: pixels):
    """W of a pair whose towers are linear: what each segment brings to an empty item."""
    run, reader = linear
    items = {row["item_id"]: row for row in reader.table("items").to_pylist()}
    [view] = [row for row in reader.table("views").to_pylist() if row["item_id"] == pair.left_id]
    labels = label_map_from_png(view["label_map"])
    image = Image.open(f"{run.plan.parameters.corpus.images}/{items[pair.left_id]['uri']}").convert("RGB")
    pixels = change(pair.left_id, encoder.image.view(image).pixels)
    grey = np.broadcast_to(np.array(COLOUR, dtype=np.uint8), pixels.shape)
    shown = [grey, *(np.where((labels == k)[:, :, None], pixels, grey) for k in range(labels.max() + 1))]
    batch = torch.from_numpy(np.stack(shown)).permute(0, 3, 1, 2).float() / 255
    words = [
        row["text"]
        for row in sorted(reader.table("segments").to_pylist(), key=lambda row: row["segment"])
        if row["item_id"] == pair.right_id
    ]
    a, b = (
        encoder.image.encode(batch).double(),
        encoder.text.encode(encoder.text.tokenise(["thing", *words])).double(),
    )
    return ((a[1:] - a[0]) @ (b[1:] - b[0]).T).numpy()


def relative(matrix, other):
    return np.linalg.norm(matrix - other) / np.linalg.norm(other)


def test_the_runs_w_is_known_by_hand(linear):
    for pair in pairs_of(linear[1]):
        for weights in pair.weights.values():
            assert relative(weights, by_hand(linear, pair, linear_plugin.make("cpu", ""))) < BIG_ENOUGH


def test_linear_towers_are_stable_under_other_masks(measure):
    values, _ = measure("stability")
    seeds = [value for key, value in values.items() if key[3] == "seed"]
    assert len(seeds) == 3 * 2 * 2
    assert every(value.value > 0.999 and value.n_orders == 2 for value in seeds)


@pytest.mark.parametrize(("metric", "bound"), [("max_sensitivity", 0.2), ("stability", 0.02)])
def test_noise_changes_w_as_it_changes_pixels(linear, measure, metric, bound):
    values, _ = measure(metric)
    encoder = linear_plugin.make("cpu", "")

    for pair in pairs_of(linear[1]):
        drawn = []
        for number in range(3 if metric == "max_sensitivity" else 2):

            def noisy(item_id, pixels, number=number):
                rng = named_rng(0, "noise", item_id, str(number))
                noise = rng.uniform(-1, 1, pixels.shape) * bound
                return np.clip(np.round(pixels + 255 * noise), 0, 255).astype(np.uint8)

            drawn.append(by_hand(linear, pair, encoder, noisy))
        weights = by_hand(linear, pair, encoder)
        if metric == "max_sensitivity":
            wanted = max(relative(one, weights) for one in drawn)
            value = values[pair.pair_id, "banzhaf", metric, "radius", Control.EXPLANATION]
            assert value.value == pytest.approx(wanted, rel=BIG_ENOUGH)
            assert wanted > 0.05
        else:
            wanted = np.mean([np.corrcoef(one.ravel(), weights.ravel())[0, 1] for one in drawn])
            value = values[pair.pair_id, "banzhaf", "stability_pearson", "noise", Control.EXPLANATION]
            assert value.value == pytest.approx(wanted, abs=1e-3)
            assert value.n_orders == 2


def test_random_weights_are_those_of_permuted_tensors(linear, measure):
    values, _ = measure("randomised_weights")
    for pair in pairs_of(linear[1]):
        weights = by_hand(linear, pair, linear_plugin.make("cpu", ""))
        random = [
            randomise(linear_plugin.make("cpu", ""), named_rng(0, "random weights", str(number)))
            for number in range(2)
        ]
        wanted = [abs(spearmanr(weights.ravel(), by_hand(linear, pair, one).ravel())[0]) for one in random]
        value = values[pair.pair_id, "banzhaf", "randomised_weights", "weights", Control.EXPLANATION]
        assert value.value == pytest.approx(np.mean(wanted), abs=0.02)
        chance = values[pair.pair_id, "banzhaf", "randomised_weights", "weights", Control.RANDOM]
        assert 0 < chance.value < 0.5
        assert chance.n_orders == 2 * 20


def test_consistency_compares_with_the_other_model(linear, measure):
    values, _ = measure("consistency", other={"name": "plugin", "factory": "linear_plugin:other"})
    for pair in pairs_of(linear[1]):
        weights = by_hand(linear, pair, linear_plugin.make("cpu", ""))
        other = by_hand(linear, pair, linear_plugin.other("cpu", ""))
        value = values[pair.pair_id, "banzhaf", "consistency", "model", Control.EXPLANATION]
        assert value.value == pytest.approx(spearmanr(weights.ravel(), other.ravel())[0], abs=0.02)
    same, _ = measure("consistency", other={"name": "plugin", "factory": "linear_plugin:make"})
    assert every(value.value > 0.999 for value in same.values())


def test_what_another_model_fails_on_has_no_value(linear, measure):
    values, _ = measure("consistency", other={"name": "plugin", "factory": "linear_plugin:torn"})
    texts = {row["item_id"]: row["text"] for row in linear[1].table("items").to_pylist()}
    known = [
        values[p.pair_id, "banzhaf", "consistency", "model", Control.EXPLANATION] for p in pairs_of(linear[1])
    ]
    broken = [texts[pair.right_id].endswith("of 4") for pair in pairs_of(linear[1])]
    assert [value.value is None for value in known] == broken
    assert any(broken)
    assert not all(broken)


def test_a_seed_whose_masks_do_not_serve_is_left_out(linear, measure, monkeypatch):
    [first, *others] = pairs_of(linear[1])
    items = {row["item_id"]: row for row in linear[1].table("items").to_pylist()}
    bad = int(named_rng(0, "other masks", "1").integers(2**62))
    own = MaskDraw.draw

    def draw(self, sha256, n_segments, neighbours=None):
        if self.seed == bad and sha256 == items[first.left_id]["sha256"]:
            raise RankDeficientError("these masks depend on each other")
        return own(self, sha256, n_segments, neighbours)

    monkeypatch.setattr(MaskDraw, "draw", draw)
    values, _ = measure("stability")
    seeds = {key[0]: value.n_orders for key, value in values.items() if key[3] == "seed"}
    assert seeds[first.pair_id] == 1
    assert {pair.pair_id: seeds[pair.pair_id] for pair in others} == {
        pair.pair_id: 1 if pair.left_id == first.left_id else 2 for pair in others
    }
    assert 2 in seeds.values()


CROPPED = {"name": "plugin", "factory": "linear_plugin:cropped"}


@pytest.mark.parametrize(
    ("names", "changes", "message"),
    [
        (["consistency"], {}, "name it as faithfulness.refits.other"),
        (
            ["consistency"],
            {"other": {"name": "plugin", "factory": "linear_plugin:cropped"}},
            "the other model sees",
        ),
        (["stabilty"], {}, "did you mean 'stability'"),
        (
            ["consistency"],
            {"other": {"name": "plugin", "factory": "linear_plugin:other", "device": "cuda"}},
            "CUDA|must be auto or the run's cpu",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(measure, names, changes, message):
    with pytest.raises(InputError, match=message):
        measure(*names, **changes)


EVERY = ("stability", "max_sensitivity", "randomised_weights", "consistency")
OTHER = {"name": "plugin", "factory": "linear_plugin:other"}


def test_towers_see_what_is_counted_and_never_more_than_was_foreseen(linear, measure):
    run, reader = linear
    measure("consistency", other=OTHER)
    told = {}
    n_items = {
        side: len({getattr(pair, f"{side}_id") for pair in pairs_of(reader)}) for side in ("left", "right")
    }
    n_words = max(pair.weights["banzhaf"].shape[1] for pair in pairs_of(reader))
    draws = [MaskDraw.of(modality, run.plan.parameters) for modality in Modality]
    parameters = RefitParameters.model_validate(FEW | {"other": OTHER})
    for name in EVERY:
        before = dict(linear_plugin.rows)
        told.update(images=0, texts=0)
        set_listener(lambda _stage, n, unit: told.update({unit: told[unit] + n}))
        _, result = measure(name, other=OTHER)
        set_listener(None)
        images, texts = result.encodes.image_encodes, result.encodes.text_encodes
        built = {"randomised_weights": 2, "consistency": 1}.get(
            name, 0
        )  # then a picture and three texts are tried
        assert linear_plugin.rows["image"] - before["image"] == images + built
        assert linear_plugin.rows["text"] - before["text"] == texts + 3 * built
        assert told == {"images": images, "texts": texts}
        most = [
            most_refit_encodes(parameters, [name], draw, n_segments)
            for draw, n_segments in zip(draws, (9, n_words), strict=True)
        ]
        assert 0.9 * n_items["left"] * most[0] < images <= n_items["left"] * most[0]
        assert texts <= n_items["right"] * most[1]
        # All coalitions of texts were encoded by score, and noise does not reach them.
        assert (texts == 0) == (name in ("stability", "max_sensitivity"))


@pytest.mark.parametrize(
    ("name", "mode", "field", "value"),
    [
        ("stability", "seed", "seeds", 3),
        ("stability", "noise", "noise_draws", 3),
        ("stability", "noise", "noise", 0.1),
        ("max_sensitivity", "radius", "sensitivity_draws", 9),
        ("max_sensitivity", "radius", "sensitivity_radius", 0.4),
        ("randomised_weights", "weights", "random_models", 3),
        ("consistency", "model", "other", {"name": "plugin", "factory": "linear_plugin:make"}),
    ],
)
def test_every_parameter_moves_its_metric_alone(measure, name, mode, field, value):
    before, _ = measure(name, other=OTHER)
    after, _ = measure(name, **{"other": OTHER, field: value})
    moved = {key[3] for key, one in before.items() if after[key] != one}
    assert moved - {"none"} == {mode}


def test_the_same_seed_gives_the_same_bits(measure):
    assert measure(*EVERY, other=OTHER)[0] == measure(*EVERY, other=OTHER)[0]


def test_pairs_do_not_see_each_other(linear, measure):
    """Batches of one row: what else is in the block cannot matter."""
    pairs = pairs_of(linear[1])
    together, _ = measure("stability", "randomised_weights", pairs=pairs)
    alone, _ = measure("stability", "randomised_weights", pairs=pairs[:1])
    assert {key: together[key] for key in alone} == alone


def test_estimators_that_are_not_measured_cost_nothing(linear, measure):
    every, whole = measure("stability")
    one, part = measure("stability", pairs=pairs_of(linear[1], estimators=("banzhaf",)))
    assert {key for key in every if key[1] == "banzhaf"} == one.keys()
    assert part.encodes.image_encodes < whole.encodes.image_encodes
    for key, value in one.items():
        assert value.value == pytest.approx(every[key].value, abs=1e-9)


def test_nothing_is_encoded_for_pairs_of_opaque_estimators(linear, measure):
    [pair] = pairs_of(linear[1], n=1)
    pair = RefitPair(pair.pair_id, pair.left_id, pair.right_id, {"grid": pair.weights["banzhaf"]})
    values, result = measure("stability", pairs=[pair])
    assert values == {}
    assert (result.encodes.image_encodes, result.encodes.text_encodes) == (0, 0)
