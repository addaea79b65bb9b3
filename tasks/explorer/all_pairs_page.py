"""Questions and picture of the page of every pair (``pairs.all``)."""

from itertools import groupby
from operator import itemgetter

import numpy as np

from tasks.explorer.page_question import PageQuestion
from tasks.figures.canvas import webp_bytes
from tasks.figures.pair_distributions import Distribution, distributions_figure
from tasks.query.database import Database

__all__ = ["ALL_PAIRS", "distributions_picture"]

_MEASURES = {
    "norm": "size of W (root of the sum of squares)",
    "largest": "largest cell",
    "share": "share of the largest cell in sum |W|",
}

ALL_PAIRS = (
    PageQuestion(
        "Joint effect beside score",
        "Share of queries with a match among the first k candidates, all candidates ordered by score and by "
        "joint effect alone (the sum of W), with 95 % intervals over queries; and the share of the first k "
        "that both orders have. The difference of two columns has no interval of its own.",
        """SELECT direction, split_part(quantity, '_at_', 2) AS k,
                  max(mean) FILTER (starts_with(quantity, 'score')) AS "by score",
                  max(mean) FILTER (starts_with(quantity, 'joint')) AS "by joint effect",
                  max(value) FILTER (starts_with(quantity, 'overlap')) AS shared, max(n) AS queries
           FROM (SELECT *, format('{:.3f} ({:.3f} to {:.3f})', value, low, high) AS mean FROM joint_rankings)
           WHERE slice = 'all' AND contains(quantity, '_at_')
           GROUP BY direction, k ORDER BY direction, CAST(k AS INTEGER)""",
    ),
    PageQuestion(
        "Words that raise the score of anything",
        "Mean over all candidates of what the word adds by its cells of W, beside its mean in explained "
        "matches; words of at least three texts. A word that raises every score equally does not help to "
        "tell candidates apart. Means without intervals.",
        """SELECT word, mean_net AS "over all", net_in_matches AS "in matches", specific AS difference,
                  largest_share AS "has largest cell", n_texts AS texts, word_class AS class
           FROM word_totals WHERE n_texts >= 3 ORDER BY mean_net DESC, word LIMIT 30""",
        "word",
    ),
    PageQuestion(
        "Words that tell candidates apart",
        "Words that add most to matches beyond what they add to any candidate; at least three texts.",
        """SELECT word, specific AS difference, net_in_matches AS "in matches", mean_net AS "over all",
                  n_texts AS texts, word_class AS class
           FROM word_totals WHERE n_texts >= 3 AND specific IS NOT NULL
           ORDER BY specific DESC, word LIMIT 30""",
        "word",
    ),
    PageQuestion(
        "Regions that answer anything",
        "Regions that hold the largest cell of most pairs of their image. A region of a large area is "
        "expected to: compare both columns.",
        """SELECT file, region, largest_share AS "has largest cell", area_share AS area,
                  mean_net AS "over all", net_in_matches AS "in matches", label
           FROM region_totals ORDER BY largest_share DESC, file, region LIMIT 30""",
        "q",
    ),
    PageQuestion(
        "Largest cells of the benchmark",
        "Over all pairs, matches or not.",
        """SELECT c.rank, c.weight, coalesce(a.word, CAST(a.segment AS VARCHAR)) AS "left part",
                  coalesce(b.word, CAST(b.segment AS VARCHAR)) AS "right part",
                  coalesce(l.text, l.uri) AS "left item", coalesce(r.text, r.uri) AS "right item"
           FROM top_cells c JOIN items l ON l.item_id = c.left_id JOIN items r ON r.item_id = c.right_id
           JOIN segments a ON a.item_id = c.left_id AND a.segment = c.left_segment
           JOIN segments b ON b.item_id = c.right_id AND b.segment = c.right_segment
           ORDER BY c.rank LIMIT 30""",
    ),
)


def distributions_picture(database: Database) -> bytes:
    """Picture of the sizes of W over all pairs.

    Parameters
    ----------
    database
        Tables of the run.

    Returns
    -------
    bytes
        WebP; empty of a run without such pairs.
    """
    rows = database.query(
        "SELECT measure, relation, low, high, n FROM pair_histograms WHERE slice = 'all' AND low IS NOT NULL "
        "AND high IS NOT NULL ORDER BY measure, relation, low"
    ).read_all()
    if not rows.num_rows:
        return b""
    drawn: dict[str, list[Distribution]] = {title: [] for title in _MEASURES.values()}
    for (measure, relation), own in groupby(rows.to_pylist(), itemgetter("measure", "relation")):
        drawn[_MEASURES[measure]].append(_distribution(relation, list(own)))
    return webp_bytes(distributions_figure(drawn))


def _distribution(relation: str, rows: list[dict[str, float]]) -> Distribution:
    """Bins without a pair have no row: they are put back, so that the line falls to 0 there."""
    edges = sorted({row[name] for row in rows for name in ("low", "high")})
    counts = {row["low"]: row["n"] for row in rows}
    return Distribution(
        relation, np.array(edges), np.array([counts.get(low, 0) for low in edges[:-1]], dtype=float)
    )
