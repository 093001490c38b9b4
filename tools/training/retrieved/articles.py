"""Sentences of articles against other sentences of the same article, which leave them open."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from tools.numbers.quantities import compare, quantities
from tools.text.sentences import sentence_spans
from tools.text.words import content_stems, names
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE, TrainingPair
from tools.training.retrieved.relation import is_near_copy, parts_of

_SHORTEST, _LONGEST = 5, 110
"""Words of a passage."""
_OPENS_ALONE = re.compile(
    r"^(?!(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their|But|And|Or|So|Yet|However|"
    r"Also|Then|There|Here|Such|Another|Both|Meanwhile|Instead|Still|Later|According|In addition|"
    r"I|We|You|My|Our|Your|If|When|While|As|Because|Although|By)\b)[A-Z][^\"“”?!:]*\.$"
)
_LEANS = re.compile(
    r"\b(?:he|she|they|him|them|this|these|those|I|we|you|us|our|my|"
    r"here|yesterday|today|tomorrow|now|ago|earlier|later|same|another|former|latter)\b"
)
_SENTENCE_WORDS = (8, 34)
_CHANGED = 0.6
"""Share of the sentences with an exact figure in which it is changed."""


def article_negatives(
    texts: Iterable[tuple[str, str]], rng: random.Random, *, per_text: int = 12
) -> Iterator[TrainingPair]:
    """Sentences of articles against other sentences of the same article.

    Each claim comes once with a passage that leaves it open (`article/other`,
    `article/other_figure`) and once with the passage that decides it: its own sentence among
    its neighbours (`article/own`), which contradicts it where a figure was changed
    (`article/own_figure`).

    Args:
        texts: (group, text) of articles.
        rng: chooses sentences, changes and passages.
        per_text: most claims of one article.
    """
    for group, text in texts:
        sentences = [text[start:end].replace("\n", " ") for start, end in sentence_spans(text)]
        places = [i for i, sentence in enumerate(sentences) if _reads_alone(sentence)]
        rng.shuffle(places)
        made = 0
        for place in places:
            if made == per_text:
                break
            sentence = sentences[place]
            changed = _with_other_figure(sentence, rng) if rng.random() < _CHANGED else None
            claim = changed or sentence
            passage = _silent_passage(claim, sentence, sentences, place, rng)
            if passage is None:
                continue
            made += 1
            end = "_figure" if changed else ""
            label = CONFLICTING if changed else SUPPORTED
            own = _around(sentences, place, rng)
            yield TrainingPair(claim, passage, UNVERIFIABLE, f"article/other{end}", group)
            yield TrainingPair(claim, own, label, f"article/own{end}", group)


def _reads_alone(sentence: str) -> bool:
    low, high = _SENTENCE_WORDS
    return (
        low <= len(sentence.split()) <= high
        and _OPENS_ALONE.match(sentence) is not None
        and not _LEANS.search(sentence)
        and bool(parts_of(sentence).subject)
        and len(parts_of(sentence).others) > 2
    )


def _around(sentences: Sequence[str], place: int, rng: random.Random) -> str:
    """A sentence with none, one or two of its neighbours."""
    first = max(0, place - rng.randint(0, 1))
    return " ".join(sentences[first : place + 1 + rng.randint(0, 1)])


def _silent_passage(
    claim: str, sentence: str, sentences: Sequence[str], place: int, rng: random.Random
) -> str | None:
    """One to three neighbouring sentences that name somebody of the claim and leave it open."""
    wanted = parts_of(claim).names
    starts = [i for i in range(len(sentences)) if i != place]
    rng.shuffle(starts)
    for start in starts:
        run = sentences[start : start + rng.randint(1, 3)]
        if start < place < start + len(run):
            run = run[: place - start]
        passage = " ".join(run)
        if not _SHORTEST <= len(passage.split()) <= _LONGEST or not wanted & names(passage):
            continue
        if not _may_tell(claim, sentence, run):
            return passage
    return None


_TELLS = 0.34
"""Share of a claim's other words from which a sentence of the same article may decide it. An
article says a thing twice in other words: the bar is lower than between texts."""


def _may_tell(claim: str, sentence: str, others: Sequence[str]) -> bool:
    parts = parts_of(claim)
    words = frozenset[str]().union(*(content_stems(other) for other in others))
    if len(parts.others & words) > _TELLS * len(parts.others) or parts.figures & words:
        return True
    measured = quantities(sentence)
    return any(
        compare(ours, theirs) is not None
        for other in others
        for theirs in quantities(other)
        for ours in measured
    ) or any(is_near_copy(sentence, other) for other in others)


_FIGURE = re.compile(r"(?<![\w.,/:-])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w/:-]|[.,]\d)")


_NAME_BEFORE = re.compile(r"\b\w*[A-Z]\w*\s$")
"""`iPhone 6`, `Article 5`: such a figure is part of a name."""


def _with_other_figure(sentence: str, rng: random.Random) -> str | None:
    """The sentence with one exact figure changed beyond rounding; None if it has none."""
    exact = [q for q in quantities(sentence) if q.bound == "exact"]
    found = [
        match
        for match in _FIGURE.finditer(sentence)
        if float(match[0].replace(",", "")) >= 2
        and any(q.start <= match.start() < q.end for q in exact)
        and not _NAME_BEFORE.search(sentence[: match.start()])
    ]
    if not found:
        return None
    match = rng.choice(found)
    digits = match[0].replace(",", "")
    decimals = len(digits.partition(".")[2])
    value = float(digits)
    factor = rng.choice([rng.uniform(0.4, 0.8), rng.uniform(1.25, 2.5)])
    new = round(value * factor, decimals)
    if new == value:
        new = value + 1
    text = f"{new:,.{decimals}f}" if "," in match[0] else f"{new:.{decimals}f}"
    return sentence[: match.start()] + text + sentence[match.end() :]
