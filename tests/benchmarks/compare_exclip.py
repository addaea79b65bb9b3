"""integrated_jacobian beside exCLIP (PyPI ``exclip``) on the packaged scenes model.

exCLIP differs from ``integrated_jacobian`` in four choices: it mixes hidden states in front of a block and
not what goes in; its references are a zero image and a text of one padding token; it takes the right
rectangle rule; it differentiates the embedding before scaling to length one and divides afterwards. On this
common ground our forward-mode slopes must give its numbers; beside that both are timed, and the sums held
against the score.

``pip install 'ilime[peers]'``, then ``python tests/benchmarks/compare_exclip.py``; ``make bench`` does both.
"""

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from open_clip import CLIP
from safetensors.torch import load_file
from torch import Tensor

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.differentiation import differentiable
from ilime_core.encoders.open_clip.text import text_tower
from ilime_core.encoders.scenes import CHECKPOINTS, CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.records import TextSegments
from ilime_core.segmentation.word_boundaries import word_spans
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.integrated_jacobian import integrated_jacobian
from ilime_core.white_box.slopes import slopes
from ilime_core.white_box.text_gates import gate_words
from ilime_core.white_box_records import GatedImage, GatedItem, WhiteBoxOptions

TOLERANCE = 1e-3
"""Largest relative difference (Frobenius) on common ground: float32 sums in another order."""

CAPTION = "a red circle above a blue square"


@dataclass(frozen=True)
class Tower:
    """The rest of a tower behind the input of a block: item, reference, and a function of hidden states."""

    item: Tensor
    reference: Tensor
    n_explained: int
    rest: Any


def picture() -> np.ndarray:
    """A red disc above a blue square on grey, 64 pixels a side."""
    y, x = np.mgrid[:64, :64]
    pixels = np.full((64, 64, 3), 110, dtype=np.uint8)
    pixels[(y - 18) ** 2 + (x - 32) ** 2 < 121] = (210, 40, 40)
    pixels[(abs(y - 46) < 10) & (abs(x - 32) < 10)] = (40, 60, 210)
    return pixels


def load_network() -> Any:
    network = CLIP(**json.loads(CONFIGURATION.read_text())["model_cfg"])
    network.load_state_dict(load_file(CHECKPOINTS["final"]))
    return network.eval()


def theirs(network: Any, image: Tensor, tokens: Tensor, layer: int, steps: int) -> tuple[Tensor, Any]:
    """Token-patch interactions by exclip; its reference tokens, CLIP's, are put into this vocabulary."""
    try:
        from exclip import OpenClipExplainer
    except ImportError as error:
        raise SystemExit("exclip is not installed: pip install 'ilime[peers]'") from error
    side, width = image.shape[-1], tokens.shape[1]
    explainer = OpenClipExplainer(network, image_dim=side, text_seq_len=width, device=torch.device("cpu"))
    end = int(tokens.max())
    explainer.txt_ref = torch.zeros_like(tokens)
    explainer.txt_ref[0, 0], explainer.txt_ref[0, 2] = tokens[0, 0], end
    found = explainer.explain(tokens, image, text_layer=layer, image_layer=layer, N=steps)
    caught = explainer.img_intermediates[0].detach(), explainer.txt_intermediates[0].detach()
    explainer.reset_attribution()
    return found.flatten(1), caught


def towers(network: Any, caught: tuple[Tensor, Tensor], tokens: Tensor, layer: int) -> tuple[Tower, Tower]:
    """Both towers cut where exclip cuts them, with the states that it has caught."""
    visual, text = network.visual, text_tower(network)
    assert text is not None
    end = int(tokens[0].argmax())

    def image_rest(hidden: Tensor) -> Tensor:
        for block in visual.transformer.resblocks[layer:]:
            hidden = block(hidden)
        return visual.ln_post(hidden)[:, 0] @ visual.proj

    def text_rest(hidden: Tensor) -> Tensor:
        for block in network.transformer.resblocks[layer:]:
            hidden = block(hidden, attn_mask=network.attn_mask)
        return text.projected(network.ln_final(hidden)[:, end])

    image, words = caught
    return (
        Tower(image[0], image[-1], len(image[0]), image_rest),
        Tower(words[0], words[-1], end + 1, text_rest),
    )


def path_effects(tower: Tower, nodes: Tensor, shares: Tensor) -> tuple[Tensor, Tensor, int]:
    """Path-integrated slopes along every place's own change; the embedding of the item; rows of passes."""
    change, steps = tower.item - tower.reference, len(nodes)
    path = tower.reference + nodes[:, None, None] * change
    directions = torch.zeros(tower.n_explained, *change.shape)
    for place in range(tower.n_explained):
        directions[place, place] = change[place]
    points = path.repeat(tower.n_explained, 1, 1)
    with differentiable("cpu"):
        _, found = slopes(tower.rest, points, directions.repeat_interleave(steps, dim=0), 128)
        full = tower.rest(tower.item[None])[0]
    effects = torch.einsum("s,nsd->nd", shares.double(), found.double().view(-1, steps, found.shape[1]))
    return effects, full.double(), 2 * len(points) + 1


