"""Splits an article into claims by rules: offline, at once, the same every time.

A claim is a sentence, or a clause of it that could be true while the rest is false; a
clause keeps its figures. What a reader would have to look up (who `he` is, which day
`Tuesday` was) is written into the claim's text and listed in `context_added`. Where
the rules do not know, they change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from agent.claims import Split, excluded, finish
from agent.claims.exclusions import Reason, has_verb, is_vague, why_excluded
from agent.types import Article, Claim, ClaimKind, Excluded
from tools.dates import parse_day, resolve
from tools.quantities import quantities
from tools.quotes import quotations
from tools.sentences import paragraph_spans, sentence_spans
from tools.spinning import is_spun, plain_reading
from tools.words import WORD

# A clause boundary: what stands between two statements that hold or fall alone.
_BOUNDARY = re.compile(
    r"\s*(?:;|,\s*(?:while|whereas|but|and)\b|\s[—–-]+\s*(?:while|whereas|but|and)\b|\s(?:while|whereas)\b)\s+"
)
_LEAD_IN = re.compile(
    r"^(?:meanwhile|however|moreover|furthermore|even so|in addition|also|still|indeed|"
    r"nevertheless|nonetheless|and|but|even|yet|so|in fact|besides|by contrast|as a result)\b,?\s+",
    re.I,
)
_SUBJECT_FIRST = re.compile(
    r"^(?:even\s+|also\s+|only\s+)?(?:the|a|an|its|their|his|her|he|she|it|they|this|that|these|those|some|all|"
    r"many|most|no|net|nett|revenue|sales|profit|costs?|\d|[A-Z€$£“\"])",
)
_TITLE = (
    r"(?:[Mm]ayor|[Pp]resident|[Cc]hancellor|[Pp]rime [Mm]inister|[Mm]inister|[Ss]enator|[Cc]ouncillor|"
    r"[Jj]udge|[Pp]rofessor|[Gg]overnor|[Ss]ecretary|[Dd]irector|[Cc]hair(?:man|woman)?|CEO|CFO|COO|CTO|"
    r"[Cc]hief [Ee]xecutive|[Oo]pposition leader,?|[Ff]inance director|[Ss]pokes(?:man|woman|person)|"
    r"Dr\.?|Mr\.?|Mrs\.?|Ms\.?|Sir|Harbourmaster)"
)
_NAME = (
    r"[A-ZÀ-Þ][\w’'-]*\w(?:\s(?:(?:de|van|von|der|la|of|bin|al)\s){0,2}[A-ZÀ-Þ][\w’'.-]*\w){0,5}"
)
_TITLED = re.compile(rf"\b{_TITLE}\s+({_NAME})")
_SPEAKS = re.compile(
    r"\b(?:said|says|told|added|argued|claimed|noted|expects?|expected|predicts?|predicted|"
    r"announced|warned|believes?|plans?|stated|explained|insisted|denied|emphasi[sz]ed|"
    r"highlighted|mentioned|commended|praised|hopes?|promised|vowed|lauds?|wrote)\b"
)
_MENTION = re.compile(_NAME)
_ORGANISATION = re.compile(
    r"\b(?:Inc|Corp|Ltd|plc|GmbH|AG|Company|Council|University|Ministry|Agency|Authority|Bank|Group|"
    r"Line|Lines|Ferries|Airways|Railway|Union|Party|Committee|Commission|Institute|Club|Shipyard|"
    r"Platforms|Holdings|Airlines|Motors|Press|Times|Post|Gazette|Review|Watch|School|Hospital)\b"
)
_PERSON_PRONOUN = re.compile(r"^(He|She)\b(?!’)|^(His|Her)\b")
_THING_PRONOUN = re.compile(r"^(Its)\b|\b([Tt]he (?:company|firm|operator|carrier))(’s|'s)?\b")
_FORECAST = re.compile(
    r"\b(?:will|expects?|expected to|predicts?|predicted|forecasts?|plans? to|is due to|are due to|"
    r"is set to|set to|is to|are to|gearing up to|aims? to|intends? to|going to)\b"
)
_ATTRIBUTION = re.compile(
    rf"\baccording to ({_NAME})|({_NAME}) {_SPEAKS.pattern}|\b(?:said|says) ({_NAME})"
)
_NOT_NAMES = frozenset(
    "The A An In On At It He She They We I You His Her Its Their This That These Those But And Or So "
    "As If When While During After Before Between Even Not No Nobody Everyone Perhaps Meanwhile Two "
    "One Three Four Five Six Building Construction Extending Revenue Quiet Moments Nearly What Where "
    "Who How Why Will To For From With By Of Most Many Some All Both There Here Then Now Monday "
    "Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July "
    "August September October November December Every Each Fewer More Less Thirty Only Also Still "
    "Reading Published Anticipating Shareholders Residents Trading Investors Officials".split()
)


@dataclass
class _Discourse:
    """Who was mentioned last, for resolving pronouns.

    Attributes:
        person, thing: the person and the organisation; None where it is not clear which.
        full: full names by surname.
        pronoun: `he` or `she` by surname, as far as a title or the text told.
    """

    person: str | None = None
    thing: str | None = None
    full: dict[str, str] = field(default_factory=dict)
    pronoun: dict[str, str] = field(default_factory=dict)

    def read(self, sentence: str) -> None:
        """Takes in who and what a sentence mentions.

        Of several people the one who opens the sentence is taken, else nobody: a wrong
        antecedent is worse than none.
        """
        people: list[tuple[int, int, str | None]] = []  # span of the mention, and who it is
        for match in _TITLED.finditer(sentence):
            people.append((*match.span(), self._known_as(match[1])))
            for pronoun, titles in _TITLE_PRONOUNS.items():
                if titles.match(match[0]):
                    self.pronoun[match[1].split()[-1]] = pronoun
        first_thing = None
        for match in _MENTION.finditer(sentence):
            words = match[0].split()
            while words and words[0] in _NOT_NAMES:
                words.pop(0)
            name = re.sub(r"(?:’s|'s)$", "", " ".join(words))
            if len(name) < 3 or re.match(_TITLE, name):
                continue
            known = name.split()[-1] in self.full
            verb = _SPEAKS.match(sentence[match.end() :].lstrip())
            organisation = _ORGANISATION.search(name)
            if known or (verb and not organisation and len(name.split()) == 2):
                people.append((*match.span(), self._known_as(name)))
            elif organisation or (len(name.split()) == 1 and _acts(match, sentence)):
                first_thing = first_thing or name
            elif len(name.split()) == 2 and _acts(match, sentence):
                people.append((*match.span(), None))  # somebody, or a place: not to be told
        if first_thing:
            self.thing = first_thing
        if people:
            start, end, person = min(people, key=lambda mention: mention[0])
            others = [place for place, _, name in people if name != person]
            subject = start <= _OPENING and not any(
                sentence[end:place].strip(" ,") == "and" for place in others
            )
            self.person = person if not others or subject else None

    def _known_as(self, name: str) -> str:
        """The fullest form of a name so far."""
        name = re.sub(r"(?:’s|'s)$", "", name)
        surname = name.split()[-1]
        full = self.full.get(surname, name)
        self.full[surname] = name if len(name.split()) > len(full.split()) else full
        return self.full[surname]

    def may_be(self, pronoun: str) -> bool:
        """Whether the person mentioned last may be `he` or `she`; remembers which it was."""
        if self.person is None:
            return False
        gender = "he" if pronoun.lower() in ("he", "his") else "she"
        return self.pronoun.setdefault(self.person.split()[-1], gender) == gender


_OPENING = 20
"""Characters before the name that opens a sentence: `Opposition leader Tomas Reyk …`."""
_TITLE_PRONOUNS = {
    "he": re.compile(r"Mr\b|Sir\b|\w+man\b"),
    "she": re.compile(r"Mrs\b|Ms\b|\w+woman\b"),
}


def _acts(name: re.Match[str], sentence: str) -> bool:
    """Whether a name owns or does something: `Meta’s apps`, `Meta is`; not `American ideas`."""
    following = re.match(r"\s+(\w+)", sentence[name.end() :])
    return name[0].endswith(("’s", "'s")) or bool(following and has_verb(following[1]))


class RuleSplitter:
    """The splitter that needs no model."""

    async def split(self, article: Article, on_done: Callable[[int, int], None]) -> Split:
        """Splits `article`; never fails."""
        spun = is_spun(article.text)
        discourse = _Discourse()
        claims: list[Claim] = []
        left_out: list[Excluded] = []
        paragraphs = paragraph_spans(article.text)
        sentences = sentence_spans(article.text, article.language)
        previous: Reason | None = None
        paragraph = 0
        for done, (start, end) in enumerate(sentences, 1):
            while paragraphs[paragraph][1] <= start:
                paragraph, previous = paragraph + 1, None
            alone = paragraphs[paragraph] == (start, end)
            previous = why_excluded(article, start, end, alone=alone, after=previous)
            if previous:
                left_out.append(excluded(article, start, end, previous.reason, previous.detail))
                if previous.reason != "boilerplate":  # it may name who `she` is next
                    discourse.read(_reading(article.text[start:end], spun))
            else:
                for clause_start, clause_end in clauses(article.text, start, end):
                    if is_vague(article.text[clause_start:clause_end]):
                        span = (clause_start, clause_end)
                        detail = "too vague to be checked"
                        left_out.append(excluded(article, *span, "not_checkable", detail))
                        continue
                    claims.append(_claim(article, clause_start, clause_end, discourse, spun))
                    discourse.read(_reading(article.text[clause_start:clause_end], spun))
            on_done(done, len(sentences))
        return finish(article, claims, left_out)


def clauses(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the clauses of a sentence that are statements of their own.

    A boundary counts when both sides have a verb and four words, the right side begins
    with a subject, and it lies in no quotation and no parenthesis.
    """
    sentence = text[start:end]
    quoted = [(q.start, q.end) for q in quotations(sentence)]
    cuts: list[tuple[int, int]] = []
    left_start = 0
    for match in _BOUNDARY.finditer(sentence):
        if any(a <= match.start() < b for a, b in quoted):
            continue
        left, right = sentence[left_start : match.start()], sentence[match.end() :]
        if left.count("(") != left.count(")"):
            continue
        long_enough = len(WORD.findall(left)) >= 4 and len(WORD.findall(right)) >= 4
        if not (long_enough and has_verb(left) and _SUBJECT_FIRST.match(right)):
            continue
        opening = " ".join(right.split()[:9])
        if not has_verb(opening) or (_SPEAKS.search(left) and re.search(r"\bthat\b", left)):
            continue  # "said that A and that B" stays one statement of its speaker
        cuts.append((match.start(), match.end()))
        left_start = match.end()
    bounds = [0, *(edge for cut in cuts for edge in cut), len(sentence)]
    return [(start + a, start + b) for a, b in zip(bounds[::2], bounds[1::2], strict=True)]


