"""What the judge is trained on: public sets first, then these mixed with made pairs.

    python -m tools.training.mixture DATA --tests DIR --tests DIR --out runs/pairs

DATA holds the public sets; each `--tests` a folder of sets or suites that are measured on.
Written: `first.jsonl` and `second.jsonl`, the stages of `tools.training.train`;
`held.jsonl`, made pairs kept aside for the calibration; `report.md`, what was taken, what
was removed because it is near a test, and what claims give away of their labels.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.training.altered.alterations import altered_pairs
from tools.training.framed.frames import framed_pairs
from tools.training.giveaways import giveaways, without_giveaways
from tools.training.overlap import near_tests, read_tests
from tools.training.pairs import TrainingPair
from tools.training.public import news_texts, public_pairs
from tools.training.retrieved.negatives import public_negatives
from tools.training.reworded.rewrites import rewritten_pairs

AGAIN = {
    "check_covid": 1_000,
    "check_covid_abstract": 1_000,
    "healthver_dev": 1_700,
    "infotabs": 17_000,
    "fever_dev_2way": 9_000,
    "fm2_dev": 1_200,
    "nli4ct": 1_300,
    "nli_counterfactual": 8_200,
    "nli_new_protocols": 15_000,
    "nli_linguist_in_loop": 12_000,
    "nli_semi_automatic_wiki": 4_000,
    "nli_conj_auto": 3_000,
}
"""Most pairs of each public set that come a second time, among the made ones: those nearest
to what fact-checking meets in full, general inference in part."""
ALTERED, REWRITTEN, FRAMED, NEGATIVES = 42_000, 32_000, 40_000, 36_000
_TEXTS_OF = ("fever_dev_2way", "fm2_dev", "nli_new_protocols", "nli_semi_automatic_wiki")
_FEWEST_WORDS = 12
HELD = 0.04
"""Share of the made groups kept aside."""


@dataclass(frozen=True)
class Mixture:
    """The pairs of a run.

    Attributes:
        first: the first stage: public sets alone.
        second: the second stage: made pairs, and public ones again.
        held: made pairs of groups that neither stage has.
        report: Markdown.
    """

    first: list[TrainingPair]
    second: list[TrainingPair]
    held: list[TrainingPair]
    report: str


def mixture(folder: Path, tests: Sequence[Path], *, cache: Path, seed: int = 0) -> Mixture:
    """Makes all pairs of a run; the same arguments give the same pairs.

    Args:
        folder: holds the public sets (`tools.training.public`).
        tests: folders of what is measured on (`tools.training.overlap.read_tests`).
        cache: folder for the vectors that hard negatives are searched with.
        seed: of everything random.

    Raises:
        InputError: data is missing or malformed.
    """
    public = list(public_pairs(folder, random.Random(seed)))
    texts = [*news_texts(folder), *evidence_texts(public)]
    random.Random(seed).shuffle(texts)
    makers: list[tuple[int, Iterable[TrainingPair]]] = [
        (ALTERED, altered_pairs(texts, random.Random(seed), per_text=4)),
        (REWRITTEN, rewritten_pairs(texts, random.Random(seed), per_text=8)),
        (FRAMED, framed_pairs(random.Random(seed), FRAMED)),
        (
            NEGATIVES,
            public_negatives(public, news_texts(folder), random.Random(seed), cache=cache),
        ),
    ]
    made = [pair for count, maker in makers for pair in _at_most(list(maker), count, seed)]
    report = near_tests([*public, *made], read_tests(tests))
    near = report.removed
    public_kept = [pair for i, pair in enumerate(public) if i not in near]
    made_kept = [pair for i, pair in enumerate(made, len(public)) if i not in near]
    held_groups = _held_groups(made_kept, seed)
    held = [pair for pair in made_kept if pair.group in held_groups]
    ours = [pair for pair in made_kept if pair.group not in held_groups]
    again = [
        pair
        for name, count in AGAIN.items()
        for pair in _at_most([p for p in public_kept if p.maker == name], count, seed)
    ]
    second = without_giveaways([*again, *ours], random.Random(seed))
    return Mixture(
        public_kept, second, held, f"{report.table()}\n\n{_told([*again, *ours], second)}"
    )


def evidence_texts(pairs: Iterable[TrainingPair]) -> list[tuple[str, str]]:
    """Passages of encyclopedic sets as (group, text), for makers that alter texts."""
    texts = {
        pair.passage: f"{pair.maker}:{pair.group}"
        for pair in pairs
        if pair.maker in _TEXTS_OF and len(pair.passage.split()) >= _FEWEST_WORDS
    }
    return [(group, text) for text, group in texts.items()]


def _at_most(pairs: Sequence[TrainingPair], count: int, seed: int) -> list[TrainingPair]:
    """Whole groups, chosen by chance, until there are `count` pairs."""
    by_group: dict[str, list[TrainingPair]] = {}
    for pair in pairs:
        by_group.setdefault(pair.group, []).append(pair)
    groups = list(by_group.values())
    random.Random(seed).shuffle(groups)
    taken: list[TrainingPair] = []
    for group in groups:
        if len(taken) >= count:
            break
        taken += group
    return taken


def _held_groups(pairs: Sequence[TrainingPair], seed: int) -> set[str]:
    groups = sorted({pair.group for pair in pairs})
    return set(random.Random(seed).sample(groups, round(HELD * len(groups))))


def _told(before: Sequence[TrainingPair], after: Sequence[TrainingPair]) -> str:
    lines = [
        "| Source of claims | pairs | claim alone | majority | kept | claim alone | majority |",
        "|---|---|---|---|---|---|---|",
    ]
    now = giveaways(after)
    for name, was in giveaways(before).items():
        cells = f"{was.pairs:,} | {was.accuracy:.2f} | {was.majority:.2f}"
        if name in now:
            left = now[name]
            cells += f" | {left.pairs:,} | {left.accuracy:.2f} | {left.majority:.2f}"
        else:
            cells += " | 0 | | "
        lines.append(f"| {name} | {cells} |")
    counts = Counter((pair.maker.partition("/")[0], pair.label) for pair in after)
    lines += [
        "",
        "| Maker, second stage | supported | conflicting | unverifiable |",
        "|---|---|---|---|",
    ]
    for maker in sorted({maker for maker, _ in counts}):
        cells = " | ".join(
            f"{counts[maker, label]:,}" for label in ("supported", "conflicting", "unverifiable")
        )
        lines.append(f"| {maker} | {cells} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of the public sets")
    parser.add_argument("--tests", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    made = mixture(given.data, given.tests, cache=given.out / "vectors", seed=given.seed)
    for name, pairs in (("first", made.first), ("second", made.second), ("held", made.held)):
        lines = (json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in pairs)
        (given.out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        sys.stdout.write(f"{name}: {len(pairs):,} pairs\n")
    (given.out / "report.md").write_text(made.report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
