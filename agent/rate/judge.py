"""The embedded judge: claims and passages in, calibrated probabilities out.

A cross-encoder rates each claim against windows of the passage (the whole of up to a
hundred words, and each sentence), because a long window hides a short answer and a
single sentence lacks its context. What the windows say, how much of the claim the
passage covers, and what was computed about figures and dates go into a multinomial
logistic regression (Platt 1999, for three classes), fitted by `evals/calibrate.py`;
its output are the probabilities, unless what was computed decides alone
(`agent/compare/ruling.py`). More windows mean more chances of a high score by accident;
their number is one of the inputs, so that long passages are not punished.

Texts are read as `tools.text.cleaning` gives them, and what is quoted is the passage as it stands.
What is not in English is not read (`tools.text.languages`), nor what was found too far from its
claim to decide it (`agent/rate/gate.py`): then only what is computed decides.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from agent.compare.accounts import accounts
from agent.compare.checks import Finding, findings
from agent.compare.ruling import Ruling, by_figures, rule_of, ruling
from agent.compare.settling import settled
from agent.compare.subjects import sentences_of
from agent.rate.gate import alike, is_far, nearest_sentence, of_far
from tools.library.passages import passage_spans
from tools.models import CALIBRATION, JUDGE
from tools.models.encoder import Encoder
from tools.text.cleaning import Cleaned, clean, recased
from tools.text.instructions import without_instructions
from tools.text.languages import foreign, language_name
from tools.text.spinning import plain_reading
from tools.text.words import (
    antonyms,
    content_stems,
    covered,
    denies,
    is_function_word,
    is_negated,
    names,
)

FEATURES = (
    "support", "conflict", "neutral", "support_nearest", "conflict_nearest", "neutral_nearest",
    "windows", "covered", "covered_nearest", "figures_same", "figures_differ", "figures_silent",
    "dates_same", "dates_differ", "negation", "denied", "antonym", "nobody_named",
)  # fmt: skip
"""Inputs of the calibration, in order."""
_WINDOW_WORDS = 100
_MOST_WINDOWS, _MOST_SENTENCES, _MOST_STRETCHES = 12, 8, 3
"""Number of windows above which only the nearest to the claim are read, and how many of these. On
278 pairs with more than 250 words, of six public sets, this was right more often than reading
everything, on each set; and on 200 with 600 words of something else around them by 0.05."""
_ALIKE = 0.5
"""Least share of the claim's content words from which a `not` or an antonym may tell."""
_ALIKE_TELLS = 8.0
"""How much having just the claim's words weighs, in log probability, when the sentence to be
quoted is picked; it does not touch the rating. Chosen with `_OTHERWISE_TELLS` on one half of the
claims of `evals/quotes.py`, where from 8 to 12 and from 0.1 to 0.5 all do about as well."""
_OTHERWISE_TELLS = 0.3
"""What the probability of the opposite counts there: a sentence that decides for the other side
is nearer to the claim than one that does not decide."""
_TAKES_SIDE = 0.5
"""Least probability from which a sentence takes a side by itself: likelier than not."""

_LEAST_ENGLISH = 3
"""Function words of English from which a passage that is mostly in another language is read."""

UNREAD = (0.3, 0.3, 0.4)
"""Probabilities of what is not read: it may say anything, so nothing is verified, unsurely."""


@dataclass(frozen=True)
class Pair:
    """What the judge is asked.

    Attributes:
        claim: a statement, readable alone.
        passage: the text to rate it by.
        setting: more of the source, where its names may stand (title, opening).
        spun: whether the source is machine-spun.
        similarity: cosine of claim and passage by the embedder that ships, -1..1; None where it
            is not known, and for a passage that is to be read however far it is.
    """

    claim: str
    passage: str
    setting: str = ""
    spun: bool = False
    similarity: float | None = None


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
    def is_read(self) -> bool:
        """Whether the network was asked; the inputs of the calibration are its answers."""
        return any(self.features)


@dataclass(frozen=True)
class _Window:
    start: int
    end: int
    sentence: bool


@dataclass(frozen=True)
class Reading:
    """What the network says of a pair, before anything is computed.

    Attributes:
        windows: the parts of the passage that it was run on.
        texts: these as they were read.
        log_probabilities: (windows, 3), of supported, conflicting, unverifiable.
    """

    windows: tuple[_Window, ...]
    texts: tuple[str, ...]
    log_probabilities: NDArray[np.float64]


class EmbeddedJudge:
    """The judge that ships; needs no network and no account. Loaded on first use."""

    name = "embedded-judge-2"
    _loading = Lock()
    """Two threads that come first do not both load the network."""

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(JUDGE)

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


def telling(claim: str, reading: Reading) -> tuple[tuple[int, int], tuple[int, int]]:
    """The sentences to quote for and against a claim, as spans of the passage.

    Sentences that take a side by themselves go before all others, so that a denial in nearly the
    claim's words is not quoted for it. Where only the whole passage decides, they score low
    alike; then the one most alike to the claim in its content words (Dice 1945) tells. The share
    of the claim's words that a sentence has would favour long ones that say much else.

    Args:
        claim: the claim's text.
        reading: of a passage with at least one window.
    """
    windows = reading.windows
    places = [i for i, w in enumerate(windows) if w.sentence] or list(range(len(windows)))
    named = accounts(claim)
    # Revenue is not quoted for a profit where a sentence tells of the profit.
    places = [i for i in places if named & accounts(reading.texts[i])] or places
    likeness = np.array([alike(claim, reading.texts[i]) for i in places])
    said = reading.log_probabilities[places]
    spans = []
    for side, other in ((0, 1), (1, 0)):
        decides = np.logaddexp(said[:, side], said[:, other] + math.log(_OTHERWISE_TELLS))
        taken = said[:, side] >= math.log(_TAKES_SIDE)
        candidates = taken if taken.any() else np.ones_like(taken)
        score = np.where(candidates, decides + _ALIKE_TELLS * likeness, -np.inf)
        best = windows[places[int(np.argmax(score))]]
        spans.append((best.start, best.end))
    return spans[0], spans[1]


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
        passage = clean(without_instructions(pair.passage))
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


