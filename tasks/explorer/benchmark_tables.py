"""Pages of the whole benchmark that are tables: words, hubs, slices, every pair, a comparison of two runs."""

from dataclasses import dataclass, replace

from tasks.explorer.all_pairs_page import ALL_PAIRS, distributions_picture
from tasks.explorer.page_question import PageQuestion
from tasks.query.database import Database
from tasks.runs.run import Run

__all__ = ["BenchmarkTable", "TablePart", "benchmark_tables"]


@dataclass(frozen=True, slots=True)
class TablePart:
    """One table of a page."""

    title: str
    meaning: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    filter: str
    """Filter of the gallery that the first cell of a row opens, such as ``word``; empty for none."""


@dataclass(frozen=True, slots=True)
class BenchmarkTable:
    """A page."""

    file: str
    title: str
    lead: str
    parts: tuple[TablePart, ...]
    picture: bytes = b""
    """WebP above the tables; empty for none."""
    picture_says: str = ""
    """What the picture shows, for those who do not see it."""


_ALL_PAIRS = "all-pairs.html"

_PAGES = {
    ("words.html", "Words", "Which words move the score, and which hardly do."): (
        PageQuestion(
            "Classes of words",
            "Share of the joint effect (the sum of |W|) of each class in matching pairs, with its 95 % "
            "interval, beside its share of the words. Noise of the masks is in both: compare a class with "
            "function words.",
            """SELECT word_class AS class, mass_share AS share,
                      mass_share_low AS low, mass_share_high AS high,
                      word_share AS "share of words", n_words AS words, n_pairs AS pairs
               FROM word_classes WHERE relation = 'positive' AND slice = 'all' ORDER BY mass_share DESC""",
            "class",
        ),
        PageQuestion(
            "Decisive words",
            "Mean effect in matching pairs, the other item whole, of words in at least three of them; the "
            "largest magnitudes. Means of many words without intervals: open the pairs before you rely on "
            "one.",
            """SELECT word, avg(effect) AS "mean effect", count(DISTINCT pair_id) AS pairs,
                      any_value(word_class) AS class
               FROM word_effects WHERE is_positive GROUP BY word HAVING count(DISTINCT pair_id) >= 3
               ORDER BY abs(avg(effect)) DESC, word LIMIT 40""",
            "word",
        ),
        PageQuestion(
            "Ignored words",
            "How often a word of matching pairs has an effect below a tenth of the strongest word's, with "
            "its whole 95 % interval, of all its places in them. Elsewhere it moves the score, or its "
            "interval is too wide to say so.",
            """SELECT word, ignored, places AS "of places", class FROM (
                 SELECT word, count(*) AS ignored FROM ignored_words WHERE is_positive GROUP BY word
               ) JOIN (
                 SELECT word, count(*) AS places, any_value(word_class) AS class
                 FROM word_effects WHERE is_positive GROUP BY word
               ) USING (word) ORDER BY ignored DESC, word LIMIT 40""",
            "word",
        ),
    ),
    ("hubs.html", "Hubs", "Candidates that come up for many queries, whatever is asked."): (
        PageQuestion(
            "Hubs",
            "Queries that have the candidate among their first ten, beside the number if all came up alike.",
            """SELECT candidate, direction, n_queries AS queries, expected, ratio FROM hubs
               WHERE ratio > 1 ORDER BY direction, rank LIMIT 60""",
            "q",
        ),
    ),
    ("slices.html", "Slices", "Where the benchmark is different, by the tags of its items."): (
        PageQuestion(
            "Slices",
            "Means over matching pairs, and the difference from all other pairs that have the tag; p is "
            "corrected for the number of slices and questions. Slices below the floor are not shown.",
            """SELECT slice, quantity, mean, low, high, n AS pairs, difference, p_adjusted AS p
               FROM slices WHERE relation = 'positive'
                 AND quantity IN ('f_full', 'r2_cross', 'share_cross', 'share_certain')
               ORDER BY quantity, slice LIMIT 400""",
        ),
    ),
    (_ALL_PAIRS, "Every pair", "All left with all right items, explained or not."): ALL_PAIRS,
}

_PICTURE_SAYS = (
    "Three histograms over all pairs on logarithmic axes, matches and other pairs apart: the size of W, its "
    "largest cell, and the share of that cell."
)

_COMPARED = (
    PageQuestion(
        "Retrieval",
        "A is what was, B what is new; p is exact and corrected for both directions. Only these lines say "
        "which one retrieves better.",
        """SELECT run_a, run_b, side AS direction, quantity, value_a AS a, value_b AS b, difference,
                  low, high, p_adjusted AS p
           FROM model_delta WHERE level = 'benchmark' AND quantity LIKE 'recall%'
           ORDER BY run_a, run_b, side""",
    ),
    PageQuestion(
        "Words that gained or lost",
        "Share of the joint effect, where the difference is beyond chance after correction. More is neither "
        "better nor worse.",
        """SELECT name AS word, value_a AS a, value_b AS b, difference, low, high, p_adjusted AS p
           FROM model_delta WHERE level = 'word' AND quantity = 'mass_share' AND p_adjusted < 0.05
           ORDER BY abs(difference) DESC LIMIT 60""",
        "word",
    ),
    PageQuestion(
        "Classes of words",
        "The same by class.",
        """SELECT name AS class, value_a AS a, value_b AS b, difference, low, high, p_adjusted AS p
           FROM model_delta WHERE level = 'word_class' AND quantity = 'mass_share'
           ORDER BY abs(difference) DESC""",
        "class",
    ),
)


def benchmark_tables(run: Run, comparisons: str = "") -> list[BenchmarkTable]:
    """Read the pages that have any row.

    Parameters
    ----------
    run
        Stored run; one that is not finished has no views, and no page.
    comparisons
        Folder or URL that ``ilime compare`` has written to; empty for none.

    Returns
    -------
    list of BenchmarkTable
        In the order of the navigation.
    """
    if not run.finished:
        return []
    asked = dict(_PAGES)
    if comparisons:
        asked["compare.html", "Comparison", "Two runs on the same items."] = _COMPARED
    with Database(run, comparisons=comparisons) as database:
        found = [
            BenchmarkTable(
                file, title, lead, tuple(part for one in parts if (part := _part(database, one)).rows)
            )
            for (file, title, lead), parts in asked.items()
        ]
        picture = distributions_picture(database)
    found = [
        replace(one, picture=picture, picture_says=_PICTURE_SAYS) if one.file == _ALL_PAIRS else one
        for one in found
    ]
    return [one for one in found if one.parts]


def _part(database: Database, asked: PageQuestion) -> TablePart:
    answer = database.query(asked.sql).read_all()
    rows = tuple(tuple(map(_shown, row.values())) for row in answer.to_pylist())
    return TablePart(asked.title, asked.meaning, tuple(answer.column_names), rows, asked.filter)


def _shown(value: object) -> object:
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.3g}" if isinstance(value, float) else value
