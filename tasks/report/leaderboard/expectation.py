"""Expectations of word maps and of localisation, from the measured joint share of the variance."""

from ilime_core.faithfulness.reported import Group
from tasks.figures.joint_share import percent
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.runs.sides import SideWords

__all__ = [
    "group_note",
]

LITTLE_JOINT = 0.1
"""Share of the score's variance below which segments mostly act by themselves."""

_MAPS = (
    "A map shows with which regions a word works in this model. It does not show that the model knows the"
    " word: a word that it does not know has a map, too."
)


def group_note(board: Leaderboard, group: Group) -> str:
    """Note on influences other than the method, for a group of metrics.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    group
        Group of metrics.

    Returns
    -------
    str
        Sentences; empty where there is nothing to note.
    """
    if group is not Group.LOCALISATION:
        return ""
    found = [
        entry.explanation.mean
        for variant in board.variants("share_cross")
        if (entry := board.entries.get((board.estimators[0], ALL, variant))) is not None
        and entry.explanation is not None
        and entry.explanation.mean is not None
    ]
    said = (
        "Localisation judges the model as well as the method: a word that the model does not know need not"
        " lie anywhere, and where most regions show what a word names, chance is high."
    )
    if found and found[0] < LITTLE_JOINT:
        said += f" On average, {_joint_sentence(found[0], board.sides)}."
    return said


def _joint_sentence(share: float, sides: SideWords) -> str:
    """Clause on the meaning of a small joint share for a matrix."""
    first, second = sides.one_segment
    alone = f"single {first}s and {second}s" if first != second else f"single {first}s"
    return (
        f"{sides.left} and {sides.right} together make {percent(share)} of how the score varies, and"
        f" {alone} make the rest: the matrix is about those {percent(share)} only"
    )
