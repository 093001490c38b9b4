"""Verbs by what they say of each other: the same, the contrary, what two do together or in turn.

Verbs stand as stems; one with a colon counts only where the word behind it follows (`turned down`).
"""

from __future__ import annotations

_SIDES = (
    "convict/acquit clear",
    "approv pass adopt accept ratifi endors/reject veto refus declin turn:down vote:down",
    "hold stage play take:place go:ahead happen/cancel scrap abandon call:off",
    "uphold/overturn quash revers overrul strike:down",
    "confirm/deni",
    "surviv/die",
    "support/oppos",
    "legalis allow permit/ban outlaw forbid prohibit",
    "keep retain/abolish scrap",
    "stand:by/retract withdraw",
    "break:off/continu",
)
"""Verbs that say the one or the contrary of one thing."""
TOGETHER = frozenset(
    "meet marri date divorc play face fight join merg resembl equal match border touch cross "
    "intersect collid kiss hug embrac befriend draw tie rival contact share accompani talk debat "
    "becom remain follow preced includ mean involv repres form be have do".split()
)
"""What two do together, or are to each other."""
IN_TURN = frozenset(
    "critic criticis criticiz prais thank attack support back call visit blame mock insult love "
    "like hate know respect admir trust help threaten warn hit see watch hear answer ask tell "
    "phone write inspir influenc congratul accus su invit welcom".split()
)
"""What each of two may have done to the other."""
_Verb = tuple[str, str]


def _tables() -> tuple[dict[_Verb, set[_Verb]], dict[_Verb, set[_Verb]]]:
    same: dict[_Verb, set[_Verb]] = {}
    other: dict[_Verb, set[_Verb]] = {}
    for line in _SIDES:
        sides = [[_verb(word) for word in side.split()] for side in line.split("/")]
        for ours, theirs in (sides, sides[::-1]):
            for verb in ours:
                same.setdefault(verb, set()).update(v for v in ours if v != verb)
                other.setdefault(verb, set()).update(theirs)
    return same, other


def _verb(word: str) -> _Verb:
    base, _, follows = word.partition(":")
    return base, follows


_SAME, _OTHER = _tables()


def akin(base: str, follows: str) -> list[_Verb]:
    """Verbs that say the same of one matter, each with the word that has to follow it.

    Args:
        base: stem of a verb's base form.
        follows: the word behind it.
    """
    return sorted(_SAME.get((base, follows), set()) | _SAME.get((base, ""), set()))


def contrary(base: str, follows: str) -> list[_Verb]:
    """Verbs that say the contrary; as `akin`."""
    return sorted(_OTHER.get((base, follows), set()) | _OTHER.get((base, ""), set()))
