"""Frames as data: reads them from TOML, refuses those that would teach a wrong label."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from agent.errors import InputError
from tools.training.framed.filling import Text, World, parse
from tools.training.framed.slots import Slot, slot

FILES: Final = ("frames.toml", "quotations.toml", "memory.toml")


@dataclass(frozen=True, eq=False)
class Fact:
    """One thing that a passage may tell and a claim may say.

    Attributes:
        kind: what decides: `roles`, `figure`, `negation`…
        claims: groups of wordings; a group says one state.
        tells: groups of wordings; a group tells one state.
        labels: for each group of tells what it makes of each group of claims: S, C, U or -.
        differs: slots where another value contradicts.
        elsewhere: slots where another value makes it another matter.
        near: sentences that are close to it and decide nothing.
        open: sentences that leave it open; never beside a tell of it.
        slots: slots of its own.
    """

    kind: str
    claims: tuple[tuple[Text, ...], ...]
    tells: tuple[tuple[Text, ...], ...]
    labels: tuple[str, ...]
    differs: frozenset[str]
    elsewhere: frozenset[str]
    near: tuple[Text, ...]
    open: tuple[Text, ...]
    slots: Mapping[str, Slot]

    def texts(self) -> list[Text]:
        """All its templates."""
        groups = [text for group in (*self.claims, *self.tells) for text in group]
        return [*groups, *self.near, *self.open]

    def decides(self, row: int, group: int) -> bool:
        """True if the group of tells supports or contradicts the group of claims."""
        return self.labels[row][group] in "SC"


@dataclass(frozen=True, eq=False)
class Frame:
    """A small event.

    Attributes:
        name: unique; pairs of one drawing of it share a group.
        file: where it was read from.
        slots: the slots that its facts share.
        scene: sentences that set the scene and decide nothing.
        facts: at least one.
        subjects: slots whose value may get an attribute (a firm its number of employees).
        without: names of attributes that its facts would decide or contradict.
    """

    name: str
    file: str
    slots: Mapping[str, Slot]
    scene: tuple[Text, ...]
    facts: tuple[Fact, ...]
    subjects: Mapping[str, str]
    without: frozenset[str]


@dataclass(frozen=True)
class Attribute:
    """A fact that any subject of a kind may have; the subject is the slot `x`."""

    name: str
    of: str
    fact: Fact


@dataclass(frozen=True)
class Grammar:
    """All frames by file, and the attributes."""

    frames: Mapping[str, tuple[Frame, ...]]
    attributes: tuple[Attribute, ...]


@cache
def grammar() -> Grammar:
    """The frames that ship with the project.

    Raises:
        InputError: a frame that is malformed or would teach a wrong label.
    """
    frames: dict[str, tuple[Frame, ...]] = {}
    attributes: list[Attribute] = []
    for file in FILES:
        with Path(__file__).with_name(file).open("rb") as stream:
            data = tomllib.load(stream)
        attributes += [
            Attribute(row["name"], row["of"], _fact(row, row["name"], "attribute"))
            for row in data.get("attribute", [])
        ]
        rows = data.get("frame", []) + _from_shells(data) + _from_memory(data)
        frames[file] = tuple(read_frame(row, file) for row in rows)
    return Grammar(frames, tuple(attributes))


def _from_shells(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every shell with every row of its table: `<words>` stands for the row's `words`."""
    return [
        {**_replaced(shell, row), "name": f"{shell['name']} {number}"}
        for shell in data.get("shell", [])
        for number, row in enumerate(data[shell["table"]])
    ]


