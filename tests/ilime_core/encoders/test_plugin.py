"""Plugin encoders: the contract, and what is refused.

Proves ilime_core.encoders.plugin_factory.
"""

import sys
from types import ModuleType

import pytest
import torch
from PIL import Image
from torch.nn.functional import normalize

from ilime_core.encoders.building import build_encoder, fingerprint_encoder
from ilime_core.encoders.preprocessing import Preprocessing, cut_view
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError

PREPROCESSING = Preprocessing(8, 8, "squash", "bicubic", 0, (0.5,) * 3, (0.5,) * 3)


class ImageTower:
    dim = 3
    patch_size = None

    def view(self, image: Image.Image):
        return cut_view(image, PREPROCESSING)

    def encode(self, pixels):
        return normalize(pixels.mean((2, 3)) + 0.1, dim=-1)


class TextTower:
    dim = 3
    context_length = 8
    mask_word = "x"

    def __init__(self, scale=1.0):
        self.scale = scale

    def tokenise(self, texts):
        return [[1, *map(len, text.split()), 0] for text in texts]

    def token_spans(self, text):
        return []

    def encode(self, rows, width=None):
        rows = torch.tensor([[len(row), sum(row), 1.0] for row in rows])
        return self.scale * normalize(rows, dim=-1)


class Plugin:
    def __init__(self, device="cpu", digest="ab" * 32, scale=1.0):
        self.device = device
        self.image = ImageTower()
        self.text = TextTower(scale)
        self.digest = digest

    def fingerprint(self):
        return self.digest


@pytest.fixture
def module(monkeypatch):
    package = ModuleType("acme_towers")
    monkeypatch.setitem(sys.modules, "acme_towers", package)
    return package


def spec(allowed=("acme_towers",), factory="acme_towers:make"):
    return EncoderSpec("plugin", factory=factory, allowed_plugins=allowed)


def test_the_factory_gets_device_and_precision(module):
    calls = []

    def make(device, precision):
        calls.append((device, precision))
        return Plugin(device)

    module.make = make
    assert build_encoder(spec(), "cpu", "bfloat16").image.dim == 3
    assert calls == [("cpu", "bfloat16")]


def test_a_package_that_is_not_allowed_is_not_imported(monkeypatch):
    with pytest.raises(InputError, match=r"package .acme_towers. is not allowed here\. Allowed: other"):
        build_encoder(spec(allowed=("other",)), "cpu", "float32")
    assert "acme_towers" not in sys.modules


@pytest.mark.parametrize("factory", ["", "acme_towers", "acme_towers:a.b", "../acme:make", "os;x:make"])
def test_factories_are_named_as_module_and_function(factory):
    with pytest.raises(InputError, match=r"must look like package\.module:function"):
        build_encoder(spec(factory=factory), "cpu", "float32")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (object(), "must return a dual encoder"),
        (Plugin(digest="7"), "must be a hex sha256"),
        (Plugin(scale=2.0), "text tower must give finite rows of unit norm; the worst is off by 1"),
        (Plugin(scale=float("nan")), "text tower must give finite rows of unit norm"),
    ],
)
def test_an_encoder_that_breaks_the_contract_is_refused(module, made, message):
    module.make = lambda device, precision: made
    with pytest.raises(InputError, match=message):
        build_encoder(spec(), "cpu", "float32")


def test_towers_must_have_one_width(module):
    made = Plugin()
    made.text.dim = 4
    module.make = lambda device, precision: made
    with pytest.raises(InputError, match="widths 3 and 4"):
        build_encoder(spec(), "cpu", "float32")


def test_a_fingerprint_of_the_factory_saves_building(module):
    def make(device, precision):
        raise AssertionError("built although the factory has a fingerprint")

    make.fingerprint = lambda: "cd" * 32
    module.make = make
    assert fingerprint_encoder(spec()) == "cd" * 32


def test_a_fingerprint_of_the_factory_must_be_that_of_its_encoder(module):
    def make(device, precision):
        return Plugin()

    make.fingerprint = lambda: "cd" * 32
    module.make = make
    with pytest.raises(InputError, match="differs from that of the encoder"):
        build_encoder(spec(), "cpu", "float32")


def test_without_one_the_encoder_is_asked(module):
    module.make = lambda device, precision: Plugin()
    assert fingerprint_encoder(spec()) == "ab" * 32


def test_a_missing_function_is_named(module):
    with pytest.raises(InputError, match="has no function 'make'"):
        build_encoder(spec(), "cpu", "float32")


def test_weights_of_a_plugin_that_a_loader_has_mapped_are_moved_to_torchs_own_memory(module):
    plugin = Plugin()
    plugin.image.network, plugin.head = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    mapped = torch.zeros(64)[1:10].view(3, 3)
    plugin.image.network.weight.data, plugin.head.weight.data = mapped, mapped
    module.make = lambda device, precision: plugin
    build_encoder(spec(), "cpu", "float32")
    assert plugin.image.network.weight.data_ptr() % 64 == plugin.head.weight.data_ptr() % 64 == 0
