"""The address of a library on a server: what it may be, and that its password is never shown."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import LibraryDamaged, LibraryError, UsageError
from tests.conftest import Assay
from tests.libraries import make_library
from tools.library import chroma_server
from tools.library.address import (
    NOTE,
    is_address,
    local_folder,
    password_for,
    place_of,
    server_of,
)
from tools.library.chroma_server import SharedVectors, runs_in_python

# The letter at either end stands nowhere else in an address: no part of the password may be told.
PASSWORDS = st.text(st.characters(codec="utf-8") | st.sampled_from("@:/?#&=%[] ")).map(
    "Ω{}Ω".format
)
PLACES = (
    "postgresql://ada:{}@db.example:5433/news?sslmode=require",
    "postgres://ada@db.example:5433/news?sslmode=require&password={}",
    "postgresql:/ada:{}@db.example:5433/news?sslmode=require",  # of a `Path`
)


def is_told(text: str) -> bool:
    return "Ω" in text or quote("Ω") in text


@given(PASSWORDS, st.sampled_from(PLACES))
def test_a_quoted_password_is_kept_for_this_process_and_stands_in_no_file(
    password: str, place: str
) -> None:
    password = password.replace("\0", "0")  # PostgreSQL takes none
    folder = local_folder(place.format(quote(password, safe="")))
    assert password_for(folder) == password
    assert place_of(folder) == "postgresql://ada@db.example:5433/news?sslmode=require"
    assert not any(is_told(path.read_text("utf-8")) for path in folder.iterdir())


@given(
    PASSWORDS,
    st.sampled_from(
        [
            *PLACES,
            "postgresql://ada:1/{}@db.example/news",
            "postgresql://ada@db.example/news?passwd={}",
            "postgresql://db.example/news password={}",
            "postgresql+psycopg://ada:{}@db.example/news",
            "mysql://ada:{}@db.example/news",
            "mysql:/ada:{}@db.example/news",
            "host=db.example user=ada password={}",
        ]
    ),
)
def test_a_password_that_was_not_quoted_is_told_in_no_name_and_no_message(
    password: str, place: str
) -> None:
    try:
        folder = local_folder(place.format(password))
    except UsageError as refused:
        assert not is_told(f"{refused.what} {refused.todo}")
    else:
        assert not is_told(f"{place_of(folder)} {folder} {(folder / NOTE).read_text('utf-8')}")


@pytest.mark.parametrize(
    "place", ["library", "C:/library", "C:\\library", "a/postgresql/b", "a: b/c", "x@y", "."]
)
def test_anything_else_is_a_folder(place: str) -> None:
    assert not is_address(place)
    assert local_folder(place) == Path(place)
    assert server_of(Path(place)) is None


def test_each_library_and_each_index_has_a_folder_of_its_own() -> None:
    one = "postgresql://ada@db.example/news"
    folders = {
        local_folder(one),
        local_folder(f"{one}2"),
        local_folder(one, "http://chroma:8000"),
        local_folder("postgresql:///news?host=/run/postgresql"),
    }
    assert len(folders) == 4
    assert local_folder(one) == local_folder(one.replace("ada@", "ada:secret@"))
    assert place_of(local_folder("postgresql:///news?host=%2Frun%2Fpostgresql")) == (
        "postgresql:///news?host=%2Frun%2Fpostgresql"
    )


@pytest.mark.parametrize(
    ("place", "chroma", "said"),
    [
        ("postgresql://ada:secret@db.example", None, "names no database"),
        ("postgresql://ada:secret@db.example:x/news", None, "no address of a database"),
        ("postgresql://ada:12/secret@db.example/news", None, "no address of a database"),
        ("postgresql://ada:secr#secret@db.example/news", None, "no address of a database"),
        ("postgresql://ada@[::1/news", None, "no address of a database"),
        ("postgresql://ada:sec%00secret@db.example/news", None, "no address of a database"),
        ("postgresql://db.example/host=x%20password=secret", None, "no address of a database"),
        ("postgresql://ada@db.example/news?passwd=secret", None, "none of libpq"),
        ("postgresql+psycopg://ada:secret@db.example/news", None, r"postgresql\+psycopg:// is"),
        ("mysql:/ada:secret@db.example/news", None, "of no library"),
        ("https://db.example/news", None, "of no library"),
        ("host=db.example password=secret", None, "no part of the name of a folder"),
        ("postgresql://ada@db.example/news", "chroma:8000", "no address of a Chroma server"),
        ("postgresql://ada@db.example/news", "http://u:secret@chroma", "more than a host"),
        ("postgresql://ada@db.example/news", "http://u:se/secret@chroma", "no address of a"),
        ("postgresql://ada@db.example/news", "http://chroma/a?token=secret", "more than a host"),
        ("postgresql://ada@db.example/news", "http://chroma/a%20b", "letters, digits"),
        ("library", "http://chroma:8000", "is a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(place: str, chroma: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        local_folder(place, chroma)
    assert "secret" not in f"{refused.value} {refused.value.todo}"


def test_a_note_that_cannot_be_read_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "server.json").write_text("{", encoding="utf-8")
    with pytest.raises(LibraryDamaged, match=r"server\.json"):
        server_of(tmp_path)


def test_a_chroma_server_outside_of_private_networks_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for found, refused in (["10.0.0.8", "2a00::1"], True), (["203.0.113.9"], False):
        # 203.0.113.0/24 is for documentation, and counts as private.
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 8000)) for each in found]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, a=answer, **__: a)
        monkeypatch.setattr("chromadb.HttpClient", _Asked)
        with pytest.raises(UsageError if refused else _AskedError):
            SharedVectors("http://chroma.example:8000").version()


class _AskedError(BaseException):
    pass


class _Asked:
    def __init__(self, **_: object) -> None:
        raise _AskedError


def test_the_token_is_sent_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    def client(**given: object) -> object:
        asked.update(given)
        raise ConnectionError(f"Illegal header value {given['headers']!r}")

    monkeypatch.setenv("ASSAY_CHROMA_TOKEN", " hush-hush\n")
    monkeypatch.setattr("chromadb.HttpClient", client)
    with pytest.raises(LibraryError, match="Illegal header value") as failed:
        SharedVectors("http://127.0.0.1:9/base").version()
    assert asked["host"] == "http://127.0.0.1:9/base"
    assert "hush-hush" not in str(failed.value)
    assert asked["headers"] == {
        "Authorization": "Bearer hush-hush",
        "X-Chroma-Token": "hush-hush",
    }


@pytest.mark.parametrize("token", ["hush hush", "hush\x00hush", "hushé", "hush\nhush"])
def test_a_token_that_no_header_takes_is_refused_unseen(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_server, "environ", {"ASSAY_CHROMA_TOKEN": token})
    with pytest.raises(UsageError, match="ASSAY_CHROMA_TOKEN") as refused:
        SharedVectors("http://127.0.0.1:9").version()
    assert "hush" not in f"{refused.value} {refused.value.todo}"


def test_a_chroma_server_behind_a_path_is_asked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{proxy.server_port}/base"
        runs_in_python(url)
        with pytest.raises(LibraryError, match="cannot be used"):
            SharedVectors(url).version()
        proxy.shutdown()
    assert len(asked) >= 2
    assert all(path.startswith("/base/api/v2/") for path in asked)


def test_a_chroma_server_is_only_for_a_library_on_a_server(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_library(tmp_path / "library", 1)
    named = assay("sources", "verify", "--library", folder, "--chroma-url", "http://c:8000")
    assert (named.code, "is a folder" in named.err) == (2, True)
    monkeypatch.setenv("ASSAY_CHROMA_URL", "http://c:8000")  # for whichever needs one
    assert assay("sources", "verify", "--library", folder).code == 0
