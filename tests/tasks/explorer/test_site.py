"""The site is safe, whole and the same every time; its data are the tables.

Proves tasks.explorer.site, tasks.explorer.site_files, tasks.explorer.data, tasks.explorer.pair_files,
tasks.explorer.pair_tables, tasks.explorer.pair_details, tasks.explorer.item_files,
tasks.explorer.benchmark_tables, tasks.report.meanings, tasks.report.tinted.
"""

import base64
import hashlib
import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ilime_core.errors import InputError
from ilime_core.viewer.packing import unpack_reals
from tasks.explorer.site import write_report
from tasks.explorer.site_files import LIST, SiteFiles
from tasks.model_comparison.stored import comparison_key
from tasks.report.overview import read_overview
from tasks.run_files.naming import commit_key
from tasks.run_files.parts import part_bytes
from tasks.runs.run import open_run
from tasks.storage.storage import Storage
from tasks.tables.comparisons import COMPARISONS

POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'"


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
    return Path(write_report(pictured.run, tmp_path_factory.mktemp("whole") / "site")).parent


def pages(site):
    return {path.name: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}


def content(path):
    name, text = re.fullmatch(r'receive\("([^"]+)",(.*)\);\n', path.read_text("ascii")).groups()
    assert path.stem == name
    return json.loads(text)


def array(column):
    [kind] = column.keys() & {"f", "i", "b", "u"}
    return np.frombuffer(
        base64.b64decode(column[kind]), {"f": "<f4", "i": "<i4", "b": "u1", "u": "<u2"}[kind]
    )


def test_every_link_resolves_and_every_page_is_in_the_navigation(every_page, tmp_path):
    common = {
        "level": "word",
        "side": "both",
        "quantity": "mass_share",
        "segment": -1,
        "estimator": "banzhaf",
    }
    rows = [
        common | {"name": "cat", "value_a": 0.1, "value_b": 0.3, "difference": 0.2, "p_adjusted": 0.01},
        common | {"name": "bonnet", "value_a": 0.1, "value_b": 0.1, "difference": 0.0, "p_adjusted": 0.9},
    ]
    stored = Storage(str(tmp_path / "compared"))
    key = comparison_key("r00000000000000aa", "r00000000000000bb", "banzhaf")
    stored.create(key, part_bytes(pa.Table.from_pylist(rows, schema=COMPARISONS.schema), COMPARISONS))
    site = Path(write_report(every_page.run, tmp_path / "site", comparisons=stored.url)).parent
    found = pages(site)
    whole = {"factors", "methods", "words", "hubs", "slices", "all-pairs", "compare"}
    assert found.keys() == {f"{name}.html" for name in ("index", "pairs", *whole)}
    assert "kind=<i>red" in "".join(found["slices.html"].text)
    compared = "".join(found["compare.html"].text)
    assert "cat" in compared
    assert "bonnet" not in compared  # not beyond chance
    assert "<b>colour" in "".join(found["words.html"].text)
    assert "pairs.html#class=%3Cb%3Ecolour" in found["words.html"].links
    for page in found.values():
        assert found.keys() <= set(page.links)
        for link in page.links:
            assert (site / link.partition("#")[0]).is_file(), link


def test_pages_have_no_code_and_no_style_of_their_own(site):
    for name, page in pages(site).items():
        scripts = [attributes for tag, attributes in page.tags if tag == "script"]
        assert {key for one in scripts for key in one} <= {"src"}, name
        assert "style" not in {tag for tag, _ in page.tags}
        for _, attributes in page.tags:
            assert not [key for key in attributes if key.startswith("on") or key == "style"]
        policies = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [POLICY]


def test_messages_are_shown_as_given_and_files_are_named_by_ids(site):
    assert "<img src=x onerror=alert(2)>" in "".join(pages(site)["index.html"].text)
    for path in site.rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9.\-]+", path.name), path


