"""``ilime compare`` as it is typed.

Proves flows.actions.compare, flows.commands.compare.
"""

import json


def test_two_outputs_are_compared_and_written(call, before, colourless, tmp_path):
    roots = ("--root", before.root, "--root-b", colourless.root)
    status, out, _ = call("compare", "latest", "after", *roots, "--out", tmp_path / "out")
    assert status == 0
    assert out.splitlines()[0].startswith(f"A  {before.run_id}")
    [file] = (tmp_path / "out").rglob("*.parquet")
    assert out.splitlines()[-1] == f"wrote {file}"


def test_json_is_alone_on_standard_output(call, before, colourless, tmp_path):
    roots = ("--root", before.root, "--root-b", colourless.root)
    arguments = ("compare", "latest", "latest", *roots, "--format", "json")
    status, out, error = call(*arguments, "--out", tmp_path)
    assert status == 0
    assert json.loads(out)["run_b"] == colourless.run_id
    assert "wrote " in error
    assert not (tmp_path / "tables").exists()


def test_what_is_wrong_is_one_line(call, before):
    status, out, error = call("compare", "latest", "nosuchrun", "--root", before.root)
    assert (status, out) == (2, "")
    assert "nosuchrun" in error
    status, _, error = call("compare", "latest", "latest", "--root", before.root, "--estimator", "grid")
    assert status == 2
    assert error == f"ilime: run {before.run_id} has no explanations by 'grid'; it has banzhaf\n"
    status, _, error = call("compare", "latest", "latest", "--root", before.root, "--format", "jsn")
    assert status == 2
    assert "did you mean 'json'" in error