def _claim(article: Article, start: int, end: int, discourse: _Discourse, spun: bool) -> Claim:
    quote = article.text[start:end]
    text, context = _reading(quote, spun), []
    if text != quote:
        context.append("plain reading of machine-spun words")
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    text = _LEAD_IN.sub("", text)
    text = text[:1].upper() + text[1:]
    text, added = _with_antecedents(text, discourse)
    context += added
    written = parse_day(article.published_at)
    if written:
        for _, b, reading in reversed(resolve(text, written)):
            text = f"{text[:b]} ({reading})" + text[b:]
            context.append(reading)
    return Claim(
        id="c0",
        text=text,
        quote=quote,
        start=start,
        end=end,
        kind=_kind(text),
        speaker=_speaker(text, discourse),
        context_added=context,
    )


def _reading(quote: str, spun: bool) -> str:
    return plain_reading(quote, spun=True) if spun else quote


def _with_antecedents(text: str, discourse: _Discourse) -> tuple[str, list[str]]:
    """Writes out a pronoun that opens the text, or `the company`, if it is clear whose."""
    match = _PERSON_PRONOUN.match(text)
    if match and discourse.person and discourse.may_be(match[0]):
        name = discourse.person + ("’s" if match[2] else "")
        return name + text[match.end() :], [discourse.person]
    if (match := _THING_PRONOUN.search(text)) and discourse.thing and discourse.thing not in text:
        possessive = "’s" if match[1] or match[3] else ""
        return text[: match.start()] + discourse.thing + possessive + text[match.end() :], [
            discourse.thing
        ]
    return text, []


def _kind(text: str) -> ClaimKind:
    if quotations(text):
        return "quotation"
    if _FORECAST.search(text):
        return "forecast"
    return "quantity" if quantities(text) else "fact"


def _speaker(text: str, discourse: _Discourse) -> str | None:
    """Whom the sentence attributes its statement to."""
    outside = text
    for quotation in reversed(quotations(text)):
        outside = outside[: quotation.start] + " " + outside[quotation.end :]
    for match in _ATTRIBUTION.finditer(outside):
        name = next((group for group in match.groups() if group), "")
        words = [w for w in name.split() if w not in _NOT_NAMES]
        if words:
            titled = re.sub(rf"^{_TITLE}\s+", "", " ".join(words))
            return discourse.full.get(titled.split()[-1], titled) if titled else None
    return None
