"""Times a training step against the same step of the `transformers` module.

    python -m tools.training.speed --start model.safetensors

Both train on the same made batches of 64 pairs of 64 tokens; the library's module as its
documentation has it, with bfloat16 by autocast.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import torch

from tools.training.train import Encoded, Settings, Trainer

_PAIRS, _TOKENS, _STEPS = 64, 64, 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--start", type=Path, required=True, help="weights to start from")
    args = parser.parse_args()
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1000, 30000, (_PAIRS, _TOKENS), generator=generator)
    labels = torch.randint(0, 3, (_PAIRS,), generator=generator)
    batch = [
        Encoded(row, [0] * _TOKENS, label)
        for row, label in zip(ids.tolist(), labels.tolist(), strict=True)
    ]
    trainer = Trainer(args.start, Settings())
    ours = _seconds(lambda: trainer.step(batch, 1e-5))
    theirs = _seconds(_library_step(ids, labels))
    print(f"{torch.get_num_threads()} threads: {_PAIRS / ours:.0f} pairs a second, ", end="")
    print(f"transformers {_PAIRS / theirs:.0f}")


def _library_step(ids: torch.Tensor, labels: torch.Tensor) -> Callable[[], object]:
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        hidden_size=384,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=1536,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        num_labels=3,
    )
    model = BertForSequenceClassification(config)
    model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5)

    def step() -> object:
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        return loss

    return step


def _seconds(step: Callable[[], object]) -> float:
    """The median of a few steps, after two that do not count."""
    times = []
    for number in range(_STEPS + 2):
        began = time.perf_counter()
        step()
        if number >= 2:
            times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
