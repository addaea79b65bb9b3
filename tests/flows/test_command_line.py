"""The commands as people meet them: quick help, exit statuses, one line for what is wrong.

Proves flows.actions.listing, flows.actions.show, flows.actions.verify, flows.commands.diff,
flows.commands.options, flows.commands.plan, flows.commands.runs, flows.commands.show, flows.commands.status,
flows.commands.verify, flows.exit_status.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_benchmark import FIXTURES, PATIENCE_S, environment, ilime

from tasks.runs.run import open_run

COMMANDS = (
    "demo",
    "plan",
    "explain",
    "measure",
    "pair",
    "runs",
    "status",
    "verify",
    "diff",
    "show",
    "catalog",
    "export",
    "report",
    "serve",
)

TIMED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(spent.ru_utime + spent.ru_stime)
"""

SHADOWED = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from flows.command_line import main
main()
"""

HELP = """
import sys
from flows.command_line import main
sys.argv = ["ilime", *sys.argv[1:]]
try:
    main()
finally:
    loaded = {name.partition(".")[0] for name in sys.modules}
    print("loaded:", sorted(loaded & {"torch", "prefect", "pyarrow", "open_clip", "numpy"}))
"""


@pytest.mark.parametrize(
    "command", [(), *((name,) for name in COMMANDS)], ids=lambda words: "-".join(words) or "ilime"
)
def test_help_has_examples_and_loads_nothing_heavy(home, command):
    done = subprocess.run(
        [sys.executable, "-c", HELP, *command, "--help"],
        env=environment(home), cwd=home, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Examples:" in done.stdout
    assert " ".join(["  ilime", *command]) in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_help_is_quick(home):
    """Processor time, which does not depend on who else is at work; the best of three."""
    spent = []
    for _ in range(3):
        command = [sys.executable, "-c", TIMED, Path(sys.executable).with_name("ilime"), "explain", "--help"]
        done = subprocess.run(
            command, env=environment(home), cwd=home, capture_output=True, text=True, check=True
        )
        spent.append(float(done.stdout))
    assert min(spent) < 0.5


def test_a_module_that_shadows_ours_is_refused(home, tmp_path):
    (tmp_path / "tasks.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", SHADOWED,
         str(tmp_path), "--help"],
        env=environment(home), cwd=home, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr
        == f"ilime: {tmp_path / 'tasks.py'} shadows ilime's own package 'tasks'; move it off sys.path\n"
    )


@pytest.mark.slow
def test_a_whole_run_from_the_shell(home, benchmark, tmp_path):
    """The one that starts Prefect as a user does; the others call the same functions in this process."""
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", runner={"name": "threads"})
    done = ilime("explain", spec, "--set", "label=from the shell", "--limit", "2", home=home)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert any(line["message"].startswith("image to text: R@1") for line in said)
    run = open_run(str(tmp_path / "tables"), "from the shell")
    [row] = run.table("runs").to_pylist()
    assert (row["n_images"], row["n_texts"]) == (2, 4)


def test_plugins_run_only_where_they_are_allowed(call, benchmark, tmp_path, monkeypatch):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    monkeypatch.setenv("ILIME_PLUGINS", "")
    status, _, said = call("plan", spec)
    assert status == 2
    assert said.count("\n") == 1
    assert "not allowed here. Allowed: none" in said
    status, _, said = call("plan", spec, "--allow-plugin", "planted_plugin")
    assert status == 0, said
    assert not (tmp_path / "tables").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain",), "Missing argument"),
        (("explode",), "no command is called"),
        (("explain", "--speed"), "No such option"),
        (("status", "--root", "/nowhere/at-all"), "holds no runs"),
        (("verify", "r0", "--root", "/nowhere/at-all"), "holds no runs"),
        (("pair", "/nowhere/cat.jpg", "a cat"), "/nowhere/cat.jpg: cannot be read"),
        (("runs", "ftp://host/place"), "ftp"),
    ],
)
def test_wrong_calls_end_with_2(call, arguments, message):
    status, _, err = call(*arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err


def test_runs_status_and_show_name_the_run(call, reference, tmp_path):
    root = reference.storage.url
    status, out, _ = call("runs", root)
    assert status == 0
    assert reference.run_id in out
    assert "finished" in out
    status, out, _ = call("status", reference.run_id[:6], "--root", root)
    assert status == 0
    assert f"run {reference.run_id} finished" in out
    counts = {line.split()[0]: line.split()[1:4] for line in out.splitlines() if " of " in line}
    assert counts["score"] == ["6", "of", "6"]
    assert list(counts)[-1] == "finish"
    assert call("show", "tiny", "--root", root)[0] == 0
    assert call("show", "tiny", "--root", root, "--html")[0] == 2
    status, out, err = call("show", "--worst", "--root", root, "--out", tmp_path / "pictures")
    assert status == 0, err
    [picture] = (tmp_path / "pictures").iterdir()
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in out


def test_no_run_of_this_name(call, reference):
    status, _, err = call("status", "rffff", "--root", reference.storage.url)
    assert status == 2
    assert "no run of" in err
    assert reference.run_id in err


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_verify_names_the_part_of_a_flipped_bit(call, reference, tmp_path):
    root = tmp_path / "tables"
    shutil.copytree(reference.storage.url, root)
    assert call("verify", "--root", root)[0] == 0
    [part, *_] = sorted(root.glob("interactions/run_id=*/*.parquet"))
    flip(part)
    status, out, _ = call("verify", "--root", root)
    assert status == 1
    assert f"wrong_digest: {part.relative_to(root)}: " in out
    part.unlink()
    status, out, _ = call("verify", "--root", root)
    assert status == 1
    assert f"missing_part: {part.relative_to(root)}: " in out


def test_diff_says_whether_two_runs_are_the_same(call, benchmark, reference, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", faithfulness={"sample": 3})
    assert call("explain", spec)[0] == 0
    ends = ("latest", "latest", "--root", reference.storage.url, "--root-b", tmp_path / "tables")
    assert call("diff", *ends)[:2] == (0, "the same, to the bit\n")
    assert call("explain", spec, "--set", "perturbation.ridge=0.01")[0] == 0
    status, out, _ = call("diff", *ends)
    assert status == 1
    assert out.startswith("not the same\n")
    assert "effects" in out


def test_plan_says_what_explain_will_count(call, benchmark, reference, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, err = call("plan", spec)
    assert status == 0, err
    [row] = reference.table("runs").to_pylist()
    said = out.replace(",", "")
    assert str(row["image_encodes"]) in said
    assert str(row["text_encodes"]) in said
    assert reference.run_id in said


def test_pair_explains_one_pair_at_once(call, benchmark, tmp_path):
    model = tmp_path / "model.yaml"
    model.write_text(json.dumps({"model": {"name": "plugin", "factory": "planted_plugin:make"}}))
    picture = tmp_path / "pair.png"
    started = time.monotonic()
    image = benchmark.images / "shapes-0.png"
    status, out, err = call("pair", image, "a red circle", "--model", model, "--picture", picture)
    assert status == 0, err
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert {"red", "circle"} & set(out.replace('"', " ").split())
    assert time.monotonic() - started < 60


def test_the_plugin_of_these_tests_is_found_behind_everything_else():
    assert sys.path.index(str(FIXTURES)) > 0


LEAVING = """
import atexit, sys
import flows.command_line as commands
main = commands.main
def with_handler():
    atexit.register(print, "handlers run")
    main()
commands.main = with_handler
sys.argv = ["ilime", *sys.argv[1:]]
commands.script()
"""


@pytest.mark.parametrize(("asked", "status"), [(["--version"], 0), (["explode"], 2)])
def test_the_script_ends_by_itself_with_its_status_and_after_all_handlers(asked, status):
    done = subprocess.run(
        [sys.executable, "-c", LEAVING, *asked], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == "handlers run"
    assert status == 0 or "explode" in done.stderr
