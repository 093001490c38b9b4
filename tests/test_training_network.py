"""The judge's network and its training. Needs torch (the extra `train`); skipped without."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra `train`)")

from tools.training import train as training  # noqa: E402
from tools.training.network import Judge, load, save  # noqa: E402
from tools.training.train import Encoded, Settings, batches, rate_at, tensors, train  # noqa: E402


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(1)
    file = tmp_path_factory.mktemp("weights") / "start.safetensors"
    save(Judge().state_dict(), file)
    return file


def pairs_file(path: Path, count: int, seed: int) -> Path:
    rng = random.Random(seed)
    words = "ferry mill harbour bridge council opened closed sold three twelve not".split()
    rows = [
        {
            "claim": " ".join(rng.choices(words, k=5)),
            "passage": " ".join(rng.choices(words, k=rng.randint(3, 40))),
            "label": rng.choice(["supported", "conflicting", "unverifiable"]),
        }
        for _ in range(count)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_weights_that_are_saved_are_the_weights_that_are_loaded(
    start: Path, tmp_path: Path
) -> None:
    model = Judge()
    load(model, start)
    save(model.state_dict(), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == start.read_bytes()


def test_the_network_is_the_library_s_bert(start: Path) -> None:
    transformers = pytest.importorskip("transformers")
    from safetensors.torch import load_file

    config = transformers.BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        num_labels=3,
    )  # fmt: skip
    theirs = transformers.BertForSequenceClassification(config).eval()
    theirs.load_state_dict({k: v.float() for k, v in load_file(start).items()})
    ours = Judge().eval()
    load(ours, start)
    encoded = [
        Encoded([101, 7592, 102, 2088, 102], [0, 0, 0, 1, 1], 0),
        Encoded([101, 102], [0, 1], 1),
    ]
    ids, types, mask, _ = tensors(encoded, "cpu")
    with torch.no_grad():
        a = ours(ids, types, mask.float())
        b = theirs(input_ids=ids, token_type_ids=types, attention_mask=(mask[:, 0, 0] == 0).long())
    torch.testing.assert_close(a, b.logits, atol=1e-4, rtol=1e-4)


def test_every_pair_is_in_one_batch_and_no_batch_is_too_large() -> None:
    rng = random.Random(0)
    pairs = [Encoded([1] * rng.randint(5, 192), [0], 0) for _ in range(3000)]
    made = batches(pairs, random.Random(1))
    assert Counter(i for batch in made for i in batch) == Counter(range(3000))
    for batch in made:
        assert len(batch) <= training.PAIRS_A_BATCH
        assert max(len(pairs[i].ids) for i in batch) * len(batch) <= training.TOKENS_A_BATCH
    assert made == batches(pairs, random.Random(1))


def test_the_rate_warms_up_holds_and_falls_to_zero() -> None:
    settings = Settings(rate=1.0, warmup=10)
    rates = [rate_at(step, (50, 100), settings) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[10:50]) == {1.0}
    assert rates[50:] == sorted(rates[50:], reverse=True)
    assert rates[99] == pytest.approx(0.02)


def test_a_run_that_was_stopped_ends_with_the_same_weights(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "TOKENS_A_BATCH", 256)
    monkeypatch.setattr(training, "_CHECKPOINT_EVERY", 3)
    stages = [pairs_file(tmp_path / f"{n}.jsonl", 24, n) for n in (1, 2)]
    settings = Settings(rate=1e-3, warmup=2)
    train(start, stages, tmp_path / "whole", settings)

    steps = 0
    step = training.Trainer.step

    def stops(self: training.Trainer, *args: object) -> object:
        nonlocal steps
        steps += 1
        if steps == 5:
            raise KeyboardInterrupt
        return step(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(training.Trainer, "step", stops)
    with pytest.raises(KeyboardInterrupt):
        train(start, stages, tmp_path / "stopped", settings)
    monkeypatch.setattr(training.Trainer, "step", step)
    train(start, stages, tmp_path / "stopped", settings)
    whole, stopped = (
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "stopped")
    )
    assert whole == stopped
    assert whole != start.read_bytes()


def test_a_stage_may_be_added_later(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "TOKENS_A_BATCH", 256)
    stages = [pairs_file(tmp_path / f"{n}.jsonl", 24, n) for n in (1, 2)]
    settings = Settings(rate=1e-3, warmup=2)
    train(start, stages, tmp_path / "whole", settings)
    train(start, stages[:1], tmp_path / "parts", settings, more_to_come=True)
    train(start, stages, tmp_path / "parts", settings)
    whole, parts = (
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "parts")
    )
    assert whole == parts
