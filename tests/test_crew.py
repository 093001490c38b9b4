"""Claims rated in further processes: the same evidence, and nothing lost with a process."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import FactChecker
from agent.errors import UsageError
from agent.rate import crew as crews
from agent.rate.crew import MOST, Crew, wanted_jobs
from agent.rate.embedded import Asked, EmbeddedRater
from agent.types import Claim, Evidence, Hit, Passage, Source
from tests.conftest import EXAMPLE, ROOT
from tools.models.encoder import cores

CLAIM = "The Tallis Bridge cost 12 million euros."
TEXTS = (
    "The Tallis Bridge cost 12 million euros.",
    "The Tallis Bridge cost 15 million euros, officials say.",
    "The night bus to Orrel runs every hour.",
)


def claim(text: str = CLAIM) -> Claim:
    return Claim(id="c1", text=text, quote=text, start=0, end=len(text))


def hits(texts: tuple[str, ...] = TEXTS, behind: str = "") -> list[Hit]:
    """Each text as the passage of a source of its own, which goes on behind it."""
    found = []
    for number, text in enumerate(texts):
        id_ = f"s-{number:016x}"
        source = Source(id=id_, text=text + behind, added_at="2026-01-01T00:00:00Z", origin=id_)
        passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
        found.append(Hit(passage=passage, source=source, score=0.7))
    return found


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    made = Crew(2)
    yield made
    made.stop()


@pytest.fixture
def ready(crew: Crew) -> Crew:
    """A crew of one process that has nothing to do."""
    crew.start()
    until(lambda: bool(crew.pids()) and crew.ready())
    return crew


def until(is_so: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def rated(rater: EmbeddedRater, times: int = 1) -> list[list[Evidence]]:
    async def all_rated() -> list[list[Evidence]]:
        return await asyncio.gather(*(rater.rate(claim(), hits()) for _ in range(times)))

    return asyncio.run(all_rated())


@pytest.mark.parametrize("skips_far", [False, True])
def test_another_process_finds_the_same_evidence(ready: Crew, skips_far: bool) -> None:
    here = EmbeddedRater(skips_far=skips_far)
    asked = Asked.of(claim(), hits())
    assert ready.rated(claim(), asked, skips_far=skips_far) == here.rated(claim(), asked)
    stances = [item.stance for item in here.rated(claim(), asked)]
    assert stances == ["supports", "contradicts", "neutral"]


def test_what_is_sent_does_not_grow_with_the_source() -> None:
    short, long = (
        len(pickle.dumps(Asked.of(claim(), hits(behind=behind))))
        for behind in (" " * 1_000, " " * 1_000_000)
    )
    assert long - short < 100


def test_what_a_source_takes_back_behind_the_passage_is_not_read_elsewhere(ready: Crew) -> None:
    told = "We wrote that the Tallis Bridge cost 12 million euros."
    found = hits((told,), behind=" That was wrong.")
    asked = Asked.of(claim(), found)
    evidence = ready.rated(claim(), asked, skips_far=False)
    assert evidence is not None
    assert [item.stance for item in evidence] == ["neutral"]


def test_a_process_that_is_killed_costs_nothing_and_is_told_of(
    ready: Crew, caplog: pytest.LogCaptureFixture
) -> None:
    rater = EmbeddedRater(crew=ready)
    (expected,) = rated(EmbeddedRater(rater.judge))
    (pid,) = ready.pids()
    os.kill(pid, signal.SIGSTOP)  # so that it has a claim when it is killed
    with caplog.at_level(logging.WARNING):
        ended = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {pid}"])
        assert rated(rater, times=3) == [expected] * 3
        ended.wait()
    assert len(caplog.records) == 1
    assert "rated here" in caplog.text
    assert ready.pids() == []
    ready.start()  # the next article has a new one
    assert ready.pids() not in ([], [pid])


def test_a_process_that_does_not_answer_is_not_waited_for(
    ready: Crew, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(crews, "PATIENCE", 0.2)
    (pid,) = ready.pids()
    os.kill(pid, signal.SIGSTOP)
    assert len(rated(EmbeddedRater(crew=ready))) == 1
    assert "rated here" in caplog.text


def test_who_loads_still_is_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "_START", "import time; time.sleep(60)")
    loading = Crew(2)
    loading.start()
    try:
        assert loading.rated(claim(), Asked.of(claim(), hits()), skips_far=False) is None
    finally:
        loading.stop()
    assert loading.pids() == []


def test_where_no_process_can_be_started_claims_are_rated_here(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    alone = Crew(3)
    alone.start()
    assert "in one process" in caplog.text
    assert len(rated(EmbeddedRater(crew=alone))) == 1


def test_so_many_processes_as_cores_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wanted_jobs() == 1  # as all tests are told
    assert wanted_jobs(3) == 3
    monkeypatch.setenv("ASSAY_JOBS", "7")
    assert wanted_jobs() == 7
    monkeypatch.delenv("ASSAY_JOBS")
    assert wanted_jobs() == min(cores(), MOST)
    for wrong in ("0", "-1", "many"):
        monkeypatch.setenv("ASSAY_JOBS", wrong)
        with pytest.raises(UsageError, match="jobs"):
            wanted_jobs()


def test_the_report_is_the_same_with_another_process(
    ready: Crew, example_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = []

    def noted(*given: Any, **named: Any) -> list[Evidence] | None:
        elsewhere.append(found := Crew.rated(ready, *given, **named))
        return found

    monkeypatch.setattr(crews, "_crews", {2: ready})
    monkeypatch.setattr(ready, "rated", noted)
    one, two = (
        FactChecker(example_template, jobs=jobs)
        .check(EXAMPLE / "articles" / "skarra-line.md")
        .model_dump_json(exclude={"run": {"id", "created_at"}, "usage": True})
        for jobs in (1, 2)
    )
    assert one == two
    assert any(elsewhere)


SCRIPT = """
import time
from agent.rate.crew import crew_of

crew = crew_of(2)
crew.start()
while not crew.ready():
    time.sleep(0.01)
print(*crew.pids(), flush=True)
"""
"""As users write them: without a guard around what is run."""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("end", ["by itself", "SIGINT", "SIGKILL"])
def test_a_script_leaves_no_process_behind(tmp_path: Path, end: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + ("" if end == "by itself" else "time.sleep(60)"))
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ASSAY_DEBUG": "1"},
    ) as running:
        assert running.stdout and running.stderr
        (pid,) = map(int, running.stdout.readline().split())
        if end == "SIGINT":
            os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does: to all of them
        elif end == "SIGKILL":
            running.kill()
        said = running.stderr.read()
        assert running.wait(30) == {"by itself": 0, "SIGINT": -2, "SIGKILL": -9}[end]
    until(lambda: not is_alive(pid))
    # The script's own, where it was interrupted.
    assert said.count("Traceback") == (end == "SIGINT")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    # Where nobody waits for orphans, as in a container, they stay as zombies.
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
