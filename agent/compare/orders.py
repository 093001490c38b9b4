"""Which of two events came first, worked out from the days that a passage tells of them.

`The court ruled before the minister resigned`, `approved in Japan earlier than in Canada`: where a
passage dates each of the two once, the dates decide; so does a sentence that tells the same two
events in an order of its own. An event is known by all words that the claim has for it. A plan
dates nothing, and days without a year are put in order only within one month or as the text tells
them. A passage that tells no order at all cannot support one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.compare.placing import Place, places
from agent.compare.subjects import Finding, Relation, Sentence, same_subject
from tools.numbers.arithmetic import span
from tools.numbers.measures import kin
from tools.numbers.quantities import quantities
from tools.text.grammar import is_be, is_have, verbs
from tools.text.words import WORD, content_stems, is_function_word, is_negated, stem
from tools.times.dates import DateMention, date_mentions, dates_in_order

_ORDER = re.compile(
    r"(?P<one>.+?)\s(?:(?P<before>before|earlier than|sooner than|prior to)|"
    r"(?P<after>after|later than))\s(?P<other>[^,;:]+?)[.\s]*$"
)
_TWICE = re.compile(r"\b(?:before|after|until|till|since|earlier|later)\b", re.I)
_OPEN = re.compile(
    r"\b(?:will|would|could|can|should|must|might|(?-i:may)|if|whether|planned|plans?|due|scheduled|"
    r"expected|meant|supposed|hoped|hopes|intended|originally|set to|or|always|often|usually|every|"
    r"each|again|says?|said|first|once|soon|day|days|week|weeks|month|months|year|years|long|just|"
    r"only|even|appeared|appears|brought|stood|named|one|look(?:s|ed)?|ask(?:s|ed)?|takes?|took)\b",
    re.I,
)
"""What leaves open whether or when something was, or makes `before` and `after` no order of time
(`appeared before the judge`, `named after the lake`, `year after year`)."""
_PLANNED = re.compile(
    r"\b(?:will|would|planned|plans?|due|scheduled|expected|meant|supposed|hoped|hopes|intended|"
    r"originally|set to|announced|proposed)\b",
    re.I,
)
_LIKEWISE = re.compile(r"\b(?:did so|done so|did the same|done the same)\b", re.I)
"""What stands for the verb of the other event."""


_PRONOUN = re.compile(r"(?:it|he|she|they|its|his|her|their)\b", re.I)
_STANDS_FOR = re.compile(r"\b(?:it|them|him|there|this|that|these|those|so)\b", re.I)
_WITH = re.compile(r"(in|at|by|for|on|to|from|with)\s", re.I)
_TELLS_ORDER = re.compile(
    r"\b(?:before\w*|after\w*|earlier|later|sooner|until|till|since|when|while|once|then|next|"
    r"previous\w*|subsequent\w*|follow\w*|preced\w*|eve|ahead|already|still|had|first|second|last|"
    r"finally|eventually|in the end|by the time|meanwhile|prior|same|as soon as|beat)\b",
    re.I,
)
_OWNER = re.compile(r"\b([A-Z][\w-]+)[’']s\b")
_AGAIN = re.compile(
    r"\b(?:again|twice|several times|first|both|re-\w+|"
    r"re(?:open|join|build|built|elect|enter)\w*)\b",
    re.I,
)
_HAD = re.compile(r"\bhad\b", re.I)


@dataclass(frozen=True)
class _Event:
    """An event as a text tells it: stems of all its words, and of those that are its own."""

    words: frozenset[str]
    own: frozenset[str]


@dataclass(frozen=True)
class _Order:
    """Two events in an order.

    Attributes:
        one, other: the events.
        verb: stem of what happened in either case; empty where each has words of its own for it.
        first: whether the one came before the other.
    """

    one: _Event
    other: _Event
    verb: str
    first: bool


def orders(claim: str, sentences: Sequence[Sentence], context: frozenset[str]) -> list[Finding]:
    """The order that a claim tells of two events against that of a passage; at most one finding.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    asked = None if date_mentions(claim) or quantities(claim) else _order(claim)
    if asked is None:
        return []
    for sentence in sentences:
        told = _order(sentence.text) if same_subject(claim, sentence.text) else None
        if told and {told.one.words, told.other.words} == {asked.one.words, asked.other.words}:
            as_claimed = (told.one.words == asked.one.words) == (told.first == asked.first)
            return [_finding(as_claimed, sentence, "the order of the two events")]
    if found := _by_dates(claim, asked, sentences, context):
        return [found]
    if any(_TELLS_ORDER.search(sentence.text) for sentence in sentences):
        return []
    note = "which came first: not in the passage"
    return [Finding("figure", "silent", note=note, elsewhere=True)]