def features_of(pair: Pair, reading: Reading, found: Sequence[Finding]) -> tuple[float, ...]:
    """The inputs of the calibration, in the order of `FEATURES`."""
    said = reading.log_probabilities
    passage = plain_reading(pair.passage, spun=pair.spun)
    shares = np.array([covered(pair.claim, text) for text in reading.texts])
    nearest = max(range(len(said)), key=lambda i: (shares[i], -i))
    count = {
        (what, relation): sum(f.what == what and f.relation == relation for f in found)
        for what in ("figure", "date")
        for relation in ("same", "differs", "silent")
    }
    shared = covered(pair.claim, passage)
    return (
        float(said[:, 0].max()),
        float(said[:, 1].max()),
        float(said[:, 2].min()),
        *(float(x) for x in said[nearest]),
        float(np.log(len(said))),
        shared,
        float(shares[nearest]),
        float(count["figure", "same"] > 0 and not count["figure", "silent"]),
        float(count["figure", "differs"] > 0),
        float(count["figure", "silent"] > 0),
        float(count["date", "same"] > 0),
        float(count["date", "differs"] > 0),
        float(shared >= _ALIKE and is_negated(pair.claim) != is_negated(passage)),
        float(denies(pair.claim, reading.texts[nearest])),
        float(shared >= _ALIKE and antonyms(pair.claim, passage) is not None),
        float(len(names(pair.claim)) > 0 and not names(pair.claim) & content_stems(passage)),
    )


def windows_of(pair: Pair) -> tuple[list[_Window], list[str]]:
    """The parts of a passage that the network is run on, and how they are read.

    Of a long passage these are the sentences and stretches that share most words with the claim:
    more of them bring only more chances of an accident, and take more time.
    """
    sentences = sentences_of(pair.passage)
    windows = [_Window(start, end, True) for start, end in sentences]
    known = set(sentences)
    for start, end in passage_spans(pair.passage, max_words=_WINDOW_WORDS):
        if (start, end) not in known:
            windows.append(_Window(start, end, False))
    texts = [plain_reading(pair.passage[w.start : w.end], spun=pair.spun) for w in windows]
    if len(windows) > _MOST_WINDOWS:
        near = [covered(pair.claim, text) for text in texts]
        ranked = sorted(range(len(windows)), key=lambda i: (-near[i], i))
        kept = sorted(
            [i for i in ranked if windows[i].sentence][:_MOST_SENTENCES]
            + [i for i in ranked if not windows[i].sentence][:_MOST_STRETCHES]
        )
        windows, texts = [windows[i] for i in kept], [texts[i] for i in kept]
    return windows, texts


@dataclass(frozen=True)
class ClaimCalibration:
    """From one passage to a claim that several were read for (`evals/calibrate_claims.py`).

    Attributes:
        supports, contradicts: least probability of a stance. The more passages are read, the
            more likely one of them seems to contradict by accident.
        curves: of each stance, intercept and slope of a logistic curve over the log odds of
            the surest passage: how often a verdict that rests on it is right.
    """

    supports: float
    contradicts: float
    curves: dict[str, tuple[float, float]]

    def apply(self, stance: str, probability: float) -> float:
        """How often a verdict that rests on a passage of this probability is right."""
        intercept, slope = self.curves[stance]
        limited = min(max(probability, 1e-4), 1 - 1e-4)
        return 1 / (1 + math.exp(-(intercept + slope * math.log(limited / (1 - limited)))))


@dataclass(frozen=True)
class Calibration:
    """The fitted regression and the measured precision of what is computed.

    Attributes:
        weights: (3, len(FEATURES)), for supported, conflicting, unverifiable.
        bias: (3,).
        precision: by the name of a rule (`agent.compare.ruling.RULES`), how often it is right.
        claims: how verdicts on whole claims follow.
    """

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    precision: dict[str, float]
    claims: ClaimCalibration

    @classmethod
    def load(cls) -> Calibration:
        data = json.loads(CALIBRATION.read_text(encoding="utf-8"))
        if tuple(data["features"]) != FEATURES:
            raise ValueError(f"{CALIBRATION.name} was fitted for other features")
        claims = data["claims"]
        curves = {stance: (a, b) for stance, (a, b) in claims["curves"].items()}
        return cls(
            np.array(data["weights"]),
            np.array(data["bias"]),
            data["precision"],
            ClaimCalibration(claims["supports"], claims["contradicts"], curves),
        )

    def apply(self, features: Sequence[float]) -> tuple[float, float, float]:
        """Probabilities of supported, conflicting, unverifiable."""
        scores = self.weights @ np.asarray(features) + self.bias
        exponentials = np.exp(scores - scores.max())
        probabilities = exponentials / exponentials.sum()
        return (float(probabilities[0]), float(probabilities[1]), float(probabilities[2]))
