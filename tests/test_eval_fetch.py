"""Public data sets: downloads on request only, and each form becomes a suite.

The samples of foreign forms are our own sentences.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.errors import AssayError, InputError, UsageError
from evals import fetch as module
from evals.fetch import DATA_SETS, DataSet, data_set, fetch
from evals.samples import ClaimSample, PairSample
from evals.suites import load
from tests.conftest import Assay

SYMMETRIC = "".join(
    json.dumps({"id": "7", "claim": claim, "evidence": "The mill is closed .", "gold_label": label})
    + "\n"
    for claim, label in (
        ("The mill is open .", "REFUTES"),
        ("The mill is closed .", "SUPPORTS"),
        ("The mill is open .", "REFUTES"),
    )
)
TABLE = 'sentence1\tsentence2\tgold_label\nIt "rains.\tIt is dry.\tcontradiction\n'
CONJUNCTIONS = "\ufeffPremise\tHypothesis\tLabel\nAda and Bo sing.\tBo sings.\tentailment\n"
SUMMARIES = json.dumps(
    [
        {"id": "a", "doc": "Ada bought bread.", "summary": "Ada bought bread.", "label": 1},
        {"id": "b", "doc": "Ada bought bread.", "summary": "Ada sold bread.", "label": 0},
    ]
)
PAGES = json.dumps(
    {
        "label": "partially_supported",
        "supporting_sentences": [[0, 2], [2, 1]],
        "claim": "The red mill opened in 1901.",
        "evidence": ["The mill", "It is red.", "It opened in 1901."],
        "meta": {"id": "dev1"},
    }
)
FORMS = {
    "fever_symmetric_v02_dev": (SYMMETRIC, ["conflicting", "supported"]),
    "nli_counterfactual_dev": (TABLE, ["conflicting"]),
    "nli_conj_dev": (CONJUNCTIONS, ["supported"]),
    "summedits_news": (SUMMARIES, ["supported", "not_supported"]),
    "wice_dev": (PAGES, ["partially_supported"]),
}


def served(name: str, text: str, url: str) -> DataSet:
    """A data set whose file is this text, at another address."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return replace(data_set(name), url=url, sha256=digest)


def local(name: str, text: str, folder: Path) -> DataSet:
    file = folder / f"{name}.raw"
    file.write_text(text, "utf-8")
    return served(name, text, file.as_uri())


def left_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


# Forms


@pytest.mark.parametrize("name", FORMS)
def test_each_form_becomes_a_suite(name: str, tmp_path: Path) -> None:
    text, expected = FORMS[name]
    path, count = fetch(local(name, text, tmp_path), tmp_path / "sets")
    suite = load(path)
    assert count == len(suite.samples) == len(expected)
    labels = [s.label for s in suite.samples if isinstance(s, PairSample | ClaimSample)]
    assert labels == expected
    origin = json.loads((tmp_path / f"sets/fetched/{name}.origin.json").read_text("utf-8"))
    assert origin["licence"] == data_set(name).licence
    assert origin["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert {p.name for p in (tmp_path / "sets").iterdir()} == {"fetched"}


def test_sets_of_supporting_sentences_stay_apart(tmp_path: Path) -> None:
    path, _ = fetch(local("wice_dev", PAGES, tmp_path), tmp_path / "sets")
    (sample,) = load(path).samples
    assert isinstance(sample, ClaimSample)
    (source,) = load(path).sources()
    told = [{source.document.text[slice(*source.rows[r])] for r in one} for one in sample.gold_sets]
    assert told == [{"The mill", "It opened in 1901."}, {"It is red.", "It opened in 1901."}]


# The table


def test_every_data_set_is_named_once_and_its_address_names_one_state() -> None:
    names = [data.name for data in DATA_SETS]
    assert len(names) == len(set(names))
    for data in DATA_SETS:
        assert re.fullmatch(r"https://raw\.githubusercontent\.com/[\w-]+/[\w-]+/[0-9a-f]{40}/.+",
                            data.url)  # fmt: skip
        assert re.fullmatch(r"[0-9a-f]{64}", data.sha256)
        assert data.licence
        assert data.about


def test_the_readme_tells_of_every_data_set_with_its_licence() -> None:
    readme = (Path(module.__file__).parent / "README.md").read_text("utf-8")
    table = {line.split("|")[1].strip(" `"): line for line in readme.splitlines() if "|" in line}
    for data in DATA_SETS:
        assert data.licence in table[data.name]


def test_an_unknown_data_set_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="There are fever_symmetric_v02_dev"):
        data_set("everything")


