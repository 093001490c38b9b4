"""A model that does not do its work: one clear message, the exit code of its kind, no verdict made
of a fault, and nothing lost.

The model server and its answers are hand-written; no provider is asked.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BRIDGE, ROOT, Assay, Entry, Result, answers
from tests.model_server import Fault, ModelServer, error, message

CLAIM_TWO = "<claim>\nBuilding the Tallis Bridge cost 12 million euros."
KEY = "sk-test-51d0c4a7b9e2"
pytestmark = pytest.mark.usefixtures("nothing_is_lost")


def one_claim(tmp_path: Path) -> Path:
    article = tmp_path / "article.txt"
    article.write_text("The Tallis Bridge was opened on 3 May 2024.")
    return article


ONE_CLAIM: list[Entry] = [
    {
        "schema": "Extraction",
        "answer": {
            "claims": [
                {
                    "sentence": 1,
                    "quote": "The Tallis Bridge was opened on 3 May 2024.",
                    "text": "The Tallis Bridge was opened on 3 May 2024.",
                    "kind": "fact",
                    "speaker": None,
                    "context_added": [],
                }
            ],
            "excluded": [],
        },
    },
    *answers("bridge")[1:],
]
NO_JSON = message("The claim is true, trust me.")
WRONG_QUOTE = json.dumps(
    {
        "explanation": "It is so.",
        "decided": [
            {"passage": 3, "stance": "supports", "quote": "opened in 2023", "certainty": "high"},
        ],
        "close": [],
        "neutral": [1, 2],
    }
)
CUT = message('{"decided": [{"passa', finish="length")
FAULTS: dict[str, tuple[Sequence[Fault], str]] = {
    "no JSON": ([NO_JSON], "bad_reply"),
    "another JSON": ([message('{"verdict": "supported"}')], "bad_reply"),
    "a quote that is not in the passage": ([message(WRONG_QUOTE)], "bad_quote"),
    "cut short": ([CUT], "truncated"),
    "empty": ([message("")], "bad_reply"),
}


def ask(assay: Assay, library: Path, article: Path, server: ModelServer) -> tuple[Result, Any]:
    """Checks with the model behind `server`; gives the report as well, if there is one."""
    result = assay(
        "check", article, "--library", library, "--json",
        "--model", "openai:judge-1", "--base-url", server.url,
    )  # fmt: skip
    return result, result.json if result.out else None


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_answer_is_sent_back_once_and_may_be_mended(
    assay: Assay, word_library: Path, tmp_path: Path, name: str
) -> None:
    faults, _ = FAULTS[name]
    with ModelServer(ONE_CLAIM, faults=[None, *faults]) as server:
        result, report = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 0
    assert report["summary"]["supported"] == 1
    assert (len(server.requests), report["usage"]["requests"]) == (3, 3)


@pytest.mark.parametrize("name", FAULTS)
def test_two_bad_answers_fail_the_claim_and_give_no_verdict(
    assay: Assay, word_library: Path, tmp_path: Path, name: str
) -> None:
    faults, kind = FAULTS[name]
    with ModelServer(ONE_CLAIM, faults=[None, *faults, *faults]) as server:
        result, report = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 5
    (claim,) = report["claims"]
    assert (claim["status"], claim["verdict"], claim["evidence"]) == ("failed", None, [])
    assert claim["error"]["kind"] == kind
    assert report["summary"] == {"supported": 0, "conflicting": 0, "unverifiable": 0, "failed": 1}
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (message(None, refusal="I cannot help with that."), "refusal"),
        (message("", finish="content_filter"), "content_filter"),
        (error(400, "too long", "context_length_exceeded"), "context_length"),
    ],
)
def test_what_asking_again_cannot_mend_is_not_asked_again(
    assay: Assay, word_library: Path, tmp_path: Path, fault: Fault, kind: str
) -> None:
    with ModelServer(ONE_CLAIM, faults=[None, fault]) as server:
        result, report = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 5
    assert report["claims"][0]["error"]["kind"] == kind
    assert len(server.requests) == 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fault", [error(429), error(503), Fault("reset"), Fault("cut")])
def test_a_fault_that_passes_costs_a_request_and_nothing_else(
    assay: Assay, word_library: Path, tmp_path: Path, fault: Fault
) -> None:
    with ModelServer(ONE_CLAIM, faults=[fault, None, fault, fault]) as server:
        result, report = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 0
    assert report["summary"]["supported"] == 1
    assert len(server.requests) == 5


@pytest.mark.usefixtures("no_waiting")
def test_the_wait_that_a_busy_server_asks_for_is_kept(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    busy = error(429, retry_after="0.4")
    with ModelServer(ONE_CLAIM, faults=[None, busy]) as server:
        result, _ = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 0
    refused, again = server.requests[1:]
    assert again.at - refused.at >= 0.4


@pytest.mark.usefixtures("no_waiting")
def test_a_server_that_stays_busy_fails_the_claim_after_four_requests(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    with ModelServer(ONE_CLAIM, faults=[None], forever=error(429, "slow down")) as server:
        result, report = ask(assay, word_library, one_claim(tmp_path), server)
    assert result.code == 5
    assert report["claims"][0]["error"]["kind"] == "rate_limited"
    assert len(server.requests) == 1 + 4


@pytest.mark.usefixtures("no_waiting")
def test_a_part_that_the_model_cannot_split_is_split_by_rules_and_told(
    assay: Assay, word_library: Path
) -> None:
    neutral = {**answers("bridge")[-1], "contains": []}
    with ModelServer([neutral], faults=[NO_JSON, NO_JSON]) as server:
        result, report = ask(assay, word_library, BRIDGE, server)
    assert "4 sentences were split by rules: openai:judge-1 gave no usable answer" in result.err
    assert len(report["claims"]) == 3
    assert [item["reason"] for item in report["excluded"]] == ["opinion"]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.mark.usefixtures("no_waiting")
def test_a_model_that_cannot_be_reached_stops_the_run(
    assay: Assay, word_library: Path, closed_port: int
) -> None:
    result = assay(
        "check", BRIDGE, "--library", word_library, "--json",
        "--model", "openai:judge-1", "--base-url", f"http://127.0.0.1:{closed_port}/v1",
    )  # fmt: skip
    assert (result.code, result.out) == (6, "")
    assert f"127.0.0.1:{closed_port} cannot be reached" in result.message
    assert "The same command goes on from here" in result.message


def test_a_wrong_key_stops_the_run_after_one_request_and_is_not_shown(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer(forever=error(401, f"Incorrect key: {KEY}", "invalid_api_key")) as server:
        result, report = ask(assay, word_library, BRIDGE, server)
    assert result.code == 6
    assert report is None
    assert "answered 401" in result.message
    assert "OPENAI_API_KEY" in result.message
    assert KEY not in result.err
    assert len(server.requests) == 1


def test_a_missing_key_is_told_before_anything_is_sent(assay: Assay, word_library: Path) -> None:
    result = assay("check", BRIDGE, "--library", word_library, "--model", "openai:gpt-5")
    assert result.code == 6
    assert "OPENAI_API_KEY is not set" in result.message


def without_run(report: dict[str, Any]) -> dict[str, Any]:
    run = {name: value for name, value in report["run"].items() if name != "created_at"}
    return {**report, "run": run, "usage": None}


def test_the_same_command_asks_only_for_what_failed(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    bad = {"schema": "Rating", "contains": [CLAIM_TWO], "answer": WRONG_QUOTE}
    with ModelServer([bad, *answers("bridge")]) as server:
        first, failed = ask(assay, word_library, BRIDGE, server)
    assert first.code == 5
    assert [claim["status"] for claim in failed["claims"]] == ["rated", "failed", "rated"]
    assert failed["claims"][1]["error"]["kind"] == "bad_quote"
    with ModelServer(answers("bridge")) as server:
        second, report = ask(assay, word_library, BRIDGE, server)
        assert len(server.requests) == 1
        third, again = ask(assay, word_library, BRIDGE, server)
        assert len(server.requests) == 1
    assert (second.code, third.code) == (0, 0)
    assert (report["usage"]["requests"], report["usage"]["cached"]) == (1, 3)
    assert (again["usage"]["requests"], again["usage"]["cached"]) == (0, 4)
    assert without_run(again) == without_run(report)
    verdicts = [claim["verdict"] for claim in report["claims"]]
    assert verdicts == ["supported", "conflicting", "unverifiable"]
    for number in (0, 2):
        assert report["claims"][number] == failed["claims"][number]


def test_a_run_that_was_stopped_half_way_goes_on_from_there(
    assay: Assay, word_library: Path
) -> None:
    with ModelServer(answers("bridge"), faults=[None, None], forever=error(401)) as server:
        stopped, report = ask(assay, word_library, BRIDGE, server)
    assert stopped.code == 6
    assert report is None
    with ModelServer(answers("bridge")) as server:
        result, report = ask(assay, word_library, BRIDGE, server)
    assert result.code == 0
    assert report["usage"]["cached"] == 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("entry", "code", "kind"),
    [
        ({"answer": "no JSON"}, 5, "bad_reply"),
        ({"answer": json.loads(WRONG_QUOTE)}, 5, "bad_quote"),
        ({"answer": '{"stan', "finish_reason": "length"}, 5, "truncated"),
        ({"refusal": "I cannot."}, 5, "refusal"),
        ({"answer": "no JSON", "times": 1}, 0, None),
        ({"fault": {"status": 429, "retry_after": 0.1}, "times": 3}, 0, None),
        ({"fault": {"network": "reset"}, "times": 3}, 0, None),
        ({"fault": {"network": "reset"}}, 5, "network"),
        ({"fault": {"status": 401}}, 6, None),
        ({"fault": {"network": "refused"}}, 6, None),
    ],
    ids=str,
)
@pytest.mark.usefixtures("no_waiting")
def test_a_scripted_model_can_do_everything_wrong_as_well(
    assay: Assay, word_library: Path, tmp_path: Path, entry: Entry, code: int, kind: str | None
) -> None:
    script = json.loads((ROOT / "tests" / "answers" / "bridge.json").read_text("utf-8"))
    script["answers"].insert(0, {"prompt": "rate_claim", "contains": [CLAIM_TWO], **entry})
    path = tmp_path / "script.json"
    path.write_text(json.dumps(script))
    result = assay(
        "check", BRIDGE, "--library", word_library, "--model", f"scripted:{path}", "--json"
    )
    assert result.code == code
    if code == 6:
        assert result.message
        assert result.out == ""
        return
    claim = result.json["claims"][1]
    assert (claim["error"] and claim["error"]["kind"]) == kind
    assert claim["verdict"] == (None if kind else "conflicting")
