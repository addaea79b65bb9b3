"""``ilime query`` on a real run: tables, views, formats, pipes and the prompt.

Proves flows.commands.query, flows.actions.query.
"""

import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ILIME = [str(Path(sys.executable).with_name("ilime")), "query"]


def query(*arguments, **options):
    return subprocess.run([*ILIME, *arguments], capture_output=True, check=False, timeout=120, **options)


def test_an_answer_in_every_format(reference):
    sql = "SELECT pair, score FROM named_pairs ORDER BY score DESC LIMIT 2"
    best = reference.table("pairs").sort_by([("score", "descending")]).slice(0, 2).to_pylist()
    texts = {
        form: query(reference.root, sql, "--format", form) for form in ("csv", "json", "markdown", "parquet")
    }
    assert [one["pair"] for one in json.loads(texts["json"].stdout)] == [row["pair_id"][:13] for row in best]
    assert texts["csv"].stdout.decode().splitlines()[0] == "pair,score"
    assert len(texts["markdown"].stdout.splitlines()) == 4
    assert pq.read_table(io.BytesIO(texts["parquet"].stdout)).num_rows == 2
    table = query(reference.root, sql, "--rows", "1")
    assert best[0]["pair_id"][:13].encode() in table.stdout
    assert b"1 more rows" in table.stderr


def test_a_table_cuts_ids_to_what_commands_take_and_other_forms_do_not(reference):
    [whole] = reference.table("pairs").slice(0, 1)["pair_id"].to_pylist()
    sql = f"SELECT pair_id, {whole!r} || '!' AS other FROM pairs WHERE pair_id = {whole!r}"
    shown = query(reference.root, sql).stdout.decode()
    assert f" {whole[:13]}\N{HORIZONTAL ELLIPSIS} " in shown
    assert f"{whole}!" in shown
    assert whole in query(reference.root, f"SELECT pair_id FROM ({sql})").stdout.decode().split()
    assert whole in query(reference.root, sql, "--format", "csv").stdout.decode()


def test_a_reader_that_leaves_a_pipe_is_no_error(reference):
    command = f"{' '.join(ILIME)} {reference.root} 'FROM interactions' --format csv | head -1"
    found = subprocess.run(command, shell=True, capture_output=True, check=False, text=True, timeout=120)
    assert found.stdout.startswith("pair_id,")
    assert found.stderr == ""


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(100000) a, range(10000000) b WHERE hash(a.range, b.range) = 3",
        (
            "SELECT a.weight FROM interactions a, interactions b, interactions c, range(1000000000) "
            "WHERE a.weight + b.weight + c.weight = 77"
        ),
    ],
)
def test_ctrl_c_ends_a_long_query(reference, sql):
    process = subprocess.Popen(
        [*ILIME, reference.root, sql],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in the background their children would ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no thread forks here
    )
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(4)
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 3
    assert not err.strip()


def test_an_answer_on_a_terminal_has_no_control_characters(reference):
    sql = "SELECT chr(27) || '[31mred' AS caption, chr(8238) AS other"
    for form in ("table", "csv", "json", "markdown"):
        main, terminal = pty.openpty()
        query_of_terminal = subprocess.run(
            [*ILIME, reference.root, sql, "--format", form], stdout=terminal, check=False, timeout=120
        )
        os.close(terminal)
        text = os.read(main, 10_000).decode()
        os.close(main)
        assert query_of_terminal.returncode == 0
        assert "31mred" in text
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
    assert b"\x1b[31mred" in query(reference.root, sql, "--format", "csv").stdout


def test_a_plan_has_its_lines(reference):
    lines = query(reference.root, "EXPLAIN SELECT 1").stdout.decode().splitlines()
    assert len(lines) > 4
    assert not any("\ufffd" in line for line in lines)


def test_names_are_listed_described_and_corrected(reference):
    assert b"named_pairs (view)" in query(reference.root, "--tables").stdout
    assert b"change of the score" in query(reference.root, "--describe", "interactions").stdout
    wrong = query(reference.root, "--describe", "interaction")
    assert wrong.returncode == 2
    assert b"did you mean 'interactions'" in wrong.stderr
    assert query(reference.root, "FROM pairs", "--tables").returncode == 2
    assert query(reference.root).returncode == 2


@pytest.mark.slow
def test_a_prompt_answers_line_by_line(reference):
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [*ILIME, reference.root], stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    os.close(terminal)
    os.write(main, b"SELECT count(*) AS n\nFROM pairs;\n.describe runs\nSELECT wat;\n.quit\n")
    out, err = process.communicate(timeout=120)
    os.close(main)
    assert str(reference.table("pairs").num_rows) in out
    assert "one row, written last" in out
    assert "wat" in err
    assert process.returncode == 0
