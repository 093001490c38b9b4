"""The embedded judge: claims and passages in, calibrated probabilities out.

A cross-encoder rates each claim against windows of the passage (the whole of up to a
hundred words, and each sentence), because a long window hides a short answer and a
single sentence lacks its context. What the windows say, how much of the claim the
passage covers, and what was computed about figures and dates go into a multinomial
logistic regression (Platt 1999, for three classes), fitted by `evals/calibrate.py`;
its output are the probabilities. More windows mean more chances of a high score by
accident; their number is one of the inputs, so that long passages are not punished.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agent.rate.checks import Finding, findings
from tools.encoder import Encoder
from tools.models import CALIBRATION, JUDGE
from tools.passages import passage_spans
from tools.sentences import sentence_spans
from tools.spinning import plain_reading
from tools.words import antonyms, covered, denies, is_negated

FEATURES = (
    "support", "conflict", "neutral", "windows", "covered", "figures_same", "figures_differ",
    "figures_silent", "dates_same", "dates_differ", "negation", "antonym",
)  # fmt: skip
"""Inputs of the calibration, in order."""
_WINDOW_WORDS = 100
_WORDS_TELL = 3.0
"""How much sharing all words with the claim weighs, in log probability, when the sentence to
be quoted is picked; it does not touch the rating."""


@dataclass(frozen=True)
class Pair:
    """What the judge is asked.

    Attributes:
        claim: a statement, readable alone.
        passage: the text to rate it by.
        setting: more of the source, where its names may stand (title, opening).
        spun: whether the source is machine-spun.
    """

    claim: str
    passage: str
    setting: str = ""
    spun: bool = False


@dataclass(frozen=True)
class Judgement:
    """What the judge answers.

    Attributes:
        probabilities: of supported, conflicting, unverifiable; they sum to 1.
        support: the sentence of the passage that supports most, as a span.
        conflict: the sentence that contradicts most.
        findings: what was computed.
        features: the inputs of the calibration, in the order of `FEATURES`.
        denied: whether the supporting sentence differs from the claim by a `not`.
    """

    probabilities: tuple[float, float, float]
    support: tuple[int, int]
    conflict: tuple[int, int]
    findings: tuple[Finding, ...]
    features: tuple[float, ...]
    denied: bool = False


@dataclass(frozen=True)
class _Window:
    start: int
    end: int
    sentence: bool


class EmbeddedJudge:
    """The judge that ships; needs no network and no account. Loaded on first use."""

    name = "embedded-judge-1"

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(JUDGE)

    @cached_property
    def calibration(self) -> Calibration:
        return Calibration.load()

    def judge(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Judgement]:
        """Rates pairs, in order; a pair's result does not depend on the others.

        Args:
            pairs: claims with their passages; a passage may have any length.
            on_done: called with the number of pairs finished since the last call.
        """
        windows = [_windows(pair.passage) for pair in pairs]
        readings = [
            [plain_reading(pair.passage[w.start : w.end], spun=pair.spun) for w in of_pair]
            for pair, of_pair in zip(pairs, windows, strict=True)
        ]
        texts = [
            (pair.claim, reading)
            for pair, of_pair in zip(pairs, readings, strict=True)
            for reading in of_pair
        ]
        owners = [i for i, of_pair in enumerate(windows) for _ in of_pair]
        left = [len(of_pair) for of_pair in windows]
        position = 0

        def count(_: int) -> None:
            nonlocal position
            left[owners[position]] -= 1
            if left[owners[position]] == 0 and on_done:
                on_done(1)
            position += 1

        if on_done and (empty := left.count(0)):
            on_done(empty)  # a passage without a sentence has nothing to be run
        logits = self._encoder.run(texts, count)
        results, offset = [], 0
        for pair, of_pair, read in zip(pairs, windows, readings, strict=True):
            rows = logits[offset : offset + len(of_pair)]
            results.append(self._judgement(pair, of_pair, read, rows))
            offset += len(of_pair)
        return results

    def _judgement(
        self, pair: Pair, windows: list[_Window], texts: list[str], logits: NDArray[np.float32]
    ) -> Judgement:
        if not windows:
            return Judgement((0.0, 0.0, 1.0), (0, 0), (0, 0), (), (0.0,) * len(FEATURES))
        log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        passage = plain_reading(pair.passage, spun=pair.spun)
        found = tuple(findings(pair.claim, pair.passage, setting=pair.setting, spun=pair.spun))
        count = {
            (what, relation): sum(f.what == what and f.relation == relation for f in found)
            for what in ("figure", "date")
            for relation in ("same", "differs", "silent")
        }
        shared = covered(pair.claim, passage)
        features = (
            float(log_probabilities[:, 0].max()),
            float(log_probabilities[:, 1].max()),
            float(log_probabilities[:, 2].min()),
            float(np.log(len(windows))),
            shared,
            float(count["figure", "same"] > 0 and not count["figure", "silent"]),
            float(count["figure", "differs"] > 0),
            float(count["figure", "silent"] > 0),
            float(count["date", "same"] > 0),
            float(count["date", "differs"] > 0),
            float(shared >= 0.5 and is_negated(pair.claim) != is_negated(passage)),
            float(shared >= 0.5 and antonyms(pair.claim, passage) is not None),
        )
        # What decides is shown as one sentence. Where a whole passage decided, single sentences
        # score low alike; then the one that shares most words with the claim is the telling one.
        sentences = [i for i, w in enumerate(windows) if w.sentence] or list(range(len(windows)))
        words = {i: covered(pair.claim, texts[i]) for i in sentences}
        best = [
            windows[max(sentences, key=lambda i: log_probabilities[i, k] + _WORDS_TELL * words[i])]
            for k in (0, 1)
        ]
        return Judgement(
            self.calibration.apply(features),
            (best[0].start, best[0].end),
            (best[1].start, best[1].end),
            found,
            features,
            denies(pair.claim, _read(pair, best[0])),
        )


def _read(pair: Pair, window: _Window) -> str:
    return plain_reading(pair.passage[window.start : window.end], spun=pair.spun)


def _windows(passage: str) -> list[_Window]:
    sentences = sentence_spans(passage)
    windows = [_Window(start, end, True) for start, end in sentences]
    known = set(sentences)
    for start, end in passage_spans(passage, max_words=_WINDOW_WORDS):
        if (start, end) not in known:
            windows.append(_Window(start, end, False))
    return windows


@dataclass(frozen=True)
class Calibration:
    """The fitted regression and the measured precision of what is computed.

    Attributes:
        weights: (3, len(FEATURES)), for supported, conflicting, unverifiable.
        bias: (3,).
        precision: share of the calibration pairs with a finding that carry its label:
            `figure`, `date`.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    precision: dict[str, float]

    @classmethod
    def load(cls) -> Calibration:
        data = json.loads(CALIBRATION.read_text(encoding="utf-8"))
        if tuple(data["features"]) != FEATURES:
            raise ValueError(f"{CALIBRATION.name} was fitted for other features")
        return cls(np.array(data["weights"]), np.array(data["bias"]), data["precision"])

    def apply(self, features: Sequence[float]) -> tuple[float, float, float]:
        """Probabilities of supported, conflicting, unverifiable."""
        scores = self.weights @ np.asarray(features) + self.bias
        exponentials = np.exp(scores - scores.max())
        probabilities = exponentials / exponentials.sum()
        return (float(probabilities[0]), float(probabilities[1]), float(probabilities[2]))
