"""Training pairs from frames: a grammar of news statements with what each says of the others.

A *frame* is a small event with slots. It has *facts*; a fact has *claims* and *tells*. The groups
of claims are the states that somebody may assert, the groups of tells are the states that a
passage may report, each in several wordings, and `labels` says for every tell (a row) what it
makes of every claim (a letter: S, C, U, or - where the two never meet). Slots do the rest:

- a slot in `differs` contradicts where the passage has another value than the claim;
- a slot in `elsewhere` makes the tell one of another subject, place or period, which decides
  nothing of the claim;
- `near` sentences are close to the fact and decide nothing; `open` ones say that it is open, and
  so never stand beside a tell of it.

The claim is drawn first, and then one passage for each label. So a claim gives nothing away: each
occurs with all three labels. Half of the time two facts of a frame serve each other: what tells
the one leaves the other open, so that a passage gives little away either.

The frames are in frames.toml, quotations.toml and memory.toml. The last holds the
*counterfactual* ones, in which the passage often contradicts what everyone knows.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from random import Random
from typing import Final

from agent.types import VERDICTS, Verdict
from tools.training.framed.filling import (
    Claimed,
    Text,
    World,
    claimed,
    contradicts,
    tell,
    undecided,
)
from tools.training.framed.grammar import (
    Attribute,
    Fact,
    Frame,
    Grammar,
    covering,
    draw_world,
    grammar,
)
from tools.training.framed.measures import Day, Measure, Wording
from tools.training.framed.noise import marks, noisy
from tools.training.framed.slots import Firm, Name, Person, Slot
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE, TrainingPair

# Shares of what is drawn, so that quotations and common knowledge do not crowd out the events.
_SHARES: Final = {"frames.toml": 0.66, "quotations.toml": 0.14, "memory.toml": 0.2}
_NOISY: Final = 0.1
_STRANGER: Final = 0.12  # of the passages have a sentence of another frame
_TRIES: Final = 30  # to find a value that contradicts a claim
_CROSSED: Final = 0.5  # of the drawings pair two facts
_BOUNDED: Final = 0.12  # of the figures are told as a bound or a span, where that decides as well


def framed_pairs(rng: Random, count: int) -> Iterator[TrainingPair]:
    """Pairs from the frames, balanced: every claim comes with one passage for each label.

    Args:
        rng: the source of chance; the same state gives the same pairs.
        count: how many pairs.

    Yields:
        pairs with maker `framed/KIND`; those of one drawing share their group.
    """
    yield from islice(_pairs(rng), count)


def _pairs(rng: Random) -> Iterator[TrainingPair]:
    rules = grammar()
    files, shares = list(_SHARES), list(_SHARES.values())
    weights = {file: _weights(rules.frames[file]) for file in files}
    number = 0
    while True:
        file = rng.choices(files, shares)[0]
        frame, fact = rng.choices(*weights[file])[0]
        number += 1
        drawing = _Drawing(frame, rules, rng, f"framed:{frame.name}:{number}")
        yield from drawing.pairs(fact)


def _weights(frames: Sequence[Frame]) -> tuple[list[tuple[Frame, Fact]], list[float]]:
    """Every fact, rare kinds more often: a kind's share goes with the root of its facts."""
    facts = [(frame, fact) for frame in frames for fact in frame.facts]
    kinds = Counter(fact.kind for _, fact in facts)
    return facts, [1 / math.sqrt(kinds[fact.kind]) for _, fact in facts]


@dataclass(frozen=True)
class _Said:
    """A claim on its way: of which fact it is, as which group, what it says.

    `contrary` is a world in which it is false, if another value can make it so; `shown` is its
    text with the quotation marks of the day.
    """

    fact: Fact
    group: int
    text: Text
    claim: Claimed
    contrary: World | None
    shown: str


