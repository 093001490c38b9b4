"""The address of a library on a server: what it may be, and that its password is never shown."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import LibraryDamaged, UsageError
from tests.conftest import Assay
from tests.libraries import make_library
from tools.library.address import (
    is_address,
    local_folder,
    password_for,
    place_of,
    server_of,
    shown,
)
from tools.library.chroma_server import SharedVectors

# The letter at either end keeps them from being a part of what an address says otherwise.
PASSWORDS = st.text(alphabet=st.characters(categories=["L", "N"])).map("Ω{}Ω".format)


@settings(deadline=None)
@given(PASSWORDS, st.sampled_from(["postgresql", "postgres"]))
def test_a_password_is_kept_for_this_process_and_stands_in_no_file_and_no_message(
    password: str, scheme: str
) -> None:
    for address in (
        f"{scheme}://ada:{quote(password)}@db.example:5433/news?sslmode=require",
        f"{scheme}://ada@db.example:5433/news?sslmode=require&password={quote(password)}",
    ):
        folder = local_folder(address)
        assert password_for(folder) == password
        assert place_of(folder) == "postgresql://ada@db.example:5433/news?sslmode=require"
        assert quote(password) not in shown(address)
        assert [password in path.read_text("utf-8") for path in folder.iterdir()] == [False]


@pytest.mark.parametrize(
    "place", ["library", "C:/library", "a/postgresql/b", "https://db.example/news", "."]
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
        ("postgresql://ada:secret@db.example:x/news", None, "is no address"),
        ("postgresql://ada@[::1/news", None, "is no address"),
        ("postgresql://ada@db.example/news", "chroma:8000", "no address of a Chroma server"),
        ("postgresql://ada@db.example/news", "http://u:secret@chroma", "ASSAY_CHROMA_TOKEN"),
        ("library", "http://chroma:8000", "is a folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(place: str, chroma: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        local_folder(place, chroma)
    assert "secret" not in str(refused.value)


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
        raise ConnectionError("refused")

    monkeypatch.setenv("ASSAY_CHROMA_TOKEN", "hush-hush")
    monkeypatch.setattr("chromadb.HttpClient", client)
    with pytest.raises(Exception, match="ASSAY_CHROMA_TOKEN") as failed:
        SharedVectors("http://127.0.0.1:9").version()
    assert "hush-hush" not in str(failed.value)
    assert asked["headers"] == {
        "Authorization": "Bearer hush-hush",
        "X-Chroma-Token": "hush-hush",
    }


def test_a_chroma_server_is_only_for_a_library_on_a_server(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_library(tmp_path / "library", 1)
    named = assay("sources", "verify", "--library", folder, "--chroma-url", "http://c:8000")
    assert (named.code, "is a folder" in named.err) == (2, True)
    monkeypatch.setenv("ASSAY_CHROMA_URL", "http://c:8000")  # for whichever needs one
    assert assay("sources", "verify", "--library", folder).code == 0
