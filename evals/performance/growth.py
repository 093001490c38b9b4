"""How the time of each skill grows with the length of a hostile or odd text.

    python -m evals.performance.growth                    every skill on every text it was made for
    python -m evals.performance.growth --only quantities --lengths 10000 40000 160000

A text is a piece repeated: what tempts a pattern into trying every split. Time is of the
processor. With an exponent of 1 time grows with the length alone, with 2 it quadruples where the
length doubles; what lies above `--most` is listed again at the end, and the exit code is then 1.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

NEWS = (
    "The council of Brackenford voted by 22 to 15 to repair the baths. "
    "“We are pouring money into a leaking tub,” Nadia Ferrant said. The repair will cost £5.1 "
    "million. "
)
FORMS = (
    "the ferry carries sixty cars and ",
    "costs rose in the spring nobody at the council knew why ",
    NEWS.upper(),
    "| Port 3 | 417 | €33m | 4 % |\n",
    "- Item 4 costs 12 euros\n",
    "the sea is grey and so am I\nand nothing moves but time,\n",
    "if (x[3] == 'a') { return foo(x, \"b\"); } // note\n",
    'ANA: We spent 4 million.\nBO: I said "no" to that in 2024.\n',
    "Der Rat sagte nein. 议会说不。 Она сказала нет. The council said no. ",
    "قال الرئيس إن التكاليف ارتفعت بنسبة 4٪. ",
    "👩‍👩‍👧‍👦 The c̷o̷u̷n̷c̷i̷l̷ said 🎉 4 per cent é́́ up. ",
    "The council\x00 said 4\x00 per cent.\x1c It fell. ",
    "The council said 4 per cent. ",
    "“He said ‘",
    "'abcdefgh'x ",
    ".",
    ".\"'",
    " ",
    NEWS,
)
"""Forms of text that are no news, and news."""


class Skill(NamedTuple):
    """Something that reads a whole text, and what may tempt it."""

    read: Callable[[str], object]
    pieces: tuple[str, ...]


def _quantities(text: str) -> object:
    from tools.numbers.quantities import quantities

    return quantities(text)


def _periods(text: str) -> object:
    from tools.times.periods import periods

    return periods(text, date(2026, 5, 14))


def _clock(text: str) -> object:
    from tools.times.clock import clock_times

    return clock_times(text)


def _names(text: str) -> object:
    from tools.people.aliases import named

    return named(text)


def _sentences(language: str) -> Callable[[str], object]:
    def read(text: str) -> object:
        from tools.text.sentences import sentence_spans

        return sentence_spans(text, language)

    return read


def _talk(text: str) -> object:
    from agent.claims.worth import is_talk

    return is_talk(text)


def _findings(text: str) -> object:
    from agent.compare.checks import findings

    return findings("Skarra carried 12 people in 2024.", text, setting="Skarra")


def _claims(text: str) -> object:
    from agent.claims.rules import RuleSplitter
    from agent.types import Article

    return asyncio.run(RuleSplitter().split(Article(id="a-1", text=text), lambda *_: None))


_MARKS = ("!", ".", ". ", "a. ", "“", "A", "1,", "and ", "a\n", "\n \t", "(", "😀", "e\u0301")
SKILLS = {
    "quantities": Skill(
        _quantities,
        (
            *"1 |1|1,|123,|$1 |2020-|2 million |twenty |hundred |one in |A |12 per cent, ".split(
                "|"
            ),
            *"2 cardinal |1-2-|+1 |half of |a third of |word |(|“".split("|"),
            *"a|½|1/2 |5ft2in|-1|€|ten|more than ".split("|"),
        ),
    ),
    "periods": Skill(
        _periods,
        ("1/1/26", "last May ", "a year earlier ", "2026-", "Q3", "5 May ", "the ", "1990s", "a"),
    ),
    "clock": Skill(_clock, ("9", "9:30", "9am", "half past nine ", "at 9.30 ")),
    "names": Skill(_names, ("A", "May ", "Aa(", "Tomas Reyk ", "the mayor, ", "Mr ", "A.", "’s")),
    "sentences": Skill(_sentences("en"), _MARKS),
    "sentences, German": Skill(_sentences("de"), _MARKS),
    "talk": Skill(_talk, ("? a", "a-", "you a ", "thank you ", "! ", "1a", "don't ")),
    "findings": Skill(
        _findings, ("1 ", "$1 ", "2020-", "12 people. ", "“a b c d” ", "A", "voted for ")
    ),
    "claims": Skill(
        _claims,
        ("a\n", "May ", "a-", "A", "Jane Doe said ", "the cat is on it, and ", "“", "! ", *FORMS),
    ),
}


def text_of(piece: str, length: int) -> str:
    """The piece, repeated to a length in characters."""
    return (piece * (length // len(piece) + 1))[:length]


class Growth(NamedTuple):
    """How one skill took one text."""

    skill: str
    piece: str
    seconds: list[float]
    """Of the processor, at each length."""
    exponent: float
    """Between the two longest; 0 where both took under 20 ms, which is noise."""


def measure(name: str, piece: str, lengths: list[int]) -> Growth:
    """Reads the text at each length, shortest first."""
    read, seconds = SKILLS[name].read, []
    read(text_of(piece, 200))  # what it imports is not counted
    for length in lengths:
        start = time.process_time()
        read(text_of(piece, length))
        seconds.append(time.process_time() - start)
    short, long = seconds[-2:]
    ratio = lengths[-1] / lengths[-2]
    exponent = math.log(long / short, ratio) if min(short, long) > 0.02 else 0.0
    return Growth(name, piece, seconds, exponent)


def main() -> None:
    """Prints a line for each skill and text."""
    parser = argparse.ArgumentParser(prog="python -m evals.performance.growth", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=SKILLS, default=list(SKILLS))
    parser.add_argument("--lengths", nargs="+", type=int, default=[10_000, 40_000])
    parser.add_argument("--most", type=float, default=1.5, help="exponent that is listed again")
    given = parser.parse_args()
    if len(given.lengths) < 2 or sorted(set(given.lengths)) != given.lengths:
        parser.error("--lengths needs at least two, growing")
    print(f"{'':20}{'':22}" + "".join(f"{length:>10,}" for length in given.lengths) + "  exponent")
    steep = []
    for name in given.only:
        for piece in SKILLS[name].pieces:
            growth = measure(name, piece, given.lengths)
            line = f"{name:20}{piece[:20]!r:22}"
            line += "".join(f"{seconds:10.3f}" for seconds in growth.seconds)
            print(f"{line}{growth.exponent:10.2f}", flush=True)
            if growth.exponent > given.most:
                steep.append(line)
    if steep:
        print(f"\nSteeper than {given.most}:", *steep, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
