import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from flows.console.inline_pictures import picture_protocol, show_inline


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, None),
        ({"TMUX": "/tmp/tmux", "ILIME_PICTURES": "sixel"}, "sixel"),
        ({"TERM": "xterm-kitty", "ILIME_PICTURES": "none"}, None),
    ],
)
def test_terminals_are_known_by_their_environment(environment, expected):
    assert picture_protocol(environment, terminal=True) == expected
    assert picture_protocol(environment, terminal=False) is None


@pytest.fixture
def shown(monkeypatch, capsys):
    def show(protocol, png):
        monkeypatch.setenv("ILIME_PICTURES", protocol)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        show_inline(png)
        return capsys.readouterr().out

    return show


@pytest.fixture(scope="module")
def noise():
    return png_of(np.random.default_rng(0).integers(0, 256, (64, 48, 3), dtype=np.uint8))


def png_of(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_kitty_gets_the_file_in_pieces(shown, noise):
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", shown("kitty", noise))
    assert base64.b64decode("".join(data for _, data in pieces)) == noise
    assert [keys for keys, _ in pieces] == ["a=T,f=100,m=1", *["m=1"] * (len(pieces) - 2), "m=0"]
    assert max(len(data) for _, data in pieces) == 4096


def test_iterm2_gets_the_file_at_once(shown, noise):
    [(size, data)] = re.findall(
        r"\x1b\]1337;File=inline=1;size=(\d+);[^:]*:([^\a]*)\a", shown("iterm2", noise)
    )
    assert (int(size), base64.b64decode(data)) == (len(noise), noise)


def test_sixels_draw_the_picture(shown):
    blocks = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], dtype=np.uint8)
    pixels = blocks.repeat(10, axis=0).repeat(7, axis=1)  # 20 rows: the last band is not full
    assert np.array_equal(decoded(shown("sixel", png_of(pixels))), pixels)


def decoded(text):
    """Draw sixels, colour by colour."""
    width, height = map(int, re.search(r'"1;1;(\d+);(\d+)', text).groups())
    body = text[text.index('"') :].removesuffix("\x1b\\\n")
    palette = {
        int(number): [round(int(part) * 2.55) for part in parts.split(";")]
        for number, parts in re.findall(r"#(\d+);2;(\d+;\d+;\d+)", body)
    }
    body = re.sub(r'"[\d;]+|#\d+;2;\d+;\d+;\d+', "", body)
    out = np.zeros((height, width, 3), dtype=np.uint8)
    for band, rows in enumerate(body.split("-")):
        for row in rows.split("$"):
            colour, coded = re.match(r"#(\d+)(.*)", row).groups()
            columns = "".join(char * int(n or 1) for n, char in re.findall(r"(?:!(\d+))?([?-~])", coded))
            for x, char in enumerate(columns):
                for bit in range(6):
                    if (ord(char) - 63) >> bit & 1:
                        out[6 * band + bit, x] = palette[int(colour)]
    return out
