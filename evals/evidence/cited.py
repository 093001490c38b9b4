"""What becomes of the sentences of a model's answer when they are held to what they cite.

    python -m evals.evidence.cited                              # the suites of pairs that ship
    python -m evals.evidence.cited numbers --limit 50 --json

Each claim of a suite of kind *verify* stands for a sentence of a model, its evidence for the
passages that the sentence cites. A supported one should be shown as supported, a conflicting one
left out, and one that the passages do not decide marked. What matters most is how many that are
not supported are shown as if they were. Intervals are Wilson's (1927), 95 %, over sentences.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence

from agent.chat.checking import Backed, Written
from agent.chat.tools import Excerpts
from agent.errors import UsageError
from agent.rate import Rater
from agent.types import VERDICTS, Hit, Passage, Source
from evals.metrics import wilson
from evals.samples import PairSample
from evals.suites import load

SUITES = ("numbers", "quotes", "counterfactual")
SHOWN = ("supported", "disputed", "unsupported", "left out")

Table = dict[str, Counter[str]]
"""How many sentences of each gold label became what."""


async def become(samples: Sequence[PairSample], rater: Rater) -> Table:
    """What becomes of each claim as a sentence that cites its evidence."""
    table: Table = {label: Counter() for label in VERDICTS}
    for sample in samples:
        if sample.label not in table or not sample.evidence:
            continue
        excerpts = Excerpts()
        numbers = [excerpts.add(_hit(i, text)).number for i, text in enumerate(sample.evidence)]
        checked = await Backed(excerpts, rater).check(Written(sample.claim, numbers))
        table[sample.label]["left out" if checked is None else checked.status] += 1
    return table


def _hit(number: int, text: str) -> Hit:
    id_ = f"s-{number:016x}"
    source = Source(id=id_, text=text, added_at="1970-01-01T00:00:00Z", origin=id_)
    passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
    return Hit(passage=passage, source=source, score=0.0)


def _shown(name: str, table: Table) -> str:
    lines = [f"{name:<16}" + "".join(f"{status:>13}" for status in SHOWN)]
    for label, counts in table.items():
        lines.append(f"  {label:<14}" + "".join(f"{counts[status]:>13}" for status in SHOWN))
    others = [counts for label, counts in table.items() if label != "supported"]
    wrong = sum(counts["supported"] for counts in others)
    whole = sum(sum(counts.values()) for counts in others)
    low, high = wilson(wrong, whole)
    lines.append(
        f"  not supported, shown as supported: {wrong} of {whole} ({low:.1%} to {high:.1%})"
    )
    return "\n".join(lines)


def main() -> None:
    """The command."""
    from agent.rate.embedded import EmbeddedRater

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("suites", nargs="*", default=SUITES, help="suites of kind verify")
    parser.add_argument("--limit", type=int, help="sentences of each suite")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rater, tables = EmbeddedRater(), {}
    for name in given.suites:
        suite = load(name).limited(given.limit, seed=0)
        if suite.kind != "verify":
            raise UsageError(f"the suite {name} has no claims with their evidence", "Name another")
        samples = [sample for sample in suite.samples if isinstance(sample, PairSample)]
        tables[name] = asyncio.run(become(samples, rater))
    if given.json:
        print(json.dumps(tables, indent=2))
    else:
        print("\n\n".join(_shown(name, table) for name, table in tables.items()))


if __name__ == "__main__":
    main()
