"""Views by name, each after those that it reads, and the variables that they read."""

from tasks.query.view import View
from tasks.query.views.edited_captions import EDITED_CAPTIONS
from tasks.query.views.effects import (
    EFFECT_BY_POSITION,
    IGNORED_WORDS,
    REGION_EFFECTS,
    SINGLE_REGION,
    WORD_EFFECTS,
)
from tasks.query.views.factor_loadings import FACTOR_LOADINGS
from tasks.query.views.matches import MATCHES
from tasks.query.views.model_delta import MODEL_DELTA
from tasks.query.views.named_pairs import NAMED_PAIRS
from tasks.query.views.retrieval_errors import HUBS, RANK_CHANGES, RETRIEVAL_ERRORS
from tasks.query.views.segment_totals import REGION_TOTALS, WORD_TOTALS
from tasks.query.views.slices import SLICES
from tasks.query.views.trust import TRUST
from tasks.query.views.word_classes import WORD_CLASSES_VIEW
from tasks.tables import TABLES, Table
from tasks.tables.comparisons import STORED_COMPARISONS

__all__ = ["RELATIONS", "THRESHOLDS", "VIEWS"]

VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        NAMED_PAIRS,
        TRUST,
        MATCHES,
        WORD_EFFECTS,
        REGION_EFFECTS,
        IGNORED_WORDS,
        SINGLE_REGION,
        EFFECT_BY_POSITION,
        FACTOR_LOADINGS,
        RETRIEVAL_ERRORS,
        RANK_CHANGES,
        MODEL_DELTA,
        EDITED_CAPTIONS,
        HUBS,
        WORD_CLASSES_VIEW,
        SLICES,
        WORD_TOTALS,
        REGION_TOTALS,
    )
}

RELATIONS: dict[str, Table | View] = TABLES | {STORED_COMPARISONS.name: STORED_COMPARISONS} | VIEWS
"""Tables of runs, the table of comparisons, which lies apart from them, and views."""

THRESHOLDS = {
    "low_r2": "trust: r2_cross below it says no; 0.25",
    "high_split": "trust: split_half_error above it is a doubt; 0.5",
    "low_seen": "trust: a smaller share of the item seen is a doubt; 0.8",
    "ignored_share": "ignored_words: of the strongest word's effect; 0.1",
    "single_share": "single_region: of the positive effects; 0.5",
}
"""Variables of the views that can be set, with the view that reads each, what it does and its default."""
