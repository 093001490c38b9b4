"""What of a passage the network is run on, and which of its sentences is quoted.

A long window hides a short answer and a single sentence lacks its context. So the network reads
both: the whole of up to a hundred words, and each sentence. More windows mean more chances of a
high score by accident, so of a long passage only those nearest to the claim are read.

A small network is moved by any neighbour: beside a menu's `More` it takes another side of what it
was hardly sure of. So a whole is read without scraps and short paragraphs that have nothing to do
with the claim; and where something was cut that addresses a checker, without any such sentence,
since whoever put that in wrote what stood around it, too.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.compare.accounts import accounts
from agent.compare.subjects import sentences_of
from agent.rate.gate import alike
from tools.library.passages import passage_spans
from tools.text.spinning import plain_reading
from tools.text.words import content_stems, covered

_WINDOW_WORDS = 100
_MOST_WINDOWS, _MOST_SENTENCES, _MOST_STRETCHES = 12, 8, 3
"""Number of windows above which only the nearest to the claim are read, and how many of these. On
278 pairs with more than 250 words, of six public sets, this was right more often than reading
everything, on each set; and on 200 with 600 words of something else around them by 0.05."""
_SCRAP = 3
"""Most words of a line without a stop that is a heading, a link or a button."""
_SHORT = 8
"""Most words of a paragraph that is left out of a whole where it has nothing to do with the claim.
Of abstracts with a paragraph a sentence, 3 more of 207 were read wrongly without longer ones."""
_GOES_ON = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|both|one|such"
    r"|there|here|then|former|latter|others?)\b",
    re.IGNORECASE,
)
"""Words that may point to the sentence before: what has one is of the same matter."""
_ALIKE_TELLS = 8.0
"""How much having just the claim's words weighs, in log probability, when the sentence to be
quoted is picked; it does not touch the rating. Chosen with `_OTHERWISE_TELLS` on one half of the
claims of `evals/evidence/quotes.py`, where from 8 to 12 and from 0.1 to 0.5 all do about
as well."""
_OTHERWISE_TELLS = 0.3
"""What the probability of the opposite counts there: a sentence that decides for the other side
is nearer to the claim than one that does not decide."""
_TAKES_SIDE = 0.5
"""Least probability from which a sentence takes a side by itself: likelier than not."""


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
        cut: whether blanks stand in the passage for what addressed a checker.
    """

    claim: str
    passage: str
    setting: str = ""
    spun: bool = False
    similarity: float | None = None
    cut: bool = False


@dataclass(frozen=True)
class Window:
    """A part of a passage, as a span; `sentence` tells one sentence from a longer stretch."""

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

    windows: tuple[Window, ...]
    texts: tuple[str, ...]
    log_probabilities: NDArray[np.float64]


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


def windows_of(pair: Pair) -> tuple[list[Window], list[str]]:
    """The parts of a passage that the network is run on, and how they are read.

    Of a long passage these are the sentences and stretches that share most words with the claim:
    more of them bring only more chances of an accident, and take more time.
    """
    sentences = sentences_of(pair.passage)
    windows = [Window(start, end, True) for start, end in sentences]
    known = set(sentences)
    for start, end in passage_spans(pair.passage, max_words=_WINDOW_WORDS):
        if (start, end) not in known:
            windows.append(Window(start, end, False))
    whole = _without_apart(pair, sentences)
    texts = [
        plain_reading(
            (not w.sentence and whole[w.start : w.end].strip()) or pair.passage[w.start : w.end],
            spun=pair.spun,
        )
        for w in windows
    ]
    if len(windows) > _MOST_WINDOWS:
        near = [covered(pair.claim, text) for text in texts]
        ranked = sorted(range(len(windows)), key=lambda i: (-near[i], i))
        kept = sorted(
            [i for i in ranked if windows[i].sentence][:_MOST_SENTENCES]
            + [i for i in ranked if not windows[i].sentence][:_MOST_STRETCHES]
        )
        windows, texts = [windows[i] for i in kept], [texts[i] for i in kept]
    return windows, texts


def _without_apart(pair: Pair, sentences: Sequence[tuple[int, int]]) -> str:
    """The passage, of the same length, with blanks for sentences apart from the claim: that share
    no content word with it and point to no other sentence."""
    wanted = content_stems(pair.claim)
    between = (pair.passage[a:b] for (_, a), (b, _) in itertools.pairwise(sentences))
    breaks = [True, *(gap.count("\n") > 1 for gap in between), True]
    parts: list[str] = []
    position = 0
    for (start, end), *alone in zip(sentences, breaks, breaks[1:], strict=False):
        text = pair.passage[start:end]
        is_short = all(alone) and len(text.split()) <= _SHORT
        loose = pair.cut or is_short or _is_scrap(text)
        if not loose or wanted & content_stems(text):
            continue
        if not _GOES_ON.search(text):
            parts += pair.passage[position:start], " " * (end - start)
            position = end
    return "".join([*parts, pair.passage[position:]])


def _is_scrap(text: str) -> bool:
    return len(text.split()) <= _SCRAP and text[-1].isalnum()