def test_pairs_have_the_numbers_of_the_tables(site, pictured):
    run = pictured.run
    records = [one for path in sorted((site / "data").glob("pairs-*.js")) for one in content(path)]
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    assert {one["pair_id"] for one in records} == pairs.keys() == {pictured.good, pictured.wrong}
    for record in records:
        name = record["pair_id"]
        mine = (pc.field("pair_id") == name) & (pc.field("estimator") == "banzhaf")
        cells = run.table("interactions", filter=mine).sort_by(
            [("left_segment", "ascending"), ("right_segment", "ascending")]
        )
        for key, column in (("weights", "weight"), ("errors", "standard_error"), ("p_values", "p_value")):
            wanted = cells[column].to_numpy()
            np.testing.assert_allclose(unpack_reals(record[key]), wanted, atol=np.abs(wanted).max() / 65000)
        fit = run.table("fits", filter=mine).to_pylist()[0]
        assert record["fit"]["r2_cross"] == pytest.approx(fit["r2_cross"], abs=1e-6)
        assert record["fit"]["split_half_error"] is None
        assert (record["score"], record["is_error"]) == (pairs[name]["score"], pairs[name]["is_error"])
        for side in ("left", "right"):
            effects = run.table("main_effects", filter=mine & (pc.field("side") == side)).sort_by("segment")
            wanted = effects["intact_effect"].to_numpy()
            np.testing.assert_allclose(
                unpack_reals(record[f"{side}_effects"]), wanted, atol=np.abs(wanted).max() / 65000
            )
        factors = run.table("factors", filter=mine).sort_by("component").to_pylist()
        assert len(record["factors"]) == min(6, len(factors))
        for own, row in zip(record["factors"], factors, strict=False):
            assert own["strength"] == row["strength"]
            np.testing.assert_allclose(unpack_reals(own["right"]), row["right_vector"], atol=1e-4)
        [margin] = record["margins"]
        row = run.table("margins").to_pylist()[0]
        assert (margin["margin"], margin["remainders"]["query"]) == (row["margin"], row["query_remainder"])
        assert margin["exceeds"]["query"] is True
    assert len(next(one for one in records if one["pair_id"] == pictured.good)["curves"]) > 3


def test_the_gallery_has_a_row_for_each_pair_in_the_order_of_the_pages(site, pictured):
    index, items = content(site / "data" / "index-000000.js"), content(site / "data" / "items.js")
    records = content(site / "data" / "pairs-000000.js")
    assert index["pair_id"]["s"] == [one["pair_id"] for one in records]
    for side in ("left", "right"):
        ids = [items["item_id"]["s"][place] for place in array(index[side])]
        assert ids == [one[f"{side}_id"] for one in records]
    for place, record in enumerate(records):
        weights = unpack_reals(record["weights"])
        top = np.abs(weights).argmax()
        assert array(index["top_left"])[place] == top // record["shape"][1]
        assert array(index["top_weight"])[place] == pytest.approx(weights[top], rel=1e-4)
        assert array(index["mass"])[place] == pytest.approx(np.abs(weights).sum(), rel=1e-3)
    assert array(index["is_error"]).sum() == 1
    named = index["top_right_name"]
    assert [named["levels"][code] for code in array(named)][records[0]["pair_id"] != pictured.good] == "cat"
    lists = items["words"]
    offsets = np.frombuffer(base64.b64decode(lists["lists"]["offsets"]), "<i4")
    assert len(offsets) == items["n"] + 1
    assert "cat" in lists["levels"]


def test_items_have_their_photograph_regions_and_words(site, pictured):
    items = content(site / "data" / "items-000000.js")
    [image] = [one for one in items if one["kind"] == "image"]
    assert image["title"] == 'it\'s "x" & <b>.png'
    assert (site / image["photo"]).read_bytes()[:2] == b"\xff\xd8"
    assert len(image["regions"]) == 4
    runs = np.frombuffer(base64.b64decode(image["labels"]["runs"]), "<u2").reshape(-1, 2)
    assert runs[:, 1].sum() == image["labels"]["width"] * image["labels"]["height"]
    assert set(runs[:, 0]) - {0} == {1, 2, 3, 4}
    texts = {one["text"]: one for one in items if one["kind"] == "text"}
    assert any("<script>alert(1)</script>" in text for text in texts)
    rows = pictured.run.table("segments").to_pylist()
    for one in texts.values():
        own = [row for row in rows if row["item_id"] == one["item_id"]]
        spans = [(row["char_start"], row["char_end"]) for row in sorted(own, key=lambda row: row["segment"])]
        assert [(word["start"], word["end"]) for word in one["words"]] == spans


