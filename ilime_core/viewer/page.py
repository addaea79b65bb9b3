"""Page of one pair in one file: scripts, style sheet and data are inside, and nothing else is loaded."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape

from ilime_core.viewer.assets import SCRIPTS, STYLES, viewer_asset
from ilime_core.viewer.records import ItemRecord, PairRecord

__all__ = ["frame_html", "pair_page"]


def pair_page(pair: PairRecord, items: Mapping[str, ItemRecord], title: str) -> str:
    """Make the page of a pair.

    Parameters
    ----------
    pair
        The pair.
    items
        Its two items by id, and those of its margins.
    title
        Title of the page, as plain text.

    Returns
    -------
    str
        HTML. Its policy lets its own script run and photographs of data URLs be shown, and nothing else.
    """
    data = _script_json({"pair": pair, "items": dict(items)})
    script = "\n".join(viewer_asset(name) for name in SCRIPTS) + f"\nconst shown = {data};\n{_START}"
    style = "\n".join(viewer_asset(name) for name in STYLES)
    policy = f"default-src 'none'; img-src data:; script-src {_digest(script)}; style-src {_digest(style)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<main><h1 dir="auto">{escape(title)}</h1><div id="pair"></div></main>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def frame_html(pages: Sequence[str], height: int = 900) -> str:
    """Frames that show whole pages in a notebook, each apart from the notebook and from the others.

    Parameters
    ----------
    pages
        Pages as of `pair_page`.
    height
        Height of a frame in pixels.

    Returns
    -------
    str
        HTML.
    """
    return "\n".join(
        f'<iframe sandbox="allow-scripts" width="100%" height="{height}" frameborder="0" '
        f'srcdoc="{escape(page)}"></iframe>'
        for page in pages
    )


_START = """const host = document.getElementById("pair");
if (host !== null) {
  const items = new Map(Object.entries(shown.items));
  new PairView(host, shown.pair, items.get(shown.pair.left_id), items.get(shown.pair.right_id), { items });
}
"""


def _script_json(data: object) -> str:
    """JSON that may stand in a script: no text in it can end the script or open a comment of HTML."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
