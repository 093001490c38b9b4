"""The embedded judge: claims and passages in, calibrated probabilities out.

A cross-encoder rates each claim against windows of the passage (`agent/rate/windows.py`). What it
says of them and what was computed make the probabilities (`agent/rate/calibration.py`), unless
what was computed decides alone (`agent/compare/ruling.py`).

Texts are read as `tools.text.cleaning` gives them, and what is quoted is the passage as it stands.
What is not in English is not read (`tools.text.languages`), nor what was found too far from its
claim to decide it (`agent/rate/gate.py`): then only what is computed decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

import numpy as np

from agent.compare.checks import Finding, findings
from agent.compare.ruling import Ruling, by_figures, rule_of, ruling
from agent.compare.settling import settled
from agent.compare.subjects import sentences_of
from agent.rate.calibration import FEATURES, Calibration, features_of
from agent.rate.gate import is_far, nearest_sentence, of_far
from agent.rate.windows import Pair, Reading, telling, windows_of
from tools.models import JUDGE
from tools.models.encoder import Encoder
from tools.text.cleaning import Cleaned, clean, recased
from tools.text.instructions import without_instructions
from tools.text.languages import foreign, language_name
from tools.text.spinning import plain_reading
from tools.text.words import is_function_word

_LEAST_ENGLISH = 3
"""Function words of English from which a passage that is mostly in another language is read."""
UNREAD = (0.3, 0.3, 0.4)
"""Probabilities of what is not read: it may say anything, so nothing is verified, unsurely."""


@dataclass(frozen=True)
class Judgement:
    """What the judge answers.

    Attributes:
        probabilities: of supported, conflicting, unverifiable; they sum to 1.
        support: the sentence of the passage to quote for the claim, as a span; also where
            the passage does not decide.
        conflict: the sentence to quote against it.
        findings: what was computed.
        features: the inputs of the calibration, in the order of `FEATURES`.
        ruling: what was computed and decides; None where the model decides.
        unread: why the network was not asked, in one line for people; None where it was.
    """

    probabilities: tuple[float, float, float]
    support: tuple[int, int]
    conflict: tuple[int, int]
    findings: tuple[Finding, ...]
    features: tuple[float, ...]
    ruling: Ruling | None = None
    unread: str | None = None

    @property
    def lacks_a_figure(self) -> bool:
        """Whether the passage does not tell a figure of the claim."""
        return any(
            finding.what == "figure" and (finding.absent or finding.relation == "silent")
            for finding in self.findings
        )

    @property
    def is_read(self) -> bool:
        """Whether the network was asked; the inputs of the calibration are its answers."""
        return any(self.features)


class EmbeddedJudge:
    """The judge that ships; needs no network and no account. Loaded on first use."""

    name = "embedded-judge-2"
    _loading = Lock()
    """Two threads that come first do not both load the network."""

    @cached_property
    def _encoder(self) -> Encoder:
        # As of the embedder, whose comment has the reason; here it is a tenth of the time.
        return Encoder(JUDGE, without=["SkipLayerNormFusion"])

    @cached_property
    def calibration(self) -> Calibration:
        return Calibration.load()

    def load(self) -> None:
        """Loads what takes a second when it is first needed: the network, and the languages."""
        with self._loading:
            _ = self._encoder
        _ = self.calibration
        foreign("Dies ist kein englischer Satz.")

    def judge(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Judgement]:
        """Rates pairs, in order; a pair's result does not depend on the others.

        Args:
            pairs: claims with their passages; a passage may have any length.
            on_done: called with the number of pairs finished since the last call.
        """
        taken = [_Taken.of(pair) for pair in pairs]
        # Without a passage there is no window to be run.
        asked = [one.pair if one.is_read else replace(one.pair, passage="") for one in taken]
        return [
            one.placed(self.judgement(one.pair, reading) if one.is_read else self._not_read(one))
            for one, reading in zip(taken, self.read(asked, on_done), strict=True)
        ]

    def _not_read(self, taken: _Taken) -> Judgement:
        """What follows from what is computed alone."""
        pair, found = taken.pair, taken.found
        if taken.unread or pair.similarity is None:
            otherwise, quoted = UNREAD, next(iter(sentences_of(pair.passage)), (0, 0))
        else:
            otherwise = of_far(pair.similarity)
            quoted = nearest_sentence(pair.claim, pair.passage)
        rule = ruling(found, otherwise, self.calibration.precision)
        return Judgement(
            rule.probabilities if rule else otherwise,
            quoted,
            quoted,
            found,
            (0.0,) * len(FEATURES),
            rule,
            taken.unread,
        )

    def read(
        self, pairs: Sequence[Pair], on_done: Callable[[int], None] | None = None
    ) -> list[Reading]:
        """Runs the network on every window of every pair."""
        parts = [windows_of(pair) for pair in pairs]
        texts = [
            (settled(pair.claim, text), settled(text, pair.claim))
            for pair, (_, of_pair) in zip(pairs, parts, strict=True)
            for text in of_pair
        ]
        owners = [i for i, (of_pair, _) in enumerate(parts) for _ in of_pair]
        left = [len(of_pair) for of_pair, _ in parts]
        position = 0

        def count(_: int) -> None:
            nonlocal position
            left[owners[position]] -= 1
            if left[owners[position]] == 0 and on_done:
                on_done(1)
            position += 1

        if on_done and (empty := left.count(0)):
            on_done(empty)  # a passage without a sentence has nothing to be run
        with self._loading:
            encoder = self._encoder
        logits = encoder.run(texts, count).astype(np.float64)
        log_probabilities = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        results, offset = [], 0
        for of_pair, read in parts:
            rows = log_probabilities[offset : offset + len(of_pair)]
            results.append(Reading(tuple(of_pair), tuple(read), rows))
            offset += len(of_pair)
        return results

    def judgement(self, pair: Pair, reading: Reading) -> Judgement:
        """What follows from what the network says and from what is computed."""
        if not reading.windows:
            return Judgement((0.0, 0.0, 1.0), (0, 0), (0, 0), (), (0.0,) * len(FEATURES))
        found = tuple(findings(pair.claim, pair.passage, setting=pair.setting, spun=pair.spun))
        features = features_of(pair, reading, found)
        by_model = by_figures(found, self.calibration.apply(features))
        rule = ruling(found, by_model, self.calibration.precision)
        support, conflict = telling(pair.claim, reading)
        return Judgement(
            rule.probabilities if rule else by_model,
            support,
            conflict,
            found,
            features,
            rule,
        )


@dataclass(frozen=True)
class _Taken:
    """A pair as the judge takes it.

    Attributes:
        pair: both texts cleaned.
        passage: the way from the cleaned passage to the one that was given.
        unread: why it cannot be read, if so.
        is_far: whether it is too far to be read.
    """

    pair: Pair
    passage: Cleaned
    unread: str | None
    is_far: bool

    @classmethod
    def of(cls, pair: Pair) -> _Taken:
        """The pair, cleaned, with blanks for what is not read.

        A far passage by which nothing computed decides is not looked through for those: it takes
        most of the time, and nobody will read them.
        """
        if pair.similarity is not None:
            whole = cls._of(pair, clean(pair.passage), clean(pair.setting))
            if whole.is_far and not whole.unread and not rule_of(whole.found):
                return whole
        heard = without_instructions(pair.passage)
        pair = replace(pair, cut=heard != pair.passage)
        passage = clean(heard)
        passage = replace(passage, text=in_english(passage.text))
        return cls._of(pair, passage, clean(without_instructions(pair.setting)))

    @classmethod
    def _of(cls, pair: Pair, passage: Cleaned, setting: Cleaned) -> _Taken:
        said = clean(pair.claim).text.strip()
        claim = recased(said, passage.text)
        text = recased(passage.text, claim)
        far = pair.similarity is not None and is_far(
            claim, plain_reading(text, spun=pair.spun), pair.similarity
        )
        cleaned = replace(pair, claim=claim, passage=text, setting=recased(setting.text, claim))
        return cls(cleaned, passage, unread(said, passage.text), far)

    @property
    def is_read(self) -> bool:
        return not self.unread and not self.is_far

    @cached_property
    def found(self) -> tuple[Finding, ...]:
        """What is computed."""
        pair = self.pair
        return tuple(findings(pair.claim, pair.passage, setting=pair.setting, spun=pair.spun))

    def placed(self, judgement: Judgement) -> Judgement:
        """The judgement with all spans in the passage that was given."""
        if not self.passage.starts:
            return judgement
        span = self.passage.span
        found = tuple(_moved(finding, self.passage) for finding in judgement.findings)
        rule = judgement.ruling
        return replace(
            judgement,
            support=span(*judgement.support),
            conflict=span(*judgement.conflict),
            findings=found,
            ruling=rule and replace(rule, finding=_moved(rule.finding, self.passage)),
        )


def _moved(finding: Finding, passage: Cleaned) -> Finding:
    start, end = passage.span(finding.start, finding.end)
    return replace(finding, start=start, end=end)


def in_english(passage: str) -> str:
    """The passage, of the same length, with blanks for sentences in another language.

    They are not read, and among English ones would only be chances of an accident. A passage
    that has next to no English stays whole: that it is not read is said.
    """
    english = passage
    for start, end in sentences_of(passage):
        if foreign(passage[start:end]):
            english = f"{english[:start]}{' ' * (end - start)}{english[end:]}"
    if foreign(passage) and sum(map(is_function_word, english.split())) < _LEAST_ENGLISH:
        return passage
    return english


def unread(claim: str, passage: str) -> str | None:
    """Why the network cannot read a pair, in one line for people; None where it can."""
    for what, text in (("claim", claim), ("passage", passage)):
        if code := foreign(text):
            return f"the {what} is in {language_name(code)}, which the embedded judge does not read"
    return None