class _Drawing:
    """One drawing of a frame: a world, one or two claims, a passage for each label."""

    def __init__(self, frame: Frame, rules: Grammar, rng: Random, group: str) -> None:
        self.frame, self.rules, self.rng, self.group = frame, rules, rng, group
        self.slots: dict[str, Slot] = dict(frame.slots)
        self.world = draw_world(frame.slots, rng)
        self.facts = list(frame.facts)
        for fact in frame.facts:
            self._add_slots(fact.slots)
        self._add_attributes()
        self.other_worlds: list[World] = []
        if len(self.facts) == 1:
            self._add_neighbour()

    def _add_slots(self, slots: Mapping[str, Slot]) -> None:
        self.slots.update(slots)
        self.world = draw_world(slots, self.rng, self.world)

    def _add_attributes(self) -> None:
        """Up to two facts that any firm, town or person may have, of one subject of the frame."""
        fitting: dict[str, list[Attribute]] = {}
        for name, kind in self.frame.subjects.items():
            for attribute in self.rules.attributes:
                if attribute.of == kind and attribute.name not in self.frame.without:
                    fitting.setdefault(name, []).append(attribute)
        if not fitting:
            return
        subject = self.rng.choice(sorted(fitting))
        self.world["x"], self.slots["x"] = self.world[subject], self.slots[subject]
        for attribute in self.rng.sample(fitting[subject], k=min(2, len(fitting[subject]))):
            self._add_slots(attribute.fact.slots)
            self.facts.append(attribute.fact)

    def _add_neighbour(self) -> None:
        """A fact of another frame, where nothing of this one could stand beside its only fact."""
        other = self.rng.choice(self.rules.frames[self.frame.file])
        fact = self.rng.choice(other.facts)
        if not other.slots.keys() & self.frame.slots.keys():
            self._add_slots({**other.slots, **fact.slots})
            self.facts.append(fact)

    def pairs(self, first: Fact) -> Iterator[TrainingPair]:
        """Three pairs of one claim, or six of two claims that share passages.

        Args:
            first: the fact of the first claim.
        """
        others = [fact for fact in self.facts if fact is not first]
        if not others or self.rng.random() > _CROSSED:
            said = self._say(first)
            for label in VERDICTS:
                yield self._pair(said, self._passage(said, label), label)
            return
        own = [fact for fact in self.frame.facts if fact is not first]
        second = self.rng.choice(own if own and self.rng.random() < 0.7 else others)
        one, two = self._say(first), self._say(second)
        of_one = [self._passage(one, label, two) for label in (SUPPORTED, CONFLICTING)]
        of_two = [self._passage(two, label, one) for label in (SUPPORTED, CONFLICTING)]
        for said, mine, theirs in ((one, of_one, of_two), (two, of_two, of_one)):
            yield self._pair(said, mine[0], SUPPORTED)
            yield self._pair(said, mine[1], CONFLICTING)
            yield self._pair(said, self.rng.choice(theirs), UNVERIFIABLE)

    def _pair(self, said: _Said, passage: str, label: Verdict) -> TrainingPair:
        maker = f"framed/{said.fact.kind}"
        return TrainingPair(said.shown, passage, label, maker, self.group)

    def _say(self, fact: Fact) -> _Said:
        """A claim on the fact; one that no passage could contradict is drawn again."""
        while True:
            group = self.rng.randrange(len(fact.claims))
            text = self.rng.choice(fact.claims[group])
            claim = claimed(text, self.world, self.rng)
            contrary = self._contrary(fact, claim)
            if contrary or any(line[group] == "C" for line in fact.labels):
                return _Said(fact, group, text, claim, contrary, marks(claim.text, self.rng))

    def _contrary(self, fact: Fact, claim: Claimed) -> World | None:
        """The world with another value in one slot, so that the claim is plainly false."""
        slots = sorted(fact.differs & claim.slots)
        for _ in range(_TRIES if slots else 0):
            name = self.rng.choice(slots)
            other = self.slots[name].another(self.rng, self.world[name])
            if other not in self.world.values() and contradicts(claim, name, self.world, other):
                return {**self.world, name: other}
        return None

    # --- what the passage says of the claim -------------------------------------------------

    def _passage(self, said: _Said, label: Verdict, untold: _Said | None = None) -> str:
        """A passage that makes the claim what the label says.

        Args:
            said: the claim.
            label: what the passage is to say of it.
            untold: another claim, which the passage must leave open.
        """
        world = self.world
        told: str | None
        if label == SUPPORTED:
            _, text = self.rng.choice(covering(said.fact, said.text, said.group))
            told = self._tell(said, text, world, label)
        elif label == CONFLICTING:
            told, world = self._against(said)
        else:
            told = self._beside(said)
        sentences = self._around(said, world, untold, told, decided=label != UNVERIFIABLE)
        passage = marks(" ".join(self._with_references(sentences)), self.rng)
        if self.rng.random() < _STRANGER:
            passage = self._with_stranger(passage)
        return noisy(passage, self.rng) if self.rng.random() < _NOISY else passage

    def _tell(self, said: _Said, text: Text, world: World, label: Verdict) -> str:
        """The tell; now and then with a bound or a span, where that decides the same."""
        wordings: dict[str, Wording] = {}
        for path in sorted(text.slots & said.claim.wordings.keys()):
            value = world[path]
            if self.rng.random() < _BOUNDED and isinstance(value, Measure | Day):
                wording = value.vague(self.rng)
                claim = said.claim.wordings[path].range
                if (label == SUPPORTED and claim.holds(wording.range)) or (
                    label == CONFLICTING and claim.excludes(wording.range)
                ):
                    wordings[path] = wording
        return tell(text, world, self.rng, wordings)

    def _against(self, said: _Said) -> tuple[str, World]:
        """A tell that contradicts the claim, and the world in which it is true."""
        fact, rng = said.fact, self.rng
        rows = [row for row, line in enumerate(fact.labels) if line[said.group] == "C"]
        if rows and (said.contrary is None or rng.random() < 0.5):
            text = rng.choice(fact.tells[rng.choice(rows)])
            return tell(text, self.world, rng), self.world
        world = said.contrary or self.world
        _, text = rng.choice(covering(fact, said.text, said.group))
        self.other_worlds.append(world)
        return self._tell(said, text, world, CONFLICTING), world

    def _beside(self, said: _Said) -> str | None:
        """Something close to the claim that leaves it open; None where only the rest can."""
        fact, rng = said.fact, self.rng
        rows = [row for row, line in enumerate(fact.labels) if line[said.group] == "U"]
        ways: list[Callable[[], str | None]] = []
        if rows:
            ways += [lambda: tell(rng.choice(fact.tells[rng.choice(rows)]), self.world, rng)] * 3
        if fact.elsewhere & said.text.slots:
            ways += [lambda: self._sibling(said)] * 4
        if fact.open:
            ways += [lambda: tell(rng.choice(fact.open), self.world, rng)] * 2
        if fact.near:
            ways += [lambda: tell(rng.choice(fact.near), self.world, rng)] * 2
        if any(isinstance(self.world.get(name), Measure | Day) for name in said.text.slots):
            ways += [lambda: self._vaguely(said)]
        ways += [lambda: None] if len(self.facts) > 1 else []
        return rng.choice(ways)()

    def _sibling(self, said: _Said) -> str | None:
        """The fact told of another subject, place or period, half of the time as the claim has it.

        It decides nothing, so it may stand in passages of all labels.
        """
        fact, rng = said.fact, self.rng
        options = [
            (name, text)
            for name in sorted(fact.elsewhere & said.text.slots)
            for row in range(len(fact.tells))
            if fact.decides(row, said.group)
            for text in fact.tells[row]
            if name in text.slots
        ]
        if not options:
            return None
        name, text = rng.choice(options)
        world = {**self.world, name: self.slots[name].sibling(rng, self.world[name])}
        redrawn = rng.random() < 0.5
        for other in sorted(fact.differs & text.slots - {name}):
            # Nobody is taken to be mayor of two towns.
            if redrawn or isinstance(world[other], Person):
                world[other] = self.slots[other].another(rng, self.world[other])
        if any(world[other] == self.world[name] for other in world if other != name):
            return None
        self.other_worlds.append(world)
        return tell(text, world, rng)

    def _vaguely(self, said: _Said) -> str | None:
        """The fact told with less than the claim says of a figure, or in another currency."""
        _, text = self.rng.choice(covering(said.fact, said.text, said.group))
        # Not the parts of a sum, which the other parts would give away.
        for path in sorted(text.slots & said.claim.wordings.keys()):
            value = self.world[path]
            foreign = value.elsewhere(self.rng) if isinstance(value, Measure) else None
            if foreign is not None and self.rng.random() < 0.5:
                return tell(text, {**self.world, path: foreign}, self.rng)
            wording = undecided(said.claim, path, self.world, self.rng)
            if wording is not None:
                return tell(text, self.world, self.rng, {path: wording})
        return None

    # --- what else the passage says -----------------------------------------------------------

    def _around(
        self, said: _Said, world: World, untold: _Said | None, told: str | None, *, decided: bool
    ) -> list[str]:
        """The tell among other sentences of the frame; at least one sentence."""
        rng = self.rng
        first = self.frame.scene and rng.random() < 0.4
        before = [tell(rng.choice(self.frame.scene), world, rng)] if first else []
        rest = [told] if told else []
        near = said.fact.near if decided else said.fact.near + said.fact.open
        if near and rng.random() < (0.3 if told else 0.85):
            rest.append(tell(rng.choice(near), world, rng))
        if decided and rng.random() < 0.3:
            rest += _some(self._sibling(said))
        if untold and rng.random() < 0.85:
            rest += _some(self._beside(untold))
        quiet = (said.fact, untold.fact if untold else None)
        others = [other for other in self.facts if other not in quiet]
        for other in others:
            if rng.random() < (0.15 if told else 0.5):
                rest.append(tell(rng.choice(rng.choice(other.tells)), world, rng))
        if not rest and not before:
            texts = near or rng.choice(rng.choice(others).tells)
            rest.append(tell(rng.choice(texts), world, rng))
        rng.shuffle(rest)
        sentences = [*before, *rest] if rng.random() < 0.75 else [*rest, *before]
        return list(dict.fromkeys(sentences))[:6]

    def _with_references(self, sentences: list[str]) -> list[str]:
        """Surnames, pronouns and “the company” for what an earlier sentence has named in full."""
        text = " ".join(sentences)
        values = [value for world in (self.world, *self.other_worlds) for value in world.values()]
        names = [name for name in values if isinstance(name, Name) and name in text]
        people = [name for name in dict.fromkeys(names) if isinstance(name, Person)]
        firms = [name for name in dict.fromkeys(names) if isinstance(name, Firm)]
        for name in people:
            alone = all(other.last != name.last for other in people if other != name)
            if alone and self.rng.random() < 0.5:
                she = name.she.capitalize() if len(people) == 1 else name.last
                sentences = _again(sentences, name, self.rng.choice((name.last, she)))
        if len(firms) == 1 and self.rng.random() < 0.3:
            sentences = _again(sentences, firms[0], "The company")
        return sentences

    def _with_stranger(self, passage: str) -> str:
        """A sentence about something else before or after."""
        rng = self.rng
        # Never of the same file: what everyone knows has no names to keep two facts apart.
        file = rng.choice([file for file in self.rules.frames if file != self.frame.file])
        frame = rng.choice(self.rules.frames[file])
        fact = rng.choice(frame.facts)
        world = draw_world({**frame.slots, **fact.slots}, rng)
        other = tell(rng.choice(rng.choice(fact.tells)), world, rng)
        return f"{other} {passage}" if rng.random() < 0.5 else f"{passage} {other}"


def _some(sentence: str | None) -> list[str]:
    return [sentence] if sentence else []


def _again(sentences: list[str], name: str, short: str) -> list[str]:
    """The sentences with the short form where one starts with a name that stood in the last."""
    shortened = sentences[:1]
    for before, sentence in pairwise(sentences):
        if name in before and sentence.startswith(f"{name} "):
            sentence = short + sentence[len(name) :]
        shortened.append(sentence)
    return shortened


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints examples to look at: `python -m tools.training.framed.frames --sample 40`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sample", type=int, default=40, help="how many pairs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--maker", default="", help="only makers that hold this")
    options = parser.parse_args(arguments)
    drawn = framed_pairs(Random(options.seed), 200 * options.sample)
    fitting = (pair for pair in drawn if options.maker in pair.maker)
    for pair in islice(fitting, options.sample):
        sys.stdout.write(f"{pair.label:12} {pair.maker}  {pair.group}\n")
        sys.stdout.write(f"  claim    {pair.claim}\n  passage  {pair.passage}\n\n")


if __name__ == "__main__":
    main()
