"""Whatever is wrong with the input, the library or the model: one clear message, the exit code
of its kind, and nothing lost.

The model server and its answers are hand-written; no provider is asked.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BRIDGE, BRIDGE_SCRIPT, ROOT, SOURCES, Assay, Entry, Result, answers
from tests.fake_embedder import WordEmbedder
from tests.model_server import Fault, ModelServer, error, message
from tools.library import Library

CLAIM_TWO = "<claim>\nBuilding the Tallis Bridge cost 12 million euros."
KEY = "sk-test-51d0c4a7b9e2"


@pytest.fixture(autouse=True)
def _nothing_is_lost(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test the library holds its sources and is whole."""
    used = "word_library" in request.fixturenames
    folder = request.getfixturevalue("word_library") if used else None
    yield
    if folder:
        with Library.open(folder, WordEmbedder()) as library:
            assert [source.text for source in library.sources()] == [s.text for s in SOURCES]
            assert library.verify() == []


# --- articles that cannot be read ---------------------------------------------------------


def pdf_without_text(path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.write(path)


def encrypted_pdf(path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)


def fifty_megabytes(path: Path) -> None:
    path.write_bytes(b"The bridge was opened in May.\n" * (50 * 2**20 // 30))


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing.txt": (lambda path: None, "there is no file"),
    "folder": (Path.mkdir, "is a folder"),
    "empty.txt": (lambda path: path.write_bytes(b""), "is empty"),
    "blank.txt": (lambda path: path.write_bytes(b" \n\t\r\n "), "is empty"),
    "binary.txt": (
        lambda path: path.write_bytes(random.Random(1).randbytes(4096)),
        "is not text (it looks like binary data)",
    ),
    "picture.md": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" * 9), "PNG image"),
    "utf16.txt": (lambda path: path.write_bytes(b"\xff\xfeA\x00B"), "is not text"),
    "large.txt": (fifty_megabytes, "larger than 20 MiB"),
    "long.txt": (lambda path: path.write_text("word " * 500_000), "more than 2,000,000"),
    "scan.pdf": (pdf_without_text, "text"),
    "locked.pdf": (encrypted_pdf, "password"),
    "cut.pdf": (lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj\n<<"), "cut.pdf"),
    "cut.docx": (lambda path: path.write_bytes(b"PK\x03\x04garbage"), "cut.docx"),
    "data.json": (lambda path: path.write_text('{"text": "x"}'), "JSON"),
    "n" * 300 + ".txt": (lambda path: None, "cannot be read"),
    "\x1b[31mred.txt": (lambda path: None, "there is no file"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_article_that_cannot_be_read_is_refused(
    assay: Assay, word_library: Path, tmp_path: Path, name: str
) -> None:
    make, told = UNREADABLE[name]
    make(tmp_path / name)
    out = tmp_path / "report.json"
    result = assay("check", tmp_path / name, "--library", word_library, "--out", out)
    assert (result.code, result.out) == (3, "")
    assert told in result.message
    assert "\x1b" not in result.err
    assert not out.exists()
    added = assay("sources", "add", tmp_path / name, "--library", word_library)
    assert added.code == 3


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02" * 99, b"word " * 4_300_000])
def test_standard_input_is_refused_for_the_same_reasons(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    result = assay("check", "-", "--library", word_library)
    assert result.code == 3
    assert "standard input" in result.message


@pytest.mark.parametrize("command", [("check",), ("sources", "add")])
def test_an_address_of_a_machine_nearby_is_refused(
    assay: Assay, word_library: Path, command: tuple[str, ...]
) -> None:
    result = assay(*command, "http://127.0.0.1:80/a", "--library", word_library)
    assert result.code == 3
    assert "not on the public internet" in result.err


def test_a_file_that_may_not_be_read_is_refused(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    if os.geteuid() == 0:
        pytest.skip("the administrator may read everything")
    secret = tmp_path / "secret.txt"
    secret.write_text("words")
    secret.chmod(0)
    result = assay("check", secret, "--library", word_library)
    assert result.code == 3
    assert "may not be read" in result.message


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_text_in_another_encoding_is_read_as_it_was_meant(
    assay: Assay, word_library: Path, tmp_path: Path, encoding: str
) -> None:
    article = tmp_path / "article.txt"
    text = "“We won’t pay 3 million euros for a café – ever,” she said in Tallis on 3 May 2024."
    article.write_bytes(text.encode(encoding))
    result = assay("check", article, "--library", word_library, "--json")
    assert result.code == 0
    assert result.json["article"]["text"] == text


def test_an_article_without_a_checkable_claim_is_reported_as_such(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    article, out = tmp_path / "article.txt", tmp_path / "report.json"
    article.write_text("Is it not lovely here? Subscribe to our newsletter.")
    result = assay("check", article, "--library", word_library, "--out", out)
    assert result.code == 0
    assert "no checkable claim" in result.err
    report = json.loads(out.read_text("utf-8"))
    assert (report["claims"], len(report["excluded"])) == ([], 2)


def test_an_unknown_option_is_named(assay: Assay) -> None:
    result = assay("check", BRIDGE, "--modle", "embedded")
    assert result.code == 2
    assert "--modle" in result.message
    assert "assay check --help" in result.message


# --- libraries that cannot be used --------------------------------------------------------


def check(assay: Assay, library: Path, *more: str | Path) -> Result:
    return assay("check", BRIDGE, "--library", library, "--model", BRIDGE_SCRIPT, *more)


def test_a_missing_library_is_told_with_the_way_to_make_one(assay: Assay, tmp_path: Path) -> None:
    result = check(assay, tmp_path / "none")
    assert result.code == 4
    assert "no library at" in result.message
    assert "assay sources add" in result.message
    assert not (tmp_path / "none").exists()


def test_a_file_is_no_library(assay: Assay, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert check(assay, tmp_path / "file").code == 4


def test_an_empty_library_has_nothing_to_check_against(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    Library.open(tmp_path / "empty", WordEmbedder(), create=True).close()
    result = check(assay, tmp_path / "empty")
    assert result.code == 4
    assert "no source" in result.message
    assert "assay sources add" in result.message


HOLD = """
import sys
from tests.fake_embedder import WordEmbedder
from tools.library import Library
with Library.open(sys.argv[1], WordEmbedder(), write=sys.argv[2] == "write"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("mode", "command"),
    [("write", ["check", BRIDGE, "--model", BRIDGE_SCRIPT]), ("read", ["sources", "add", BRIDGE])],
    ids=["reading while another writes", "writing while another reads"],
)
def test_a_library_in_use_names_the_process_and_is_free_when_it_ends(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, mode: str, command: list[str]
) -> None:
    monkeypatch.setattr("tools.library.locks.WAIT_SECONDS", 0.1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(word_library), mode], stdin=-1, stdout=-1, cwd=ROOT
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        result = assay(*command, "--library", word_library)
        assert result.code == 4
        assert f"process {holder.pid}" in result.message
        assert "run the same command again" in result.message
    finally:
        holder.communicate(timeout=30)
    assert check(assay, word_library).code == 0


def _garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 999)


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _emptied(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.mkdir()


def _a_file(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.write_text("x")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": shutil.rmtree,
    "empty": _emptied,
    "a file": _a_file,
    "database overwritten": lambda chroma: _garbage(chroma / "chroma.sqlite3"),
    "database cut": lambda chroma: _cut(chroma / "chroma.sqlite3"),
    "seal overwritten": lambda chroma: _garbage(chroma / "seal.json"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_chroma_folder_is_rebuilt_and_told_once(
    assay: Assay, word_library: Path, name: str
) -> None:
    well = check(assay, word_library)
    DAMAGE[name](word_library / "chroma")
    mended = check(assay, word_library)
    assert (mended.code, mended.out) == (0, well.out)
    (told,) = (line for line in mended.err.splitlines() if "index" in line)
    assert "rebuilt from the library: 3 passages" in told
    assert "index" not in check(assay, word_library).err


@pytest.mark.parametrize("damage", [_garbage, _cut, lambda p: p.write_bytes(b"")])
def test_a_damaged_database_is_left_as_it_is(
    assay: Assay, word_library: Path, damage: Callable[[Path], object]
) -> None:
    file = word_library / "library.sqlite"
    whole = file.read_bytes()
    damage(file)
    before = file.read_bytes()
    for result in (
        check(assay, word_library),
        assay("sources", "list", "--library", word_library),
        assay("sources", "add", BRIDGE, "--library", word_library),
        assay("sources", "rebuild", "--library", word_library),
    ):
        assert result.code == 4
        assert str(word_library) in result.message
        assert file.read_bytes() == before
    file.write_bytes(whole)


def test_a_library_of_another_embedder_is_refused_until_it_is_rebuilt(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("tools.models.embedder", "agent.check"):
        monkeypatch.setattr(f"{place}.MiniLMEmbedder", lambda: WordEmbedder("words-2", 32))
    result = check(assay, word_library)
    assert result.code == 4
    assert "assay sources rebuild" in result.message
    assert assay("sources", "rebuild", "--library", word_library).code == 0
    assert check(assay, word_library).code == 0
    with Library.open(word_library, WordEmbedder(), rebuild=True):
        pass


def test_a_damaged_journal_is_set_aside_and_told(assay: Assay, word_library: Path) -> None:
    check(assay, word_library)
    _garbage(word_library / "journal.sqlite")
    result = check(assay, word_library)
    assert result.code == 0
    assert "journal.sqlite was damaged" in result.err
    assert len(list(word_library.glob("journal.sqlite.damaged-*"))) == 1


# --- a model that does not do its work ----------------------------------------------------


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
