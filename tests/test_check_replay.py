"""`assay check --record` and `--replay`: the same report without network, key and library."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import prompts
from agent.cli import main
from agent.errors import UsageError
from agent.gateway.cassette import Mode, recording
from agent.gateway.cassette_file import sealed
from agent.types import Document
from tests.conftest import BRIDGE, Assay, Result, answers
from tests.fake_embedder import WordEmbedder
from tests.model_server import ModelServer, error
from tools.library import Library

KEY = "sk-test-93b1f06e7d2c"


def on_tape(
    assay: Assay, library: Path, cassette: Path, mode: Mode, url: str, *more: str
) -> Result:
    return assay(
        "check", BRIDGE, "--library", library, "--model", "openai:judge-1", "--base-url", url,
        "--cassette", cassette, f"--{mode}", *more,
    )  # fmt: skip


def test_a_recorded_report_is_made_again_without_network_and_key(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cassette = tmp_path / "run.cassette.json"
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with ModelServer(answers("bridge")) as server:
        url = server.url
        recorded = on_tape(assay, word_library, cassette, "record", url, "--json")
    assert recorded.code == 0
    assert {seen.headers["authorization"] for seen in server.requests} == {f"Bearer {KEY}"}
    assert KEY not in cassette.read_text("utf-8")
    monkeypatch.delenv("OPENAI_API_KEY")
    replayed = on_tape(assay, word_library, cassette, "replay", url, "--json")
    assert replayed.code == 0
    assert replayed.out == recorded.out
    assert "not asked for" not in replayed.err
    # The journal took no part: it would have kept answers from the cassette.
    assert not (word_library / "journal.sqlite").exists()


def test_recorded_answers_that_were_not_asked_for_are_told(
    assay: Assay, word_library: Path, tmp_path: Path, on_file: Recorded
) -> None:
    cassette, url = tmp_path / "more.json", on_file[1]
    document = json.loads(on_file[0].read_text("utf-8"))
    document["interactions"].append(document["interactions"][0])
    cassette.write_text(json.dumps(sealed(document)))
    more = on_tape(assay, word_library, cassette, "replay", url)
    assert more.code == 0
    assert "1 recorded answers" in more.err


@pytest.fixture(scope="module")
def on_file(
    word_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, dict[str, bytes]]:
    """A recorded check: the cassette, the server's address, and the reports by suffix."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as patch, ModelServer(answers("bridge")) as server:
        patch.setattr("tools.models.embedder.MiniLMEmbedder", WordEmbedder)
        patch.setattr("agent.check.MiniLMEmbedder", WordEmbedder)
        with pytest.raises(SystemExit) as ended:
            main(check_arguments(word_template, folder / "c.json", "record", server.url, folder))
        assert ended.value.code == 0
        return folder / "c.json", server.url, reports(folder)


def check_arguments(library: Path, cassette: Path, mode: Mode, url: str, out: Path) -> list[str]:
    formats = [f"--format={name}" for name in ("json", "html", "markdown", "terminal")]
    return [
        "check", str(BRIDGE), "--library", str(library), "--model", "openai:judge-1",
        "--base-url", url, "--cassette", str(cassette), f"--{mode}", *formats,
        "--out", str(out / "report.json"),
    ]  # fmt: skip


def reports(folder: Path) -> dict[str, bytes]:
    return {path.suffix: path.read_bytes() for path in folder.glob("report.*")}


Recorded = tuple[Path, str, dict[str, bytes]]


def test_a_replay_writes_the_recorded_report_byte_for_byte_in_every_format(
    assay: Assay, word_library: Path, tmp_path: Path, on_file: Recorded
) -> None:
    cassette, url, recorded = on_file
    result = assay(*check_arguments(word_library, cassette, "replay", url, tmp_path))
    assert result.code == 0, result.err
    assert set(recorded) == {".json", ".html", ".md", ".txt"}
    assert reports(tmp_path) == recorded


