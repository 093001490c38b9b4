"""What a text must have for a pattern to match in it: a quick look before an expensive search.

A pattern of many alternatives is tried at every place of a text, and most texts have none of them.
Whether the letters occur that each match is made of is told a hundred times faster, and a text
without them need not be searched: the prefilter of RE2 (Cox 2012, "Regular Expression Matching with
a Trigram Index"). The letters are read off the parsed pattern, so they cannot fall behind it. So
are its alternatives: a text with the letters of one is searched for that one alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

# Private: no public module of Python gives a parsed pattern (`sre_parse` is deprecated) or compiles
# one, and the parsers of libraries have another syntax (RE2: no look-arounds). Literals declared
# beside the patterns would fall behind them. A node that is not known here may match anywhere, so
# a newer Python may cost time, and no match; `tests/test_literals.py` says which nodes are read.
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from tools.text.stretches import occurs

_MOST_JOINED = 8
"""Strings up to which what follows one another is joined: `the claim`, not `the` and `claim`."""
_LONG = 5
"""Characters from which a literal is rare enough, however long it is."""
_SIGNS = frozenset("#$<=>@[]`{|}")
"""Signs that texts for people seldom have."""
_ALIKE = str.maketrans({"İ": "i", "ı": "i", "ſ": "s", "\u212a": "k"})
"""The letters beyond ASCII that `re.IGNORECASE` takes for one of ASCII."""


class _Clause(NamedTuple):
    """Every match has one of these literals, or all that one of these sequences needs."""

    literals: tuple[str, ...]
    sequences: tuple[tuple[_Clause, ...], ...] = ()


_Needed = tuple[_Clause, ...]
"""All that a match needs; nothing is told of a match that needs nothing."""


class _Alternative:
    """A pattern, or one of the alternatives that it is made of.

    Args:
        parsed: as `re` parses it.
        flags: of the pattern.
    """

    def __init__(self, parsed: Any, flags: int) -> None:
        self._parsed, self._flags = parsed, flags
        self.needed = _of(parsed)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when a text has first what it needs; most never are."""
        compiled: re.Pattern[str] = compiler.compile(self._parsed, self._flags)
        return compiled


class Literals:
    """What a match of one of some patterns needs.

    Args:
        patterns: compiled; one of which nothing can be told may match anywhere.
    """

    def __init__(self, *patterns: re.Pattern[str]) -> None:
        self._alternatives = [one for pattern in patterns for one in _alternatives(pattern)]

    def within(self, text: str) -> Literals:
        """The same for parts of a text, without what the text lacks."""
        found = Literals()
        found._alternatives = list(self._likely(text))
        return found

    def likely(self, text: str) -> Iterator[re.Pattern[str]]:
        """The alternatives of the patterns that may match in a text, in order; no other does.

        Where one of the patterns matches one of these does, from the same place, though it may end
        elsewhere.
        """
        return (alternative.pattern for alternative in self._likely(text))

    def occur(self, text: str) -> bool:
        """Whether one of the patterns matches anywhere in a text; see `stretches.matches`."""
        return any(occurs(pattern, text) for pattern in self.likely(text))

    def _likely(self, text: str) -> Iterator[_Alternative]:
        if not self._alternatives:
            return
        found = _Found((text if text.isascii() else text.translate(_ALIKE)).lower())
        for alternative in self._alternatives:
            if _has(found, alternative.needed):
                yield alternative


@lru_cache(maxsize=256)  # of the patterns of the program
def _alternatives(pattern: re.Pattern[str]) -> tuple[_Alternative, ...]:
    """What a pattern is made of: its alternatives, or itself."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    ways = parsed[0][1][1] if len(parsed) == 1 and str(parsed[0][0]) == "BRANCH" else [parsed]
    return tuple(_Alternative(way, pattern.flags) for way in ways)


class _Found(dict[str, bool]):
    """Whether a literal is in a text: many alternatives need the same, and it is read once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, literal: str) -> bool:
        found = self[literal] = literal in self._text
        return found


def _has(found: _Found, needed: _Needed) -> bool:
    for literals, sequences in needed:
        for literal in literals:
            if found[literal]:
                break
        else:
            if not any(_has(found, sequence) for sequence in sequences):
                return False
    return True


def _rarity(clause: _Clause) -> tuple[int, int]:
    """The lower, the sooner it is looked for: what few texts have, and few literals."""
    firsts = [sequence[0] for sequence in clause.sequences]
    lengths = [_LONG if not _SIGNS.isdisjoint(each) else len(each) for each in clause.literals]
    lengths += [-_rarity(first)[0] for first in firsts]
    return -min(_LONG, *lengths), len(clause.literals) + sum(_rarity(first)[1] for first in firsts)


def _of(sequence: Iterable[Any]) -> _Needed:
    """What a match of parts that follow one another needs."""
    needed: list[_Clause] = []
    run = {""}  # the strings that may end where we are, since the last part that is left open
    for node in sequence:
        strings = _strings(node)
        joined = {before + here for before in run for here in strings}
        if 0 < len(joined) <= _MOST_JOINED:
            run = joined
            continue
        needed += _one_of(run)
        run = strings or {""}
        if not strings:
            needed += _inner(node)
    return tuple(sorted([*needed, *_one_of(run)], key=_rarity))


def _one_of(strings: set[str]) -> _Needed:
    """That one of these is there; a longer one of two is there only where the shorter is."""
    if "" in strings:
        return ()
    shortest = {one for one in strings if not any(o != one and o in one for o in strings)}
    return (_Clause(tuple(sorted(shortest))),)


def _strings(node: Any) -> set[str]:
    """All that a part may stand for, in lower case, where that is told and few; else nothing."""
    match str(node[0]), node[1]:
        case "LITERAL", code if code < 128:
            return {chr(code).lower()}
        case (("AT" | "ASSERT_NOT"), _):  # of no width
            return {""}
        case "IN", items if all(str(kind) == "LITERAL" and code < 128 for kind, code in items):
            return {chr(code).lower() for _, code in items}
        case "SUBPATTERN", (*_, inner):
            return _joined(inner)
        case "BRANCH", (_, branches):
            found = [_joined(branch) for branch in branches]
            return set().union(*found) if all(found) else set()
        case (("MAX_REPEAT" | "MIN_REPEAT"), (0, 1, inner)):
            return (strings := _joined(inner)) and strings | {""}
    return set()


def _joined(sequence: Iterable[Any]) -> set[str]:
    """`_strings` of parts that follow one another."""
    run = {""}
    for node in sequence:
        run = {before + here for before in run for here in _strings(node)}
        if not 0 < len(run) <= _MOST_JOINED:
            return set()
    return run


def _inner(node: Any) -> _Needed:
    """What a part needs that stands for more than a few strings."""
    match str(node[0]), node[1]:
        case "SUBPATTERN", (*_, inner):
            return _of(inner)
        case "ASSERT", (_, inner):  # what is behind or ahead is in the text as well
            return _of(inner)
        case "ATOMIC_GROUP", inner:
            return _of(inner)
        case (("MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT"), (least, _, inner)) if least:
            return _of(inner)
        case "BRANCH", (_, branches):
            found = [_of(branch) for branch in branches]
            if all(found):
                single = [needed[0] for needed in found if len(needed) == 1]
                return (
                    _Clause(
                        tuple(sorted({one for clause in single for one in clause.literals})),
                        (
                            *(needed for needed in found if len(needed) > 1),
                            *(deeper for clause in single for deeper in clause.sequences),
                        ),
                    ),
                )
    return ()
