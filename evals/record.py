"""The files of a run, written so that neither a kill nor a full disk loses an outcome.

run.json         what the run is of: the suite's and the code's digests, model, settings
samples.jsonl    an outcome a line, in the suite's order once the run is complete
usage.jsonl      what they took, each attempt, and what passed on the clock
results.json     the figures; there is none before the run is complete
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.errors import AssayError, LibraryLocked, UsageError
from agent.report import write_atomically
from evals.outcomes import Outcome
from tools.library.locks import FolderLock

Results = dict[str, Any]


class Record:
    """The files of a run.

    Args:
        folder: of the run; `begin` makes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples, self.usage = folder / "samples.jsonl", folder / "usage.jsonl"

    def begin(self, identity: dict[str, Any], *, fresh: bool) -> None:
        """Makes the folder, or checks that it holds the beginning of this very run."""
        known = self.folder / "run.json"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if fresh:
                for name in ("results.json", "run.json", "samples.jsonl", "usage.jsonl"):
                    (self.folder / name).unlink(missing_ok=True)
            before = json.loads(known.read_text("utf-8")) if known.exists() else None
        except OSError as error:
            raise disk_fault(error, self.folder) from error
        except ValueError:
            before = {}
        if before is None:
            if self.samples.exists():
                raise UsageError(
                    f"{self.folder} holds a samples.jsonl that is of no run",
                    "Name another folder with --out, or start over with --fresh",
                )
            self.write("run.json", json.dumps(identity, indent=1) + "\n")
            return
        other = [name for name, value in identity.items() if before.get(name) != value]
        if other:
            raise UsageError(
                f"{self.folder} holds a run with another {', another '.join(other)}",
                "Name another folder with --out, or start over with --fresh",
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the folder against other processes; two would do the work twice.

        Raises:
            UsageError: another run holds it; names the process.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            todo = "Name a folder with --out"
            raise UsageError(f"{self.folder} is a file and no folder", todo) from None
        except OSError as error:
            raise disk_fault(error, self.folder) from error
        lock = FolderLock(self.folder)
        try:
            lock.acquire(exclusive=True)
        except LibraryLocked as error:
            # The lock is a library's, and so are its words.
            holder = error.what.rpartition(" is in use by ")[2]
            raise UsageError(
                f"{self.folder} is in use by {holder}",
                "Wait until that run is done, or name another folder with --out",
            ) from error
        try:
            yield
        finally:
            lock.release()

    def outcomes(self) -> list[Outcome]:
        """What is in `samples.jsonl`, without a last line that was cut off."""
        try:
            text = self.samples.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise disk_fault(error, self.samples) from error
        found = []
        for line in text.split("\n"):
            try:
                outcome = json.loads(line)
            except ValueError:
                continue
            if isinstance(outcome, dict) and {"id", "gold", "prediction", "error"} <= set(outcome):
                found.append(outcome)
        return found

    def finished(self) -> list[Outcome]:
        """The outcomes that need not be asked for again; the file is left with just these."""
        kept = [outcome for outcome in self.outcomes() if not _failed(outcome)]
        self.settle(kept)
        return kept

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Makes `samples.jsonl` hold just these, in this order."""
        text = _lines(outcomes)
        if (self.samples.read_bytes() if self.samples.is_file() else b"") != text.encode():
            self.write("samples.jsonl", text)

    def append(self, outcomes: Sequence[Outcome]) -> None:
        self._append(self.samples, _lines(outcomes))

    def append_usage(self, taken: dict[str, Any]) -> None:
        self._append(self.usage, json.dumps(taken) + "\n")

    def _append(self, path: Path, text: str) -> None:
        try:
            # Unbuffered: what was written is the system's when this process is killed.
            with path.open("ab", buffering=0) as file:
                data = memoryview(text.encode())
                while data:
                    data = data[file.write(data) :]
        except OSError as error:
            raise disk_fault(error, path) from error

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        try:
            write_atomically(path, text)
        except UsageError as error:
            if isinstance(error.__cause__, OSError):
                raise disk_fault(error.__cause__, path) from error
            raise

    def taken(self) -> list[dict[str, Any]]:
        found = []
        text = self.usage.read_text("utf-8", errors="replace") if self.usage.is_file() else ""
        for line in text.split("\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            found.append(entry)
        return found

    def judge(self) -> str | None:
        """What judged, as the last session noted it."""
        return next((e["judge"] for e in reversed(self.taken()) if "judge" in e), None)


def _failed(outcome: Outcome) -> bool:
    """Whether the sample, or a claim of it, is to be asked again."""
    if outcome["error"] is not None:
        return True
    predicted = outcome["prediction"] if isinstance(outcome["prediction"], list) else []
    return any(claim.get("error") for claim in predicted)


def _lines(outcomes: Sequence[Outcome]) -> str:
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in outcomes)


def disk_fault(
    error: OSError,
    path: Path,
    todo: str = "What is done is kept: make room or mend the access, and the same command goes on",
) -> AssayError:
    """What a full disk, or a folder that may not be written to, is to the user."""
    return AssayError(f"cannot write or read {path}: {error.strerror or error}", todo)


def read_results(path: Path) -> Results:
    """The results of a complete run, by its folder or its `results.json`.

    Raises:
        UsageError: there are none, or they cannot be read.
    """
    file = path / "results.json" if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        results: Results = {n: data[n] for n in _NEEDED} | data
    except FileNotFoundError:
        todo = "Finish the run first: the same `assay eval run` goes on"
        within = [*path.glob("*/results.json"), *path.glob("*/*/results.json")]
        if within:
            todo = "Name one of the runs in it: " + ", ".join(sorted(str(f.parent) for f in within))
        raise UsageError(f"{path} holds no results of a complete run", todo) from None
    except KeyError as error:
        todo = "Run the suite again with --fresh: another version of Assay may have written it"
        raise UsageError(f"{file} is no results.json of a run: it has no {error}", todo) from error
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{file} is no results.json of a run: {error}") from error
    return results


_NEEDED = (
    "suite", "kind", "n", "scored", "unscored", "failed", "model", "seconds", "metrics", "usage",
)  # fmt: skip


def check_one_suite(paths: Sequence[Path], results: Sequence[Results], todo: str) -> None:
    """That runs are of one suite, whole or in part, and looked things up in the same sources.

    Raises:
        UsageError: they are not; says which.
    """
    first = results[0]
    for path, other in zip(paths[1:], results[1:], strict=True):
        runs = first.get("run", {}), other.get("run", {})
        alike = runs[0].get("suite_sha256") == runs[1].get("suite_sha256")
        if first["kind"] != other["kind"] or (not alike and first["suite"] != other["suite"]):
            told = [f"{r['suite']} ({r['kind']})" for r in (first, other)]
            raise UsageError(f"{paths[0]} is a run of {told[0]}, {path} of {told[1]}", todo)
        # Runs of before this was noted have none.
        corpora = [run["corpus_sha256"] for run in runs if "corpus_sha256" in run]
        if len(set(corpora)) > 1:
            raise UsageError(f"the sources of {paths[0]} and {path} are not the same", todo)


def read_outcomes(path: Path) -> list[Outcome]:
    """The samples of a run, by its folder or its `results.json`.

    Raises:
        UsageError: they cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    return Record(folder).outcomes()
