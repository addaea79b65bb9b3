"""R2 is never said without the best possible one and without the share of the variance that it is of."""

import pytest

from tasks.figures.joint_share import JointShare, percent


def test_r2_stands_between_its_ceiling_and_what_it_is_a_share_of():
    both = "image and caption"
    known = JointShare(0.474, 0.45, 0.52, 0.0412)
    assert known.sentence(both) == (
        "explains 47% of what image and caption do together (best possible 52%), which is 4.1% of how the "
        "score varies when parts are removed"
    )
    assert known.sentence(both, known.by_source).startswith(
        "explains 45% on fresh masks and 47% in closed form of what"
    )


def test_where_the_closed_form_is_unknown_fresh_masks_answer_and_the_unknown_is_named():
    held_out = JointShare(None, -0.2, None, None)
    assert (held_out.explained, held_out.by_source) == (-0.2, "-20% on fresh masks")
    assert "best possible unknown" in held_out.sentence("query and candidate")
    assert "which is unknown of" in held_out.sentence("query and candidate")
    assert JointShare(None, None, 0.5, 0.1).explained is None


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.52, "52%"), (0.0412, "4.1%"), (0.0996, "10%"), (-0.02, "-2.0%"), (0.0, "0%"), (None, "unknown")],
)
def test_small_shares_keep_a_decimal(share, told):
    assert percent(share) == told
