"""Who says a quotation or a reported statement, as far as the text tells.

Attribution in news English follows few patterns: `“…”, said X`, `“…”, X told Y`, `X said: “…”`,
`X said that …`, `according to X`, a name and a colon, or a further quotation of whoever spoke
last. They are read from the words alone, without a parser (after the attribution patterns of
Pareti et al. 2013, “Automatically detecting and attributing indirect quotations”). A pronoun
stands for the person named last, an office (`the minister`) for the person whom the text names
beside it. Where the text does not tell, the answer is None: a wrong speaker would turn a true
quotation into a false one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from tools.people.persons import (
    NAME_WORD,
    SENTENCE_END,
    TITLES,
    distance,
    is_full,
    is_governed,
    names_in,
    people,
    same_name,
    sentences,
    stands_for,
    without_quotations,
)
from tools.text.quotes import quotations
from tools.text.words import WORD, is_function_word, stem

_VERBS = (
    "said|says|say|saying|told|tells|tell|telling|wrote|writes|write|written|writing|added|adds|"
    "adding|answered|answers|answering|asked|asks|asking|replied|replies|replying|responded|"
    "responds|shouted|shouts|shouting|called|calls|calling|cried|cries|insisted|insists|insisting|"
    "argued|argues|arguing|warned|warns|warning|promised|promises|promising|claimed|claims|"
    "claiming|explained|explains|explaining|stated|states|stating|declared|declares|declaring|"
    "announced|announces|announcing|noted|notes|noting|confirmed|confirms|admitted|admits|"
    "conceded|concedes|recalled|recalls|joked|jokes|remarked|remarks|observed|observes|testified|"
    "testifies|tweeted|posted|commented|comments|repeated|repeats|repeating|described|describes|"
    "continued|continues|concluded|concludes|urged|urges|vowed|vows|pledged|pledges|denied|denies|"
    "acknowledged|acknowledges|agreed|agrees|suggested|suggests|whispered|quipped|complained|"
    "complains|reported|reports|predicted|predicts|cautioned|emphasi[sz]ed|stressed|stresses|"
    "maintained|maintains|countered|counters|protested|advised|objected|lamented|boasted|swore|"
    "revealed|muttered|interrupted|began|begins|reads|put it|exclaimed|reckoned|believes|thinks|"
    "assured|assures|reminded|reminds|informed|quoted|went on|read out|ruled|ordered|tells us|"
    "murmured|yelled|demanded|demands|grumbled|sighed|laughed|smiled|heard to say|quoted as saying"
)
_NOT_PASSIVE = r"(?<!\bwas )(?<!\bwere )(?<!\bbeen )(?<!\bbe )(?<!\bis )(?<!\bare )"
_VERB = re.compile(rf"\b{_NOT_PASSIVE}(?:{_VERBS})\b|\b(?:heard to say|quoted as saying)\b")
_REPORTING = re.compile(
    rf"\b{_NOT_PASSIVE}"
    r"(?:said|says|say|told|tells|wrote|writes|added|answered|replied|insisted|insists|argued|"
    r"argues|warned|warns|promised|promises|claimed|claims|explained|stated|states|declared|"
    r"announced|noted|notes|confirmed|admitted|conceded|recalled|testified|acknowledged|"
    r"suggested|complained|reported|predicted|maintained|revealed|vowed|pledged)\b"
    r"(?:\s+(?!that\b)[\w’'-]+){0,6}?(?:\s+that\b|(?=\s+(?:it|he|she|they|there|this|the|his|her)\b))"
)
_RELATIVE = re.compile(r",\s*(?:who|whose|whom|which|where|when)\b[^,;:]*(?:,|$)")
_CLEFT = re.compile(r"^\W*(?:It|it) (?:was|is)(?: not)?\s+(.+?),?\s+(?:who|that)\b")
_PRONOUN = re.compile(
    r"(?:^|[\s,;“\"])(he|she|they|it|i|we)\s+(?:(?:\w+ly|had|has|have|also|then|later|would|will|"
    r"once|again|now|still|never|even|is|was|were|are|often|always|not|could|did)\s+)*$",
    re.I,
)
_NOBODY = re.compile(
    r"\b(?:one|some|each|another|both|neither|either|all|many|most) of\b|"
    r"\b(?:some|no|every|any)(?:body|one)\b",
    re.I,
)
_COORDINATED = re.compile(r"\b(?:and|but|then)\s+(?:\w+ly\s+|then\s+|also\s+|later\s+)*$")
_NOUN_PHRASE = re.compile(
    r"\b([Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ur|[Mm]y|[Oo]ne|[Aa]nother|some|both|[A-Z]\w+[’']s|\w+[’']s?)\s+"
    r"((?:[a-z][\w-]*\s+){0,4}?[a-z][\w-]*)(?=\s*$|\s*,|\s+(?:of|for|at|in|from|who|on|with|to)\b)"
)
_INDEFINITE = frozenset("a an one another some both".split())
_AFTER_STOPS = re.compile(
    r"(?:,?\s+(?:and|but)\s|\s+(?:as|when|while|after|before|because|who|whose|in|on|at|to|from|"
    r"with|during|by|about|last|this|yesterday|today|earlier|later|again|of the)\s|[;:(—–]|$)"
)
_LABEL = re.compile(r"(?:^|(?<=[\n.!?”\"]))[ \t]*([A-ZÀ-Þ][\w’'.-]*(?: [A-ZÀ-Þ][\w’'.-]*){0,3}):\s")
_ACCORDING = re.compile(r"\b[Aa]ccording to\s+|\bin the words of\s+|\bIn the words of\s+")
_AGENT = re.compile(
    r"\b(?:(?:said|spoken|written|made|uttered|posted|shouted|signed)\s+by|"
    r"the\s+(?:words|verdict|answer|motto|advice)\s+of)\s+"
)
_WORDS_OF = re.compile(
    rf"(?<!\w)({NAME_WORD}(?:\s+{NAME_WORD})*)[’']s?\s+(?:own\s+|first\s+|last\s+|only\s+)?"
    r"(?:words|verdict|answer|reply|comment|motto|advice|message|statement|letter|diary|post|conclusion|response)\b"
)
_DENIED = re.compile(
    r"\b(?:did not|didn[’']t|never|had not|has not|hasn[’']t|hadn[’']t|does not|doesn[’']t)\s+"
    r"(?:\w+ly\s+)?(?:said?|says?|tell|told|write|written|wrote|utter(?:ed)?|use[ds]?|claim(?:ed)?)\b"
    r"|\b(?:denie[sd]|denying|disputes?|disputed)\s+(?:ever\s+)?(?:having\s+)?"
    r"(?:said|saying|told|telling|written|writing|using|used|uttered|the quot)"
    r"|\b(?:falsely|wrongly|mistakenly)\s+(?:attributed|ascribed|quoted|credited)"
    r"|\bno record\b.*\b(?:said|saying|of the words|quot)|\bmisquot|\b(?:fabricated|invented) quot"
)
_NOT = re.compile(r"\b(?:not|never|no|nobody|nothing|nor|without)\b|n[’']t\b", re.I)
_BODIES = frozenset(
    stem(word)
    for word in "company firm group bank union club ministry agency council party university "
    "airline operator institute museum newspaper association federation network charity".split()
)
_FAMILY = frozenset(
    stem(word)
    for word in "mother father mum mom mummy dad daddy parent son daughter child boy girl brother "
    "sister aunt uncle cousin nephew niece wife husband widow partner fiance girlfriend boyfriend "
    "friend neighbour neighbor relative grandmother grandfather".split()
)
# Of the words that newspapers and bodies are named by, those that are nobody's surname.
_ORGANISATION = re.compile(
    r"\b(?:Army|Times|News|Herald|Tribune|Gazette|Chronicle|Telegraph|Agency|Police|Council|"
    r"Committee|University|Institute|Ministry|Department|Association|Federation|Authority|"
    r"Commission|Network|Radio|Television|TV|Magazine|Society)\b"
)
_LONGEST_OFFICE = 6
"""Words of an office; what is longer is a sentence that was taken for one."""
_SAME_NAME = 84.0
"""Least similarity (rapidfuzz, 0..100) of two surnames that may be spellings of one."""


_BACK = 1500
"""Characters before a pronoun in which whom it means is looked for."""


@dataclass(frozen=True)
class Speaker:
    """Somebody who speaks in a text.

    Attributes:
        text: the words that name the speaker there: `the mayor, Ida Crane`.
        name: the proper name in it, without titles; empty where an office is all.
        offices: stems of the common nouns in it: `mayor`.
        definite: False for `a lawyer`, `one of the pilots`: nobody in particular.
        sure: False where a pronoun or nearness decides who it is.
    """

    text: str
    name: str = ""
    offices: frozenset[str] = frozenset()
    definite: bool = True
    sure: bool = True


@dataclass(frozen=True)
class Statement:
    """A reported statement (`X said that …`): its words, and who makes it."""

    start: int
    end: int
    speaker: Speaker


def speaker_of(text: str, start: int, end: int) -> Speaker | None:
    """Who says the words `text[start:end]`.

    Args:
        text: the text around.
        start, end: the words, within quotation marks, or without any.

    Returns:
        None where the text does not tell.
    """
    quotes = [(q.start, q.end) for q in quotations(text, min_words=1)]
    inside = [span for span in quotes if span[0] < end and start < span[1]]
    if not inside:
        return _labelled(text, start) or _reporting(text, start, end) or _only(text)
    index = quotes.index(inside[0])
    for first, last in inside:
        found = _beside(text, first, last, quotes)
        if found:
            return _resolved(found, text, first)
    # A further quotation without a word on who speaks is of whoever spoke before.
    for first, last in reversed(quotes[:index]):
        between = text[last : quotes[index][0]]
        if "\n\n" in between or len(between) > 400:
            break
        found = _beside(text, first, last, quotes)
        if found:
            others = people(text[_clause_end(text, last + 1, len(text)) : quotes[index][0]])
            resolved = _resolved(found, text, first)
            if others and not any(same_name(name, resolved.name) for name in others):
                break
            return Speaker(
                resolved.text, resolved.name, resolved.offices, resolved.definite, sure=False
            )
    return _labelled(text, quotes[index][0]) or _before_last(text, quotes[index][0])


def statements(text: str) -> Iterator[Statement]:
    """The statements that a text reports without quoting them: `X said that …`."""
    quotes = [(q.start, q.end) for q in quotations(text, min_words=1)]
    for start, end in sentences(text):
        sentence = text[start:end]
        match = _REPORTING.search(sentence)
        if match and not any(a < start + match.start() < b for a, b in quotes):
            speaker = _subject(sentence[: match.start()])
            if speaker:
                yield Statement(start + match.end(), end, _resolved(speaker, text, start))
            continue
        according = _ACCORDING.search(sentence)
        if according:
            speaker = _noun_after(sentence[according.end() :])
            if speaker and according.start() < 3:
                comma = sentence.find(",", according.end() + len(speaker.text))
                if comma > 0:
                    yield Statement(start + comma + 1, end, _resolved(speaker, text, start))
            elif speaker:
                span = (start, start + according.start())
                yield Statement(*span, _resolved(speaker, text, start))


def denied(text: str, start: int, end: int) -> bool:
    """Whether the sentence around `text[start:end]` says that nobody said these words."""
    outside = without_quotations(text)
    return any(a < end and start < b and _DENIED.search(outside, a, b) for a, b in sentences(text))


def is_negated_before(text: str, start: int) -> bool:
    """Whether the words of the sentence before `start` deny what follows: `He does not “…`."""
    lead = text[:start]
    ends = [match.end() for match in SENTENCE_END.finditer(lead)]
    return bool(_NOT.search(lead[ends[-1] if ends else 0 :][-60:]))


def same_speaker(claimed: Speaker, actual: Speaker, context: str) -> bool | None:
    """Whether two speakers are one person or body.

    Args:
        claimed: of the text under check.
        actual: of the source.
        context: texts in which names and offices may stand together.

    Returns:
        None where it cannot be told.
    """
    if claimed.name and actual.name:
        if same_name(claimed.name, actual.name):
            return True
        if claimed.name.split()[-1] in actual.text:
            return None  # “X and Y said”
        if stands_for(actual.name, claimed.name, context):
            return True  # the director speaks for the company
        last = (claimed.name.split()[-1].lower(), actual.name.split()[-1].lower())
        alike = last[0] != last[1] and fuzz.ratio(*last) >= _SAME_NAME
        if not (is_full(claimed.name, context) and is_full(actual.name, context)):
            return None  # a single capitalised word may be anything: a club, a people, a title
        if _is_body(claimed) != _is_body(actual):
            return None  # a person may speak for a body without being called so
        return None if alike or stands_for(claimed.name, actual.name, context) else False
    if not claimed.name and not actual.name:
        return True if claimed.offices & actual.offices else None
    named, office = (claimed, actual) if claimed.name else (actual, claimed)
    if not office.offices or not office.definite:
        return None
    if len(WORD.findall(office.text)) > _LONGEST_OFFICE:
        return None
    if office.offices & _FAMILY:
        return None  # whose mother she is tells nothing of her name
    mine = distance(named.name, office.offices, context)
    others = [
        words
        for name in people(context, governed=True)
        if not same_name(name, named.name)
        and (words := distance(name, office.offices, context)) is not None
    ]
    if mine is not None:
        return True if all(mine < words for words in others) else None
    if office.offices & _BODIES and context.count(named.name) > 1:
        return True  # “the company”, where both texts name one
    if same_name(named.name, office.text):
        return True  # “a spokesman for Brannoch Energy” is Brannoch Energy's voice
    return False if others else None


def _is_body(speaker: Speaker) -> bool:
    """Whether a speaker is named like a body: `the White House`, `UNESCO`."""
    named = speaker.name.isupper() or bool(_ORGANISATION.search(speaker.name))
    return named or bool(re.match(r"(?i:the)\s+[A-Z]", speaker.text))


def _beside(text: str, start: int, end: int, quotes: list[tuple[int, int]]) -> Speaker | None:
    """Who says a quotation, from the words after it and before it in its sentence."""
    following = min((a for a, _ in quotes if a > end), default=len(text))
    after = text[end + 1 : _clause_end(text, end + 1, following)]
    ended = text[end - 1] if end else ""
    found = _from_after(after, ended)
    if found:
        return found
    return _from_before(_lead(text, start, quotes))


def _lead(text: str, start: int, quotes: list[tuple[int, int]]) -> str:
    """The words of the sentence before the opening mark at `start - 1`."""
    previous = max((b + 1 for _, b in quotes if b < start), default=0)
    lead = text[previous : max(start - 1, 0)]
    ends = [m.end() for m in SENTENCE_END.finditer(lead) if lead[m.end() :].strip()]
    return lead[ends[-1] :] if ends else lead


def _clause_end(text: str, start: int, limit: int) -> int:
    match = SENTENCE_END.search(text, start, limit)
    return match.start() if match else limit


def _from_after(after: str, ended: str) -> Speaker | None:
    if signed := re.match(r"[\s.]*(?:[–—]\s*|\()(?=[A-Z])", after):
        return _noun_after(re.split(r"[)\n]", after[signed.end() :])[0])
    stripped = after.lstrip(" ,–—-’'”\"")
    if not stripped or (ended == "." and stripped[0].isupper()):
        return None  # a sentence of its own
    if according := _ACCORDING.match(stripped):
        return _noun_after(stripped[according.end() :])
    inverted = re.match(rf"(?:{_VERBS})\b\s*", stripped)
    if inverted:
        return _noun_after(stripped[inverted.end() :])
    if agent := _AGENT.search(stripped):
        return _noun_after(stripped[agent.end() :])
    without = _RELATIVE.sub(" ", stripped)
    verb = _VERB.search(without)
    if verb and len(WORD.findall(without[: verb.start()])) <= 16:
        return _subject(without[: verb.start()], near=True)
    return None


def _from_before(lead: str) -> Speaker | None:
    lead = lead.strip(" “\"‘'«„")
    if not lead:
        return None
    if whose := _WORDS_OF.search(lead):
        return _speaker(whose[1].removeprefix("In "))
    according = list(_ACCORDING.finditer(lead))
    if according:
        return _noun_after(lead[according[-1].end() :])
    verbs = list(_VERB.finditer(lead))
    if not verbs and (label := re.fullmatch(r"([A-ZÀ-Þ][\w’'. -]{1,40}):", lead)):
        return _speaker(label[1])
    if verbs and len(WORD.findall(lead[verbs[-1].end() :])) <= 14:
        # Of `called to say`, `was quoted as saying`, the first verb has the subject.
        verb = next(v for v in verbs if len(WORD.findall(lead[v.end() : verbs[-1].end()])) <= 4)
        return _subject(lead[: verb.start()])
    if lead.endswith(":"):
        return _subject(lead[:-1], first=True)
    return None


def _subject(left: str, *, near: bool = False, first: bool = False) -> Speaker | None:
    """The subject of a speech verb, from the words to its left."""
    if nobody := _NOBODY.search(left):
        return Speaker(nobody[0], definite=False)
    cleft = _CLEFT.match(left + " who")
    if cleft:
        left = cleft[1]
    left = _RELATIVE.sub(" ", left)
    if pronoun := _PRONOUN.search(f" {left.rstrip()} "):
        return Speaker(pronoun[1].lower(), sure=False)
    free = [m for m in names_in(left) if not is_governed(left, m)]
    if free:
        pick = free[0] if first or _COORDINATED.search(left) else free[-1]
        return _speaker(left, pick)
    phrases = [m for m in _NOUN_PHRASE.finditer(left) if not is_governed(left, m)]
    if phrases:
        return _speaker(left[phrases[0 if first else -1].start() :])
    if opening := re.match(r"\W*(he|she|they|it)\b", left, re.I):
        return Speaker(opening[1].lower(), sure=False)
    governed = names_in(left)
    return _speaker(left, governed[-1]) if governed and near else None


def _noun_after(right: str) -> Speaker | None:
    """The noun phrase that follows `said` or `according to`."""
    if nobody := _NOBODY.match(right):
        return Speaker(nobody[0], definite=False)
    if pronoun := re.match(r"(he|she|they|it|i|we)\b", right, re.I):
        return Speaker(pronoun[1].lower(), sure=False)
    stop = _AFTER_STOPS.search(right + " ")
    phrase = right[: stop.start()] if stop else right
    segments = [segment.strip() for segment in phrase.split(",")]
    kept = segments[0]
    apposed = len(segments) > 1 and (
        (not names_in(segments[0]) and bool(names_in(segments[1])))
        or (len(segments) > 2 and re.match(r"(?:the|an?|its|his|her|their)\b", segments[1]))
    )
    if apposed:
        kept = f"{segments[0]}, {segments[1]}"
    if not WORD.search(kept):
        return None
    free = [m for m in names_in(kept) if not is_governed(kept, m)]
    return _speaker(kept, free[0] if free else None)


def _speaker(phrase: str, name: re.Match[str] | None = None) -> Speaker | None:
    """The speaker that a phrase names."""
    if name is None:
        free = [m for m in names_in(phrase) if not is_governed(phrase, m)]
        name = free[-1] if free else None
    noun = _NOUN_PHRASE.search(phrase)
    described = (
        f"{phrase[: name.start()]} {phrase[name.end() :]}" if name else noun[2] if noun else phrase
    )
    offices = frozenset(
        stem(word[0]) for word in WORD.finditer(described)
        if word[0][0].islower() and not is_function_word(word[0])
    )  # fmt: skip
    if name is None and not offices:
        return None
    first = WORD.search(phrase)
    definite = name is not None or (first is not None and first[0].lower() not in _INDEFINITE)
    return Speaker(
        phrase.strip(" ,:"), TITLES.sub("", name[0]).strip() if name else "", offices, definite
    )


def _resolved(speaker: Speaker, text: str, at: int) -> Speaker:
    """A pronoun as the person named last before `at`; what is no pronoun stays."""
    if speaker.text not in {"he", "she", "they", "it"}:
        return speaker
    before = text[max(0, at - _BACK) : at]
    everybody = people(before, governed=True)
    name = _last_named(before) or (everybody[0] if _one(everybody) else "")
    # Where one person only was named, there is no doubt whom the pronoun means; a newspaper is no
    # `he`, nor is the Northern Front.
    body = _ORGANISATION.search(name) or re.search(rf"\bthe\s+{re.escape(name)}\b", before, re.I)
    sure = _one(everybody) and not (speaker.text in {"he", "she"} and (body or name.isupper()))
    return Speaker(name, name, sure=sure) if name else speaker


def _last_named(text: str) -> str:
    """The person named in the last sentence that names any; empty where it names several."""
    blank = without_quotations(text)
    for start, end in reversed(sentences(blank)):
        names = _new(blank, start, end, governed=False) or _new(blank, start, end, governed=True)
        if names:
            return names[-1] if _one(names) else ""
    return ""


def _new(text: str, start: int, end: int, *, governed: bool) -> tuple[str, ...]:
    """The people whom `text[start:end]` names."""
    return people(text[:end], governed=governed)[len(people(text[:start], governed=governed)) :]


def _one(names: Sequence[str]) -> bool:
    """Whether all names are of one person."""
    return bool(names) and all(same_name(names[0], name) for name in names)


def _before_last(text: str, at: int) -> Speaker | None:
    """The person named last before a quotation that nobody is named for; unsure."""
    name = _last_named(text[max(text.rfind("\n\n", 0, at), at - _BACK, 0) : at])
    return Speaker(name, name, sure=False) if name else None


def _only(text: str) -> Speaker | None:
    """The only person whom a text names; unsure."""
    everybody = people(text, governed=True)
    return Speaker(everybody[0], everybody[0], sure=False) if _one(everybody) else None


def _labelled(text: str, at: int) -> Speaker | None:
    """Who speaks in a transcript: `Marit Coll: We had no light.`"""
    labels = list(_LABEL.finditer(text, text.rfind("\n", 0, at) + 1, at))
    return _speaker(labels[-1][1]) if labels else None


def _reporting(text: str, start: int, end: int) -> Speaker | None:
    """Who reports the words, where they stand without marks: `X said that …`, `…, X said.`"""
    for a, b in sentences(text):
        if a <= start < b:
            found = _from_before(text[a:start]) if start > a else None
            found = found or _from_after(text[min(end, b) : b].rstrip("."), "")
            return _resolved(found, text, a) if found else None
    return None