def test_a_replay_with_another_library_names_what_differs_in_it(
    assay: Assay, word_library: Path, on_file: Recorded
) -> None:
    cassette, url, _ = on_file
    with Library.open(word_library, WordEmbedder(), write=True) as library:
        new = library.add(Document(text="In Ardenholm a clock was mended.", title="New")).source
        gone = library.sources()[0].id
        library.remove(gone)
    result = on_tape(assay, word_library, cassette, "replay", url)
    assert result.code == 6
    assert f"1 added ({new.id}), 1 removed ({gone})" in result.message


def test_a_replay_with_other_particulars_of_the_article_names_what_differs(
    assay: Assay, word_library: Path, on_file: Recorded
) -> None:
    cassette, url, _ = on_file
    # The prompt shows the title; the address is only in the report.
    titled = on_tape(assay, word_library, cassette, "replay", url, "--title", "Another title")
    assert "message 2.content, line" in titled.message and "Another title" in titled.message
    placed = on_tape(
        assay, word_library, cassette, "replay", url, "--url", "https://paper.example/bridge"
    )
    assert placed.code == 6
    assert "another report than was recorded (other: article)" in placed.message


def test_a_replay_with_a_changed_prompt_names_it_and_the_line(
    assay: Assay, word_library: Path, on_file: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    cassette, url, _ = on_file
    load = prompts.load

    def changed(name: str) -> prompts.Prompt:
        prompt = load(name)
        if name != "rate_claim":
            return prompt
        return replace(prompt, system=prompt.system + "\nBe strict.", version="1" * 64)

    monkeypatch.setattr(prompts, "load", changed)
    result = on_tape(assay, word_library, cassette, "replay", url)
    assert result.code == 6
    assert "the prompt rate_claim differs" in result.message
    assert "message 1.content, line" in result.message and "Be strict." in result.message


def test_a_replay_needs_no_library_where_the_cassette_carries_it(
    assay: Assay, word_library: Path, tmp_path: Path, on_file: Recorded
) -> None:
    shutil.rmtree(word_library)
    cassette, url, recorded = on_file
    result = assay(*check_arguments(word_library, cassette, "replay", url, tmp_path))
    assert result.code == 0, result.err
    assert reports(tmp_path) == recorded
    assert "that in the cassette is used" in result.err
    assert not word_library.exists()


def test_a_replay_without_a_library_that_is_not_carried_says_which_one_is_needed(
    assay: Assay, tmp_path: Path, on_file: Recorded
) -> None:
    document = json.loads(on_file[0].read_text("utf-8"))
    document["run"]["library"] = None
    cassette = tmp_path / "lean.json"
    cassette.write_text(json.dumps(sealed(document)), "utf-8")
    result = on_tape(assay, tmp_path / "nowhere", cassette, "replay", on_file[1])
    assert result.code == 4
    assert "recorded with one of 3 sources (fingerprint " in result.message
    assert "sources export" in result.message


def test_an_edited_cassette_cannot_be_replayed(
    assay: Assay, word_library: Path, tmp_path: Path, on_file: Recorded
) -> None:
    edited = tmp_path / "edited.json"
    edited.write_text(on_file[0].read_text("utf-8").replace("supports", "contradicts"), "utf-8")
    result = on_tape(assay, word_library, edited, "replay", on_file[1])
    assert result.code == 3
    assert "changed or cut after it was recorded" in result.message


def test_a_cassette_is_never_recorded_over_and_never_left_half_made(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    cassette = tmp_path / "run.cassette.json"
    with ModelServer(forever=error(401)) as server:
        assert on_tape(assay, word_library, cassette, "record", server.url).code == 6
        assert not cassette.exists()
        cassette.write_text("mine")
        result = on_tape(assay, word_library, cassette, "record", server.url)
        assert len(server.requests) == 1
    assert result.code == 2
    assert "never recorded over" in result.message
    assert cassette.read_text() == "mine"
    with pytest.raises(UsageError), recording(cassette, "record"):
        pass
