"""Quotations: finding them, and finding the same words in another text.

A quotation is checked word by word. Verbatim and altered are told apart; what differs is named,
because one word can turn a promise round (`We will not …`, `We will now …`), and so can a word
that was cut off (`… if the rain holds`). What the conventions of quoting allow is no alteration:
other marks and spelling, contractions, `she said` in between, an ellipsis, words in brackets.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from tools.text.rewording import Run, aligned, runs_of
from tools.text.spelling import PlainWord, plain_words
from tools.text.trimming import turned_after, turned_before
from tools.text.words import WORD, is_function_word

# Pairs of marks: English curly and straight, German, French, Chinese/Japanese.
_MARKS = [("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("「", "」"), ("‘", "’")]


def _between(left: str, right: str) -> re.Pattern[str]:
    """What stands between two marks; of two equal ones the white space tells which opens."""
    first, last = (r"(?=\S)", r"(?<=\S)") if left == right else ("", "")
    inner = rf"([^{re.escape(left + right)}\n]{{2,600}})"
    return re.compile(rf"{re.escape(left)}{first}{inner}{last}{re.escape(right)}")


_QUOTED = [_between(left, right) for left, right in _MARKS[:-1]]
# Single quotes open after white space and close before it, or they are apostrophes.
_QUOTED += [
    re.compile(r"(?<![\w])‘([^‘\n]{12,600}?)’(?![\w])"),
    # An apostrophe within is followed by a letter, so the first that is not closes.
    re.compile(r"(?<![\w'])'(?=\w)([^'\n]{6}(?:[^'\n]|'\w){0,594}?[^\s'])'(?![\w'])"),
]
_OPENING = re.compile(f"[{''.join(left for left, _ in _MARKS)}']")
MIN_WORDS = 4
"""Shorter quotations (`“agentic”`) may be terms or scare quotes; the words are looked for, but only
within the marks of the other text."""
_TERM = 2
"""Single words are not looked for at all."""
_ALTERED = 82.0
"""Least similarity (rapidfuzz, 0..100) of two wordings of one quotation. Set between the few
of the example library: two altered ones score 92 and 98, different ones at most 59, which
`tests/test_quotes.py` holds. That is thirteen quotations; no larger set was looked at."""
_NEAR = 70.0
"""The same for the place to look closer at."""
_MARGIN = 4
_MOST_CHANGES = 0.25
_TITLE_SHARE = 0.8
"""Share of the content words of a title that are capitalised: `Brown v. Board of Education`."""
_LONGEST_CUT = 80
"""Most words that `…` stands for."""
_LONGEST_GAP = 30
"""Most words between two parts of one quotation: `said Runa Espeland, a biologist who …`."""
_OMITTED = re.compile(r"\[\s*(?:…|\.\.\.|\. \. \.)\s*\]|…|\.\.\.|\. \. \.")
_ADDED = re.compile(r"\[[^\]\n]*\]")
_OPENING_LETTER = re.compile(r"\[(\w)\](?=\w)")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Prof|[A-Z])\.")
_STOP = re.compile(r"[.!?…]|\n")
_MARK = re.compile(r"[“”\"„«»「」]|(?<!\w)[‘']|[’'](?!\w)")
_CLOSES = re.compile(r"[”\"“»」’']")
_OPENS = re.compile(r"[“\"„«「‘']$")
# What a speaker says without saying anything, and `that`, which may stand or not.
_FILLERS = frozenset(
    "well|um|uh|er|erm|ah|oh|look|you know|i mean|frankly|honestly|of course|so|and|that|you see|"
    "well you know|well look|and so|basically|actually|to be honest".split("|")
)

_MAGNITUDES = {"mn": "million", "bn": "billion", "tn": "trillion"}
_MAGNITUDE = re.compile(r"(?<=\d)(?:mn|bn|tn)$")
_LIGHT = frozenset("a an the this that these those and just".split())
"""Words that of two reporters one writes down and the other leaves out; the sense stays."""


@dataclass(frozen=True)
class Quotation:
    """A quotation in a text; the span is without its marks."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class QuoteMatch:
    """The words of a quotation in another text.

    Attributes:
        relation: `verbatim` or `altered`.
        start, end: where the other text has them.
        changes: (ours, theirs) for each altered run of words; empty strings for words
            that only one of the two has.
        cut: for words that stand there, the words beside them without which they say something
            else; empty where the cut is fair.
    """

    relation: Literal["verbatim", "altered"]
    start: int
    end: int
    changes: tuple[tuple[str, str], ...] = ()
    cut: str = ""

    @property
    def note(self) -> str:
        """`“not” in the article, “now” in the source`."""
        if self.relation == "verbatim":
            return "the quotation stands in the source word for word"
        if self.cut:
            return f"the article leaves out “{self.cut}”"
        return "; ".join(
            f"“{ours or '…'}” in the article, “{theirs or '…'}” in the source"
            for ours, theirs in self.changes
        )


