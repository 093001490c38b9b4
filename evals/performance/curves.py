"""How a check grows: time, memory and disk with the passages of the library and the claims asked.

    python -m evals.performance.curves          # to 10,000 passages, 100 claims
    python -m evals.performance.curves --small  # 300 and 1,000 passages, 5 claims
    python -m evals.performance.curves --sizes 1000 10000 100000 1000000 \\
        --claims 1 10 100 1000 --folder DIR --json FILE --plot docs/growth.svg
    python -m evals.performance.curves --told FILE --plot docs/growth.svg

*Passages*: libraries of random texts with drawn vectors (`scale.py`), in `DIR/SIZE`; each is opened
and searched by a process of its own, all claims of a row in one call. Memory is its peak, so that
of the row with the most claims is in it. What adding took is kept in `DIR/SIZE.json`.
*Claims*: an article of so many statements is checked whole with the models that ship, against a
library of news of 1,000 passages, in a process of its own. Rating does not know how large the
library is, so a check against a large one takes what its row says for finding in place of what it
took here.

Seconds are of the processor, all threads together: other programs that run beside stretch the clock
and not these. The exponent is the slope of a straight line through the logarithms (least squares):
1 grows with the size, 0 not at all. The *last* is that of the last step alone, since what is the
same at every size hides growth among the small ones.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from evals import charts
from evals.performance import scale
from evals.samples import ArticleSample, ClaimSample, PairSample
from evals.suites import load
from tools.text.sentences import sentence_spans

NEWS = 1000
"""Passages of the library that articles are checked against."""
MEBI = 2**20
_APART = 50
"""Claims that are searched for by meaning and by words apart."""
_CANDIDATES = 50
"""Passages that either proposes for the ten of a claim."""

Measured = dict[str, float]
"""Figures of one size, by name."""


class Curve(NamedTuple):
    """One figure at several sizes.

    Attributes:
        of: what grows: `passages` or `claims`.
        name: of the figure, with its unit.
        sizes, values: one for the other, the smallest first.
    """

    of: str
    name: str
    sizes: list[float]
    values: list[float]

    @property
    def exponent(self) -> float | None:
        """Over all sizes."""
        return exponent(self.sizes, self.values)

    @property
    def last(self) -> float | None:
        """Over the last step."""
        return exponent(self.sizes[-2:], self.values[-2:])


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """The b of `value = a * size ** b`, by least squares on the logarithms.

    Returns:
        None where there are fewer than two sizes, or a figure has no logarithm.
    """
    if len(set(sizes)) < 2 or min([*sizes, *values]) <= 0:
        return None
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in values]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    along = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return along / sum((a - mean_x) ** 2 for a in x)


# --- measuring ---------------------------------------------------------------------------------


def searched(folder: Path, claims: Sequence[int]) -> Measured:
    """Opens a library and finds passages for claims; to be called in a process of its own."""
    import chromadb  # noqa: F401 - the import is no part of opening

    from tools.library import Library
    from tools.library.retrieval import retrieve_many

    embedder, texts = scale.DrawnVectors(), scale.Texts()
    before = scale.peak_memory()
    clock, own = time.perf_counter(), time.process_time()
    with Library.open(folder, embedder) as library:
        library.prepare()
        told = {
            "opening, s": time.process_time() - own,
            "opening, s on the clock": time.perf_counter() - clock,
        }
        state = library.state()
        retrieve_many(library, texts.claims(1, state.sources))  # what the first search alone loads
        asked = texts.claims(sum(claims) + _APART, state.sources)
        for number in claims:
            some, asked = asked[:number], asked[number:]
            clock, own = time.perf_counter(), time.process_time()
            retrieve_many(library, some)
            told[_finding(number)] = 1000 * (time.process_time() - own) / number
            told[f"{_finding(number)} on the clock"] = 1000 * (time.perf_counter() - clock) / number
        vectors = embedder.embed(asked)
        by: dict[str, list[Callable[[], object]]] = {
            "by meaning": [partial(library.nearest, vector, _CANDIDATES) for vector in vectors],
            "by words": [partial(library.matching, text, _CANDIDATES) for text in asked],
        }
        for name, searches in by.items():
            own = time.process_time()
            for search in searches:
                search()
            told[f"{name}, ms a claim"] = 1000 * (time.process_time() - own) / _APART
    told["memory, MiB"] = (scale.peak_memory() - before) / MEBI
    told["disk, MiB"] = sum(p.stat().st_size for p in _files(folder)) / MEBI
    return told | {"passages": state.passages}


def _files(folder: Path) -> list[Path]:
    """What belongs to the library as it is now, without what an upgrade put aside."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if ".version-" not in path.name]


