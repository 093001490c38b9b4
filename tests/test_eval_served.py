"""The comparison of a library on servers with the one in a folder, on a small one."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.types import Document
from evals.performance import served
from tests.servers import PASSWORD, chroma_server, postgres_server
from tools.library import Addition, Library
from tools.models.embedder import MiniLMEmbedder

pytestmark = pytest.mark.scale

TOWNS = ("Varnholm", "Lindhaven", "Skarra", "Tallis")


def test_what_is_brought_to_servers_is_found_there_as_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [
        f"Short. In May the council of {town} voted to close its old ferry pier." for town in TOWNS
    ]
    with Library.open(tmp_path / "library", MiniLMEmbedder(), create=True) as library:
        library.add_all([Addition(Document(text=text, language="en")) for text in texts])
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with postgres_server() as postgres, chroma_server(tmp_path / "chroma") as chroma:
        address = postgres.make_database().replace(f":{PASSWORD}", "")
        arguments = [str(tmp_path / "library"), address, "--chroma-url", chroma]
        monkeypatch.setattr("sys.argv", ["served", *arguments])
        served.main()
    printed = capsys.readouterr().out
    assert "4 claims, 4 passages of 4 sources" in printed
    assert printed.count("4.0 of 10 passages the same, the first of 4") == 3
