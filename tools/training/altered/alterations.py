"""Training pairs made by rule: one fact of a sentence altered, and all that follows from it.

Every edit is used from both sides, so that a claim alone gives nothing away:

| claim    | passage with                 | label                                      |
|----------|------------------------------|--------------------------------------------|
| original | the original sentence        | supported                                  |
| altered  | the altered sentence         | supported                                  |
| altered  | the original sentence        | conflicting, or unverifiable (`Edit.stands`)|
| original | the altered sentence         | conflicting, or unverifiable (`Edit.back`) |
| either   | the sentences around it only | unverifiable                               |

Minimal edits with both labels follow contrast sets (Gardner et al. 2020) and the symmetric FEVER
set (Schuster et al. 2019). Where a passage leaves a point open, so does the label: a plan is silent
on what came of it, a figure on that of another year, company or measure.

    python -m tools.training.altered.alterations --sample 40 TEXTS.jsonl

prints examples from the texts of a file, a JSON object with `text` or `evidence` a line.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.types import Verdict
from tools.text.sentences import sentence_spans
from tools.text.words import covered
from tools.training.altered import edits, statements, swaps, wordings
from tools.training.altered.edits import Edit
from tools.training.altered.naming import found_names, last_names
from tools.training.altered.statements import capitalised, reads_alone, retyped, tidied
from tools.training.altered.swaps import NamePool
from tools.training.pairs import SUPPORTED, UNVERIFIABLE, TrainingPair

PASSAGE_WORDS = 110
"""Words of the longest passage, unless its one sentence is longer."""
_LARGEST_SHARE = 0.14
"""Most of all edits that one kind may be, from the first `_SETTLED` edits on."""
_SETTLED = 100
_RESTATED = 0.5
"""Share of a claim's content words from which another sentence may tell the same fact."""
_IDENTICAL_SHARE = 1 / 3
"""Most of the supported pairs whose claim is the passage, word for word."""


def altered_pairs(
    texts: Iterable[tuple[str, str]], rng: random.Random, *, per_text: int
) -> Iterator[TrainingPair]:
    """Pairs from sentences of `texts` and their altered forms.

    Kinds of edits that came up least so far go first, and none grows beyond `_LARGEST_SHARE`:
    figures are everywhere and would be most of what is made.

    Args:
        texts: (group, text) each; the same text twice is used once.
        rng: the same texts and the same state give the same pairs.
        per_text: most edits of one text, each of another sentence; an edit gives up to six pairs.

    Raises:
        ValueError: `per_text` is not positive.

    Yields:
        Pairs with maker `altered/KIND`. The three passage lengths are the sentence alone, two or
        three sentences, and up to `PASSAGE_WORDS` words. A text of one sentence is set beside a
        text that shares its names, so a passage may hold a sentence of another group.
    """
    if per_text < 1:
        raise ValueError(f"per_text must be at least 1, not {per_text}")
    corpus = _Corpus(texts)
    made: Counter[str] = Counter()
    balance = _Balance()
    told: set[str] = set()  # one sentence stands in several texts
    for place in range(len(corpus.texts)):
        document = corpus.texts[place]
        pools = [NamePool(swaps.names_of(document.sentences)), corpus.pool]
        found = [
            (index, edit)
            for index, sentence in enumerate(document.sentences)
            if reads_alone(sentence)
            for edit in sentence_edits(sentence, document.people, pools, rng)
        ]
        rng.shuffle(found)
        used: set[int] = set()
        found = [(i, e) for i, e in found if document.sentences[i] not in told]
        while found and len(used) < per_text:
            found = [(i, e) for i, e in found if i not in used and _wanted(e.kind, made)]
            if not found:
                break
            index, edit = min(found, key=lambda candidate: made[candidate[1].kind])
            used.add(index)
            told.add(document.sentences[index])
            made[edit.kind] += 1
            yield from _Setting(corpus, place, index, edit, rng, balance).pairs()


def _wanted(kind: str, made: Counter[str]) -> bool:
    total = made.total()
    return total < _SETTLED or made[kind] < _LARGEST_SHARE * total


