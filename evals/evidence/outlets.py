"""How often are articles called conflicting that tell of what other outlets tell, too?

    python -m evals.evidence.outlets FILE           # every 18th text of a file, against all others
    python -m evals.evidence.outlets FILE --every 5 --json OUT
    python -m evals.evidence.outlets FILE --from 9  # as many others: the first is the text at 9

FILE is JSON Lines with a `text` each: news as it was published, of which many tell of one event
(`train/news_bodies.jsonl` of the benchmarks is such a file). All texts become sources, each of an
outlet of its own; then some are checked, one after the other, by the embedded judge. A check leaves
out the article itself and its copies, so what is left are other accounts: they go into other
details, in other words, and seldom contradict. There is no key. What is called conflicting is
printed, to be read: most of it should be a difference that a reader would want to know of. The
library is kept where those of the suites are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.check import FactChecker
from agent.errors import InputError
from agent.types import CheckedClaim, Document
from evals.corpora import libraries_folder
from tools.library import Addition, Library
from tools.models.embedder import MiniLMEmbedder

EVERY = 18
_TITLE_WORDS = 9
_AT_ONCE = 50


def texts_of(path: Path) -> list[str]:
    """The texts of a file.

    Raises:
        InputError: it cannot be read, or a line has no text.
    """
    try:
        # Within a text other signs may stand that end a line, too: U+2028 does.
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line)["text"].strip() for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no JSON Lines with a `text` each: {error!r}") from error


def library_of(texts: Sequence[str]) -> Path:
    """A library of all texts; made once."""
    embedder = MiniLMEmbedder()
    key = hashlib.sha256("\0".join([embedder.id, *texts]).encode()).hexdigest()[:16]
    folder = libraries_folder() / f"outlets-{key}"
    done = folder / "complete"
    if not done.is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        additions = [
            Addition(
                Document(
                    text=text, title=" ".join(text.split()[:_TITLE_WORDS]), publisher=f"Outlet {n}"
                ),
                f"{n}.txt",
            )
            for n, text in enumerate(texts)
        ]
        with Library.open(folder, embedder, create=True) as library:
            for start in range(0, len(additions), _AT_ONCE):
                library.add_all(additions[start : start + _AT_ONCE])
        done.touch()
    return folder


def checked(
    texts: Sequence[str], library: Path, sample: Sequence[int]
) -> Iterator[tuple[int, CheckedClaim]]:
    """The claims of the texts with the numbers of the sample, each with the number of its text."""
    checker = FactChecker(library)
    for number in sample:
        print(f"\rtext {number} of {len(texts)}", end="", file=sys.stderr, flush=True)
        for claim in checker.check(text=texts[number]).claims:
            yield number, claim
    print(file=sys.stderr)


def shown(number: int, claim: CheckedClaim) -> str:
    """A claim with what was found on either side, for reading."""
    sides = [
        f"    {item.stance} {item.probability:.2f} {item.publisher}: {item.quote}"
        for item in claim.evidence
        if item.stance != "neutral"
    ]
    return "\n".join([f"\n[{number}] {claim.text}\n  {claim.explanation}", *sides])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.evidence.outlets",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--every", type=int, default=EVERY, help="check one text of so many")
    parser.add_argument(
        "--from", type=int, default=0, dest="first", help="number of the first text that is checked"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="the figures, to be kept")
    options = parser.parse_args(arguments)
    if options.every < 1:
        parser.error("--every must be at least 1")
    if options.first < 0:
        parser.error("--from must be at least 0")
    try:
        texts = texts_of(options.file)
    except InputError as error:
        parser.exit(error.exit_code, f"{parser.prog}: {error}\n")
    verdicts: Counter[str] = Counter()
    sample = range(options.first, len(texts), options.every)
    for number, claim in checked(texts, library_of(texts), sample):
        verdicts[claim.verdict or "failed"] += 1
        if claim.verdict == "conflicting":
            print(shown(number, claim))
    total, of = sum(verdicts.values()), len(sample)
    share = verdicts["conflicting"] / max(1, total)
    print(
        f"\n{of} of {len(texts)} texts, {total} claims: {dict(verdicts)}; {share:.3f} conflicting"
    )
    if options.json:
        options.json.write_text(json.dumps({"texts": of, "claims": total, **verdicts}))


if __name__ == "__main__":
    main()