def _finding(claims: int) -> str:
    return f"finding, ms a claim of {claims:,}"


def article(claims: int) -> str:
    """An article of so many statements: claims of our suites, then sentences of their sources.

    About a quarter are on what the library of news tells.
    """
    said: dict[str, None] = {}
    for name in ("newsroom", "negatives", "numbers", "quotes", "counterfactual"):
        for sample in load(name).samples:
            if isinstance(sample, ArticleSample):
                said |= dict.fromkeys(claim.text for claim in sample.claims)
            elif isinstance(sample, ClaimSample | PairSample):
                said |= dict.fromkeys([sample.claim])
    for source in load("negatives").sources():
        text = source.document.text
        said |= dict.fromkeys(text[start:end] for start, end in sentence_spans(text))
    lines = list(said)[:claims]
    return "\n\n".join(" ".join(lines[start : start + 5]) for start in range(0, len(lines), 5))


def checked(folder: Path, claims: int) -> Measured:
    """Checks an article of so many claims; to be called in a process of its own."""
    from agent.check import FactChecker

    ends: dict[str, float] = {}
    checker = FactChecker(folder)
    clock, own = time.perf_counter(), time.process_time()
    report = checker.check(
        text=article(claims),
        on_progress=lambda progress: ends.update({progress.stage: time.process_time()}),
    )
    # A stage is what was worked between the end of the one before and its own.
    starts = dict(zip(ends, [own, *ends.values()], strict=False))
    stages = {f"of it {stage}, s": end - starts[stage] for stage, end in ends.items()}
    return {
        "whole check, s": time.process_time() - own,
        **stages,
        "whole check, s on the clock": time.perf_counter() - clock,
        "memory, MiB": scale.peak_memory() / MEBI,
        "report, KiB": len(report.model_dump_json()) / 1024,
        "claims found": float(len(report.claims)),
    }


def measure(base: Path, sizes: Sequence[int], claims: Sequence[int]) -> Iterable[dict[str, Any]]:
    """A line for each size of the library, then for each number of claims."""
    for size in sorted(sizes):
        folder, note = base / str(size), base / f"{size}.json"
        if not note.exists():
            note.write_text(json.dumps(scale.step("fill", folder, size)), encoding="utf-8")
        added = json.loads(note.read_text(encoding="utf-8"))
        adding = {"adding, s": added["cpu_seconds"], "adding, s on the clock": added["seconds"]}
        found = scale.apart("curves", "--step", "searched", folder, *claims)
        yield {"of": "passages", "size": size} | adding | found
    news = base / "news"
    if not news.exists():
        scale.apart("curves", "--step", "news", news)
    for number in sorted(claims):
        told = scale.apart("curves", "--step", "checked", news, number)
        yield {"of": "claims", "size": number} | told


def curves(lines: Iterable[Mapping[str, Any]]) -> list[Curve]:
    """The figures of all lines, each as a curve."""
    found: dict[tuple[str, str], Curve] = {}
    for line in lines:
        own = {"of", "size", "passages"}
        for name, value in line.items():
            if name not in own:
                key = (line["of"], name)
                curve = found.setdefault(key, Curve(*key, [], []))
                curve.sizes.append(line["size"])
                curve.values.append(value)
    return list(found.values())