def _from_memory(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A frame of one fact for each thing that everyone knows, with a slot of its own name."""
    frames = []
    for number, row in enumerate(data.get("memory", [])):
        name = f"v{number}"
        fact = {
            key: [text.replace("{v}", f"{{{name}}}") for text in row[key]]
            for key in ("claims", "tells", "near")
        }
        slots = {name: row["values"]}
        frames.append(
            {
                "name": f"memory {number}",
                "kind": "counterfactual",
                "slots": slots,
                "fact": [{**fact, "differs": [name], "slots": slots}],
            }
        )
    return frames


def _replaced(value: Any, row: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for key, words in row.items():
            value = value.replace(f"<{key}>", words)
        return value
    if isinstance(value, list):
        return [_replaced(part, row) for part in value]
    if isinstance(value, dict):
        return {key: _replaced(part, row) for key, part in value.items()}
    return value


def read_frame(row: Mapping[str, Any], file: str = "") -> Frame:
    """A frame from its table in TOML.

    Args:
        row: the table.
        file: where it stands.

    Raises:
        InputError: it is malformed, or would teach a wrong label.
    """
    name, kinds = row["name"], row.get("slots", {})
    slots = {key: slot(spec) for key, spec in kinds.items()}
    kind = row["kind"]
    facts = tuple(_fact(fact, name, kind) for fact in row["fact"])
    scene = _texts(row.get("scene", []))
    frame = Frame(
        name, file, slots, scene, facts,
        {key: spec for key, spec in kinds.items() if isinstance(spec, str)},
        frozenset(row.get("without", [])),
    )  # fmt: skip
    _check(frame)
    return frame


def _texts(templates: Sequence[str]) -> tuple[Text, ...]:
    return tuple(parse(template) for template in templates)


def _groups(lists: Sequence[Any]) -> tuple[tuple[Text, ...], ...]:
    """One group may be given as a plain list."""
    if lists and isinstance(lists[0], str):
        lists = [lists]
    return tuple(_texts(group) for group in lists)


def _fact(row: Mapping[str, Any], name: str, kind: str) -> Fact:
    claims, tells = _groups(row["claims"]), _groups(row["tells"])
    if "labels" in row:
        labels = tuple(row["labels"])
    elif len(claims) == len(tells):
        count = len(claims)
        labels = tuple("".join("SC"[i != j] for j in range(count)) for i in range(count))
    else:
        raise _wrong(name, "has as many groups of claims as of tells, or labels")
    if len(labels) != len(tells) or any(
        len(line) != len(claims) or set(line) - set("SCU-") for line in labels
    ):
        raise _wrong(name, "has one line of labels for each group of tells")
    return Fact(
        row.get("kind", kind), claims, tells, labels,
        frozenset(row.get("differs", [])), frozenset(row.get("elsewhere", [])),
        _texts(row.get("near", [])), _texts(row.get("open", [])),
        {key: slot(spec) for key, spec in row.get("slots", {}).items()},
    )  # fmt: skip


def _wrong(name: str, rule: str) -> InputError:
    return InputError(f"Frame “{name}” breaks a rule", f"A frame {rule}.")


def _check(frame: Frame) -> None:
    """What a frame must keep so that its labels are right and its claims give nothing away.

    Raises:
        InputError: what it does not keep.
    """
    for fact in frame.facts:
        known = frame.slots.keys() | fact.slots.keys()
        for text in (*fact.texts(), *frame.scene):
            if not text.slots <= known:
                raise _wrong(frame.name, f"knows its slots; not so in “{text.template}”")
        # Names may stand anywhere: they do not tell what the fact says of them.
        telling = {name for name in fact.differs if frame.subjects.get(name) not in _NAMES}
        for text in _beside(frame, fact):
            if text.slots & telling:
                raise _wrong(frame.name, f"tells each fact apart; not so in “{text.template}”")
        for group, wordings in enumerate(fact.claims):
            for text in wordings:
                _check_claim(frame, fact, group, text)


def _beside(frame: Frame, fact: Fact) -> list[Text]:
    """What may stand beside a claim on the fact whatever the label."""
    others = [other for other in frame.facts if other is not fact]
    tells = [text for other in others for group in other.tells for text in group]
    opened = [text for other in others for text in other.open]
    near = [text for other in frame.facts for text in other.near]
    return [*frame.scene, *near, *opened, *tells]


_NAMES: Final = frozenset({"person", "firm", "team", "country", "town", "agency", "product"})


def _check_claim(frame: Frame, fact: Fact, group: int, text: Text) -> None:
    rows = [line[group] for line in fact.labels]
    if not covering(fact, text, group):
        raise _wrong(frame.name, f"tells what it claims; nothing tells “{text.template}”")
    if "C" not in rows and not fact.differs & text.slots:
        raise _wrong(frame.name, f"has something against each claim; not “{text.template}”")
    leaves_open = "U" in rows or fact.elsewhere & text.slots or fact.near or fact.open
    if not leaves_open and len(frame.facts) < 2:
        raise _wrong(frame.name, f"can leave each claim open; not “{text.template}”")


@cache
def covering(fact: Fact, claim: Text, group: int) -> tuple[tuple[int, Text], ...]:
    """The tells that support a claim, with their row: those that have all of its slots."""
    return tuple(
        (row, text)
        for row, line in enumerate(fact.labels)
        if line[group] == "S"
        for text in fact.tells[row]
        if claim.slots <= text.slots
    )


def draw_world(slots: Mapping[str, Slot], rng: Random, world: World | None = None) -> World:
    """A value for each slot, no two alike.

    Args:
        slots: the slots.
        rng: the source of chance.
        world: values that are there already.
    """
    drawn: World = dict(world or {})
    for name, kind in slots.items():
        for _ in range(8):
            value = kind.draw(rng)
            if value not in drawn.values():
                break
        drawn[name] = value
    return drawn
