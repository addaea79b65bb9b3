"""The page of methods shows a leaderboard, whole and safe.

Proves tasks.report.leaderboard.methods_page, tasks.report.leaderboard.metric_views.
"""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tasks.explorer.site import write_report
from tasks.report.leaderboard.methods_page import methods_context, methods_figures
from tasks.report.leaderboard.reading import read_leaderboard
from tasks.run_files.naming import plan_key
from tasks.runs.run import open_run

EVIL = "<b>evil|method"
TITLED = ["banzhaf", "Banzhaf", "interactions", "(InteractionLIME)"]
EVIDENCE = "(n = 10, corrected p = .001)"


class Page(HTMLParser):
    """Rows of tables by the summaries and headings above them, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.rows, self.text = [], [], [], []
        self.in_cell = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        if tag == "tr":
            self.rows.append([])
        self.in_cell = tag in {"td", "th"} or (self.in_cell and tag in {"b", "br", "small", "span"})
        if tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in {"td", "th"}

    def handle_data(self, data):
        self.text.append(data)
        if self.in_cell and self.rows:
            self.rows[-1][-1] += f" {data.strip()}"

    def row(self, *starts):
        """The only row whose cells begin like this."""
        [found] = [
            [cell.strip() for cell in row]
            for row in self.rows
            if [cell.strip() for cell in row[: len(starts)]] == list(starts)
        ]
        return found


@pytest.fixture(scope="module")
def site(ranked, tmp_path_factory):
    """Only to be read."""
    return Path(write_report(ranked.run, tmp_path_factory.mktemp("methods") / "site")).parent


@pytest.fixture
def page(site):
    return Page((site / "methods.html").read_text())


def test_all_pages_link_to_it_and_all_it_links_to_is_there(site, page):
    for path in site.rglob("*.html"):
        links = Page(path.read_text()).links
        assert ("../methods.html" if path.parent.name == "pairs" else "methods.html") in links
    for link in page.links:
        assert (site / link).is_file(), link
    pictures = [name for name in page.links if name.endswith(".webp")]
    assert len(pictures) == len(set(pictures)) == 5


def test_without_a_leaderboard_there_is_no_such_page(pictured, tmp_path):
    index = Path(write_report(pictured.run, tmp_path / "site"))
    assert not (index.parent / "methods.html").exists()
    assert "methods.html" not in index.read_text()


def test_it_has_no_script_no_style_and_shows_names_as_they_are(page):
    names = {name for name, _ in page.tags}
    assert not names & {"script", "style", "iframe"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert any(EVIL in text for text in page.text)


def test_a_cell_holds_mean_interval_controls_and_a_verdict_in_words(page):
    row = next(row for row in page.rows if row[0].split() == TITLED)
    words, told = " ".join(row[1].split()), f"better than chance {EVIDENCE}"
    assert words == f"0.800 among the best 0.750 to 0.850 chance 0.500 linear 0.450 {told}"
    assert " ".join(row[2].split()) == f"0.200 best 0.180 to 0.220 chance 0.500 {told}"
    assert [cell.strip() for cell in row[-2:]] == ["258", "66"]
    evil = next(row for row in page.rows if row[0].strip() == EVIL)
    assert "not distinguishable from chance" in evil[1]
    assert "worse than chance" in evil[2]
    assert page.row("no other method is better")[1:3] == [
        f"not distinguishable: banzhaf, {EVIL}",
        "banzhaf",
    ]


def test_a_chosen_method_is_opened_for_its_differences(page):
    starts = [row[0].strip() for row in page.rows]
    place = starts.index("occlusion minus")
    assert starts[place + 1 : place + 3] == ["banzhaf", EVIL]
    words = [" ".join(cell.split()) for cell in page.rows[place + 1]]
    assert words[1:4] == [
        "-0.400 -0.450 to -0.350 p = .003, n = 10 worse",
        "0.300 0.250 to 0.350 p = .002, n = 10 worse",
        "–",
    ]
    assert page.row("smallest difference that could be shown")[1:4] == ["0.070 (up to 0.070)"] * 2 + ["–"]
    text = " ".join("".join(page.text).split())
    assert "occlusion against each other method better than 1, worse than 3, over all headline" in text
    assert (
        "by count of segments; the fitted baseline; raw. Best: not distinguishable: banzhaf, <b>evil" in text
    )


def test_numbers_of_every_variant_and_relation_are_there(page):
    text = " ".join("".join(page.text).split())
    assert "score; segments of both sides; by count of segments; the fitted baseline; raw" in text
    assert "baseline blur, drop" in text
    assert "image alone, caption whole" in text
    assert "only matches" in text
    assert "only wrong candidates that won" in text
    assert "4 further variants" in text
    row = page.row("banzhaf", "0.900", "0.800 to 1.000")
    assert row[-2:] == ["10", "2"]
    row = page.row("occlusion", "0.400", "0.350 to 0.450")
    assert row[3:] == [
        "0.450",
        "0.500",
        "-0.100 (-0.150 to -0.050)",
        f"worse than chance {EVIDENCE}",
        "10",
        "2",
    ]


def test_it_says_what_metrics_mean_and_which_measurement_it_shows(page):
    text = " ".join("".join(page.text).split())
    assert (
        "3 methods on 12 of 2 explained pairs. Of banzhaf, better than chance: 4 of 4 headline metrics."
        in text
    )
    assert "m3 (1 metrics of 1 methods)" in text
    assert "Area under the score while segments enter an empty pair" in text
    assert "Each of these 67 intervals is to hold its mean with 95 % by itself: about 3" in text
    assert "Novelty of words" in text


def test_equal_runs_give_equal_bytes(ranked, site, tmp_path):
    again = Path(write_report(ranked.run, tmp_path / "again")).parent
    for name in ("methods.html", "images/methods-curves.webp", "images/methods-cost.webp"):
        assert (site / name).read_bytes() == (again / name).read_bytes()


def test_pictures_are_of_what_has_values(ranked):
    figures = methods_figures(read_leaderboard(ranked.run))
    assert list(figures) == [
        "methods-curves",
        "methods-fidelity",
        "methods-stability",
        "methods-cost",
        "methods-other",
    ]
    titles = [text.get_text() for axes in figures["methods-curves"].axes for text in axes.texts]
    assert "insertion, score" in titles
    assert "asymmetry, score" not in titles


def test_a_run_of_images_alone_speaks_of_queries(ranked):
    run = ranked.run
    plan = json.loads(run.storage.read_bytes(plan_key(run.run_id))) | {"n_texts": 0}
    run.storage.write(plan_key(run.run_id), json.dumps(plan).encode())
    context = methods_context(read_leaderboard(open_run(ranked.root, run.run_id)))
    says = {metric.title: metric.says for group in context["groups"] for metric in group.metrics}
    assert "what query and candidate do only together" in says["R\N{SUPERSCRIPT TWO}, joint, held out"]
    insertion = context["groups"][0].metrics[0]
    assert "query alone, candidate whole" in " ".join(one.title for one in insertion.further)