# The way over the network


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    """What is promised, if not the length of the body."""


class Publisher(ThreadingHTTPServer):
    """A server of this machine that answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.scheme = "http"

    def at(self, path: str, reply: Reply) -> str:
        self.replies[path] = reply
        return f"{self.scheme}://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that refuse a certificate, or leave, are the point."""


class _Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        reply = self.server.replies[self.path]
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        length = len(reply.body) if reply.length is None else reply.length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def plain(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """The same way without a certificate, which only tests may go."""
    monkeypatch.setattr(module, "_SCHEMES", ("http",))
    return publisher


BODY = CONJUNCTIONS.encode()


def test_what_is_downloaded_becomes_a_suite(plain: Publisher, tmp_path: Path) -> None:
    url = plain.at("/dev.tsv", Reply(body=BODY))
    path, count = fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path)
    assert (count, len(load(path).samples)) == (1, 1)
    assert plain.asked == ["/dev.tsv"]


def test_a_redirect_is_followed(plain: Publisher, tmp_path: Path) -> None:
    target = plain.at("/moved", Reply(body=BODY))
    url = plain.at("/dev.tsv", Reply(302, headers=(("Location", target),)))
    assert fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path)[1] == 1
    assert plain.asked == ["/dev.tsv", "/moved"]


