"""What becomes of a library whose process is killed, whose disk is full, whose files are cut.

    python -m evals.crashes.durability [--small] [--only EXPERIMENT…] [--json FILE]

Each trial runs in processes of its own, on a library of short texts with a hashed-words
embedder, and ends with the same questions, asked of the library as the next process finds it:

- *lost*: sources that were reported as added and are not there;
- *wrong*: the library opens, yet `verify` finds fault with it, or its top ten differ from those
  after a rebuild from nothing but the texts;
- *told*: it opens and says in one line what was mended;
- *refused*: it does not open and says why;
- *died*: a process ended in another way than by an error of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from agent.errors import LibraryDamaged, LibraryError, LibraryLocked
from evals.crashes.library_trials import (
    START,
    Found,
    HashedWords,
    Line,
    Start,
    Trials,
    add,
    make_books,
    top_tens,
)
from evals.crashes.stepping import available, fork, in_child, watch
from tools.library import Library


class Sizes(NamedTuple):
    """How many trials there are of each kind."""

    kills: int = 200
    step_stride: int = 1
    """1 kills before every step, 10 before every tenth."""
    offsets: int = 20
    rounds: int = 20
    cut_passages: int = 300
    """Of the library whose files are damaged."""
    passages: int = 10_000
    probes: int = 300

    def place(self, number: int, whole: int) -> int:
        """One of `offsets` evenly spread places from 0 on; the middle, where there is but one."""
        return whole * number // self.offsets if self.offsets > 1 else whole // 2

    def share(self, share: float) -> Sizes:
        """As many trials as a part of these, 0 to 1, each as large as it is."""
        return self._replace(
            kills=round(self.kills * share),
            step_stride=round(self.step_stride / share),
            offsets=round(self.offsets * share),
            rounds=round(self.rounds * share),
        )


SMALL = Sizes(
    kills=3, step_stride=150, offsets=1, rounds=1, cut_passages=40, passages=100, probes=20
)


def random_kills(start: Start, base: Path, sizes: Sizes) -> Line:
    """SIGKILL at a random moment of opening, adding and closing."""
    trials, moments = Trials(base), random.Random(1)  # noqa: S311 - repeatable trials
    took = time.monotonic()
    trial = start.copy(base)
    in_child(lambda: add(trial.folder, range(START, START + 12), trial.reported))
    took, ended = time.monotonic() - took, 0
    for _ in range(sizes.kills):
        trial = start.copy(base)
        child = fork(partial(add, trial.folder, range(START, START + 12), trial.reported))
        time.sleep(moments.uniform(0, took))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ended += not os.WIFSIGNALED(status)
        trials.look(trial.folder, trial.reported)
    return trials.line("killed at a random moment", f"{ended} had ended before")


def kills_at_steps(start: Start, base: Path, sizes: Sizes) -> Line:
    """SIGKILL before each write, truncation, fsync, rename, removal and making of a folder."""
    trials = Trials(base)
    numbers = range(START, START + 3)
    trial = start.copy(base)
    whole = watch(lambda: add(trial.folder, numbers, trial.reported), trial.folder)
    for step in range(0, len(whole.steps), sizes.step_stride):
        trial = start.copy(base)
        watch(partial(add, trial.folder, numbers, trial.reported), trial.folder, kill_before=step)
        trials.look(trial.folder, trial.reported)
    return trials.line("killed before a step", _counts(whole.steps))


def full_from_a_step(start: Start, base: Path, sizes: Sizes) -> Line:
    """Every write from one on is refused with ENOSPC, at evenly spread steps."""
    trials, refused = Trials(base), 0
    numbers = range(START, START + 3)
    trial = start.copy(base)
    steps = len(watch(lambda: add(trial.folder, numbers, trial.reported), trial.folder).steps)
    for number in range(sizes.offsets):
        trial = start.copy(base)
        status = watch(
            partial(_expecting_refusal, trial, numbers),
            trial.folder,
            full_from=sizes.place(number, steps),
        ).status
        refused += os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3
        trials.died += not os.WIFEXITED(status) or os.WEXITSTATUS(status) not in (0, 3)
        trials.look(trial.folder, trial.reported)
    return trials.line("disk full from a write on", f"{refused} ended with an error of ours")


def full_at_a_size(start: Start, base: Path, sizes: Sizes) -> Line:
    """No file may grow beyond a size (RLIMIT_FSIZE), at evenly spread sizes."""
    trials, refused = Trials(base), 0
    numbers = range(START, START + 40)
    largest = max(path.stat().st_size for path in start.folder.rglob("*") if path.is_file())
    for number in range(sizes.offsets):
        trial = start.copy(base)
        # The index asks for a margin of its own before it writes.
        size = sizes.place(number, 2 * largest + 2_000_000)
        child = fork(partial(_expecting_refusal, trial, numbers, size))
        _, status = os.waitpid(child, 0)
        refused += os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3
        trials.died += not os.WIFEXITED(status) or os.WEXITSTATUS(status) not in (0, 3)
        trials.look(trial.folder, trial.reported)
    return trials.line("disk full at a size", f"{refused} ended with an error of ours")


def truncations(base: Path, sizes: Sizes) -> Iterator[Line]:
    """Each file cut at evenly spread places, one file a trial."""
    return _damaged_files(
        "cut",
        base,
        sizes,
        lambda file, number: os.truncate(file, sizes.place(number, file.stat().st_size)),
    )


def flips(base: Path, sizes: Sizes) -> Iterator[Line]:
    """One bit of each file is another, half of the time in its first hundred bytes."""
    places = random.Random(1)  # noqa: S311 - repeatable trials

    def flip(file: Path, number: int) -> None:
        content = bytearray(file.read_bytes())
        among = min(100, len(content)) if number % 2 else len(content)
        content[places.randrange(among)] ^= 1 << places.randrange(8)
        file.write_bytes(content)

    return _damaged_files("flipped", base, sizes, flip)


def _damaged_files(
    how: str, base: Path, sizes: Sizes, damage: Callable[[Path, int], None]
) -> Iterator[Line]:
    """One line a file; each trial damages one file, and is told its own number."""
    start = Start(base / f"books-{how}", base / f"books-{how}.txt")
    in_child(partial(make_books, start.folder, sizes.cut_passages, start.reported))
    for file in sorted(path for path in start.folder.rglob("*") if path.is_file()):
        if not file.stat().st_size:
            continue  # the lock: nothing is ever written to it
        name = file.relative_to(start.folder)
        trials, silent = Trials(base), 0
        for number in range(sizes.offsets):
            trial = start.copy(base)
            damage(trial.folder / name, number)
            found = trials.look(trial.folder, trial.reported)
            silent += found is not None and not (found.told or found.refused)
        shown = re.sub(r"[0-9a-f-]{36}", "*", name.as_posix())
        yield trials.line(f"{how}: {shown}", f"{silent} not told" if silent else "")


def cut_logs(start: Start, base: Path, sizes: Sizes) -> Line:
    """SIGKILL while adding, and then the write-ahead log that it left is cut in the middle."""
    trials, cut = Trials(base), 0
    numbers = range(START, START + 3)
    trial = start.copy(base)
    steps = len(watch(partial(add, trial.folder, numbers, trial.reported), trial.folder).steps)
    for number in range(2 * sizes.offsets):
        trial = start.copy(base)
        step = steps * number // (2 * sizes.offsets)
        watch(partial(add, trial.folder, numbers, trial.reported), trial.folder, kill_before=step)
        log = trial.folder / "library.sqlite-wal"
        if log.exists() and (size := log.stat().st_size):
            os.truncate(log, size // 2)
            cut += 1
        trials.look(trial.folder, trial.reported)
    return trials.line("killed, and the log cut", f"{cut} logs were there to be cut")


def writers(start: Start, base: Path, sizes: Sizes, count: int) -> Line:
    """Processes that start at once and add sources of their own to one library."""
    trials, waits = Trials(base), base / f"waits-{count}.txt"
    waits.touch()
    for _ in range(sizes.rounds):
        trial = start.copy(base)
        reports = [trial.folder.parent / f"reported-{number}.txt" for number in range(count)]
        children = [
            fork(partial(_insist, trial.folder, n, reports[n], waits)) for n in range(count)
        ]
        for child in children:
            _, status = os.waitpid(child, 0)
            trials.died += status != 0
        with trial.reported.open("a", encoding="ascii") as all_reported:
            all_reported.writelines(r.read_text() for r in reports if r.exists())
        trials.look(trial.folder, trial.reported)
    waited = [float(line) for line in waits.read_text().split()]
    longest = f", after at most {max(waited):.1f} s" if waited else ""
    return trials.line(f"{count} writers", f"{len(waited)} times refused and told{longest}")


def rebuilding(base: Path, sizes: Sizes) -> Line:
    """The time to rebuild both search caches, and whether they find the same."""

    def work() -> tuple[int, bool, float]:
        folder, notices = base / "large", list[str]()
        make_books(folder, sizes.passages, base / "large.txt")
        with Library.open(folder, HashedWords()) as library:
            before = top_tens(library, sizes.probes)
        shutil.rmtree(folder / "chroma")
        (folder / "fulltext.sqlite").unlink()
        with Library.open(folder, HashedWords(), on_notice=notices.append) as library:
            started = time.monotonic()
            library.prepare()
            took = time.monotonic() - started
            after = top_tens(library, sizes.probes)
        return sum(a != b for a, b in zip(before, after, strict=True)), bool(notices), took

    trials = Trials(base)
    different, told, took = in_child(work)
    trials.trials = 1
    trials.found.append(Found(0, wrong=different > 0, told=told))
    return trials.line(
        "caches deleted",
        f"{sizes.passages} passages rebuilt in {took:.1f} s; "
        f"{different} of {sizes.probes} probes differ",
    )


def run(base: Path, sizes: Sizes, only: Sequence[str] = ()) -> Iterator[Line]:
    """All experiments (or some, by name), one after the other, in a folder for their libraries."""
    start = Start.make(base)
    experiments: dict[str, Callable[[], Iterable[Line]]] = {
        "kills": lambda: [random_kills(start, base, sizes)],
        "steps": lambda: [kills_at_steps(start, base, sizes)],
        "logs": lambda: [cut_logs(start, base, sizes)],
        "nospace": lambda: [full_from_a_step(start, base, sizes)],
        "sizes": lambda: [full_at_a_size(start, base, sizes)],
        "cuts": lambda: truncations(base, sizes),
        "flips": lambda: flips(base, sizes),
        "writers": lambda: [writers(start, base, sizes, count) for count in (2, 4)],
        "rebuild": lambda: [rebuilding(base, sizes)],
    }
    if not available():
        for name in ("steps", "logs", "nospace"):
            del experiments[name]
    for name, experiment in experiments.items():
        if not only or name in only:
            yield from experiment()


def _expecting_refusal(trial: Start, numbers: Sequence[int], size: int | None = None) -> None:
    """Exits with 3 where adding ends with one of our errors."""
    if size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        add(trial.folder, numbers, trial.reported)
    except LibraryDamaged:
        raise  # it is not: the disk is full
    except LibraryError:
        os._exit(3)


def _insist(folder: Path, writer: int, reported: Path, waits: Path) -> None:
    first = 100 * (writer + 1)
    while True:
        started = time.monotonic()
        try:
            return add(folder, range(first, first + 4), reported)
        except LibraryLocked as locked:
            if "process" not in locked.what:
                raise
            with waits.open("a", encoding="ascii") as file:
                print(time.monotonic() - started, file=file)


def _counts(steps: Sequence[str]) -> str:
    return ", ".join(f"{steps.count(name)} {name}" for name in sorted(set(steps)))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a few trials of each kind")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials of each kind")
    parser.add_argument("--only", nargs="+", default=[], metavar="EXPERIMENT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args()
    sizes = SMALL if given.small else Sizes().share(given.share)
    # Threads of the native core do not survive a fork: it is loaded here, and started only in
    # the children.
    import chromadb  # noqa: F401

    with tempfile.TemporaryDirectory(prefix="durability-") as base:
        print(f"{'':36} trials   lost  wrong   told refuse   died       s", flush=True)
        lines = []
        for line in run(Path(base).resolve(), sizes, given.only):
            lines.append(line)
            counts = "".join(f"{value:7}" for value in line[1:7])
            print(f"{line.experiment:36}{counts}{line.seconds:8.0f}  {line.remark}", flush=True)
    if given.json:
        given.json.write_text(json.dumps([line._asdict() for line in lines], indent=2))


if __name__ == "__main__":
    main()