def quotations(text: str, *, min_words: int = MIN_WORDS) -> list[Quotation]:
    """The quotations of a text that have at least `min_words` words, in order."""
    found: list[Quotation] = []
    if not _OPENING.search(text):
        return found  # most sentences quote nobody
    for pattern in _QUOTED:
        # Those found so far lie apart and in order: the last that begins before is the nearest.
        starts = [quotation.start for quotation in found]
        added = []
        for match in pattern.finditer(text):
            start, end = match.span(1)
            before = bisect_left(starts, end)
            if before and found[before - 1].end > start:
                continue
            if len(WORD.findall(match[1])) >= min_words:
                added.append(Quotation(start, end, match[1]))
        found = sorted(found + added, key=lambda quotation: quotation.start)
    return found


def is_title(quotation: str) -> bool:
    """Whether words in marks are a name (`“A Winter without Snow”`): all but its function words
    are capitalised, and it ends without a stop."""
    words = [m[0] for m in WORD.finditer(quotation) if not is_function_word(m[0])]
    capital = sum(not word[0].islower() for word in words)
    return quotation[-1] not in ".!?;:…" and len(words) > 1 and capital >= _TITLE_SHARE * len(words)


def find_quote(quotation: str, text: str) -> QuoteMatch | None:
    """Finds the words of a quotation in a text: the first of `find_quotes`.

    Returns:
        None when the text does not have it.
    """
    return next(iter(find_quotes(quotation, text)), None)


def find_quotes(quotation: str, text: str, *, negated: bool = False) -> list[QuoteMatch]:
    """The places of a text that have a quotation word for word, else the one that alters it.

    Case, marks and white space are no alterations. The sign of an altered quotation is
    that most of it stands there word for word; at most a quarter of the words differ.
    Words that stand there but were cut off from `if …`, `not …` or the like are altered, too.

    Args:
        quotation: the words, without marks.
        text: where to look.
        negated: whether the words before the quotation deny it (`He does not “trust a word of
            it”`): then a denial in the text is not cut off.

    Returns:
        Verbatim matches before altered ones; empty when the text does not have it.
    """
    quotation = _OPENING_LETTER.sub(r"\1", quotation)
    pieces = [piece for part in _OMITTED.split(quotation) if (piece := plain_words(part))]
    short = len(WORD.findall(quotation)) < MIN_WORDS
    if len(WORD.findall(quotation)) < _TERM:
        return []
    streams = list(_streams(text))[::-1]  # joined first: it knows how the sentence goes on
    marked = [(q.start, q.end) for q in quotations(text, min_words=1)] if short else []
    matches: dict[int, QuoteMatch] = {}
    for stream in streams:
        exact = _exact([[w.plain for w in piece] for piece in pieces], stream)
        for places in itertools.islice(exact, _MOST_PLACES):
            match = _verbatim(places, stream, text, negated, asked="?" in quotation)
            said = not short or any(a <= match.start and match.end <= b for a, b in marked)
            if said and match.start not in matches:
                matches[match.start] = match
    if matches or short:
        return sorted(matches.values(), key=lambda m: (m.relation != "verbatim", m.start))
    if _OMITTED.search(quotation.strip(" …")):
        return _piecewise(quotation, text, negated)
    for stream in streams:
        altered = _altered(quotation, text, stream)
        if altered:
            return [altered]
    return []


