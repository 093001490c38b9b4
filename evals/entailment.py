"""Whether claims say what a text says, and the text what they say: by the embedded judge.

One-to-one matching punishes a claim that keeps its figures together where the gold has an atom
for each. Here a gold claim counts as covered if the extracted claims beside it say it *together*,
and an extracted claim if the gold claims beside it do: as the element-level coverage of Claimify
(Metropolitansky and Larson 2025), with the embedded judge in the place of a language model, so
that runs of all models are measured by the same. Where one text has all content words and figures
of the other and denies as it does, the judge is not asked.

A claim is held against the sentence that it is from. It is written to be read alone, so it also
names people and days that its sentence does not: the sentences that they stand in are shown with
it, and the days that `last Tuesday` comes to. Against its bare sentence a claim would lose for
being clear.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.compare.ruling import verdict_of
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair
from agent.types import Article, Claim
from evals.matching import similarity
from evals.outcomes import extracted
from tools.text.sentences import sentence_spans
from tools.text.words import content_stems, is_negated
from tools.times.dates import parse_day, resolve

Span = tuple[int, int]
BESIDE = 6
"""Most claims that are read together for one claim of the other side; where places are not known
these are the nearest in words."""

MOSTLY = 0.8
"""Share of an extracted claim's content words that the gold has where it covers it: atoms leave
out `including`, `such as`, `in addition`. Chosen by reading the claims of the first 60 texts of
`factscore_chatgpt` that are covered at one threshold and not at the next."""


@dataclass(frozen=True)
class Statement:
    """A claim as it is held against those of the other side.

    Attributes:
        text: its wording.
        quote: the text's own words for it, if known.
        span: where they stand, if known.
        added: what `text` was given for reading alone.
    """

    text: str
    quote: str | None = None
    span: Span | None = None
    added: Sequence[str] = ()

    @property
    def asserted(self) -> str:
        """What is to be said by the other side: the text's own words, if known."""
        return self.quote or self.text

    @property
    def whole(self) -> str:
        """All that it says."""
        return "\n".join(dict.fromkeys((self.text, self.asserted)))


@dataclass(frozen=True)
class Covered:
    """What two lists of claims say of one another.

    Attributes:
        gold: of each gold claim, whether the extracted ones say it.
        found: of each extracted claim, whether the gold ones say it.
    """

    gold: list[bool]
    found: list[bool]


@dataclass(frozen=True)
class _Question:
    """Whether texts, read together, say a claim; `plain` where no judge is needed."""

    claim: str
    texts: list[str]
    plain: bool


