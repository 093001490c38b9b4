"""How many of the rows that decide a claim are among the passages found for it.

    python -m evals.evidence.retrieval                       # all end-to-end sets there are
    python -m evals.evidence.retrieval e2e/wice --limit 100  # some, 100 claims of each
    python -m evals.evidence.retrieval --rerank --json       # also re-ranked, for programs
    python -m evals.evidence.retrieval --half tuned          # the half that weights were chosen on

Each claim is searched for in its set's corpus by meaning alone, by words alone, by the places
in both lists (reciprocal rank fusion), by both as the product does it, and so with the embedded
judge's relevance. A passage *shows* a row where they share half of the shorter of the two. Of
several sets of rows that decide a claim the one found best counts.

`recall@k` is the share of a claim's deciding rows in its first k passages, `any@10` and `all@10`
the shares of claims of which one row, or every row, is there; `source@10` asks for a passage of
the right source only, and `mrr` is the mean reciprocal rank of the first row. `proposed` is the
share of deciding rows that is anywhere in the first 50 of either list: what no order of what
the two searches propose can exceed.

Sets also name rows that do *not* decide: beside a claim that nobody could rate, or among the
five sentences of `climate_fever`. Such a row is near the claim at best, and finding it proves
nothing; these figures leave it out. With `--rows all` it counts, as in `assay eval run`. Nor has
anybody said of all other rows that they decide nothing: in a corpus on one topic a claim is
often decided by papers that its set does not name. No way of searching reaches 1.

Claims on one source share their rows. They are drawn together in the bootstrap, and fall into
the same half.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from agent.errors import InputError
from agent.types import VERDICTS, Hit, Verdict
from evals.corpora import Built, build_library, libraries_folder
from evals.evidence.quotes import HALVES, half_of
from evals.lines import objects
from evals.metrics import Figures, Resampler, quotient, share
from evals.outcomes import DEPTHS
from evals.samples import ClaimSample, CorpusRow
from evals.suites import Suite, available, load
from tools.library import Library
from tools.library.retrieval import By, Rerank, retrieve_many
from tools.models.embedder import Embedder

LEGS: tuple[By, By] = ("meaning", "words")
MOST = max(DEPTHS)
PROPOSED = 50
"""Passages of each list that are fused by place: what the product takes of each for ten."""
_RANK_CONSTANT = 60
"""Of reciprocal rank fusion, as Cormack, Clarke and Büttcher (2009) have it."""
FIGURES = (*(f"recall@{depth}" for depth in DEPTHS), f"any@{MOST}", f"all@{MOST}",
           f"source@{MOST}", "mrr")  # fmt: skip
_DECIDES_NOT: Verdict = "unverifiable"


class Place(NamedTuple):
    """Where a row stands: a span of a source's text."""

    source_id: str
    start: int
    end: int


@dataclass(frozen=True)
class Asked:
    """A claim with what should be found for it.

    Attributes:
        text: the claim.
        family: what it is drawn with: the source of its first row.
        gold: the sets of rows that decide it, each alone; none is empty.
    """

    text: str
    family: str
    gold: tuple[tuple[Place, ...], ...]


# What is asked


def asked(suite: Suite, built: Built, *, half: str = "all", every_row: bool = False) -> list[Asked]:
    """The claims of a suite for which something is to be found.

    Args:
        suite: of the kind *end to end*.
        built: the library of its corpus.
        half: `tuned` or `held`, by the claim's family; or `all`.
        every_row: also rows that decide nothing.
    """
    home = {row.id: row.doc for row in suite.corpus if isinstance(row, CorpusRow)}
    idle = set() if every_row else _not_deciding(suite)
    claims = []
    for sample in suite.samples:
        if not isinstance(sample, ClaimSample):
            continue
        sets = [[row for row in rows if (sample.id, row) not in idle] for rows in sample.gold_sets]
        gold = [rows for rows in sets if rows]
        if not gold or (half != "all" and half != half_of(home[gold[0][0]])):
            continue
        # A row without any word is in no source: it is never found, and counts.
        places = tuple(
            tuple(Place(*built.rows.get(row, ("", 0, 0))) for row in rows) for rows in gold
        )
        claims.append(Asked(sample.claim, home[gold[0][0]], places))
    return claims