def ours(pair: tuple[Tower, Tower], nodes: Tensor, shares: Tensor) -> tuple[Tensor, int]:
    image, image_full, image_rows = path_effects(pair[0], nodes, shares)
    words, words_full, words_rows = path_effects(pair[1], nodes, shares)
    weights = words @ image[1:].T / (image_full.norm() * words_full.norm())
    return weights, image_rows + words_rows


def rectangles(steps: int) -> tuple[Tensor, Tensor]:
    """exclip's points of the path: the item itself, and down to one step before the reference."""
    return torch.arange(1, 0, -1 / steps)[:steps], torch.full((steps,), 1 / steps)


def gap(found: Tensor, wanted: Tensor) -> float:
    return float((found.double() - wanted.double()).norm() / wanted.double().norm())


def whole_pipeline(steps: int, patches: int) -> tuple[Tensor, float, float]:
    """integrated_jacobian itself, gates on words and patches: W, the gap of its sum, seconds."""
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    spans = word_spans(CAPTION)
    starts, ends = tuple(a for a, _ in spans), tuple(b for _, b in spans)
    places = np.arange(64) * patches // 64
    pixels = picture()
    contents = (
        GatedImage(pixels, np.zeros_like(pixels), places[:, None] * patches + places, patches**2),
        gate_words(encoder.text, TextSegments(CAPTION, starts, ends, (False,) * len(spans))),
    )
    effects = []
    started = time.process_time()
    for content in contents:
        tower = gated_tower(encoder, content)
        full, empty = (tower(torch.full((1, content.n_segments), gate))[0] for gate in (1.0, 0.0))
        effects.append(
            integrated_jacobian(encoder, GatedItem(content, full, empty), WhiteBoxOptions(steps, 128))
        )
    seconds = time.process_time() - started
    image, words = effects
    weights = words.effects @ image.effects.T
    mixed = float((words.full - words.empty) @ (image.full - image.empty))
    return weights, abs(float(weights.sum()) - mixed), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", type=int, default=1)
    parser.add_argument("--steps", type=int, default=16)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    row = encoder.text.tokenise([CAPTION])[0]
    network = load_network()
    tokens = torch.tensor([row + [0] * (encoder.text.context_length - len(row))])
    image = (torch.tensor(picture()).permute(2, 0, 1)[None] / 255 - 0.36) / 0.2
    started = time.process_time()
    wanted, caught = theirs(network, image, tokens, asked.layer, asked.steps)
    their_seconds = time.process_time() - started
    network.requires_grad_(requires_grad=False)
    assert not any(module._forward_pre_hooks for module in network.modules()), "exclip left a hook"
    pair = towers(network, caught, tokens, asked.layer)
    nodes, shares = rectangles(asked.steps)
    started = time.process_time()
    found, rows = ours(pair, nodes, shares)
    our_seconds = time.process_time() - started
    their_rows = 2 * (asked.steps + 1) * (1 + 2 * wanted_dim(network))
    print(f"common ground, block {asked.layer}, {asked.steps} points: difference {gap(found, wanted):.1e}")
    print(f"rows of passes  exclip {their_rows:,} (a backward row as two)  ours {rows:,}")
    print(f"CPU seconds     exclip {their_seconds:.2f}  ours {our_seconds:.2f}")
    finest, _ = ours(pair, *gauss(2 * asked.steps))
    for name, one in (("exclip", wanted), ("ours, Gauss-Legendre", ours(pair, *gauss(asked.steps))[0])):
        print(f"error of the quadrature with {asked.steps} points, {name}: {gap(one, finest):.1e}")
    weights, off, seconds = whole_pipeline(asked.steps, 4)
    cells = wanted[1 : 1 + len(weights)].view(-1, 4, 2, 4, 2).sum(dim=(2, 4))
    alike = np.corrcoef(weights.flatten().numpy(), cells.flatten().double().numpy())[0, 1]
    print(
        f"integrated_jacobian on gates of 7 words and 16 squares: {seconds:.2f} CPU s, sum off by {off:.1e},"
    )
    print(f"correlation with exclip's cells {alike:.2f}: mixed elsewhere, and other references")
    if not gap(found, wanted) < TOLERANCE:
        raise SystemExit(f"the difference on common ground exceeds {TOLERANCE}")


def wanted_dim(network: Any) -> int:
    return int(network.visual.proj.shape[1])


def gauss(steps: int) -> tuple[Tensor, Tensor]:
    nodes, shares = np.polynomial.legendre.leggauss(steps)
    return torch.tensor((nodes + 1) / 2, dtype=torch.float32), torch.tensor(shares / 2)


if __name__ == "__main__":
    main()
