"""A measurement that is killed goes on where it stood, and its leaderboard comes out the same to the bit."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from kill_scenarios import problems_of
from killing import KILL, Ended, commits_below, ended_after, kill_after, start
from tiny_benchmark import PATIENCE_S, explain, ilime, run_of

ILIME = Path(sys.executable).with_name("ilime")
MEASURED = {
    "metrics": ["insertion_deletion", "aid", "p_faithfulness", "certainty", "stability"],
    "sample": 6,
    "steps": 4,
    "random_orders": 3,
    "baselines": [{"image_baseline": "blur"}],
    "refits": {"sample": 4, "seeds": 2, "noise_draws": 1},
}


@pytest.fixture(scope="module")
def whole(benchmark, tmp_path_factory):
    """The same, undisturbed."""
    outcome = explain(benchmark.spec(tmp_path_factory.mktemp("whole"), faithfulness=MEASURED))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="module")
def explained(benchmark, tmp_path_factory):
    """The output before anything is measured; to be copied."""
    folder = tmp_path_factory.mktemp("explained") / "tables"
    assert explain(benchmark.spec(folder, faithfulness={"sample": 0})).finished
    return folder


@pytest.mark.parametrize("seed", range(3))
def test_an_end_at_any_write_of_a_measurement_is_made_good(
    benchmark, whole, explained, tmp_path, monkeypatch, seed
):
    shutil.copytree(explained, tmp_path, dirs_exist_ok=True)
    spec = benchmark.spec(tmp_path, faithfulness=MEASURED)
    rng = np.random.default_rng(seed)
    for _ in range(2):
        before = bool(rng.random() < 0.5)
        with ended_after(monkeypatch, int(rng.integers(2, 9)), before=before), pytest.raises(Ended):
            explain(spec, "measure")
    assert explain(spec, "measure").finished
    # A probe of a young start is left alone: somebody may be starting now.
    assert [one for one in problems_of(whole, str(tmp_path)) if "/.probe-" not in one] == []
    assert run_of(explain(spec, "measure")).table("leaderboard").equals(whole.table("leaderboard"))


@pytest.mark.slow
def test_a_killed_measurement_resumes_to_the_same_leaderboard(benchmark, whole, explained, home, tmp_path):
    root = tmp_path / "tables"
    shutil.copytree(explained, root)
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root, faithfulness=MEASURED)
    had = commits_below(root)
    process = start([ILIME, "measure", spec], home, PLANTED_DELAY_S="0.002")
    assert kill_after(process, root, had + 2, 0.02, KILL)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -KILL
    kept = commits_below(root)
    said = ilime("status", "--root", root, home=home)
    [line] = [line for line in said.stdout.splitlines() if line.strip().startswith("measure-")]
    done, _, planned = line.split()[1:4]
    assert 0 < int(done) < int(planned), said.stdout
    [ranked] = [line for line in said.stdout.splitlines() if line.strip().startswith("rank-")]
    assert ranked.split()[1:4] == ["0", "of", "1"]
    done = ilime("measure", spec, home=home)
    assert done.returncode == 0, done.stderr
    assert commits_below(root) > kept
    assert problems_of(whole, str(root)) == []
