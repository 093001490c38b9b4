"""How well the quote that becomes evidence hits the sentences that decide a claim.

    python -m evals.evidence.quotes                     # the claims that nothing was chosen on
    python -m evals.evidence.quotes --limit 100 --json  # 100 claims of each set, for programs
    python -m evals.evidence.quotes --half tuned        # those that quotes were chosen on

Some end-to-end sets name the rows of their corpus that decide a claim. Each passage of a source
that holds such a row, and at least one sentence that is none, is rated as after retrieval; the
quote of the evidence is compared with the gold rows. A quote *hits* where it overlaps one of
them by at least half of the shorter of the two. Token F1 is that of SQuAD (Rajpurkar et al.
2016) against the nearest gold row, over content stems. Length is the quote's share of the
passage's words.

What the judge quotes stands beside what needs no judge: the passage's first sentence, the one
with most of the claim's words, and one chosen by chance. Claims on one source share sentences,
so they are drawn together in the bootstrap, and fall into the same half.

In `climate_fever` a row is a single sentence. Its neighbours are the other rows of the same
article of Wikipedia, in no order; nobody has said of most of them whether they decide, too.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.errors import InputError
from agent.rate import Rater
from agent.types import Hit, Stance
from evals.corpora import hits_of
from evals.lines import objects
from evals.metrics import Figures, Resampler, interval, quotient, rounded, share
from evals.outcomes import bare_claim
from evals.samples import ClaimSample, CorpusRow
from evals.suites import CorpusSource, Suite, available, load
from tools.text.sentences import sentence_spans
from tools.text.words import WORD, content_stems, covered

SETS = ("e2e/wice", "e2e/check_covid", "e2e/climate_fever")
HALVES = ("held", "tuned", "all")
JUDGE, DECIDED = "judge", "judge, stance as the gold's"
_DECIDING: dict[str, Stance] = {
    "supported": "supports",
    "partially_supported": "supports",
    "conflicting": "contradicts",
}
"""Gold labels whose rows decide; those of other labels are only near the claim."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Cited:
    """A claim with a passage in which a gold row stands.

    Attributes:
        claim: its text.
        family: what the claim is drawn with: the source of its first gold row.
        stances: which stance the gold rows here have; of several labels, each.
        hit: the passage with its source.
        gold: spans of the gold rows in the passage's text, in order.
    """

    claim: str
    family: str
    stances: frozenset[Stance]
    hit: Hit
    gold: tuple[Span, ...]

    @property
    def text(self) -> str:
        return self.hit.passage.text


# What is measured on


def cited(suite: Suite, half: str = "all") -> list[Cited]:
    """The passages of a suite's sources that hold gold rows and something else, by claim.

    Args:
        suite: of the kind *end to end*, with as many claims as are wanted.
        half: `tuned` or `held`, by the hash of the claim's family; or `all`.

    Raises:
        InputError: the suite has no claims with a corpus.
    """
    if suite.kind != "end to end":
        raise InputError(f"{suite.name} is of kind {suite.kind!r}", "Name a set with a corpus")
    home = {row.id: row.doc for row in suite.corpus if isinstance(row, CorpusRow)}
    labels = _labels_of_rows(suite)
    sources = list(_by_article(suite).sources())
    places = {row: (source, span) for source in sources for row, span in source.rows.items()}
    passages = {source.name: hits_of(source.document, source.name) for source in sources}
    found: list[Cited] = []
    for sample in suite.samples:
        if not isinstance(sample, ClaimSample):
            continue
        gold = labels.get(sample.id, {})
        rows = dict.fromkeys(row for rows in sample.gold_sets for row in rows)
        # A source without any word is left out of the library, and its rows with it.
        deciding = [row for row in rows if gold.get(row) in _DECIDING and row in places]
        if not deciding or (half != "all" and half != half_of(home[deciding[0]])):
            continue
        for hit in _holding(deciding, places, passages):
            here = {
                row: (start - hit.passage.start, end - hit.passage.start)
                for row in deciding
                if places[row][0].name == hit.source.path
                for start, end in [places[row][1]]
                if hit.passage.start <= start and end <= hit.passage.end
            }
            spans = tuple(sorted(here.values()))
            if all(overlaps(s, spans) for s in sentence_spans(hit.passage.text)):
                continue  # there is nothing to choose
            stances = frozenset(_DECIDING[gold[row]] for row in here)
            found.append(Cited(sample.claim, home[deciding[0]], stances, hit, spans))
    return found


def half_of(family: str) -> str:
    """`tuned` or `held`: the same for ever, whatever else a set holds."""
    return "tuned" if hashlib.sha256(family.encode()).digest()[0] % 2 else "held"


