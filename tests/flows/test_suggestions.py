"""Suggestions: a mistyped name is answered with near ones, and a printed command runs as printed.

Proves tasks.run_files.suggested_commands, flows.actions.report, flows.commands.report,
flows.commands.explain.
"""

import shlex
import shutil
import sys

import pytest

from tasks.run_files.suggested_commands import ilime_command, program


def test_a_mistyped_name_is_answered_with_near_ones(call, reference):
    [pair, *_] = sorted(reference.table("fits")["pair_id"].to_pylist())
    root = ("--root", reference.root)
    wrong = pair[:5] + ("0" if pair[5] != "0" else "1") + pair[6:13]
    cases = [
        (("explan", "spec.yaml"), "no command is called 'explan'; did you mean 'explain'"),
        (("frobnicate",), "no command is called 'frobnicate'; known: demo, init"),
        (("demo", "--corpus", "scene"), "did you mean 'scenes'?"),
        (("show", "lates", *root), "did you mean 'latest'? It holds r"),
        (("show", "tiyn", *root), "did you mean 'tiny'?"),
        (("show", reference.run_id[:-1] + "x", *root), f"did you mean '{reference.run_id}'?"),
        (
            ("prune", reference.root, "--run", reference.run_id[:-1] + "x"),
            f"did you mean '{reference.run_id}'?",
        ),
        (("show", "latest", wrong, *root), f"did you mean '{pair[:13]}'?"),
        (("show", "--image", "shapes-2.jpg", *root), "did you mean 'shapes-2.png'"),
    ]
    for arguments, said in cases:
        status, _, err = call(*arguments)
        assert status == 2, arguments
        assert said in err, arguments


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("faithfulness.metrics=[insertion_deltion]", "did you mean 'insertion_deletion'?"),
        ("runner.name=thread", "got 'thread'; did you mean 'threads'?"),
        ("estimators=[banzaf]", "did you mean 'banzhaf'"),
    ],
)
def test_a_mistyped_choice_of_a_spec_too(call, benchmark, tmp_path, change, said):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path)
    status, _, err = call("plan", spec, "--set", change)
    assert (status, said in err) == (2, True), err


def test_programs_are_named_as_a_shell_finds_them(tmp_path, monkeypatch):
    own = tmp_path / "an environment" / "bin"
    own.mkdir(parents=True)
    (own / "ilime").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    monkeypatch.setenv("PATH", str(own))
    assert ilime_command("show", "--root", "my tables/$x") == "ilime show --root 'my tables/$x'"
    monkeypatch.setenv("PATH", "/nowhere")
    assert ilime_command("doctor") == f"'{own}/ilime' doctor"
    monkeypatch.chdir(own.parent)
    assert program("ilime") == "./bin/ilime"
    (tmp_path / "ilime").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))  # a foreign one
    assert program("ilime") == "./bin/ilime"


def test_printed_commands_run_in_a_folder_with_a_space(call, reference, benchmark, tmp_path, monkeypatch):
    folder = tmp_path / "my runs"
    shutil.copytree(reference.root, folder / "tables")
    monkeypatch.chdir(folder)
    status, out, _ = call("explain", benchmark.write_spec(folder / "spec.yaml", folder / "tables"))
    assert status == 0
    assert "nothing to compute" in out
    asked = ("--images", benchmark.images, "--annotations", benchmark.annotations, "--out", "a spec.yaml")
    lines = [*out.splitlines(), *call("init", *asked)[1].splitlines()]
    found = {said: line.partition(f"{said}: ")[2] for line in lines for said in SAID if f"{said}: " in line}
    words = {said: shlex.split(command)[1:] for said, command in found.items()}
    run = [reference.run_id, "--root", str(folder / "tables")]
    assert words == {
        "look at it": ["show", *run],
        "pages of it": ["report", *run],
        "try it": ["check", "a spec.yaml"],
    }
    status, out, _ = call(*words["look at it"])
    assert (status, reference.run_id in out) == (0, True)


SAID = ("look at it", "pages of it", "try it")
