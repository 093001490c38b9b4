"""What the cascade saves, at which loss; and what the embedded judge must be to settle a claim.

    python -m evals.llm.cascade [--passages 5] [--articles 20]       # measure on newsroom, print
    python -m evals.llm.cascade --fit --cache DIR [--write]          # fit the thresholds anew
    python -m evals.llm.cascade --classes --cache DIR                # errors by what decided

*Measuring.* The claims of `newsroom`'s key are rated twice, by a language model alone and by the
cascade; the model is that of `oracle.py`, which answers from the key. Printed are
requests and tokens a claim, how often both verdicts agree, and how often each is the key's. The
fixed part of a prompt is told apart, since a provider's prompt cache takes it for a tenth to a half
of the price. Tokens are counted by `agent.gateway.tokens`.

*Fitting.* On the claims of a public set a logistic regression learns which retrieved passages
decide. A passage is left out below the probability under which `LOST` of the deciding passages
lie. The embedded judge settles a verdict from the least probability on at which at most `WRONG`
of the claims so settled are wrong, where at least `FEWEST` are: else never. No choice is made on
`newsroom`.

*Classes.* Whether there are claims that it could settle for another reason than its probability:
where what decides was computed (a figure, a quotation, a date), or where no passage comes near.
Nothing is chosen, so nothing need be held out; with each share of errors goes the most that it
may be (one-sided 95 %, Clopper and Pearson 1934).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import prompts
from agent.decide import decide
from agent.gateway.answers import answer_schema
from agent.gateway.model import LanguageModel
from agent.gateway.opening import open_model
from agent.gateway.tokens import tokens_in
from agent.rate import Rater
from agent.rate.cascade import FILE, RELEVANCE, CascadeRater, relevance, relevance_inputs, surest
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.model import PROMPT, ModelRater, Rating
from agent.types import VERDICTS, Hit
from evals.corpora import Built, build_library, libraries_folder
from evals.judge.calibrate_claims import SEED
from evals.judge.judged import Asked, asked, read_pairs
from evals.llm.dryrun import MODEL
from evals.llm.oracle import Oracle, oracle
from evals.samples import ClaimSample
from evals.suites import load

SETS = {"e2e/check_covid": 207}
"""Sets whose key says which rows decide, whose licence allows it, and how many claims of each."""
LOST = 0.01
"""Share of their deciding passages that may be left out."""
WRONG = 0.05
"""Share of the settled claims that may be wrong there."""
FEWEST = 20
"""Claims from which a share of errors is told; with fewer, one error decides."""
NEAR = 0.5
"""Cosine similarity of a passage that is near."""
CLASSED = ("newsroom", "e2e/check_covid", "quotes", "numbers")


# --- fitting -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A claim of a public set as the judge read it.

    Attributes:
        gold: its label.
        judgements: one a passage.
        hits: the passages.
        decides: of each passage, whether it shows a row that decides.
    """

    gold: str
    judgements: list[Judgement]
    hits: tuple[Hit, ...]
    decides: list[bool]


def shows(built: Built, sample: ClaimSample, hit: Hit) -> bool:
    """Whether a passage shows a deciding row: they share half of the shorter one."""
    for row in (row for gold in sample.gold_sets for row in gold):
        source, start, end = built.rows.get(row, ("", 0, 0))
        shared = min(end, hit.passage.end) - max(start, hit.passage.start)
        shorter = min(end - start, hit.passage.end - hit.passage.start)
        if source == hit.passage.source_id and 2 * shared >= shorter > 0:
            return True
    return False


def read_set(name: str, count: int, cache: Path) -> list[Read]:
    """Retrieves for and reads the claims of a set, `count` at most, chosen by chance."""
    suite = load(name)
    samples = [s for s in suite.samples if isinstance(s, ClaimSample) and s.label in VERDICTS]
    rng = np.random.default_rng(SEED)
    samples = [samples[i] for i in sorted(rng.permutation(len(samples))[:count])]
    suite = replace(suite, samples=tuple(samples))
    built = build_library(suite, cache / "libraries", None, None)
    by_id = {sample.id: sample for sample in samples}
    questions = asked(suite, cache / "libraries")
    readings = iter(read_pairs([pair for q in questions for pair in q.pairs], cache))
    judge = EmbeddedJudge()
    return [
        Read(
            q.gold,
            [judge.judgement(pair, next(readings)) for pair in q.pairs],
            q.hits or (),
            [shows(built, by_id[q.unit], hit) for hit in q.hits or ()],
        )
        for q in questions
    ]


