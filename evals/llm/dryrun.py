"""How near `--dry-run` comes to what a check then takes.

    python -m evals.llm.dryrun [--passages 10] [--limit 20]

Each article of `newsroom` is estimated, and then checked with the model of `evals.llm.oracle`,
which answers from the key. Requests and tokens of both are compared, an article a line, and in all.
Tokens of both are counted by `agent.gateway.tokens`, so the error is that of the estimate and not
of a tokenizer; and the key's answers stand in for a model's, whose length may differ.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import NamedTuple

from agent.check import FactChecker
from evals.corpora import build_library, libraries_folder
from evals.llm.oracle import Oracle, oracle
from evals.samples import ArticleSample
from evals.suites import load

MODEL = "openai:gpt-4.1-mini"


class OracleChecker(FactChecker):
    """A check whose language model is the oracle.

    Args:
        library: folder of the library.
        asked: the oracle.
        model: the name it goes by; `cascade:` before it is honoured.
        passages: shown for each claim.
    """

    def __init__(
        self, library: Path, asked: Oracle, model: str = MODEL, passages: int = 10
    ) -> None:
        super().__init__(library, model, passages=passages, journal=False)
        self.judges.chat = asked


class Taken(NamedTuple):
    """What was estimated of an article and what it took."""

    article: str
    claims: tuple[int, int]
    requests: tuple[int, int]
    sent: tuple[int, int]
    got: tuple[int, int]

    @staticmethod
    def error(pair: tuple[int, int]) -> float:
        """Of the estimate, as a share of what it took."""
        return (pair[0] - pair[1]) / pair[1] if pair[1] else 0.0


async def compare(library: Path, sample: ArticleSample, asked: Oracle, passages: int) -> Taken:
    """Estimates an article and checks it."""
    checker = OracleChecker(library, asked, passages=passages)
    told = await checker.aestimate(sample.document)
    report = await checker.acheck(sample.document)
    usage = report.usage
    return Taken(
        sample.id,
        (told.claims, len(report.claims)),
        (told.requests, usage.requests),
        (told.prompt_tokens, usage.prompt_tokens),
        (told.completion_tokens, usage.completion_tokens),
    )


def in_all(lines: list[Taken]) -> Taken:
    """The sum over articles."""

    def total(name: str) -> tuple[int, int]:
        pairs = [getattr(line, name) for line in lines]
        return sum(told for told, _ in pairs), sum(took for _, took in pairs)

    return Taken("all", *(total(name) for name in ("claims", "requests", "sent", "got")))


def row(line: Taken) -> str:
    """A line of the table: estimated / taken (error) of each."""
    pairs = (line.claims, line.requests, line.sent, line.got)
    cells = [f"{told:,} / {took:,} ({Taken.error((told, took)):+.0%})" for told, took in pairs]
    return f"| {line.article} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, default=10, help="shown for each claim")
    parser.add_argument("--limit", type=int, default=20, help="articles")
    given = parser.parse_args()
    suite = load("newsroom")
    built = build_library(suite, libraries_folder(), None, None)
    key = oracle(suite.path)
    print("| article | claims | requests | tokens sent | tokens answered |")
    print("|---|---|---|---|---|")
    lines = []
    for sample in suite.samples[: given.limit]:
        if isinstance(sample, ArticleSample):
            line = asyncio.run(compare(built.folder, sample, key, given.passages))
            lines.append(line)
            print(row(line), flush=True)
    print(row(in_all(lines)))


if __name__ == "__main__":
    main()
