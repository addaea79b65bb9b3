"""Training script of the cross-encoder: it starts from the towers of CLIP and writes weights that load."""

import pytest
import torch
from click.testing import CliRunner
from every import every
from safetensors.torch import load_file

from ilime_core.encoders.cross_encoder.source import load_network
from training import train_cross_encoder
from training.train_cross_encoder import train


@pytest.mark.slow
def test_a_step_changes_what_is_trained_and_no_frozen_weight(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(train_cross_encoder, "matching_line", lambda *_: "figures")
    weights = {}
    for steps in (1, 2):
        out = tmp_path / f"{steps}.safetensors"
        result = CliRunner().invoke(train, ["--out", str(out), "--batch", "8", "--steps", str(steps)])
        assert result.exit_code == 0, result.output
        assert f"{steps}: loss " in result.output
        assert "figures" in result.output
        weights[steps] = load_file(out)
    assert {value.dtype for value in weights[1].values()} == {torch.float16}
    network = load_network(tmp_path / "1.safetensors")
    frozen = {id(one) for one in network.lower_weights()}
    names = [name for name, one in network.named_parameters() if id(one) in frozen]
    assert names
    assert every(torch.equal(weights[1][name], weights[2][name]) for name in names)
    assert not every(torch.equal(weights[1][name], weights[2][name]) for name in weights[1])
