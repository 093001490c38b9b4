"""Fetching: whom a connection goes to, what is read there, and what bounds hold.

Nothing here reaches the network: names resolve by a table, connections go to a server on
loopback or into a list. Both hooks are parameters of `Fetcher` that no option reaches.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from agent.errors import InputError
from evals.attacks.hostile_child import Server
from tools.readers import read_url
from tools.web.addresses import is_public
from tools.web.fetch import MAX_BYTES, Fetched, Fetcher

PUBLIC = "93.184.216.34"


# --- servers ------------------------------------------------------------------------------

Handler = Callable[[socket.socket, str], None]


@contextmanager
def server(answer: Handler, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on loopback that hands each connection and its request's path to `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        def one(connection: socket.socket) -> None:
            try:
                with connection:
                    talking = tls.wrap_socket(connection, server_side=True) if tls else connection
                    head = b""
                    while b"\r\n\r\n" not in head:
                        piece = talking.recv(4096)
                        if not piece:
                            return
                        head += piece
                    answer(talking, head.decode("latin-1"))
            except OSError:
                pass

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield port
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def reply(
    body: bytes = b"", status: int = 200, content_type: str = "text/html", **headers: str
) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def pages(**answers: bytes) -> Handler:
    """Answers by path; `robots` is /robots.txt, 404 where there is none."""

    def answer(connection: socket.socket, head: str) -> None:
        path = head.split()[1].strip("/").replace("robots.txt", "robots")
        connection.sendall(answers.get(path, reply(status=404)))

    return answer


def fetcher(
    port: int, names: dict[str, Sequence[str]] | None = None, **more: Any
) -> tuple[Fetcher, list[tuple[str, int]]]:
    """A fetcher whose connections, noted in the list, all go to the server on loopback."""
    connected: list[tuple[str, int]] = []

    def connect(ip: str, at: int, seconds: float) -> httpcore2.NetworkStream:
        connected.append((ip, at))
        return httpcore2.SyncBackend().connect_tcp("127.0.0.1", port, timeout=seconds)

    known = names or {}
    return Fetcher(
        resolve=lambda host: known.get(host, [PUBLIC]), connect=connect, **more
    ), connected


def get(answer: Handler, url: str = "http://news.example/a", **more: Any) -> Fetched:
    with server(answer) as port:
        return fetcher(port, **more)[0].fetch(url)


def test_a_page_is_fetched_with_its_type_and_where_it_came_from() -> None:
    page = get(pages(a=reply(b"<p>caf\xe9</p>", content_type="Text/HTML; charset=latin-1")))
    assert (page.url, page.final_url) == ("http://news.example/a", "http://news.example/a")
    assert (page.content_type, page.charset, page.body) == (
        "text/html",
        "latin-1",
        b"<p>caf\xe9</p>",
    )


def test_the_server_is_told_who_asks_and_nothing_else() -> None:
    heads: list[str] = []

    def answer(connection: socket.socket, head: str) -> None:
        heads.append(head)
        connection.sendall(reply(b"x"))

    get(answer)
    names = {line.partition(":")[0].lower() for line in heads[-1].split("\r\n")[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "User-Agent: Assay/" in heads[-1]
    assert "Host: news.example\r\n" in heads[-1]


def test_redirects_are_followed_and_each_is_checked_anew() -> None:
    answer = pages(
        a=reply(status=301, Location="b?x=1"),
        **{"b?x=1": reply(status=307, Location="//daily.example/c"), "c": reply(b"there")},
    )
    with server(answer) as port:
        page = fetcher(port)[0].fetch("http://news.example/a")
        assert (page.final_url, page.body) == ("http://daily.example/c", b"there")
        inside, connected = fetcher(port, {"daily.example": ["10.0.0.7"]})
        with pytest.raises(InputError, match=r"daily.example is 10\.0\.0\.7"):
            inside.fetch("http://news.example/a")
        assert {ip for ip, _ in connected} == {PUBLIC}


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://169.254.169.254/latest/", "not on the public internet"),
        ("ftp://news.example/", "only http"),
        ("http://ida@news.example/", "user name"),
        ("/\\127.0.0.1/", "malformed"),
        ("http://[::1/", "malformed"),
    ],
)
def test_a_redirect_to_what_may_not_be_fetched_is_refused(location: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        get(pages(a=reply(status=302, Location=location)))


def test_redirects_in_a_circle_end() -> None:
    with pytest.raises(InputError, match="more than 10 times"):
        get(pages(a=reply(status=302, Location="/a")))


def test_a_name_with_one_private_answer_is_refused_before_any_connection() -> None:
    with server(pages()) as port:
        inside, connected = fetcher(port, {"news.example": [PUBLIC, "fd00::1"]})
        with pytest.raises(InputError, match="fd00::1"):
            inside.fetch("http://news.example/a")
        assert connected == []


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind() -> None:
    asked: list[str] = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    with server(pages(a=reply(status=302, Location="/b"), b=reply(b"x"))) as port:
        pinned, connected = fetcher(port)
        pinned.resolve = resolve
        assert pinned.fetch("http://news.example/a").body == b"x"
    assert asked == ["news.example"]
    assert {ip for ip, _ in connected} == {PUBLIC}


def test_the_next_answer_of_a_name_is_tried_where_the_first_does_not_answer() -> None:
    with server(pages(a=reply(b"x"))) as port:
        several, _ = fetcher(port, {"news.example": ["1.1.1.1", PUBLIC]})
        reach = several.connect

        def connect(ip: str, at: int, seconds: float) -> httpcore2.NetworkStream:
            if ip == "1.1.1.1":
                raise httpcore2.ConnectError("refused")
            return reach(ip, at, seconds)

        several.connect = connect
        assert several.fetch("http://news.example/a").body == b"x"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert get(pages(a=reply(b"x"))).body == b"x"


# --- what is read from a page -------------------------------------------------------------


def test_a_page_is_read_as_its_server_says_and_keeps_its_address() -> None:
    body = "<p>Die Brücke wurde im Jahr 1998 eröffnet, sagte die Stadt.</p>".encode("latin-1")
    answer = pages(
        a=reply(status=301, Location="/b"),
        b=reply(body, content_type="text/html; charset=iso-8859-1"),
    )
    with server(answer) as port:
        document = read_url("http://news.example/a", fetcher(port)[0])
    assert document.text == "Die Brücke wurde im Jahr 1998 eröffnet, sagte die Stadt."
    assert document.url == "http://news.example/b"


def test_a_page_without_text_is_refused_by_its_address() -> None:
    empty = pages(a=reply(b"", content_type="text/plain"))
    with server(empty) as port, pytest.raises(InputError, match=r"^http://news.example/a is empty"):
        read_url("http://news.example/a", fetcher(port)[0])


def test_json_is_no_article_whoever_sends_it() -> None:
    told = pages(a=reply(b'{"text": "The harbour', content_type="application/json"))
    with server(told) as port, pytest.raises(InputError, match="looks like JSON"):
        read_url("http://news.example/a", fetcher(port)[0])


# --- robots.txt ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (b"User-agent: *\nDisallow: /b\n", True),
        (b"User-agent: *\nDisallow: /\n", False),
        (b"User-agent: Assay\nDisallow: /a\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: other\nDisallow: /\n", True),
        (b"\xff\xfe nonsense", True),
    ],
)
def test_robots_txt_is_obeyed(robots: bytes, allowed: bool) -> None:
    answer = pages(a=reply(b"x"), robots=reply(robots, content_type="text/plain"))
    if allowed:
        assert get(answer).body == b"x"
    else:
        with pytest.raises(InputError, match=r"robots\.txt of news\.example does not allow"):
            get(answer)


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (500, False)])
def test_no_robots_txt_allows_and_a_server_in_trouble_is_left_alone(
    status: int, allowed: bool
) -> None:
    answer = pages(a=reply(b"x"), robots=reply(status=status))
    if allowed:
        assert get(answer).body == b"x"
    else:
        with pytest.raises(InputError, match="robots"):
            get(answer)


# --- bounds and faults --------------------------------------------------------------------


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503, 599])
def test_an_error_of_the_server_is_named(status: int) -> None:
    with pytest.raises(InputError, match=f"answers {status}"):
        get(pages(a=reply(b"x", status=status)))


def test_a_packed_page_is_unpacked() -> None:
    assert (
        get(pages(a=reply(gzip.compress(b"x" * 9999), Content_Encoding="gzip"))).body == b"x" * 9999
    )


def test_a_page_is_not_unpacked_beyond_what_is_read() -> None:
    bomb = gzip.compress(b"\0" * (MAX_BYTES + 5_000_000))
    with pytest.raises(InputError, match="larger than 20 MiB"):
        get(pages(a=reply(bomb, Content_Encoding="gzip")))


@pytest.mark.parametrize(
    ("body", "encoding", "why"),
    [
        (b"no gzip", "gzip", "packed wrongly"),
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "gzip", "ends too early"),
        (b"x", "br", "packed as 'br'"),
    ],
)
def test_a_page_that_is_packed_wrongly_is_refused(body: bytes, encoding: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        get(pages(a=reply(body, Content_Encoding=encoding)))


def test_an_endless_page_ends_at_the_bound() -> None:
    def answer(connection: socket.socket, head: str) -> None:
        if "robots" in head:
            return connection.sendall(reply(status=404))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with pytest.raises(InputError, match="larger than 20 MiB"):
        get(answer)


def test_a_page_that_is_shorter_than_announced_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be fetched"):
        get(pages(a=reply(b"half", Content_Length="4000")))


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n<p>"])
def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(start: bytes) -> None:
    def answer(connection: socket.socket, head: str) -> None:
        if "robots" in head:
            return connection.sendall(reply(status=404))
        connection.sendall(start)
        while True:
            connection.sendall(b"a")
            time.sleep(0.1)

    began = time.monotonic()
    with pytest.raises(InputError, match="was not read within 1 s"):
        get(answer, seconds=1.0)
    assert time.monotonic() - began < 5


def test_what_is_no_http_is_a_fault_in_one_line() -> None:
    with pytest.raises(InputError, match="cannot be fetched") as caught:
        get(lambda connection, _: connection.sendall(b"SSH-2.0-OpenSSH\r\n"))
    assert "\n" not in str(caught.value)


def test_a_name_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError, match=r"there is no host news\.example"):
        get(pages(), names={"news.example": []})


def _self_signed(name: str, folder: Path) -> Path:
    """A certificate of our own for a name, with its key, in one file."""
    key, certificate, both = (folder / f"{name}.{kind}" for kind in ("key", "crt", "pem"))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
def test_tls_is_verified_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    for name, works in (("news.example", True), ("other.example", False)):
        certificate = _self_signed(name, tmp_path)
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(certificate)
        trusting = ssl.create_default_context(cafile=str(certificate))
        with server(pages(a=reply(b"x")), tls=ours) as port:
            secure, _ = fetcher(port, tls=trusting)
            if works:
                assert secure.fetch("https://news.example/a").body == b"x"
            else:
                with pytest.raises(InputError, match="certificate is not valid"):
                    secure.fetch("https://news.example/a")


# --- the collected list -------------------------------------------------------------------

ATTACKS = Path(
    os.environ.get("ASSAY_ATTACKS", Path(__file__).parents[2] / "shared" / "attacks" / "dev")
)


@pytest.mark.skipif(not (ATTACKS / "ssrf_urls.jsonl").is_file(), reason="no collected addresses")
def test_collected_addresses_are_refused_or_fetched_from_public_machines_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = json.loads((ATTACKS / "ssrf_hosts.json").read_text("utf-8"))["hosts"]
    table = {name.lower().removesuffix("."): answers for name, answers in table.items()}
    rows = [json.loads(line) for line in (ATTACKS / "ssrf_urls.jsonl").open(encoding="utf-8")]
    wrong: list[tuple[Any, ...]] = []
    tls = ssl.create_default_context()
    for row in rows:
        if any("\n" in hop.get("location", "") for hop in row.get("hops", [])):
            continue  # on a wire that is a header of its own, and the address before it is good
        connected: list[str] = []
        looked_up: dict[str, int] = {}

        def resolve(
            host: str, row: dict[str, Any] = row, looked_up: dict[str, int] = looked_up
        ) -> list[str]:
            name = host.lower().removesuffix(".")
            number = looked_up[name] = looked_up.get(name, -1) + 1
            answers = table.get(name, [])
            if isinstance(answers, dict):
                answers = answers["sequence"]
                return list(answers[min(number, len(answers) - 1)])
            if "dns_sequence" in row:
                return list(row["dns_sequence"][min(number, len(row["dns_sequence"]) - 1)])
            return list(answers)

        def connect(
            ip: str,
            port: int,
            seconds: float,
            row: dict[str, Any] = row,
            connected: list[str] = connected,
        ) -> httpcore2.NetworkStream:
            connected.append(ip)
            if row["id"].startswith("ssrf") and "retry" in row["url"]:
                raise httpcore2.ConnectError("reset")
            return Server(row)

        with monkeypatch.context() as environment:
            for name, value in row.get("env", {}).items():
                environment.setenv(name, value)
            try:
                Fetcher(resolve=resolve, connect=connect, tls=tls).fetch(row["url"])
                outcome = "allow"
            except InputError:
                outcome = "refuse"
        if outcome not in (row["expected"], row.get("also_ok")):
            wrong.append((row["id"], row["url"][:80], row["why"], outcome))
        if private := [ip for ip in connected if not is_public(ip)]:
            wrong.append((row["id"], row["url"][:80], "connected to", private))
        if row.get("pin") and set(connected) - {row["pin"]}:
            wrong.append((row["id"], row["url"][:80], "connected elsewhere", connected))
    assert not wrong, "\n".join(map(str, wrong))
