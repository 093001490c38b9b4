"""Claims that a passage turns round: who did it to whom, which is the greater, who was for it.

A claim and a passage can share every word and say opposite things: `Skarra bought Tern`, `Tern
was bought by Skarra`, `Tern bought Skarra`. Read are only sentences in which both parties are
named beside the verb, and only relations that do not hold both ways at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.compare.subjects import Finding, Sentence, same_event, same_subject, share
from tools.numbers.quantities import quantities
from tools.people.persons import NAME, same_name
from tools.text.words import content_stems, is_function_word, is_negated, stem
from tools.times.dates import agree, date_mentions

_SHARED_OPPOSITE = 0.5
"""How much of the claim's content a sentence must share before its opposite counts."""
_SIDE = re.compile(
    r"\b(vote[ds]?|voting|spoke|speaks?|argued?|decided?|ruled?|campaigned?|came out)\s+"
    r"(for|in favou?r of|against)\b",
    re.I,
)
_CONTEST = r"(?:(?:the|a|their) (?:[\w-]+ ){1,3})?"
# Verbs by what they say; those of the second column say the same of the parties turned round.
_ACTS = {
    "buy": ("bought|acquired|took over|purchased|has bought|has acquired|buys|acquires|takes over|"
            "will buy|will acquire|is buying|is acquiring|absorbed|swallowed",
            "was sold to|was bought by|were bought by|is owned by|was acquired by|"
            "was taken over by|has been bought by|has been acquired by|has been taken over by|"
            "will be bought by|is being bought by|is a subsidiary of"),
    "beat": ("beat|beats|defeated|defeats|has beaten|overcame|knocked out|eliminated|"
             f"won {_CONTEST}against|thrashed|outplayed",
             f"lost {_CONTEST}(?:to|against)|was beaten by|were beaten by|was defeated by|"
             "were defeated by|"
             "has lost to|fell to|was knocked out by|were knocked out by|was eliminated by"),
    "sue": ("sued|is suing|has sued|sues|took legal action against|brought a case against",
            "was sued by|is being sued by|has been sued by|were sued by"),
    "follow": ("succeeded|replaced|has succeeded|has replaced|took over from|follows|succeeds|"
               "replaces|will succeed|will replace|came after",
               "was succeeded by|was replaced by|preceded|handed over to|gave way to|"
               "will be succeeded by|will be replaced by|has been replaced by|made way for|"
               "came before"),
    "lend": ("lent money to|lends money to|is a creditor of", "borrowed money from|owes money to|"
             "borrowed from|is in debt to"),
    "parent": ("is the father of|is the mother of|was the father of|was the mother of|"
               "is a parent of",
               "is the son of|is the daughter of|was the son of|was the daughter of|"
               "is a child of"),
    "teach": ("taught|was the teacher of|coached|trained", "was taught by|studied under|"
              "was a pupil of|was a student of|was coached by|was trained by"),
    "hire": ("hired|employed|has hired|employs|appointed", "was hired by|works for|was employed by|"
             "is employed by|was appointed by"),
    "invade": ("invaded|attacked|conquered|annexed|occupied",
               "was invaded by|was attacked by|was conquered by|was annexed by|was occupied by"),
    "accuse": ("accused|has accused|accuses", "was accused by|has been accused by|is accused by"),
    "kill": ("killed|murdered|shot dead|stabbed|rescued|saved",
             "was killed by|was murdered by|was shot dead by|was stabbed by|was rescued by|"
             "was saved by"),
}  # fmt: skip
_LARGER = (
    "larger bigger greater higher taller longer older heavier faster richer warmer hotter wider "
    "deeper stronger louder brighter denser harder saltier thicker later costlier dearer"
).split()
_SMALLER = {
    "smaller": "larger", "lower": "higher", "shorter": "longer", "younger": "older",
    "lighter": "heavier", "slower": "faster", "poorer": "richer", "colder": "warmer",
    "cooler": "warmer", "narrower": "wider", "shallower": "deeper", "weaker": "stronger",
    "quieter": "louder", "darker": "brighter", "softer": "harder", "thinner": "thicker",
    "earlier": "later", "cheaper": "dearer", "newer": "older",
}  # fmt: skip
_ALIKE = {"bigger": "larger", "greater": "larger", "hotter": "warmer", "taller": "higher",
          "costlier": "dearer"}  # fmt: skip
_THING = r"(?:[Tt]he\s+|[Aa]n?\s+)?((?:[\w’-]+\s+){0,2}?[\w’-]+)"
_PLACE = r"(?:the\s|its\s|their\s|an?\s)?((?:[^\W\d][\w’-]*\s){0,2}?[^\W\d][\w’-]*)"
_COMPARED = re.compile(
    rf"(?:^|[.,;]\s+|\b(?:and|but|that)\s+){_THING}\s+(?:is|was|are|were|has been|remains)\s+"
    rf"(?:much\s+|far\s+|slightly\s+|a little\s+|even\s+|still\s+|considerably\s+|somewhat\s+)?"
    rf"({'|'.join([*_LARGER, *_SMALLER])})\s+than\s+{_THING}"
    r"(?=\s*[.,;]|\s*$|\s+(?:and|but|by|in|at)\b)"
)
_GAP = r"\s+(?:(?:\w+ly|later|then|also|once|finally|narrowly|the)\s+)*"


@dataclass(frozen=True)
class _Act:
    """One party does something to another; `text` is how the sentence puts it."""

    kind: str
    first: str
    second: str
    text: str