def test_the_first_page_says_what_the_numbers_mean(site):
    text = "".join(pages(site)["index.html"].text)
    assert "explains 37% of what image and caption do together (best possible 42%), which is 4.0% of" in text
    for number in ("25.0 %", "75.0 %", "100.0 %", "0.300 to 0.500", "0.410"):
        assert number in text
    assert "1 pairs were measured and not compared" in text
    assert "better than" not in text


def test_the_first_screen_has_retrieval_and_counts_verdicts_with_their_reasons(site, pictured):
    text = " ".join("".join(pages(site)["index.html"].text).split())
    before = text[: text.index("What was found")]
    overview = read_overview(pictured.run)
    for recall in overview.recalls:
        assert f"{100 * recall.recall_at_1:.1f} % R@1: {recall.name}" in before
    records = [one for file in sorted((site / "data").glob("pairs-*.js")) for one in content(file)]
    counted = Counter((one["verdict"], "; ".join(one["reasons"])) for one in records)
    assert len(counted) > 1
    for (verdict, reasons), n in counted.items():
        assert f"{verdict} {n} pair{'s' * (n != 1)}{': ' * bool(reasons)}{reasons}" in text


def test_equal_runs_give_equal_bytes(site, pictured, tmp_path):
    seen = []
    again = Path(
        write_report(pictured.run, tmp_path / "again", progress=lambda *done: seen.append(done))
    ).parent
    assert seen[-1] == (2, 2)
    first, second = (
        {p.relative_to(s): p.read_bytes() for p in s.rglob("*") if p.is_file()} for s in (site, again)
    )
    assert first == second
    assert len(first) > 10


def test_a_folder_that_cannot_be_written_is_said(pictured, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_report(pictured.run, Path(tmp_path / "file" / "site"))


def test_a_site_may_lie_in_a_bucket(pictured, site, bucket):
    page = write_report(pictured.run, f"s3://{bucket}/site/")
    assert page == f"s3://{bucket}/site/index.html"
    stored = {file.key for file in Storage(f"s3://{bucket}/site").list()}
    assert stored == {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}


def test_a_run_that_is_not_finished_has_a_site_without_verdicts(pictured, tmp_path):
    shutil.copytree(pictured.run.root, tmp_path / "tables")
    (tmp_path / "tables" / commit_key(pictured.run.run_id, "finish", 0)).unlink()
    run = open_run(str(tmp_path / "tables"), pictured.run.run_id)
    folder = Path(write_report(run, tmp_path / "site")).parent
    assert "This run is not finished" in (folder / "index.html").read_text()
    assert '"verdict":""' in (folder / "data" / "pairs-000000.js").read_text()
    assert not (folder / "words.html").exists()


def test_files_of_an_earlier_report_go_and_what_no_report_wrote_stays(pictured, tmp_path):
    folder = Path(write_report(pictured.run, tmp_path / "site")).parent
    earlier = SiteFiles(folder)
    earlier.write({"data/pairs-000007.js": b"an earlier report had more", "photos/changed.jpg": b"then"})
    stranger = folder / "data" / "notes.html"
    stranger.write_text("mine")
    (folder / "photos" / "changed.jpg").write_bytes(b"drawn over")
    write_report(pictured.run, folder)
    assert not (folder / "data" / "pairs-000007.js").exists()
    assert stranger.exists()
    assert (folder / "photos" / "changed.jpg").exists()
    fresh = Path(write_report(pictured.run, tmp_path / "fresh")).parent
    assert (folder / LIST).read_text() == (fresh / LIST).read_text()


def test_a_list_that_no_report_wrote_removes_nothing(pictured, tmp_path):
    site, outside = tmp_path / "site", tmp_path / "outside.txt"
    site.mkdir()
    outside.write_text("mine")
    digest = hashlib.sha256(b"mine").hexdigest()
    (site / "own.html").write_text("not what the list says")
    (site / LIST).write_text(f"{digest}  ../outside.txt\n{digest}  own.html\n\xff nonsense\n", "latin-1")
    write_report(pictured.run, site)
    assert outside.exists()
    assert (site / "own.html").exists()


def test_a_report_that_was_killed_leaves_nothing_unlisted(pictured, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(pictured.run, tmp_path / "site", progress=stop)
    assert (tmp_path / "site" / "assets" / "pair.js").exists()
    SiteFiles(tmp_path / "site").remove_stale()
    assert [path.name for path in (tmp_path / "site").rglob("*") if path.is_file()] == [LIST]
