"""Whom a sentence tells of, where it says so by a common noun: the mill, not the hospital.

Figures of one measure are compared wherever most of the words around them are the same, and in a
short sentence `employs … people` is most of them. So what stands as the subject has a say of its
own: two nouns that are not the same, and of which neither may stand for the other, are two things.
It only keeps what is computed from contradicting; where a subject cannot be read, nothing is
claimed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tools.text.grammar import PREPOSITION, verbs
from tools.text.words import content_stems, names, stem
from tools.times.dates import date_mentions

_LEAD = re.compile(
    r"(?:(?:and|but|while|whereas|meanwhile|so|yet)\s+)?"
    r"(?:(?:in|on|at|by|during|since|after|before|until|last|this|as of|for)\s[^,]{1,40},\s+)?",
    re.I,
)
"""What may stand before a subject."""
_DETERMINER = re.compile(
    r"(?:the|an?|its|their|his|her|our|this|that|these|those|all|both)(?:\s+|$)", re.I
)
_OPEN = re.compile(r"(?:it|they|this|that|these|those)\b", re.I)
"""A subject that names nothing; a claim that could be written out has none."""
_ADVERBS = re.compile(
    r"(?:\s+(?:now|also|then|still|already|later|soon|currently|recently|\w+ly))+$"
)
"""What may stand between a subject and its verb."""
_LONGEST = 9
"""Words of a subject, at most: beyond, it was hardly read rightly."""
_ENDS = re.compile(
    r",|\b(?:which|who|that|whose|where|when)\b|\b(?:and|or)\b|"
    r"\b(?:of|in|at|on|near|for|by|from|with|around|outside|under|between|to|behind|beside)\b"
)
"""Where the noun of a subject has been told."""
_KINDS = {
    stem(word): kind
    for kind, words in enumerate(
        (
            "mill", "hospital clinic", "harbour harbor port", "theatre theater opera cinema",
            "museum gallery", "library", "school college academy university", "bridge", "tunnel",
            "stadium arena park", "church cathedral chapel abbey", "mosque", "synagogue",
            "prison jail",
            "airport", "brewery", "dairy", "bakery", "hotel inn", "farm", "mine quarry colliery",
            "shipyard", "choir", "orchestra", "ferry", "tram", "lighthouse tower", "castle",
            "zoo", "cemetery", "market", "refinery", "reservoir dam", "canal", "road street",
            "concert", "lecture", "man boy", "woman girl",
        )
    )
    for word in words.split()
}  # fmt: skip
"""Nouns of things that are never the same, by number of the thing. Only these are told apart: most
nouns may stand for another, as a carrier does for an airline and a blaze for a fire."""
_MEASURES = frozenset(
    stem(word)
    for word in (
        "number share part percentage proportion rate level amount total sum value cost price bill "
        "budget size length height width depth area volume weight capacity population turnover "
        "revenue profit loss income salary output production sale export import majority minority "
        "half third quarter rest average median figure staff workforce construction renovation "
        "repair building conversion extension opening stock fleet network"
    ).split()
)
"""Nouns that measure something, which stands after `of` or nowhere."""


@dataclass(frozen=True)
class Actor:
    """The subject of a sentence.

    Attributes:
        noun: the stem of a common noun; empty where the subject is a name or names nothing.
        beside: stems of what is told with the noun (`of Brackwater`, `paper`).
        named: stems of what is the whole subject and has capitals: a name, or the first word.
        pronoun: in lower case, where it is one.
    """

    noun: str = ""
    beside: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    pronoun: str = ""


@lru_cache(maxsize=2048)  # asked of each figure of a sentence
def actor(text: str) -> Actor | None:
    """The subject that a text opens with; None where that cannot be read.

    Args:
        text: a sentence, or a clause with a subject of its own.
    """
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    found = verbs(text[start : start + 200])
    if not found or not found[0].start:
        return None
    told = text[start : start + found[0].start].strip()
    if _OPEN.fullmatch(told):
        return Actor(pronoun=told.lower())
    if not told or len(told.split()) > _LONGEST or PREPOSITION.search(told):
        return None
    if not (determined := _DETERMINER.match(told)):
        named = content_stems(told) if all(word[0].isupper() for word in told.split()) else None
        return Actor(named=named) if named else None
    phrase = _ADVERBS.sub("", told[determined.end() :])
    end = _ENDS.search(phrase)
    nouns = phrase[: end.start()].split() if end else phrase.split()
    if not nouns or not nouns[-1].isalpha() or not nouns[-1].islower():
        return None
    noun = stem(nouns[-1])
    beside = content_stems(phrase) - {noun}
    if noun in _MEASURES:
        return None
    return Actor(noun, beside)


def of_another_actor(claim: str, *told: str) -> bool:
    """Whether something is told of another than the claim speaks of, as far as subjects tell.

    It is where both subjects are nouns of unlike things and neither stands in the other text;
    where the claim's is a name that only places such a thing: Brackwater, the mill at Brackwater;
    and where the claim names nothing at all (`It cost $20,000`) and the other text something.

    Args:
        claim: the claim's text.
        told: the clause in which it is told, and the sentence around it: the first of them that
            has a subject counts.
    """
    if _names_nothing(claim) and not _shares_its_noun(claim, told[-1]):
        return True
    ours = actor(claim)
    if ours is None:
        return False
    here = next((text.strip() for text in told if actor(text.strip())), "")
    theirs = actor(here)
    if ours.pronoun:
        named = names(claim) or date_mentions(claim) or _SAYS_THAT.search(claim)
        return not named and not (theirs and theirs.pronoun == ours.pronoun)
    if theirs is None or theirs.noun not in _KINDS or theirs.noun in content_stems(claim):
        return False
    if ours.named:
        return ours.named <= theirs.beside & names(here)
    return (
        ours.noun in _KINDS
        and _KINDS[ours.noun] != _KINDS[theirs.noun]
        and ours.noun not in content_stems(here)
    )


_BY_A_BODY = re.compile(
    r"\W*(?:the\s+)?(?:[a-z]+\s+)?(?:police|government|officials?|authorities|witnesses|doctors|"
    r"ministry|officers?|organisers|organizers)\s+(?:said|say|says|reported|announced|confirmed)"
    r"(?:\s+that)?\s+(?=they\b|(?:[\w-]+\s+){0,2}?[\d,]+\s+people\b)",
    re.I,
)
_POSSESSED = re.compile(r"(?:its|their|his|her)\s+([a-z]+)\s+(?:was|were|is|are|has|had)\b", re.I)


def _names_nothing(claim: str) -> bool:
    """`Its club was founded in 1940`, `Police said they had arrested 78 people`: of one event among
    many, and nothing in the claim says of which."""
    known = _BY_A_BODY.match(claim) or _POSSESSED.match(claim)
    return bool(known) and not names(claim)


def _shares_its_noun(claim: str, sentence: str) -> bool:
    """Whether what belongs to somebody unnamed (`its revenue`) is what the sentence tells of."""
    noun = _POSSESSED.match(claim)
    return noun is not None and stem(noun[1]) in content_stems(sentence)


_SAYS_THAT = re.compile(r"^\W*it\b[^.]{0,40}\b(?:that|to)\b", re.I)
"""`It is reported that …`: what follows has a subject of its own."""
