"""Encoders by name: what a command line says of them, and what a spec has to say.

Proves ilime_core.encoders.registry, ilime_core.encoders.open_clip.choice.
"""

from dataclasses import fields
from pathlib import Path

import pytest

from ilime_core.encoders.registry import ENCODERS, encoder_named
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("conse", EncoderSpec("conse")),
        ("open_clip", EncoderSpec("open_clip")),
        ("open_clip:ViT-B-32:laion2b", EncoderSpec("open_clip", model="ViT-B-32", pretrained="laion2b")),
        ("open_clip:ViT-B-32:a/b", EncoderSpec("open_clip", model="ViT-B-32", checkpoint=Path("a/b"))),
        ("open_clip:ViT-B-32:w.pt", EncoderSpec("open_clip", model="ViT-B-32", checkpoint=Path("w.pt"))),
        ("open_clip:hf-hub:own/name", EncoderSpec("open_clip", model="hf-hub:own/name")),
        ("scenes:early", EncoderSpec("scenes", pretrained="early")),
        ("transformers:own/name", EncoderSpec("transformers", model="own/name")),
        ("plugin:package.module:make", EncoderSpec("plugin", factory="package.module:make")),
        ("unknown:what", EncoderSpec("unknown", model="what")),
    ],
)
def test_a_name_on_the_command_line_fills_the_fields(text, spec):
    assert encoder_named(text) == spec


@pytest.mark.parametrize("name", ENCODERS.names)
def test_settings_are_fields_of_the_specification(name):
    entry = ENCODERS[name]
    assert set(entry.settings) <= {field.name for field in fields(EncoderSpec)}
    assert set(entry.required) <= set(entry.settings)


@pytest.mark.parametrize(
    ("changes", "got"), [({}, "neither"), ({"pretrained": "tag", "checkpoint": Path("w.pt")}, "both")]
)
def test_an_architecture_of_open_clip_has_one_source_of_weights(changes, got):
    check = ENCODERS["open_clip"].check
    with pytest.raises(InputError, match=f"needs weights for ViT-B-32: .*got {got}"):
        check(EncoderSpec("open_clip", model="ViT-B-32", **changes))
    check(EncoderSpec("open_clip", model="hf-hub:own/name"))
    check(EncoderSpec("open_clip", model="ViT-B-32", pretrained="tag"))
