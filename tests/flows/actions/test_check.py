"""``ilime check`` finds what is wrong with a spec before a run does, and leaves nothing behind.

Proves flows.commands.check.
"""

import shutil

import pytest
from tiny_benchmark import Benchmark

from ilime_core.errors import IlimeWarning


def lines_of(out):
    return {line[9:21].strip(): (line[:8].strip(), line[22:]) for line in out.splitlines()}


@pytest.fixture
def copied(benchmark, tmp_path):
    shutil.copytree(benchmark.folder, tmp_path / "corpus")
    return Benchmark(tmp_path / "corpus")


def test_a_sound_spec(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, _ = call("check", spec)
    lines = lines_of(out)
    assert status == 0, out
    assert {level for name, (level, _) in lines.items() if name != "R@1"} == {"ok"}, out
    assert set(lines) == {
        "output",
        "model",
        "images",
        "view",
        "tokenizer",
        "image tower",
        "text tower",
        "R@1",
    }
    assert lines["images"][1].endswith(f"{benchmark.images}/shapes-0.png")
    assert "the model sees 100% of a picture" in lines["view"][1]
    assert "0% of 8 captions" in lines["tokenizer"][1]
    assert "text to image" in lines["R@1"][1]
    assert "image to text " in out
    assert "of 8, by chance 25%" in lines["R@1"][1]
    assert [path for path in (tmp_path / "tables").rglob("*") if path.is_file()] == []


def test_items_that_cannot_be_used_are_named(call, copied, tmp_path):
    (copied.images / "shapes-1.png").write_bytes(b"no picture")
    spec = copied.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, _ = call("check", spec)
    assert status == 0
    assert "warning  images       1 of the first 4 cannot be used, the first: not an image" in out
    for path in copied.images.iterdir():
        path.unlink()
    status, out, err = call("check", spec)
    assert status == 2
    assert "wrong    images       none of the first 4 can be used" in out
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("value", "chance", "level"),
    [(0.3, 0.1, "ok"), (0.2, 0.1, "warning"), (1.0, 1.0, "ok"), (0.0, 0.0, "warning")],
)
def test_recall_is_held_against_guessing(value, chance, level):
    from flows.actions.check import recall_finding
    from ilime_core.encoders.probing import Recall

    finding = recall_finding("image to text", Recall(value, chance, 32))
    assert (finding.level, finding.text[:13]) == (level, "image to text")
    assert f"{value:.0%} of 32, by chance {chance:.0%}" in finding.text


def test_what_ilime_warns_of_is_a_finding(call, benchmark, tmp_path, monkeypatch):
    import warnings

    from flows.actions import check as checking

    resolve = checking.resolve_model

    def warns(parameters):
        warnings.warn("the weights were trained otherwise", IlimeWarning, stacklevel=1)
        return resolve(parameters)

    monkeypatch.setattr(checking, "resolve_model", warns)
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, out, err = call("check", spec)
    assert status == 0
    assert out.count("warning  model        the weights were trained otherwise") == 1
    assert "otherwise" not in err


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        ({"model": {"factory": "planted_plugin:broken"}}, "model", "the weights are not here"),
        ({"corpus": {"split": "tset"}}, "corpus", "did you mean 'test'?"),
        ({"faithfulness": {"estimators": ["grid"]}}, "measure", "'grid' cannot be measured"),
        (
            {"estimators": ["grid"], "opaque": {"scorer": "cross_encoder", "checkpoint": "w.safetensors"}},
            "scorer",
            "cannot be read",
        ),
    ],
)
def test_what_cannot_run_is_wrong(call, benchmark, tmp_path, changes, name, message):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **changes)
    status, out, err = call("check", spec)
    assert status == 2
    assert lines_of(out)[name][0] == "wrong"
    assert message in lines_of(out)[name][1]
    assert "Traceback" not in err


def test_an_output_that_cannot_be_written(call, benchmark, tmp_path):
    (tmp_path / "file").write_text("")
    status, out, _ = call("check", benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "file" / "t"))
    assert status == 2
    assert lines_of(out)["output"][0] == "wrong"
    assert lines_of(out)["model"][0] == "ok"


def test_a_model_that_an_estimator_cannot_look_into_is_told_before_a_run(call, benchmark, tmp_path):
    spec = benchmark.write_spec(
        tmp_path / "spec.yaml", tmp_path / "tables", estimators=["banzhaf", "cross_gradient"]
    )
    status, out, err = call("check", spec)
    assert status == 2
    level, text = lines_of(out)["estimators"]
    assert level == "wrong"
    assert "cross_gradient" in text
    assert "Traceback" not in err