@dataclass(frozen=True)
class _Word:
    """A word as it is compared, and where it stands; `gap` is the text before it, and `joined`
    tells that the gap only names the speaker (`,” she said, “`)."""

    plain: str
    start: int
    end: int
    gap: str = ""
    joined: bool = False


def _streams(text: str) -> Iterator[list[_Word]]:
    """The words of a text; and once more without what stands between two parts of a quotation."""
    words = plain_words(text)
    yield _linked([(word, False) for word in words], text)
    quoted = quotations(text, min_words=1)
    gaps = [
        (left.end, right.start)
        for left, right in itertools.pairwise(quoted)
        if "\n\n" not in (gap := text[left.end : right.start])
        and len(WORD.findall(gap)) <= _LONGEST_GAP
    ]
    if not gaps:
        return
    kept: list[tuple[PlainWord, bool]] = []
    place, skipped = 0, False
    for word in words:
        while place < len(gaps) and word.start >= gaps[place][1]:
            place += 1
        if place < len(gaps) and word.start >= gaps[place][0]:
            skipped = True
            continue
        kept.append((word, skipped))
        skipped = False
    yield _linked(kept, text)


def _linked(words: list[tuple[PlainWord, bool]], text: str) -> list[_Word]:
    """The words, each with the text before it."""
    ends = [0, *(word.end for word, _ in words)]
    return [
        _Word(word.plain, word.start, word.end, text[end : word.start], joined)
        for (word, joined), end in zip(words, ends, strict=False)
    ]


def _exact(pieces: list[list[str]], stream: list[_Word]) -> Iterator[list[tuple[int, int]]]:
    """Places (first, last word) of all pieces in order, a bounded number of words apart."""
    plain = [word.plain for word in stream]

    def find(piece: list[str], low: int, high: int) -> Iterator[int]:
        for place in range(low, min(high, len(plain) - len(piece)) + 1):
            if plain[place] == piece[0] and plain[place : place + len(piece)] == piece:
                yield place

    for first in find(pieces[0], 0, len(plain)):
        places = [(first, first + len(pieces[0]) - 1)]
        for piece in pieces[1:]:
            after = places[-1][1] + 1
            place = next(find(piece, after, after + _LONGEST_CUT), None)
            if place is None:
                break
            places.append((place, place + len(piece) - 1))
        if len(places) == len(pieces):
            yield places


def _verbatim(
    places: list[tuple[int, int]],
    stream: list[_Word],
    text: str,
    negated: bool,
    *,
    asked: bool,
) -> QuoteMatch:
    """The match of words that stand there, altered where the cut turns them."""
    start, end = stream[places[0][0]].start, stream[places[-1][1]].end
    for i, (first, last) in enumerate(places):
        low = places[i - 1][1] + 1 if i else 0
        high = places[i + 1][0] if i + 1 < len(places) else len(stream)
        kept = _said(stream[first : last + 1], text)
        left = _before(stream, first, low)
        right, further = _after(stream, last, high)
        before = _said(left, text)
        cut = "" if negated else turned_before(before, kept)
        cut = cut or turned_after(
            kept, _said(right, text, lead=True), _said(further, text), whole=not left
        )
        if not (cut or left or right or asked or i) and _is_asked(stream, last, text):
            cut = "?"
        if cut:
            return QuoteMatch("altered", start, end, (("", cut),), cut)
    return QuoteMatch("verbatim", start, end)


def _said(words: list[_Word], text: str, *, lead: bool = False) -> str:
    """The words with what stands between them, without what names the speaker.

    Args:
        words: neighbours in a stream.
        text: the text they stand in.
        lead: whether to keep the punctuation before the first one.
    """
    parts: list[str] = []
    for i, word in enumerate(words):
        gap = " , " if word.joined and "," in word.gap else " " if word.joined else word.gap
        if i == 0:
            gap = gap if lead else ""
        if i == 0 or word.start != words[i - 1].start:  # of a contraction, once
            parts.append(gap + text[word.start : word.end])
    return "".join(parts)


def _is_asked(stream: list[_Word], last: int, text: str) -> bool:
    """Whether the sentence that ends with the word at `last` is a question."""
    return text[stream[last].end : stream[last].end + 1] == "?"


