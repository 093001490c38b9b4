"""As much English grammar as splitting needs: finite verbs, noun phrases, and what is shielded.

There is no parser here. A word counts as a finite verb by its form or by a closed list, and
a phrase as a noun phrase by its determiner or its capitals; what the forms do not tell is
left undecided, and the callers then leave the sentence whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tools.text.quotes import quotations

Form = Literal["auxiliary", "past", "either", "present"]
"""`either` may be a past tense or a participle (`closed`, `built`); `past` may not (`went`)."""

TOKEN = re.compile(r"[^\W_]+(?:[’'.,-][^\W_]+)*")
_BE = frozenset("is are was were isn’t aren’t wasn’t weren’t isn't aren't wasn't weren't".split())
_HAVE = frozenset("has have had hasn’t haven’t hadn’t hasn't haven't hadn't".split())
_MODAL = frozenset(
    "will would can could may might must shall should does do did won’t wouldn’t can’t couldn’t "
    "cannot doesn’t don’t didn’t won't wouldn't can't couldn't doesn't don't didn't".split()
)
_PAST = frozenset(
    "arose ate became began blew broke came chose did drank drew drove fell flew forbade forgave "
    "forgot froze gave grew hid knew overcame overtook ran rang rode rose sang sank saw shook "
    "shrank spoke sprang stole swam swore took threw tore underwent went withdrew woke wore "
    "wrote".split()
)
# `read` and the like, whose past is their base, are left out: they are nouns too.
_EITHER = frozenset(
    "beat bought brought built caught dealt fed felt fled fought found got heard held hung kept "
    "laid led left lent lost made meant met paid said sat sent shot slept slid sold sought spent "
    "stood struck stuck swept swung taught thought told understood won withheld upheld".split()
)
_SAME_AS_BASE = frozenset("cut hit put set shut quit let split spread hurt beat cost".split())
_PRESENT = frozenset(
    "says tells owns employs operates includes contains remains becomes seems shows holds keeps "
    "brings serves provides produces covers leads sells buys carries allows requires believes "
    "expects plans wants needs hopes intends aims makes takes gives gets goes comes runs pays "
    "offers stands lies lives works plays teaches writes appears features belongs consists "
    "comprises stores votes bans raises supplies owes lacks earns charges begins opens closes "
    "ends starts represents follows faces denies warns argues claims adds knows thinks sees".split()
)
_ED = re.compile(r"[a-zà-ÿ]{2,}(?<!e)ed\b")
_NOT_ED = frozenset(
    "hundred red united indeed need speed breed embed shed wed bed fed led naked sacred".split()
)
ADVERB = (
    r"(?:\w+ly|also|then|later|still|now|even|never|not|already|often|once|since|soon|again|just|"
    r"long)"
)
_DETERMINER = (
    r"(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Tt]hese|[Tt]hose|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Oo]ur|"
    r"[Oo]ne|[Aa]nother|[Ee]ach|[Ee]very|[Ss]ome|[Aa]ny|[Bb]oth|[Tt]wo|[Tt]hree)"
)
NAME = (
    r"[A-ZÀ-ÖØ-Þ][\w’'&-]*\.?(?:\s(?:(?:de|del|da|di|van|von|der|den|la|le|al|bin|of|"
    r"and the|of the|for)\s){0,2}[A-ZÀ-ÖØ-Þ0-9][\w’'&-]*(?:\.(?=\s[A-Z]))?){0,7}"
)
_PHRASE_AT_END = re.compile(
    rf"(?:(?<![\w’'])(?:{_DETERMINER}\s+(?:[\w’'-]+\s+){{0,4}}?)?{NAME}|"
    rf"(?<![\w’'])(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er)\s+(?:[a-z][\w’'-]*\s+){{0,3}}?[a-z][\w-]*)$"
)
PREPOSITION = re.compile(
    r"\b(?:of|in|at|on|to|into|for|from|by|with|without|against|about|near|over|under|after|"
    r"before|during|since|between|behind|through|towards?|than|like|as|via|per|among|across)$",
    re.I,
)
SUBJECT = re.compile(
    r"^(?:even\s+|also\s+|only\s+)?(?:the|an?|its|their|his|her|our|he|she|it|they|we|you|I|there|this|that|"
    r"these|those|some|all|many|most|no|each|every|another|others|part|half|several|both|one|two|three|"
    r"four|five|six|seven|eight|nine|ten|net|nett|revenue|sales|profits?|costs?|prices?)\b|^(?:\d|[A-ZÀ-ÖØ-Þ€$£])"
)
REPORTING = re.compile(
    r"\b(?:said|says|told|tells|argued|argues|insisted|insists|believes?|believed|thinks?|explained|"
    r"stated|states|testified|alleged|alleges|tweeted|quipped|joked|conceded|acknowledged|recalled)\b"
    r"|\b(?:announced|added|adds|claimed|claims|noted|notes|warned|warns|confirmed|confirms|"
    r"reported|reports|wrote|writes|revealed|reveals|suggested|suggests|predicted|predicts|"
    r"promised|denied|admitted|estimated|estimates|concluded|found|shows?|showed|ruled|expects?|"
    r"expected|hopes?|hoped|feared|fears|agreed|decided|complained|pointed out|stressed|"
    r"emphasi[sz]ed|maintained|declared|vowed)(?=\s+(?:(?:on\s\w+day|\w+ly|to\s\w+|in\sa\s\w+)\s+)?that\b|:|\s*,?\s*[“\"„«‘])"
)
SHIELD = "¤"
"""Stands for a character that no rule may look at."""


@dataclass(frozen=True)
class Verb:
    """What may be a finite verb, or the auxiliary that opens its group."""

    start: int
    end: int
    word: str
    form: Form


def shielded(sentence: str) -> str:
    """The sentence with what stands in quotation marks or brackets blotted out, same length.

    A mark without its partner opens or closes a quotation that goes beyond the sentence.
    """
    for quotation in quotations(sentence, min_words=1):
        inner = SHIELD * (quotation.end - quotation.start)
        sentence = sentence[: quotation.start] + inner + sentence[quotation.end :]
    if (opened := max(sentence.rfind("“"), sentence.rfind("„"))) > sentence.rfind("”"):
        if SHIELD not in sentence[opened:]:
            sentence = sentence[: opened + 1] + SHIELD * (len(sentence) - opened - 1)
    elif (closed := sentence.find("”")) >= 0 and "“" not in sentence[:closed]:
        sentence = SHIELD * closed + sentence[closed:]
    if sentence.count('"') % 2:
        mark = sentence.find('"')
        if mark < len(sentence) / 2 and SHIELD not in sentence:
            sentence = sentence[: mark + 1] + SHIELD * (len(sentence) - mark - 1)
        elif SHIELD not in sentence:
            sentence = SHIELD * mark + sentence[mark:]
    return re.sub(r"\([^()]*\)|\[[^\[\]]*\]", lambda match: SHIELD * len(match[0]), sentence)


def form_of(word: str) -> Form | None:
    """The form of a finite verb that a word in lower case may be; None where it is none."""
    if word in _BE or word in _HAVE or word in _MODAL:
        return "auxiliary"
    if word in _PAST:
        return "past"
    if word in _EITHER or word in _SAME_AS_BASE:
        return "either"
    if word in _PRESENT:
        return "present"
    return "either" if _ED.fullmatch(word) and word not in _NOT_ED else None


def verbs(text: str) -> list[Verb]:
    """The words of a text that may be finite verbs, in order.

    Left out are words after a determiner or a figure (`the cut`, `its planned route`), after
    `to`, and the participles of a group, which its auxiliary stands for.
    """
    found: list[Verb] = []
    before: list[str] = []
    for match in TOKEN.finditer(text):
        raw = match[0]
        word = raw.lower()
        form = form_of(word) if raw[0].islower() or not before else None
        last = before[-1] if before else ""
        if (form and _in_group(before, word)) or (
            form and (last == "to" or (form != "auxiliary" and _ATTRIBUTIVE.fullmatch(last)))
        ):
            form = None
        if form:
            found.append(Verb(match.start(), match.end(), raw, form))
        before.append(word)
    return found


_ATTRIBUTIVE = re.compile(
    r"(?:the|an?|its|their|his|her|our|this|these|those|of|in|for|with|from|by|at|newly|recently|"
    r"so-called|more|most|less|two|three|new|\d[\d.,]*)"
)


def _in_group(before: list[str], word: str) -> bool:
    """Whether a word only goes on a group that an auxiliary has opened: `was [not] closed`."""
    for earlier in reversed(before[-4:]):
        if (
            earlier in _BE
            or earlier in _HAVE
            or earlier in _MODAL
            or earlier in {"be", "been", "being"}
        ):
            return word not in _BE | _HAVE | _MODAL or (word in _HAVE and earlier in _MODAL)
        if not re.fullmatch(ADVERB, earlier):
            return False
    return False


def is_be(word: str) -> bool:
    return word.lower() in _BE


def is_have(word: str) -> bool:
    return word.lower() in _HAVE


def phrase_before(text: str, end: int) -> tuple[int, int] | None:
    """The noun phrase that ends at `end`: a name, or a determiner and its noun; None for others."""
    match = _PHRASE_AT_END.search(text, max(0, end - 120), end)
    return match.span() if match else None


def is_statement(text: str) -> bool:
    """Whether a stretch opens with a subject and has a finite verb soon after it."""
    words = text.split()[:12]
    found = verbs(" ".join(words))
    if not found or found[0].start == 0 or _COMPLEMENT.match(text):
        return False
    if found[0].form == "either" and not TOKEN.search(" ".join(words), found[0].end):
        return False  # `his eye ruined`
    if SUBJECT.match(text):
        return True
    # `rechargeable models made up half of them`: a noun without an article.
    before = " ".join(words)[: found[0].start].split()
    first = words[0].lower()
    return (
        len(before) <= _BARE
        and first.isalpha()
        and form_of(first) is None
        and not re.fullmatch(rf"{ADVERB}|{_NO_NOUN}", first)
        and not any(PREPOSITION.search(word) for word in before)
    )


_COMPLEMENT = re.compile(r"that\s+(?:the|an?|it|he|she|they|its|their|there|[A-Z])")
_BARE = 3
_NO_NOUN = (
    r"to|so|thus|who|which|that|when|where|if|as|because|whether|how|what|why|or|and|but|nor|\w+ing"
)


def is_clause(text: str) -> bool:
    """Whether a stretch is a statement by a verb that is no participle: `it is late`."""
    return is_statement(text) and verbs(text)[0].form != "either"
