"""The service: checks from submission to report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agent.check import FactChecker, Progress
from agent.errors import UsageError
from agent.report import render
from agent.server.fields import About, Narrowing
from agent.server.problems import Problem
from agent.server.run import _begins_with_fields
from agent.types import Report
from tests.asking_service import ARTICLE, events, service, state, submitted, until
from tests.sample_report import sample_report


@pytest.fixture
def client(word_library: Path) -> Iterator[TestClient]:
    with service(word_library) as client:
        yield client


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Checks that go on, rating one claim after another, until `release` is in the list."""
    words: list[str] = []

    async def endless(self: FactChecker, *_: object, **known: Any) -> Report:
        while "release" not in words:
            time.sleep(0.01)
            known["on_progress"](Progress("rate", 1, 9))
        return sample_report()

    monkeypatch.setattr(FactChecker, "acheck", endless)
    yield words
    words.append("release")


def test_pasted_front_matter_is_no_claim(client: TestClient) -> None:
    front = "---\ntitle: The bridge\npublisher: Valley Post\ndate: 2024-06-10\n---\n\n"
    check_id = submitted(client, text=front + ARTICLE)
    until(client, check_id, "done")
    article = client.get(f"/api/checks/{check_id}").json()["article"]
    assert [article[key] for key in ("title", "publisher", "published_at")] == [
        "The bridge",
        "Valley Post",
        "2024-06-10",
    ]
    assert article["text"].startswith(ARTICLE[:20])


def test_fields_that_never_end_are_read_as_text_in_little_time() -> None:
    assert not _begins_with_fields("---\r\n" + "key: value\r\n" * 2_000 + "\r\nThe council met.")
    assert _begins_with_fields("---\r\ntitle: The bridge\r\n---\r\nIt is open.")
    assert not _begins_with_fields("---\nThe council met.\n---\nIt rained.")


def test_a_check_is_followed_to_its_report_which_is_the_command_lines(
    client: TestClient, word_library: Path
) -> None:
    check_id = submitted(client, text=ARTICLE, title="The bridge")
    told = events(client, check_id)
    assert [data["state"] for name, data in told if name == "state"][-1] == "done"
    assert {data["stage"] for name, data in told if name == "stage"} >= {"read", "split"}
    claims = [data for name, data in told if name == "claim"]
    record = client.get(f"/api/checks/{check_id}").json()
    assert sorted(each["id"] for each in claims) == [each["id"] for each in record["claims"]]
    assert record["article"]["title"] == "The bridge"
    report = Report.model_validate(record)
    for suffix, name in (
        ("json", "json"), ("html", "html"), ("md", "markdown"), ("claimreview.json", "claimreview")
    ):  # fmt: skip
        answer = client.get(f"/api/checks/{check_id}/report.{suffix}")
        assert answer.text == render(report, name)  # type: ignore[arg-type]


def test_events_can_be_taken_up_after_the_last_one_seen(client: TestClient) -> None:
    check_id = submitted(client)
    everything = events(client, check_id)
    assert events(client, check_id, after=3) == everything[3:]


def test_who_has_seen_the_end_is_told_not_to_ask_again(client: TestClient) -> None:
    check_id = submitted(client)
    seen = len(events(client, check_id))
    path = f"/api/checks/{check_id}/events"
    assert client.get(path, headers={"last-event-id": str(seen)}).status_code == 204
    # Who listened to an earlier service is told the state again.
    assert '"done"' in client.get(path, headers={"last-event-id": str(seen + 40)}).text


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("One line.\nAnother.", "One line."),
        ("---\nOne line.\n\nAnother.", "One line."),
        ("word " * 50, "word " * 22 + "word " + "…"),
        ("x" * 200, "x" * 119 + "…"),
    ],
)
def test_a_text_without_a_title_goes_by_its_first_words(
    client: TestClient, held: list[str], text: str, title: str
) -> None:
    assert state(client, submitted(client, text=text))["title"] == title.replace(" …", "…")


