"""Names of people and bodies: their parts, their abbreviations, and whether two are of one.

Two names alone seldom prove that they are one person's, so that short forms are compatible at
best; `tools.people.aliases` knows what an article uses for whom.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from tools.numbers.agreement import Agreement
from tools.people.persons import TITLES

NameKind = Literal["person", "organisation", "name"]

LEGAL_FORMS = frozenset(
    "plc ltd limited inc incorporated corp corporation co company llc llp lp gmbh ag se sa sas "
    "sarl spa srl bv nv ab as asa oy oyj aps kg kgaa pty pte group holdings holding".split()
)
"""Last words of companies that change nothing about which company it is."""
BODY_WORDS = frozenset(
    "bank university college school academy institute ministry department bureau agency office "
    "council commission committee court parliament senate assembly congress party union federation "
    "association society foundation trust museum library hospital clinic church airport airways "
    "airlines airline line lines railways railway ferries shipping motors steel energy power water "
    "electric telecom media press times post herald gazette news police army navy guard service "
    "authority board fund insurance partners brothers sons industries works systems technologies "
    "laboratories pharma foods brewery club united city rovers orchestra theatre theater studios "
    "games store stores hotels alliance league organisation organization nations network exchange "
    "watch chamber".split()
)
"""Words that tell a body from a person wherever they stand in a name."""
_LINKS = frozenset("of the and for in & de la le du des del der von van den und et".split())
_WORDS = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*\.?|&")
_HONORIFIC = re.compile(r"^(?P<title>Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Lord|Lady)\b\.?")
_MALE, _FEMALE = frozenset({"Mr", "Sir", "Lord"}), frozenset({"Mrs", "Ms", "Miss", "Dame", "Lady"})


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Lower case without accents: `Müller` and `Muller` are one spelling."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def name_words(name: str) -> list[str]:
    """The words of a name without title, article, possessive and legal form, folded."""
    plain = TITLES.sub("", re.sub(r"[’']s?$|^[Tt]he\s+", "", name.strip()))
    words = [folded(word.rstrip(".")) for word in _WORDS.findall(plain)]
    words = [word for word in words if word not in _LINKS]
    while len(words) > 1 and words[-1].replace(".", "") in LEGAL_FORMS:
        words.pop()
    return words


def kind_of(name: str) -> NameKind:
    """Whether a name tells by itself that it is a person's or a body's."""
    if TITLES.match(name):
        return "person"
    words = [folded(word.rstrip(".")) for word in _WORDS.findall(name)]
    if len(words) > 1 and (words[-1].replace(".", "") in LEGAL_FORMS or BODY_WORDS & set(words)):
        return "organisation"
    return "organisation" if is_abbreviation(name) or "&" in words else "name"


def is_abbreviation(name: str) -> bool:
    """Whether a name is written in capitals as `IBM` or `U.N.` are."""
    plain = name.replace(".", "")
    return 2 <= len(plain) <= 6 and plain.isalnum() and plain.isupper() and plain[0].isalpha()


def initials(name: str) -> frozenset[str]:
    """What a name is shortened to by first letters, with and without its legal form and `of`."""
    words = [word for word in _WORDS.findall(re.sub(r"^[Tt]he\s+", "", name)) if word != "&"]
    long = [w for w in words if folded(w) not in _LINKS]
    short = [w for w in long if folded(w.rstrip(".")) not in LEGAL_FORMS]
    letters = ("".join(folded(w)[:1] for w in chosen) for chosen in (words, long, short))
    return frozenset(made for made in letters if len(made) > 1)


def abbreviates(short: str, name: str) -> bool:
    """Whether an abbreviation that a text puts beside a name fits it: `SKL` and `Skarra Line`.

    Its letters must stand in the name in order, the first as the first of a word, and the last
    word must give one of them.
    """
    letters = folded(short.replace(".", ""))
    if not 2 <= len(letters) <= 8 or letters in initials(name):
        return bool(letters) and letters in initials(name)
    words = [folded(w) for w in _WORDS.findall(name) if folded(w) not in _LINKS]
    if len(words) < 2 or words[0][:1] != letters[0] or words[-1][:1] not in letters[1:]:
        return False
    rest = iter("".join(words))
    return all(letter in rest for letter in letters)


def agreement(a: str, b: str) -> Agreement:
    """How two names stand to each other, without an article that tells more.

    Returns:
        `equal` for the same name but for title, article, accents and legal form. `compatible` for
        a short form, an abbreviation or another spelling. `different` for two names that one
        bearer would not have, as two first names of one surname. `not comparable` for a person
        and a body, and where one is no name.
    """
    left, right = name_words(a), name_words(b)
    if not left or not right:
        return Agreement("not comparable", f"{a!r} or {b!r} is no name.")
    both = f"{a} and {b}"
    if _sexes(a, b):
        return Agreement("different", f"{both} have titles of a man and of a woman.")
    if left == right:
        return Agreement("equal", f"{both} are the same name.")
    kinds = {kind_of(a), kind_of(b)}
    if kinds == {"person", "organisation"}:
        return Agreement("not comparable", f"{both}: one is a person, the other a body.")
    if any(_shortens(x, y) for x, y in ((a, b), (b, a))):
        return Agreement("compatible", f"{both}: one is made of the other’s first letters.")
    if set(left) <= set(right) or set(right) <= set(left):
        return Agreement("compatible", f"{both}: one is part of the other.")
    if left[-1] == right[-1] and all(_same_given(x, y) for x, y in zip(left, right, strict=False)):
        return Agreement("compatible", f"{both}: the surname is the same and the initials fit.")
    if len(left) == len(right):
        unlike = [(x, y) for x, y in zip(left, right, strict=True) if x != y]
        if len(unlike) == 1 and _nearly(*unlike[0]):
            return Agreement("compatible", f"{both} are spelled nearly alike.")
    if left[-1] == right[-1] and "organisation" not in kinds:
        return Agreement("different", f"{both} share a surname, but no first name.")
    return Agreement("different", f"{both} are different names.")


def _shortens(short: str, name: str) -> bool:
    return is_abbreviation(short) and folded(short.replace(".", "")) in initials(name)


def _same_given(a: str, b: str) -> bool:
    plain = a.rstrip("."), b.rstrip(".")
    return a == b or (plain[0][0] == plain[1][0] and 1 in (len(plain[0]), len(plain[1])))


def _nearly(a: str, b: str) -> bool:
    """Whether two words of at least five letters are one letter apart: `Tomas`, `Thomas`."""
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1:
        return False
    begin = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    rests = {
        (a[begin + 1 :], b[begin:]),
        (a[begin:], b[begin + 1 :]),
        (a[begin + 1 :], b[begin + 1 :]),
    }
    return any(x == y for x, y in rests)


def titled(name: str) -> str | None:
    """The honorific of a name without its full stop, or None."""
    match = _HONORIFIC.match(name)
    return match["title"] if match else None


def _sexes(a: str, b: str) -> bool:
    return clash(titled(a), titled(b))


def clash(a: str | None, b: str | None) -> bool:
    """Whether two honorifics cannot be one person's: `Mr` and `Mrs`."""
    return (a in _MALE and b in _FEMALE) or (a in _FEMALE and b in _MALE)
