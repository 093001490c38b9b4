"""Sentences said more or less strongly, and with a noun for a verb.

What is weaker than the passage follows from it; what is stronger does not. Each form stands in
claims of every label, since the passage is changed as often as the claim.
"""

# ruff: noqa: E501 (tables of patterns, which wrapping makes harder to read)

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE
from tools.training.reworded.rewrite_text import NEGATED, QUOTED, Rewrite, capitalised
from tools.training.reworded.rewrite_words import synonyms

# A weaker form, the stronger one that it does not imply, and the denial of both.
# Each form as it is found, then as it is written.
_STRENGTHS: list[tuple[str, str, str, str, str]] = [
    (
        r"\b(?:[Ss]ome|[Mm]any|[Ss]everal) of the\b",
        "some of the",
        r"\b[Aa]ll of the\b",
        "all of the",
        "none of the",
    ),
    (
        r"^(?:Some|Many|Several)(?= [a-z]{3,}s )",
        "Some",
        r"^All(?= (?!was|does|this)[a-z]{3,}s )",
        "All",
        "No",
    ),
    (r"\b[Mm]ost of the\b", "most of the", r"\b[Aa]ll of the\b", "all of the", "none of the"),
    (
        r"\b(?:may|might)(?= (?!have|not|be|well|also)[a-z]+ )",
        "may",
        r"\bwill(?= (?!have|not|be|also)[a-z]+ )",
        "will",
        "will not",
    ),
    (
        r"\b(?:may|might|could) be(?= [a-z]+)",
        "could be",
        r"\bwill be(?= [a-z]+)",
        "will be",
        "will not be",
    ),
    (
        r"\b(?:often|usually|sometimes|generally|typically)(?= [a-z]+ed )",
        "often",
        r"\balways(?= [a-z]+ed )",
        "always",
        "never",
    ),
    (r"\bis (?:often|usually|sometimes)\b", "is often", r"\bis always\b", "is always", "is never"),
    (
        r"\bis (?:expected|likely|scheduled) to\b",
        "is expected to",
        r"\bis certain to\b",
        "is certain to",
        "is not expected to",
    ),
    (
        r"\bare (?:expected|likely|scheduled) to\b",
        "are expected to",
        r"\bare certain to\b",
        "are certain to",
        "are not expected to",
    ),
    (
        r"\b(?:reportedly|allegedly|possibly|probably|perhaps) (?=[a-z])",
        "reportedly ",
        r"(?!)",
        "",
        "",
    ),
    (
        r"\b(?:suggested|suggests|suggest) that\b",
        "suggested that",
        r"\b(?:proved|proves|demonstrated) that\b",
        "proved that",
        "ruled out that",
    ),
    (
        r"\b(?:claimed|claims|alleged|alleges) that\b",
        "claimed that",
        r"\bproved that\b",
        "proved that",
        "denied that",
    ),
    (
        r"\b(?:believed|thought|considered) to be\b",
        "believed to be",
        r"\bknown to be\b",
        "known to be",
        "known not to be",
    ),
    (
        r"(?<!only )\bpart(?:ly|ially)\b",
        "partly",
        r"\b(?:fully|completely|entirely)\b",
        "completely",
        "",
    ),
    (
        r"(?:(?<=is )|(?<=are )|(?<=was )|(?<=were )|(?<=been ))(?:linked to|associated with)\b",
        "associated with",
        r"(?:(?<=is )|(?<=are )|(?<=was )|(?<=were )|(?<=been ))caused by\b",
        "caused by",
        "not linked to",
    ),
    (r"\b[Uu]p to (?=\d[\d,]* [a-z]+s\b)", "up to ", r"\b[Ee]xactly (?=\d)", "exactly ", ""),
    (
        r"\b[Aa]t least (?=\d[\d,]* [a-z]+s\b)",
        "at least ",
        r"\b[Ee]xactly (?=\d)",
        "exactly ",
        "fewer than ",
    ),
    (
        r"\b(?:[Nn]early|[Aa]lmost) all of\b",
        "nearly all of",
        r"(?<!at )(?<!of )\ball of(?= the| its| his| her| their)",
        "all of",
        "hardly any of",
    ),
]
_GRADES = [(re.compile(a), b, re.compile(c), d, e) for a, b, c, d, e in _STRENGTHS]
_ONE_OF = re.compile(
    r"\bone of the (?P<most>(?:most [a-z]+|[a-z]+est)) (?P<noun>[a-z]+s)\b(?! of all)"
)
_THE_MOST = re.compile(
    r"(?<=(?:..is|.was) )the (?P<most>largest|biggest|oldest|most popular|most important|"
    r"best-known|highest|longest|most famous|most powerful) (?P<noun>[a-z]+)\b(?= (?:in|of|on)\b)"
)


