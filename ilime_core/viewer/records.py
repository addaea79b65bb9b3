"""Records that the viewer reads: an item, and a pair of items. JSON; viewer.js has the same types.

Numbers of segments are those of the tables, from 0. Ids are whole ids. Texts are as they are: the viewer
writes them as text, never as HTML.
"""

from typing import Literal, TypedDict

from ilime_core.viewer.packing import PackedLabels, PackedReals

__all__ = [
    "AnswerRecord",
    "CurveRecord",
    "FactorRecord",
    "FitRecord",
    "ImageRecord",
    "ItemRecord",
    "MarginRecord",
    "PairRecord",
    "RegionRecord",
    "SelectionRecord",
    "TextRecord",
    "WordRecord",
]


class RegionRecord(TypedDict):
    """A region of an image."""

    label: str | None
    """What the corpus calls it, where it does."""
    place: str
    """Ninth of the photograph, such as "upper left"."""
    share: float
    """Share of the model's view, from 0 to 1."""


class WordRecord(TypedDict):
    """An explained span of a text, in code points (JavaScript counts UTF-16 units: take care)."""

    start: int
    end: int
    word_class: str | None


class AnswerRecord(TypedDict):
    """A candidate that the model prefers for an item as a query, best first."""

    item_id: str
    title: str
    """File name or text of the candidate."""
    score: float
    relevant: bool
    pair_id: str | None
    """The pair of both, where it was explained."""


class ImageRecord(TypedDict):
    """A photograph with its regions."""

    kind: Literal["image"]
    item_id: str
    title: str
    photo: str
    """Address below the page, or a data URL; empty where the photograph is not to be had."""
    problem: str
    """Reason why there is none; empty where there is one."""
    seen: float
    """Share of the photograph that the model sees, from 0 to 1."""
    labels: PackedLabels
    """Label map of the whole upright photograph, in any size of about its proportions."""
    regions: list[RegionRecord]
    tags: dict[str, str]
    answers: list[AnswerRecord]


class TextRecord(TypedDict):
    """A text with its words."""

    kind: Literal["text"]
    item_id: str
    text: str
    words: list[WordRecord]
    """Those that the model sees, in reading order."""
    n_truncated: int
    """Words beyond the model's context."""
    tags: dict[str, str]
    answers: list[AnswerRecord]


ItemRecord = ImageRecord | TextRecord


class FitRecord(TypedDict):
    """Columns of the table ``fits`` of these names; None where unknown."""

    r2_cross: float | None
    r2_cross_ceiling: float | None
    r2_cross_held_out: float | None
    share_cross: float | None
    share_certain: float | None
    p_none: float | None
    split_half_error: float | None


class FactorRecord(TypedDict):
    """A singular component of W."""

    strength: float
    energy: float
    """Share of the squared strengths."""
    gap: float
    """Strength minus the next one."""
    left: PackedReals
    right: PackedReals


class MarginRecord(TypedDict):
    """A correct beside a wrong candidate of one query; effects below 0 favour the wrong one."""

    reason: str
    """``error``, ``contrast`` or ``listed``."""
    direction: str
    margin: float
    query: str
    """Item id."""
    correct: str
    wrong: str
    correct_pair: str
    wrong_pair: str
    effects: dict[str, PackedReals]
    """By ``query``, ``correct`` and ``wrong``; one value a segment."""
    errors: dict[str, PackedReals]
    """Standard errors of the effects; NaN where unknown."""
    remainders: dict[str, float | None]
    """Part of the margin that segments do not account for, by ``query`` and ``candidates``."""
    exceeds: dict[str, bool]
    """True where the remainder is larger than the margin: the segments do not explain it."""


class CurveRecord(TypedDict):
    """A curve of a faithfulness measurement."""

    metric: str
    mode: str
    side: str
    """``both``, ``left`` or ``right``."""
    control: str
    x: PackedReals
    y: PackedReals


class SelectionRecord(TypedDict):
    """Segments in the order in which a search chose them (table ``selections``)."""

    method: str
    side: str
    segments: list[int]
    scores: PackedReals
    """Score of the pair before the first and after each step."""
    reason: str | None
    """Why nothing was chosen."""


class PairRecord(TypedDict):
    """A pair and its explanation by one estimator."""

    pair_id: str
    left_id: str
    right_id: str
    estimator: str
    relation: str
    """As in table ``pairs``; empty of a pair of no corpus."""
    is_positive: bool
    is_error: bool
    score: float
    rank_of_right: int | None
    """Among the left item's candidates."""
    rank_of_left: int | None
    shape: list[int]
    """Segments of the left and of the right item."""
    weights: PackedReals
    """W, row by row."""
    errors: PackedReals
    """Standard errors of W; NaN where unknown."""
    p_values: PackedReals
    """Two-sided, each cell by itself; NaN where nothing is tested."""
    left_effects: PackedReals
    """Effects of the left segments with the right item whole."""
    right_effects: PackedReals
    left_half_widths: PackedReals
    """Halves of the 95 % intervals of these effects; NaN where unknown."""
    right_half_widths: PackedReals
    fit: FitRecord
    verdict: str
    """``usable``, ``doubtful`` or ``no``, as in the view ``trust``; empty where none was given."""
    reasons: list[str]
    """Reasons of the verdict and other warnings, a sentence each."""
    factors: list[FactorRecord]
    margins: list[MarginRecord]
    curves: list[CurveRecord]
    selections: list[SelectionRecord]
