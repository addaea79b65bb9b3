"""The factors of a benchmark on the page: the strongest words of either sign, each once."""

import pyarrow as pa

from tasks.figures.item_pictures import TextPicture, Word
from tasks.report import global_factors
from tasks.report.global_factors import read_global_factors

ITEMS = {
    "t1": TextPicture("t1", "a Dog runs", (Word(0, 1, "a"), Word(2, 5, "Dog"), Word(6, 10, "runs")), 0),
    "t2": TextPicture("t2", "dog", (Word(0, 3, "dog"),), 0),
}


class Tables:
    """A run of two factors of two estimators."""

    def table(self, name, columns=None, filter=None):  # noqa: A002 - as of a run
        loadings = [("t2", 0, 0.25), ("t1", 0, 0.5), ("t1", 2, -0.75), ("t1", 1, -0.25), ("t9", 0, 9.0)]
        rows = {
            "global_factors": [
                {"estimator": estimator, "component": component, "strength": 3.0 - component, "energy": 0.5}
                for component in (2, 1, 9)
                for estimator in ("banzhaf", "grid")
            ],
            "global_loadings": [
                {
                    "estimator": "banzhaf",
                    "component": 1,
                    "item_id": item,
                    "segment": segment,
                    "loading": value,
                }
                for item, segment, value in loadings
            ]
            + [{"estimator": "grid", "component": 1, "item_id": "t2", "segment": 0, "loading": 8.0}],
        }[name]
        return pa.Table.from_pylist(rows).filter(filter).select(columns or list(rows[0]))


def test_the_strongest_words_of_either_sign_come_first_and_each_once(monkeypatch):
    monkeypatch.setattr(
        global_factors,
        "read_item_pictures",
        lambda _, ids: {name: ITEMS[name] for name in ITEMS if name in ids},
    )
    first, second = read_global_factors(Tables(), "banzhaf")
    assert (first.component, first.strength, second.component, second.words) == (1, 2.0, 2, ())
    # Of "Dog" and "dog", equally strong, the one of the lower item; an item that is gone has no word.
    assert [(word.text, word.hint) for word in first.words] == [
        ("runs", "-0.750"),
        ("a", "+0.500"),
        ("Dog", "-0.250"),
    ]
    assert first.crops == ()
