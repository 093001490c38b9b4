"""Training pairs made by rewriting: the same said otherwise, and the same form gone wrong.

A judge that has only seen copies takes likeness of words for support. Here a claim is a
rewrite of a sentence of a text: its figures rounded or converted, its words exchanged, its
clauses turned, shortened or joined (the rules are in `rewrite_figures`, `rewrite_dates`,
`rewrite_words`, `rewrite_clauses`, `rewrite_strength`, `rewrite_details`). Every rewrite has false
twins of the same form (`rewrite_twins`): with one thing changed that the passage tells otherwise
(conflicting), and with one thing more, or more certain, than the passage tells (unverifiable). So
neither rewording nor likeness is a sign.

Run `python -m tools.training.reworded.rewrites --sample 40 FILE.jsonl` to look at pairs; each line
of the file is an object with `text`, or with `evidence`, a list of texts.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tools.text.sentences import sentence_spans
from tools.text.words import content_stems, is_function_word
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE, TrainingPair
from tools.training.reworded.rewrite_clauses import (
    NAME,
    agent_of,
    apposed,
    apposed_name,
    indirect,
    ordered,
    reported,
    spoken,
    voice,
)
from tools.training.reworded.rewrite_dates import dated
from tools.training.reworded.rewrite_details import details, shortened, without
from tools.training.reworded.rewrite_figures import (
    bounded,
    converted,
    rounded,
    shares,
    spelled,
)
from tools.training.reworded.rewrite_strength import graded, nominal
from tools.training.reworded.rewrite_text import (
    HAS_VERB,
    QUOTED,
    Rewrite,
    body,
    is_claimable,
    lowered,
    tidy,
)
from tools.training.reworded.rewrite_twins import (
    PAST,
    Pool,
    addition,
    changed,
    extended,
    told_otherwise,
)
from tools.training.reworded.rewrite_words import reworded, spun, synonyms

LONGEST_PASSAGE = 110
"""Most words of a passage."""
_PER_SENTENCE = 4
_RULES = (rounded, bounded, converted, spelled, shares, dated, ordered, graded, nominal,
          shortened, reworded)  # fmt: skip
_SYNONYMS_TOO = 0.4
"""Share of rewrites whose other words are exchanged as well."""


@dataclass(frozen=True)
class _Text:
    """A text in sentences."""

    group: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class _Draft:
    """A pair before its passage is cut.

    Attributes:
        rewrite: kind, claim and label.
        first, last: the sentences of the text that decide, inclusive.
        told: what stands in their place in the passage.
        hidden: sentences that the passage must not have.
    """

    rewrite: Rewrite
    first: int
    last: int
    told: tuple[str, ...]
    hidden: tuple[int, ...] = ()


def rewritten_pairs(
    texts: Iterable[tuple[str, str]], rng: random.Random, *, per_text: int
) -> Iterator[TrainingPair]:
    """Pairs whose claim says otherwise, wrongly, or too strongly, what a text says.

    Args:
        texts: (group, text) of each; a group is the source that a split must not tear apart.
        rng: the only source of chance; the same texts and state give the same pairs.
        per_text: most pairs of one text, at least 1.

    Yields:
        Pairs with maker `rewritten/KIND`. Of what a text offers, the kind and label rarest so
        far go first, and a kind that is far ahead of the others waits, so that a long run is
        balanced.

    Raises:
        ValueError: if `per_text` is below 1.
    """
    if per_text < 1:
        raise ValueError(f"per_text must be at least 1, not {per_text}")
    split = [_split(group, text) for group, text in texts]
    pool = _pooled(split)
    counts: Counter[tuple[str, str]] = Counter()
    for text in split:
        yield from _chosen(text, list(_drafts(text, pool, rng)), counts, rng, per_text)


def _split(group: str, text: str) -> _Text:
    text = tidy(text)
    spans = sentence_spans(text)
    return _Text(group, tuple(" ".join(text[start:end].split()) for start, end in spans))


_PLACE = re.compile(r" (?:in|at|near|outside) (?:[A-Z][\w’-]+)(?: [A-Z][\w’-]+)?$")
_FROM_EACH = 8
"""Most sentences of one text that go into the pool."""


def _pooled(texts: Iterable[_Text]) -> Pool:
    pool = Pool()
    for text in texts:
        kept = 0
        for sentence in text.sentences:
            if kept >= _FROM_EACH or not is_claimable(sentence):
                continue
            kept += 1
            if agent := agent_of(sentence):
                pool.agents[agent[0]].append(agent[1])
            if name := apposed_name(sentence):
                pool.agents["apposed"].append(name)
            for kind, start, end, _ in details(sentence):
                added = sentence[start:end].strip(" ,")
                if kind == "place" and _PLACE.fullmatch(f" {added}"):
                    pool.places.append(added)
                elif kind == "date" and start and re.search(r"\d{4}$", added):
                    pool.dates.append(added)
            if len(sentence.split()) <= 18 and not QUOTED.search(sentence):
                pool.sentences.append((text.group, sentence))
    return pool


def _drafts(text: _Text, pool: Pool, rng: random.Random) -> Iterator[_Draft]:
    """All that the rules make of a text; what is no claim of its own is left out."""
    for place, sentence in enumerate(text.sentences):
        made: list[_Draft] = []
        if spoken(sentence):
            made += [_Draft(r, place, place, (sentence,)) for r in indirect(sentence, rng)]
            made += _misquoted(text, place, pool, rng)
        if is_claimable(sentence):
            rewrites = [rewrite for rule in _RULES for rewrite in rule(sentence, rng)]
            rewrites += voice(sentence, rng, pool.agents)
            rewrites += apposed(sentence, rng, pool.agents)
            for rewrite in rewrites:
                told = rewrite.told or sentence
                made.append(_Draft(rewrite, place, place, (told,)))
            made += _merged(text, place, pool, rng)
        made += _resolved(text, place)
        for draft in made:
            if not _is_fair(draft):
                continue
            yield from _with_twins(draft, pool, rng)


_SHORT_KINDS = frozenset(["apposition", "voice", "shortened", "detail", "merged"])


def _is_fair(draft: _Draft) -> bool:
    claim = draft.rewrite.claim
    if draft.rewrite.kind in _SHORT_KINDS and 3 < len(claim.split()) <= 45:
        padded = claim if len(claim.split()) >= 6 else f"{body(claim)} in the same way."
        return bool(HAS_VERB.search(claim)) and (is_claimable(padded) or len(claim.split()) > 30)
    return is_claimable(claim) and claim not in draft.told


def _with_twins(draft: _Draft, pool: Pool, rng: random.Random) -> Iterator[_Draft]:
    """The draft, and where it is supported its false twins, some of them in other words."""
    claim, kind = draft.rewrite.claim, draft.rewrite.kind
    twins = [draft.rewrite]
    if draft.rewrite.label == SUPPORTED:
        if kind not in _OWN_CONFLICTS and (false := changed(claim, pool, rng)):
            told = told_otherwise(claim, false, draft.told)
            if told is not None and rng.random() < 0.5:
                yield replace(draft, rewrite=Rewrite(kind, claim, CONFLICTING), told=told)
            else:
                twins.append(Rewrite(kind, false, CONFLICTING))
        if added := addition(claim, draft.told, pool, rng):
            twins.append(Rewrite(kind, extended(claim, added), UNVERIFIABLE))
            if draft.told[-1].endswith(".") and rng.random() < 0.5:
                # The passage may have the very same addition.
                twins.append(
                    Rewrite(kind, extended(claim, added), told=extended(draft.told[-1], added))
                )
    for twin in twins:
        made = replace(draft, rewrite=twin)
        if twin.told and twin is not draft.rewrite:
            made = replace(made, told=(*draft.told[:-1], twin.told))
        if kind != "reworded" and rng.random() < _SYNONYMS_TOO:
            other = synonyms(twin.claim, rng, most=3)
            if other is not None and other not in made.told:
                made = replace(made, rewrite=replace(twin, claim=other))
        yield made
        if rng.random() < 0.1:
            told = tuple(spun(sentence, rng) for sentence in draft.told)
            if sum(a != b for a, b in zip(" ".join(told).split(), " ".join(draft.told).split(),
                                          strict=True)) >= 3:  # fmt: skip
                yield replace(made, rewrite=replace(made.rewrite, kind="spun"), told=told)


_OWN_CONFLICTS = frozenset("rounded bounded converted spelled share dated quarter".split())


def _misquoted(text: _Text, place: int, pool: Pool, rng: random.Random) -> Iterator[_Draft]:
    """Words of another text put into the mouth of somebody who is quoted here."""
    sentence = text.sentences[place]
    told = spoken(sentence)
    others = pool.sentences
    if told is None or not others:
        return
    for _ in range(3):
        group, words = rng.choice(others)
        if group != text.group and PAST.search(words):
            claim = reported(told[0], words, rng)
            yield _Draft(Rewrite("quoted", claim, UNVERIFIABLE), place, place, (sentence,))
            return


def _joined(first: str, second: str, rng: random.Random) -> str:
    word = rng.choice(("and", "and", "while"))
    return f"{body(first)}, {word} {lowered(second)}"


def _brief(sentence: str) -> str | None:
    """The sentence, or what is left of it without a detail, if it is short enough to join."""
    if QUOTED.search(sentence) or ";" in sentence or re.search(r", and |, while ", sentence):
        return None
    if len(sentence.split()) > 18:
        found = details(sentence)
        if not found:
            return None
        sentence = without(sentence, max(found, key=lambda detail: detail[2] - detail[1]))
    return sentence if 4 <= len(sentence.split()) <= 18 and sentence.endswith(".") else None


def _merged(text: _Text, place: int, pool: Pool, rng: random.Random) -> Iterator[_Draft]:
    """Two sentences in one; and one of them from another text, or not in the passage."""
    first = _brief(text.sentences[place])
    if first is None:
        return
    following = text.sentences[place + 1] if place + 1 < len(text.sentences) else ""
    second = _brief(following) if following and is_claimable(following) else None
    if re.match(r"[A-Z][a-z]+(?:ed|ing)\b", following):
        second = None  # "Founded in 1940, …" goes with its own subject
    if second is not None:
        claim = _joined(first, second, rng)
        both = (text.sentences[place], following)
        yield _Draft(Rewrite("merged", claim), place, place + 1, both)
        alone = Rewrite("merged", claim, UNVERIFIABLE)
        if len(content_stems(second) - content_stems(first)) >= 4:
            if rng.random() < 0.5:
                yield _Draft(alone, place, place, both[:1], hidden=(place + 1,))
            else:
                yield _Draft(alone, place + 1, place + 1, both[1:], hidden=(place,))
    elif rng.random() < 0.25 and pool.sentences:
        group, other = rng.choice(pool.sentences)
        if group != text.group and len(other.split()) <= 16:
            pair = (first, other) if rng.random() < 0.5 else (other, first)
            rewrite = Rewrite("merged", _joined(*pair, rng), UNVERIFIABLE)
            sentence = text.sentences[place]
            if rng.random() < 0.4:  # the passage may be a mixture, too
                both = (sentence, other) if pair[0] == first else (other, sentence)
                yield _Draft(replace(rewrite, label=SUPPORTED), place, place, both)
            else:
                yield _Draft(rewrite, place, place, (sentence,))


_SUBJECT = re.compile(
    rf"^(?P<name>(?:The )?{NAME}|[A-Z][\w’'-]{{3,}})(?: \([^()]*\))?,? "
    r"(?:is|was|has|had|said|says|became|wrote|told|won|began|[a-z]{3,}ed)\b"
)
_PRONOUN = re.compile(r"^(?:He|She) (?=[a-z])")
_KIN = re.compile(
    r"\b(?:wife|husband|mother|father|sister|brother|son|daughter|girlfriend|boyfriend)\b"
)
_NO_PERSON = re.compile(r"\b(?:film|album|song|series|novel|book|company|band|city|town|village)\b")


def _resolved(text: _Text, place: int) -> Iterator[_Draft]:
    """A sentence about `she`, claimed of the one named before; with that sentence or without."""
    if place == 0:
        return
    before, sentence = text.sentences[place - 1 : place + 1]
    named, pronoun = _SUBJECT.match(before), _PRONOUN.match(sentence)
    if named is None or pronoun is None or QUOTED.search(sentence):
        return
    name = named["name"]
    # Whoever else the sentence before names, `she` may be.
    others = [n for n in re.findall(NAME, before) if n not in name]
    if (
        others
        or _KIN.search(before)
        or _NO_PERSON.search(before)
        or len(name.split()) < 2
        or is_function_word(name.split()[0])
    ):
        return
    claim = f"{name} {sentence[pronoun.end() :]}"
    whole = (before, sentence)
    yield _Draft(Rewrite("subject", claim), place - 1, place, whole)
    if not set(name.lower().split()) & set(re.findall(r"[a-z’'-]+", sentence.lower())):
        lone = Rewrite("subject", claim, UNVERIFIABLE)
        yield _Draft(lone, place, place, (sentence,), hidden=tuple(range(place)))


def _chosen(
    text: _Text,
    drafts: list[_Draft],
    counts: Counter[tuple[str, str]],
    rng: random.Random,
    per_text: int,
) -> Iterator[TrainingPair]:
    """Pairs of the drafts, the rarest kinds first."""
    rng.shuffle(drafts)
    buckets: dict[tuple[str, str], list[_Draft]] = defaultdict(list)
    for draft in drafts:
        buckets[draft.rewrite.kind, draft.rewrite.label].append(draft)
    used: Counter[int] = Counter()
    seen: set[tuple[str, str]] = set()
    for _ in range(per_text):
        while buckets:
            key = min(buckets, key=lambda k: (counts[k], k))
            if _is_ahead(key, counts):
                return
            draft = buckets[key].pop()
            if not buckets[key]:
                del buckets[key]
            if used[draft.last] < _PER_SENTENCE and (draft.rewrite.claim, key[1]) not in seen:
                break
        else:
            return
        counts[key] += 1
        used[draft.last] += 1
        seen.add((draft.rewrite.claim, key[1]))
        yield TrainingPair(
            draft.rewrite.claim,
            _passage(text, draft, rng),
            draft.rewrite.label,
            f"rewritten/{draft.rewrite.kind}",
            text.group,
        )


_HEAD_START, _AT_MOST = 60, 3.0


def _is_ahead(key: tuple[str, str], counts: Counter[tuple[str, str]]) -> bool:
    """Whether a kind and label has so many pairs that it should wait for the others."""
    return counts[key] > _HEAD_START + _AT_MOST * counts.total() / max(len(counts), 1)


def _passage(text: _Text, draft: _Draft, rng: random.Random) -> str:
    """The deciding sentences alone, with neighbours, or in a passage of full length."""
    first, last = draft.first, draft.last
    told = list(draft.told)
    size = rng.choice((0, 3, LONGEST_PASSAGE))
    if size == 0:
        return " ".join(told)
    most = len(told) + 2 if size == 3 else len(text.sentences)
    low, high = first, last
    words = sum(len(sentence.split()) for sentence in told)
    while len(told) < most:
        sides = [n for n in (low - 1, high + 1) if 0 <= n < len(text.sentences)]
        sides = [n for n in sides if n not in draft.hidden]
        if not sides:
            break
        side = rng.choice(sides)
        sentence = text.sentences[side]
        words += len(sentence.split())
        if words > LONGEST_PASSAGE or (
            draft.rewrite.label != SUPPORTED and _tells(sentence, draft)
        ):
            break
        if draft.rewrite.kind == "spun":
            sentence = spun(sentence, rng)
        told = [sentence, *told] if side < low else [*told, sentence]
        low, high = min(low, side), max(high, side)
    return " ".join(told)


def _tells(sentence: str, draft: _Draft) -> bool:
    """Whether a neighbour tells what the deciding sentences do not, so that the label fails."""
    told = " ".join(draft.told)
    claim = draft.rewrite.claim
    new_figures = set(re.findall(r"\d+", claim)) - set(re.findall(r"\d+", told))
    if new_figures & set(re.findall(r"\d+", sentence)):
        return True
    new = content_stems(claim) - content_stems(told)
    return bool(new) and 2 * len(new & content_stems(sentence)) > len(new)


def main() -> None:
    """Prints pairs made from files of texts, to look at."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", help="only pairs of this kind")
    options = parser.parse_args()
    texts = list(_read(options.files))
    rng = random.Random(options.seed)
    rng.shuffle(texts)
    pairs = list(rewritten_pairs(texts, rng, per_text=8))
    counts = Counter((pair.maker, pair.label) for pair in pairs)
    for (maker, label), count in sorted(counts.items()):
        print(f"{maker:24} {label:14} {count:6}")
    fair = [p for p in pairs if options.kind is None or p.maker == f"rewritten/{options.kind}"]
    for pair in rng.sample(fair, min(options.sample, len(fair))):
        print(f"\n{pair.maker}  {pair.label}\n  claim    {pair.claim}\n  passage  {pair.passage}")


def _read(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for file in files:
        for number, line in enumerate(file.read_text("utf-8").splitlines()):
            row = json.loads(line)
            text = row["text"] if "text" in row else " ".join(row["evidence"])
            if text not in seen:
                seen.add(text)
                yield f"{file.stem}:{number}", text


if __name__ == "__main__":
    main()
