"""Plain contraries: a passage says in the claim's own words that it is not so, or the opposite.

`Belcastle has no railway station` against `Belcastle has a railway station`; `amber attracts dust`
against `amber repels dust`. Only clauses count that have the claim's words in its order and no
other: with a word more, a denial may be of a detail. Opposites that can both have happened
(`bought`, `sold`; `began`, `ended`) contradict nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.compare.subjects import Finding, Sentence, same_subject
from agent.compare.vocabulary import FALLEN, RISEN
from tools.numbers.quantities import quantities
from tools.text.words import WORD, content_stems, is_function_word, names, stem
from tools.times.dates import date_mentions, periods_agree

_LEAST = 2
"""Content words of a claim from which its words tell what it is about."""
_DENIAL = re.compile(
    r"\b(?:not|never|cannot|no|none of(?: the)?|neither|nobody|nothing)\b|n[’']t\b", re.I
)
# A denial of something else, or of less than all.
_NO_DENIAL = re.compile(
    r"\b(?:not|n[’']t) (?:only|just|merely|simply|until|all|every|always|necessarily|quite|really|"
    r"fully|entirely|completely|the (?:only|first)|a single|as|far|more|less|unlike|un\w+)\b|"
    r"\bno (?:more|less|fewer|later|sooner|doubt|matter|wonder|longer|one|idea)\b|\bnothing but\b|"
    r"\bnever (?:more|so|before|again)\b|\b(?:cannot|can not|can[’']t) (?:but|help)\b",
    re.I,
)
_OPEN = re.compile(
    r"\?|\b(?:if|whether|unless|would|could|might|(?-i:may)|perhaps|maybe|almost|nearly|hardly|said|"
    r"says|claim(?:s|ed)?|believe[ds]?|thought|think|argue[ds]?|according|deny|den(?:ies|ied)|"
    r"report(?:s|ed)|rumou?rs?|fear(?:s|ed)|hop(?:es|ed)|asked|once|formerly|used to|than|except|"
    r"some|sometimes|often|usually|most|many|several|few|both|until|yet|without|refus\w+|fail\w*)\b",
    re.I,
)
_CLAUSES = re.compile(r";|,\s+(?:and|but|while|whereas)\b")
_TAKEN_BACK = re.compile(
    r"\b(?:but|because|when|where|at first|initially|originally|then|later|afterwards|eventually|"
    r"finally|in the end|after all|again|instead|however|since|before|after)\b",
    re.I,
)
"""What after a clause, or before it in its sentence, may leave it standing for a part only."""
_NOT_ONE = re.compile(
    r"\s*(?:an?|he|she|it|they|we|i|you|this|that|these|those|one|another)\b", re.I
)
"""Openings of claims on somebody or something that may be another in the passage."""
_SOME = re.compile(r"\s*(?:people|police|women|men|children|[^\W_]+s)\b(?![’'])", re.I)
"""A bare plural that opens a claim: others of them may not have done it. Names that end in an `s`
are taken for one too; nothing is told of those."""
_MAY_DIFFER = frozenset("a an the any do does did".split())
"""Function words that only one of two contraries may have: another preposition or tense may tell
of something else."""
_LASTING = (
    "attracts attract/repels repel",
    "floats float/sinks sink",
)
"""Verbs in the present of what a thing does by its kind."""
_STATES = (
    "legal lawful allowed permitted/illegal unlawful forbidden banned prohibited",
    "possible/impossible",
    "alive/dead",
    "empty/full",
    "largest biggest/smallest",
    "highest/lowest",
    "longest/shortest",
    "oldest/youngest newest",
    "guilty/innocent",
    "poisonous toxic/harmless edible",
)
"""What one thing is said to be: `the oldest member spoke` leaves room for the youngest."""
_STANCES = (
    "approved approves adopted passed/rejected rejects",
    "accepted accepts/refused refuses rejected rejects declined",
    "supports supported backs backed/opposes opposed",
)
"""What one body makes of one thing: `MPs backed amendments` leaves room for others."""
_MOVES = (f"{RISEN}/{FALLEN}",)
"""Movements, which turn from one time to the next: both texts must tell the same time."""
_OUTCOMES = ("won wins/lost loses",)
"""Outcomes of one contest: votes and seats are won here and lost there."""
_IS = r"\b(?:is|was|are|were|be|been|remains|remained|found|declared)\s+(?:not |the )*(?:{words})\b"
_ONE_THING = r"\b(?:{words})\s+(?:the|its|his|her|their|this)\b"
_ONE_CONTEST = (
    r"\b(?:{words})\s+the\s+(?:[\w-]+\s+){{0,2}}(?:final|semi-final|match|game|election|vote|case|"
    r"appeal|battle|war|race|referendum|lawsuit|derby)\b"
)
_TIME = re.compile(
    r"\b(?:last|this) (?:year|month|week|quarter|season|spring|summer|autumn|winter)\b"
)


@dataclass(frozen=True)
class _Kind:
    """Opposites that exclude each other where a pattern holds.

    Attributes:
        opposite: words with those that say the opposite.
        pattern: what both texts must have around the word.
        timed: whether both must tell a time.
        of_one: whether it must not be told of a bare plural.
    """

    opposite: dict[str, frozenset[str]]
    pattern: re.Pattern[str]
    timed: bool = False
    of_one: bool = False


def _kind(
    pairs: Sequence[str], pattern: str, *, timed: bool = False, of_one: bool = False
) -> _Kind:
    opposite: dict[str, frozenset[str]] = {}
    for pair in pairs:
        one, other = (frozenset(side.split()) for side in pair.split("/"))
        for these, those in ((one, other), (other, one)):
            for word in these:
                opposite[word] = opposite.get(word, frozenset()) | those
    words = "|".join(sorted(opposite))
    return _Kind(opposite, re.compile(pattern.format(words=words), re.I), timed, of_one)


_KINDS = (
    _kind(_LASTING, r"\b(?:{words})\b"),
    _kind(_STATES, _IS),
    _kind(_STANCES, _ONE_THING, of_one=True),
    _kind(_MOVES, r"\b(?:{words})\b", timed=True),
    _kind(_OUTCOMES, _ONE_CONTEST, of_one=True),
)


def contraries(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """The first clause of a passage that denies the claim or tells its opposite, if one does.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
    """
    ours = content_stems(claim)
    if len(ours) < _LEAST or quantities(claim) or _OPEN.search(claim) or _NO_DENIAL.search(claim):
        return []
    if _NOT_ONE.match(claim):
        return []
    denied, words = _denials(claim), _words(claim)
    for i, sentence in enumerate(sentences):
        if len(ours & content_stems(sentence.text)) < len(ours) - 1:
            continue
        if _OPEN.search(sentence.text) or _NO_DENIAL.search(sentence.text):
            continue
        rest = " ".join(other.text for other in sentences[i + 1 :])
        for clause in _clauses(sentence.text):
            theirs = _words(clause)
            if len(theirs) != len(words) or not _one_matter(claim, clause):
                continue
            if _TAKEN_BACK.search(f"{_around(sentence.text, clause)} {rest}"):
                continue
            same_side = (_denials(clause) - denied) % 2 == 0
            some = _SOME.match(claim)
            if not same_side and not some and _stems(words) == _stems(theirs):
                return [_finding(claim, sentence, clause)]
            passage = " ".join(other.text for other in sentences)
            if same_side and _turned(claim, clause, passage):
                return [_finding(claim, sentence, clause)]
    return []


def _one_matter(claim: str, clause: str) -> bool:
    """Whether a clause is of the claim's people, places and times, and of no others."""
    if names(clause) - names(claim) or quantities(clause):
        return False
    if (_small(claim) ^ _small(clause)) - _MAY_DIFFER:
        return False
    return same_subject(claim, clause) and periods_agree(claim, clause)


