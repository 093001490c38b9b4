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