# --- telling -----------------------------------------------------------------------------------


def table(found: Sequence[Curve]) -> Iterable[str]:
    """The curves as Markdown, a table for what grows."""
    for of in dict.fromkeys(curve.of for curve in found):
        of_it = [curve for curve in found if curve.of == of]
        sizes = max((curve.sizes for curve in of_it), key=len)
        yield f"| {of} | " + " | ".join(f"{s:,}" for s in sizes) + " | exponent | last |"
        yield "|---" * (len(sizes) + 3) + "|"
        for curve in filter(_is_own, of_it):
            values = " | ".join(_figure(value) for value in curve.values)
            yield f"| {curve.name} | {values} | {_power(curve.exponent)} | {_power(curve.last)} |"
        yield ""


def _is_own(curve: Curve) -> bool:
    """Whether it is of this program alone; the clock's seconds are other programs' as well."""
    return not curve.name.endswith("on the clock")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _power(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def plot(found: Sequence[Curve]) -> str:
    """The curves of processor time, memory and disk as one SVG file."""
    panels = []
    for of in dict.fromkeys(curve.of for curve in found):
        of_it = [curve for curve in found if curve.of == of and _is_own(curve)]
        for unit in dict.fromkeys(_unit(curve.name) for curve in of_it):
            if not unit:
                continue
            lines = [
                (curve.name.partition(",")[0] + _many(curve.name), curve.sizes, curve.values)
                for curve in of_it
                if _unit(curve.name) == unit
            ]
            panels.append((of, unit, lines))
    return charts.growth(panels)


def _unit(name: str) -> str:
    unit = name.partition(", ")[2].partition(" of ")[0]
    return {"s": "seconds", "MiB": "MiB", "KiB": "KiB"}.get(unit, unit)


def _many(name: str) -> str:
    _, of, number = name.partition(" of ")
    return f", {number} at once" if of else ""


def _step(what: str, folder: Path, numbers: Sequence[int]) -> Measured:
    if what == "searched":
        return searched(folder, numbers)
    if what == "checked":
        return checked(folder, numbers[0])
    from tools.models.embedder import MiniLMEmbedder

    return {"passages": scale.fill(folder, NEWS, scale.news, MiniLMEmbedder())["added"]}


def _measured(options: argparse.Namespace) -> Iterable[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as passing:
        base = options.folder or Path(passing)
        base.mkdir(parents=True, exist_ok=True)
        for line in measure(base, options.sizes, options.claims):
            print(f"{line['size']:,} {line['of']} measured", file=sys.stderr, flush=True)
            if options.json:
                with options.json.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
            yield line


def _kept(files: Iterable[Path]) -> list[dict[str, Any]]:
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted(map(json.loads, lines), key=lambda line: (line["of"] == "claims", line["size"]))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m evals.performance.curves", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000], metavar="N")
    parser.add_argument("--claims", type=int, nargs="+", default=[1, 10, 100], metavar="N")
    parser.add_argument(
        "--small", action="store_true", help="the same as --sizes 300 1000 --claims 1 5"
    )
    parser.add_argument("--folder", type=Path, help="keeps the libraries; default: a passing one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="one line for each size")
    parser.add_argument(
        "--told", type=Path, nargs="+", metavar="FILE", help="measure nothing: tell these lines"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="an SVG of the curves")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        what, folder, *numbers = options.step
        print(json.dumps(_step(what, Path(folder), [int(number) for number in numbers])))
        return
    if options.small:
        options.sizes, options.claims = [300, 1_000], [1, 5]
    found = curves(_kept(options.told) if options.told else _measured(options))
    for text in table(found):
        print(text)
    if options.plot:
        options.plot.write_text(plot(found), encoding="utf-8")


if __name__ == "__main__":
    main()
