"""The planted runs of the report's tests, and one real browser for all tests of pages."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

_PLACE = Path(__file__).parent.parent / "report" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("planted_report", _PLACE)
_MODULE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_MODULE)

pictured = _MODULE.pictured

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def every_page(tmp_path_factory, commit_run):
    """The planted run with rows for every page of the site; only to be read."""

    def plant(tables):
        _MODULE.plant_board(tables)
        means = {"mass_share": 0.7, "word_share": 0.4, "intact_size": 0.02}
        common = {"estimator": "banzhaf", "relation": "positive", "slice": "all", "side": "right", "n": 12}
        tables["word_class_means"] = [
            common | {"word_class": "<b>colour", "quantity": name, "mean": mean, "n_words": 9, "n_pairs": 8}
            for name, mean in means.items()
        ]
        tables["hub_candidates"] = [
            {
                "direction": "right_to_left",
                "rank": 1,
                "candidate_id": tables["items"][0]["item_id"],
                "k_occurrence": 9,
                "expected": 2.0,
            }
        ]

        first, *_ = tables["segments"]
        tables["segment_totals"] = [
            {
                "side": "left",
                **{name: first[name] for name in ("item_id", "segment")},
                "n_candidates": 2,
                "n_largest": 1,
                "largest_share": 0.5,
                "mean_net": 0.25,
                "mean_mass": 0.5,
            }
        ]
        tables["pair_histograms"] = [
            {"slice": "all", "measure": name, "relation": relation, "bin": 7, "low": 0.1, "high": 0.2, "n": 3}
            for name in ("norm", "largest", "share")
            for relation in ("positive", "other")
        ]
        fits = {
            "estimator": "banzhaf",
            "relation": "positive",
            "slice": "kind=<i>red",
            "quantity": "r2_cross",
        }
        tables["aggregates"].append(fits | {"mean": 0.41, "low": 0.3, "high": 0.5, "n": 25})
        tables["slice_differences"] = [fits | {"difference": 0.12, "rest_mean": 0.29, "p_adjusted": 0.02}]

    return _MODULE._MODULE.make_pictured(tmp_path_factory.mktemp("every"), commit_run, plant)


@pytest.fixture(scope="module")
def browser():
    """Chromium of this machine; while it is open, this thread can start no other event loop."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser):
    """Open a file; what its scripts or its policy complain of is kept in ``page.said``."""
    contexts = []

    def opened(path, fragment="", width=1200, scheme="light", **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **settings
        )
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("dialog", lambda dialog: (page.said.append("a dialog"), dialog.dismiss()))
        page.goto(f"{path.as_uri()}{fragment}")
        return page

    yield opened
    for context in contexts:
        context.close()
