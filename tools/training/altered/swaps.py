"""Edits that put one name in the place of another, or let two names or figures change places.

Another name conflicts only where the place in the sentence is for one: the founder, the place of
birth, whoever said the words quoted. That another company had a revenue says nothing of this one's,
so there the sentence is silent on its edited form.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tools.numbers.quantities import Quantity, meet, quantities
from tools.text.quotes import quotations
from tools.text.words import is_function_word
from tools.training.altered.edits import ONCE, Edit, undecided
from tools.training.altered.naming import PLACES, Name, found_names, speakers, subject_name


class NamePool:
    """Names to swap in, by kind: those of a text first, then those of all texts."""

    def __init__(self, names: Iterable[Name]) -> None:
        by_kind: dict[str, dict[str, None]] = defaultdict(dict)
        for name in names:
            if not name.alone:
                by_kind[name.kind][name.text] = None
        self._by_kind = {kind: list(texts) for kind, texts in by_kind.items()}

    def other(self, name: Name, sentence: str, rng: random.Random) -> str | None:
        """A name of the same kind, none of whose words the sentence has; None if there is none.

        A place has its own kind's whole list to draw on.
        """
        texts = self._by_kind.get(name.kind, [])
        if name.is_place:
            texts = sorted(PLACES[name.kind])
        for _ in range(8):
            if not texts:
                return None
            text = rng.choice(texts)
            if not any(word in sentence for word in text.split() if len(word) > 2):
                return text.split()[-1] if name.alone else text
        return None


_AGENT = re.compile(
    r"\b(?:founded|established|directed|written|painted|composed|killed|shot|murdered|assassinated|"
    r"discovered|invented|acquired|bought|designed|defeated|beaten|succeeded|preceded|replaced|"
    r"owned|commissioned|portrayed|narrated|sculpted|arrested|crowned|inaugurated|appointed|hosted)"
    r" by (?:the |then |[a-z]+ )?(?:[A-Z]\w+\.? ){0,2}$"
)
_OBJECT = re.compile(
    r"\b(?:succeeded|replaced|replacing|defeated|beat|beating|defeating|named after|acquired|"
    r"(?:son|daughter|wife|husband|widow|brother|sister|nephew|niece|father|mother) of|married|"
    r"(?:capital|president|king|mayor|governor|prime minister|subsidiary|part) of|"
    r"president,|minister,|mayor,|chairman,|CEO,|founder,|coach,|chief executive,|captain,|"
    r"governor,|author,|director,) (?:[A-Z]\w+\.? ){0,2}$"
)
_SUBJECT = re.compile(
    r"^ (?:won the|founded|co-founded|directed|wrote(?! that)|discovered|invented|scored|succeeded|"
    r"replaced|defeated|painted|composed|assassinated|became (?:the|president|king|mayor|governor)|"
    r"is the (?:[a-z]+ )?(?:president|capital|mayor|founder|largest|first|only|author|chief|head|"
    r"director|governor|leader|host|winner)|was the (?:first|last|only|[a-z]+est))\b"
)
_PLACED = re.compile(
    rf"\b(?:{ONCE}|located|based|headquartered|held|situated|lies|stands|took place|filmed|grew up|"
    r"raised|set|jailed|detained|signed|lives|living|recorded|stationed)\b"
    r"(?: \w+){0,4} (?:in|at|near|outside)(?: the)?(?: [a-z]+)? $"
)
_LISTED_BEFORE = re.compile(
    r"(?:\b(?:and|or|with|like|as|including|among|both|between)|[A-Z]\w*,) (?:the )?$"
)
_LISTED_AFTER = re.compile(r"^(?:,? (?:and|or|&) |, [A-Z]|[’']s? |-| [A-Z(])")
_OPEN = re.compile(r"\b(?:also|among|including|such as|one of|co-\w+|several|various|again|not)\b")


def names(
    sentence: str, found: list[Name], pools: Sequence[NamePool], rng: random.Random
) -> Iterator[Edit]:
    """Another name where the place is for one, and another subject of a figure."""
    if _OPEN.search(sentence):
        return
    for name in found:
        before, after = sentence[: name.start], sentence[name.end :]
        if _LISTED_BEFORE.search(before) or _LISTED_AFTER.search(after):
            continue
        if _twice(name, sentence) or not (other := _other(name, sentence, pools, rng)):
            continue
        if name.is_place:
            if _PLACED.search(before) or _GOVERNED.search(before):
                yield Edit("place", name.start, name.end, other)
        elif (
            _AGENT.search(before)
            or _OBJECT.search(before)
            or (len(before.split()) <= 1 and _SUBJECT.search(after))
        ):
            yield Edit("name", name.start, name.end, other)
    subject = subject_name(sentence)
    if subject and not _twice(subject, sentence) and _measured(subject, sentence):
        other = _other(subject, sentence, pools, rng)
        if other:
            yield undecided("subject", subject.start, subject.end, other)


_GOVERNED = re.compile(r"\b(?:capital|president|king|mayor|governor|queen) of $")


def _twice(name: Name, sentence: str) -> bool:
    words = name.text.split()
    return sentence.count(words[0]) > 1 or sentence.count(words[-1]) > 1


def _other(name: Name, sentence: str, pools: Sequence[NamePool], rng: random.Random) -> str | None:
    return next(filter(None, (pool.other(name, sentence, rng) for pool in pools)), None)


# Only one wins, and whoever said something is a matter of attribution.
_WON_OR_SAID = re.compile(
    r" (?:of [A-Z][\w ]* )?(?:won|beat|defeated|became|wrote|told|said|says|tweeted|reported|"
    r"announced|claimed|cited)\b"
)
_RANKED = re.compile(r"\b(?:\w+(?:first|second|third|th)|\w{3,}est|most|least|only)\b", re.I)


def _measured(name: Name, sentence: str) -> bool:
    """Whether a figure of a subject stands there that another one may have as well."""
    if _RANKED.search(sentence) or _WON_OR_SAID.match(sentence[name.end :]):
        return False
    return any(q.start > name.end for q in quantities(sentence))


_SAYS = r"(?:said|says|told|added|explained|warned|insisted|replied|argued|tweeted)"
_SAYS_AFTER = re.compile(rf"^,? {_SAYS}\b")
_SAYS_BEFORE = re.compile(rf"[,”\"] {_SAYS} (?:[A-Z][a-z]+\.? )?$")


def _speaks(name: Name, sentence: str) -> bool:
    after = _SAYS_AFTER.search(sentence[name.end :])
    return bool(after or _SAYS_BEFORE.search(sentence[: name.start]))


def attributions(
    sentence: str, found: Sequence[Name], pools: Sequence[NamePool], rng: random.Random
) -> Iterator[Edit]:
    """The words of a quotation from another mouth."""
    quoted = quotations(sentence)
    told = [name for name in found if not name.is_place and _speaks(name, sentence)]
    for name in {name.start: name for name in [*told, *speakers(sentence)]}.values():
        if not quoted:
            return
        inside = any(q.start <= name.start < q.end for q in quoted)
        if inside or _twice(name, sentence) or _LISTED_BEFORE.search(sentence[: name.start]):
            continue
        if other := _other(name, sentence, pools, rng):
            yield Edit("attribution", name.start, name.end, other)


# Verbs whose two sides are not the same: who defeats is not defeated. Not `met` or `married`.
_DIRECTED = (
    "defeated|beat|acquired|bought|sued|accused|criticised|criticized|replaced|succeeded|killed|"
    "praised|attacked|invaded|arrested|hired|fired|shot|told|taught|followed|preceded|murdered|"
    "interviewed|threatened|blamed|warned|thanked|endorsed|mentored|appointed|overthrew|rescued|"
    "influenced|outscored|conquered|annexed|funded|owns|owned|contains|directed|inspired|blackmailed"
)
_RUN = r"[A-Z][\w’.-]*(?: (?:of |the )?[A-Z][\w’.-]*)*"
_FIRST = rf"(?P<a>(?:The )?{_RUN})"
_SECOND = rf"(?P<b>(?:the )?{_RUN})"
_ROLES = re.compile(
    rf"^{_FIRST}(?P<mid> (?:has |had |later |then )?(?:(?:{_DIRECTED})(?: by)?"
    rf"|(?:was|were|is|been) (?:later )?(?:{_DIRECTED}) by"
    r"|(?:is|was) the (?:[a-z]+ )?(?:son|daughter|father|mother|wife|husband|capital|successor|"
    r"predecessor|author|parent company|subsidiary|teacher|student) of"
    r"|(?:is|was|lies) (?:[a-z]+ ){0,2}(?:north|south|east|west|part|larger|smaller|older|younger)"
    rf" (?:of|than)) ){_SECOND}(?=[.,]| (?:in|on|at|by|for|to|after|with|during|and|of|that)\b)"
)


_PLAIN = re.compile(r"[$€£]?\s?\d[\d,.]*(?: ?(?:million|billion|%|per ?cent|\w+s))?")
_JOINED = re.compile(
    r" [a-z]+(?: [a-z]+){0,4},? (?:and|but|against|from|for|with|including|to)"
    r"(?: (?:its|the|about|an estimated|another))? "
)
_FROM_TO = re.compile(
    r"\b(?:rose|fell|rise|fall|grew|increased?|dropped|declined?|cut|raised|down|up)"
    r" from [^.;]{1,40} to $"
)


def roles(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """Who did it to whom, turned round; and two figures of a sentence that change places."""
    match = _ROLES.search(sentence)
    if match and not set(match["a"].split()) & set(match["b"].split()):
        first, second = match["a"], match["b"]
        first = "the " + first[4:] if first.startswith("The ") else first
        second = second[0].upper() + second[1:]
        opener = first.split()[0]
        if opener == "the" or not is_function_word(opener):
            yield Edit("roles", match.start(), match.end(), second + match["mid"] + first)
    for one, two in itertools.pairwise(quantities(sentence)):
        if _exchangeable(sentence, one, two):
            between = sentence[one.end : two.start]
            yield Edit("roles", one.start, two.end, two.text + between + one.text)


def _exchangeable(sentence: str, one: Quantity, two: Quantity) -> bool:
    """Whether two figures of one form count different things, or go from one to the other."""
    if one.unit != two.unit or not (_PLAIN.fullmatch(one.text) and _PLAIN.fullmatch(two.text)):
        return False
    if one.bound != "exact" or two.bound != "exact" or meet(one, two):
        return False
    if ("." in one.text) != ("." in two.text) or min(*one.values, *two.values) <= 1:
        return False  # "3.63 ERA and 23 saves", "1 goals"
    if _FROM_TO.search(sentence[: two.start]):
        return True
    counted = one.head and two.head and one.head != two.head
    return bool(counted and _JOINED.fullmatch(sentence[one.end : two.start])) and not re.search(
        r"\b(?:between|versions?|stage) $|\([^)]*$", sentence[: one.start]
    )


def names_of(sentences: Iterable[str]) -> list[Name]:
    """The names of several sentences, full names only, with their subjects and speakers."""
    result = []
    for sentence in sentences:
        result += found_names(sentence)
        result += speakers(sentence)
        if subject := subject_name(sentence):
            result.append(subject)
    return result