def graded(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Weaker than the passage, which supports it; and stronger, which it does not."""
    if NEGATED.search(sentence) or '"' in sentence or "“" in sentence:
        return
    for weak_form, weak, strong_form, strong, denial in _GRADES:
        if match := weak_form.search(sentence):
            weaker, stronger = sentence, _swap(sentence, match, _cased(strong, match[0]))
        elif match := strong_form.search(sentence):
            weaker, stronger = _swap(sentence, match, _cased(weak, match[0])), sentence
        else:
            continue
        yield Rewrite("strength", stronger, UNVERIFIABLE, weaker)
        # Either form may stand in a claim that is supported, and in one that is denied.
        alike = synonyms(stronger, rng)
        claim = alike if alike is not None and rng.random() < 0.7 else weaker
        yield Rewrite("strength", claim, SUPPORTED, stronger)
        if denial:
            told = _swap(sentence, match, _cased(denial, match[0]))
            claim = stronger if rng.random() < 0.4 else weaker
            yield Rewrite("strength", claim, CONFLICTING, told)
    if match := _ONE_OF.search(sentence):
        stronger = f"the {match['most']} {_singular(match['noun'])}"
        changed = _swap(sentence, match, stronger)
        yield Rewrite("strength", changed, UNVERIFIABLE)
        yield Rewrite("strength", sentence, SUPPORTED, changed)
    elif match := _THE_MOST.search(sentence):
        changed = _swap(sentence, match, f"one of the {match['most']} {_plural(match['noun'])}")
        yield Rewrite("strength", changed, SUPPORTED)
        yield Rewrite("strength", sentence, UNVERIFIABLE, changed)


def _cased(new: str, old: str) -> str:
    return capitalised(new) if old[:1].isupper() else new


def _swap(sentence: str, match: re.Match[str], new: str) -> str:
    return capitalised(sentence[: match.start()] + new + sentence[match.end() :])


def _singular(noun: str) -> str:
    if noun in ("series", "species"):
        return noun
    if noun.endswith("ies") and noun != "movies":
        return noun[:-3] + "y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    return noun.removesuffix("s")


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


# Said with a verb, said with a noun; both ways.
_NOMINAL = [
    ("is the author of", "wrote"), ("decided to", "made the decision to"),
    ("announced that", "made the announcement that"),
    ("promised to", "made a promise to"), ("offered to", "made an offer to"),
    ("tried to", "made an attempt to"), ("attempted to", "made an attempt to"),
    ("investigated the", "carried out an investigation into the"),
    ("attacked the", "carried out an attack on the"), ("has a population of", "is home to a population of"),
    ("had a population of", "was home to a population of"), ("was the winner of", "won"),
    ("is a native of", "comes from"), ("was a native of", "came from"),
    ("lives in", "is a resident of"), ("owns the", "is the owner of the"),
    ("is a member of", "belongs to"), ("was a member of", "belonged to"),
    ("was the recipient of", "received"), ("studied at", "was a student at"),
    ("worked as a", "had a job as a"), ("works as a", "has a job as a"), ("has the ability to", "can"),
    ("have the ability to", "can"), ("gave birth to", "had"),
    ("made his debut", "first appeared"), ("made her debut", "first appeared"),
    ("appeared in", "made an appearance in"), ("influenced the", "had an influence on the"),
    ("affected the", "had an effect on the"), ("threatened to", "made a threat to"),
    ("supports the", "is a supporter of the"), ("supported the", "was a supporter of the"),
    ("played the role of", "played the part of"), ("complained about", "made complaints about"),
    ("contributed to", "made a contribution to"),
    ("serves as the", "holds the position of"), ("served as the", "held the position of"),
    ("plays for", "is a player for"), ("played for", "was a player for"),
    ("taught at", "was a teacher at"), ("teaches at", "is a teacher at"),
    ("directed the", "was the director of the"), ("produced the", "was the producer of the"),
    ("founded the", "was the founder of the"), ("owned the", "was the owner of the"),
    ("was married to", "was the spouse of"), ("is married to", "is the spouse of"),
    ("is descended from", "is a descendant of"), ("was a graduate of", "graduated from"),
    ("graduated from", "was a graduate of"), ("called for", "made a call for"),
    ("warned that", "gave a warning that"),
    ("suggested that", "made the suggestion that"), ("recommended that", "gave the recommendation that"),
    ("claimed that", "made the claim that"), ("concluded that", "came to the conclusion that"),
    ("argued that", "put forward the argument that"), ("predicted that", "made the prediction that"),
    ("assumed that", "made the assumption that"), ("proposed to", "made a proposal to"),
    ("intends to", "has the intention to"), ("plans to", "has plans to"),
    ("refers to", "is a reference to"),
    ("specialises in", "is a specialist in"), ("specializes in", "is a specialist in"),
    ("searched for", "made a search for"),
    ("is a producer of", "produces"), ("is a manufacturer of", "manufactures"),
]  # fmt: skip
_TO_OTHER: dict[str, str] = {}
for _verbal, _nominal in _NOMINAL:
    _TO_OTHER.setdefault(_verbal, _nominal)
    _TO_OTHER.setdefault(_nominal, _verbal)
# These say more than their nouns do, or something else.
_ONE_WAY = frozenset(
    "had|can|wrote|received|won|first appeared|produces|comes from|came from|belongs to|belonged to".split(
        "|"
    )
)
_NOMINAL_FORM = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(sorted(map(re.escape, set(_TO_OTHER) - _ONE_WAY), key=len, reverse=True))
    + r")(?= )"
)
_FINITE_BEFORE = re.compile(
    r"\b(?:has|have|had|was|were|is|are|been|be|being|not|to|will|would)\s$"
)

_ONE_SUBJECT = re.compile(r"(?<!and )(?:\b[A-Z][\w’'.-]*[^s\W]|\b[Hh]e|\b[Ss]he|\b[Ii]t|\bwho)\s$")


def nominal(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """`Made the decision to` for `decided to`, and the reverse."""
    for match in _NOMINAL_FORM.finditer(sentence):
        old, before = match[0], sentence[: match.start()]
        if _FINITE_BEFORE.search(before) or not re.search(r"[\w,)]\s$", before):
            continue
        if any(
            low < match.start() < high
            for low, high in (q.span() for q in QUOTED.finditer(sentence))
        ):
            continue
        new = _TO_OTHER[old]
        if new.startswith(("is ", "was ", "has ")) and not _ONE_SUBJECT.search(before):
            continue
        if new.endswith(" a") and re.match(r" [aeiou]", sentence[match.end() :]):
            continue
        yield Rewrite("nominal", sentence[: match.start()] + new + sentence[match.end() :])
        return