def fitted(claims: Sequence[Read]) -> dict[str, object]:
    """The thresholds, as the file has them."""
    from sklearn.linear_model import LogisticRegression

    inputs, decides = _passages(claims)
    model = LogisticRegression(max_iter=1000).fit(inputs, decides)
    weights = [round(float(w), 4) for w in model.coef_[0]]
    bias = round(float(model.intercept_[0]), 4)
    told = np.array([relevance(row, weights, bias) for row in inputs])
    return {
        "inputs": list(RELEVANCE),
        "weights": weights,
        "bias": bias,
        "relevant": round(float(np.quantile(told[decides], LOST)), 4),
        "settled": {verdict: least_sure(claims, verdict) for verdict in VERDICTS},
        "lost": LOST,
        "wrong": WRONG,
        "fitted_on": dict(SETS),
    }


def least_sure(claims: Sequence[Read], verdict: str) -> float | None:
    """The least probability from which the judge settles a verdict; None where it never does."""
    told = [(surest(c.judgements, *_stance_bounds()), c.gold) for c in claims if c.judgements]
    ours = sorted(((p, gold == verdict) for (v, p), gold in told if v == verdict), reverse=True)
    best = None
    for number in range(FEWEST, len(ours) + 1):
        wrong = sum(not right for _, right in ours[:number]) / number
        if wrong <= WRONG:
            best = round(ours[number - 1][0], 4)
    return best


def measured(claims: Sequence[Read], told: dict[str, object]) -> str:
    """Of claims: passages shown, deciding ones kept, claims settled, and errors among these."""
    weights, bias, least = told["weights"], told["bias"], told["relevant"]
    inputs, decides = _passages(claims)
    shown = np.array([relevance(row, weights, bias) >= least for row in inputs])  # type: ignore[arg-type,operator]
    settled: dict[str, float | None] = told["settled"]  # type: ignore[assignment]
    verdicts = [(surest(c.judgements, *_stance_bounds()), c.gold) for c in claims if c.judgements]
    ours = [
        v == gold for (v, p), gold in verdicts if settled[v] is not None and p >= (settled[v] or 0)
    ]
    wrong = f"{1 - sum(ours) / len(ours):.3f}" if ours else "–"
    return (
        f"{len(claims)} | {shown.mean():.3f} | {shown[decides].mean():.3f} | "
        f"{len(ours) / len(claims):.3f} | {wrong}"
    )


def _stance_bounds() -> tuple[float, float]:
    claims = EmbeddedJudge().calibration.claims
    return claims.supports, claims.contradicts


