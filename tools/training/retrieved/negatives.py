"""Passages that retrieval ranks high for a claim and that leave it open.

Most passages that a judge meets in a report are of this kind: about the right thing, and
silent on the point. For a claim of a public set they are what is nearest to it, by meaning or
by words, among the evidence of other claims. What may decide the claim after all is left out
by `tools.training.retrieved.relation`, and, where a judge is given, by what it is sure of.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.models import JUDGE
from tools.models.embedder import Embedder, MiniLMEmbedder
from tools.models.encoder import Encoder
from tools.text.sentences import sentence_spans
from tools.text.words import WORD, content_stems, names, stem
from tools.training.pairs import UNVERIFIABLE, TrainingPair
from tools.training.public import news_texts, public_pairs
from tools.training.retrieved.articles import article_negatives
from tools.training.retrieved.relation import Kind, is_near_copy, parts_of, shared

Judge = Callable[[Sequence[tuple[str, str]]], NDArray[np.float32]]
"""n pairs (claim, passage) to (n, 3): how likely supported, conflicting, unverifiable are."""

SHORTEST, LONGEST = 5, 110
"""Words of a passage of the pool."""
_RANKS = 10
"""How far down a ranking, its own evidence not counted, passages are taken."""


class Passage(NamedTuple):
    """A passage of the pool, and the group of texts that it comes from."""

    group: str
    text: str


def passages_of(
    pairs: Iterable[TrainingPair], texts: Iterable[tuple[str, str]] = ()
) -> list[Passage]:
    """The pool: the evidence of pairs and the windows of other texts, each once, in order.

    Args:
        pairs: their passages are taken as they are.
        texts: (group, text); they are cut in windows of one to three sentences.
    """
    pool: dict[str, str] = {}
    for pair in pairs:
        pool.setdefault(pair.passage, pair.group)
    for group, text in texts:
        for window in _windows(text):
            pool.setdefault(window, group)
    return [
        Passage(group, text)
        for text, group in pool.items()
        if SHORTEST <= len(text.split()) <= LONGEST
    ]


def _windows(text: str) -> Iterator[str]:
    spans = sentence_spans(text)
    for i in range(0, len(spans), 2):
        yield text[spans[i][0] : spans[min(i + 2, len(spans)) - 1][1]]


def retrieved_negatives(
    claims: Sequence[TrainingPair],
    pool: Sequence[Passage],
    rng: random.Random,
    *,
    cache: Path,
    per_claim: int = 2,
    judge: Judge | None = None,
    embedder: Embedder | None = None,
) -> Iterator[TrainingPair]:
    """For claims with evidence that decides them, near passages that do not.

    Args:
        claims: pairs; each claim that one of them supports or contradicts is searched for
            once. A claim that is only ever open would be given away by more open pairs.
        pool: what is searched.
        rng: chooses among the ten best of each ranking.
        cache: folder for the vectors, made if it is not there; the same texts are embedded once.
        per_claim: most pairs of one claim.
        judge: what it is sure of (`_SURE`) is left out.
        embedder: default: the one that ships.

    Yields:
        Pairs of the maker `negatives/KIND`, in the claims' order and group.
    """
    embedder = embedder or MiniLMEmbedder()
    own: dict[str, list[TrainingPair]] = {}
    for pair in claims:
        own.setdefault(pair.claim, []).append(pair)
    asked = [
        claim
        for claim, pairs in own.items()
        if any(pair.label != UNVERIFIABLE for pair in pairs) and not _LEANING_START.match(claim)
    ]
    if not asked or not pool:
        return
    texts = [passage.text for passage in pool]
    rankings = zip(_by_meaning(asked, texts, embedder, cache), _by_words(asked, texts), strict=True)
    found: list[tuple[str, list[tuple[Kind, str]]]] = []
    for claim, ranked in zip(asked, rankings, strict=True):
        candidates: dict[str, Kind] = {}
        groups = {pair.group for pair in own[claim]}
        evidence = [pair.passage for pair in own[claim]]
        for ranking in ranked:
            rank = 0
            for place in ranking:
                passage = pool[place]
                if passage.group in groups or any(is_near_copy(passage.text, e) for e in evidence):
                    continue
                rank += 1
                if rank > _RANKS:
                    break
                kind = shared(claim, passage.text)
                if kind and not is_near_copy(claim, passage.text):
                    candidates[passage.text] = kind
        chosen = _chosen(candidates, rng, per_claim + 2 if judge else per_claim)
        found.append((claim, chosen))
    for claim, chosen in _without_deciders(found, judge):
        group = own[claim][0].group
        for kind, text in chosen[:per_claim]:
            yield TrainingPair(claim, text, UNVERIFIABLE, f"negatives/{kind}", group)


_LEANING_START = re.compile(
    r"(?:he|she|it|they|this|that|these|those|his|her|its|their|there|i|we|you)\b", re.I
)
"""A claim that begins so is not readable alone, and any passage may seem to decide it."""
_WANTED: dict[Kind, float] = {
    "same_subject": 4.0,
    "other_year": 8.0,
    "similar_name": 4.0,
    "other_subject": 2.0,
    "topic": 0.5,
}
"""How much rather one kind is taken than another: the hard ones are the rarer ones."""


def _chosen(candidates: dict[str, Kind], rng: random.Random, count: int) -> list[tuple[Kind, str]]:
    """`count` of the candidates, drawn by the weight of their kinds (Efraimidis, Spirakis 2006)."""
    drawn = sorted(
        ((rng.random() ** (1 / _WANTED[kind]), kind, text) for text, kind in candidates.items()),
        reverse=True,
    )
    return [(kind, text) for _, kind, text in drawn[:count]]


_SURE = {"supported": 0.5, "conflicting": 0.8}
"""Probability from which a judge is believed. A small judge cries conflict at what is open:
the lower bar would take out just the passages that it has to learn."""


def _without_deciders(
    found: list[tuple[str, list[tuple[Kind, str]]]], judge: Judge | None
) -> Iterator[tuple[str, list[tuple[Kind, str]]]]:
    if judge is None:
        yield from found
        return
    # What does not name the claim's subject cannot decide it: only the rest is worth asking.
    asked = [
        (claim, text)
        for claim, chosen in found
        for kind, text in chosen
        if kind in ("same_subject", "similar_name") or not parts_of(claim).subject
    ]
    answers = dict(zip(asked, judge(asked), strict=True)) if asked else {}
    for claim, chosen in found:
        kept = []
        for kind, text in chosen:
            supported, conflicting, _ = answers.get((claim, text), (0.0, 0.0, 1.0))
            if supported < _SURE["supported"] and conflicting < _SURE["conflicting"]:
                kept.append((kind, text))
        yield claim, kept


_DEPTH = 60
"""How many of the pool are ranked: ten, and those of the claim's own group before them."""
_BATCH = 512


