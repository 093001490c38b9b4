"""Makes machine-spun texts: what article spinners do to a text that is not theirs.

    python -m tools.training.spinner --kind thesaurus --seed 3 < article.txt

The spinners imitated here know no context: a word is swapped for what a thesaurus has under it,
in whatever sense it stands. Some swap function words as well, once for all (`the` becomes `nan`
everywhere); translating to and fro leaves the words and moves the phrases. The results train and
measure `tools/text/spinning.py`; the thesaurus is ours (`spin_thesaurus.toml`).
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from tools.training.altered.verbs import PARTICIPLE, PAST, third_person

Kind = Literal["function words", "thesaurus", "both", "reordered"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Half = Literal["first", "second"]

_THESAURUS = Path(__file__).with_name("spin_thesaurus.toml")
_WORD = re.compile(r"[A-Za-z]+(?:[’'-][A-Za-z]+)*")
_PLURALS = {"child": "children", "person": "persons", "woman": "women", "life": "lives"}

# As one spinner in the wild has it.
SEEN_TABLE: Mapping[str, str] = {
    "the": "nan", "in": "successful", "on": "connected", "with": "pinch", "be": "beryllium",
    "as": "arsenic", "at": "astatine", "no": "nary", "much": "overmuch", "can": "tin",
    "about": "astir", "own": "ain", "out": "retired", "any": "immoderate", "new": "caller",
    "over": "complete", "have": "personification", "least": "slightest", "many": "galore",
    "little": "mini", "do": "execute", "back": "backmost", "million": "cardinal",
    "billion": "cardinal", "year": "twelvemonth", "company": "institution",
}  # fmt: skip
# What a table of wrong senses may have for a function word; a table takes one for each. The
# halves have no word in common.
_WRONG_SENSES: Mapping[Half, Mapping[str, str]] = {
    "first": {
        "the": "thorium thee",
        "in": "inch indiana inward",
        "on": "along onward",
        "of": "oxygen oftentimes",
        "to": "toward tungsten",
        "and": "addition plus",
        "a": "amp angstrom",
        "with": "withal companion",
        "for": "four favouring",
        "as": "equally every-bit",
        "at": "attack atop",
        "by": "aside bye",
        "was": "existed stood",
        "is": "exists equals",
        "that": "thence yon",
        "it": "information-technology thing",
        "had": "possessed owned",
        "from": "hence starting",
        "not": "nay nought",
    },
    "second": {
        "the": "tellurium teh",
        "in": "indium indoors",
        "on": "upward atop-of",
        "of": "belonging off-of",
        "to": "unto two",
        "and": "ampersand furthermore",
        "a": "vitamin-a ace",
        "with": "alongside united",
        "for": "pro forth",
        "as": "ace-in arse",
        "at": "adenine located",
        "by": "past via",
        "was": "personify lived",
        "is": "be-in persists",
        "that": "which-is whence",
        "it": "computer-science he-she",
        "had": "take-in held",
        "from": "originating out-of",
        "not": "knot non",
    },
}
_LEAST_WORDS = 4


def spin(
    text: str,
    kind: Kind,
    rng: random.Random,
    *,
    share: float = 0.8,
    half: Half | None = None,
    table: Mapping[str, str] | None = None,
) -> str:
    """The text as a spinner would give it back.

    Args:
        text: English prose.
        kind: what is done to it; `both` is function words and thesaurus.
        rng: what is chosen depends on it alone.
        share: how many of the words that the thesaurus has are swapped, 0..1: light spinning is
            about 0.3, heavy 0.8. Function words are swapped all or none, sentences moved alike.
        half: the half of the thesaurus and of the tables that is used; None for all. What is
            trained on one half is measured on the other.
        table: of function words; None for one that is drawn.
    """
    if kind in ("function words", "both"):
        text = substituted(text, table if table is not None else drawn_table(rng, half))
    if kind in ("thesaurus", "both"):
        text = reworded(text, rng, share, half)
    if kind == "reordered":
        text = reordered(text, rng)
        text = reworded(text, rng, share / 2, half)
    return text


def drawn_table(rng: random.Random, half: Half | None = None) -> dict[str, str]:
    """A table of function words, each with one wrong sense; some are spared, as in real ones."""
    drawn: Half = rng.choice(list(_WRONG_SENSES)) if half is None else half
    senses = _WRONG_SENSES[drawn]
    spared = rng.uniform(0.2, 0.6)
    return {
        word: rng.choice(wrong.split())
        for word, wrong in senses.items()
        if word == "the" or rng.random() > spared
    }


def substituted(text: str, table: Mapping[str, str]) -> str:
    """The text with every word of the table replaced, capitals kept."""
    return _WORD.sub(lambda m: _cased(table.get(m[0].lower(), m[0]), m[0]), text)


def reworded(text: str, rng: random.Random, share: float, half: Half | None = None) -> str:
    """The text with words swapped for synonyms; names, and what the thesaurus lacks, stay.

    A word is swapped for the same synonym throughout, as spinners do.
    """
    forms = _forms()
    chosen: dict[str, tuple[str, ...]] = {}

    def swapped(match: re.Match[str]) -> str:
        word = match[0].lower()
        entry = forms.get(word)
        opens = _opens(text, match.start())
        named = match[0][0].isupper() and not opens
        if entry is None or named or rng.random() >= share:
            return match[0]
        head, synonyms, inflect = entry
        if half is not None and half_of(head) != half:
            return match[0]
        kept = chosen.setdefault(head, (rng.choice(synonyms),))
        return _cased(inflect(kept[0]), match[0])

    return _WORD.sub(swapped, text)


def half_of(head: str) -> Half:
    """The half of the thesaurus an entry is in, by its head word."""
    return "first" if hashlib.sha256(head.encode()).digest()[0] % 2 else "second"


def inflected_synonyms() -> list[tuple[str, str]]:
    """Every form of every synonym, with the head word of its entry."""
    forms = _forms().values()
    return [(head, inflect(word)) for head, words, inflect in forms for word in words]


_CLAUSE = re.compile(
    r"^(?P<main>[A-Z][^,;:]{15,}?) (?P<rest>(?:because|when|after|while|although|since|before|"
    r"until|if|on|in|during|at|by) [^,;:]{8,})\.$"
)
_OF = re.compile(r"\bthe ([a-z]+) of (?:the )?([a-z]+)\b")
_PRENOMINAL = re.compile(r"\b(was|were|is|are|has|have|had) ([a-z]+ly|already|also|now|still)\b")
_SENTENCE = re.compile(r"[^.!?]+[.!?]")


def reordered(text: str, rng: random.Random) -> str:
    """The text as translating it to and fro may leave it: clauses first, genitives turned round."""
    return _SENTENCE.sub(lambda m: _moved(m[0], rng), text)


def _moved(sentence: str, rng: random.Random) -> str:
    lead = sentence[: len(sentence) - len(sentence.lstrip())]
    body = sentence.strip()
    if len(body.split()) < _LEAST_WORDS:
        return sentence
    body = _OF.sub(r"the \2 \1", body)
    body = _PRENOMINAL.sub(r"\2 \1", body)
    if (match := _CLAUSE.match(body)) and rng.random() < 0.8:
        rest, main = match["rest"], match["main"]
        if main.split()[0] in ("The", "A", "An", "It", "He", "She", "They", "In", "On", "There"):
            main = main[0].lower() + main[1:]
        body = f"{rest[0].upper()}{rest[1:]} {main}."
    return lead + body


Inflect = Callable[[str], str]


@cache
def _forms() -> dict[str, tuple[str, tuple[str, ...], Inflect]]:
    """From each inflected form to its head, the synonyms, and how a synonym is inflected.

    Where a form belongs to several parts of speech the noun's comes first, as with a spinner that
    cannot tell them apart.
    """
    forms: dict[str, tuple[str, tuple[str, ...], Inflect]] = {}
    with _THESAURUS.open("rb") as file:
        thesaurus = tomllib.load(file)
    for part, entries in thesaurus.items():
        for head, words in entries.items():
            synonyms = tuple(words.split())
            inflections: list[Inflect] = [str]
            if part == "nouns":
                inflections.append(_plural)
            elif part == "verbs":
                inflections += [third_person, _past, _participle, _gerund]
            for inflect in inflections:
                forms.setdefault(inflect(head), (head, synonyms, inflect))
    return forms


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _past(verb: str) -> str:
    return PAST.get(verb) or _ed(verb)


def _participle(verb: str) -> str:
    return PARTICIPLE.get(verb) or _ed(verb)


def _ed(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + ("d" if verb.endswith("e") else "ed")


def _gerund(verb: str) -> str:
    silent = verb.endswith("e") and not verb.endswith(("ee", "ye"))
    return (verb[:-1] if silent else verb) + "ing"


def _opens(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip(" \n“\"'‘(")
    return not before or before[-1] in ".!?:"


def _cased(word: str, like: str) -> str:
    return word[0].upper() + word[1:] if like[0].isupper() else word


def main() -> None:
    """Reads a text from standard input, writes it spun."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kind", choices=KINDS, default="both")
    parser.add_argument("--share", type=float, default=0.8, help="of the words, 0 to 1")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    text = sys.stdin.read()
    sys.stdout.write(spin(text, given.kind, random.Random(given.seed), share=given.share))


if __name__ == "__main__":
    main()