def _not_deciding(suite: Suite) -> set[tuple[str, str]]:
    """Ids of claim and row where the row's own label, else the claim's, is that it decides
    nothing."""
    found = set()
    for _, data in objects(suite.path / "claims.jsonl"):
        rows = [r for g in data["gold_ids"] for r in (g if isinstance(g, list) else [g])]
        labels = data.get("gold_labels") or [data["label"]] * len(rows)
        found |= {
            (str(data["id"]), str(row))
            for row, label in zip(rows, labels, strict=True)
            if label == _DECIDES_NOT
        }
    return found


# What is measured


def shows(hit: Hit, place: Place) -> bool:
    """Whether a passage and a row share half of the shorter of the two."""
    passage = hit.passage
    shared = min(place.end, passage.end) - max(place.start, passage.start)
    shorter = min(place.end - place.start, passage.end - passage.start)
    return place.source_id == passage.source_id and 2 * shared >= shorter > 0


def measured(claim: Asked, hits: Sequence[Hit]) -> dict[str, float]:
    """The figures of one claim, each 0..1."""
    ranks = {
        place: next((rank for rank, hit in enumerate(hits, 1) if shows(hit, place)), None)
        for rows in claim.gold
        for place in rows
    }

    def recall(depth: int) -> float:
        return max(
            sum((ranks[place] or depth + 1) <= depth for place in rows) / len(rows)
            for rows in claim.gold
        )

    first = min((rank for rank in ranks.values() if rank), default=None)
    shown = {hit.source.id for hit in hits[:MOST]}
    return {
        **{f"recall@{depth}": recall(depth) for depth in DEPTHS},
        f"any@{MOST}": float(first is not None and first <= MOST),
        f"all@{MOST}": float(recall(MOST) == 1),
        f"source@{MOST}": float(any(place.source_id in shown for place in ranks)),
        "mrr": 1 / first if first else 0.0,
    }


def summary(claims: Sequence[Asked], found: Sequence[Sequence[Hit]], seed: int) -> Figures:
    """Means over the claims, with 95 % intervals of whole families drawn."""
    rows = [measured(claim, hits) for claim, hits in zip(claims, found, strict=True)]
    families = {family: i for i, family in enumerate(dict.fromkeys(c.family for c in claims))}
    sums = np.zeros((len(families), len(FIGURES) + 1))
    for claim, row in zip(claims, rows, strict=True):
        sums[families[claim.family]] += [*(row[name] for name in FIGURES), 1]
    drawn = Resampler(len(families), seed).sums(sums)
    figures: Figures = {"ci": {}}
    for i, name in enumerate(FIGURES):
        values = quotient(drawn[:, i], drawn[:, -1])
        total = float(sums[:, i].sum())
        figures[name], figures["ci"][name] = share(total, len(claims), values, len(families))
    return figures


def proposed(claim: Asked, lists: Sequence[Sequence[Hit]]) -> float:
    """The share of the rows of one claim that is anywhere in one of several lists."""
    hits = [hit for found in lists for hit in found]
    return max(
        sum(any(shows(hit, place) for hit in hits) for place in rows) / len(rows)
        for rows in claim.gold
    )


def fused(lists: Sequence[Sequence[Hit]], n: int) -> list[Hit]:
    """The first `n` by reciprocal rank fusion of several lists; ties by id."""
    scores: dict[str, float] = {}
    hits: dict[str, Hit] = {}
    for found in lists:
        for rank, hit in enumerate(found, 1):
            id_ = hit.passage.id
            hits[id_] = hit
            scores[id_] = scores.get(id_, 0.0) + 1 / (_RANK_CONSTANT + rank)
    return [hits[id_] for id_ in sorted(scores, key=lambda id_: (-scores[id_], id_))[:n]]


class Searched(NamedTuple):
    found: list[list[Hit]]
    """For each claim, best first."""
    ms: float
    """Milliseconds a claim; of fusing by place the fusing alone."""


def searched(
    library: Library, texts: Sequence[str], rerank: Rerank | None
) -> tuple[dict[str, Searched], list[tuple[list[Hit], ...]]]:
    """Searches in every way.

    Returns:
        What was found, by the name of the way; and for each text the longer lists of the two
        ways that propose.
    """

    def timed(search: Callable[[], list[list[Hit]]]) -> Searched:
        start = time.perf_counter()
        found = search()
        return Searched(found, round(1000 * (time.perf_counter() - start) / len(texts), 1))

    search = partial(retrieve_many, library, texts, n=MOST)
    search(by="both")  # opens the caches, and loads the embedder
    legs = [retrieve_many(library, texts, n=PROPOSED, by=by) for by in LEGS]
    lists = list(zip(*legs, strict=True))
    ways = {f"by {by}": timed(partial(search, by=by)) for by in LEGS}
    ways["by place"] = timed(lambda: [fused(each, MOST) for each in lists])
    ways["by both"] = timed(partial(search, by="both"))
    if rerank:
        ways["re-ranked"] = timed(partial(search, by="both", rerank=rerank))
    return ways, lists