def entailed(judge: EmbeddedJudge, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether each claim follows from its text, for (claim, text)."""
    if not pairs:
        return []
    asked = [Pair(claim, text) for claim, text in pairs]
    return [verdict_of(said.probabilities) == "supported" for said in judge.judge(asked)]


def says(
    texts: Sequence[str], claim: str, *, known: Sequence[str] = (), least: float = 1.0
) -> bool:
    """Whether texts have the content words and all figures of a claim, and deny as it does.

    True is safe enough to leave the judge out; False says nothing.

    Args:
        texts: read together.
        claim: what they may say.
        known: words of the claim that need not be there.
        least: share of its other content words that must be, 0..1.
    """
    wanted = content_stems(claim) - _stems(known)
    there = _stems(texts)
    figures = {word for word in wanted if word[0].isdigit()}
    denied = any(map(is_negated, texts))
    return (
        bool(wanted)
        and len(wanted & there) >= least * len(wanted)
        and figures <= there
        and denied == is_negated(claim)
    )


def _stems(texts: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(content_stems, texts))


def covering(
    judge: EmbeddedJudge,
    gold: Sequence[Statement],
    found: Sequence[Statement],
    sentences: Sequence[Span] = (),
) -> Covered:
    """Which claims of two lists the other list covers.

    A gold claim is covered where one extracted claim has all its content words and figures, or
    where the judge takes it to follow from the extracted ones beside it. It is asked in the text's
    own words, if they are known: whether a claim names what its sentence leaves out is measured
    elsewhere. An extracted claim is covered where the gold ones beside it have `MOSTLY` all of its
    words and all figures together, or it follows from them; words that it was given for reading
    alone are left out, since an atom says `he` where the claim names him.

    Args:
        judge: what tells what follows.
        gold: the gold claims.
        found: the extracted claims, in the text's order.
        sentences: of the text, in order. Claims with places are beside those that share a
            sentence with them; the others are beside the `BESIDE` nearest in words.
    """
    near = [[_nearness(one, other, sentences) for other in found] for one in gold]
    questions = []
    for one, row in zip(gold, near, strict=True):
        texts = [found[j].text for j in _nearest(row)]
        plain = any(says([text], one.asserted) for text in texts)
        questions.append(_Question(one.asserted, texts, plain))
    for number, one in enumerate(found):
        texts = [gold[i].whole for i in _nearest([row[number] for row in near])]
        plain = says(texts, one.text, known=one.added, least=MOSTLY)
        questions.append(_Question(one.text, texts, plain))
    open_ = [bool(question.texts) and not question.plain for question in questions]
    asked = [(q.claim, "\n".join(q.texts)) for q in itertools.compress(questions, open_)]
    answers = iter(entailed(judge, asked))
    said = [next(answers) if ask else q.plain for q, ask in zip(questions, open_, strict=True)]
    return Covered(said[: len(gold)], said[len(gold) :])


def _nearness(one: Statement, other: Statement, sentences: Sequence[Span]) -> float | None:
    """Likeness of two claims in words; None where they are from different sentences."""
    if one.span and other.span and not _of(one.span, sentences) & _of(other.span, sentences):
        return None
    return similarity(one.text, other.text)


def _of(span: Span, sentences: Sequence[Span]) -> set[int]:
    """Numbers of the sentences that share a character with a span."""
    return {n for n, (start, end) in enumerate(sentences) if start < span[1] and span[0] < end}


def _nearest(near: Sequence[float | None]) -> list[int]:
    """Numbers of the `BESIDE` nearest, in order."""
    known = [(-value, number) for number, value in enumerate(near) if value is not None]
    return sorted(number for _, number in sorted(known)[:BESIDE])


def premises(article: Article, claims: Sequence[Claim]) -> list[str]:
    """What each claim has to follow from: its sentence, and where its additions stand.

    Of several sentences that have an addition the nearest before the claim is taken, else the
    nearest after it. Words that depend on the day of writing have it written after them. An
    addition that the article has nowhere adds nothing, so that a claim with it has to do without.
    """
    sentences = sentence_spans(article.text, article.language)
    written = parse_day(article.published_at)
    texts = [_dated(article.text[a:b], written) for a, b in sentences]
    known = [(text.casefold(), content_stems(text)) for text in texts]
    title = article.title or ""
    found = []
    for claim in claims:
        own = [i for i, (a, b) in enumerate(sentences) if a < claim.end and claim.start < b]
        taken = set(own)
        parts = []
        for added in claim.context_added:
            place = _where(added, own[0] if own else 0, known)
            if place is not None:
                taken.add(place)
            elif title and content_stems(added) <= content_stems(title):
                parts = [title]
        found.append("\n".join([*parts, " ".join(texts[i] for i in sorted(taken))]))
    return found


def _where(added: str, own: int, known: Sequence[tuple[str, frozenset[str]]]) -> int | None:
    """The sentence of an addition: with just its words, else with all that carry meaning."""
    wanted, stems = added.casefold(), content_stems(added)
    order = [*range(min(own, len(known) - 1), -1, -1), *range(own + 1, len(known))]
    literal = next((i for i in order if wanted in known[i][0]), None)
    if literal is not None or not stems:
        return literal
    return next((i for i in order if stems <= known[i][1]), None)


def _dated(sentence: str, written: date | None) -> str:
    """A sentence with the days written out that depend on when it was written."""
    if written is None:
        return sentence
    for _, end, reading in reversed(resolve(sentence, written)):
        sentence = f"{sentence[:end]} ({reading}){sentence[end:]}"
    return sentence


def held_against(
    judge: EmbeddedJudge, article: Article, claims: Sequence[Claim]
) -> list[dict[str, Any]]:
    """Claims as `samples.jsonl` has them, with whether each follows from its sentence."""
    texts = premises(article, claims)
    follows = entailed(judge, [(c.text, text) for c, text in zip(claims, texts, strict=True)])
    return [
        extracted(claim, article.text) | {"entailed": said}
        for claim, said in zip(claims, follows, strict=True)
    ]
