"""Sentences as the rewriting rules see them, and the small edits that all of them share."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from agent.types import Verdict
from tools.text.words import is_function_word
from tools.training.pairs import SUPPORTED

MIN_WORDS, MAX_WORDS = 6, 38
"""Length of a sentence that becomes a claim."""


@dataclass(frozen=True)
class Rewrite:
    """A sentence said otherwise.

    Attributes:
        kind: the rule (`rounded`).
        claim: the new sentence.
        label: what the sentence it came from says of it.
        told: the sentence as the passage is to have it; None for the original.
    """

    kind: str
    claim: str
    label: Verdict = SUPPORTED
    told: str | None = None


Rule = Callable[[str, random.Random], Iterator[Rewrite]]
"""From a sentence to rewrites of it."""

# Treebank tokens and brackets as some public sets write them.
_TOKENS = [
    (re.compile(r"-LRB-|-LSB-"), "("),
    (re.compile(r"-RRB-|-RSB-"), ")"),
    (re.compile(r"``\s*|\s*''"), '"'),
    (re.compile(r"\s*--\s*"), " – "),
    (re.compile(r"(?<=\S) (?=(?:['’](?:s|re|ve|ll|d|m)|n['’]t)\b)"), ""),
    (re.compile(r"(?<=s) (?=['’] )"), ""),
    (re.compile(r" +(?=[,;:?!%)\]]|\.(?!\d))"), ""),
    (re.compile(r"(?<=\d): (?=\d\d\b)"), ":"),
    (re.compile(r"(?<=[(\[]) +"), ""),
    (re.compile(r"(?<=[$£€]) +(?=\d)"), ""),
    # How a name is spoken, and what a lost one leaves.
    (re.compile(r" ?\([^()]*[ˈːəɪʊɛæɑɔʃʒθðŋᵻɡ][^()]*\)"), ""),
    (re.compile(r"\([,; ]+"), "("),
    (re.compile(r" ?\( ?\)"), ""),
    (re.compile(r"[ \t\u00a0]+"), " "),
]
_SPACED_QUOTE = re.compile(r'(?<!\S)" ([^"]{1,200}?) "(?!\w)')


def tidy(text: str) -> str:
    """The text with treebank tokens set as people write them; line breaks stay.

    Texts that are already set so come out as they went in, save for runs of blanks.
    """
    for pattern, replacement in _TOKENS:
        text = pattern.sub(replacement, text)
    text = _SPACED_QUOTE.sub(r'"\1"', text)
    return text.strip()


_OPENS_BADLY = re.compile(
    r"(?:and|but|so|or|nor|yet|this|that|these|those|he|she|it|they|his|her|its|their|him|them|"
    r"here|there|then|such|both|another|also|however|instead|therefore|thus|otherwise|"
    r"moreover|furthermore|meanwhile|nevertheless|nonetheless|similarly|likewise|i|we|you|my|our|"
    r"your|us|who|what|why|how|where|which|whether|one|others|some of (?:these|those|them)|"
    r"(?:the )?(?:former|latter)|most of (?:these|those|them)|additionally|according to him|"
    r"(?:file )?(?:photo|image|picture|caption)\b|"
    r"(?:click|read|see|more|update|updated|photo|image|video|source|via|story|watch|related|"
    r"advertisement|share|follow)\b(?=:| here)|please|yes|no|ok|well|oh|hi|hello)\b",
    re.I,
)
_FIRST_PERSON = re.compile(r"\b(?:I|we|my|our|us|me|you|your|I['’]\w+|we['’]\w+|you['’]\w+)\b")
_MARKUP = re.compile(
    r"https?:|www\.|[ˈːəɪʊɛæɑɔʃʒθðŋᵻ@{}|<>_*#=\\]|…|\.\.\.|&\w+;|\uf0b7|•|►|»|\[|\]"
)
_BOILERPLATE = re.compile(
    r"contributed to this report|[Aa]ll rights reserved|may not be (?:published|reproduced)|"
    r"[Tt]erms of (?:use|service)|[Ss]ign up|[Ss]ubscribe|[Nn]ewsletter|[Cc]opyright"
)
HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|do|did|"
    r"said|says|[a-z]{3,}ed|began|became|wrote|won|lost|took|made|gave|got|went|came|held|found|"
    r"told|left|led|sold|bought|built|ran|rose|fell|kept|met|paid|sent|set|put|saw|spent|"
    r"[a-z]{3,}[^s']s)\b"
)
QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]|(?<!\w)[‘'][^‘’']{2,}[’'](?!\w)")
NEGATED = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unless|deny|denied|denies|"
    r"refused|rejected|failed|false|untrue|unable|hardly|barely|rarely|seldom|few|little|only|"
    r"except|if|whether|hoax|fake|debunked)\b|n[’']t\b",
    re.I,
)
"""Words under which a weaker sentence is not implied by a stronger one."""


def is_claimable(sentence: str) -> bool:
    """Whether a sentence can be a claim: whole, of fair length, and of a subject that it names."""
    words = sentence.split()
    return (
        MIN_WORDS <= len(words) <= MAX_WORDS
        and sentence[0].isupper()
        and sentence[-1] in '."”'
        and not sentence.endswith(("Mr.", "Dr.", "St.", "Gen.", "Adm.", "Ste.", "Sen.", "Rep."))
        and sentence.count('"') % 2 == 0
        and sentence.count("“") == sentence.count("”")
        and sentence.count("(") == sentence.count(")")
        and not _OPENS_BADLY.match(sentence)
        and not _FIRST_PERSON.search(QUOTED.sub("", sentence))
        and not _MARKUP.search(sentence)
        and not _BOILERPLATE.search(sentence)
        and bool(HAS_VERB.search(sentence))
        and sum(word[0].isupper() for word in words) < 0.6 * len(words)
        and sentence.isprintable()
    )


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


_NAME_LIKE = re.compile(r"[A-Z][\w.’'-]*(?:\s+[A-Z]|['’]s\b)|[A-Z]{2,}|[A-Z]\w*[A-Z]|I\b")
_COMMON_OPENERS = frozenset(
    "the a an in on at by for from to of with after before when while although though because "
    "since as if during until under over more most many some several all two three four five six "
    "seven eight nine ten both each every another other its his her their it he she they this "
    "that these those there early late last next about around nearly almost at police officials "
    "people children women men staff despite residents "
    "researchers scientists critics experts doctors".split()
)


def lowered(clause: str) -> str:
    """A clause as it goes on inside a sentence: a common word that opened it in lower case."""
    first = clause.split(maxsplit=1)[0].strip(",") if clause else ""
    common = first.lower() in _COMMON_OPENERS or is_function_word(first)
    if common and not _NAME_LIKE.match(clause):
        return clause[0].lower() + clause[1:]
    if first in {"The", "A", "An", "In", "On", "At"}:
        return clause[0].lower() + clause[1:]
    return clause


def replaced(text: str, start: int, end: int, new: str) -> str:
    """The text with a span of it replaced; a new beginning takes a capital."""
    result = text[:start] + new + text[end:]
    result = re.sub(r" {2,}", " ", result).strip()
    return re.sub(r" (?=[,;]|\.(?!\d))", "", capitalised(result) if start == 0 else result)


def is_quoted(text: str, start: int) -> bool:
    """Whether an offset lies inside a quotation of the text."""
    return any(match.start() < start < match.end() for match in QUOTED.finditer(text))


def body(sentence: str) -> str:
    """The sentence without the stop at its end."""
    return sentence[:-1].rstrip() if sentence.endswith(".") else sentence
