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

_LEAD = re.compile(
    r"(?:(?:and|but|while|whereas|meanwhile|so|yet)\s+)?"
    r"(?:(?:in|on|at|by|during|since|after|before|until|last|this|as of|for)\s[^,]{1,40},\s+)?",
    re.I,
)
"""What may stand before a subject."""
_DETERMINER = re.compile(
    r"(?:the|an?|its|their|his|her|our|this|that|these|those|all|both)(?:\s+|$)", re.I
)
_OPEN = re.compile(r"(?:it|they|this|that|these|those|he|she|we|you|I)\b(?!\s+[a-z]+\s+of\b)", re.I)
"""A subject that names nothing; a claim that could be written out has none."""
_LONGEST = 9
"""Words of a subject, at most: beyond, it was hardly read rightly."""
_ENDS = re.compile(
    r",|\b(?:which|who|that|whose|where|when)\b|\b(?:and|or)\b|"
    r"\b(?:of|in|at|on|near|for|by|from|with|around|outside|under|between|to|behind|beside)\b"
)
"""Where the noun of a subject has been told."""
_ANY = frozenset(
    stem(word)
    for word in (
        "company firm group business corporation concern enterprise maker producer manufacturer "
        "operator owner provider supplier employer organisation organization institution body "
        "agency authority service plant factory site works facility complex building project "
        "scheme programme program plan structure vessel ship boat craft machine vehicle line city "
        "town village municipality community settlement place area region county district country "
        "state nation island man woman person official side team club party union pair couple "
        "chain retailer giant newcomer other one latter former event show fair thing case world"
    ).split()
)
"""Nouns that stand for many others: the mill is a company, a plant and a site."""
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
        is_open: whether it is a pronoun.
    """

    noun: str = ""
    beside: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    is_open: bool = False


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
        return Actor(is_open=True)
    if not told or len(told.split()) > _LONGEST or PREPOSITION.search(told):
        return None
    if not (determined := _DETERMINER.match(told)):
        named = content_stems(told) if all(word[0].isupper() for word in told.split()) else None
        return Actor(named=named) if named else None
    phrase = told[determined.end() :]
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

    It is where the claim's subject names nothing (`It cost $20,000`); where both are common nouns,
    neither stands in the other text, and neither is one that may stand for any (`the company`);
    and where the claim's is a name that only places the other: Brackwater, the mill at Brackwater.

    Args:
        claim: the claim's text.
        told: the clause in which it is told, and the sentence around it: the first of them that
            has a subject counts.
    """
    ours = actor(claim)
    if ours is None:
        return False
    if ours.is_open:
        return True
    here = next((text.strip() for text in told if actor(text.strip())), "")
    theirs = actor(here)
    if theirs is None or not theirs.noun or theirs.noun in _ANY:
        return False
    if ours.named:
        return ours.named <= theirs.beside & names(here)
    if not ours.noun or ours.noun in _ANY:
        return False
    return ours.noun not in content_stems(here) and theirs.noun not in content_stems(claim)
