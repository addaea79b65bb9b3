"""The report is safe, whole and the same every time."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ilime_core.errors import InputError
from tasks.report.site import write_report

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


@pytest.fixture
def site(pictured, tmp_path):
    return write_report(pictured.run, tmp_path / "site").parent


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
    assert "explains 37% of what image and caption do together" in text
    for number in ("25.0 %", "75.0 %", "100.0 %", "0.300 to 0.500", "0.410"):
        assert number in text
    assert "better than random orders (0.450)" in text


def test_wrong_candidates_are_marked_and_the_limit_keeps_both_kinds(pictured, tmp_path):
    seen = []
    first = write_report(pictured.run, tmp_path / "a", limit=1, progress=lambda *done: seen.append(done))
    assert seen == [(1, 1)]
    assert [path.stem for path in (first.parent / "pairs").iterdir()] == [pictured.good]
    both = write_report(pictured.run, tmp_path / "b", limit=2)
    classes = [attributes.get("class") for tag, attributes in Page(both.read_text()).tags if tag == "li"]
    assert classes.count("error") == 1


def test_equal_runs_give_equal_bytes(pictured, tmp_path):
    sites = [write_report(pictured.run, tmp_path / name).parent for name in "ab"]
    first, second = ({p.relative_to(s): p.read_bytes() for p in s.rglob("*") if p.is_file()} for s in sites)
    assert first == second
    assert len(first) > 10


def test_a_folder_that_cannot_be_written_is_said(pictured, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(pictured.run, Path(tmp_path / "file" / "site"))
