"""What is said under a pair's matches: R2, clear weights, and a warning for each reason to doubt them."""

from dataclasses import replace

import pytest

from tasks.report.matches import read_matches
from tasks.report.pair_trust import trust_lines
from tasks.report.terminal import match_lines

SEGMENTS = 4


class Rows:
    """Answers with planted rows where a test plants some, else as the run does."""

    def __init__(self, run, **planted):
        self._run, self._planted = run, planted

    def __getattr__(self, name):
        return getattr(self._run, name)

    def table(self, name, columns=None, filter=None):  # noqa: A002
        import pyarrow as pa

        found = self._run.table(name, columns, filter)
        if name not in self._planted:
            return found
        rows = [{column: row.get(column) for column in columns} for row in self._planted[name]]
        return pa.Table.from_pylist(rows, schema=found.schema)


def said(pictured, **planted):
    matches = read_matches(pictured.run, [pictured.good], "banzhaf")[pictured.good]
    return trust_lines(Rows(pictured.run, **planted), pictured.good, matches, "--masks")


def test_r2_and_clear_weights_stand_under_the_matches(pictured):
    r2, clear = match_lines(pictured.run, pictured.good)[-2:]
    assert r2 == (
        "the matrix explains 40% in closed form of what image and caption do together (best possible 44%), "
        "which is 10% of how the score varies when parts are removed (R2)"
    )
    assert clear == (
        "1 of 32 weights differ from 0, each by itself at 5%, where noise alone makes about 2; "
        "1 after correction for their number"
    )


def test_what_fresh_masks_say_comes_first_and_decides(pictured):
    lines = said(pictured, fits=[{"r2_cross_held_out": 0.2, "r2_cross": 0.4, "share_cross": 0.0412}])
    both = "of what image and caption do together"
    assert lines[0] == (
        f"the matrix explains 20% on fresh masks and 40% in closed form {both} (best possible unknown), "
        "which is 4.1% of how the score varies when parts are removed (R2)"
    )
    [warning] = [line for line in lines if line.startswith("warning: ")]
    assert warning.startswith(f"warning: the matrix explains less than 25% {both}")
    assert warning.endswith("try more masks (--masks) or fewer, larger segments")
    assert said(pictured, fits=[{}])[0].startswith("warning: R2 is unknown")
    # No number of masks helps where no matrix could explain more.
    lines = said(pictured, fits=[{"r2_cross": 0.09, "r2_cross_ceiling": 0.11, "share_cross": 0.2}])
    [warning] = [line for line in lines if line.startswith("warning: ")]
    assert warning.startswith(f"warning: no matrix explains more than 11% {both}")


@pytest.mark.parametrize(
    ("row", "warned"),
    [
        ({"n_masks": 3 * SEGMENTS - 1, "sampled": True}, True),
        ({"n_masks": 3 * SEGMENTS, "sampled": True}, False),
        ({"n_masks": SEGMENTS, "sampled": False}, False),  # all coalitions
    ],
)
def test_few_masks_for_the_segments_of_an_item_are_warned_of(pictured, row, warned):
    views = [{"n_segments": SEGMENTS}]
    lines = said(pictured, item_fits=[row], views=views)
    expected = f"warning: {row['n_masks']} masks for the 4 segments of the image are few"
    assert any(line.startswith(expected) and line.endswith("raise --masks") for line in lines) == warned


def test_weights_that_are_all_within_their_errors_are_warned_of(pictured):
    matches = read_matches(pictured.run, [pictured.good], "banzhaf")[pictured.good]
    vague = [replace(match, p_value=0.06) for match in matches]
    lines = trust_lines(pictured.run, pictured.good, vague, "--masks")
    noise = "where noise alone makes about 2; 0 after correction for their number"
    assert lines[1] == f"0 of 32 weights differ from 0, each by itself at 5%, {noise}"
    assert lines[2].startswith("warning: no weight differs from 0 at 5%")
    alone = [replace(matches[0], p_value=0.01), *vague[1:]]
    lines = trust_lines(pictured.run, pictured.good, alone, "--masks")
    assert lines[1:] == [f"1 of 32 weights differ from 0, each by itself at 5%, {noise}"]
    unknown = [replace(match, p_value=None) for match in matches]
    assert trust_lines(pictured.run, pictured.good, unknown, "--masks")[1:] == [
        "no weight has an estimated error: masks are too few, or nothing was drawn"
    ]


def test_nothing_is_tested_with_errors_that_leave_something_out(pictured, monkeypatch):
    matches = read_matches(pictured.run, [pictured.good], "banzhaf")[pictured.good]
    untested = [replace(match, p_value=None) for match in matches]
    monkeypatch.setattr("tasks.report.pair_trust.errors_leave_out", {"banzhaf": "a bias"}.__getitem__)
    assert trust_lines(pictured.run, pictured.good, untested, "--masks")[1:] == [
        "standard errors are of the sampling alone and leave out a bias: no weight is tested"
    ]
