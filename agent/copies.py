"""Copies of an article that say something else in places: corrected, or doctored.

A copy is no witness for or against the text that it copies, and that is not checked against it. But
one may have another figure, name or date in a sentence, or deny what the article says; whoever
reads the report is told which.
"""

from __future__ import annotations

from collections import Counter

from agent.rate.gate import alike
from tools.numbers.numerals import numerals
from tools.text.sentences import sentence_spans
from tools.text.words import (
    WORD,
    antonyms,
    content_stems,
    is_calendar_word,
    is_negated,
    names,
    stem,
)

_ALIKE = 0.5
"""Least Dice's coefficient of the content words of two versions of one sentence."""
_COMMON = 50
"""Sentences of an article above which a word that they have tells none of them from the others."""

Span = tuple[int, int]


def altered(copy: str, article: str) -> list[Span]:
    """The sentences of a copy that say something else than the article, in order.

    What is only left out, added or worded otherwise is not meant: a sentence differs from the one
    of the article that is most like it by a figure, a name or a day that this one lacks, by the
    order of figures or names, by a denial or by an opposite.

    Args:
        copy: its text.
        article: the text that it is a copy of.
    """
    theirs = [article[start:end] for start, end in sentence_spans(article)]
    known = {_words(sentence) for sentence in theirs}
    having: dict[str, list[int]] = {}
    for number, sentence in enumerate(theirs):
        for each in content_stems(sentence):
            having.setdefault(each, []).append(number)

    def nearest(sentence: str) -> str | None:
        found = (having.get(each, ()) for each in content_stems(sentence))
        near = sorted({at for places in found if len(places) <= _COMMON for at in places})
        best = max(near, key=lambda at: (alike(sentence, theirs[at]), -at), default=None)
        return None if best is None or alike(sentence, theirs[best]) < _ALIKE else theirs[best]

    found = []
    for start, end in sentence_spans(copy):
        sentence = copy[start:end]
        if _words(sentence) in known:
            continue
        other = nearest(sentence)
        if other is not None and _differs(sentence, other):
            found.append((start, end))
    return found


def _differs(sentence: str, other: str) -> bool:
    pairs = list(zip(_facts(sentence), _facts(other), strict=True))
    return (
        any(Counter(mine) - Counter(theirs) for mine, theirs in pairs)
        # Where a day is told in a sentence, says nothing; names and figures can be exchanged.
        or any(_kept(mine, theirs) != _kept(theirs, mine) for mine, theirs in pairs[1:])
        or is_negated(sentence) != is_negated(other)
        or antonyms(sentence, other) is not None
    )


def _facts(sentence: str) -> tuple[list[str], list[str], list[str]]:
    """Weekdays and months, names, and figures, each in the order of the sentence."""
    named = names(sentence)
    words = [match[0] for match in WORD.finditer(sentence) if match[0][0].isupper()]
    return (
        [word for word in words if is_calendar_word(word)],
        [stem(word) for word in words if stem(word) in named],
        [f"{number.value:g}" for number in numerals(sentence)],
    )


def _kept(some: list[str], others: list[str]) -> list[str]:
    return [fact for fact in some if fact in others]


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(match[0].casefold() for match in WORD.finditer(sentence))
