"""The server of a library: who may read and write, and what becomes of one that is lost."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.errors import (
    LibraryError,
    LibraryMissing,
    UsageError,
)
from tests.conftest import ROOT
from tests.fake_embedder import WordEmbedder
from tests.libraries import document, make_library
from tests.servers import PASSWORD, PostgresServer, postgres_server
from tools.library import Addition, Library, postgres
from tools.library.address import local_folder, password_for, server_of
from tools.library.postgres import Postgres
from tools.library.retrieval import retrieve

pytestmark = pytest.mark.scale

QUESTION = "Ada Berg on the night bus, item 7"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


@pytest.fixture
def address(server: PostgresServer) -> str:
    """Of an empty database."""
    return server.make_database()


def test_who_may_only_read_checks_and_who_may_write_need_be_no_superuser(
    server: PostgresServer,
) -> None:
    import psycopg

    whole = server.make_database()
    name = whole.rpartition("/")[2]
    with psycopg.connect(whole, autocommit=True) as connection:
        for line in (
            "CREATE SCHEMA news",
            "CREATE ROLE ada LOGIN PASSWORD 'a-secret'",
            "CREATE ROLE ben LOGIN PASSWORD 'b-secret'",
            "GRANT ALL ON SCHEMA news TO ada",
            "GRANT USAGE ON SCHEMA news TO ben",
            "ALTER DEFAULT PRIVILEGES FOR ROLE ada IN SCHEMA news GRANT SELECT ON TABLES TO ben",
        ):
            connection.execute(line.encode())
    at = f"127.0.0.1:{server.port}/{name}?options=-csearch_path%3Dnews"
    make_library(local_folder(f"postgresql://ada:a-secret@{at}"), 8)
    notices: list[str] = []
    ben = partial(Library.open, f"postgresql://ben:b-secret@{at}", on_notice=notices.append)
    with ben(WordEmbedder()) as library:
        assert len(retrieve(library, QUESTION)) == 8
    assert notices == []
    with Library.open(f"postgresql://ada:a-secret@{at}", WordEmbedder(), write=True) as adding:
        added = adding.add(document(9)).source.id
        with ben(WordEmbedder()) as library:  # before the new source is in its group
            assert len(retrieve(library, QUESTION)) == 9
            assert library.source(added).origin == added
            assert library.verify() == []
    assert notices == ["sources were added that are in no group yet: each counts on its own"]
    library = Library.open(f"postgresql://ben:b-secret@{at}", WordEmbedder(), write=True)
    with library, pytest.raises(LibraryError, match="permission denied"):
        library.add(document(30))


def test_a_connection_that_is_lost_ends_in_an_error_and_in_nothing_half_written(
    server: PostgresServer, address: str
) -> None:
    import psycopg

    make_library(local_folder(address), 3)

    class Cut(WordEmbedder):
        """Loses its connection as the text is embedded."""

        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (address.rpartition("/")[2],),
                )
            return super().embed(texts)

    library = Library.open(address, Cut(), write=True)
    with pytest.raises(LibraryError, match="cannot be used"):
        library.add(document(5))
    for _ in range(2):
        with pytest.raises(LibraryError, match="was lost"):
            library.state()
    with pytest.raises(LibraryError, match="was lost"):
        library.close()
    with Library.open(address, WordEmbedder()) as again:
        assert again.state().sources == 3
        assert again.verify() == []


def test_a_server_that_does_not_answer_is_named_and_no_source_is_lost(
    server: PostgresServer, address: str
) -> None:
    with pytest.raises(LibraryMissing, match="no library at postgresql://assay@"):
        Library.open(address, WordEmbedder())
    started = time.monotonic()
    with pytest.raises(LibraryError, match="cannot be used"):
        Library.open(f"postgresql://assay@127.0.0.1:{server.port + 1}/x", WordEmbedder())
    assert time.monotonic() - started < 5
    gone = local_folder(address, "http://127.0.0.1:9")
    notices: list[str] = []
    with Library.open(gone, WordEmbedder(), create=True, on_notice=notices.append) as library:
        library.add_all([Addition(document(number)) for number in range(3)])
    (told,) = notices
    assert told.startswith("the sources are kept, and the search index is behind: the Chroma")
    with (
        Library.open(gone, WordEmbedder()) as library,
        pytest.raises(LibraryError, match=r"Chroma server .* cannot be used"),
    ):
        retrieve(library, QUESTION)
    with Library.open(address, WordEmbedder()) as library:
        assert library.state().sources == 3
        with pytest.raises(UsageError, match="assay sources pull"):
            library.snapshot(library.path / "snapshot")


def test_the_commands_of_the_manual_let_writers_write_and_readers_read(
    server: PostgresServer,
) -> None:
    import psycopg

    manual = (ROOT / "docs" / "team.md").read_text("utf-8").partition("## Setting up")[2]
    blocks = re.findall(r"```sh\n(.*?)```", manual.partition("\n## ")[0], re.DOTALL)
    assert [block.count("createuser --pwprompt ") for block in blocks] == [1, 1]
    given = os.environ | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": "assay",
        "PGPASSWORD": PASSWORD,
    }
    # Nobody is there to type a password.
    script = "set -e\n" + "".join(blocks).replace(" --pwprompt", "").replace(" ada", " eva")
    subprocess.run(["sh", "-c", script.replace(" ben", " bob")], env=given, check=True, timeout=60)
    with psycopg.connect(server.address("newsroom"), autocommit=True) as connection:
        for name in ("eva", "bob"):
            connection.execute(f"ALTER ROLE {name} PASSWORD 'a-secret'".encode())
    at = f"127.0.0.1:{server.port}/newsroom"
    make_library(local_folder(f"postgresql://eva:a-secret@{at}"), 8)
    with Library.open(f"postgresql://bob:a-secret@{at}", WordEmbedder()) as library:
        assert len(retrieve(library, QUESTION)) == 8
    library = Library.open(f"postgresql://bob:a-secret@{at}", WordEmbedder(), write=True)
    with library, pytest.raises(LibraryError, match="permission denied") as refused:
        library.add(document(30))
    assert "Setting up" in refused.value.todo


def test_the_first_fault_is_told_and_an_old_server_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect() -> Postgres:
        folder = local_folder(address)
        known = server_of(folder)
        assert known is not None
        return Postgres(known, password_for(folder))

    first, second = connect(), connect()
    with (
        pytest.raises(LibraryError, match="division by zero"),
        first.transaction(),
        first.alone(7),
    ):
        first.execute("SELECT 1 / 0")
    first.close()
    with second.alone(7):  # let go of by who failed
        second.close()
    monkeypatch.setattr(postgres, "LEAST_VERSION", 99)
    with pytest.raises(LibraryError, match=r"is on PostgreSQL \d+, which is too old"):
        connect()
