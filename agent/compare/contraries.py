"""Plain contraries: a passage says in the claim's own words that it is not so, or the opposite.

`Belcastle has no railway station` against `Belcastle has a railway station`; `amber attracts dust`
against `amber repels dust`. Only clauses count that have all words of the claim and hardly another
one: with other words around, a denial may be of something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from agent.compare.subjects import Finding, Sentence, same_subject
from tools.numbers.quantities import quantities
from tools.text.words import content_stems, names, stem
from tools.times.dates import periods_agree

_MOST_BESIDE = 1
"""Content words that a clause may have beside those of the claim."""
_LEAST = 2
"""Content words of a claim from which its words tell what it is about."""
_DENIAL = re.compile(r"\b(?:not|never|cannot|no|none of|neither|nobody|nothing)\b|n[’']t\b", re.I)
# A denial of something else, or of less than all.
_NO_DENIAL = re.compile(
    r"\b(?:not|n[’']t) (?:only|just|merely|simply|until|all|every|always|necessarily|quite|really|"
    r"fully|entirely|completely|the (?:only|first)|a single|as|far|more|less|unlike|un\w+)\b|"
    r"\bno (?:more|less|fewer|later|sooner|doubt|matter|wonder|longer|one|idea)\b|\bnothing but\b|"
    r"\bnever (?:more|so|before|again)\b",
    re.I,
)
_OPEN = re.compile(
    r"\?|\b(?:if|whether|unless|would|could|might|(?-i:may)|perhaps|maybe|almost|nearly|hardly|said|"
    r"says|claim(?:s|ed)?|believe[ds]?|thought|think|argue[ds]?|according|deny|den(?:ies|ied)|"
    r"report(?:s|ed)|rumou?rs?|fear(?:s|ed)|hop(?:es|ed)|asked|once|formerly|used to|than|except|"
    r"some|sometimes|often|usually|most|many|several|few|both|until|yet|without|refus\w+|fail\w*)\b",
    re.I,
)
_CLAUSES = re.compile(
    r"[,;:()–—]|\b(?:and|but|while|whereas|although|because|when|where|which|who)\b"
)
_OPPOSITES = (
    "attract/repel repels",
    "rose rises rise risen increased increases climbed grew grows gained/"
    "fell falls fall fallen decreased decreases dropped declined shrank",
    "expands expanded/contracts contracted shrinks shrank",
    "opened opens open reopened/closed closes shut",
    "won wins win/lost loses lose",
    "approved approves adopted passed/rejected rejects",
    "accepted accepts/refused refuses rejected rejects declined",
    "supports supported backs backed/opposes opposed",
    "bought buys/sold sells",
    "imports imported/exports exported",
    "arrived arrives/departed departs left leaves",
    "began begins started starts/ended ends finished stopped",
    "floats/sinks",
    "legal lawful allowed permitted/illegal unlawful forbidden banned prohibited",
    "possible/impossible",
    "alive/dead",
    "empty/full",
    "wet/dry",
    "eastern east/western west",
    "northern north/southern south",
    "largest biggest/smallest",
    "highest/lowest",
    "longest/shortest",
    "oldest/youngest newest",
    "guilty/innocent",
    "poisonous toxic/harmless edible",
    "indoors/outdoors",
    "raised raises/lowered lowers cut cuts",
    "strengthened/weakened",
    "hired recruited/dismissed fired",
    "guests/hosts",
)


@lru_cache(maxsize=1)
def _opposite() -> dict[str, frozenset[str]]:
    """Stems with those of their opposites."""
    found: dict[str, frozenset[str]] = {}
    for pair in _OPPOSITES:
        one, other = ({stem(word) for word in side.split()} for side in pair.split("/"))
        for these, those in ((one, other), (other, one)):
            for word in these:
                found[word] = found.get(word, frozenset()) | frozenset(those - these)
    return found


def contraries(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """The first clause of a passage that denies the claim or tells its opposite, if one does.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
    """
    ours = content_stems(claim)
    if len(ours) < _LEAST or quantities(claim) or _OPEN.search(claim) or _NO_DENIAL.search(claim):
        return []
    denied = _denials(claim)
    for sentence in sentences:
        if len(ours & content_stems(sentence.text)) < len(ours) - 1:
            continue
        for clause in _clauses(sentence.text):
            if _OPEN.search(clause) or _NO_DENIAL.search(clause):
                continue
            theirs = content_stems(clause)
            if len(theirs - ours) > _MOST_BESIDE or not _one_matter(claim, clause):
                continue
            same_side = (_denials(clause) - denied) % 2 == 0
            if not same_side and ours <= theirs:
                return [_finding(claim, sentence, clause)]
            if same_side and _turned(ours, theirs):
                return [_finding(claim, sentence, clause)]
    return []


def _one_matter(claim: str, clause: str) -> bool:
    """Whether a clause is of the claim's people, places and times, and of no others."""
    if names(clause) - names(claim) or quantities(clause):
        return False
    return same_subject(claim, clause) and periods_agree(claim, clause)


def _denials(text: str) -> int:
    return len(_DENIAL.findall(text))


def _turned(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether two texts have the same words but one, which has its opposite."""
    only_ours, only_theirs = ours - theirs, theirs - ours
    if len(only_ours) != 1 or len(only_theirs) != 1:
        return False
    (one,), (other,) = only_ours, only_theirs
    return other in _opposite().get(one, frozenset())


def _clauses(text: str) -> Iterator[str]:
    """The sentence, and what of it stands between its commas and conjunctions."""
    yield text
    parts = [part for part in _CLAUSES.split(text) if part.strip()]
    if len(parts) > 1:
        yield from parts


def _finding(claim: str, sentence: Sentence, clause: str) -> Finding:
    note = f"“{claim.strip(' .')}” against “{clause.strip(' .')}”"
    return Finding("opposite", "differs", sentence.start, sentence.end, note)
