"""What a run comes to: counts, figures, what to read them beside, and what it all rests on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agent import __version__
from agent.check import PASSAGES
from agent.errors import UsageError
from agent.gateway.prices import Price, price_of
from agent.judges import EMBEDDED
from evals import chat, scoring, usage
from evals.outcomes import Outcome
from evals.record import Results
from evals.samples import ClaimSample, CorpusRow
from evals.suites import Suite

NEUTRAL = "No text was given."
"""What the claim-only judge is shown in place of evidence."""


@dataclass(frozen=True)
class Settings:
    """What a run depends on, apart from suite and code.

    Attributes:
        model: as for `FactChecker`.
        base_url: address of an OpenAI-compatible server.
        limit: samples chosen at random; None means all.
        seed: of the choice and of the bootstrap.
        concurrency: answers of a language model under way at once, at least 1.
        baselines: also rate with the claim alone, by the embedded judge.
        price: of the model; changes nothing but the dollars that are told.
    """

    model: str = EMBEDDED
    base_url: str | None = None
    limit: int | None = None
    seed: int = 0
    concurrency: int = 4
    baselines: bool = True
    price: Price | None = None

    def __post_init__(self) -> None:
        for name, least in (("limit", 1), ("concurrency", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"--{name} must be at least {least}, not {value}")


def identity(suite: Suite, settings: Settings) -> dict[str, Any]:
    """Everything that the outcomes depend on: two runs with the same may be one."""
    import prompts
    import tools.models as weights

    digests = {
        path.name: _file_sha256(path)
        for path in (weights.JUDGE, weights.CALIBRATION, weights.EMBEDDER)
    }
    found = {
        "suite": suite.name,
        "suite_sha256": suite.sha256,
        "model": settings.model,
        "base_url": settings.base_url,
        "limit": settings.limit,
        "seed": settings.seed,
        "version": __version__,
        "code": _code_sha256(),
        "weights": digests,
    }
    if suite.corpus:
        found["corpus_sha256"] = suite.corpus_sha256
    if settings.model.startswith(_SCRIPTED):
        found["script_sha256"] = _script_sha256(Path(settings.model.removeprefix(_SCRIPTED)))
    if settings.model != EMBEDDED:
        names = ("extract_claims", "rate_claim")
        found["prompts"] = {name: prompts.load(name).version for name in names}
    return found


@cache
def _file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


_SCRIPTED = "scripted:"


def _script_sha256(path: Path) -> str | None:
    """Of the answers, which are no part of the model's name; None where they cannot be read,
    which opening the model says."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


