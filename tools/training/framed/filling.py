"""Templates filled with the values of a world, as a claim says them and as a passage tells them."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from agent.errors import InputError
from tools.training.framed.measures import Day, Measure, Range, Wording
from tools.training.framed.slots import Quarter, Value

World = dict[str, Value]
"""The value of each slot."""

# The start of the text, or of a sentence, or of a quotation that starts one.
_START: Final = re.compile(r"(?:^|(?<=[.!?] )|(?<=[.!?]” )|(?<=\n))“?[a-z]")


@dataclass(frozen=True)
class Text:
    """A template.

    Attributes:
        template: text with slots in braces: `{firm}`, `{person.last}`.
        paths: what stands in the braces.
        slots: the slots among them, without their attributes.
    """

    template: str
    paths: frozenset[str]
    slots: frozenset[str]


def parse(template: str) -> Text:
    """The template with its slots.

    Raises:
        InputError: braces that do not match.
    """
    try:
        paths = frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)
    except ValueError as error:
        raise InputError(f"Bad template “{template}”", f"{error}.") from error
    return Text(template, paths, frozenset(path.split(".")[0] for path in paths))


def value_at(world: Mapping[str, Value], path: str) -> object:
    """The value of a slot, or of an attribute of it."""
    root, *attributes = path.split(".")
    value: object = world[root]
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


class _Filler:
    """Renders the slots of one text; keeps what it wrote for each."""

    def __init__(self, world: Mapping[str, Value], rng: Random, *, as_claim: bool) -> None:
        self.world = world
        self.rng = rng
        self.as_claim = as_claim
        self.written: dict[str, Wording] = {}

    def write(self, path: str) -> str:
        if path not in self.written:
            self.written[path] = self._wording(value_at(self.world, path))
        return self.written[path].text

    def _wording(self, value: object) -> Wording:
        if isinstance(value, Measure | Day):
            return value.claimed(self.rng) if self.as_claim else value.exact(self.rng)
        text = value.write(self.rng) if isinstance(value, Quarter) else str(value)
        return Wording(text, Range(0, 0))


class _View:
    """What `str.format` sees of a slot: attributes lengthen its path, formatting writes it."""

    __slots__ = ("_filler", "_path")

    def __init__(self, filler: _Filler, path: str) -> None:
        self._filler = filler
        self._path = path

    def __getattr__(self, name: str) -> _View:
        return _View(self._filler, f"{self._path}.{name}")

    def __format__(self, spec: str) -> str:
        return self._filler.write(self._path)


def _fill(text: Text, filler: _Filler) -> str:
    views = {name: _View(filler, name) for name in text.slots}
    filled = text.template.format_map(views)
    filled = filled.replace(".”, ", "”, ")  # a quotation that the sentence goes on after
    return _START.sub(lambda match: match[0].upper(), filled)


@dataclass(frozen=True)
class Claimed:
    """A claim with what it commits itself to.

    Attributes:
        text: the claim.
        slots: its slots.
        wordings: what it writes for each path, with the range for which that is true.
    """

    text: str
    slots: frozenset[str]
    wordings: Mapping[str, Wording]


def claimed(text: Text, world: Mapping[str, Value], rng: Random) -> Claimed:
    """The template as a claim: figures may be rounded, hedged, bounded; dates may be coarser."""
    filler = _Filler(world, rng, as_claim=True)
    return Claimed(_fill(text, filler), text.slots, filler.written)


def tell(
    text: Text,
    world: Mapping[str, Value],
    rng: Random,
    wordings: Mapping[str, Wording] | None = None,
) -> str:
    """The template as a passage tells it: exact, but for the wordings that are given."""
    filler = _Filler(world, rng, as_claim=False)
    filler.written.update(wordings or {})
    return _fill(text, filler)


def contradicts(said: Claimed, name: str, world: Mapping[str, Value], other: Value) -> bool:
    """True if the claim is plainly false with another value in one slot.

    Args:
        said: the claim.
        name: the slot.
        world: the world that the claim was drawn from.
        other: the value to put in the slot.
    """
    changed = {**world, name: other}
    for path, wording in said.wordings.items():
        if path.split(".")[0] != name:
            continue
        now = value_at(changed, path)
        if isinstance(now, Measure | Day):
            before = value_at(world, path)
            same_unit = not isinstance(now, Measure) or now.unit == getattr(before, "unit", None)
            if same_unit and wording.range.excludes(now.point):
                return True
        elif now != value_at(world, path):
            return True
    return False


def undecided(said: Claimed, path: str, world: Mapping[str, Value], rng: Random) -> Wording | None:
    """What a passage may write for a figure or date so that the claim on it stays open, if any."""
    value = value_at(world, path)
    if not isinstance(value, Measure | Day) or path not in said.wordings:
        return None
    wording = value.vague(rng)
    claim = said.wordings[path].range
    # Beyond the slack: a reader must not take the wording for a reworded claim.
    near = Range(claim.low - claim.slack, claim.high + claim.slack)
    if near.holds(wording.range) or not wording.range.holds(claim):
        return None
    return wording
