"""The site in a real browser, from a disk: what is pointed at, filtered, typed, shared and broken.

Proves tasks.explorer.data_files.
"""

import os
import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from generated_site import EVIL, HEBREW, write_generated

from tasks.explorer.site import write_report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
        and not os.environ.get("CI"),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture(scope="module")
def site(pictured, tmp_path_factory):
    """A planted run as written; only to be read."""
    return Path(write_report(pictured.run, tmp_path_factory.mktemp("browsed") / "site")).parent


@pytest.fixture(scope="module")
def whole(every_page, tmp_path_factory):
    """Every kind of page."""
    return Path(write_report(every_page.run, tmp_path_factory.mktemp("whole") / "site")).parent


@pytest.fixture(scope="module")
def generated(site, tmp_path_factory):
    """50,000 pairs below the same pages, whose photographs are missing."""
    folder = tmp_path_factory.mktemp("generated")
    for name in ("index.html", "pairs.html"):
        shutil.copy(site / name, folder / name)
    return folder, write_generated(folder, 50_000)


def count(page):
    return page.locator("[role=status]").inner_text()


def word(page, text):
    return page.get_by_role("button", name=text, exact=True).first


def test_pages_need_nothing_from_outside_and_their_policy_refuses_nothing(whole, open_page):
    for name in ("index.html", "pairs.html", "methods.html", "factors.html", "words.html", "hubs.html"):
        page = open_page(whole / name)
        page.wait_for_timeout(200)
        assert page.said == [], name
        broken = "[...document.images].filter(one => one.complete && one.naturalWidth === 0).length"
        assert page.evaluate(broken) == 0
        assert not page.evaluate(
            "performance.getEntriesByType('resource').some(one => !one.name.startsWith('file:'))"
        )


def test_a_word_shows_its_regions_and_a_region_its_words(site, pictured, open_page):
    page = open_page(site / "pairs.html", f"#pair={pictured.good}")
    word(page, "cat").hover()
    shown = page.locator(".readout").inner_text()
    assert shown.startswith("“cat”: sum of its cells +0.")
    assert "Largest: region 3 (lower right" in shown
    assert "+0.5000 ± 0.0200, p < .001" in shown
    alpha = """([x, y]) => { const c = document.querySelector('canvas');
        return [...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data]; }"""
    inside, outside = page.evaluate(alpha, [0.9, 0.9]), page.evaluate(alpha, [0.6, 0.2])
    assert inside[0] > inside[2]  # red: raises
    assert inside[3] > 150 > 60 > outside[3]
    frame = page.locator(".photo").first.bounding_box()
    page.mouse.move(frame["x"] + 0.9 * frame["width"], frame["y"] + 0.9 * frame["height"])
    assert page.locator(".readout").inner_text().startswith("region 3 (lower right")
    assert "pos5" in word(page, "cat").get_attribute("class")
    page.mouse.click(frame["x"] + 0.9 * frame["width"], frame["y"] + 0.9 * frame["height"])
    page.mouse.move(5, 5)
    assert page.locator(".readout").inner_text().startswith("region 3")  # a tap keeps it
    page.locator(".matrix td").first.focus()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    assert page.locator(".readout").inner_text().startswith("Every segment has the colour")


def test_the_matrix_has_the_cells_of_the_table_and_the_arrows_move_in_it(site, pictured, open_page):
    page = open_page(site / "pairs.html", f"#pair={pictured.good}")
    rows = pictured.run.table("interactions").to_pylist()
    own = {
        (row["left_segment"], row["right_segment"]): row
        for row in rows
        if row["pair_id"] == pictured.good and row["estimator"] == "banzhaf"
    }
    cells = page.locator(".matrix td")
    assert cells.count() == len(own)
    for place in range(0, cells.count(), 5):
        cell = cells.nth(place)
        row = own[int(cell.get_attribute("data-i")), int(cell.get_attribute("data-j"))]
        told = float(cell.locator(".hidden").text_content().replace("−", "-"))
        assert told == pytest.approx(row["weight"], abs=1e-4)
        faint = abs(row["weight"]) < 2 * row["standard_error"]
        assert ("faint" in cell.get_attribute("class")) == faint
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.j") == "1"
    assert "“cat”" in page.locator(".readout").inner_text()
    assert page.locator(".matrix td[tabindex='0']").count() == 1


def test_an_error_says_why_or_that_segments_do_not(site, pictured, open_page):
    page = open_page(site / "pairs.html", f"#pair={pictured.wrong}")
    section = page.locator("section.margin")
    assert "segments do not say why" in section.locator("h2").inner_text()
    assert "larger than the margin itself" in section.locator(".flagged").inner_text()
    assert section.locator("canvas").count() + section.locator(".caption").count() == 3
    section.get_by_role("link").first.click()
    assert f"pair={pictured.good}" in page.url or f"pair={pictured.wrong}" in page.url


def test_captions_full_of_markup_and_of_other_scripts_are_text(generated, open_page):
    folder, rows = generated
    page = open_page(folder / "pairs.html", f"#pair={rows[0].pair_id}")
    page.locator(".matrix").wait_for()
    assert page.locator(".caption").inner_text() == EVIL
    assert page.locator(".caption b, .caption script, h1 b").count() == 0
    assert page.locator(".caption .word").nth(4).inner_text() == "\N{CAT FACE}\N{CAT FACE}"
    assert [one for one in page.said if "photos/" not in one and "ERR_FILE_NOT_FOUND" not in one] == []
    page.goto(f"{(folder / 'pairs.html').as_uri()}#pair={rows[1].pair_id}")
    page.locator(".matrix").wait_for()
    page.wait_for_function(f"document.querySelector('.caption').innerText === {HEBREW!r}")
    assert page.evaluate("getComputedStyle(document.querySelector('.caption')).direction") == "rtl"
    assert "is missing beside this page" in page.locator("figcaption").first.inner_text()