def _by_meaning(
    claims: Sequence[str], texts: Sequence[str], embedder: Embedder, cache: Path
) -> Iterator[list[int]]:
    ours, theirs = _vectors(claims, embedder, cache), _vectors(texts, embedder, cache)
    everything = np.arange(len(texts))
    for start in range(0, len(claims), _BATCH):
        for scores in ours[start : start + _BATCH] @ theirs.T:
            yield _best(scores, everything)


def _by_words(claims: Sequence[str], texts: Sequence[str]) -> Iterator[list[int]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=_stems, sublinear_tf=True)
    theirs = vectorizer.fit_transform(texts).T.tocsr()
    ours = vectorizer.transform(claims)
    for start in range(0, len(claims), _BATCH):
        scores = (ours[start : start + _BATCH] @ theirs).tocsr()
        # Most texts share no word with a claim: only those that do are looked at.
        for left, right in itertools.pairwise(scores.indptr):
            yield _best(scores.data[left:right], scores.indices[left:right])


def _stems(text: str) -> list[str]:
    return sorted(content_stems(text))


def _best(scores: NDArray[np.floating[Any]], places: NDArray[np.integer[Any]]) -> list[int]:
    """The places of the highest scores, best first; equal ones in the order of the pool."""
    if len(scores) > _DEPTH:
        top = np.argpartition(-scores, _DEPTH - 1)[:_DEPTH]
        scores, places = scores[top], places[top]
    order: list[int] = places[np.lexsort((places, -scores))].tolist()
    return order


