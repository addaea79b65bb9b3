"""What a run says where nobody watches: sentences, or a JSON object a line that names block and item.

Proves flows.console.block_lines.
"""

import io
import json
import re
import shutil

import pytest
from rich.console import Console
from tiny_benchmark import Benchmark

from flows.console.log_lines import FORM, Line, LogLines


def console(*, terminal=False, quiet=False):
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, quiet=quiet, width=200), out


def test_a_line_has_what_is_known_and_nothing_else():
    to, out = console()
    LogLines(to).of_run("r1").say(Line("block", "done", "warning", "score", 3, "i1", 7, {"rows": 2}))
    LogLines(to).say(Line("server", "up"))
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first.pop("time").endswith("+00:00")
    assert first == {
        "level": "warning", "event": "block", "message": "done", "stage": "score", "block": 3,
        "item_id": "i1", "entry": 7, "counts": {"rows": 2}, "run_id": "r1",
    }  # fmt: skip
    assert set(second) == {"time", "level", "event", "message"}


def test_a_caption_cannot_steer_the_terminal_that_shows_the_log():
    to, out = console()
    LogLines(to).say(Line("failed", "a \x1b[31mred\x9b1m\ncat \u2028 猫"))
    [line] = out.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == "a \x1b[31mred\x9b1m\ncat \u2028 猫"


def test_people_who_look_through_a_pipe_get_sentences(monkeypatch):
    monkeypatch.delenv(FORM)
    to, out = console()
    log = LogLines(to, "r1")
    log.say(Line("planned", "run \x1b[31mr1"))
    log.note(Line("progress", "3/8 encodes", stage="score", counts={"done": 3}))
    first, second = out.getvalue().splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d run .*31mr1", first)
    assert first.isprintable()
    assert re.fullmatch(r"\d\d:\d\d:\d\d score: 3/8 encodes", second)


@pytest.mark.parametrize(
    ("asked", "is_json"), [((), False), (("--log", "json"), True), (("--log", "text"), False)]
)
def test_json_is_written_where_it_is_asked_for(call, benchmark, tmp_path, monkeypatch, asked, is_json):
    monkeypatch.delenv(FORM)
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", faithfulness={"sample": 0})
    status, _, err = call("explain", spec, "--limit", 1, *asked)
    assert status == 0, err
    assert {line.startswith("{") for line in err.splitlines()} == {is_json}


def test_a_terminal_gets_sentences_and_no_notes():
    to, out = console(terminal=True)
    log = LogLines(to)
    log.say(Line("planned", "run [bold]r1"))
    log.note(Line("block", "committed"))
    assert out.getvalue() == "run [bold]r1\n"


@pytest.mark.parametrize("how", [{}, {"terminal": True}, {"quiet": True}])
def test_a_listener_hears_every_line_once_whatever_the_console_is(how):
    to, out = console(**how)
    heard = []
    log = LogLines(to, "r1").heard_by(heard.append)
    log.say(Line("planned", "a"))
    log.note(Line("block", "b"))
    assert [(line.event, line.run_id) for line in heard] == [("planned", "r1"), ("block", "r1")]
    assert bool(out.getvalue()) == (not how.get("quiet"))


def test_every_line_of_a_run_is_json_and_names_block_and_item(call, benchmark, tmp_path):
    shutil.copytree(benchmark.folder, tmp_path / "corpus")
    corpus = Benchmark(tmp_path / "corpus")
    (corpus.images / "shapes-2.png").write_bytes(b"no picture")
    spec = corpus.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", faithfulness={"sample": 0})
    status, out, err = call("explain", spec)
    assert status == 1
    assert "3 images, 8 captions" in out
    lines = [json.loads(line) for line in err.splitlines()]
    run_id = lines[0]["run_id"]
    assert {line["run_id"] for line in lines} == {run_id}
    [failed] = [line for line in lines if line["event"] == "item-failed"]
    assert (failed["level"], failed["stage"]) == ("warning", "embed")
    assert failed["entry"] == 2
    blocks = [line for line in lines if line["event"] == "block"]
    assert [line["block"] for line in blocks if line["stage"] == "match"] == [0]
    encodes = sum(line["counts"]["image_encodes"] for line in blocks if line["stage"] == "embed")
    assert encodes == 3
    assert lines[-1]["event"] == "ended"
    assert "1 of 12 items failed" in lines[-1]["message"]
