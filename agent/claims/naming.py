"""What the capitals of an article tell of its names: bodies, places, and words that are none."""

from __future__ import annotations

import re

ORGANISATION = re.compile(
    r"\b(?:Inc|Corp|Ltd|plc|GmbH|AG|Company|Council|University|Ministry|Agency|Authority|Bank|Group|"
    r"Line|Lines|Ferries|Airways|Railway|Union|Party|Committee|Commission|Institute|Club|Shipyard|"
    r"Platforms|Holdings|Airlines|Motors|Press|Times|Post|Gazette|Review|Watch|School|Hospital|"
    r"College|Museum|Society|Association|Federation|Foundation|Court|Department|Office|Board|"
    r"Services|Industries|Technologies|Systems|Energy|Insurance|Laboratories|Court)\b"
)
PLACE = re.compile(
    r"^(?:New|North|South|East|West|Saint|San|Los|Las|Port|Lake|Mount|United|Great|Cape|Fort|Upper|"
    r"Lower|Old|Santa|Gull)\b|\b(?:River|Street|City|Islands?|County|Park|Road|Square|Bay|Hall|Bridge|"
    r"States|Kingdom|Republic|Lane|Avenue|Valley|Sea|Ocean|Airport|Station|Point|Viaduct|"
    r"Baths|House)$"
)


def proper_words(text: str) -> frozenset[str]:
    """The words of a text that are capitalised after a word in lower case."""
    return frozenset(_INNER_CAPITAL.findall(text))


def place_words(text: str) -> frozenset[str]:
    """Capitalised words that something is in, at or near."""
    return frozenset(_PLACED.findall(text))


_PLACED = re.compile(r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Oo]utside)\s(?:[A-Z][\w-]*\s)*([A-Z][\w-]*\w)")
_INNER_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][\w-]*\w")


_SHE = frozenset(
    "alice amy ann anne barbara betty carol caroline catherine charlotte christine claire deborah "
    "diane dorothy elizabeth ellen emily emma evelyn frances grace hannah helen hillary jane "
    "janet jennifer jessica joan joyce judith judy julie karen kate katherine kathleen kelly kim "
    "kimberly laura lisa lucy margaret marie marilyn mary megan michelle nancy nicole rachel rose "
    "ruth sally sarah sharon shirley stephanie sue susan theresa tracy victoria virginia".split()
)
_HE = frozenset(
    "aaron adam alan albert alexander andrew anthony arthur barack benjamin bill bob boris brian "
    "bruce carl charles christopher daniel david dennis donald douglas edward eric frank fred gary "
    "george gerald gregory harold harry henry jack jacob james jason jeffrey jeremy jerry jim joe "
    "john jonathan joseph joshua keith kenneth kevin larry lawrence luca luke mark martin matthew "
    "michael mike nicholas nigel oliver patrick paul peter philip phillip ralph raymond richard "
    "robert roger ronald roy ryan samuel scott sean simon stephen steve steven thomas tim timothy "
    "tom tomas tony vladimir walter wayne william".split()
)


def usual_pronoun(person: str) -> str | None:
    """`he` or `she` by a common first name, to rule an antecedent out; None for most names.

    Names in -a are mostly of women. Nobody is taken for somebody because of this.
    """
    first = person.split()[0].lower()
    if first in _HE:
        return "he"
    return "she" if first in _SHE or first.endswith("a") else None
