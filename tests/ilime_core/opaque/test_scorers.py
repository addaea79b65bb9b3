"""Scorers by name, and what a plugin has to keep.

Proves ilime_core.opaque.scorer_building, ilime_core.opaque.scorer_plugin and ilime_core.opaque.scorer_spec.
"""

import sys
from pathlib import Path

import pytest
import torch

sys.path.append(str(Path(__file__).parents[2] / "fixtures"))

from ilime_core.errors import InputError
from ilime_core.opaque.scorer_building import build_scorer, fingerprint_scorer
from ilime_core.opaque.scorer_spec import ScorerSpec

ALLOWED = ("planted_scorer",)


def plugin(function):
    return ScorerSpec("plugin", factory=f"planted_scorer:{function}", allowed_plugins=ALLOWED)


def test_a_plugin_scores_and_says_the_same_of_itself_with_and_without_weights():
    scorer = build_scorer(plugin("make"), "cpu", "float32")
    assert scorer.fingerprint() == fingerprint_scorer(plugin("make"))
    pixels = torch.rand(2, 3, *scorer.image_size)
    both = scorer.score(pixels, ["a red circle", "a dog"])
    assert both[1] == scorer.score(pixels[1:], ["a dog"])[0]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (plugin("shapeless"), "must return a scorer of pairs"),
        (plugin("absent"), "no function 'absent'"),
        (ScorerSpec("plugin", factory="planted_scorer:make"), "is not allowed here"),
        (ScorerSpec("plugin", factory="make"), "must look like"),
        (ScorerSpec("cosine", factory="planted_scorer:make"), "does not know factory"),
        (ScorerSpec("cosine"), "has none of its own"),
        (ScorerSpec("cosin"), "did you mean 'cosine'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_score_is_refused_in_one_line(spec, message):
    with pytest.raises(InputError, match=message) as refused:
        build_scorer(spec, "cpu", "float32")
    assert "\n" not in str(refused.value)


def test_scores_that_are_no_numbers_break_the_contract(monkeypatch):
    import planted_scorer

    monkeypatch.setattr(
        planted_scorer.PlantedScorer,
        "score",
        lambda self, pixels, texts: torch.full((len(texts),), torch.nan),
    )
    with pytest.raises(InputError, match="finite float32 scores"):
        build_scorer(plugin("make"), "cpu", "float32")


def test_a_read_out_has_no_model_to_digest():
    assert fingerprint_scorer(ScorerSpec("sigmoid")) == ""
