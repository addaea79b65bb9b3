"""Classes of words on a terminal: the largest share first, intervals where there are some."""

from pathlib import Path

from tasks.explorer.site import write_report
from tasks.report.terminal import overview_lines
from tasks.report.word_class_lines import word_class_lines


def rows(relation, name, share, words, size, low=None, high=None):
    common = {
        "estimator": "banzhaf", "relation": relation, "slice": "all", "side": "right", "word_class": name,
        "n": 12, "n_words": 9, "n_pairs": 8,
    }  # fmt: skip
    return [
        common | {"quantity": "mass_share", "mean": share, "low": low, "high": high},
        common | {"quantity": "word_share", "mean": words},
        common | {"quantity": "intact_size", "mean": size},
    ]


def test_lines_of_matches_come_by_share(tmp_path, commit_run, planted):
    def change(tables):
        tables["word_class_means"] = [
            *rows("all", "colour", 0.9, 0.9, 0.9),
            *rows("positive", "number", 0.05, 0.1, 0.01234),
            *rows("positive", "content", 0.7, 0.6, 0.02, 0.65, 0.75),
        ]

    run = planted.make(tmp_path, commit_run, change).run
    lines = word_class_lines(run, "banzhaf")
    assert lines == [
        "joint effect by class of words (texts of 12 positive pairs; 95 % intervals):",
        "  content    70.0% [65.0%, 75.0%] of it, 60.0% of the words, mean |effect| of a word 0.0200",
        "  number      5.0% of it, 10.0% of the words, mean |effect| of a word 0.0123",
    ]
    shown = overview_lines(run)
    assert shown[shown.index(lines[0]) : shown.index(lines[0]) + 3] == lines
    assert word_class_lines(run, "grid") == []


def test_without_matches_all_pairs_are_shown(tmp_path, commit_run, planted):
    def change(tables):
        tables["word_class_means"] = rows("all", "colour", 0.9, 0.8, None)

    lines = word_class_lines(planted.make(tmp_path, commit_run, change).run, "banzhaf")
    assert lines == [
        "joint effect by class of words (texts of all pairs; 95 % intervals):",
        "  colour     90.0% of it, 80.0% of the words",
    ]


def test_two_texts_have_their_side(tmp_path, commit_run, planted):
    def change(tables):
        own = rows("all", "colour", 0.9, 0.8, None)
        tables["word_class_means"] = [row | {"side": side} for row in own for side in ("left", "right")]

    lines = word_class_lines(planted.make(tmp_path, commit_run, change).run, "banzhaf")
    assert [line[32:43] for line in lines if "joint" in line] == ["left texts ", "right texts"]


def test_the_first_page_has_the_same_lines(tmp_path, commit_run, planted):
    def change(tables):
        tables["word_class_means"] = rows("positive", "<b>", 0.7, 0.6, 0.02)

    run = planted.make(tmp_path, commit_run, change).run
    page = Path(write_report(run, tmp_path / "site")).read_text(encoding="utf-8")
    assert "&lt;b&gt;        70.0% of it, 60.0% of the words" in page
