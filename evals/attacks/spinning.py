"""Does `tools/text/spinning.py` tell spun texts, and leave others alone?

    python -m evals.attacks.spinning                      # passages of our own
    python -m evals.attacks.spinning FOLDER               # also 200 of FOLDER/news_bodies.jsonl
    python -m evals.attacks.spinning FOLDER --spun FILE   # also a text known to be spun
    python -m evals.attacks.spinning --evidence FOLDER    # also passages of the pairs in FOLDER

Forty passages on mixed topics (`spinning_texts/base.jsonl`) are spun in each way by
`tools/training/spinner.py`: with words that the detector knows, and with the half of the thesaurus
and of the tables that it was not trained on and is not told of. Beside them stand texts that are
ordinary though they break rules (`spared.jsonl`): by learners of English of twenty first languages,
talk, verse, code, law. The articles are those that nothing was built from. For each kind the share
that is told as spun is printed, with Wilson's 95 % interval.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agent.errors import InputError
from evals.metrics import wilson
from tools.text.garbling import garblings, spam_tail
from tools.text.spinning import spinning
from tools.training.public import news_texts
from tools.training.spinner import SEEN_TABLE, spin

_TEXTS = Path(__file__).with_name("spinning_texts")
_ARTICLES, _PASSAGES = 200, 40
_LEAST_WORDS = 60
_LIGHT, _HEAVY = 0.3, 0.8


class Line(NamedTuple):
    """How many of the texts of a kind are told as spun."""

    kind: str
    told: int
    of: int

    def __str__(self) -> str:
        low, high = wilson(self.told, self.of)
        return f"{self.kind:<58} {self.told:>3} of {self.of:<3}  {low:.2f}-{high:.2f}"


def texts(name: str) -> list[dict[str, str]]:
    """The texts of a file that ships: `base` or `spared`."""
    path = _TEXTS / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def spun_lines() -> Iterator[Line]:
    """Detection of the forty passages, by kind of spinning."""
    base = [row["text"] for row in texts("base")]

    def line(
        kind: str, make: Callable[[str, random.Random], str], told: Callable[[str], bool]
    ) -> Line:
        made = [make(text, random.Random(seed)) for seed, text in enumerate(base)]  # noqa: S311
        return Line(kind, sum(told(text) for text in made), len(made))

    def by_half(text: str) -> bool:
        return spinning(text, known="first", proofs=False).spun

    def by_all(text: str) -> bool:
        return spinning(text).spun

    seen = SEEN_TABLE
    yield line("the spinner seen", lambda t, r: spin(t, "function words", r, table=seen), by_all)
    yield line(
        "the spinner seen, its words unknown",
        lambda t, r: spin(t, "function words", r, table=seen),
        lambda t: spinning(t, proofs=False).spun,
    )
    yield line(
        "function words, another table",
        lambda t, r: spin(t, "function words", r, half="second"),
        by_half,
    )
    for share, how in ((_LIGHT, "light"), (_HEAVY, "heavy")):

        def all_words(t: str, r: random.Random, share: float = share) -> str:
            return spin(t, "thesaurus", r, share=share)

        def unknown(t: str, r: random.Random, share: float = share) -> str:
            return spin(t, "thesaurus", r, share=share, half="second")

        def both(t: str, r: random.Random, share: float = share) -> str:
            return spin(t, "both", r, share=share)

        def both_unknown(t: str, r: random.Random, share: float = share) -> str:
            return spin(t, "both", r, share=share, half="second")

        def moved(t: str, r: random.Random, share: float = share) -> str:
            return spin(t, "reordered", r, share=share)

        yield line(f"thesaurus, {how}, all words known", all_words, by_all)
        yield line(f"thesaurus, {how}, half of the words known", all_words, by_half)
        yield line(f"thesaurus, {how}, no word known", unknown, by_half)
        yield line(f"both, {how}, all words known", both, by_all)
        yield line(f"both, {how}, no word known", both_unknown, by_half)
        yield line(f"reordered, {how}, all words known", moved, by_all)


def garbled_lines() -> Iterator[Line]:
    """Garbling of the forty passages, by kind."""
    base = [row["text"] for row in texts("base")]
    salads = []
    for seed, text in enumerate(base):
        words = text.split()
        random.Random(seed).shuffle(words)  # noqa: S311
        salads.append(" ".join(words))
    scans = [text.replace("o", "0", 6).replace("i", "1", 6) for text in base]
    wrong = [f"{text} “Déjà vu”, ‘naïve’.".encode().decode("cp1252", "replace") for text in base]
    tails = [f"{text}\n\nbuy best price pills-online.shop casino24.bet now" for text in base]
    yield Line("garbled: words in no order", sum(map(_garbled, salads)), len(salads))
    yield Line("garbled: letters misread as figures", sum(map(_garbled, scans)), len(scans))
    yield Line("garbled: decoded wrongly", sum(map(_garbled, wrong)), len(wrong))
    found = sum(spam_tail(t) == (len(b) + 2, len(t)) for t, b in zip(tails, base, strict=True))
    yield Line("spam tail, cut exactly", found, len(tails))


def ordinary_lines(folder: Path | None) -> Iterator[Line]:
    """False alarms: spun or garbled, by kind of text; the articles only where there is a folder."""
    base = [row["text"] for row in texts("base")]
    yield Line("ordinary: passages before spinning", sum(map(_alarmed, base)), len(base))
    spared = texts("spared")
    for kind in dict.fromkeys(row["kind"] for row in spared):
        of_kind = [row["text"] for row in spared if row["kind"] == kind]
        yield Line(f"ordinary: {kind}", sum(map(_alarmed, of_kind)), len(of_kind))
    if folder:
        held = [text for _, text in news_texts(folder)][1::2]
        held = [text for text in held if len(text.split()) >= _LEAST_WORDS][:_ARTICLES]
        yield Line("ordinary: articles of news", sum(map(_alarmed, held)), len(held))
        cut = sum(spam_tail(text) is not None for text in held)
        yield Line("ordinary: articles of news, a tail cut off", cut, len(held))


def evidence_lines(folder: Path) -> Iterator[Line]:
    """False alarms on the evidence of public sets (science, trials, the web), by set."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        passages = sorted(
            {text for row in rows for text in row["evidence"] if len(text.split()) >= _LEAST_WORDS}
        )
        random.Random(0).shuffle(passages)  # noqa: S311
        some = passages[:_PASSAGES]
        if some:
            told = sum(spinning(text).spun for text in some)
            yield Line(f"ordinary: evidence of {path.stem}", told, len(some))


def _garbled(text: str) -> bool:
    return bool(garblings(text))


def _alarmed(text: str) -> bool:
    return spinning(text).spun or _garbled(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints how many texts of each kind are told as spun.

    Raises:
        InputError: a folder or a file cannot be read.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="has news_bodies.jsonl")
    parser.add_argument(
        "--evidence", type=Path, help="folder of pairs: their passages are ordinary"
    )
    parser.add_argument("--spun", type=Path, action="append", default=[], help="a spun text")
    given = parser.parse_args(arguments)
    for path in given.spun:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        known, blind = spinning(text), spinning(text, known="none", proofs=False)
        print(f"{path.name}: {known.score:.2f}; without any list of words {blind.score:.2f}")
    for line in (*spun_lines(), *garbled_lines(), *ordinary_lines(given.folder)):
        print(line)
    for line in evidence_lines(given.evidence) if given.evidence else ():
        print(line)


if __name__ == "__main__":
    main()