def _order(text: str) -> _Order | None:
    """The two events that a sentence puts in an order; None where it does not, or not plainly."""
    match = _ORDER.fullmatch(text.strip())
    if not match or _OPEN.search(text) or is_negated(text):
        return None
    if _TWICE.search(match["one"]) or _TWICE.search(match["other"]):
        return None
    subject, verb = _subject_and_verb(match["one"])
    one, other = content_stems(match["one"]), content_stems(match["other"])
    if not verb:
        return None
    if _subject_and_verb(match["other"])[1]:
        goes_on = _PRONOUN.match(match["other"])
        rest = match["other"][goes_on.end() :] if goes_on else match["other"]
        if _STANDS_FOR.search(rest):
            return None
        own, verb = one - other - (subject if goes_on else frozenset()), ""
    elif led := _WITH.match(match["other"]):  # `in Japan earlier than in Canada`
        _, _, phrase = match["one"].rpartition(f" {led[1]} ")
        own = content_stems(phrase) - other
        other |= one - own
    else:  # `the bridge opened before the tunnel`
        own = subject - other
        other |= one - own
    events = _Event(one, own), _Event(other, other - one)
    if not events[0].own or not events[1].own or verb in own:
        return None
    return _Order(*events, verb, bool(match["before"]))


def _subject_and_verb(text: str) -> tuple[frozenset[str], str]:
    """Stems of what stands before the verb, and that of the word that tells what happened."""
    found = verbs(text)
    if not found:
        return frozenset(), ""
    subject = content_stems(text[: found[0].start])
    if not is_be(found[0].word) and not is_have(found[0].word):
        return subject, stem(found[0].word.lower())
    for match in WORD.finditer(text, found[0].end):
        if not is_function_word(match[0]) and not match[0].endswith("ly"):
            return subject, stem(match[0].lower())
    return subject, ""


def _by_dates(
    claim: str, asked: _Order, sentences: Sequence[Sentence], context: frozenset[str]
) -> Finding | None:
    dated = list(_dated(claim, sentences, context))
    sides = [
        [each for each in dated if _is_of(asked.verb, each[1], this, that)]
        for this, that in ((asked.one, asked.other), (asked.other, asked.one))
    ]
    if any(len(side) != 1 for side in sides):
        return None
    (day, here), (other_day, there) = sides[0][0], sides[1][0]
    used = {here.sentence, there.sentence}
    if sum(place.sentence in used for _, place in dated) > len(sides):
        return None  # a third date may be of either
    texts = (here.sentence.text, there.sentence.text)
    if any(map(_AGAIN.search, texts)) or any(_owners(text) - _owners(claim) for text in texts):
        return None
    before = _precedes(day, here, other_day, there)
    if before is None:
        return None
    last = max((here, there), key=lambda place: place.sentence.start)
    told = [place.sentence.text[d.start : d.end] for d, place in (sides[0][0], sides[1][0])]
    note = f"{told[0]} was {'before' if before else 'after'} {told[1]}"
    return _finding(before == asked.first, last.sentence, note)


def _owners(text: str) -> set[str]:
    """Who has something in a text: what `Marta’s brother` did Marta need not have done."""
    return set(_OWNER.findall(text))


def _finding(as_claimed: bool, sentence: Sentence, note: str) -> Finding:
    relation: Relation = "same" if as_claimed else "differs"
    return Finding("figure", relation, sentence.start, sentence.end, note, 1.0, worked_out=True)


def _dated(
    claim: str, sentences: Sequence[Sentence], context: frozenset[str]
) -> Iterator[tuple[DateMention, Place]]:
    """The dates of a passage, each with its clause."""
    told = dates_in_order([sentence.text for sentence in sentences])
    before = ""
    for sentence, mentions in zip(sentences, told, strict=True):
        if same_subject(claim, sentence.text):
            yield from zip(mentions, places(sentence, mentions, context, before), strict=True)
        before = sentence.text


def _is_of(verb: str, place: Place, event: _Event, rival: _Event) -> bool:
    """Whether a date is that of an event: all its words stand in its part of the sentence, some of
    its own in the clause, and none of the other event's own there."""
    if _PLANNED.search(place.text) or is_negated(place.text):
        return False
    clause = content_stems(place.text)
    if not clause & event.own or clause & rival.own:
        return False
    if _LIKEWISE.search(place.text):
        return event.words <= content_stems(place.told + place.sentence.text)
    return (not verb or verb in clause) and kin(event.words) <= place.near


def _precedes(a: DateMention, here: Place, b: DateMention, there: Place) -> bool | None:
    """Whether one date is before another; None where they do not tell."""
    if a.fiscal or b.fiscal:
        return None
    if a.year and b.year:
        before, after = span(b, a) is None, span(a, b) is None
        return before if before != after else None
    if a.year or b.year or not a.month or not b.month:
        return None
    if a.month == b.month:
        return a.day < b.day if a.day and b.day and a.day != b.day else None
    first, last = (
        (a, b) if (here.sentence.start, a.start) < (there.sentence.start, b.start) else (b, a)
    )
    if _HAD.search(here.text + there.text) or (first.month or 0) > (last.month or 0):
        return None  # perhaps of the year before
    return first is a