FAULTS = {
    "404": (Reply(404), "HTTP 404 Not Found"),
    "500": (Reply(500), "HTTP 500"),
    "cut off": (
        Reply(body=BODY[:30], length=len(BODY)),
        f"broke off after 30 of {len(BODY)} bytes",
    ),
    "another file": (Reply(body=BODY + b"\n"), "not the one that is known"),
    "a page that says sorry": (Reply(body=b"<html>Sorry</html>"), "not the one that is known"),
    "nothing": (Reply(), "not the one that is known: 0 bytes"),
    "a circle": (Reply(302, headers=(("Location", "/dev.tsv"),)), "infinite loop"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_download_is_one_message_and_leaves_nothing(
    plain: Publisher, tmp_path: Path, assay: Assay, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    reply, message = FAULTS[fault]
    data = served("nli_conj_dev", CONJUNCTIONS, plain.at("/dev.tsv", reply))
    monkeypatch.setattr(module, "DATA_SETS", [data])
    result = assay("eval", "fetch", "nli_conj_dev", "--out", tmp_path / "sets", "--quiet")
    assert result.code == 3
    assert message in result.message
    assert not (tmp_path / "sets").exists()
    # The same command, once the server is well.
    plain.at("/dev.tsv", Reply(body=BODY))
    assert assay("eval", "fetch", "nli_conj_dev", "--out", tmp_path / "sets").code == 0
    expected = ["fetched/nli_conj_dev.jsonl", "fetched/nli_conj_dev.origin.json"]
    assert left_in(tmp_path / "sets") == expected


def test_a_server_that_speaks_another_language_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbled(*_: Any, **__: Any) -> Any:
        from http.client import BadStatusLine

        raise BadStatusLine("SSH-2.0\r\n")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", garbled)
    with pytest.raises(InputError, match="cannot be downloaded: BadStatusLine"):
        fetch(data_set("nli_conj_dev"), tmp_path)


def test_too_large_a_file_is_refused(
    plain: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LIMIT", 10)
    url = plain.at("/dev.tsv", Reply(body=BODY))
    with pytest.raises(InputError, match="is larger than"):
        fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path)


def test_what_cannot_be_reached_leaves_nothing_behind(tmp_path: Path) -> None:
    data = served("nli_conj_dev", "", (tmp_path / "missing").as_uri())
    with pytest.raises(InputError, match="cannot be downloaded"):
        fetch(data, tmp_path / "sets")
    assert not (tmp_path / "sets").exists()


def test_nothing_but_https_is_asked_for(publisher: Publisher, tmp_path: Path) -> None:
    url = publisher.at("/dev.tsv", Reply(body=BODY))
    with pytest.raises(UsageError, match="no https address"):
        fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path)
    assert publisher.asked == []


# Certificates


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody vouches for, with its key in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    file = tmp_path / "certificate.pem"
    made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split()
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", "-"]
    done = subprocess.run([openssl, *made, *more], capture_output=True, check=True)
    with file.open("ab") as end:
        end.write(done.stdout)
    return file


@pytest.fixture
def secure(publisher: Publisher, certificate: Path) -> Publisher:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    publisher.socket = context.wrap_socket(publisher.socket, server_side=True)
    publisher.scheme = "https"
    return publisher


def test_https_with_a_certificate_that_is_trusted(
    secure: Publisher, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = secure.at("/dev.tsv", Reply(body=BODY))
    assert fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path)[1] == 1


@pytest.mark.parametrize("location", ["http://127.0.0.1:9/x", "ftp://127.0.0.1/x", "file:///x"])
def test_a_redirect_off_https_is_not_followed(
    secure: Publisher,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    location: str,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    url = secure.at("/dev.tsv", Reply(302, headers=(("Location", location),)))
    with pytest.raises(InputError, match=r"that is not https|is not allowed"):
        fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path / "sets")
    assert not (tmp_path / "sets").exists()


def test_https_with_a_certificate_of_nobody(secure: Publisher, tmp_path: Path) -> None:
    url = secure.at("/dev.tsv", Reply(body=BODY))
    with pytest.raises(InputError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(served("nli_conj_dev", CONJUNCTIONS, url), tmp_path / "sets")
    assert secure.asked == []
    assert not (tmp_path / "sets").exists()


# The disk


@pytest.mark.parametrize(
    ("name", "room"),
    [("nli_conj_dev", 0), ("nli_conj_dev", 1), ("wice_dev", 0), ("wice_dev", 1), ("wice_dev", 2)],
)
def test_a_full_disk_leaves_the_suite_that_was_there(
    name: str, room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is room for as many files, and half of one more."""
    data, sets = local(name, FORMS[name][0], tmp_path), tmp_path / "sets"
    path, _ = fetch(data, sets)
    before = {file: (sets / file).read_bytes() for file in left_in(sets)}
    write, written = Path.write_text, 0

    def full(self: Path, text: str, *rest: Any, **more: Any) -> int:
        nonlocal written
        if written == room:
            write(self, text[: len(text) // 2], *rest, **more)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
        written += 1
        return write(self, text, *rest, **more)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(AssayError, match="No space left on device") as caught:
        fetch(data, sets)
    assert caught.value.exit_code == 1
    monkeypatch.undo()
    assert {file: (sets / file).read_bytes() for file in left_in(sets)} == before
    assert fetch(data, sets)[0] == path


def test_a_folder_in_the_way_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "sets").write_text("in the way", "utf-8")
    with pytest.raises(AssayError, match="cannot write or read"):
        fetch(local("nli_conj_dev", CONJUNCTIONS, tmp_path), tmp_path / "sets")


def test_what_a_killed_fetch_left_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "sets/.fetching/wice_dev/before").mkdir(parents=True)
    fetch(local("wice_dev", PAGES, tmp_path), tmp_path / "sets")
    assert not (tmp_path / "sets/.fetching").exists()
