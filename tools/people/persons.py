"""Names of people and bodies in a text: which there are, and which are one.

Read from capital letters and prepositions alone, for English text; a model of names would know
more and be right more often, but not say why.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tools.text.quotes import quotations
from tools.text.sentences import sentence_spans
from tools.text.words import WORD, is_calendar_word, is_function_word, is_opener, stem

TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Judge|Justice|President|Minister|"
    r"Senator|Governor|Mayor|Captain|Colonel|General|Father|Sister|Bishop|King|Queen|Prince|"
    r"Princess|Chancellor|Inspector|Sergeant|Councillor|Deputy|Chief|Former|Coach|St)"
)
TITLES = re.compile(rf"^(?:{TITLE}\.?\s+)+")
NAME_WORD = r"(?:[A-ZÀ-ÖØ-Þ]\.|[A-ZÀ-ÖØ-Þ][\w-]*(?:[’'](?!s\b)\w+)?)"
NAME = re.compile(
    rf"(?<![\w’'])(?:{TITLE}\.?\s+)?{NAME_WORD}"
    rf"(?:\s+(?:(?:de|del|da|di|du|van|von|der|den|la|le|al|bin|ibn|af|av)\s+)*{NAME_WORD}){{0,7}}"
)
_GOVERNS = re.compile(
    r"\b(?:of|at|in|on|to|into|for|from|by|with|without|against|about|near|over|under|after|before|"
    r"during|since|between|behind|beside|outside|inside|through|around|towards?|above|below|"
    r"than|like|as|via|per)\s+(?:(?:the|an?|his|her|their|its|this|that|former|late|then)\s+)*"
    r"(?:[a-z][\w-]*\s+){0,1}$"
)
_PLACES = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Oo]n|[Nn]ear|[Ff]rom|[Tt]hrough|[Aa]bove|[Bb]elow|[Oo]utside|[Ii]nside|"
    r"[Aa]round|[Oo]ver|[Uu]nder|[Bb]etween|[Bb]eyond)\s+(?:the\s+)?$"
)
SENTENCE_END = re.compile(
    r"(?<!\bMr)(?<!\bDr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\b[A-Z])[.!?]+[”\"’']?(?=\s|$)|\n"
)
_NEAR_WORDS = 5
"""Words between a name and an office for the text to name them together."""
_PHRASE = 100
"""Characters before a name in which what governs it is looked for."""


def is_full(name: str, context: str) -> bool:
    """Whether a name has two words, here or where the context gives it in full."""
    if len(name_parts(name)) > 1:
        return True
    wanted = set(name_parts(name))
    return any(len(name_parts(n)) > 1 and wanted <= set(name_parts(n)) for n in people(context))


def same_name(first: str, second: str) -> bool:
    """Whether two names may be one: the same surname and no other first name, or one in all."""
    left, right = name_parts(first), name_parts(second)
    if not left or not right:
        return False
    if set(left) <= set(right) or set(right) <= set(left):
        return True
    if left[-1] != right[-1] or len(left) < 2 or len(right) < 2:
        return False
    return left[0][0] == right[0][0] and 1 in (len(left[0]), len(right[0]))


def stands_for(person: str, body: str, text: str) -> bool:
    """Whether the text names a person in one breath with a body: `Roe, director of Skarra`."""
    surname = re.escape(person.split()[-1])
    name = re.escape(body)
    link = r"[^.!?;“”\"\n]{0,60}?\b(?:of|for|at|who (?:heads|leads|runs|chairs|founded)|founder)\b"
    return bool(
        re.search(rf"\b{surname}{link}[^.!?;“”\"\n]{{0,30}}?{name}", text)
        or re.search(rf"\b{name}[’']s [^.!?;“”\"\n]{{0,40}}?\b{surname}\b", text)
        or re.search(
            rf"\b(?:spokes\w+|director|head|chief|chair\w*|founder|lawyer|owner|president) "
            rf"(?:of|for|at) (?:the )?{name}[^.!?;“”\"\n]{{0,20}}?\b{surname}\b",
            text,
        )
    )


def distance(name: str, nouns: frozenset[str], text: str) -> int | None:
    """Words between a person and an office where the text names both together, the fewest.

    Args:
        name: of the person; the last word of it is looked for.
        nouns: stems of the office.
        text: the text.

    Returns:
        None where they stand nowhere within `_NEAR_WORDS`, or only with another name between.
    """
    surname, own = name.split()[-1].lower(), set(name_parts(name))
    best: int | None = None
    for start, end in sentences(text):
        words = list(WORD.finditer(text, start, end))
        plain = [re.sub(r"[’']s$", "", word[0].lower()) for word in words]
        places = [i for i, word in enumerate(plain) if word == surname]
        for j, word in enumerate(plain):
            if not places or stem(word) not in nouns:
                continue
            for i in places:
                low, high = min(i, j), max(i, j)
                strangers = any(
                    w[0][0].isupper() and not own & set(name_parts(w[0]))
                    for w in words[low + 1 : high]
                    if j < i
                )
                parted = re.search(r"[“”\"]", text[words[low].end() : words[high].start()])
                near = high - low <= _NEAR_WORDS and not strangers and not parted
                if near and (best is None or high - low < best):
                    best = high - low
    return best


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(text))


@lru_cache(maxsize=256)
def people(text: str, *, governed: bool = False) -> tuple[str, ...]:
    """The names in a text, outside quotations, that may be of persons, in order.

    Args:
        text: the text.
        governed: whether names after a preposition count, which are seldom who acts.
    """
    text = without_quotations(text)
    found = []
    for match in names_in(text):
        words = match[0].split()
        if (len(words) > 1 or re.match(TITLE, match[0])) and (
            not is_governed(text, match) or (governed and not _placed(text, match))
        ):
            found.append(TITLES.sub("", match[0]))
        elif len(words) == 1 and any(words[0] in name.split() for name in found):
            found.append(next(name for name in found if words[0] in name.split()))
    return tuple(name for name in found if name)


def without_quotations(text: str) -> str:
    """The text with blanks for its quotations."""
    kept, last = [], 0
    for quotation in sorted(quotations(text, min_words=1), key=lambda q: q.start):
        start = max(quotation.start, last)
        if quotation.end > last:
            kept += [text[last:start], " " * (quotation.end - start)]
            last = quotation.end
    return "".join([*kept, text[last:]])


def names_in(text: str) -> list[re.Match[str]]:
    """The capitalised runs of words in a text that are names, without what only opens it."""
    found = []
    position = 0
    while match := NAME.search(text, position):
        position = match.end()
        words = match[0].split()
        before = text[max(0, match.start() - _PHRASE) : match.start()].rstrip(" “\"‘'(")
        opens = not before or before[-1] in ".!?:\n"
        idle = is_opener(words[0]) if opens else is_calendar_word(words[0])
        idle = idle or (opens and words[0] in {"Q.", "A."})  # question and answer
        if idle and not re.match(TITLE, match[0]):
            # The first word only opens the sentence: look at what follows it.
            if len(words) > 1:
                position = match.start() + len(words[0])
            continue
        if re.match(r"[’'](?:s\b|\s)", text[match.end() : match.end() + 2]):
            continue  # Skarra's director is not Skarra
        found.append(match)
    return found


def is_governed(text: str, match: re.Match[str]) -> bool:
    lead = text[max(0, match.start() - _PHRASE) : match.start()]
    opening = max((m.end() for m in SENTENCE_END.finditer(lead)), default=0)
    lead = lead[opening:].lstrip()
    return bool(_GOVERNS.search(lead[:1].lower() + lead[1:]))


def _placed(text: str, match: re.Match[str]) -> bool:
    """Whether a name follows a preposition of place: `in Weir Street`."""
    return bool(_PLACES.search(text, max(0, match.start() - _PHRASE), match.start()))


def name_parts(name: str) -> list[str]:
    """The words of a name that tell people apart, in lower case."""
    plain = TITLES.sub("", re.sub(r"[’']s\b", "", name)).lower()
    return [w for w in re.findall(r"[^\W_]+(?:[’'-][^\W_]+)*", plain) if not is_function_word(w)]
