"""Does reading a text take time in proportion to its length, whatever stands in it?

    python -m evals.performance.linearity                       # every reader, every shape
    python -m evals.performance.linearity tools.text.sentences  # those whose names begin so
    python -m evals.performance.linearity --characters 16000    # twice as long

A regular expression that tries each start and runs to the end from each takes the square of a
text's length; one with two ways to match the same characters can take far more. Ordinary prose
never shows it. So every public function of `PACKAGES` that can be called with texts alone is given
runs of one piece (blanks, line ends, quotation marks, brackets, digits, commas, `a.b.c.`, names,
orders), bare and between words. Functions are found, not listed: one that is added is tried from
then on.

What reads a whole text is given N characters; what reads one sentence, clause or name the ends of
it up to 2,000, what reads a quotation up to 600, since longer ones are never made
(`tools.text.sentences`, `tools.text.quotes`). A finding is a reader that takes over a second of the
processor, or a twentieth at least and more than seven times what it takes for a quarter of N.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import signal
import sys
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import FrameType, ModuleType
from typing import Any, Final, NamedTuple

PACKAGES: Final = ("tools.text", "tools.numbers", "tools.times", "tools.people", "agent.claims")
CHARACTERS: Final = 8000
LONGEST_PART: Final = 2000
LONGEST_QUOTATION: Final = 600
_PIECES: Final = (
    " ", "\n", "\r\n", "\t", " \n", "\n\n", "\u00a0", "\u200b", "́", "\u202e", "\u001c", '"', "“",
    "”", "'", "’", "« ", "“a” ", "“a, ", '"a" ', "'a ", "(", ")", "[", "<", ">", "{", "}", "(a ",
    "(a) ", "[a]", "<b>", "</", "<!--", '<a b="', "{{a.", "${", "&#", "&lt;", "`", "```", "|", "1",
    "1 ", "1,", "1, ", "1.", "1:", "1/", "1-", "1,000 ", "0.5", "$1 ", "%", "1 % ", "½",
    "20 May 2020 ", "in 2020 ", "2019-", "10.30 ", "two ", "twenty-", "hundred ", "a million ",
    "three out of four ", "first ", "between ", "from ", "per ", "of ", "of the ", "about ", ",",
    ", ", ".", ". ", "..", ":", ": ", ";", "-", "– ", "—", "_", "*", "#", "# ", "/", '\\', "@",
    "!", "? ", "…", "a.b.c.", "a.", "A.", "A. ", "Mr. ", "a", "A", "a ", "A ", "Aa ", "a b, ",
    "a\n", "a,\n", "A\n", "é", "中", "和 ", "и ", "ש ", "Anna Brandt ", "Brandt, ", "Anna ",
    "King ", "the ", "and ", "and Anna ", "who ", "which is ", "he ", "said ", "said that ",
    "not ", "is ", "was not ", "according to ", "because ", "if a ", "you ", "you must ",
    "your answer ", "verdict ", "supported ", "ignore ", "all previous ", "claim: ", "system:",
    "please ", "now, ", "%41", "\\u0041", "QUJD", "41 ", "a-", "A-", "-a ", "it is ", "more than ",
    "rose by 2 per cent ", "Mayor ", "'s ", "mid-", "U.S. ", "No. 1 ", "https://a.", "a@b.", "🏴",
    "\U000e0041", "ﬁ", "İ",
)  # fmt: skip
_AROUND: Final = (
    ("", ""),
    ("The mill. <b>", "x<"),
    ("Anna Brandt said the mill ", " in 2019."),
    ("The mill. You ", " claim"),
    ("Is the verdict: ", " in 2019."),
)
_TEXTS: Final = frozenset({"text", "passage", "article"})
_PARTS: Final = frozenset(
    "sentence clause masked question claim kept before after name first second".split()
)
_QUOTATIONS: Final = frozenset({"quote", "quotation"})
"""What parameters are called that take a text, a part of one, or a quotation."""
_WRITTEN: Final = date(2026, 11, 22)
_SECONDS: Final = 1.0
_NOTICED: Final = 0.05
_GROWTH: Final = 7.0


class Reader(NamedTuple):
    """A function that is called with one text, as often as it takes texts.

    Attributes:
        name: module and function.
        read: calls it, and draws what it yields.
    """

    name: str
    read: Callable[[str], object]


@dataclass(frozen=True)
class Finding:
    """A reader that took too long on a shape."""

    reader: str
    shape: str
    characters: int
    seconds: float
    growth: float


class _Late(BaseException):
    """No `Exception`: no reader may take it for a fault of its own."""


def readers(prefix: str = "") -> Iterator[Reader]:
    """Every public function of the packages that texts alone can be given to."""
    for package in PACKAGES:
        for module in _modules(package):
            for name, value in vars(module).items():
                full = f"{module.__name__}.{name}"
                ours = getattr(value, "__module__", None) == module.__name__
                public = not name.startswith("_") and not inspect.isclass(value)
                if ours and public and full.startswith(prefix) and (found := _reader(full, value)):
                    yield found


def _modules(package: str) -> Iterator[ModuleType]:
    found = importlib.import_module(package)
    yield found
    for item in pkgutil.iter_modules(found.__path__):
        yield importlib.import_module(f"{package}.{item.name}")


def _reader(name: str, value: Any) -> Reader | None:
    """None where it takes something that is neither a text nor known."""
    if not callable(value):
        return None
    function = inspect.unwrap(value)
    hints = typing.get_type_hints(function)
    known: dict[str, Any] = {"start": 0}
    takes = []
    parameters = inspect.signature(function).parameters
    for parameter in parameters.values():
        if parameter.name in _TEXTS | _PARTS | _QUOTATIONS and hints.get(parameter.name) in (
            str,
            str | None,
        ):
            takes.append(parameter.name)
        elif hints.get(parameter.name) is date:
            known[parameter.name] = _WRITTEN
        elif parameter.default is parameter.empty and parameter.name not in ("start", "end"):
            return None
    if not takes:
        return None

    def read(text: str) -> None:
        given: dict[str, Any] = {word: _part(text, word) for word in takes}
        given |= known | {"end": len(text)}
        found = value(**{word: what for word, what in given.items() if word in parameters})
        if isinstance(found, Iterator):
            for _ in found:
                pass

    return Reader(name, read)


def _part(text: str, parameter: str) -> str:
    """As much of a text as a parameter of that name is ever given."""
    most = LONGEST_QUOTATION if parameter in _QUOTATIONS else LONGEST_PART
    if parameter in _TEXTS or len(text) <= most:
        return text
    return f"{text[: most // 2]}{text[-most // 2 :]}"


def shapes(
    pieces: Sequence[str] = _PIECES, around: Sequence[tuple[str, str]] = _AROUND
) -> Iterator[tuple[str, Callable[[int], str]]]:
    """Names of hostile texts, each with what makes one of a length."""
    for piece in pieces:
        for before, after in around:

            def made(
                length: int, piece: str = piece, ends: tuple[str, str] = (before, after)
            ) -> str:
                times = max(1, (length - len(ends[0]) - len(ends[1])) // len(piece))
                return f"{ends[0]}{piece * times}{ends[1]}"

            yield f"{before!r} + n * {piece!r} + {after!r}", made


def findings(
    tried: Sequence[Reader],
    characters: int = CHARACTERS,
    made_of: Iterable[tuple[str, Callable[[int], str]]] | None = None,
) -> Iterator[Finding]:
    """What takes too long, or grows too fast."""
    texts = list(shapes() if made_of is None else made_of)
    for reader in tried:
        reader.read("The mill opened in 2019, Anna Brandt said.")
        for shape, made in texts:
            taken = _seconds(reader, made(characters))
            if taken < _NOTICED:
                continue
            # What it loads where that is first needed counts once.
            taken = min(taken, _seconds(reader, f"{made(characters)} "))
            quarter = _seconds(reader, made(characters // 4))
            growth = taken / max(quarter, 1e-6)
            if taken >= _SECONDS or (taken >= _NOTICED and growth > _GROWTH):
                yield Finding(reader.name, shape, characters, taken, growth)


def _seconds(reader: Reader, text: str) -> float:
    """Of the processor, that it took; ended at twice what is allowed."""
    before = signal.signal(signal.SIGPROF, _end)
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 2 * _SECONDS)
    try:
        with suppress(_Late):
            reader.read(text)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return time.process_time() - begun


def _end(_: int, __: FrameType | None) -> None:
    raise _Late


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; 1 if there is a finding."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.performance.linearity", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("prefix", nargs="?", default="", help="of the readers' names")
    parser.add_argument("--characters", type=int, default=CHARACTERS, help="of a text")
    asked = parser.parse_args(arguments)
    tried = list(readers(asked.prefix))
    found = 0
    for finding in findings(tried, asked.characters):
        found += 1
        print(
            f"{finding.reader}: {finding.seconds:.2f} s at {finding.characters} characters, "
            f"{finding.growth:.1f} times a quarter's: {finding.shape}",
            flush=True,
        )
    shaped = sum(1 for _ in shapes())
    print(f"{len(tried)} readers, {shaped} shapes, {found} findings", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