def _ends_sentence(word: _Word) -> bool:
    """Whether a sentence, or the quotation, ends before this word."""
    gap = _ABBREVIATION.sub("", word.gap)
    return bool(_STOP.search(gap)) or (not word.joined and bool(_MARK.search(gap)))


_MOST_PLACES = 500
"""Places of one quotation that are looked at; a passage is too short to have as many."""
_SENTENCE = 100
"""Words on either side of a match beyond which no start or end of its sentence is looked for: in a
text without stops, each of many matches would walk through all of it."""


def _before(stream: list[_Word], first: int, low: int) -> list[_Word]:
    """The words of the same sentence before the word at `first`."""
    place, low = first, max(low, first - _SENTENCE)
    while place > low and not _ends_sentence(stream[place]):
        place -= 1
    return stream[place:first]


def _after(stream: list[_Word], last: int, high: int) -> tuple[list[_Word], list[_Word]]:
    """The words of the same sentence after `last`, and the sentence after that."""

    high = min(high, last + 1 + _SENTENCE)

    def until_stop(place: int) -> int:
        while place < high and not _ends_sentence(stream[place]):
            place += 1
        return place

    middle = until_stop(last + 1)
    if middle == high or not (stream[middle].joined or not _MARK.search(stream[middle].gap)):
        return stream[last + 1 : middle], []
    return stream[last + 1 : middle], stream[middle : until_stop(middle + 1)]


def _piecewise(quotation: str, text: str, negated: bool) -> list[QuoteMatch]:
    """A quotation with omissions of which one piece at least was altered."""
    found = []
    for piece in _OMITTED.split(quotation):
        if len(WORD.findall(piece)) < MIN_WORDS:
            continue
        matches = find_quotes(piece, text, negated=negated)
        if not matches:
            return []
        found.append(matches[0])
    altered = [match for match in found if match.relation == "altered"]
    return altered[:1]


def _altered(quotation: str, text: str, stream: list[_Word]) -> QuoteMatch | None:
    """The place that has most of the words, with those that differ."""
    ours = plain_words(quotation)
    theirs = stream
    if len(theirs) < MIN_WORDS:
        return None
    left, right = [word.plain for word in ours], [word.plain for word in theirs]
    joined = " ".join(right)
    near = fuzz.partial_ratio_alignment(" ".join(left), joined, score_cutoff=_NEAR)
    if near is None:
        return None
    # The window is exact to a few words; laying word along word finds its true edges.
    first = max(0, joined[: near.dest_start].count(" ") - _MARGIN)
    last = joined[: near.dest_end].count(" ") + _MARGIN
    there, right = theirs[first : last + 1], right[first : last + 1]
    runs = runs_of(aligned(left, right), left, right)
    runs = _untrimmed(runs, text, there)
    if all(run.equal for run in runs):
        return None  # only a part of the quotation, unaltered
    added = [range(*match.span()) for match in _ADDED.finditer(quotation)]
    bracketed = {i for i, word in enumerate(ours) if any(word.start in span for span in added)}
    changed = [
        run for run in runs
        if not run.equal and not _conventional(run, left, right, bracketed, text, there)
    ]  # fmt: skip
    if changed and not (changed := _as_quoted(changed, runs, text, there)):
        return None  # what the text puts in quotation marks is unaltered, the rest retold
    cost = sum(max(len(run.ours), len(run.theirs)) for run in changed)
    if cost > max(1, _MOST_CHANGES * len(left)):
        return None
    places = [place for run in runs for place in run.theirs]
    wording = " ".join(left[place] for run in runs for place in run.ours)
    if changed and fuzz.ratio(wording, " ".join(right[place] for place in places)) < _ALTERED:
        return None
    changes = tuple(
        (
            _shown([(ours[i].start, ours[i].end) for i in run.ours], quotation),
            _shown([(there[j].start, there[j].end) for j in run.theirs], text),
        )
        for run in changed
    )
    relation: Literal["verbatim", "altered"] = "altered" if changes else "verbatim"
    return QuoteMatch(relation, there[places[0]].start, there[places[-1]].end, changes)


def _shown(spans: list[tuple[int, int]], text: str) -> str:
    """Words as they are written; a contraction, which is compared as two words, once."""
    return " ".join(text[start:end] for start, end in dict.fromkeys(spans))