def opposites(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """The first sentence that says the claim the other way round, if one does; else the one that
    tells the claim's parties in their places, if one does.

    Args:
        claim: the claim's text.
        sentences: of the passage.
    """
    return _turned(claim, sentences) or _sides(claim, sentences) or _other_way(claim, sentences)


_FROM_TO = re.compile(
    rf"\bfrom\s{_PLACE}\s(?:to|into)\s{_PLACE}(?=\s*(?:[.,;]|$|\s(?:in|on|at|by|for|and|after|"
    r"before|since|last|this|with|during|as|when|while|where)\b))"
)


# What goes one way once; a ferry goes both.
_MOVED_ONCE = re.compile(
    r"\b(?:moved|transferred|relocated|shifted|switched|renamed|converted|emigrated|defected|"
    r"changed)\b",
    re.I,
)
_AND_BACK = re.compile(r"\b(?:back|again|return\w*|later|then|both)\b", re.I)


def _other_way(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """What went from one place to another in the claim, and the other way in a sentence."""
    ours = _FROM_TO.findall(claim)
    if len(ours) != 1 or is_negated(claim) or not _MOVED_ONCE.search(claim):
        return []
    if any(_AND_BACK.search(text) for text in (claim, *(each.text for each in sentences))):
        return []
    rest = content_stems(_FROM_TO.sub(" ", claim))
    for sentence in sentences:
        theirs = _FROM_TO.findall(sentence.text)
        if len(theirs) != 1 or is_negated(sentence.text) or not _one_day(claim, sentence.text):
            continue
        (start, end), (other_start, other_end) = ours[0], theirs[0]
        turned = _same(start, other_end) and _same(end, other_start)
        if turned and rest and rest <= content_stems(sentence.text):
            note = f"from {start} to {end} against from {other_start} to {other_end}"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _turned(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """The parties of one relation of the claim, in each other's place."""
    ours = _acts(claim)
    if len(ours) != 1 or _is_denied(claim, ours[0]):
        return []
    act = ours[0]
    theirs = [(s, other) for s in sentences for other in _acts(s.text) if other.kind == act.kind]
    for sentence, other in theirs:
        if _same(act.first, other.first) and _same(act.second, other.second):
            told = not _is_denied(sentence.text, other) and _one_day(claim, sentence.text)
            same = Finding("opposite", "same", sentence.start, sentence.end)
            return [same] if told else []
    for sentence, other in theirs:
        if _is_denied(sentence.text, other):
            continue
        if not (_same(act.first, other.second) and _same(act.second, other.first)):
            continue
        if not _one_day(claim, sentence.text):
            continue  # each may have beaten the other once
        note = f"“{act.text}” against “{other.text}”"
        return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _is_denied(text: str, act: _Act) -> bool:
    """Whether a text denies something beside its verb; `won against` denies nothing."""
    return is_negated(text.replace(act.text, " "))


@lru_cache(maxsize=4096)  # a sentence is asked for by each claim that it is found for
def _acts(text: str) -> tuple[_Act, ...]:
    """The relations between two named parties that a text states."""
    return tuple(_found_acts(text))


def _found_acts(text: str) -> Iterator[_Act]:
    for match in _COMPARED.finditer(text):
        word = match[2]
        kind = _SMALLER.get(word, word)
        pair = (match[1], match[3]) if kind == word else (match[3], match[1])
        yield _Act(_ALIKE.get(kind, kind), *pair, match[0].strip(" .,;"))
    for kind, pattern, turned in _VERBS:
        for match in pattern.finditer(text):
            first, second = match["first"], match["second"]
            if turned:
                first, second = second, first
            yield _Act(kind, first, second, match[0])


def _verb_patterns() -> list[tuple[str, re.Pattern[str], bool]]:
    name = NAME.pattern
    return [
        (
            kind,
            re.compile(
                rf"(?P<first>{name})(?:,[^,.;]{{1,60}},)?{_GAP}(?:{verbs}){_GAP}(?P<second>{name})"
            ),
            turned,
        )
        for kind, both in _ACTS.items()
        for verbs, turned in zip(both, (False, True), strict=True)
    ]


_VERBS = _verb_patterns()


def _same(first: str, second: str) -> bool:
    """Whether two parties are one: by name, or by all the words that carry meaning."""
    if first[:1].isupper() and second[:1].isupper() and same_name(first, second):
        return True
    left, right = (
        {stem(w) for w in text.split() if not is_function_word(w)} for text in (first, second)
    )
    return bool(left) and left == right


def _one_day(claim: str, sentence: str) -> bool:
    """Whether nothing tells that the two texts speak of two occasions."""
    ours, theirs = date_mentions(claim), date_mentions(sentence)
    return all(any(agree(a, b) for b in theirs) for a in ours) if theirs else True


def _sides(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """Who voted, spoke or decided *for* something in one text and *against* it in the other."""
    ours = _sides_in(claim)
    if len(ours) != 1:
        return []
    subject = content_stems(_SIDE.sub(" ", claim))
    for sentence in sentences:
        theirs = _sides_in(sentence.text)
        # Of a sentence that names both sides it is not known who stands on which.
        if len(theirs) != 1 or ours.keys() == theirs.keys():
            continue
        # Twelve for and nine against are no contradiction, but the two sides of one vote.
        if quantities(claim) or quantities(sentence.text):
            continue
        alike = share(subject, sentence.text) >= _SHARED_OPPOSITE
        if (
            alike
            and same_subject(claim, sentence.text)
            and same_event(subject, claim, sentence.text)
        ):
            note = f"“{next(iter(ours.values()))}” against “{next(iter(theirs.values()))}”"
            return [Finding("opposite", "differs", sentence.start, sentence.end, note)]
    return []


def _sides_in(text: str) -> dict[bool, str]:
    """The sides that a text tells, against or not, with the words for each."""
    return {match[2].lower() == "against": match[0] for match in _SIDE.finditer(text)}
