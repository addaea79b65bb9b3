"""The report in a real browser: its policy lets everything through that it needs, and nothing is missing."""

import os
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from tasks.report.site import write_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--v=0",
]


def browse(page, tmp_path, *asked, height=1600):
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    return subprocess.run(
        [CHROMIUM, *QUIET, *sandbox, profile, f"--window-size=1200,{height}", *asked, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def screenshot(page, tmp_path, name, height=1600):
    picture = tmp_path / f"{name}.png"
    done = browse(page, tmp_path, f"--screenshot={picture}", height=height)
    return np.asarray(Image.open(picture).convert("RGB")), done.stderr


def width_at(page, tmp_path, width):
    """How wide a page gets in a window of a width: more than that means that it scrolls sideways."""
    frame = page.with_name("frame.html")
    told = "document.body.append('width=' + this.contentDocument.documentElement.scrollWidth + ';')"
    style = f"width:{width}px;height:900px;border:0"
    frame.write_text(f'<iframe src="{page.name}" style="{style}" onload="{told}"></iframe>')
    told = browse(frame, tmp_path, "--allow-file-access-from-files", "--dump-dom").stdout
    frame.unlink()
    return int(re.findall(r"width=(\d+);", told)[-1])


ICON = (16 // 4) ** 2
"""Tiles of what a browser draws where a picture is missing: 16 pixels wide, in colours of its own."""


def coloured_tiles(picture):
    """Tiles of 4 x 4 pixels that are coloured throughout: photographs and boxes have them, text has none."""
    coloured = np.ptp(picture.astype(int), axis=2) > 60
    height, width = (side // 4 * 4 for side in coloured.shape)
    return coloured[:height, :width].reshape(height // 4, 4, width // 4, 4).all(axis=(1, 3)).sum()


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine"),
]


def test_a_browser_shows_the_report_and_its_policy_refuses_nothing_of_it(pictured, tmp_path):
    index = write_report(pictured.run, tmp_path / "site")
    pair = min((index.parent / "pairs").glob("*.html"))
    blocked = index.parent / "blocked.html"  # the control: what a page of ours must not look like
    blocked.write_text(
        index.read_text()
        .replace('rel="stylesheet"', 'rel="none"')
        .replace("<img src", '<img src="x:" data-src')
        + "<p onclick='x()'>inline</p>"
    )
    bare, said = screenshot(blocked, tmp_path, "blocked")
    assert "Content Security Policy" in said
    icons = ICON * blocked.read_text().count("<img")
    assert coloured_tiles(bare) <= icons
    for page in (index, pair):
        shown, said = screenshot(page, tmp_path, page.stem)
        assert "Content Security Policy" not in said
        assert coloured_tiles(shown) > 2 * icons


def test_the_page_of_methods_opens_and_fits_a_telephone(ranked, tmp_path):
    index = write_report(ranked.run, tmp_path / "site", limit=1)
    page = index.parent / "methods.html"
    shown, said = screenshot(page, tmp_path, "methods", height=4000)
    assert "Content Security Policy" not in said
    assert coloured_tiles(shown) >= 5  # dots of a picture
    assert width_at(page, tmp_path, 400) == 400
    wide = index.parent / "wide.html"  # the control: without its frames a table makes the page scroll
    wide.write_text(page.read_text().replace('class="wide"', ""))
    assert width_at(wide, tmp_path, 400) > 400
