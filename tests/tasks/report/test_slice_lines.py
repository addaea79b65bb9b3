"""Lines on slices: counts of every tag, the clearest differences, and values that are never trusted."""

from tasks.explorer.site import write_report
from tasks.report.slice_lines import slice_lines
from tasks.report.terminal import overview_lines

HOSTILE = "source=<script>alert(1)</script>\x1b[31m"


def difference(name, p_adjusted, quantity="share_cross", low=0.02, high=0.08):
    common = {"estimator": "banzhaf", "relation": "positive", "mean": 0.25, "difference": 0.05}
    common |= {"n": 20, "n_rest": 31, "low": low, "high": high}
    return common | {"slice": name, "quantity": quantity, "p_adjusted": p_adjusted}


def planted_slices(tables):
    tables["slice_counts"] = [
        {"tag": "kind", "n_slices": 50, "n_small": 1200, "n_rare": 30},
        {"tag": "source", "n_slices": 2, "n_small": 0, "n_rare": 0},
    ]
    tables["slice_differences"] = [
        difference("kind=a", 0.04),
        difference("kind=b", 0.06),
        difference("kind=c", None),
        difference(HOSTILE, 0.001, low=None, high=None),
        difference("kind=d", 0.03),
        difference("kind=e", 0.045),
    ]


def test_tags_come_first_and_then_the_clearest_differences(tmp_path, commit_run, planted):
    run = planted.make(tmp_path, commit_run, planted_slices).run
    lines = slice_lines(run, "banzhaf")
    mean = "share_cross 0.250 in 20 pairs (positive)"
    rest = "against the 31 others with the tag"
    assert lines == [
        "slices by kind: 50, 1,200 too small, 30 left out as rarer values",
        "slices by source: 2",
        f"source=<script>alert(1)</script>\ufffd[31m: {mean}, +0.050 {rest}",
        f"kind=d: {mean}, +0.050 [0.020, 0.080] {rest}",
        f"kind=a: {mean}, +0.050 [0.020, 0.080] {rest}",
    ]
    assert slice_lines(run, "grid") == lines[:2]
    shown = overview_lines(run)
    assert shown[shown.index(lines[0]) :][:5] == lines


def test_a_page_escapes_values(tmp_path, commit_run, planted):
    run = planted.make(tmp_path, commit_run, planted_slices).run
    write_report(run, tmp_path / "site")
    page = (tmp_path / "site" / "index.html").read_text()
    assert "source=&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "1,200 too small" in page


def test_a_run_without_tags_has_no_lines(tmp_path, commit_run, planted):
    assert slice_lines(planted.make(tmp_path, commit_run).run, "banzhaf") == []
