"""Pictures of selections show what was selected.

Proves tasks.figures.selection, tasks.figures.selection_picture.
"""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from tiny_benchmark import explain, make_benchmark, run_of

from flows.actions.show import PairChoice, show_run
from ilime_core.errors import InputError
from tasks.figures.canvas import png_bytes
from tasks.figures.selection import counterfactual_figure, fade_figure, order_figure
from tasks.figures.selection_picture import read_counterfactual, read_fades, read_order

FEW = {"max_image_masks": 16, "max_text_masks": 32, "held_out": {"image": 0, "text": 0}}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two pictures of four quarters, one caption each asked for."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("selection")
    spec = make_benchmark(folder / "corpus", n_images=2).spec(
        folder / "tables",
        segmentation={"image": {"n_segments": 4}},
        perturbation=FEW,
        estimators=["banzhaf"],
        pairs={"retrieved": 0, "errors": False},
        faithfulness={"sample": 0},
        selection={
            "methods": ["smdl", "counterfactual", "fade"],
            "sample": 4,
            "faded": 1,
            "sides": ["left", "right"],
        },
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ILIME_PLUGINS", "planted_plugin")
        return run_of(explain(spec))


def pixels(figure: Figure):
    return np.asarray(Image.open(io.BytesIO(png_bytes(figure))).convert("RGB")).astype(int)


def rows_of(run, method):
    rows = run.table("selections").to_pylist()
    return [row for row in rows if (row["method"], row["side"]) == (method, "left")]


def test_an_order_is_that_of_the_table(run):
    pair_id = rows_of(run, "smdl")[0]["pair_id"]
    steps = sorted(
        (row for row in rows_of(run, "smdl") if row["pair_id"] == pair_id), key=lambda row: row["step"]
    )
    order = read_order(run, pair_id)
    assert order.segments == tuple(row["segment"] for row in steps[1:])
    assert order.kept.tolist() == [row["score"] for row in steps]
    assert order.removed == pytest.approx([1 - row["collaboration"] for row in steps])
    assert order.removed[0] == pytest.approx(order.kept[-1], abs=1e-6)  # nothing removed, all kept
    drawn = order_figure(order)
    lines = drawn.axes[-2].get_lines()
    assert [line.get_ydata().tolist() for line in lines] == [order.kept.tolist(), order.removed.tolist()]
    [told] = [text.get_text() for text in drawn.axes[-1].texts]
    assert told == f"chosen in this order: {', '.join(map(str, order.segments))}"
    badges = {text.get_text() for text in drawn.axes[0].texts}
    assert badges == set(map(str, order.segments))  # the numbers of the table, not places in the order
    assert (pixels(drawn) < 200).any(axis=2).mean() > 0.01


def test_a_counterfactual_names_who_is_found_before_and_after(run):
    texts = {row["item_id"]: row["text"] for row in run.table("items").to_pylist()}
    for pair_id in {row["pair_id"] for row in rows_of(run, "counterfactual")}:
        found = read_counterfactual(run, pair_id)
        told = " ".join(text.get_text() for text in counterfactual_figure(found).axes[-1].texts)
        steps = [row for row in rows_of(run, "counterfactual") if row["pair_id"] == pair_id]
        assert found.before == texts[steps[0]["top1_before"]]
        assert len(found.segments) == len(steps) - 1
        assert found.before[:20] in told
        if found.reason is None:
            assert found.after != found.before
            assert found.after[:20] in told
        else:
            assert found.reason in told


def test_the_mean_curve_is_over_all_pairs(run):
    fades = read_fades(run, "left")
    assert len(fades.curves) == 4
    x, y = fades.mean
    assert y == pytest.approx(np.mean([curve.y for curve in fades.curves], axis=0))
    lines = fade_figure(fades).axes[0].get_lines()
    assert len(lines) == 5
    assert lines[-1].get_ydata().tolist() == y.tolist()
    assert len(read_fades(run, "right").mean[0]) == 2 < len(x)


def test_what_was_not_selected_is_said(run):
    with pytest.raises(InputError, match="pair pnone has no smdl"):
        read_order(run, "pnone")
    with pytest.raises(InputError, match="no curves of the word 'cat' on the left"):
        read_fades(run, "left", "cat")


def test_show_draws_what_was_selected(run, tmp_path, capsys):
    [pair_id] = sorted({row["pair_id"] for row in rows_of(run, "smdl")})[:1]
    assert show_run(run.storage.url, run.run_id, PairChoice(pair_id, html=True), str(tmp_path / "out")) == 0
    said = capsys.readouterr().out
    for method in ("counterfactual", "smdl"):
        drawn = tmp_path / "out" / f"{pair_id[:13]}-{method}.png"
        assert f"picture of {method}: {drawn}" in said
        assert Image.open(drawn).width > 900
    page = tmp_path / "out" / f"{pair_id[:13]}.html"
    assert f"page: {page}" in said
    assert page.read_text().startswith("<!doctype html>")