def _vectors(texts: Sequence[str], embedder: Embedder, cache: Path) -> NDArray[np.float32]:
    """Vectors of texts, kept in a file that is named by what was embedded and by what."""
    digest = hashlib.sha256(embedder.id.encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    path = cache / f"{digest.hexdigest()[:24]}.npy"
    if path.exists():
        known: NDArray[np.float32] = np.load(path)
        return known
    vectors = embedder.embed(texts)
    cache.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part.npy")
    np.save(half, vectors)
    half.replace(path)
    return vectors


# All of it


# Distinct claims that are searched for, by set. Not those of clinical trials: they say `the
# primary trial`, and any trial's table then seems to decide them.
_CLAIMS = {
    "fever_dev_2way": 9000,
    "infotabs": 3500,
    "fm2_dev": 1200,
    "nli_new_protocols": 3000,
    "check_covid": 800,
    "climate_fever_a": 800,
    "healthver_dev": 300,
    "nli_semi_automatic_wiki": 1500,
    "nli_conj_auto": 800,
}
# Passages of the pool, by set; those of general inference name too little to be near anything.
_POOL = {
    "fever_dev_2way": 6000,
    "infotabs": 2000,
    "fm2_dev": 1500,
    "nli_new_protocols": 6000,
    "nli4ct": 1000,
    "check_covid": 1000,
    "check_covid_abstract": 1500,
    "climate_fever_a": 4000,
    "healthver_dev": 1000,
    "nli_semi_automatic_wiki": 3000,
    "nli_conj_auto": 1500,
}


def public_negatives(
    pairs: Sequence[TrainingPair],
    texts: Sequence[tuple[str, str]],
    rng: random.Random,
    *,
    cache: Path,
    judge: Judge | None = None,
) -> Iterator[TrainingPair]:
    """Both makers over the public sets and the articles, as they are trained on.

    Args:
        pairs: of `tools.training.public`.
        texts: (group, text) of articles.
        rng: the same gives the same pairs.
        cache: as in `retrieved_negatives`.
        judge: as in `retrieved_negatives`.
    """
    alone = [p for p in pairs if not p.maker.startswith("nli_") or _opens_with_name(p.claim)]
    claims = _sampled(alone, _CLAIMS, lambda pair: pair.claim, rng)
    pool = passages_of(_sampled(pairs, _POOL, lambda pair: pair.passage, rng), texts)
    yield from retrieved_negatives(claims, pool, rng, cache=cache, judge=judge)
    yield from article_negatives(texts, rng)


def _opens_with_name(claim: str) -> bool:
    """Whether a claim of a general set reads alone: `The song …` and `She …` do not."""
    first = WORD.search(claim.removeprefix("The "))
    return bool(first and first[0][0].isupper() and stem(first[0].lower()) in names(claim))


def _sampled(
    pairs: Iterable[TrainingPair],
    caps: dict[str, int],
    key: Callable[[TrainingPair], str],
    rng: random.Random,
) -> list[TrainingPair]:
    """The pairs of so many different claims or passages of each set, chosen by chance."""
    known: dict[str, dict[str, list[TrainingPair]]] = {}
    for pair in pairs:
        if pair.maker in caps:
            known.setdefault(pair.maker, {}).setdefault(key(pair), []).append(pair)
    chosen = []
    for maker, by_key in known.items():
        keys = list(by_key)
        if len(keys) > caps[maker]:
            keys = rng.sample(keys, caps[maker])
        chosen += [pair for one in keys for pair in by_key[one]]
    return chosen


def main(arguments: Sequence[str] | None = None) -> None:
    """`python -m tools.training.retrieved.negatives FOLDER --cache DIR [--judge] [--out FILE]`.

    FOLDER holds the public sets and `news_bodies.jsonl`.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for vectors")
    parser.add_argument("--judge", action="store_true", help="drop what the judge is sure of")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, help="print so many, to be read")
    parser.add_argument("--out", type=Path, help="JSONL of the pairs")
    given = parser.parse_args(arguments)
    rng = random.Random(given.seed)
    pairs = list(public_pairs(given.folder, rng))
    judge = _shipped_judge if given.judge else None
    texts = news_texts(given.folder)
    made = list(public_negatives(pairs, texts, rng, cache=given.cache, judge=judge))
    if given.out:
        lines = (json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in made)
        given.out.write_text("".join(lines), encoding="utf-8")
    for pair in rng.sample(made, min(given.sample or 0, len(made))):
        sys.stdout.write(f"{pair.maker} {pair.label}\n  {pair.claim}\n  {pair.passage!r}\n")
    for (maker, label), count in sorted(Counter((p.maker, p.label) for p in made).items()):
        sys.stdout.write(f"{count:7d}  {maker}  {label}\n")


def _shipped_judge(pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    """What the model of the judge that ships says of whole passages, without its calibration."""
    logits = Encoder(JUDGE).run(pairs)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares


if __name__ == "__main__":
    main()
