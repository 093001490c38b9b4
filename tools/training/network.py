"""The judge's network while it is trained: BERT, 6 layers, 384 wide, three labels.

Written out instead of taken from a library because of speed on processors: weights and
activations in bfloat16, one product for query, key and value, and attention as two plain
products. `python -m tools.training.speed` times it against the library's own module.
Weights are read and written under the names that BERT's files use, so that
`tools/models/export.py` and any other program can load them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, LAYERS, HEADS, INNER, POSITIONS, VOCABULARY = 384, 6, 12, 1536, 512, 30522
_EPSILON = 1e-12
_LAYER = {
    "attended": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}
_ELSEWHERE = {
    "words": "bert.embeddings.word_embeddings",
    "positions": "bert.embeddings.position_embeddings",
    "types": "bert.embeddings.token_type_embeddings",
    "norm": "bert.embeddings.LayerNorm",
    "pooler": "bert.pooler.dense",
    "classifier": "classifier",
}


class Layer(nn.Module):  # type: ignore[misc]
    """One transformer layer, normalised after each half as BERT does."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attention_norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, _ = x.shape
        shape = (batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = self.qkv(x).view(shape).permute(2, 0, 3, 1, 4)
        # The fused attention of PyTorch 2.13 takes most of a step's time on processors.
        scores = query @ key.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        if mask is not None:
            scores = scores + mask
        read = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, WIDTH)
        x = self.attention_norm(x + self.dropout(self.attended(read)))
        return self.norm(x + self.dropout(self.narrow(functional.gelu(self.widen(x)))))


class Judge(nn.Module):  # type: ignore[misc]
    """Token ids of a claim and a passage in, logits of three labels out.

    The word embeddings are not trained: half of the parameters, and words that the
    training pairs lack would stay behind those that they have.
    """

    def __init__(self, dropout: float = 0.1, labels: int = 3) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.words.weight.requires_grad_(False)
        self.positions = nn.Embedding(POSITIONS, WIDTH)
        self.types = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.pooler = nn.Linear(WIDTH, WIDTH)
        self.classifier = nn.Linear(WIDTH, labels)

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor | None = None) -> Tensor:
        """Args: ids, types: (n, tokens); mask: (n, 1, 1, tokens), 0 or -inf. Returns (n, 3)."""
        x = self.words(ids) + self.positions.weight[: ids.shape[1]] + self.types(types)
        x = self.dropout(self.norm(x))
        for layer in self.layers:
            x = layer(x, mask)
        return self.classifier(self.dropout(torch.tanh(self.pooler(x[:, 0]))))


def load(model: Judge, file: Path) -> None:
    """Reads weights under BERT's names; a file without a classifier leaves it as it is.

    Raises:
        ValueError: the file lacks a weight of the body.
    """
    from safetensors.torch import load_file

    stored = {_with_prefix(name): weight.float() for name, weight in load_file(file).items()}
    state = model.state_dict()
    for ours, theirs in _names(state):
        if all(name in stored for name in theirs):
            state[ours] = torch.cat([stored[name] for name in theirs])
        elif not ours.startswith(("pooler", "classifier")):
            raise ValueError(f"{file.name} has no {theirs[0]}")
    model.load_state_dict(state)


def save(state: dict[str, Tensor], file: Path) -> None:
    """Writes the weights as float16, under BERT's names."""
    from safetensors.torch import save_file

    written: dict[str, Tensor] = {}
    for ours, theirs in _names(state):
        for name, part in zip(theirs, state[ours].chunk(len(theirs)), strict=True):
            written[name] = part.half().contiguous()
    save_file(written, file)


def _names(state: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Our name of each weight, with the names that BERT's files give its parts."""
    names = []
    for ours in state:
        place, kind = ours.rsplit(".", 1)
        match = re.fullmatch(r"layers\.(\d+)\.(\w+)", place)
        if not match:
            names.append((ours, [f"{_ELSEWHERE[place]}.{kind}"]))
            continue
        stem = f"bert.encoder.layer.{match[1]}"
        if match[2] == "qkv":
            parts = [f"{stem}.attention.self.{p}.{kind}" for p in ("query", "key", "value")]
        else:
            inner = _LAYER[match[2]]
            parts = [f"{stem}.{inner}.{kind}"]
        names.append((ours, parts))
    return names


def _with_prefix(name: str) -> str:
    return name if name.startswith(("bert.", "classifier.")) else f"bert.{name}"
