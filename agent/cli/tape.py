"""`--cassette` of `assay check`: the run is recorded, or made again from what was recorded."""

from __future__ import annotations

import base64
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.screen import note
from agent.errors import InputError, LibraryMissing, ModelUnavailable, UsageError

if TYPE_CHECKING:
    from agent.check import FactChecker
    from agent.report.recorded import Recorded
    from agent.types import LibraryState, Report

Finish = Callable[["Report"], "Report"]

MOST_CARRIED = 4 * 2**20
"""Bytes of a packed library up to which a cassette carries it: some hundred sources."""
_MOST_UNPACKED = 256 * 2**20


def check_options(cassette: Path | None, *, record: bool, replay: bool, model: str) -> None:
    """Complains of options that cannot be meant together."""
    if (record or replay) != (cassette is not None) or (record and replay):
        raise UsageError(
            "--cassette FILE goes with either --record or --replay",
            "For example: --cassette report.cassette.json --record",
        )
    if cassette and (model == "embedded" or model.startswith("scripted:")):
        raise UsageError(
            f"the model {model!r} sends nothing that a cassette could record",
            "Leave out --cassette, or name a model behind HTTP such as openai:MODEL",
        )


@contextmanager
def on_tape(
    cassette: Path | None, *, record: bool, checker: FactChecker, quiet: bool
) -> Iterator[Finish]:
    """Records the check that is made within, or plays the recorded one.

    Args:
        cassette: the file; None does neither.
        record: record into it, else replay it.
        checker: makes the check.
        quiet: no notes.

    Yields:
        A function to be given the report: it puts down what was recorded, or gives back the
        replayed report with the recorded times.

    Raises:
        UsageError, InputError: as `agent.gateway.cassette.recording`.
        ModelUnavailable: kind `not_recorded`, the replay is not of what was recorded.
        LibraryMissing: there is no library to replay with.
    """
    if cassette is None:
        yield lambda report: report
        return
    from agent.gateway.cassette import recording
    from agent.report.recorded import read_recorded, recorded, replayed

    with (
        recording(cassette, "record" if record else "replay") as tape,
        tempfile.TemporaryDirectory(prefix="assay-") as folder,
    ):
        was = None if record else read_recorded(tape.run)
        if was and was.library and not (checker.library / "library.sqlite").exists():
            note(f"No library at {checker.library}: that in the cassette is used", quiet=quiet)
            checker.library = _unpacked(was.library, Path(folder))

        def finish(report: Report) -> Report:
            if record:
                _, sources = _library(checker)
                packed = _packed(checker, Path(folder))
                if packed is None:
                    note(
                        "The library is too large for the cassette; a replay needs it, too: "
                        "assay sources export",
                        quiet=quiet,
                    )
                tape.run = recorded(report, sources, packed).model_dump(mode="json")
                return report
            if tape.unplayed:
                number = len(tape.unplayed)
                note(f"{number} recorded answers of {cassette} were not asked for", quiet=quiet)
            return replayed(report, was, _library(checker)[1]) if was else report

        try:
            yield finish
        except LibraryMissing as fault:
            raise _missing(fault, was) from None
        except ModelUnavailable as fault:
            if was is None or fault.kind != "not_recorded":
                raise
            raise _explained(fault, was, checker) from None


def _library(checker: FactChecker) -> tuple[LibraryState, list[str]]:
    """The library's state and the ids of its sources."""
    from tools.library import Library

    with Library.open(checker.library, checker.embedder) as library:
        return library.state(), [source.id for source in library.sources()]


def _packed(checker: FactChecker, folder: Path) -> str | None:
    """The library as one packed file in base64; None where it is too large."""
    from tools.library import Library

    file = folder / "library.sqlite"
    with Library.open(checker.library, checker.embedder) as library:
        library.export(file)
    if file.stat().st_size > _MOST_UNPACKED:
        return None
    packed = zlib.compress(file.read_bytes(), 9)
    return base64.b64encode(packed).decode("ascii") if len(packed) <= MOST_CARRIED else None


def _unpacked(packed: str, folder: Path) -> Path:
    """Makes the library that a cassette carries, and checks it.

    Raises:
        InputError: it cannot be unpacked.
        LibraryError: it is no whole library.
    """
    from tools.library.moving import import_library

    try:
        data = zlib.decompressobj().decompress(base64.b64decode(packed), _MOST_UNPACKED)
    except (ValueError, zlib.error):
        raise InputError("the cassette's library cannot be unpacked", "Record it again") from None
    file = folder / "carried.sqlite"
    file.write_bytes(data)
    import_library(file, folder / "library")
    return folder / "library"


def _missing(fault: LibraryMissing, was: Recorded | None) -> LibraryMissing:
    """What is missing, by the recorded fingerprint."""
    if was is None:
        return fault
    of = was.run.library
    return LibraryMissing(
        f"{fault.what}; the cassette was recorded with one of {of.sources} sources "
        f"(fingerprint {of.fingerprint[:12]})",
        "Have it sent by `assay sources export`, take it in by `assay sources import`",
    )


def _explained(fault: ModelUnavailable, was: Recorded, checker: FactChecker) -> ModelUnavailable:
    """The miss with its causes, where one is known."""
    import prompts
    from agent import __version__
    from agent.report.recorded import differences

    if fault.what.startswith("the replay"):  # says it already
        return fault
    state, sources = _library(checker)
    now: dict[str, Any] = {
        "version": __version__,
        "model": checker.model,
        "as_of": checker.selection.as_of,
        "prompts": {name: prompts.load(name).version for name in was.run.prompts},
        "settings": {"passages": checker.passages, **checker.selection.settings},
        "library": {"fingerprint": state.fingerprint},
    }
    causes = differences(was, now, sources)
    return ModelUnavailable(fault.kind, "; ".join([fault.what, *causes]), fault.todo)
