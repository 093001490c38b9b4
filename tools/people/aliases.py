"""Who is who in an article: people and bodies with all the names that it uses for them.

`Tomas Reyk`, `Mr Reyk`, `Reyk` and, where the article says that he is the mayor, `the mayor`;
`International Business Machines` and `IBM`; `Skarra Line (SKL)` and `SKL`. Read from capitals,
brackets and appositions of English text, without a model of names. A short form that fits two
bearers is given to neither: `Names.unclear` lists it with both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from tools.numbers.agreement import Agreement
from tools.people import names
from tools.people.names import BODY_WORDS, LEGAL_FORMS, NameKind, folded, name_words
from tools.people.persons import NAME_WORD, TITLE, TITLES
from tools.people.roles import BODIES, OFFICES
from tools.text.words import is_calendar_word, is_function_word, is_opener

How = Literal["name", "short form", "abbreviation", "office", "description"]


@dataclass(frozen=True)
class NameMention:
    """A place where an article names somebody: `text[start:end] == self.text`."""

    start: int
    end: int
    text: str
    how: How


@dataclass(frozen=True)
class Entity:
    """A person or body of an article.

    Attributes:
        name: the fullest name that the article gives, without title.
        kind: `name` where the article does not tell a person from a body or a place.
        mentions: in the order of the article; none overlap.
        roles: what the article says that it is (`mayor`, `ferry company`), in lower case.
    """

    name: str
    kind: NameKind
    mentions: tuple[NameMention, ...]
    roles: tuple[str, ...] = ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """The different wordings that the article uses, the name first."""
        return tuple(dict.fromkeys([self.name, *(mention.text for mention in self.mentions)]))


@dataclass(frozen=True)
class Unclear:
    """A short form that fits more than one: which, it is not told."""

    mention: NameMention
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """The people and bodies of an article, in the order in which it first names them."""

    entities: tuple[Entity, ...]
    unclear: tuple[Unclear, ...] = ()

    def at(self, place: int) -> Entity | None:
        """Whom the words at an offset name, or None."""
        for entity in self.entities:
            if any(m.start <= place < m.end for m in entity.mentions):
                return entity
        return None

    def called(self, name: str) -> tuple[Entity, ...]:
        """Those whom the article calls so, title, article and accents aside."""
        plain = " ".join(name_words(name))
        low = name.lower()
        open_to = {c for u in self.unclear if u.mention.text.lower() == low for c in u.candidates}
        return tuple(entity for entity in self.entities if entity.name in open_to) or tuple(
            entity
            for entity in self.entities
            if any(alias.lower() == low for alias in entity.aliases)
            or any(" ".join(name_words(alias)) == plain for alias in entity.aliases)
        )

    def agreement(self, a: str, b: str) -> Agreement:
        """How two names stand to each other here; else as `tools.people.names.agreement`."""
        ours, theirs = self.called(a), self.called(b)
        if len(ours) == 1 and len(theirs) == 1:
            if ours[0] is theirs[0]:
                return Agreement("equal", f"The article calls {ours[0].name} both {a} and {b}.")
            kinds = {ours[0].kind, theirs[0].kind}
            if kinds == {"person", "organisation"}:
                return Agreement("not comparable", f"{a} and {b}: a person and a body.")
            return Agreement("different", f"{a} and {b} are two in this article.")
        if len(ours) > 1 or len(theirs) > 1:
            return Agreement("not comparable", f"{a} and {b}: one fits two in this article.")
        return names.agreement(a, b)


_PARTICLE = r"(?:(?:de|del|da|di|du|van|von|der|den|la|le|al|bin|ibn|af|av)\s+){0,2}"
_HEADS = (
    r"Bank|Ministry|University|Department|Bureau|House|Office|Institute|Union|Council|Court|Church|"
    r"Museum|Academy|Federation|Association|Society|Board|Port|Chamber|Commission|College|Bishop|"
    r"School|Agency|Authority|Confederation|Committee|League|Guild|Friends"
)
_OF = "|".join(f"(?<={head})" for head in _HEADS.split("|"))
_RUN = re.compile(
    rf"(?<![\w’'])(?:{TITLE}\.?\s+){{0,2}}{NAME_WORD}"
    rf"(?:(?:\s+{_PARTICLE}|\s+&\s+|(?:{_OF})\s+(?:of|for)\s+(?:the\s+)?){NAME_WORD}){{0,7}}"
)
_AGE = re.compile(r",\s+(?:aged\s+)?\d{1,2}(?=[,.])|\s+\(\d{1,2}\)")
_PLACED = re.compile(r"\b(?:in|at|near|from|outside|around|across)\s+(?:the\s+)?$", re.I)
_ROLE = rf"(?P<role>(?:[a-z-]+\s+){{0,2}}?(?P<noun>{OFFICES}|{BODIES}))\b"
_ROLE_AT = re.compile(_ROLE, re.I)
_APPOSITION = re.compile(
    rf"(?:,\s+(?:who\s+(?:is|was)\s+)?|\s+(?:is|was|became|remains|has been)\s+)(?:the|an?|its|"
    rf"their|his|her|our)?\s*(?:new\s+)?(?:[\w-]+[’']s\s+)?{_ROLE}(?!\s+(?:who|when)\b)"
)
_BEFORE = re.compile(
    rf"\b(?:(?:the|an?|its|their|our)\s+)?(?:[\w-]+[’']s\s+)?{_ROLE}"
    rf"(?:\s+(?:of|at|for)\s+(?:the\s+)?{NAME_WORD}(?:\s+{NAME_WORD}){{0,3}},)?,?\s+$",
    re.I,
)
_DEFINITE = re.compile(
    rf"\b[Tt]he\s+(?P<role>(?:[a-z-]+\s+){{0,2}}?(?P<noun>{OFFICES}|{BODIES}))\b"
)
_NAMED_NEXT = re.compile(rf"(?:\s+(?:of|at|for)\s+(?:the\s+)?[A-Z]|,?\s+{NAME_WORD}\s|s\b|[-–]\w)")
_BRACKET = re.compile(r"\s*\((?:the\s+)?[“\"‘']?(?P<short>[^\W\d_][\w.&-]{1,9})[”\"’']?\)")
_LOOKED_AT = 20
"""Mentions of one name in whose neighbourhood the article is asked what it is."""
_COMPANY = frozenset({"company", "firm", "group"})


@dataclass
class _Draft:
    """An entity while it is being put together."""

    name: str
    kind: NameKind
    mentions: list[NameMention] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)

    @property
    def words(self) -> list[str]:
        return name_words(self.name)


@lru_cache(maxsize=64)
def named(text: str) -> Names:
    """The people and bodies that a text names, with every way in which it does.

    Args:
        text: an article. Short forms are looked for in all of it, since a headline has them
            before the text gives the full name.
    """
    found = list(_runs(text))
    drafts = _full_names(text, found)
    short = _abbreviations(text, found, drafts)
    unclear = _short_forms(text, found, drafts, short)
    for draft in drafts:
        _tell_kind(text, draft)
    unclear += _offices(text, drafts)
    entities = [
        Entity(d.name, d.kind, tuple(sorted(d.mentions, key=lambda m: m.start)),
               tuple(dict.fromkeys(d.roles)))
        for d in drafts
        if d.mentions
    ]  # fmt: skip
    entities.sort(key=lambda e: e.mentions[0].start)
    return Names(tuple(entities), tuple(sorted(unclear, key=lambda u: u.mention.start)))


def _runs(text: str) -> Iterator[re.Match[str]]:
    """The capitalised runs that are names, without the word that only opens the sentence."""
    position = 0
    while match := _RUN.search(text, position):
        position = match.end()
        words = match[0].split()
        opens = _opens(text, match.start())
        first = re.sub(r"[’']s$", "", words[0])
        if opens and len(words) == 1 and _ROLE_AT.match(text, match.start()):
            continue  # `Finance director Jon Vale`
        idle = is_opener(first) if opens else is_calendar_word(first) or first in ("I", "The", "A")
        if idle and not re.match(rf"{TITLE}\b", match[0]):
            if len(words) > 1:
                position = match.start() + len(words[0])
            continue
        yield match


def _opens(text: str, start: int) -> bool:
    """Whether a sentence begins at a place, so that a capital says nothing."""
    lead = text[max(0, start - 3) : start].rstrip(" “\"‘'(")
    return start == 0 or not lead or lead[-1] in ".!?:\n"


def _mention(match: re.Match[str], how: How) -> NameMention:
    return NameMention(match.start(), match.end(), match[0], how)


def _full_names(text: str, found: list[re.Match[str]]) -> list[_Draft]:
    """One draft for each name of two words and more; initials and legal forms aside."""
    drafts: list[_Draft] = []
    by_words: dict[tuple[str, ...], _Draft] = {}
    by_last: dict[str, list[_Draft]] = defaultdict(list)
    for match in found:
        words = name_words(match[0])
        bare = TITLES.sub("", match[0])
        if len(words) < 2 and len(bare.split()) < 2:
            continue
        key = tuple(words)
        draft = by_words.get(key)
        if draft is None:
            draft = next((d for d in by_last[words[-1]] if _one_person(d.words, words)), None)
        if draft is None:
            draft = _Draft(bare, names.kind_of(match[0]))
            drafts.append(draft)
            by_last[words[-1]].append(draft)
        elif len(bare) > len(draft.name):
            draft.name = bare
        by_words[key] = draft
        _add(draft, match, "name")
    return drafts


def _add(draft: _Draft, match: re.Match[str], how: How) -> None:
    draft.mentions.append(_mention(match, how))
    if title := names.titled(match[0]):
        draft.titles.add(title)
    if TITLES.match(match[0]):
        draft.kind = "person"


def _one_person(known: list[str], words: list[str]) -> bool:
    """`Tomas J. Reyk` and `T. Reyk` for `Tomas Reyk`."""
    if known[-1] != words[-1] or (BODY_WORDS | LEGAL_FORMS) & {*known, *words}:
        return False
    first, other = known[0].rstrip("."), words[0].rstrip(".")
    alike = first == other or (first[0] == other[0] and 1 in (len(first), len(other)))
    middle, more = (set(w[1:-1]) for w in (known, words))
    return alike and (not middle or not more or middle == more)


def _abbreviations(
    text: str, found: list[re.Match[str]], drafts: list[_Draft]
) -> dict[str, list[_Draft]]:
    """What stands in brackets after a name, and the first letters of the names of bodies."""
    short: dict[str, list[_Draft]] = defaultdict(list)
    owner = {m.start: draft for draft in drafts for m in draft.mentions}
    for match in found:
        draft = owner.get(match.start())
        bracket = _BRACKET.match(text, match.end())
        if draft and bracket and names.abbreviates(bracket["short"], match[0]):
            short[bracket["short"]] = [draft]
            if draft.kind == "name":
                draft.kind = "organisation"
        elif bracket_before := _full_in_brackets(text, match, owner):
            short[match[0]] = [bracket_before]
    for draft in drafts:
        if draft.kind != "person":
            for letters in names.initials(draft.name):
                if draft not in short[letters.upper()] and len(letters) > 2:
                    short[letters.upper()].append(draft)
    return short


def _full_in_brackets(text: str, match: re.Match[str], owner: dict[int, _Draft]) -> _Draft | None:
    """The name in brackets after its abbreviation: `SKL (Skarra Line)`."""
    if not names.is_abbreviation(match[0]) or text[match.end() : match.end() + 2] != " (":
        return None
    draft = owner.get(match.end() + 2)
    return draft if draft and names.abbreviates(match[0], draft.name) else None


def _short_forms(
    text: str, found: list[re.Match[str]], drafts: list[_Draft], short: dict[str, list[_Draft]]
) -> list[Unclear]:
    """Gives every name of one word, and shortened names of bodies, to whom they stand for."""
    full = {m.start for draft in drafts for m in draft.mentions}
    by_word: dict[str, list[_Draft]] = defaultdict(list)
    for draft in drafts:
        for word in {draft.words[0], draft.words[-1]}:
            by_word[word].append(draft)
    body = text.find("\n") + 1
    first: dict[str, int] = {}  # where a word first stands alone, the headline aside
    for match in found:
        if match.start() >= body and match.start() not in full:
            first.setdefault(folded(match[0]), match.start())

    def own_name(word: str, draft: _Draft) -> bool:
        """Whether a word was a name before the longer one was told: `Apple`, `Apple Store`."""
        return first.get(word, len(text)) < draft.mentions[0].start

    alone: dict[str, _Draft] = {}
    inside = {folded(TITLES.sub("", m[0])) for m in found if not _opens(text, m.start())}
    unclear = []
    for match in found:
        if match.start() in full:
            continue
        bare = TITLES.sub("", match[0])
        how: How = "short form"
        candidates = short.get(bare.replace(".", ""), []) if bare.isupper() else short.get(bare, [])
        if candidates:
            how = "abbreviation"
        else:
            words = name_words(match[0])
            candidates = by_word.get(words[0], []) if words else []
            candidates = [
                d
                for d in candidates
                if _may_be(text, match, d, words)
                and (words[0] == d.words[-1] or not own_name(words[0], d))
            ]
        if len(candidates) > 1:
            own = tuple(dict.fromkeys(d.name for d in candidates))
            unclear.append(Unclear(_mention(match, how), own))
        elif candidates:
            _add(candidates[0], match, how)
        else:
            key = folded(bare)
            if key not in inside and key not in by_word and not TITLES.match(match[0]):
                continue  # a capital at the beginning of a sentence alone makes no name
            if key not in alone:
                alone[key] = _Draft(bare, names.kind_of(match[0]))
                drafts.append(alone[key])
            _add(alone[key], match, "name")
    return unclear


def _may_be(text: str, match: re.Match[str], draft: _Draft, words: list[str]) -> bool:
    """Whether a name of one word may stand for a full name."""
    title = names.titled(match[0])
    if title and any(names.clash(title, known) for known in draft.titles):
        return False
    if draft.kind == "organisation":
        if TITLES.match(match[0]) or words[0] != draft.words[0]:
            return False  # a body is shortened to its first words, not to its last
        return not _PLACED.search(text, max(0, match.start() - 16), match.start())
    return words[0] == draft.words[-1] or not TITLES.match(match[0])


def _tell_kind(text: str, draft: _Draft) -> None:
    """A person speaks, has an age or an office; what the article says of it is its role."""
    if draft.kind == "name" and any(m.how == "abbreviation" for m in draft.mentions):
        draft.kind = "organisation"
    for mention in draft.mentions[:_LOOKED_AT]:
        after = _APPOSITION.match(text, mention.end)
        before = _BEFORE.search(text, max(0, mention.start - 80), mention.start)
        for match in (after, before):
            if match and (match is after or not _far(match)):
                draft.roles.append(_role(match["role"]))
                if draft.kind == "name":
                    person = re.fullmatch(OFFICES, match["noun"], re.I)
                    draft.kind = "person" if person else "organisation"
        surname = mention.how == "short form" and name_words(mention.text) == draft.words[-1:]
        if draft.kind == "name" and (surname or _AGE.match(text, mention.end)):
            draft.kind = "person"  # a body is shortened to its first word, not to its last
        if title := re.match(rf"({TITLE})\b", mention.text):
            draft.roles += {title[1].lower()} & set(OFFICES.split("|"))


def _role(words: str) -> str:
    """An office without the words that only lead to it: `head` of `at the time head`."""
    role = words.lower().split()
    while len(role) > 1 and is_function_word(role[0]):
        role = role[1:]
    return " ".join(role)


def _far(match: re.Match[str]) -> bool:
    """Whether what stands before a name is no office of his: `said the mayor. Ana Brandt`."""
    inner_capital = match["role"][1:] != match["role"][1:].lower()  # `at Holm University`
    return inner_capital or bool(re.search(r"[.;!?]\s|\n", match[0]))


def _offices(text: str, drafts: list[_Draft]) -> list[Unclear]:
    """`the mayor`, `the company`, where the article says of one alone that it is that."""
    holders: dict[str, list[_Draft]] = defaultdict(list)
    taken = bytearray(len(text))
    for draft in drafts:
        for mention in draft.mentions:
            taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        nouns = {role.split()[-1] for role in draft.roles} | set(draft.roles)
        if draft.kind == "organisation":
            own = {folded(w.rstrip(".")) for w in draft.name.split()}
            nouns |= own & set(BODIES.split("|"))
            if own & LEGAL_FORMS or nouns & {"operator", "maker", "manufacturer", "retailer"}:
                nouns |= _COMPANY
            elif nouns & _COMPANY:
                nouns |= {"company", "firm"}
        for noun in nouns:
            holders[noun].append(draft)
    ends = {draft.name: {m.end for m in draft.mentions} for draft in drafts}
    unclear = []
    for match in _DEFINITE.finditer(text):
        who = holders.get(match["role"].lower()) or holders.get(match["noun"].lower(), [])
        end = match.end()
        if not who or any(taken[match.start() : end]) or _NAMED_NEXT.match(text, end):
            continue
        person = who[0].kind == "person"
        mention = NameMention(match.start(), end, match[0], "office" if person else "description")
        if len(who) > 1:
            unclear.append(Unclear(mention, tuple(d.name for d in who)))
        elif not (match.start() - 2 in ends[who[0].name] and text[match.start() - 2] == ","):
            who[0].mentions.append(mention)  # where it is not what tells the office
    return unclear