def test_filters_search_order_and_address(generated, open_page):
    folder, rows = generated
    page = open_page(folder / "pairs.html")
    page.locator(".card").first.wait_for()
    assert count(page) == "50,000 of 50,000 pairs."
    assert page.locator(".card").count() < 60
    page.get_by_label("verdict").select_option("doubtful")
    wanted = [row for row in rows if row.verdict == "doubtful"]
    assert count(page) == f"{len(wanted):,} of 50,000 pairs."
    page.get_by_label("order").select_option("best")
    best = sorted(wanted, key=lambda row: -row.score)[:3]
    ids = page.locator(".card").evaluate_all(
        "all => all.slice(0, 3).map(one => one.href.match(/pair=(p\\w+)/)[1])"
    )
    assert ids == [row.pair_id for row in best]
    page.locator("summary", has_text="More filters").click()
    page.locator("input[name=score]").fill("0.25..0.5")
    inside = [row for row in wanted if 0.25 <= row.score <= 0.5]
    assert count(page) == f"{len(inside):,} of 50,000 pairs."
    page.locator("input[name=word]").fill("cat")
    assert int(re.sub(r"\D", "", count(page).split(" of ")[0])) < len(inside)
    address = page.url
    page.locator(".card").first.click()
    page.locator("article h2, article .note").first.wait_for(state="attached")
    page.go_back()
    assert page.url == address
    shared = open_page(folder / "pairs.html", address[address.index("#") :])
    shared.locator(".card").first.wait_for()
    assert count(shared) == count(page)
    assert shared.locator("input[name=word]").input_value() == "cat"
    page.get_by_role("searchbox").fill(HEBREW[:4])
    page.get_by_role("button", name="clear").click()
    page.get_by_role("searchbox").fill(HEBREW[:4])
    assert count(page) == "1 of 50,000 pairs."


def test_the_keyboard_is_enough(generated, open_page):
    folder, rows = generated
    page = open_page(folder / "pairs.html")
    page.locator(".card").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator(".matrix").wait_for()
    assert rows[1].pair_id in page.url
    page.keyboard.press("n")
    page.wait_for_function(f"location.hash.includes('{rows[2].pair_id}')")
    page.keyboard.press("Escape")
    page.locator(".card").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("script")
    assert count(page) == "1 of 50,000 pairs."


def test_many_pairs_open_and_filter_quickly(generated, open_page, capsys):
    """Figures are printed and bounds are far: a loaded machine is slower by a factor."""
    folder, _ = generated
    start = time.perf_counter()
    page = open_page(folder / "pairs.html")
    page.locator(".card").first.wait_for()
    opened = time.perf_counter() - start
    chosen = """() => { const start = performance.now();
        document.querySelector('[name=q]').value = 'red';
        document.querySelector('[name=sort]').value = 'best';
        document.querySelector('form').dispatchEvent(new Event('input'));
        return performance.now() - start; }"""
    took = sorted(page.evaluate(chosen) for _ in range(5))[2]
    with capsys.disabled():
        print(f"\n50,000 pairs: opened in {opened:.2f} s, filtered in {took:.0f} ms")
    assert opened < 20
    assert took < 2000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_people_who_cannot_see_it_can_use_it(whole, pictured, open_page, scheme):
    axe = Axe()
    for name, fragment in (
        ("index.html", ""),
        ("pairs.html", ""),
        ("pairs.html", f"#pair={pictured.good}"),
        ("words.html", ""),
        ("factors.html", ""),
        ("methods.html", ""),
    ):
        page = open_page(whole / name, fragment, scheme=scheme, bypass_csp=True)
        page.wait_for_timeout(200)
        found = axe.run(page).response["violations"]
        grave = [
            (one["id"], one["nodes"][0]["html"][:90])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert grave == [], (name, fragment)


def test_a_telephone_needs_no_sideways_scrolling(whole, pictured, open_page):
    for name, fragment in (
        ("index.html", ""),
        ("pairs.html", f"#pair={pictured.good}"),
        ("methods.html", ""),
    ):
        page = open_page(whole / name, fragment, width=360)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, (name, fragment)


def test_a_missing_or_foreign_file_is_said(site, pictured, tmp_path, open_page):
    broken = tmp_path / "site"
    shutil.copytree(site, broken)
    (broken / "data" / "pairs-000000.js").unlink()
    page = open_page(broken / "pairs.html", f"#pair={pictured.good}")
    page.get_by_role("alert").wait_for()
    assert (
        "data/pairs-000000.js is missing or damaged: copy the whole folder"
        in page.get_by_role("alert").inner_text()
    )
    facts = (broken / "data" / "site.js").read_text().replace('"version":1', '"version":99')
    (broken / "data" / "site.js").write_text(facts)
    page = open_page(broken / "pairs.html")
    page.get_by_role("alert").wait_for()
    assert "another version of ilime" in page.get_by_role("alert").inner_text()


def test_a_range_of_a_distribution_opens_the_gallery(generated, open_page):
    folder, rows = generated
    page = open_page(folder / "index.html")
    figure = page.locator(".histogram").first
    figure.wait_for()
    box = figure.locator(".bars-of").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.51, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.74, box["y"] + 20)
    page.mouse.up()
    low, high = (float(figure.locator("input").nth(n).input_value()) for n in (0, 1))
    inside = sum(low <= np.float32(row.score) <= high for row in rows)
    link = figure.get_by_role("link")
    assert link.inner_text() == f"{inside:,} pairs"
    link.click()
    page.locator(".card").first.wait_for()
    assert count(page) == f"{inside:,} of 50,000 pairs."
