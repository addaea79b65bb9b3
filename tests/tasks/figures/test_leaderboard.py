"""Dots lie where means are, and every method keeps its row."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from tasks.figures.canvas import png_bytes, webp_bytes
from tasks.figures.leaderboard import Dot, MetricPanel, leaderboard_figure

SCORES = MetricPanel(
    "insertion, score",
    "higher",
    (Dot("banzhaf", 0.8, 0.7, 0.9, 0.5, 0.6), Dot("occlusion", 0.2, 0.1, 0.3, 0.5, None)),
)
COSTS = MetricPanel("cost", "lower", (Dot("banzhaf", 258.0), Dot("occlusion", 2.0)), is_count=True)


def frames(figure):
    """Axes with values: one a panel."""
    return [axes for axes in figure.axes if axes.axison]


def lines(axes, marker):
    return [line for line in axes.lines if line.get_marker() == marker]


def test_every_mark_lies_at_its_value_in_the_row_of_its_method():
    [axes] = frames(leaderboard_figure([SCORES]))
    dots = [(float(line.get_xdata()[0]), round(float(line.get_ydata()[0]))) for line in lines(axes, "o")]
    assert dots == [(0.8, 0), (0.2, 1)]
    [linear] = lines(axes, "D")
    assert (linear.get_xdata()[0], round(linear.get_ydata()[0])) == (0.6, 0)
    spans = [tuple(map(float, line.get_xdata())) for line in axes.lines if line.get_linestyle() == "-"]
    assert (0.7, 0.9) in spans
    assert (0.1, 0.3) in spans
    assert spans.count((0.5, 0.5)) == 2
    low, high = axes.get_xlim()
    assert low < 0.1
    assert high > 0.9


def test_the_linear_mark_never_hides_the_dot():
    same = MetricPanel("m", "higher", (Dot("a", 0.5, None, None, None, 0.5),))
    [axes] = frames(leaderboard_figure([same]))
    [dot], [diamond] = lines(axes, "o"), lines(axes, "D")
    assert diamond.get_ydata()[0] - dot.get_ydata()[0] > 0.3


def test_methods_keep_their_rows_in_every_panel():
    other = MetricPanel("deletion", "lower", (Dot("late", 0.1), Dot("occlusion", 0.3)))
    figure = leaderboard_figure([SCORES, other])
    rows = [[round(float(line.get_ydata()[0])) for line in lines(axes, "o")] for axes in frames(figure)]
    assert rows == [[0, 1], [2, 1]]
    names = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [name for name in names if name in {"banzhaf", "occlusion", "late"}] == [
        "banzhaf",
        "occlusion",
        "late",
    ]
    assert "lower is better" in names
    ordered = leaderboard_figure([SCORES, other], ["absent", "late", "occlusion"])
    names = [text.get_text() for axes in ordered.axes for text in axes.texts]
    assert [name for name in names if name in {"banzhaf", "occlusion", "late", "absent"}] == [
        "late",
        "occlusion",
        "banzhaf",
    ]


def test_counts_are_written_and_logarithmic_where_they_differ_much():
    [axes] = frames(leaderboard_figure([COSTS]))
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.texts] == ["258", "2"]
    near = dataclasses.replace(COSTS, dots=(Dot("banzhaf", 258.0), Dot("occlusion", 100.0)))
    [axes] = frames(leaderboard_figure([near]))
    assert axes.get_xscale() == "linear"
    assert axes.get_xlim()[0] == 0


def test_the_legend_names_only_what_is_drawn():
    def legend(panel):
        return [text.get_text() for text in leaderboard_figure([panel]).axes[0].texts]

    assert legend(SCORES) == ["explanation, with 95 % interval", "linear surrogate (main effects)", "chance"]
    assert legend(COSTS) == ["mean"]
    few = dataclasses.replace(SCORES, dots=(dataclasses.replace(SCORES.dots[0], is_few=True), SCORES.dots[1]))
    assert legend(few)[-1] == "too few items"
    [axes] = frames(leaderboard_figure([few]))
    grounds = [line.get_markerfacecolor() for line in axes.get_lines() if line.get_marker() == "o"]
    assert grounds == ["white", "#0072B2"]


def test_the_longest_legend_beside_the_longest_name_stays_inside():
    dots = (
        Dot("sliding_block_occlusion", 0.8, 0.7, 0.9, 0.5, 0.6, is_best=True),
        Dot("kernel_shapley_taylor", 0.2, 0.1, 0.3, 0.5, 0.4, is_few=True),
    )
    figure = leaderboard_figure([dataclasses.replace(SCORES, dots=dots)] * 3)
    last = figure.axes[0].texts[-1]
    assert last.get_text() == "no other method is better"
    assert last.get_window_extent().x1 < figure.bbox.x1


def test_rows_of_the_best_are_shaded():
    best = dataclasses.replace(
        SCORES, dots=(dataclasses.replace(SCORES.dots[0], is_best=True), SCORES.dots[1])
    )
    figure = leaderboard_figure([SCORES, best])
    assert [len(axes.patches) for axes in frames(figure)] == [0, 1]
    [patch] = frames(figure)[1].patches
    assert (patch.get_y(), patch.get_y() + patch.get_height()) == (-0.46, 0.46)
    assert figure.axes[0].texts[-1].get_text() == "no other method is better"
    assert leaderboard_figure([SCORES]).axes[0].texts[-1].get_text() == "chance"


def test_what_has_no_value_is_said():
    [axes] = frames(leaderboard_figure([MetricPanel("m", "higher", (Dot("a", None),))]))
    assert [text.get_text() for text in axes.texts] == ["not known"]


@pytest.mark.parametrize("n_panels", [1, 2, 3, 4, 7])
def test_no_two_panels_overlap_and_all_lie_inside(n_panels):
    figure = leaderboard_figure([SCORES] * n_panels)
    boxes = [axes.get_position() for axes in frames(figure)]
    assert len(boxes) == n_panels
    for place, one in enumerate(boxes):
        assert 0 <= one.x0 < one.x1 <= 1
        assert 0 <= one.y0 < one.y1 <= 1
        for other in boxes[place + 1 :]:
            assert one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0


def test_equal_panels_give_equal_bytes_and_other_values_others():
    assert webp_bytes(leaderboard_figure([SCORES])) == webp_bytes(leaderboard_figure([SCORES]))
    moved = dataclasses.replace(SCORES, dots=(Dot("banzhaf", 0.81, 0.7, 0.9, 0.5, 0.6), SCORES.dots[1]))
    assert webp_bytes(leaderboard_figure([SCORES])) != webp_bytes(leaderboard_figure([moved]))


def test_marks_differ_by_brightness_and_not_only_by_hue():
    drawn = np.asarray(Image.open(io.BytesIO(png_bytes(leaderboard_figure([SCORES])))).convert("RGB")).astype(
        int
    )
    blue = (np.abs(drawn - (0, 114, 178)).sum(axis=2) < 30).sum()
    grey = (np.abs(drawn - (154, 154, 154)).sum(axis=2) < 15).sum()
    assert blue > 100
    assert grey > 50
