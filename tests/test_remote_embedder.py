"""The embedder behind an address: its vectors are checked, and never mixed with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.check import FactChecker
from agent.errors import EmbedderMismatch, ModelUnavailable, UsageError
from agent.types import Document
from tests.conftest import Assay
from tests.model_server import Fault, ModelServer, embeddings, error
from tests.sample_report import sample_report
from tools.library import Library
from tools.library.retrieval import retrieve
from tools.models import remote
from tools.models.embedder import MiniLMEmbedder, embedder_named
from tools.models.remote import OpenAIEmbedder


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_FIRST_WAIT", 0.01)


def embedder(server: ModelServer, key: str = "a-key-of-tests") -> OpenAIEmbedder:
    return OpenAIEmbedder("words", base_url=server.url, api_key=key)


def test_vectors_have_unit_length_and_the_order_of_the_texts() -> None:
    texts = [f"bridge {'toll ' * number}" for number in range(300)]
    with ModelServer() as server:
        vectors = embedder(server).embed([*texts, ""])
        assert len(server.requests) == 3
        assert server.requests[0].headers["authorization"] == "Bearer a-key-of-tests"
    assert vectors.shape == (301, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    raw = np.array([item["embedding"] for item in embeddings(texts)["data"]])
    np.testing.assert_allclose(vectors[:300] @ vectors[0], raw @ raw[0] / (
        np.linalg.norm(raw, axis=1) * np.linalg.norm(raw[0])
    ), atol=1e-5)  # fmt: skip


def test_a_key_is_stripped_and_one_that_no_request_can_carry_is_refused() -> None:
    with ModelServer() as server:
        embedder(server, " a-key-of-tests\n").embed(["a"])
        assert server.requests[0].headers["authorization"] == "Bearer a-key-of-tests"
        with pytest.raises(ModelUnavailable, match="line break") as caught:
            embedder(server, "a-key\nof-tests")
    assert caught.value.kind == "auth" and "of-tests" not in str(caught.value)


def test_a_key_that_a_server_repeats_is_not_shown_where_its_words_are_cut() -> None:
    said = "word " * 36 + "a-key-of-tests"
    with ModelServer(forever=error(401, said)) as server:
        with pytest.raises(ModelUnavailable) as caught:
            embedder(server).embed(["a"])
        assert "a-key" not in str(caught.value)


def test_the_dimension_is_asked_once() -> None:
    with ModelServer() as server:
        asked = embedder(server)
        assert (asked.dimension, asked.dimension) == (16, 16)
        assert asked.embed([]).shape == (0, 16)
        assert len(server.requests) == 1


def test_passing_faults_are_asked_again_and_others_are_not() -> None:
    passing = [error(429, retry_after="0"), error(503), Fault("reset")]
    with ModelServer(faults=passing) as server:
        assert embedder(server).embed(["a"]).shape == (1, 16)
        assert len(server.requests) == 4
    for status, kind in ((401, "auth"), (404, "server")):
        with ModelServer(forever=error(status, "a-key-of-tests is wrong")) as server:
            with pytest.raises(ModelUnavailable, match=str(status)) as caught:
                embedder(server).embed(["a"])
            assert len(server.requests) == 1
            assert caught.value.kind == kind
            assert "a-key-of-tests" not in str(caught.value)
    with ModelServer(forever=error(500)) as server:
        with pytest.raises(ModelUnavailable, match="500"):
            embedder(server).embed(["a"])
        assert len(server.requests) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"data": []},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 1, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": [0.0, 0.0]}]},
        {"data": [{"index": 0, "embedding": ["x"]}]},
        {"data": None},
        [],
        "no JSON",
    ],
)
def test_an_answer_that_is_no_vector_is_refused(body: object) -> None:
    with (
        ModelServer(forever=Fault(body=body)) as server,  # type: ignore[arg-type]
        pytest.raises(ModelUnavailable, match="no usable vectors"),
    ):
        embedder(server).embed(["a"])


def test_a_library_is_never_searched_by_another_embedder(tmp_path: Path) -> None:
    with ModelServer() as server:
        with Library.open(tmp_path, embedder(server), create=True) as library:
            library.add(Document(text="The bridge over the Orr was closed on Monday."))
            library.add(Document(text="Wheat prices fell by a tenth in the north."))
        with Library.open(tmp_path, embedder(server)) as library:
            assert "bridge" in retrieve(library, "the bridge was closed")[0].passage.text
    with pytest.raises(EmbedderMismatch, match="openai:words, not with all-MiniLM"):
        Library.open(tmp_path, MiniLMEmbedder())


def test_without_its_embedder_a_library_can_be_looked_at(tmp_path: Path) -> None:
    with ModelServer() as server, Library.open(tmp_path, embedder(server), create=True) as library:
        library.add(Document(text="The bridge over the Orr was closed on Monday."))
    with Library.open(tmp_path, None) as library:
        assert len(library.sources()) == 1
        assert library.verify() == []
        with pytest.raises(UsageError, match="use --embedder openai:words"):
            retrieve(library, "the bridge")


def test_an_embedder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for name in (None, "", "embedded"):
        assert embedder_named(name).id == MiniLMEmbedder.id
    for name, wrong in (("openai:", "names no model"), ("x", "no embedder x")):
        with pytest.raises(UsageError, match=wrong):
            embedder_named(name)
    with pytest.raises(UsageError, match="OPENAI_API_KEY is not set"):
        embedder_named("openai:text-embedding-3-small")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert embedder_named("openai:text-embedding-3-small").id == "openai:text-embedding-3-small"


def test_the_command_line_takes_it_and_refuses_to_mix(
    tmp_path: Path, assay: Assay, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "bridge.txt"
    text.write_text("The bridge over the Orr was closed on Monday.", encoding="utf-8")
    at = ("--library", tmp_path / "library")
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert assay("sources", "add", text, *at, "--embedder", "openai:words").code == 0
        asked = assay("ask", "When was the bridge closed?", *at, "--embedder", "openai:words")
        assert asked.code == 0
        sent = len(server.requests)
        assert assay("sources", "list", *at).code == 0
        refused = assay("ask", "When was the bridge closed?", *at)
        assert refused.code == 4
        assert "use --embedder openai:words" in refused.err
        monkeypatch.setattr("agent.cli.doctor._judge", lambda: iter(["works"]))
        looked = assay("doctor", *at, "--offline", "--embedder", "openai:words")
        assert "openai:words can be asked; nothing was sent" in looked.out
        assert len(server.requests) == sent
        assert (
            "openai:words, 16 dimensions, answers"
            in assay("doctor", *at, "--embedder", "openai:words").out
        )


def test_doctor_says_with_which_embedder_a_library_was_built(
    tmp_path: Path, assay: Assay, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other_check in ("_embedder", "_judge"):
        monkeypatch.setattr(f"agent.cli.doctor.{other_check}", lambda *_: iter(["works"]))
    with ModelServer() as server, Library.open(tmp_path, embedder(server), create=True) as library:
        library.add(Document(text="The bridge over the Orr was closed on Monday."))
    well = assay("doctor", "--library", tmp_path)
    assert well.code == 0
    assert "Its vectors are of openai:words: name it with --embedder" in well.out
    other = assay("doctor", "--library", tmp_path, "--embedder", "embedded")
    assert other.code == 1
    assert "was built with the embedder openai:words" in other.out


def test_the_demo_takes_another_embedder(
    tmp_path: Path, assay: Assay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FactChecker, "check", lambda *_, **__: sample_report())
    example = tmp_path / "example"
    (example / "sources").mkdir(parents=True)
    (example / "sources" / "bridge.txt").write_text("The bridge over the Orr was closed on Monday.")
    monkeypatch.setattr("agent.cli.demo._example", lambda: example)
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert assay("demo", "--out", tmp_path / "demo", "--embedder", "openai:words").code == 0
    with Library.open(tmp_path / "demo" / "library", None) as library:
        assert library.embedder.id == "openai:words"
