"""How often one account of an event is held against the others: a slice of the trial."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import InputError
from evals.evidence import outlets

ACCOUNTS = (
    "A freight train left the rails at Orlen on Monday evening. The line carried 4,200 tonnes of "
    "grain in 2023.",
    "Orlen woke to a blocked railway on Tuesday, after a goods train had come off the track. Buses "
    "will run until Thursday.",
    "The railway at Orlen has seen better days. In 2023 the line carried 3,100 tonnes of grain.",
)


def test_only_what_excludes_one_another_is_called_conflicting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    file, out = tmp_path / "news.jsonl", tmp_path / "out.json"
    file.write_text("\n".join(json.dumps({"text": text}) for text in ACCOUNTS), encoding="utf-8")
    outlets.main([str(file), "--every", "1", "--json", str(out)])
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["texts"], told["conflicting"]) == (3, 2)
    assert "4,200 tonnes against 3,100 tonnes" in capsys.readouterr().out
    outlets.main([str(file), "--every", "2", "--from", "1", "--json", str(out)])
    told = json.loads(out.read_text(encoding="utf-8"))
    assert (told["texts"], told.get("conflicting", 0)) == (1, 0), "the second text alone"


def test_a_file_without_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"body": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match="no JSON Lines"):
        outlets.texts_of(tmp_path / "odd.jsonl")
    with pytest.raises(SystemExit) as ended:
        outlets.main([str(tmp_path / "none.jsonl")])
    assert ended.value.code == InputError.exit_code


def test_a_text_may_hold_other_ends_of_lines(tmp_path: Path) -> None:
    (tmp_path / "news.jsonl").write_text('{"text": "It\u2028rained."}\n', encoding="utf-8")
    assert outlets.texts_of(tmp_path / "news.jsonl") == ["It\u2028rained."]
