"""Records the cassettes that the tests of the language-model path replay.

    python -m tests.record            from a provider if OPENAI_API_KEY is set, else as --local
    python -m tests.record --local    from the test server, with the answers in tests/answers

A provider is asked at OPENAI_BASE_URL for the model ASSAY_RECORD_MODEL. `recorded.json` beside
the cassettes says from where they come; the tests replay them by it. A cassette takes the place
of the old one only when it is whole.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.check import FactChecker
from agent.errors import AssayError
from agent.gateway.cassette import recording
from agent.gateway.provider import OPENAI_URL
from agent.types import Report
from tests.conftest import BRIDGE, SOURCES, Entry, answers
from tests.fake_embedder import WordEmbedder
from tests.model_server import Fault, ModelServer, error, message
from tools.library import Library

CASSETTES = Path(__file__).parent / "cassettes"
PORT = 8471
"""Of the test server while recording: a replay recognises a request by its address, too."""
LOCAL = f"http://127.0.0.1:{PORT}/v1"
FAULTS: Sequence[Fault | None] = (
    error(429, "slow down", retry_after="5"),
    None,
    message("Gladly! The first claim is true."),
    message(None, refusal="I cannot help with that."),
)
"""Of the first requests for `faults.json`: the article is split at the second attempt, one claim
needs a repair, and one is refused."""


@dataclass(frozen=True)
class Origin:
    """From where cassettes were recorded."""

    answers: str
    """`hand-written`, or `of a model`."""
    model: str
    base_url: str


HAND_WRITTEN = Origin("hand-written", "openai:judge-1", LOCAL)


def origin() -> Origin:
    """From where `bridge.json` was recorded; `faults.json` is always hand-written."""
    return Origin(**json.loads((CASSETTES / "recorded.json").read_text("utf-8")))


def check(library: Path, origin: Origin) -> Report:
    """The check that is recorded and replayed: `bridge.txt` against `SOURCES`."""
    checker = FactChecker(
        library,
        origin.model,
        base_url=origin.base_url,
        journal=False,  # what it answers would never be on the wire
        embedder=WordEmbedder(),
    )
    return checker.check(BRIDGE)


def record(name: str, origin: Origin) -> Report:
    """Records one cassette and puts it in its place."""
    with tempfile.TemporaryDirectory() as folder:
        library, draft = Path(folder) / "library", Path(folder) / name
        with Library.open(library, WordEmbedder(), create=True) as opened:
            for document in SOURCES:
                opened.add(document)
        with recording(draft, "record"):
            report = check(library, origin)
        CASSETTES.mkdir(exist_ok=True)
        (CASSETTES / name).write_bytes(draft.read_bytes())
    return report


@contextmanager
def server(entries: Sequence[Entry], faults: Sequence[Fault | None] = ()) -> Iterator[None]:
    """The test server at its fixed port."""
    with ModelServer(entries, faults=faults, port=PORT):
        yield


def main() -> None:
    """Records what there is to record and says what came out."""
    parser = argparse.ArgumentParser(description="Record the cassettes of the tests.")
    parser.add_argument("--local", action="store_true", help="from the test server, with no key")
    local = parser.parse_args().local or not os.environ.get("OPENAI_API_KEY")
    try:
        if local:
            source = HAND_WRITTEN
            with server(answers("bridge")):
                report = record("bridge.json", source)
        else:
            model = os.environ.get("ASSAY_RECORD_MODEL") or "gpt-5-mini"
            base_url = os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
            source = Origin("of a model", f"openai:{model}", base_url)
            report = record("bridge.json", source)
        # No provider fails on demand.
        with server(answers("bridge"), FAULTS):
            record("faults.json", HAND_WRITTEN)
    except AssayError as fault:
        raise SystemExit(f"not recorded: {fault}") from fault
    header = json.dumps(asdict(source), indent=1) + "\n"
    (CASSETTES / "recorded.json").write_text(header, encoding="utf-8")
    print(f"Recorded from {source.model} at {source.base_url}:")
    for claim in report.claims:
        print(f"  {claim.verdict or 'failed'}: {claim.text}")


if __name__ == "__main__":
    main()
