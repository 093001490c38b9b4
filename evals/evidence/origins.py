"""Are texts of one origin told, and others left apart? And how long does it take?

    python -m evals.evidence.origins                   # the pairs that nothing was chosen on
    python -m evals.evidence.origins --half tuned      # those that rules were chosen on
    python -m evals.evidence.origins --minhash         # beside it, MinHash with an LSH
    python -m evals.evidence.origins --scale 10000     # processor time to group so many texts
    python -m evals.evidence.origins --library 100000  # and to add one to a library of so many

Two texts count as told only where they would be in a library: their signatures have to bring them
together among those of all texts given (`tools.library.signatures`), and the comparison has
to tell them akin (`tools.library.kinship`). Precision and recall have Wilson's 95 % intervals;
kinds of pairs stand by themselves, with the reasons that were given.

The texts of `--scale` are of three sorts in equal parts: stories, of which every tenth is a copy
of another cut to its half; weather reports and results of companies, each one form filled in.
Those of `--library` are of 1,700 characters; their signatures are drawn at random.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.types import Document, Source
from evals.metrics import wilson
from tools.library import grouping, schema
from tools.library.database import Database
from tools.library.ids import source_id
from tools.library.kinship import kinship
from tools.library.origins import RULES, origins, signature
from tools.library.profiles import Profile, profile
from tools.library.signatures import Numbers, Signature, akin, end_to_end

_SUITE = Path(__file__).with_name("origin_pairs")
HALVES = ("held", "tuned")


class Pair(NamedTuple):
    """Two texts given."""

    a: str
    b: str
    same: bool
    kind: str
    half: str


def pairs(half: str) -> list[Pair]:
    """The labelled pairs of one half."""
    lines = (_SUITE / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    found = [Pair(**{k: v for k, v in json.loads(line).items() if k != "id"}) for line in lines]
    return [pair for pair in found if pair.half == half]


def profiles() -> dict[str, Profile]:
    """The profiles of all texts given, by id."""
    lines = (_SUITE / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["id"]: profile(row["text"], row["publisher"]) for row in rows}


Told = dict[Pair, str | None]
"""For each pair the reason for which it is of one origin; None where it is not."""


def told(labelled: Sequence[Pair], texts: dict[str, Profile]) -> Told:
    """What a library with all of the texts would say of each pair."""
    ids = sorted(texts)
    signatures = [signature(texts[id_]) for id_ in ids]
    sketches = end_to_end([one.sketch for one in signatures])
    met = {frozenset((ids[a], ids[b])) for a, b in akin(sketches, signatures.__getitem__)}
    return {
        pair: kinship(texts[pair.a], texts[pair.b]) if {pair.a, pair.b} in met else None
        for pair in labelled
    }


def told_by_minhash(
    labelled: Sequence[Pair], texts: dict[str, Profile], threshold: float = 0.5
) -> Told:
    """What an LSH of MinHash signatures of the same shingles says; 128 permutations."""
    from datasketch import MinHashLSH  # type: ignore[import-untyped]

    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    hashed = {id_: _minhash(text) for id_, text in texts.items()}
    for id_, one in hashed.items():
        lsh.insert(id_, one)
    return {pair: "copy" if pair.b in lsh.query(hashed[pair.a]) else None for pair in labelled}


def _minhash(text: Profile):  # type: ignore[no-untyped-def]
    from datasketch import MinHash

    one = MinHash(num_perm=128)
    one.update_batch([int(shingle).to_bytes(8, "little") for shingle in text.shingles])
    return one


def table(found: Told) -> Iterator[str]:
    """Lines to print: precision, recall, then kinds."""
    right = sum(pair.same and bool(reason) for pair, reason in found.items())
    called = sum(bool(reason) for reason in found.values())
    same = sum(pair.same for pair in found)
    for name, part, whole in (("precision", right, called), ("recall", right, same)):
        yield _line(name, part, whole)
    for kind in dict.fromkeys(pair.kind for pair in sorted(found, key=lambda p: not p.same)):
        reasons = [reason for pair, reason in found.items() if pair.kind == kind]
        given = Counter(reason for reason in reasons if reason)
        why = ", ".join(f"{reason} {n}" for reason, n in given.most_common())
        yield f"{_line(f'  {kind}', given.total(), len(reasons))}  {why}".rstrip()


def _line(name: str, part: int, whole: int) -> str:
    low, high = wilson(part, whole)
    share = part / whole if whole else 0.0
    return f"{name:<16} {part:>3} of {whole:<3}  {share:.2f}  {low:.2f}-{high:.2f}"


# Time


def synthetic(n: int, seed: int = 0) -> Iterator[Source]:
    """Sources of three sorts; see above."""
    dice = random.Random(seed)  # noqa: S311 - the same texts every time
    ends = ("rit", "lon", "vesk", "ta", "mor", "ing", "el", "ous")
    words = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ends]
    stories: list[str] = []
    for number in range(n):
        if number % 3 == 0:
            if stories and dice.random() < 0.1:
                text = dice.choice(stories[-2000:])
                text = text[: len(text) // 2]
            else:
                drawn = dice.choices(words, k=250)
                for place in range(7, 250, 11):
                    drawn[place] = dice.choice(words).title()
                for place in range(4, 250, 23):
                    drawn[place] = f"{dice.randrange(2, 5000)}"
                text = " ".join(drawn)
                stories.append(text)
        else:
            text = (_weather if number % 3 == 1 else _results)(dice)
        yield Source(
            id=f"s-{dice.getrandbits(64):016x}",
            text=text,
            publisher=f"Paper {number % 40}",
            published_at=f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}",
            added_at="2026-01-01T00:00:00Z",
            origin="",
        )


def _weather(dice: random.Random) -> str:
    low = dice.randrange(2, 15)
    place = dice.choice(["Northwick", "Southwick", "Marlow Bay", "Little Harrow", "Selby"])
    day = dice.choice(["Monday", "Tuesday", "Friday", "Sunday"])
    sky, wind = dice.choice(["cloudy", "sunny", "wet"]), dice.choice(["west", "east", "south"])
    return (
        f"{place} weather for {day}. It will be {sky} in the morning with temperatures around "
        f"{low} degrees, rising to {low + dice.randrange(2, 9)} degrees in the afternoon. Winds "
        f"will blow from the {wind} at {dice.randrange(5, 40)} kilometres an hour, with gusts of "
        f"up to {dice.randrange(40, 90)} on the coast. The chance of rain is "
        f"{dice.randrange(0, 20) * 5} per cent. The sun rises at 6.{dice.randrange(10, 60)} and "
        f"sets at 20.{dice.randrange(10, 60)}. Swimmers should mind the currents near the pier, "
        f"where the water has {dice.randrange(8, 20)} degrees. The next report will be published "
        f"at six o'clock in the evening by the {place} weather office."
    )


def _results(dice: random.Random) -> str:
    name = dice.choice(["Halden Tools", "Corvane Energy", "Brightwell Optics", "Corran Paper"])
    return (
        f"{name} said that revenue in the quarter came to {dice.randrange(200, 990)} million "
        f"crowns, against {dice.randrange(200, 990)} million a year earlier. Operating profit was "
        f"{dice.randrange(20, 99)} million crowns and the margin {dice.randrange(30, 200) / 10} "
        f"per cent. Orders stood at {dice.randrange(1000, 2000)} million at the end of the "
        f"quarter. The company employs {dice.randrange(1000, 9000)} people. It repeated its aim of "
        "growing faster than the market and of paying out half of its earnings. Results for the "
        "next quarter will be presented to analysts and the press in the company's head office."
    )


def _timed(what: str, work: Callable[[], object]) -> None:
    start = time.process_time()
    outcome = work()
    print(f"{what:<34} {time.process_time() - start:8.2f} s  {outcome}")


def measure(n: int) -> None:
    """Prints the processor time of grouping `n` texts, and of the pairs of one more."""
    sources = list(synthetic(n))
    start = time.process_time()
    made = {s.id: signature(profile(s.text, s.publisher, spun=False)) for s in sources}
    print(f"{'signatures':<34} {time.process_time() - start:8.2f} s  {n}")
    start = time.process_time()
    hashed = [_minhash(profile(s.text, s.publisher, spun=False)) for s in sources[:1000]]
    taken = (time.process_time() - start) * n / 1000
    print(f"{'of MinHash, reckoned by 1,000':<34} {taken:8.2f} s  {len(hashed)}")
    signatures: list[Signature] = [made[id_] for id_ in sorted(made)]
    sketches = end_to_end([one.sketch for one in signatures])
    of = signatures.__getitem__
    _timed("pairs to compare", lambda: sum(1 for _ in akin(sketches, of)))
    _timed("pairs of one more", lambda: sum(1 for _ in akin(sketches, of, [n // 2])))
    if n <= 10_000:
        _timed(
            "all of it: texts of another's origin",
            lambda: sum(s != origin.id for s, origin in origins(sources).items()),
        )


def measure_library(n: int) -> None:
    """Prints the processor time of settling one source more in a library of `n`."""
    dice = np.random.default_rng(0)
    padding = "Words of a text that is as long as others are. " * 36

    def insert(db: Database, text: str) -> str:
        source = Source(id=source_id(text), text=text, added_at="", origin=source_id(text))
        db.insert(source, Document(text=text), [])
        return source.id

    def drawn(size: int) -> Numbers:
        return np.unique(dice.integers(0, 1 << 32, size, dtype=np.uint32))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "library.sqlite"
        schema.create(file, "none", 1)
        with closing(Database(file)) as db:
            with db.transaction():
                for number in range(n):
                    made = Signature(drawn(100), drawn(14), drawn(20), credited=False)
                    db.groups.set_signature(insert(db, f"{number} {padding}"), made)
                db.set_meta(origin_rules=RULES)
            story = next(synthetic(1)).text
            for what, text in (("a first one", story), ("a copy of it", story[:900])):
                with db.transaction():
                    insert(db, text)
                _timed(what, lambda: grouping.settle(db))
            _timed("copies of an article", lambda: len(grouping.copies(db, story + " More.")))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m evals.evidence.origins", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--half", choices=HALVES, default="held")
    parser.add_argument("--minhash", action="store_true", help="compare with datasketch")
    parser.add_argument("--scale", type=int, metavar="N", help="measure time, not quality")
    parser.add_argument("--library", type=int, metavar="N", help="measure adding one to so many")
    options = parser.parse_args(arguments)
    if options.scale:
        measure(options.scale)
        return
    if options.library:
        measure_library(options.library)
        return
    labelled, texts = pairs(options.half), profiles()
    print(*table(told(labelled, texts)), sep="\n")
    if options.minhash:
        print("\nMinHash, 128 permutations, threshold 0.5")
        print(*table(told_by_minhash(labelled, texts)), sep="\n")


if __name__ == "__main__":
    main()