@cache
def _code_sha256() -> str:
    """Of what outcomes are made with. A version names many states of a work tree."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for package in ("agent", "tools"):
        for path in sorted((root / package).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    for name in _ASKING:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


_ASKING = (
    "articles.py", "chat.py", "corpora.py", "entailment.py", "judging.py", "lines.py",
    "matching.py", "outcomes.py", "samples.py", "suites.py", "tasks.py",
)  # fmt: skip
"""Modules of this package that samples, and what they are asked of, go through."""


def assemble(
    suite: Suite,
    settings: Settings,
    judge: str,
    outcomes: list[Outcome],
    taken: Sequence[dict[str, Any]],
) -> Results:
    """The results of a complete run.

    Args:
        suite: just the samples that were run.
        settings: what they were run with.
        judge: name and version of what rated or split.
        outcomes: of all samples, in order.
        taken: the lines of `usage.jsonl`.
    """
    results: Results = {
        "suite": suite.name,
        "kind": suite.kind,
        **scoring.counts(suite.kind, outcomes),
        "model": settings.model,
        "judge": judge,
        "seconds": round(sum(entry.get("wall_seconds", 0.0) for entry in taken), 2),
        "metrics": scoring.figures(suite.kind, outcomes, settings.seed),
        "baselines": _baselines(suite, settings, outcomes),
    }
    families = scoring.breakdown(outcomes, _family) if suite.kind != "article" else {}
    if families:
        results["families"] = families
    if asked := scoring.against_memory(outcomes):
        won = sum(won for _, won in asked)
        results["memory"] = {"n": len(asked), "won": won, "rate": round(won / len(asked), 6)}
    listed = price_of(settings.model, base_url=settings.base_url)
    results["usage"] = usage.summary(taken, outcomes, settings.model, settings.price, listed)
    errors = Counter(o["error"]["kind"] for o in outcomes if o["error"])
    results["errors"] = dict(sorted(errors.items()))
    results["run"] = {**identity(suite, settings), "passages": PASSAGES}
    return results


def _family(outcome: Outcome) -> str | None:
    family = (outcome.get("meta") or {}).get("family")
    return family if isinstance(family, str) else None


def _baselines(
    suite: Suite, settings: Settings, outcomes: list[Outcome]
) -> dict[str, dict[str, Any]]:
    """What the figures are to be read beside; each says what it is under `about`."""
    if suite.kind == "extraction":
        whole = scoring.sentences_as_claims(outcomes, settings.seed)
        return {"sentences": {"about": "every sentence is taken for one claim"} | whole}
    if suite.kind == "chat":
        about = "the passage that is retrieved first, whole, is the answer to everything"
        return {"first_passage": {"about": about} | chat.first_passage(outcomes, settings.seed)}
    rated = scoring.ratings(suite.kind, outcomes)
    most = scoring.majority(rated, settings.seed)
    found = {"majority": {"about": "always the most frequent gold label"} | _main(most)}
    if not settings.baselines or suite.kind not in ("verify", "end to end") or not rated:
        return found
    scored = [o for o in outcomes if scoring.is_right(o["gold"], o["prediction"]) is not None]
    alone = _judged([(outcome, NEUTRAL) for outcome in scored])
    about = f"the embedded judge, never trained for it, on the claim and the text {NEUTRAL!r}"
    found["claim_only"] = {"about": about} | _main(scoring.labels(alone, settings.seed))
    if suite.kind == "end to end" and (told := _gold_alone(suite, scored)):
        about = (
            "the embedded judge on the rows that decide, without retrieval; other claims left out"
        )
        figures = _main(scoring.labels(told, settings.seed))
        found["gold_evidence"] = {"about": about, "n": len(told)} | figures
    return found


def _gold_alone(suite: Suite, outcomes: list[Outcome]) -> list[scoring.Rating]:
    texts = {row.id: row.text for row in suite.corpus if isinstance(row, CorpusRow)}
    told = {
        s.id: "\n".join(texts[row] for row in dict.fromkeys(r for one in s.gold_sets for r in one))
        for s in suite.samples
        if isinstance(s, ClaimSample) and s.gold_sets
    }
    return _judged([(o, told[o["id"]]) for o in outcomes if o["id"] in told])


def _judged(asked: list[tuple[Outcome, str]]) -> list[scoring.Rating]:
    """The embedded judge's ratings of claims on these texts."""
    from agent.rate.judge import EmbeddedJudge
    from agent.rate.windows import Pair
    from agent.types import VERDICTS

    judged = EmbeddedJudge().judge([Pair(o["input"]["claim"], text) for o, text in asked])
    found = []
    for (outcome, _), judgement in zip(asked, judged, strict=True):
        named: dict[str, float] = dict(zip(VERDICTS, judgement.probabilities, strict=True))
        likeliest = max(VERDICTS, key=lambda v: named[v])
        found.append(scoring.Rating(outcome["gold"], likeliest, named, outcome["id"]))
    return found


def _main(figures: dict[str, Any]) -> dict[str, Any]:
    names = ("accuracy", "balanced_accuracy", "macro_f1", *scoring.ALARMS, "label")
    kept = {name: figures[name] for name in names if name in figures}
    return kept | {"ci": {n: figures["ci"][n] for n in names if n in figures["ci"]}}
