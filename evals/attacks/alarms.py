"""What does the defence against instructions in texts cost on texts that hold none?

    python -m evals.attacks.alarms SUITE…              # names of suites, or files of pairs
    python -m evals.attacks.alarms --passages FILE…    # false alarms alone, of lines with a `text`

Two figures: the share of passages in which something is named as addressing the checker, and the
accuracy of the embedded judge with and without the defence. Only pairs whose passage is read
otherwise with it are judged; for all others both are the same. Intervals are Clopper and Pearson's.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from agent.compare.ruling import verdict_of
from agent.rate.judge import EmbeddedJudge, in_english
from agent.rate.windows import Pair
from evals.attacks.injection import undefended
from evals.attacks.tallies import interval
from evals.samples import PairSample
from evals.suites import load
from tools.library.passages import passage_spans
from tools.text.cleaning import clean
from tools.text.instructions import instructions, without_instructions


def flagged(texts: Sequence[str]) -> tuple[int, int]:
    """Passages in which something is named, and passages."""
    passages = [text[start:end] for text in texts for start, end in passage_spans(text)]
    return sum(bool(instructions(passage)) for passage in passages), len(passages)


def is_changed(passage: str) -> bool:
    """Whether a passage is read otherwise with the defence."""
    seen = clean(passage).text
    return without_instructions(passage) != passage or in_english(seen) != seen


def cost(judge: EmbeddedJudge, samples: Sequence[PairSample]) -> tuple[int, int, int]:
    """Pairs that are read otherwise, and how many of them are right with and without."""
    asked = [s for s in samples if is_changed("\n\n".join(s.evidence))]
    pairs = [Pair(s.claim, "\n\n".join(s.evidence)) for s in asked]
    right = []
    for without in (False, True):
        with undefended() if without else nullcontext():
            told = judge.judge(pairs)
        right.append(
            sum(verdict_of(j.probabilities) == s.label for j, s in zip(told, asked, strict=True))
        )
    return len(asked), right[0], right[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="python -m evals.attacks.alarms", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--passages", action="store_true", help="false alarms alone")
    parser.add_argument("--limit", type=int, help="samples of each suite, the first ones")
    asked = parser.parse_args(arguments)
    judge = EmbeddedJudge()
    alarms = passages = pairs = changed = right = before = 0
    for name in asked.suites:
        if asked.passages:
            lines = Path(name).read_text(encoding="utf-8").splitlines()[: asked.limit]
            texts = [str(json.loads(line)["text"]) for line in lines]
        else:
            found = load(name).samples[: asked.limit]
            samples = [sample for sample in found if isinstance(sample, PairSample)]
            texts = [text for sample in samples for text in sample.evidence]
            read = cost(judge, samples)
            pairs, changed = pairs + len(samples), changed + read[0]
            right, before = right + read[1], before + read[2]
        some, of = flagged(texts)
        alarms, passages = alarms + some, passages + of
    low, high = interval(alarms, passages)
    print(f"{alarms} of {passages} passages named, 95 % [{low:.2%}, {high:.2%}]")
    if pairs:
        print(
            f"{changed} of {pairs} pairs read otherwise: right {right} with, {before} without, "
            f"so accuracy changes by {(right - before) / pairs:+.2%}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
