"""What becomes of a check that is killed, or whose journal or disk fails, when it is run again.

    python -m evals.crashes.resuming [--small] [--share SHARE] [--claims N]
        [--only NAME…] [--json FILE]

Each trial runs `assay check` with a language model (`evals.llm.model_server`, on this machine) in a
process of its own, disturbs it, and runs the same command again to its end; as many trials go on
side by side as there are processors. What SIGKILL leaves before a step is what the files then
hold, so one run is stopped before each of its steps and its folder copied, and the command is run
again on every copy that differs from the one before. Then:

- *lost*: claims of the final report without a verdict;
- *twice*: answers that the journal has twice, or that were in it and were asked for again;
- *differ*: the JSON, the page or the Markdown is not, byte for byte, that of a run that nothing
  disturbed; what a run took and when it was (`usage`, `run.created_at`) is left out of all;
- *litter*: files that the runs have left beside the report;
- *died*: a process ended in another way than it was ended or by an error of ours;
- *again*: requests sent a second time, since their answers were on the way: the sum of all trials.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from agent.gateway.journal import Journal
from agent.report import write_atomically
from evals.crashes.check_trials import Folder, Line, Trials, Undisturbed, command, load
from evals.crashes.stepping import available, fork, watch
from evals.llm.model_server import running

_LATENCY = 0.02
_INTERRUPTED = 130
_STOPPED = 6
"""Exit code where the journal cannot be written; 2 where it cannot be opened."""


class Sizes(NamedTuple):
    """How many trials there are of each kind."""

    claims: int = 200
    kills: int = 500
    step_stride: int = 1
    """1 kills before every step, 10 before every tenth."""
    interrupts: int = 50
    writes: int = 1_000
    offsets: int = 20

    def share(self, share: float) -> Sizes:
        """As many trials as a part of these, 0 to 1, each as large as it is."""
        return self._replace(
            kills=max(1, round(self.kills * share)),
            step_stride=round(self.step_stride / share),
            interrupts=max(1, round(self.interrupts * share)),
            writes=max(1, round(self.writes * share)),
            offsets=max(1, round(self.offsets * share)),
        )


SMALL = Sizes(claims=6, kills=1, step_stride=100, interrupts=1, writes=20, offsets=2)


def _ended_by(signal_: signal.Signals, start: Undisturbed, folder: Folder, moment: float) -> int:
    """Runs the command and sends it a signal after so many seconds: its status, as of `waitpid`."""
    child = fork(partial(command, folder.path, start.server.url(folder.path.parent.name)))
    time.sleep(moment)
    os.kill(child, signal_)
    return os.waitpid(child, 0)[1]


def kills(start: Undisturbed, sizes: Sizes) -> Line:
    """SIGKILL at a random moment of the whole command."""
    trials, draw = Trials(start), random.Random(1)  # noqa: S311 - repeatable trials
    # Side by side a run takes longer than it took alone.
    moments = [draw.uniform(0, 1.25 * start.took) for _ in range(sizes.kills)]

    def one(trials: Trials, moment: float) -> None:
        folder = trials.folder()
        status = _ended_by(signal.SIGKILL, start, folder, moment)
        trials.found.seen["ended"] += not os.WIFSIGNALED(status)
        _finish(trials, folder)

    trials.side_by_side(moments, one)
    remark = f"{trials.found.seen['ended']} had ended before; {_most(trials)}"
    return trials.line("killed at a random moment", remark)


def interrupts(start: Undisturbed, sizes: Sizes) -> Line:
    """Ctrl-C at a random moment: exit code 130, and a word on how to go on."""
    trials, draw = Trials(start), random.Random(2)  # noqa: S311 - repeatable trials
    moments = [draw.uniform(0.2, 0.9) * start.took for _ in range(sizes.interrupts)]

    def one(trials: Trials, moment: float) -> None:
        folder = trials.folder()
        status = _ended_by(signal.SIGINT, start, folder, moment)
        trials.found.seen["ended"] += status == 0
        said = _finish(trials, folder)
        told = os.waitstatus_to_exitcode(status) == _INTERRUPTED and "same command" in said
        trials.found.died += status != 0 and not told

    trials.side_by_side(moments, one)
    remark = f"{trials.found.seen['ended']} had ended before; {_most(trials)}"
    return trials.line("interrupted (Ctrl-C)", remark)


class Left(NamedTuple):
    """What SIGKILL leaves before a step, and the requests that were sent by then."""

    folder: Folder
    sent: int


def steps(start: Undisturbed, sizes: Sizes) -> Line:
    """SIGKILL before each write, truncation, fsync, rename, removal and making of a folder."""
    trials = Trials(start)
    folder = trials.folder()
    name = folder.path.parent.name

    def keep(step: int) -> None:
        if step % sizes.step_stride == 0:
            left = start.base / f"{name}-{step}"
            shutil.copytree(folder.path, left / "run")
            sent = len(start.server.seen(name))
            (left / "sent.txt").write_text(str(sent), encoding="utf-8")

    work = partial(command, folder.path, start.server.url(name))
    whole = watch(work, folder.path, before=keep).steps
    lefts, digest = list[Left](), ""
    for step in range(0, len(whole), sizes.step_stride):
        path = start.base / f"{name}-{step}"
        left = Left(Folder(path / "run"), int((path / "sent.txt").read_text("utf-8")))
        if digest != (digest := left.folder.digest()):
            lefts.append(left)
        else:
            shutil.rmtree(path)

    def one(trials: Trials, left: Left) -> None:
        trials.finish(left.folder, kept=left.folder.kept(), before=left.sent)

    trials.side_by_side(lefts, one)
    counts = ", ".join(f"{whole.count(name)} {name}" for name in sorted(set(whole)))
    every = -(-len(whole) // sizes.step_stride)
    remark = f"{every} of {counts}, as different files; {_most(trials)}"
    return trials.line("killed before a step", remark)


def nospace(start: Undisturbed, sizes: Sizes) -> Line:
    """Every write from one on is refused with ENOSPC, at evenly spread steps."""
    trials = Trials(start)
    folder = trials.folder()
    url = start.server.url(folder.path.parent.name)
    whole = watch(partial(command, folder.path, url), folder.path).steps

    def one(trials: Trials, step: int) -> None:
        folder = trials.folder()
        url = start.server.url(folder.path.parent.name)
        status = watch(partial(command, folder.path, url), folder.path, full_from=step).status
        code = os.waitstatus_to_exitcode(status)
        trials.found.seen[str(code)] += 1
        trials.found.died += code not in (0, 2, 4, _STOPPED)
        _finish(trials, folder)

    trials.side_by_side([len(whole) * n // sizes.offsets for n in range(sizes.offsets)], one)
    codes = ", ".join(f"{code} ({n})" for code, n in sorted(trials.found.seen.items()))
    return trials.line("disk full from a write on", f"exit codes {codes}")


def damage(start: Undisturbed, sizes: Sizes, how: Callable[[Path, int, int], None]) -> Line:
    """The journal of a finished run, damaged; the same command makes the same report of it."""
    trials = Trials(start)

    def one(trials: Trials, number: int) -> None:
        folder = trials.folder()
        for part in start.finished.journal.parent.glob("journal.sqlite*"):
            shutil.copy(part, folder.journal.parent)
        how(folder.journal, number, sizes.offsets)
        name = folder.path.parent.name
        trials.found.seen["told"] += "damaged" in trials.finish(folder)
        trials.found.seen["asked"] += len(start.server.seen(f"{name}-again"))

    trials.side_by_side(range(sizes.offsets), one)
    seen = trials.found.seen
    share = seen["asked"] / (start.requests * trials.found.trials)
    return trials.line(
        f"journal: {how.__name__}",
        f"{seen['told']} named; {100 * share:.0f} % of the answers asked for again",
    )


def cut(file: Path, number: int, of: int) -> None:
    os.truncate(file, file.stat().st_size * number // of)


def zeros(file: Path, number: int, of: int) -> None:
    """A block of a disk that reads as zeros."""
    size = file.stat().st_size
    with file.open("r+b") as journal:
        journal.seek(size * number // of // 512 * 512)
        journal.write(bytes(min(512, size - journal.tell())))


def readonly(start: Undisturbed, sizes: Sizes) -> Line:
    """A journal that may not be written: said before anything is asked."""
    del sizes
    trials = Trials(start)
    folder = trials.folder()
    Journal(folder.journal).close()
    url = start.server.url(folder.path.parent.name)

    def as_nobody() -> None:
        if os.geteuid() == 0:  # whom permissions do not hold back
            for part in (*folder.path.rglob("*"), folder.path, *folder.path.parents[:2]):
                part.chmod(0o777)
            os.setuid(65534)
        folder.journal.chmod(0o444)
        command(folder.path, url)

    def as_root() -> None:
        os.chown(folder.journal, 65534, -1)
        as_nobody()

    _, status = os.waitpid(fork(as_root if os.geteuid() == 0 else as_nobody), 0)
    sent = len(start.server.seen(folder.path.parent.name))
    folder.journal.chmod(0o644)
    said = folder.path.with_name("said.txt")
    trials.found.died += "journal" not in said.read_text() or os.waitstatus_to_exitcode(status) != 2
    said.unlink()
    trials.finish(folder)
    return trials.line("journal read-only", f"{sent} requests sent before it was said")


def writes(base: Path, sizes: Sizes) -> Line:
    """SIGKILL while reports are written over one another: always one of them, whole."""
    began, moments = time.monotonic(), random.Random(3)  # noqa: S311 - repeatable trials
    folder = base / "written"
    folder.mkdir()
    path = folder / "report.json"
    texts = [letter * 200_000 for letter in "ab"]

    def write() -> None:
        for text in texts * 10_000:
            write_atomically(path, text)

    write_atomically(path, texts[0])
    torn = left = litter = 0
    for _ in range(sizes.writes):
        child = fork(write)
        time.sleep(moments.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        torn += path.read_text() not in texts
        left += len(list(folder.iterdir())) - 1
        write_atomically(path, texts[0])
        litter += len(list(folder.iterdir())) - 1
    remark = f"{left} left a part, which the next removed"
    took = time.monotonic() - began
    return Line("killed while writing", sizes.writes, 0, 0, torn, litter, 0, 0, took, remark)


def _finish(trials: Trials, folder: Folder) -> str:
    before = len(trials.start.server.seen(folder.path.parent.name))
    return trials.finish(folder, kept=folder.kept(), before=before)


def _most(trials: Trials) -> str:
    return f"at most {trials.found.most} asked again"


def run(base: Path, sizes: Sizes, only: Sequence[str] = ()) -> Iterator[Line]:
    """All experiments (or some, by name), in a folder for their files; a line as each is done."""
    experiments: dict[str, Callable[[Undisturbed, Sizes], Line]] = {
        "kills": kills,
        "steps": steps,
        "interrupts": interrupts,
        "cuts": partial(damage, how=cut),
        "zeros": partial(damage, how=zeros),
        "readonly": readonly,
        "nospace": nospace,
    }
    if not available():
        for name in ("steps", "nospace"):
            del experiments[name]
    chosen = [experiments[name] for name in experiments if not only or name in only]
    if not only or "writes" in only:
        yield writes(base, sizes)
    if chosen:
        load()
        with running(_LATENCY) as server:
            start = Undisturbed(base, sizes.claims, server)
            for experiment in chosen:
                yield experiment(start, sizes)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a few trials of each kind")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials of each kind")
    parser.add_argument("--claims", type=int, help="of the article (default 200)")
    parser.add_argument("--only", nargs="+", default=[], metavar="EXPERIMENT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args()
    sizes = SMALL if given.small else Sizes().share(given.share)
    sizes = sizes._replace(claims=given.claims or sizes.claims)
    print(f"{'':27} trials   lost  twice differ litter   died  again       s")
    lines = []
    with tempfile.TemporaryDirectory(prefix="resuming-") as base:
        for line in run(Path(base).resolve(), sizes, given.only):
            lines.append(line)
            counts = "".join(f"{value:7}" for value in line[1:8])
            print(f"{line.experiment:27}{counts}{line.seconds:8.0f}  {line.remark}", flush=True)
    if given.json:
        given.json.write_text(json.dumps([line._asdict() for line in lines], indent=2))


if __name__ == "__main__":
    main()