def _denials(text: str) -> int:
    return len(_DENIAL.findall(text))


def _plain(text: str) -> list[str]:
    """The lower-case words of a text but its denials; `did` and `can` are left of `didn't`."""
    stated = _DENIAL.sub(" ", re.sub(r"(?i)\bcan[’']t\b|\bcannot\b", "can not", text))
    return [match[0].lower() for match in WORD.finditer(stated)]


def _words(text: str) -> list[str]:
    """The words that carry meaning, in their order."""
    return [word for word in _plain(text) if not is_function_word(word)]


def _small(text: str) -> set[str]:
    """The words that carry grammar."""
    return {word for word in _plain(text) if is_function_word(word)}


def _stems(words: Sequence[str]) -> list[str]:
    return [stem(word) for word in words]


def _turned(claim: str, clause: str, passage: str) -> bool:
    """Whether two texts have the same words but one, which has its opposite.

    A passage that has the claim's own word too tells more than the opposite (`rejected the bill,
    then passed it`).
    """
    pairs = zip(_words(claim), _words(clause), strict=True)
    other = [pair for pair in pairs if stem(pair[0]) != stem(pair[1])]
    if len(other) != 1:
        return False
    ((mine, theirs),) = other
    if stem(mine) in content_stems(passage):
        return False
    for kind in _KINDS:
        if theirs not in kind.opposite.get(mine, ()):
            continue
        if kind.of_one and _SOME.match(claim):
            continue
        if kind.timed and not (date_mentions(claim) or _TIME.search(claim)):
            continue
        return bool(kind.pattern.search(claim) and kind.pattern.search(clause))
    return False


def _clauses(text: str) -> Iterator[str]:
    """The sentence, and what of it stands between its semicolons and conjunctions.

    Commas alone do not part it: what opens or closes a sentence (`in 2019, …`) is of its clause.
    """
    yield text
    parts = [part for part in _CLAUSES.split(text) if part.strip()]
    if len(parts) > 1:
        yield from parts


def _around(sentence: str, clause: str) -> str:
    """The sentence but for the clause and for the conjunction that leads to it."""
    before, _, after = sentence.partition(clause)
    return f"{re.sub(r'(?:and|but|while|whereas)$', '', before.strip())} {after}"


def _finding(claim: str, sentence: Sentence, clause: str) -> Finding:
    note = f"“{claim.strip(' .')}” against “{clause.strip(' .')}”"
    return Finding("opposite", "differs", sentence.start, sentence.end, note)