def judged_relevance() -> Rerank:
    """The embedded judge's relevance of a passage, read whole: 1 less its probability that the
    claim stays open."""
    from tools.models import JUDGE
    from tools.models.encoder import Encoder

    encoder = Encoder(JUDGE)

    def relevance(text: str, hits: Sequence[Hit]) -> list[float]:
        logits = encoder.run([(text, hit.passage.text) for hit in hits]).astype(np.float64)
        said = np.exp(logits - logits.max(axis=1, keepdims=True))
        neutral = VERDICTS.index(_DECIDES_NOT)
        return [float(row) for row in 1 - said[:, neutral] / said.sum(axis=1)]

    return relevance


def run(
    sets: Sequence[str],
    *,
    limit: int | None = None,
    seed: int = 0,
    half: str = "held",
    every_row: bool = False,
    rerank: Rerank | None = None,
    embedder: Embedder | None = None,
    libraries: Path | None = None,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Searches for the claims of some sets in every way.

    Yields:
        The set's name, and its `claims`, `passages` of its library, the share `proposed`, and
        `ways`: the figures of each, with `ms`, milliseconds a claim.

    Raises:
        InputError: a set is of another kind.
    """
    for name in sets:
        suite = load(name).limited(limit, seed)
        if suite.kind != "end to end":
            raise InputError(f"{name} is of kind {suite.kind!r}", "Name a set with a corpus")
        built = build_library(suite, libraries or libraries_folder(), embedder, None)
        claims = asked(suite, built, half=half, every_row=every_row)
        if not claims:
            continue
        with Library.open(built.folder, built.embedder) as library:
            passages = library.state().passages
            found, lists = searched(library, [claim.text for claim in claims], rerank)
        ways = {way: summary(claims, each, seed) | {"ms": ms} for way, (each, ms) in found.items()}
        reach = [proposed(claim, each) for claim, each in zip(claims, lists, strict=True)]
        yield (
            name,
            {
                "claims": len(claims),
                "passages": passages,
                "proposed": round(sum(reach) / len(reach), 6),
                "ways": ways,
            },
        )


# What is shown


def table(results: dict[str, dict[str, Any]]) -> str:
    """The figures of all sets as a table in Markdown."""
    columns = ("Suite", "claims", "proposed", "searched", *FIGURES, "ms")
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for name, result in results.items():
        for way, figures in result["ways"].items():
            of_set = [name, str(result["claims"]), f"{result['proposed']:.3f}", way]
            row = [*of_set, *(_cell(figures, figure) for figure in FIGURES), str(figures["ms"])]
            lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def _cell(figures: Figures, name: str) -> str:
    bounds = figures["ci"][name]
    return f"{figures[name]:.3f}" + (f" [{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sets", nargs="*", metavar="SET", help="default: all with a corpus")
    parser.add_argument("--limit", type=int, help="most claims of each set, chosen by chance")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--half", choices=HALVES, default="held", help="which of the claims")
    parser.add_argument("--rows", choices=("deciding", "all"), default="deciding")
    parser.add_argument("--rerank", action="store_true", help="also with the judge's relevance")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    args = parser.parse_args()
    sets = args.sets or [
        suite.name
        for suite in available()
        if suite.name.startswith("e2e/") and suite.kind == "end to end"
    ]
    if not sets:
        parser.error("there is no set with a corpus; say where: ASSAY_BENCHMARKS")
    results = dict(
        run(
            sets,
            limit=args.limit,
            seed=args.seed,
            half=args.half,
            every_row=args.rows == "all",
            rerank=judged_relevance() if args.rerank else None,
        )
    )
    if args.json:
        asked_for = {"half": args.half, "rows": args.rows, "seed": args.seed}
        print(json.dumps({**asked_for, "sets": results}, indent=2))
    else:
        print(table(results))


if __name__ == "__main__":
    main()
