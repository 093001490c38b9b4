"""Words as the other tools compare them: stems, content words, names, polarity."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
_STOP = frozenset(
    "a an the and or but if while whereas of in on at by for from to into onto with without about "
    "as than that this these those it its he him his she her hers they them their we us our you "
    "your i me my is are was were be been being am do does did done have has had having will would "
    "shall should can could may might must not no nor so such there here who whom whose which what "
    "when where why how all any both each few more most other some own same too very just also "
    "only then once up down out off over under again further said says say told according per "
    "between during before after above below through because until".split()
)


class _Own(threading.local):
    """A stemmer for each thread: it holds the word that it is at, and two would mix theirs."""

    def __init__(self) -> None:
        self.stemmer = snowballstemmer.stemmer("english")


_OWN = _Own()
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|against|denied|denies|deny|"
    r"refused|refuses|rejected|rejects|failed|fails|false|untrue|unable)\b|n[’']t\b",
    re.I,
)
_ANTONYMS = [
    ("for", "against"), ("profit", "loss"), ("rise", "fall"), ("rose", "fell"), ("up", "down"),
    ("increase", "decrease"), ("increased", "decreased"), ("more", "fewer"), ("higher", "lower"),
    ("open", "close"), ("opened", "closed"), ("approve", "reject"), ("approved", "rejected"),
    ("win", "lose"), ("won", "lost"), ("support", "oppose"), ("supported", "opposed"),
    ("before", "after"), ("first", "last"), ("accept", "refuse"), ("accepted", "refused"),
    ("gain", "loss"), ("growth", "decline"), ("guilty", "innocent"), ("north", "south"),
    ("east", "west"), ("alive", "dead"), ("buy", "sell"), ("bought", "sold"), ("male", "female"),
    ("hire", "dismiss"), ("cheaper", "dearer"), ("start", "end"), ("raise", "cut"),
    ("raised", "cut"), ("always", "never"), ("true", "false"), ("legal", "illegal"),
]  # fmt: skip
_CAPITAL_NEXT = re.compile(r"\s+[A-Z]")
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december".split()
)
# Words that open sentences of news and are no names, as far as their form does not tell.
_OPENERS = frozenset(
    "revenue profit turnover income debt cost price turnout traffic work crime wage salary output "
    "trade growth demand supply rent food oil gas water power fuel coal steel wheat rain snow "
    "wind storm fire half two three four five six seven eight nine ten eleven twelve twenty "
    "thirty forty fifty hundred every none less women men many much several nearly almost about "
    "around roughly least perhaps maybe however meanwhile still yet even also instead therefore "
    "thus although though since unlike like despite among within across along near late early "
    "last next first second third final net gross total average local national public private new "
    "old young big small large long short high low low-cost staff police everyone everybody "
    "nobody someone anyone nothing everything something never always often today yesterday "
    "tomorrow now soon later earlier again together apart except besides hello please thanks yes "
    "well news talk research data evidence critics experts trial study report survey poll law tax "
    "court council government parliament company firm bank mayor minister president chief".split()
)
_NO_NAMES = _STOP | _CALENDAR
_COMMON_FORM = re.compile(
    r"(?:[ts]ion|ment|ness|ity|ing|ism|ship|ance|ence|age|[^s]s|ed|ly|er|ure|ive|al|ous|ful|ists?)$"
)


def is_function_word(word: str) -> bool:
    """Whether a word carries grammar rather than meaning."""
    return word.lower() in _STOP


def is_calendar_word(word: str) -> bool:
    """Whether a word is a weekday or a month."""
    return word.lower() in _CALENDAR


def is_opener(word: str) -> bool:
    """Whether a capitalised word that opens a sentence tells no name: a function word, a day, a
    month, or a noun that often opens a sentence of news."""
    lower = word.lower()
    return lower in _NO_NAMES or lower in _OPENERS


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball (Porter2) stem of a lower-case English word."""
    result: str = _OWN.stemmer.stemWord(word.lower().replace("’", "'").removesuffix("'s"))
    return result


@lru_cache(maxsize=8192)
def content_stems(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; figures are kept as written."""
    words = (match[0].lower() for match in WORD.finditer(text))
    return frozenset(stem(word) for word in words if word not in _STOP)


def covered(claim: str, passage: str) -> float:
    """Share of the claim's content words that the passage has too, 0..1."""
    wanted = content_stems(claim)
    return len(wanted & content_stems(passage)) / len(wanted) if wanted else 0.0


@lru_cache(maxsize=8192)
def names(text: str) -> frozenset[str]:
    """The words of names in a text, as lower-case stems: its capitalised words.

    A word that opens a sentence is capitalised anyway. It counts when another capitalised
    word follows (`Skarra Line had …`), when its own letters tell (`DeepSeek`, `BBC`), or when
    it is neither a function word nor formed like a common noun (`Meta`; not `Revenue`).
    Weekdays and months are no names.
    """
    found = set()
    for match in WORD.finditer(text):
        word = match[0]
        if not word[0].isupper():
            continue
        word = word[:-2] if word.endswith(("’s", "'s")) else word
        if len(word) < 2 or word.lower() in _NO_NAMES:
            continue
        before = text[max(0, match.start() - 8) : match.start()].rstrip(" \"'“‘(")
        opens = not before or before[-1] in ".!?:\n"
        if (
            opens
            and not _CAPITAL_NEXT.match(text, match.end())
            and not any(letter.isupper() for letter in word[1:])
            and (word.lower() in _OPENERS or _COMMON_FORM.search(word))
        ):
            continue
        found.add(stem(word))
    return frozenset(found)


def is_negated(text: str) -> bool:
    """Whether the text has an odd number of negating words."""
    return len(_NEGATION.findall(text)) % 2 == 1


_DENIAL = re.compile(r"\b(?:not|never|no longer|cannot|no)\b|n[’']t\b", re.I)
_ALIKE = 0.6


def denies(claim: str, sentence: str) -> bool:
    """Whether two sentences of nearly the same words differ by a `not`.

    True where they share three fifths of all their content words and one has an odd number
    of denials more. On benchmark pairs this is no safe sign of a contradiction, but it rules
    out that one simply supports the other.
    """
    ours, theirs = content_stems(claim), content_stems(sentence)
    if len(ours & theirs) < _ALIKE * len(ours | theirs) or not ours:
        return False
    return (len(_DENIAL.findall(claim)) - len(_DENIAL.findall(sentence))) % 2 == 1


def antonyms(claim: str, passage: str) -> tuple[str, str] | None:
    """A word of the claim whose opposite the passage has, and the opposite, or None.

    Only where neither text has both: `rose before it fell` contrasts nothing.
    """
    left = {match[0].lower() for match in WORD.finditer(claim)}
    right = {match[0].lower() for match in WORD.finditer(passage)}
    for pair in _ANTONYMS:
        for ours, theirs in (pair, pair[::-1]):
            if ours in left and theirs in right and theirs not in left and ours not in right:
                return ours, theirs
    return None
