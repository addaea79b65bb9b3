"""Tables that stage select writes: subsets of segments."""

from tasks.tables.columns import (
    DIRECTION,
    FLAG,
    ID,
    INT,
    OWN_PAIR,
    PAIR,
    QUERY,
    QUERY_ITEM,
    REAL,
    SEGMENT,
    SIDE,
    TEXT,
    VECTOR,
    Column,
    Reference,
    Table,
)

__all__ = ["TABLES"]

_METHOD = Column("method", TEXT, "smdl, counterfactual or fade")
_BASELINE = Column("baseline", TEXT, "what stood in for removed segments")
_ENCODES = Column(
    "n_encodes", INT, "distinct rows asked for up to here; rows that other searches share count for each"
)
_SELECTION = Column("selection_id", ID, "digest of the selection's parameters")

TABLES = (
    Table(
        "selections",
        "select",
        ("pair_id", "method", "side", "step", "selection_id"),
        "segments in the order in which a search chose them, and what became of the match",
        (
            PAIR,
            _METHOD,
            SIDE,
            Column(
                "step", INT, "0 is the state before: nothing kept (smdl), nothing removed (counterfactual)"
            ),
            Column("segment", INT, "segment kept (smdl) or removed (counterfactual) from this step on"),
            Column("objective", REAL, "smdl: weighted sum of the four parts"),
            Column("confidence", REAL, "smdl: 1 - entropy / log of the candidates, with the chosen kept"),
            Column("effectiveness", REAL, "smdl: sum of the chosen's distances to their nearest chosen"),
            Column("consistency", REAL, "smdl: score with the chosen kept alone"),
            Column("collaboration", REAL, "smdl: 1 - score with the chosen removed"),
            Column("weights", VECTOR, "smdl: of confidence, effectiveness, consistency and collaboration"),
            Column("score", REAL, "of the pair after the step"),
            Column("margin", REAL, "of top1_before after the step: its score minus the best other one"),
            Column("top1_before", ID, "best candidate for the whole item"),
            Column("top1_after", ID, "best candidate after the step"),
            Column("n_candidates", INT, "smdl: among how many the model is confident"),
            Column("n_pool", INT, "among how many top1 is the best"),
            Column("proved", FLAG, "counterfactual: whether encodes prove that no smaller set does it"),
            Column("reason", TEXT, "why nothing was chosen"),
            _ENCODES,
            _BASELINE,
            _SELECTION,
        ),
        references=(
            OWN_PAIR,
            Reference(("top1_before",), "items"),
            Reference(("top1_after",), "items"),
        ),
    ),
    Table(
        "selection_curves",
        "select",
        ("pair_id", "method", "side", "segment", "selection_id"),
        "score of a pair as one segment fades in, all others whole",
        (
            PAIR,
            _METHOD,
            SIDE,
            SEGMENT,
            Column("word", TEXT, "word that the pairs of this selection share, if one was asked for"),
            Column("x", VECTOR, "level of the segment: 0 its baseline, 1 itself"),
            Column("y", VECTOR, "score of the pair at x"),
            _ENCODES,
            _BASELINE,
            _SELECTION,
        ),
        references=(OWN_PAIR,),
    ),
    Table(
        "rank_effects",
        "select",
        ("query_id", "direction", "segment", "selection_id"),
        "rank of the right candidate of a query without one segment of the query",
        (
            QUERY,
            DIRECTION,
            Column("segment", INT, "segment of the query that was removed alone"),
            Column("correct_id", ID, "best candidate, without the segment, that the corpus calls a match"),
            Column("score_correct_before", REAL, "of the best match beside the whole query"),
            Column("score_correct", REAL, "of correct_id without the segment"),
            Column("best_wrong_id", ID, "best candidate, without the segment, that is no match"),
            Column("score_best_wrong", REAL, "of best_wrong_id without the segment"),
            Column("rank_before", INT, "of the best match of the whole query, from 1: R@k counts up to k"),
            Column("rank_after", INT, "of the best match without the segment"),
            Column("is_hit_before", FLAG, "whether the whole query's first candidate is a match (R@1)"),
            Column("is_hit_after", FLAG, "whether the first candidate is a match without the segment"),
            Column("n_pool", INT, "candidates that are ranked: all of the benchmark"),
            _BASELINE,
            _SELECTION,
        ),
        references=(
            QUERY_ITEM,
            Reference(("query_id", "segment"), "segments"),
            Reference(("correct_id",), "items"),
            Reference(("best_wrong_id",), "items"),
        ),
    ),
)