def _labels_of_rows(suite: Suite) -> dict[str, dict[str, str]]:
    """The gold label of each row by the claim's id: its own, where the set names them."""
    labels = {}
    for _, data in objects(suite.path / "claims.jsonl"):
        rows = [r for g in data["gold_ids"] for r in (g if isinstance(g, list) else [g])]
        own = data.get("gold_labels") or [data["label"]] * len(rows)
        labels[str(data["id"])] = {str(r): label for r, label in zip(rows, own, strict=True)}
    return labels


def _by_article(suite: Suite) -> Suite:
    """A suite whose sources have one row each with the rows of one title as one source."""
    rows = [row for row in suite.corpus if isinstance(row, CorpusRow)]
    if len({row.doc for row in rows}) < len(rows):
        return suite
    titled = [row.model_copy(update={"doc": row.title}) if row.title else row for row in rows]
    return replace(suite, corpus=tuple(titled))


def _holding(
    rows: Iterable[str],
    places: dict[str, tuple[CorpusSource, Span]],
    passages: dict[str, list[Hit]],
) -> list[Hit]:
    """For each row the first passage that holds it whole; one longer than any has none."""
    found: dict[str, Hit] = {}
    for row in rows:
        source, (start, end) = places[row]
        for hit in passages[source.name]:
            if hit.passage.start <= start and end <= hit.passage.end:
                found.setdefault(hit.passage.id, hit)
                break
    return list(found.values())


# What is measured


def overlaps(quote: Span, gold: Iterable[Span]) -> bool:
    """Whether a quote shares with a gold row at least half of the shorter of the two."""
    return any(
        2 * (min(quote[1], end) - max(quote[0], start)) >= min(quote[1] - quote[0], end - start) > 0
        for start, end in gold
    )


def token_f1(quote: str, gold: str) -> float:
    """F1 of the content stems of two texts, 0..1; 0 where one has none."""
    ours, theirs = content_stems(quote), content_stems(gold)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


@dataclass(frozen=True)
class Quoted:
    """What was quoted of each of n passages.

    Attributes:
        hits: (n,) 1 where the quote hits a gold row, else 0.
        f1: (n,) token F1 with the nearest gold row.
        lengths: (n,) share of the passage's words.
        counted: (n,) 1 where the passage counts.
    """

    hits: NDArray[np.float64]
    f1: NDArray[np.float64]
    lengths: NDArray[np.float64]
    counted: NDArray[np.float64]


def measured(samples: Sequence[Cited], quotes: Sequence[Span], counted: Sequence[bool]) -> Quoted:
    """Quotes against gold; `counted` tells which of them are looked at."""
    rows = []
    for sample, quote in zip(samples, quotes, strict=True):
        text = sample.text[slice(*quote)]
        nearest = max(token_f1(text, sample.text[slice(*gold)]) for gold in sample.gold)
        words = len(WORD.findall(text)) / max(len(WORD.findall(sample.text)), 1)
        rows.append((float(overlaps(quote, sample.gold)), nearest, words))
    hits, f1, lengths = np.array(rows).reshape(-1, 3).T
    return Quoted(hits, f1, lengths, np.array(counted, dtype=np.float64))


def first(sample: Cited, rng: random.Random) -> Span:
    return sentence_spans(sample.text)[0]


def most_words(sample: Cited, rng: random.Random) -> Span:
    """The sentence with most of the claim's content words, the first of several."""
    spans = sentence_spans(sample.text)
    return max(spans, key=lambda span: (covered(sample.claim, sample.text[slice(*span)]), -span[0]))


def chance(sample: Cited, rng: random.Random) -> Span:
    return rng.choice(sentence_spans(sample.text))


BASELINES: dict[str, Callable[[Cited, random.Random], Span]] = {
    "first sentence": first,
    "most words of the claim": most_words,
    "any sentence": chance,
}


async def quoted_by(rater: Rater, samples: Sequence[Cited]) -> list[tuple[Span, Stance]]:
    """What a rater quotes of each passage, as a span of its text, and the stance."""
    found = []
    for sample in samples:
        (item,) = await rater.rate(bare_claim(sample.claim), [sample.hit])
        start = item.start - sample.hit.passage.start
        found.append(((start, start + len(item.quote)), item.stance))
    return found