def _conventional(
    run: Run,
    left: list[str],
    right: list[str],
    bracketed: set[int],
    text: str,
    there: list[_Word],
) -> bool:
    """Whether a difference is one that the conventions of quoting allow.

    Words that an editor put in brackets, in addition or for a pronoun; fillers; a word written
    as one or as two; and a speaker named within the quotation, between its closing and its
    opening mark (`“We will sail,” she said, “every day.”`).
    """
    ours, theirs = [left[i] for i in run.ours], [right[j] for j in run.theirs]
    if run.ours and all(place in bracketed for place in run.ours):
        return len(theirs) <= 3 and not {"not", "no", "never"} & set(theirs)
    if _letters(ours) == _letters(theirs):
        return True
    if theirs and not ours and _in_brackets([there[j] for j in run.theirs], text):
        return not {"not", "no", "never"} & set(theirs)
    if {*ours, *theirs} <= _LIGHT:
        return True
    if not ours or not theirs:
        if " ".join(ours or theirs) in _FILLERS:
            return True
        if ours:
            return False
        first, last = there[run.theirs[0]], there[run.theirs[-1]]
        before = text[max(0, first.start - 4) : first.start]
        after = text[last.end : last.end + 4]
        return bool(_CLOSES.search(before)) and bool(_OPENS.search(after.rstrip()))
    return False


def _as_quoted(changed: list[Run], runs: list[Run], text: str, there: list[_Word]) -> list[Run]:
    """The changes within what a text puts in quotation marks; all, where it marks nothing there.

    `She said that, as long as it rained, “our boats stay in port”` retells the first half, so
    only a change of the second alters her words.
    """
    marked = [(quote.start, quote.end) for quote in quotations(text, min_words=1)]

    def mark(place: int) -> int | None:
        start = there[place].start
        return next((number for number, (a, b) in enumerate(marked) if a <= start < b), None)

    kept = sum(mark(place) is not None for run in runs if run.equal for place in run.theirs)
    if kept < MIN_WORDS or len({mark(place) for run in runs for place in run.theirs}) == 1:
        return changed
    found = []
    for number, run in enumerate(runs):
        # Words left out stand between their neighbours.
        before = [left.theirs[-1] for left in runs[:number][-1:] if left.theirs]
        after = [right.theirs[0] for right in runs[number + 1 :][:1] if right.theirs]
        around = {mark(place) for place in (run.theirs or [*before, *after])}
        if run in changed and len(around) == 1 and None not in around:
            found.append(run)
    return found


def _in_brackets(words: list[_Word], text: str) -> bool:
    """Whether the source's editor put the words in: `taking [sic] advantage`."""
    added = [range(*match.span()) for match in _ADDED.finditer(text)]
    return all(any(word.start in span for span in added) for word in words)


def _letters(words: list[str]) -> str:
    """Words without what some write and some do not: dots, blanks, accents (`U.S.`, `3bn`)."""
    plain = unicodedata.normalize("NFKD", "".join(words))
    plain = "".join(sign for sign in plain if sign != "." and not unicodedata.combining(sign))
    return _MAGNITUDE.sub(lambda match: _MAGNITUDES[match[0]], plain)


def _untrimmed(runs: list[Run], text: str, words: list[_Word]) -> list[Run]:
    """Without the runs at either end that are trimming, not alteration.

    They are: words that the text does not have, and words that stand on the other side of its
    quotation mark: `Our ferry will sail` is trimmed in `said the “ferry will sail”`.
    """

    def trimmed(edge: Run, inner: Run) -> bool:
        if edge.equal or not edge.theirs or not inner.theirs:
            return not edge.equal
        a, b = sorted((edge, inner), key=lambda run: run.theirs[0])
        between = text[words[a.theirs[-1]].end : words[b.theirs[0]].start]
        return any(mark in between for pair in _MARKS for mark in pair if mark not in "‘’")

    if len(runs) > 1 and trimmed(runs[0], runs[1]):
        runs = runs[1:]
    if len(runs) > 1 and trimmed(runs[-1], runs[-2]):
        runs = runs[:-1]
    return runs
