"""What ilime warns of reaches the terminal once, in one line."""

import pytest
import torch
from safetensors.torch import save_file

from ilime_core.encoders.open_clip import source as open_clip_source


@pytest.mark.parametrize(("force", "said"), [(False, 1), (True, 0)])
def test_weights_in_the_wrong_activation(call, benchmark, tmp_path, monkeypatch, force, said):
    weights = tmp_path / "weights.safetensors"
    save_file({"logit_scale": torch.zeros(())}, weights)  # planning reads names and shapes alone
    monkeypatch.setattr(open_clip_source, "hub_file", lambda *_: weights)
    monkeypatch.setattr(open_clip_source, "download_pretrained", lambda *_: str(weights))
    model = {"name": "open_clip", "model": "ViT-B-32", "pretrained": "openai", "force_quick_gelu": force}
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", model=model | {"factory": ""})
    status, _, err = call("plan", spec)
    assert status == 0, err
    lines = [line for line in err.splitlines() if "GELU" in line]
    assert len(lines) == said
    for line in lines:
        assert line.startswith("ilime: warning: the weights 'openai' were trained with QuickGELU")
        assert "set model.force_quick_gelu: true" in line