def sentence_edits(
    sentence: str, people: dict[str, str], pools: Sequence[NamePool], rng: random.Random
) -> list[Edit]:
    """All edits that the rules find in a sentence.

    Args:
        sentence: a sentence that reads alone.
        people: last name → kind of those whom its text names in full.
        pools: where names to swap in come from, the nearest first.
        rng: chooses among values of equal right.
    """
    named = found_names(sentence, people)
    result = [
        edit
        for finder in (
            edits.figures, edits.units, edits.measures, edits.dates, wordings.wording,
            wordings.negations, wordings.tenses, swaps.roles,
        )
        for edit in finder(sentence, rng)
    ]  # fmt: skip
    result += swaps.names(sentence, named, pools, rng)
    result += swaps.attributions(sentence, named, pools, rng)
    return [edit for edit in result if edit.applied(sentence) != sentence]


@dataclass(frozen=True)
class _Document:
    group: str
    sentences: tuple[str, ...]
    people: dict[str, str]


class _Corpus:
    """The texts, cut into sentences, with their names and what is near to what."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.texts: list[_Document] = []
        seen: set[str] = set()
        names = []
        for group, raw in texts:
            text = tidied(raw)
            if not text or text in seen:
                continue
            seen.add(text)
            sentences = tuple(text[start:end] for start, end in sentence_spans(text, "en"))
            found = swaps.names_of(sentences)
            names += found
            self.texts.append(_Document(group, sentences, last_names(found)))
        self.pool = NamePool(names)
        self._capitals = [_capitals(document) for document in self.texts]
        self._having: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(self._capitals):
            for word in sorted(words):
                self._having[word].append(place)

    def neighbour(self, place: int, rng: random.Random) -> int | None:
        """A text that shares a name with this one, as passages found for one claim do."""
        shared = [
            word for word in sorted(self._capitals[place]) if 1 < len(self._having[word]) < 300
        ]
        if shared:
            rarest = min(shared, key=lambda word: len(self._having[word]))
            other = rng.choice(self._having[rarest])
        else:
            other = rng.randrange(len(self.texts))
        return other if other != place else None


def _capitals(document: _Document) -> frozenset[str]:
    return frozenset(
        word
        for sentence in document.sentences[:3]
        for word in re.findall(
            r"(?<=[a-z,] )[A-Z][a-z]{3,}|(?<=^)[A-Z][a-z]{4,}(?= [A-Z])", sentence
        )
    )


@dataclass
class _Balance:
    """How many supported pairs there are, and how many repeat their passage word for word."""

    supported: int = 0
    identical: int = 0

    def allows(self) -> bool:
        return self.identical + 1 <= _IDENTICAL_SHARE * (self.supported + 1)


def _bare(text: str) -> str:
    return text.removesuffix(".")


class _Setting:
    """One edit of one sentence among the sentences around it."""

    def __init__(
        self,
        corpus: _Corpus,
        place: int,
        index: int,
        edit: Edit,
        rng: random.Random,
        balance: _Balance,
    ) -> None:
        self._rng = rng
        self._edit = edit
        self._balance = balance
        document = corpus.texts[place]
        self._group = document.group
        self._original = document.sentences[index]
        self._altered = edit.applied(self._original)
        self._claims = self._worded()
        before, after = document.sentences[:index][::-1], document.sentences[index + 1 :]
        self._before, self._after = self._silent(before), self._silent(after)
        if not before and not after and (other := corpus.neighbour(place, rng)) is not None:
            near = self._silent(corpus.texts[other].sentences)
            if rng.random() < 0.5:
                self._before = near[::-1]
            else:
                self._after = near

    def pairs(self) -> Iterator[TrainingPair]:
        """The pairs of this edit."""
        for sentence, claim, other in (
            (self._original, self._claims[0], self._edit.back),
            (self._altered, self._claims[1], self._edit.stands),
        ):
            opposite = self._altered if sentence is self._original else self._original
            yield self._supported(claim, sentence)
            if other is not None:
                yield self._pair(claim, self._passage(opposite), other)
        without = self._passage(None)
        if without:
            yield self._pair(self._rng.choice(self._claims), without, UNVERIFIABLE)
        other_without = self._passage(None)
        if other_without and other_without != without:
            yield self._pair(self._rng.choice(self._claims), other_without, UNVERIFIABLE)

    def _supported(self, claim: str, sentence: str) -> TrainingPair:
        passage = self._passage(sentence)
        if _bare(passage) == _bare(claim) and not self._balance.allows():
            passage = self._passage(sentence, size=1)
        self._balance.supported += 1
        self._balance.identical += _bare(passage) == _bare(claim)
        return self._pair(claim, passage, SUPPORTED)

    def _pair(self, claim: str, passage: str, label: Verdict) -> TrainingPair:
        return TrainingPair(claim, passage, label, f"altered/{self._edit.kind}", self._group)

    def _silent(self, sentences: Sequence[str]) -> list[str]:
        """The sentences up to the first that may tell the same fact, or the edited one."""
        kept = []
        figures = {
            number
            for text in (self._original[self._edit.start : self._edit.end], self._edit.new)
            for number in re.findall(r"\d[\d,.]*\d|\d", text)
        }
        for sentence in sentences:
            if (
                covered(self._original, sentence) >= _RESTATED
                or covered(sentence, self._original) >= _RESTATED
                or any(re.search(rf"(?<!\d){re.escape(n)}(?!\d)", sentence) for n in figures)
            ):
                break
            kept.append(sentence)
        return kept

    def _passage(self, sentence: str | None, size: int | None = None) -> str:
        """The sentence in one of the three lengths; without it (None), what is around it."""
        size = self._rng.randrange(3) if size is None else size
        if sentence is None:
            size = max(size, 1)
        most = self._rng.randint(60, PASSAGE_WORDS) if size == 2 else PASSAGE_WORDS
        sides = {0: 0, 1: self._rng.choice((1, 2, 2)), 2: 99}[size]
        middle = [] if sentence is None else [sentence]
        words = sum(len(part.split()) for part in middle)
        left: list[str] = []
        right: list[str] = []
        turn = self._rng.random() < 0.5
        while sides:
            turn = not turn
            taken, source = (left, self._before) if turn else (right, self._after)
            if len(taken) == len(source):
                taken, source = (right, self._after) if turn else (left, self._before)
            if len(taken) == len(source):
                break
            length = len(source[len(taken)].split())
            if words + length > most:
                break
            taken.append(source[len(taken)])
            words += length
            sides -= 1
        return " ".join([*left[::-1], *middle, *right])

    def _worded(self) -> tuple[str, str]:
        """The two claims: the sentences, or both shortened or typed otherwise in the same way."""
        cuts = statements.cuts(self._original, self._edit)
        if cuts and self._rng.random() < 0.75:
            claims = []
            for text, end in (
                (self._original, self._edit.end),
                (self._altered, self._edit.start + len(self._edit.new)),
            ):
                shift = end - self._edit.end
                for start, stop in sorted(cuts, reverse=True):
                    moved = shift if start >= self._edit.end else 0
                    text = text[: start + moved] + text[stop + moved :]
                claims.append(capitalised(text))
            return claims[0], claims[1]
        if self._rng.random() < 0.5:
            return retyped(self._original), retyped(self._altered)
        return self._original, self._altered


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints made pairs of each kind, to be looked at."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.training.altered.alterations", description=main.__doc__
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="TEXTS.jsonl")
    parser.add_argument("--sample", type=int, default=40, help="how many pairs (default: 40)")
    parser.add_argument("--per-text", type=int, default=2, help="most edits of one text")
    parser.add_argument("--kind", help="only this kind of edit")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    pairs = list(altered_pairs(_read(options.files), rng, per_text=options.per_text))
    labels = Counter((pair.maker, pair.label) for pair in pairs)
    for maker in sorted({maker for maker, _ in labels}):
        counts = "  ".join(f"{label} {n}" for (m, label), n in sorted(labels.items()) if m == maker)
        sys.stdout.write(f"{maker}: {counts}\n")
    sys.stdout.write(f"{len(pairs)} pairs\n")
    by_kind: dict[str, list[TrainingPair]] = defaultdict(list)
    for pair in rng.sample(pairs, len(pairs)):
        if options.kind in (None, pair.maker.partition("/")[2]):
            by_kind[pair.maker].append(pair)
    shown = 0
    while shown < options.sample and any(by_kind.values()):
        for maker in sorted(by_kind):
            if by_kind[maker] and shown < options.sample:
                pair, shown = by_kind[maker].pop(), shown + 1
                sys.stdout.write(
                    f"\n{pair.maker}  {pair.label}\n  C {pair.claim}\n  P {pair.passage}\n"
                )


def _read(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in files:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = json.loads(line)
                yield str(row.get("id", number)), row.get("text") or " ".join(row["evidence"])


if __name__ == "__main__":
    main()
