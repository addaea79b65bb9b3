"""What is said under a pair's matches: R2, clear weights, and a warning for each reason to doubt them."""

from dataclasses import replace

import numpy as np
import pytest

from tasks.figures.joint_share import JointShare
from tasks.figures.pair_picture import read_pair
from tasks.report.pair_trust import trust_lines
from tasks.report.terminal import match_lines


@pytest.fixture
def good(pictured):
    return read_pair(pictured.run, pictured.good)


def test_r2_and_clear_weights_stand_under_the_matches(good):
    r2, clear = match_lines(good)[-2:]
    assert r2 == (
        "the matrix explains 40% in closed form of what image and caption do together (best possible 44%), "
        "which is 10% of how the score varies when parts are removed (R2)"
    )
    assert clear == (
        "1 of 32 weights differ from 0, each by itself at 5%, where noise alone makes about 2; "
        "1 after correction for their number"
    )


def test_what_fresh_masks_say_comes_first_and_decides(good):
    lines = trust_lines(replace(good, joint=JointShare(0.4, 0.2, None, 0.0412)), "--masks")
    both = "of what image and caption do together"
    assert lines[0] == (
        f"the matrix explains 20% on fresh masks and 40% in closed form {both} (best possible unknown), "
        "which is 4.1% of how the score varies when parts are removed (R2)"
    )
    [warning] = [line for line in lines if line.startswith("warning: ")]
    assert warning.startswith(f"warning: the matrix explains less than 25% {both}")
    assert warning.endswith("try more masks (--masks) or fewer, larger segments")
    unknown = replace(good, joint=JointShare(None, None, None, None))
    assert trust_lines(unknown, "--masks")[0].startswith("warning: R2 is unknown")
    # No number of masks helps where no matrix could explain more.
    lines = trust_lines(replace(good, joint=JointShare(0.09, None, 0.11, 0.2)), "--masks")
    [warning] = [line for line in lines if line.startswith("warning: ")]
    assert warning.startswith(f"warning: no matrix explains more than 11% {both}")


@pytest.mark.parametrize(
    ("sampled", "warned"),
    [
        ((11, None), "warning: 11 masks for the 4 segments of the image are few"),
        ((12, 24), ""),
        ((None, 23), "warning: 23 masks for the 8 segments of the caption are few"),
        ((None, None), ""),  # all coalitions
    ],
)
def test_few_masks_for_the_segments_of_an_item_are_warned_of(good, sampled, warned):
    warnings = [line for line in trust_lines(replace(good, sampled=sampled), "--masks") if "few" in line]
    assert len(warnings) == bool(warned)
    right = [line for line in warnings if line.startswith(warned) and "; raise --masks to " in line]
    assert right == warnings
    ends = ["to 12 or more" if "image" in line else "to 24 or more" for line in warnings]
    assert [line[-len(end) :] for line, end in zip(warnings, ends, strict=True)] == ends


def test_masks_of_an_item_are_read_where_they_were_drawn(tmp_path, commit_run, planted):
    def change(tables):
        image = next(row["item_id"] for row in tables["items"] if row["modality"] == "image")
        fit = {"item_id": image, "n_masks": 11}
        tables["item_fits"] += [
            fit | {"estimator": "banzhaf", "sampled": True},
            fit | {"estimator": "occlusion", "sampled": True, "n_masks": 4},
        ]
        tables["item_fits"] += [
            {"item_id": row["item_id"], "n_masks": 8, "estimator": "banzhaf", "sampled": False}
            for row in tables["items"]
            if row["modality"] == "text"
        ]

    made = planted.make(tmp_path, commit_run, change)
    assert read_pair(made.run, made.good).sampled == (11, None)


def test_weights_that_are_all_within_their_errors_are_warned_of(good):
    vague = np.full_like(good.p_values, 0.06)
    lines = trust_lines(replace(good, p_values=vague), "--masks")
    noise = "where noise alone makes about 2; 0 after correction for their number"
    assert lines[1] == f"0 of 32 weights differ from 0, each by itself at 5%, {noise}"
    assert lines[2].startswith("warning: no weight differs from 0 at 5%")
    alone = vague.copy()
    alone[0, 0] = 0.01
    lines = trust_lines(replace(good, p_values=alone), "--masks")
    assert lines[1:] == [f"1 of 32 weights differ from 0, each by itself at 5%, {noise}"]
    assert trust_lines(replace(good, p_values=np.full_like(vague, np.nan)), "--masks")[1:] == [
        "no weight has an estimated error: masks are too few, or nothing was drawn"
    ]


def test_nothing_is_tested_with_errors_that_leave_something_out(good, monkeypatch):
    untested = replace(good, p_values=np.full_like(good.p_values, np.nan))
    monkeypatch.setattr("tasks.report.pair_trust.errors_leave_out", {"banzhaf": "a bias"}.__getitem__)
    assert trust_lines(untested, "--masks")[1:] == [
        "standard errors are of the sampling alone and leave out a bias: no weight is tested"
    ]
