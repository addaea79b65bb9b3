"""One row of a class has the means of all quantities."""

from tasks.query.database import Database
from tasks.runs.run import open_run

RUN = "r00000000000000cc"


def test_quantities_are_columns(store, small, commit_run):
    key = {"estimator": "banzhaf", "relation": "all", "slice": "all", "side": "right"}
    small["word_class_means"] = [
        key
        | {
            "word_class": name,
            "quantity": quantity,
            "mean": mean,
            "low": mean / 2,
            "n_words": 7,
            "n_pairs": 5,
        }
        for name, means in (("colour", (0.3, 0.2, 0.01)), ("content", (0.7, 0.8, 0.02)))
        for quantity, mean in zip(("mass_share", "word_share", "intact_size"), means, strict=True)
    ]
    small["runs"][0]["estimator"] = "banzhaf"  # the primary one
    commit_run(store, RUN, small, 1)
    with Database(open_run(store.url, RUN)) as database:
        shares = "word_class, mass_share, mass_share_low, word_share"
        columns = f"{shares}, intact_size, intact_size_low, n_words, n_pairs"
        found = database.query(f"SELECT {columns} FROM word_classes").read_all().to_pylist()
    assert [tuple(row.values()) for row in found] == [
        ("content", 0.7, 0.35, 0.8, 0.02, 0.01, 7, 5),
        ("colour", 0.3, 0.15, 0.2, 0.01, 0.005, 7, 5),
    ]
