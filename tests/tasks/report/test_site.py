"""The report is safe, whole and the same every time.

Proves tasks.report.site, tasks.report.site_files, tasks.report.pair_page,
tasks.report.cards, tasks.report.tinted, tasks.report.meanings.
"""

import hashlib
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.compute as pc
import pytest

from ilime_core.errors import InputError
from tasks.figures.pair_picture import read_pair
from tasks.report.pair_page import pair_figures
from tasks.report.site import write_report
from tasks.report.site_files import LIST, SiteFiles

POLICY = "default-src 'none'; img-src 'self'; style-src 'self'"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.text = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def site(pictured, tmp_path_factory):
    """Only to be read."""
    return write_report(pictured.run, tmp_path_factory.mktemp("whole") / "site").parent


def pages(site):
    return {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}


def test_every_link_and_picture_resolves(site, pictured):
    found = pages(site)
    assert {path.stem for path in found} == {"index", "factors", pictured.good, pictured.wrong}
    links = [(path, link) for path, page in found.items() for link in page.links]
    assert len(links) > 20
    for path, link in links:
        target = (path.parent / link).resolve()
        assert target.is_file(), link
        assert target.is_relative_to(site.resolve())


def test_nothing_foreign_becomes_markup(site):
    for path, page in pages(site).items():
        names = [name for name, _ in page.tags]
        assert "script" not in names, path
        assert "style" not in names, path
        for _, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on") or name == "style"]
        policies = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [POLICY]


def test_captions_names_and_messages_are_shown_as_given(site, pictured):
    found = pages(site)
    pair = "".join(found[site / "pairs" / f"{pictured.good}.html"].text)
    assert "a cat <script>alert(1)</script> $x^2$" in pair
    assert 'it\'s "x" & <b>.png' in pair
    index = "".join(found[site / "index.html"].text)
    assert "<img src=x onerror=alert(2)>" in index
    assert "שלום \N{CAT} مرحبا" in index


def test_pages_are_named_by_ids_alone(site):
    for path in site.rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9.\-]+", path.name), path


def test_every_picture_says_what_it_shows(site):
    for path, page in pages(site).items():
        for tag, attributes in page.tags:
            if tag == "img":
                assert len(attributes["alt"]) > 10, path
    text = html.unescape((site / "pairs" / (next((site / "pairs").iterdir()).name)).read_text())
    assert "cat: +0.500" in text or "lower right" in text


def test_the_first_page_says_what_the_numbers_mean(site):
    text = "".join(pages(site)[site / "index.html"].text)
    assert "explains 37% of what image and caption do together (best possible 42%), which is 4.0% of" in text
    for number in ("25.0 %", "75.0 %", "100.0 %", "0.300 to 0.500", "0.410"):
        assert number in text
    assert "1 pairs were measured and not compared" in text
    assert "better than" not in text
    assert "Every card has a scale of its own" in text
    assert "deepest colour ±0.4" in text


def test_wrong_candidates_are_marked_and_the_limit_keeps_both_kinds(pictured, tmp_path):
    seen = []
    first = write_report(pictured.run, tmp_path / "a", limit=1, progress=lambda *done: seen.append(done))
    assert seen == [(1, 1)]
    assert [path.stem for path in (first.parent / "pairs").iterdir()] == [pictured.good]
    both = write_report(pictured.run, tmp_path / "b", limit=2)
    classes = [attributes.get("class") for tag, attributes in Page(both.read_text()).tags if tag == "li"]
    assert classes.count("error") == 1


def test_equal_runs_give_equal_bytes(site, pictured, tmp_path):
    sites = [site, write_report(pictured.run, tmp_path / "again").parent]
    first, second = ({p.relative_to(s): p.read_bytes() for p in s.rglob("*") if p.is_file()} for s in sites)
    assert first == second
    assert len(first) > 10


def test_a_folder_that_cannot_be_written_is_said(pictured, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(pictured.run, Path(tmp_path / "file" / "site"))


def test_pages_of_a_larger_report_go_and_what_no_report_wrote_stays(pictured, tmp_path):
    folder = write_report(pictured.run, tmp_path / "site").parent
    stranger, changed = folder / "pairs" / "notes.html", folder / "images" / f"{pictured.wrong}-words.webp"
    stranger.write_text("mine")
    changed.write_bytes(b"drawn over")
    write_report(pictured.run, folder, limit=1)
    pages = {path.name for path in (folder / "pairs").iterdir()}
    assert pages == {f"{pictured.good}.html", "notes.html"}
    pictures = {path.name for path in (folder / "images").iterdir() if path.name.startswith(pictured.wrong)}
    assert pictures == {changed.name}
    fresh = write_report(pictured.run, tmp_path / "fresh", limit=1).parent
    assert (folder / LIST).read_text() == (fresh / LIST).read_text()


def test_a_list_that_no_report_wrote_removes_nothing(pictured, tmp_path):
    site, outside = tmp_path / "site", tmp_path / "outside.txt"
    site.mkdir()
    outside.write_text("mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    (site / "own.html").write_text("not what the list says")
    (site / LIST).write_text(f"{digest}  ../outside.txt\n{digest}  own.html\n\xff nonsense\n", "latin-1")
    write_report(pictured.run, site, limit=1)
    assert outside.exists()
    assert (site / "own.html").exists()


def test_a_report_that_was_killed_leaves_nothing_unlisted(pictured, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(pictured.run, tmp_path / "site", limit=2, progress=stop)
    assert (tmp_path / "site" / "pairs" / f"{pictured.good}.html").exists()
    SiteFiles(tmp_path / "site").remove_stale()
    assert [path.name for path in (tmp_path / "site").rglob("*") if path.is_file()] == [LIST]


def test_pages_of_errors_say_where_segments_do_not_tell_the_margin(site, pictured):
    told = "Segments leave out more than the margin: those of the query leave out +0.150."
    found = pages(site)
    for name in (pictured.good, pictured.wrong):
        page = found[site / "pairs" / f"{name}.html"]
        assert told in "".join(page.text)
        assert any(told in (attributes.get("alt") or "") for tag, attributes in page.tags if tag == "img")
        assert "Why the wrong candidate won" not in "".join(page.text)
    assert "".join(found[site / "index.html"].text).count("segments leave out more than the margin") == 1


def test_regions_of_a_page_have_the_numbers_of_the_tables(site, pictured):
    rows = pictured.run.table("interactions", filter=pc.field("pair_id") == pictured.good).to_pylist()
    strongest = max(rows, key=lambda row: abs(row["weight"]))["left_segment"]
    text = html.unescape((site / "pairs" / f"{pictured.good}.html").read_text())
    assert f"<th>cat</th><td>{strongest}, lower right</td>" in text
    assert f"with region {strongest}, lower right" in text  # what the picture says to those who do not see it
    figure = pair_figures(read_pair(pictured.run, pictured.good))["matrix"]
    badges = {text.get_text() for text in figure.axes[0].texts}
    ticks = {label.get_text() for axes in figure.axes for label in axes.get_yticklabels()}
    assert badges == {"0", "1", "2", "3"}
    assert badges <= ticks