def _passages(claims: Sequence[Read]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rows = [
        (relevance_inputs(judgement, hit), decides)
        for claim in claims
        if any(claim.decides)
        for judgement, hit, decides in zip(claim.judgements, claim.hits, claim.decides, strict=True)
    ]
    return np.array([row for row, _ in rows]), np.array([decides for _, decides in rows])


def fit(cache: Path, *, write: bool) -> None:
    """Fits on one half and measures on the other; prints, and writes the file if asked."""
    claims = [read for name, count in SETS.items() for read in read_set(name, count, cache)]
    told = fitted(claims)
    print(json.dumps(told, indent=1))
    print("| claims | passages shown | deciding ones kept | claims settled | of these wrong |")
    print("|---|---|---|---|---|")
    print(f"| {measured(claims, told)} |")
    if write:
        FILE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


# --- classes -----------------------------------------------------------------------------------


def class_of(judgements: Sequence[Judgement], hits: Sequence[Hit]) -> tuple[str, str]:
    """The embedded judge's verdict, and what it rests on."""
    verdict, _ = surest(judgements, *_stance_bounds())
    if verdict == "unverifiable":
        near = max((hit.score for hit in hits), default=None)
        if near is None:
            return verdict, "a passage that was given"
        return verdict, f"no passage nearer than {NEAR}" if near < NEAR else "a passage is near"
    rulings = [each.ruling for each in judgements if each.ruling]
    computed = {ruling.finding.what for ruling in rulings if ruling.verdict == verdict}
    return verdict, ", ".join(sorted(computed)) or "what the network read"


def classes(cache: Path, passages: int) -> None:
    """Prints how often the judge is wrong, by its verdict and what that rests on."""
    from scipy.stats import beta

    print("| set | verdict | rests on | claims | wrong | at most |")
    print("|---|---|---|---|---|---|")
    judge = EmbeddedJudge()
    for name in CLASSED:
        questions = [
            replace(q, pairs=q.pairs[:passages], hits=(q.hits or ())[:passages])
            for q in asked(load(name), cache / "libraries")
            if q.gold in VERDICTS and q.pairs
        ]
        readings = iter(read_pairs([pair for q in questions for pair in q.pairs], cache))
        right: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for q in questions:
            told = class_of([judge.judgement(p, next(readings)) for p in q.pairs], q.hits or ())
            right[told].append(told[0] == q.gold)
        for (verdict, rests_on), were in sorted(right.items()):
            wrong, number = were.count(False), len(were)
            most = beta.ppf(0.95, wrong + 1, number - wrong) if wrong < number else 1.0
            print(f"| {name} | {verdict} | {rests_on} | {number} | {wrong} | {most:.2f} |")


# --- measuring ---------------------------------------------------------------------------------


@dataclass
class Way:
    """What one way of rating took and told."""

    verdicts: Sequence[str]
    requests: int
    sent: int
    got: int


async def rated(questions: Sequence[Asked], rater: Rater, model: LanguageModel) -> Way:
    """Rates all claims one way."""
    verdicts = []
    for question in questions:
        evidence = await rater.rate(question.claim, question.hits or ())
        told = decide(question.claim, evidence, sources_searched=question.searched)
        verdicts.append(told.verdict)
    usage = model.usage
    return Way(verdicts, usage.requests, usage.prompt_tokens, usage.completion_tokens)


async def both(questions: Sequence[Asked], asked_model: Oracle) -> tuple[Way, Way]:
    """Rates by the language model alone, and by the cascade."""
    plain = open_model(MODEL, replaying=True, chat=asked_model)
    first = await rated(questions, ModelRater(plain), plain)
    left = open_model(MODEL, replaying=True, chat=asked_model)
    cascade = CascadeRater(EmbeddedJudge(), ModelRater(left))
    return first, await rated(questions, cascade, left)


def fixed_tokens() -> int:
    """Tokens of a rating's prompt that are the same for all claims, the schema included."""
    prompt = prompts.load(PROMPT).render(claim="", passages="")
    return tokens_in(prompt.system) + tokens_in(json.dumps(answer_schema(Rating)))


def measure(passages: int, articles: int) -> None:
    """Rates newsroom's claims both ways and prints what they took."""
    suite = load("newsroom")
    chosen = replace(suite, samples=suite.samples[:articles])
    questions = [
        replace(q, hits=(q.hits or ())[:passages]) for q in asked(chosen, libraries_folder())
    ]
    plain, cascade = asyncio.run(both(questions, oracle(suite.path)))
    number, gold = len(questions), [question.gold for question in questions]
    fixed = fixed_tokens()
    print(f"{number} claims, {passages} passages each; {fixed} tokens of each request are fixed")
    print("| rated by | requests | tokens | fixed | answered | agrees with plain | right |")
    print("|---|---|---|---|---|---|---|")
    for name, way in (("language model", plain), ("cascade", cascade)):
        agrees = np.mean([a == b for a, b in zip(way.verdicts, plain.verdicts, strict=True)])
        right = np.mean([a == b for a, b in zip(way.verdicts, gold, strict=True)])
        each = way.requests / number
        tokens = (way.sent + way.got) / number
        print(
            f"| {name} | {each:.2f} | {tokens:,.0f} | {each * fixed:,.0f} "
            f"| {way.got / number:,.0f} | {agrees:.3f} | {right:.3f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=5, help="shown for each claim")
    parser.add_argument("--articles", type=int, default=20, help="of newsroom")
    parser.add_argument("--fit", action="store_true", help="fit the thresholds anew")
    parser.add_argument("--classes", action="store_true", help="print errors by what decided")
    parser.add_argument("--cache", type=Path, help="folder for libraries and readings")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    given = parser.parse_args()
    if (given.fit or given.classes) and given.cache is None:
        parser.error("--fit and --classes need --cache DIR")
    if given.fit:
        fit(given.cache, write=given.write)
    elif given.classes:
        classes(given.cache, given.passages)
    else:
        measure(given.passages, given.articles)


if __name__ == "__main__":
    main()
