"""What a reader of the article knows when he comes to a clause: who `he` is, which company.

A claim must read alone. What its clause leaves to the sentences before is written in where
the article is plain; where two people or things may be meant, the claim says so instead: a
wrong antecedent is worse than none. Antecedents are found as in centering theory (Grosz,
Joshi and Weinstein 1995), as far as the forms of words allow: the subject of the sentence
before comes first, and whoever is spoken of in one sentence after another stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.claims.attribution import NAME, SPEAKS, TITLE
from agent.claims.finite import has_verb
from agent.claims.naming import COMMON, ORGANISATION, PLACE, Cast, usual_pronoun
from agent.claims.subjects import SOMEBODY, acts, several, single_thing
from tools.numbers.quantities import quantities
from tools.text.grammar import PREPOSITION, shielded, verbs
from tools.text.words import is_opener
from tools.times.dates import date_mentions

_TITLED = re.compile(rf"\b{TITLE}\s+({NAME})")
_MENTION = re.compile(NAME)
# A pronoun before the verb of its clause: `She …`, `In 2010 his party …`. One that comes later is
# mostly of somebody in the clause itself.
_PERSON_PRONOUN = re.compile(
    r"^(?P<lead>(?:(?:In|On|By|At|After|Before|During|Since|Until|For|From|Throughout|Despite|Later|"
    r"Then|Today|Now|Under|With|Like|Last|Of|According to)\b[^;:]{0,60}?,?\s)?)"
    r"(?P<word>[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b(?![’'])"
)
_OBJECT_HER = re.compile(
    r"\s*(?:$|[.,;:!?)]|(?:in|on|at|to|from|for|with|by|of|as|and|but|or|that|the|an?|about|into|after|"
    r"before|when|while|out|up|down|away|back)\b)"
)
_OPENING = r"^(?P<lead>(?:In|On|By|At|After|During|Since|For|Last|This)\s[^,;]{2,40},\s+)?"
_THING_PRONOUN = re.compile(
    _OPENING + r"(?P<word>[Ii]ts?|[Tt]heir|[Tt]hey)\s+(?P<next>[\w’']+)(?:\s+(?P<after>[\w’']+))?"
)
_EXPLETIVE = frozenset(
    "is was will would may might has had seems seemed appears appeared takes took emerged turned "
    "happened remains became rained snowed could should must isn’t wasn’t does did costs".split()
)
# `It was …` is of a thing before these; before others (`clear that`, `raining`) it may be of none.
_OF_A_THING = frozenset(
    "founded built located based opened closed named owned designed established published made "
    "released launched sold bought set in at on part home one two three four five".split()
)
_BODIES = (
    "council|bank|ministry|university|hospital|union|club|agency|authority|airline|party|museum|"
    "school|college|shipyard|committee|commission|institute|society|association|federation|"
    "foundation|court|department|board|charity|retailer|manufacturer|regulator|publisher|brewery"
)
_DEFINITE = re.compile(
    rf"\b[Tt]he (?P<noun>{'|'.join(sorted(COMMON))}|{_BODIES})(?P<own>’s|'s)?"
    r"(?=\s+(?!of\b|that\b|which\b|for\b|and\b)[a-z]|[.,;])"
)
_DEMONSTRATIVE = re.compile(
    r"^(?:This|That)\b(?=\s+(?:(?:is|was|means|meant|makes|made|comes|came|compares|"
    r"brings|brought|equals|corresponds|represents|amounts)\b|(?:rise|fall|increase|decrease|drop|figure|"
    r"decline|growth|total|sum|number|move|decision|vote|loss|change|result|amount)\b))"
    r"(?P<noun>\s+(?:rise|fall|increase|decrease|drop|figure|decline|growth|total|sum|number|move|"
    r"decision|vote|loss|change|result|amount)\b)?"
)
_ELLIPSIS = re.compile(
    r"^(?!It\b|There\b)[\w’' -]{2,50}?\s(?:did|does|do|was|were|is|are|has|have|had|will|"
    r"would|could|can)(?:\s+not|n[’']t)(?:\s+(?:either|so))?(?=\.?$)|"
    r"^(?:So|Neither|Nor)\s(?:did|does|do|was|were|is|are|has|have|had|will)\s[\w’' -]{2,40}"
    r"(?=\.?$)"
)
_SAME_PERIOD = re.compile(
    r"\b(?:[Ii]n|[Dd]uring|[Oo]ver|[Ff]or|[Oo]f|[Oo]n)\s(?:the same|that)\s"
    r"(?P<unit>year|quarter|month|day|week)\b(?!\s+of\b|\s*\()"
)
_GOES_ON = re.compile(r"(?:In \d{4},? )?(?:It|Its|it|its)\s")
_HEAD = 20
"""Characters before the name that opens a sentence: `Opposition leader Tomas Reyk …`."""
_TITLE_PRONOUNS = {
    "he": re.compile(r"Mr\b|Sir\b|\w+man\b"),
    "she": re.compile(r"Mrs\b|Ms\b|\w+woman\b"),
}
_LONGEST_BEFORE = 200
"""Characters of a clause that is written into the next one."""
_WORD = re.compile(r"[\w-]+")
_HEADLINE = 0.6
"""Share of capitalised words from which a sentence is a headline, whose capitals tell no names."""
_KEPT = 4
"""People remembered as candidates for a pronoun."""


@dataclass(frozen=True)
class Alone:
    """A clause made readable alone.

    Attributes:
        text: the wording.
        added: what was written in.
        unclear: what could not be, one sentence each.
    """

    text: str
    added: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


@dataclass
class Discourse:
    """What the sentences so far have told.

    Attributes:
        person, thing: whom and what a pronoun may stand for; None where that is not plain.
        full: full names by surname.
        pronoun: `he` or `she` by surname, as far as a title or the text told.
        cast: the people and bodies of the article.
        people: persons named lately, the last one last.
        lately: persons whom the last sentence names.
        group: the plural that `they` may stand for: the subject of the last sentence.
        things: what the last sentence named that `it` may stand for.
        before: the last clause, as a claim.
        proper: words that the article capitalises within sentences: an opening `Fear` may be none.
        places: those of them that something is in, at or near somewhere.
        place: offset in the article of the clause that is read.
        periods: the last year, quarter, month and day told, by unit.
    """

    cast: Cast
    person: str | None = None
    thing: str | None = None
    full: dict[str, str] = field(default_factory=dict)
    pronoun: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    lately: list[str] = field(default_factory=list)
    group: str | None = None
    things: list[str] = field(default_factory=list)
    before: str = ""
    proper: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    periods: dict[str, str] = field(default_factory=dict)
    place: int = 0

    def read(self, sentence: str) -> None:
        """Takes in who and what a sentence mentions.

        Of several people the one who opens the sentence is taken, else nobody.
        """
        words = sentence.split()
        if (
            sentence[-1:] != "."
            and len(words) > 5
            and sum(word[0].isupper() for word in words) > _HEADLINE * len(words)
        ):
            return
        opening = _PERSON_PRONOUN.match(sentence)
        goes_on = self.person if opening and opening["word"].lower() in {"he", "she"} else None
        people = self._titled(sentence)
        guessed, things, rivals, found = None, [], [], verbs(sentence)
        for match in _MENTION.finditer(sentence):
            words = match[0].split()
            shift = 0
            while words and is_opener(words[0]):
                shift += len(words.pop(0)) + 1
            name = re.sub(r"(?:’s|'s)$", "", " ".join(words))
            if len(name) < 3 or re.search(rf"\b{TITLE}\b", name) or name.count("-") > 2:
                continue
            span = (match.start() + shift, match.end())
            if name in words[:1] and span[0] == 0 and name not in self.proper | self.full.keys():
                continue
            known = name.split()[-1] in self.full
            verb = SPEAKS.match(sentence[match.end() :].lstrip())
            organisation = ORGANISATION.search(name)
            if organisation and organisation[0] == name:
                continue  # `the Council`: a common noun, whichever it is
            place = PLACE.search(name) or self.cast.is_body(name)
            called = self.cast.is_person(name)
            if (not place and (known or called)) or (
                verb and not organisation and not place and len(name.split()) == 2
            ):
                people.append((*span, self._known_as(name)))
            elif organisation or (len(name.split()) == 1 and not verb and acts(match, sentence)):
                subject = match.start() < (found[0].start if found else 0)
                if (
                    subject
                    and not match[0].endswith(("’s", "'s"))
                    and (organisation or (span[0] == 0 and self.cast.is_thing(name)))
                ):
                    things.append(name)
                elif organisation and not subject:
                    rivals.append(name)
            elif 2 <= len(name.split()) <= 3 and not PLACE.search(name):
                # Somebody, or a place: a person only where the sentence opens with it.
                opens = span[0] <= 2 and not match[0].endswith(("’s", "'s"))
                if opens and acts(match, sentence) and not re.search(r"\b[A-Z]{2}", name):
                    guessed = self._known_as(name)
                    people.append((*span, guessed))
                elif not organisation and not PREPOSITION.search(sentence[: span[0]].rstrip()):
                    people.append((*span, None))
        self._take(people, [*things, *rivals] if things else things, sentence)
        if guessed and any(name != guessed for _, _, name in people):
            self.person = None
        self.person = goes_on or self.person  # who is `he` at the head of a sentence stays so
        for mention in date_mentions(sentence):
            told = sentence[mention.start : mention.end]
            for unit in ("year", "quarter", "month", "day"):
                if getattr(mention, unit, None) and mention.year:
                    self.periods[unit] = str(mention.year) if unit == "year" else told

    def _titled(self, sentence: str) -> list[tuple[int, int, str | None]]:
        """Span of each mention of a person with a title, and who it is."""
        people: list[tuple[int, int, str | None]] = []
        for match in _TITLED.finditer(sentence):
            people.append((*match.span(), self._known_as(match[1])))
            for pronoun, titles in _TITLE_PRONOUNS.items():
                if titles.match(match[0]):
                    self.pronoun[match[1].split()[-1]] = pronoun
        return people

    def _take(
        self, people: list[tuple[int, int, str | None]], things: list[str], sentence: str
    ) -> None:
        subject = single_thing(sentence)
        named = [name for name in (subject, *things) if name]
        if any(name.split()[-1] in self.places for name in things):  # the town, or its people
            named = []
        if named or not _GOES_ON.match(sentence):
            self.things = list(dict.fromkeys(named))
        self.group = several(sentence) or (
            self.group if re.match("They |Their ", sentence) else None
        )
        self.lately = list(dict.fromkeys(name for _, _, name in people if name))
        for _, _, name in sorted(people, key=lambda mention: mention[0]):
            if name:
                self.people = [*(p for p in self.people if p != name), name][-_KEPT:]
        if not people and self._is_another(sentence):
            self.person = None
        if people:
            start, end, person = min(people, key=lambda mention: mention[0])
            others = [place for place, _, name in people if name != person]
            opens = start <= _HEAD and not any(
                sentence[end:place].strip(" ,") == "and" for place in others
            )
            self.person = person if not others or opens else None
            if start > _HEAD and self._somebody_before(sentence, start):
                self.person = None  # `The masked man warned Tomas Reyk`

    def _somebody_before(self, sentence: str, start: int) -> bool:
        """Whether the subject is a person without a name, and who is named comes after it."""
        found = verbs(sentence)
        subject = sentence[: min(found[0].start, start)] if found else ""
        return bool(SOMEBODY.search(subject[:1].lower() + subject[1:]))

    def _is_another(self, sentence: str) -> bool:
        """Whether the subject of a sentence is, or may be, a person whose name is not known."""
        found = verbs(sentence)
        subject = sentence[: found[0].start] if found else ""
        if SOMEBODY.search(subject[:1].lower() + subject[1:]):
            return True
        capitals = [word for word in _WORD.findall(subject) if word[0].isupper()]
        return any(not is_opener(word) for word in capitals) and not ORGANISATION.search(subject)

    def _known_as(self, name: str) -> str:
        """The fullest form of a name so far."""
        name = re.sub(r"(?:’s|'s)$", "", name)
        entity = self.cast.who(name)
        if entity and entity.kind == "person" and len(entity.name) > len(name):
            name = entity.name
        inner = name.rpartition(" of ")[2]
        name = inner if self.cast.is_person(inner) else name  # `Trial of Tomas Reyk`
        surname = name.split()[-1]
        full = self.full.get(surname, name)
        self.full[surname] = name if len(name.split()) > len(full.split()) else full
        return self.full[surname]

    def may_be(self, person: str | None, pronoun: str) -> bool:
        """Whether a person may be `he` or `she`."""
        if person is None:
            return False
        gender = _gender(pronoun)
        told = {self.pronoun.get(person.split()[-1]), usual_pronoun(person)} - {None}
        return told <= {gender}

    def alone(self, text: str, place: int) -> Alone:
        """Writes into a clause what it leaves to the sentences before.

        Args:
            text: the clause.
            place: its offset in the article.
        """
        result, self.place = Alone(text), place
        for step in (self._persons, self._thing, self._bodies, self._clause_before, self._period):
            result = step(result)
        return result

    def _persons(self, clause: Alone) -> Alone:
        """The first `he` or `she`, unless somebody is named before it in the clause."""
        text = clause.text
        match = _PERSON_PRONOUN.match(shielded(text))
        if not match or self._names_somebody(text, match["lead"]):
            return clause
        start, end = match.span("word")
        word = match["word"].lower()
        may_be = [name for name in self.lately if self.may_be(name, word)]
        surer = [name for name in self.people if usual_pronoun(name) == _gender(word)]
        told = self.person and (
            usual_pronoun(self.person) or self.pronoun.get(self.person.split()[-1])
        )
        if self.person and surer and not told:
            return _left(clause, match["word"], [*surer, self.person])
        if self.person and self.may_be(self.person, word) and set(may_be) <= {self.person}:
            self.pronoun[self.person.split()[-1]] = _gender(word)
            own = word == "his" or (word == "her" and not _OBJECT_HER.match(text[end:]))
            name = self.person + ("’s" if own else "")
            return _written(clause, start, end, name, self.person)
        candidates = may_be or [name for name in self.people if self.may_be(name, word)]
        return _left(clause, match["word"], candidates)

    def _names_somebody(self, text: str, lead: str) -> bool:
        """Whether a clause itself tells who is meant: in its opening phrase, or after it."""
        if not lead:
            return False
        words = set(_WORD.findall(text))
        named = any(not is_opener(word) for word in re.findall(r"[A-Z][\w-]+", lead))
        return named or bool(words & self.full.keys()) or bool(SOMEBODY.search(lead))

    def _thing(self, clause: Alone) -> Alone:
        """`It` and `its` that open a clause."""
        text = clause.text
        match = _THING_PRONOUN.match(text)
        if not match:
            return clause
        if match["word"].lower() in {"they", "their"}:
            return self._group(clause, match)
        word, following = match["word"].lower(), match["next"].lower().replace("'", "’")
        if word == "it" and not has_verb(match["next"]):
            return clause
        if word == "it" and following in _EXPLETIVE:
            after = (match["after"] or "").lower()
            owns = following in {"has", "had"} and after not in {"been", "become", "long"}
            if not owns and not (
                following in {"is", "was"} and (after in _OF_A_THING or after[:1].isdigit())
            ):
                return clause
        if len(self.things) == 1 and self.things[0] not in text:
            name = (
                self.things[0] if self.things[0][:1].islower() else self.cast.spoken(self.things[0])
            )
            span = match.span("word")
            if span[0] == 0:
                name = name[:1].upper() + name[1:]
            return _written(clause, *span, name + ("’s" if word == "its" else ""), self.things[0])
        return _left(clause, match["word"], self.things if len(self.things) > 1 else [])

    def _group(self, clause: Alone, match: re.Match[str]) -> Alone:
        """`They` and `their` that open a clause: the plural subject of the sentence before."""
        word = match["word"]
        if not self.group:
            return _left(clause, word, [])
        start, end = match.span("word")
        name = self.group[:1].upper() + self.group[1:] if start == 0 else self.group
        own = ("’" if name.endswith("s") else "’s") if word.lower() == "their" else ""
        return _written(clause, start, end, name + own, self.group)

    def _bodies(self, clause: Alone) -> Alone:
        """`The company`, `the council`: a common noun for a body named before."""
        text = clause.text
        match = _DEFINITE.search(shielded(text))
        if not match:
            return clause
        noun = match["noun"]
        capitals = {word for word in _WORD.findall(text[: match.start()]) if word[0].isupper()}
        if any(not is_opener(word) for word in capitals - self.full.keys()):
            return clause  # `Skarra bought the line from the company`: the clause names another
        following = re.match(r"\s+([a-z]\w*)", text[match.end() :])
        if following and not (has_verb(following[1]) or PREPOSITION.search(following[1])):
            return clause  # `the hospital spokesman`
        named = self.cast.bodies(noun, self.place)
        if len(named) > 1:
            return _left(clause, match[0].removesuffix("’s"), named)
        if not named:
            return _left(clause, match[0].removesuffix("’s"), []) if noun in COMMON else clause
        if named[0] in text:
            return clause
        name = self.cast.spoken(named[0]) + ("’s" if match["own"] else "")
        if match.start() == 0:
            name = name[:1].upper() + name[1:]
        return _written(clause, *match.span(), name, named[0])

    def _clause_before(self, clause: Alone) -> Alone:
        """`That is …`, `This rise …`, `Costs did not.`: they stand on the clause before."""
        text, before = clause.text, self.before
        match = _DEMONSTRATIVE.match(text)
        if match and not match["noun"] and not quantities(text):
            return clause
        match = match or _ELLIPSIS.match(text)
        if not match or not before or len(before) > _LONGEST_BEFORE:
            return clause
        told = before.rstrip(" .!")
        return _written(clause, match.end(), match.end(), f" [{told}]", told)

    def _period(self, clause: Alone) -> Alone:
        """`in the same quarter`, `that year`."""
        match = _SAME_PERIOD.search(shielded(clause.text))
        if not match or match["unit"] not in self.periods:
            return clause
        told = self.periods[match["unit"]]
        return _written(clause, match.end(), match.end(), f" ({told})", told)


def _gender(pronoun: str) -> str:
    return "he" if pronoun.lower() in {"he", "his", "him"} else "she"


def _written(clause: Alone, start: int, end: int, words: str, told: str) -> Alone:
    text = clause.text[:start] + words + clause.text[end:]
    return Alone(text, [*clause.added, told], clause.unclear)


def _left(clause: Alone, word: str, candidates: list[str]) -> Alone:
    """The clause as it is, with the sentence that tells between whom or what it leaves open."""
    if len(candidates) > 1:
        told = f"“{word}” may be {', '.join(candidates[:-1])} or {candidates[-1]}."
    elif candidates:
        told = f"“{word}” may be {candidates[0]}; the article does not say so plainly."
    else:
        told = f"Who or what “{word}” is, is not plain from the sentences before."
    return Alone(clause.text, clause.added, [*clause.unclear, told])