def test_a_report_is_drawn_once_for_all_who_read_it(
    client: TestClient, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held.append("release")
    first = submitted(client)
    until(client, first, "done")
    pages = [client.get(f"/api/checks/{first}/report.html").text]
    monkeypatch.setattr("agent.server.checks.render", lambda *_, **__: "another")
    pages.append(client.get(f"/api/checks/{first}/report.html").text)
    assert pages[0] == pages[1] != "another"
    for suffix in ("json", "md", "claimreview.json") * 2:
        client.get(f"/api/checks/{first}/report.{suffix}")
    client.get(f"/checks/{first}/report")
    assert client.get(f"/api/checks/{first}/report.html").text == "another"  # a few are kept


def test_a_file_is_read_as_the_command_line_reads_it(client: TestClient) -> None:
    answer = client.post(
        "/api/checks", files={"file": ("../../note.md", f"# Bridge\n\n{ARTICLE}".encode())}
    )
    check_id = answer.json()["id"]
    assert events(client, check_id)[-1][1]["state"] == "done"
    assert client.get(f"/api/checks/{check_id}").json()["article"]["title"] == "Bridge"


def test_an_article_that_cannot_be_read_fails_and_says_why(client: TestClient) -> None:
    answer = client.post("/api/checks", files={"file": ("a.pdf", b"%PDF-1.4 nothing")})
    last = events(client, answer.json()["id"])[-1][1]
    assert last["state"] == "failed"
    assert last["problem"]["status"] == 422
    refused = client.get(f"/api/checks/{last['id']}/report.json")
    assert refused.status_code == 409


def test_an_address_inside_the_network_is_not_fetched(client: TestClient) -> None:
    last = events(client, submitted(client, url="http://127.0.0.1:9/"))[-1][1]
    assert (last["state"], last["problem"]["status"]) == ("failed", 422)


def test_a_running_check_is_stopped(client: TestClient, held: list[str]) -> None:
    check_id = submitted(client)
    until(client, check_id, "running")
    client.post(f"/api/checks/{check_id}/stop")
    until(client, check_id, "stopped")


def test_a_waiting_check_is_stopped_before_it_begins(word_library: Path, held: list[str]) -> None:
    with service(word_library, at_once=1) as client:
        first, second = submitted(client), submitted(client)
        assert client.post(f"/api/checks/{second}/stop").json()["state"] == "stopped"
        client.post(f"/api/checks/{first}/stop")
        until(client, first, "stopped")
        assert [name for name, _ in events(client, second)] == ["state", "state"]


@pytest.mark.parametrize("sent", ["text", "file"])
def test_what_was_stopped_is_checked_again(client: TestClient, held: list[str], sent: str) -> None:
    about = {"title": "The bridge", "min_origins": "2"}
    if sent == "file":
        answer = client.post("/api/checks", files={"file": ("a.md", ARTICLE.encode())}, data=about)
    else:
        answer = client.post("/api/checks", json={"text": ARTICLE, **about, "min_origins": 2})
    first = answer.json()["id"]
    client.post(f"/api/checks/{first}/stop")
    answer = client.post(f"/api/checks/{first}/again")
    second = answer.json()["id"]
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/checks/{second}")
    kept = client.app.state.runs._kept  # type: ignore[attr-defined]
    assert kept.asked(second) == kept.asked(first)
    (kept.folder(first) / "request.json").unlink()
    assert client.post(f"/api/checks/{first}/again").status_code == 422


def test_no_room_for_an_upload_is_a_problem_of_the_service(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", full)
    for path in ("/api/checks", "/api/sources"):
        assert client.post(path, files={"file": ("a.txt", b"text")}).status_code == 507


def test_a_check_that_takes_too_long_fails(word_library: Path, held: list[str]) -> None:
    with service(word_library, seconds=0.05) as client:
        found = until(client, submitted(client), "failed")
        assert "longer than" in found["problem"]["detail"]


def test_a_full_queue_answers_429_and_says_when_to_come_back(
    word_library: Path, held: list[str]
) -> None:
    with service(word_library, at_once=1, waiting=1) as client:
        until(client, submitted(client), "running")
        submitted(client)
        answer = client.post("/api/checks", json={"text": ARTICLE})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


def test_what_was_not_done_when_the_service_ended_goes_on_with_the_next(
    word_library: Path, held: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with service(word_library, at_once=1) as client:
        first, second = submitted(client), submitted(client)
        until(client, first, "running")
    monkeypatch.undo()
    with service(word_library) as client:
        assert until(client, first, "done")["summary"]
        assert until(client, second, "done")["summary"]
        assert client.get(f"/api/checks/{first}/report.json").status_code == 200


def test_checks_are_found_again_and_can_be_forgotten(word_library: Path) -> None:
    with service(word_library) as client:
        check_id = submitted(client)
        events(client, check_id)
        record = client.get(f"/api/checks/{check_id}").text
    with service(word_library) as client:
        assert client.get(f"/api/checks/{check_id}").text == record
        assert events(client, check_id)[-1][1]["state"] == "done"
        assert client.delete(f"/api/checks/{check_id}").status_code == 204
        assert client.get(f"/api/checks/{check_id}").status_code == 404
    with service(word_library) as client:
        assert client.get("/api/checks").json()["checks"] == []


def test_a_damaged_folder_of_a_check_is_left_out(word_library: Path) -> None:
    folder = word_library / "runs" / f"c-{'0' * 24}"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{")
    with service(word_library) as client:
        assert client.get("/api/checks").json()["checks"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 422),
        (b'{"text": ""}', 422),
        (b'{"text": " \\n\\t "}', 422),
        (b'{"url": "https://cou rier.example/"}', 422),
        (b'{"url": "https://courier.example/a\\n"}', 422),
        (b'{"text": "a", "since": "2026-03-02", "as_of": "2026-03-01"}', 422),
        (b'{"text": "a", "colour": "red"}', 422),
        (b"[1]", 422),
        (b"{", 422),
        (b"\xff", 422),
    ],
)
def test_a_request_that_cannot_be_meant_is_a_problem(
    client: TestClient, body: bytes, status: int
) -> None:
    answer = client.post("/api/checks", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.json().keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published_at", "4 March"),
        ("as_of", "2026-02-31"),
        ("since", "20260301"),
        ("title", "x" * 1001),
        ("url", "ftp://courier.example/"),
        ("url", "https://courier.example/a b"),
        ("language", "English"),
    ],
)
def test_a_field_means_the_same_in_json_and_in_a_form(
    client: TestClient, field: str, value: str
) -> None:
    several = [value] if field in ("language", "tag") else value
    in_json = client.post("/api/checks", json={"text": ARTICLE, field: several})
    in_form = client.post("/api/checks", files={"file": ("a.txt", b"text")}, data={field: value})
    assert (in_json.status_code, in_form.status_code) == (422, 422)
    assert field in in_json.json()["detail"]
    assert client.get("/api/checks").json()["checks"] == []


@pytest.mark.parametrize("sent", ["json", "form"])
def test_sources_from_a_day_on_that_is_later_than_the_last_are_refused_at_once(
    client: TestClient, sent: str
) -> None:
    days = {"since": "2026-03-02", "as_of": "2026-03-01"}
    if sent == "json":
        answer = client.post("/api/checks", json={"text": ARTICLE, **days})
    else:
        answer = client.post("/api/checks", files={"file": ("a.txt", b"text")}, data=days)
    assert (answer.status_code, "since" in answer.json()["detail"]) == (422, True)
    assert client.post("/api/chat", json={"question": "Who?", **days}).status_code == 422


def test_a_problem_does_not_tell_where_the_library_is(
    client: TestClient, word_library: Path, tmp_path: Path
) -> None:
    nothing = {"as_of": "1999-01-01"}
    failed = events(client, submitted(client, text=ARTICLE, **nothing))[-1][1]["problem"]
    assert failed["detail"].startswith("the library has no source to check this article against")
    told = [failed, client.post("/api/chat", json={"question": "Who opened it?", **nothing}).text]
    mistyped = client.post("/api/checks", json={"text": ARTICLE, "exclude_source": ["s-nobody"]})
    told.append(events(client, mistyped.json()["id"])[-1][1]["problem"])
    assert "there is no source s-nobody in the library" in told[-1]["detail"]
    with service(tmp_path / "none") as empty:
        answer = empty.get("/api/sources/search", params={"q": "bridge"})
        assert answer.status_code == 409
        told.append(answer.text)
    for place in (word_library, tmp_path):
        assert str(place) not in str(told)


def test_a_place_within_the_library_is_named_from_there_on(tmp_path: Path) -> None:
    error = UsageError(f"cannot write {tmp_path}/runs/c-1/report.json: full", f"Look: {tmp_path}")
    problem = Problem.of(error, tmp_path)
    assert problem.detail == "cannot write runs/c-1/report.json: full"
    assert problem.todo == "Look: the library"


def test_a_form_gives_a_field_once_unless_it_may_have_several_values(client: TestClient) -> None:
    file = {"file": ("a.txt", ARTICLE.encode())}
    for path in ("/api/checks", "/api/sources"):
        refused = client.post(path, files=file, data={"title": ["One", "Two"]})
        assert (refused.status_code, "title" in refused.json()["detail"]) == (422, True)
    many = client.post("/api/checks", files=file, data={"tag": [""] * 21})
    assert (many.status_code, "tag" in many.json()["detail"]) == (422, True)
    both = {"source_publisher": ["Tallis Courier", "Orrel Notes"]}
    assert client.post("/api/checks", files=file, data=both).status_code == 202


def test_an_empty_field_of_a_form_says_nothing(client: TestClient) -> None:
    """A browser sends every field that a form has. In JSON what is not said is null."""
    fields = (*About.model_fields, *Narrowing.model_fields)
    empty = {**dict.fromkeys(fields, ""), "tag": ["", ""], "language": ["", "en"]}
    file = {"file": ("a.txt", ARTICLE.encode())}
    check_id = client.post("/api/checks", files=file, data=empty).json()["id"]
    assert events(client, check_id)[-1][1]["state"] == "done"
    settings = client.get(f"/api/checks/{check_id}").json()["run"]["settings"]
    assert settings["languages"] == "en"
    assert settings["tags"] is None
    about = dict.fromkeys(About.model_fields, "")
    assert client.post("/api/sources", files=file, data=about).json()["added"]
    for field, value in (("published_at", ""), ("tag", [""])):
        refused = client.post("/api/checks", json={"text": ARTICLE, field: value})
        assert refused.status_code == 422


def test_sources_are_narrowed_in_the_words_of_the_command_line(client: TestClient) -> None:
    narrow = {
        "source_publisher": ["Tallis Courier", "Orrel Notes"],
        "language": "en",
        "since": "2024-01-01",
        "as_of": "2024-12-31",
    }
    answer = client.post("/api/checks", files={"file": ("a.txt", ARTICLE.encode())}, data=narrow)
    check_id = answer.json()["id"]
    assert events(client, check_id)[-1][1]["state"] == "done"
    report = client.get(f"/api/checks/{check_id}").json()
    reasons = {each["title"]: each["reason"] for each in report["sources_left_out"]}
    assert reasons == {
        "What the crossing cost": "not published by Tallis Courier or Orrel Notes",
        "Night bus": "published after 2024-12-31",
    }
    assert report["run"]["settings"]["publishers"] == "Orrel Notes, Tallis Courier"
    unknown = client.post("/api/checks", json={"text": ARTICLE, "tag": ["harbour"]})
    failed = events(client, unknown.json()["id"])[-1][1]
    assert failed["problem"]["detail"] == "the library has no source with the tag 'harbour'"
    assert "No source has a tag" in failed["problem"]["todo"]
