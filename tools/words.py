"""Words as the other tools compare them: stems, content words, names, polarity."""

from __future__ import annotations

import re
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
_STEMMER = snowballstemmer.stemmer("english")
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
_NAME = re.compile(r"\b[A-Z][\w’'&.-]*[\w](?:\s+(?:of|de|van|von|der|la|al)?\s*[A-Z][\w’'&.-]*\w)*")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball (Porter2) stem of a lower-case English word."""
    result: str = _STEMMER.stemWord(word.lower().replace("’", "'").removesuffix("'s"))
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
    """Capitalised words of a text that are no sentence openers, as lower-case stems.

    A word that opens the sentence counts only when it also stands capitalised elsewhere
    or is followed by another capitalised word (`Skarra Line had …`).
    """
    found = set()
    for match in WORD.finditer(text):
        word = match[0]
        if not word[0].isupper() or len(word) < 2:
            continue
        before = text[: match.start()].rstrip(" \"'“‘(")
        opens = not before or before[-1] in ".!?:\n"
        following = re.match(r"\s+[A-Z]", text[match.end() :])
        if (opens and not following) or word.lower() in _STOP:
            continue
        found.add(stem(re.sub(r"[’']s$", "", word)))
    return frozenset(found)


def is_negated(text: str) -> bool:
    """Whether the text has an odd number of negating words."""
    return len(_NEGATION.findall(text)) % 2 == 1


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
