"""Opening a model, and keeping its answers."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import ClaimFailed, ModelError, ModelUnavailable, UsageError
from agent.gateway.journal import Journal
from agent.gateway.opening import open_model
from prompts import Rendered
from tests.asking_model import KEY, asking, outcome
from tests.model_server import ModelServer, error, message
from tests.questions import (
    GOOD,
    OK,
    Answers,
    Verdict,
    question,
    quotes_are_there,
)

# --- the journal --------------------------------------------------------------------------


async def test_a_kept_answer_is_not_paid_for_again(tmp_path: Path) -> None:
    with ModelServer([{"answer": GOOD}]) as server, Journal(tmp_path / "j.sqlite") as journal:
        for run in range(2):
            async with asking(server, journal=journal) as model:
                answer = await model.answer(question(), Verdict, check=quotes_are_there)
            assert answer.verdict == "supported"
            assert (model.usage.requests, model.usage.cached) == (1 - run, run)
        assert len(server.requests) == 1


async def test_what_failed_its_check_is_not_kept(tmp_path: Path) -> None:
    bad = message(OK.replace("1,204", "1,205"))
    with Journal(tmp_path / "j.sqlite") as journal:
        failed, _, _ = await outcome([], bad, journal=journal)
        assert isinstance(failed, ClaimFailed) and len(journal) == 0


async def test_an_answer_kept_under_a_laxer_check_is_asked_for_again(tmp_path: Path) -> None:
    bad = OK.replace("1,204", "1,205")
    answers: Answers = [{"answer": bad, "times": 1}, {"answer": GOOD}]
    with ModelServer(answers) as server, Journal(tmp_path / "j.sqlite") as journal:
        async with asking(server, journal=journal) as model:
            await model.answer(question(), Verdict)
            answer = await model.answer(question(), Verdict, check=quotes_are_there)
    assert answer.quotes[0].text == "1,204 passengers"


async def test_a_journal_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    with ModelServer([{"answer": GOOD}]) as server, Journal(tmp_path / "j.sqlite") as journal:
        journal.close()
        journal.get = lambda key: None  # type: ignore[method-assign]
        async with asking(server, journal=journal) as model:
            for text in ("one", "two"):
                with pytest.raises(ModelUnavailable, match="journal"):
                    await model.answer(question(text), Verdict)
    assert len(server.requests) == 1


CHANGES: dict[str, Callable[[Rendered], Rendered]] = {
    "prompt": lambda p: Rendered("other", p.version, p.system, p.user),
    "version": lambda p: Rendered(p.name, "1" * 64, p.system, p.user),
    "system": lambda p: Rendered(p.name, p.version, "Else.", p.user),
    "user": lambda p: Rendered(p.name, p.version, p.system, "Else."),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_another_question_is_another_entry(
    change: Callable[[Rendered], Rendered], tmp_path: Path
) -> None:
    with ModelServer([{"answer": GOOD}]) as server, Journal(tmp_path / "j.sqlite") as journal:
        async with asking(server, journal=journal) as model:
            await model.answer(question(), Verdict)
            await model.answer(change(question()), Verdict)
    assert model.usage.cached == 0


# --- opening ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "embedded", "gpt", "openai:", ":x", "nobody:model"])
def test_a_name_of_unknown_form_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        open_model(name)


def test_a_provider_whose_package_is_missing_is_named_with_it() -> None:
    with pytest.raises(UsageError, match="pip install langchain-anthropic"):
        open_model("anthropic:some-model")


@pytest.mark.parametrize(
    "url", ["ftp://x/v1", "models.example", "http://", "http://u:secretpw@models.example/v1"]
)
def test_a_base_url_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        open_model("openai:m", base_url=url, api_key=KEY)
    assert "secretpw" not in str(refused.value)


def test_a_missing_key_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelUnavailable, match="OPENAI_API_KEY") as missing:
        open_model("openai:m", base_url="https://models.example/v1")
    assert missing.value.kind == "auth"
    open_model("openai:m", base_url="http://localhost:8000/v1")
    open_model("openai:m", base_url="http://[::1]:8000/v1")
    open_model("openai:m", replaying=True)


async def test_key_and_address_are_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ModelServer([{"answer": GOOD}]) as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        async with open_model("openai:judge-1") as model:
            await model.answer(question(), Verdict)
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_importing_the_gateway_imports_no_langchain_and_no_http_library() -> None:
    code = (
        "import sys, agent.gateway.model\n"
        "heavy = {'langchain', 'langchain_core', 'langchain_openai', 'openai', 'vcr', 'httpx2'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_traced_unless_the_user_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("LANGSMITH", "LANGCHAIN"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANGSMITH_TRACING", "to be undone after the test")
    monkeypatch.delenv("LANGSMITH_TRACING")
    open_model("openai:m", api_key=KEY)
    assert os.environ["LANGSMITH_TRACING"] == "false"
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    open_model("openai:m", api_key=KEY)
    assert os.environ["LANGSMITH_TRACING"] == "true"


async def test_the_key_is_in_no_message_log_or_journal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    echo = f"bad key {KEY} in Bearer {KEY}"
    path = tmp_path / "j.sqlite"
    with caplog.at_level(logging.DEBUG), Journal(path) as journal:
        for fault in (error(500, echo), error(400, echo), error(403, echo), error(404, echo)):
            failed, _, _ = await outcome([message(OK), fault], fault, journal=None)
            failed, _, _ = await outcome([], fault, journal=journal)
            assert isinstance(failed, ModelError)
            assert KEY not in str(failed) and KEY not in repr(failed)
            assert failed.__suppress_context__ or failed.__context__ is None
        await outcome([], journal=journal)
    assert KEY not in caplog.text
    assert all(KEY.encode() not in file.read_bytes() for file in tmp_path.iterdir())