def compare(
    samples: Sequence[Cited], judged: Sequence[tuple[Span, Stance]], seed: int
) -> dict[str, Figures]:
    """Figures of the judge and of each baseline.

    Args:
        samples: at least one.
        judged: what the rater quoted of each, and its stance.
        seed: of the baseline that goes by chance, and of the bootstrap.

    Returns:
        By way: `n`, `hits`, `f1`, `length`, `ci` with their intervals; of a baseline also
        `judge_less`, what the judge's share of hits is above its own, with an interval.
    """
    rng = random.Random(seed)  # noqa: S311
    everything = [True] * len(samples)
    spans = [span for span, _ in judged]
    ours = measured(samples, spans, everything)
    right = [stance in s.stances for s, (_, stance) in zip(samples, judged, strict=True)]
    ways = {JUDGE: ours, DECIDED: replace(ours, counted=np.array(right, dtype=np.float64))}
    for name, pick in BASELINES.items():
        ways[name] = measured(samples, [pick(s, rng) for s in samples], everything)
    numbers = {family: i for i, family in enumerate(dict.fromkeys(s.family for s in samples))}
    units = np.array([numbers[s.family] for s in samples])
    sampler = Resampler(len(numbers), seed)
    figures = {name: _figures(way, units, sampler) for name, way in ways.items()}
    for name in BASELINES:
        gap = ours.hits - ways[name].hits
        sums = sampler.sums(_by_unit(np.stack([gap, ours.counted], axis=1), units))
        figures[name]["judge_less"] = rounded(gap.mean())
        figures[name]["ci"]["judge_less"] = interval(quotient(sums[:, 0], sums[:, 1]))
    return figures


def _figures(way: Quoted, units: NDArray[np.int64], sampler: Resampler) -> Figures:
    columns = np.stack([way.hits, way.f1, way.lengths, np.ones(len(way.hits))], axis=1)
    columns *= way.counted[:, None]
    by_unit = _by_unit(columns, units)
    total, sums = columns.sum(axis=0), sampler.sums(by_unit)
    figures: Figures = {"n": int(total[3])}
    ci: Figures = {}
    counted = int((by_unit[:, 3] > 0).sum())
    over = [quotient(sums[:, place], sums[:, 3]) for place in range(3)]
    figures["hits"], ci["hits"] = share(total[0], total[3], over[0], counted)
    for place, name in ((1, "f1"), (2, "length")):
        figures[name] = rounded(total[place] / total[3]) if total[3] else None
        ci[name] = interval(over[place])
    return figures | {"ci": ci}


def _by_unit(columns: NDArray[np.float64], units: NDArray[np.int64]) -> NDArray[np.float64]:
    result = np.zeros((int(units.max()) + 1, columns.shape[1]))
    np.add.at(result, units, columns)
    return result


# Run and shown


def run(
    rater: Rater, sets: Iterable[str], *, limit: int | None, seed: int, half: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measures each set that has such passages.

    Args:
        rater: what quotes.
        sets: names or paths of suites.
        limit: most claims of each, chosen by `seed`; None means all.
        seed: of that choice, the bootstrap, and the baseline that goes by chance.
        half: as for `cited`.

    Yields:
        The set's name, and its `claims`, `passages` and `ways` (`compare`).
    """
    for name in sets:
        suite = load(name).limited(limit, seed)
        samples = cited(suite, half)
        if not samples:
            continue
        judged = asyncio.run(quoted_by(rater, samples))
        claims = len({sample.claim for sample in samples})
        ways = compare(samples, judged, seed)
        yield name, {"claims": claims, "passages": len(samples), "ways": ways}


def table(name: str, result: dict[str, Any]) -> str:
    """A set's figures as a table in Markdown."""
    lines = [
        f"{name}: {result['claims']} claims, {result['passages']} passages",
        "",
        "| Quoted | passages | hits | token F1 | length | judge's hits less these |",
        "|---|---|---|---|---|---|",
    ]
    for way, figures in result["ways"].items():
        cells = [_cell(figures, key) for key in ("hits", "f1", "length", "judge_less")]
        lines.append(f"| {way} | {figures['n']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(figures: Figures, key: str) -> str:
    value, bounds = figures.get(key), figures["ci"].get(key)
    if value is None:
        return "–"
    return f"{value:.3f}" + (f" [{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else "")


def main() -> None:
    from agent.rate.embedded import EmbeddedRater

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--limit", type=int, help="most claims of each set, chosen by chance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--half", choices=HALVES, default="held", help="which of the claims")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    args = parser.parse_args()
    there = {suite.name for suite in available()}
    sets = [name for name in SETS if name in there]
    if not sets:
        parser.error(f"there is none of {', '.join(SETS)}; say where: ASSAY_BENCHMARKS")
    results = {}
    rated = run(EmbeddedRater(), sets, limit=args.limit, seed=args.seed, half=args.half)
    for name, result in rated:
        results[name] = result
        if not args.json:
            print(table(name, result), flush=True)
    if args.json:
        print(json.dumps({"half": args.half, "seed": args.seed, "sets": results}, indent=2))


if __name__ == "__main__":
    main()
