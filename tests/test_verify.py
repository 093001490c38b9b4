"""The judge alone: one line out for each line in, in the same order, whatever a line holds."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import ModelUnavailable, UsageError
from agent.rate.judge import EmbeddedJudge
from agent.types import VERDICTS
from agent.verify import verify
from tests.conftest import ANSWERS, Assay
from tests.model_server import ModelServer, error

BRIDGE = {
    "id": "b1",
    "claim": "The Tallis Bridge was opened in May 2024.",
    "evidence": ["The Tallis Bridge was opened in May 2024 by Mayor Ada Berg."],
}
OTHER = {
    "id": "b2",
    "claim": "The Tallis Bridge cost 12 million euros.",
    "evidence": ["Officials say that the Tallis Bridge cost 15 million euros."],
}
UNKNOWN = {
    "id": "b3",
    "claim": "The Tallis Bridge has a bus lane.",
    "evidence": ["A ticket for the night bus to Orrel is two euros."],
}
LABELS = ["supported", "conflicting", "unverifiable"]


async def rate(*lines: object, model: str = "embedded", base_url: str | None = None) -> list[Any]:
    """Results of the lines; what is no text yet is written as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return [result async for result in verify(texts, model, base_url=base_url)]


@pytest.fixture(autouse=True, scope="module")
def _one_judge() -> Any:
    """Loads the judge once for all tests."""
    judge = EmbeddedJudge()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agent.verify.EmbeddedJudge", lambda: judge)
        yield


def assert_rated(result: dict[str, Any]) -> None:
    assert list(result) == ["id", "label", "confidence", "probabilities"]
    assert list(result["probabilities"]) == list(VERDICTS)
    values = result["probabilities"].values()
    assert all(0 <= value <= 1 for value in values)
    assert sum(values) == pytest.approx(1, abs=1e-5)
    assert result["confidence"] == max(values) == result["probabilities"][result["label"]]


# --- good lines ---------------------------------------------------------------------------


async def test_passages_of_a_line_are_read_as_one_text_and_complete_each_other() -> None:
    both = ["The Tallis Bridge cost 15 million euros.", "Mayor Ada Berg opened the Tallis Bridge."]
    pair = {"id": "b4", "claim": "Ada Berg opened the Tallis Bridge, which cost 15 million euros."}
    apart, whole = await rate({**pair, "evidence": both}, {**pair, "evidence": ["\n".join(both)]})
    assert apart == whole


async def test_a_pair_gets_a_label_with_probabilities_that_sum_to_one() -> None:
    results = await rate(BRIDGE, OTHER, UNKNOWN)
    for result in results:
        assert_rated(result)
    assert [(r["id"], r["label"]) for r in results] == list(
        zip(["b1", "b2", "b3"], LABELS, strict=True)
    )


async def test_a_result_depends_on_its_line_alone_and_the_order_is_kept() -> None:
    alone = [(await rate(line))[0] for line in (BRIDGE, OTHER, UNKNOWN)]
    many = await rate(*[BRIDGE, "no JSON", OTHER, "", UNKNOWN] * 15)  # more than one batch
    bad = {"id": None, "error": {"kind": "bad_input", "message": "the line is not JSON"}}
    assert many == [alone[0], bad, alone[1], alone[2]] * 15


async def test_an_id_comes_back_as_it_came_and_other_fields_are_ignored() -> None:
    ids = ["", "ä\u0000", 7, -1, 10**30]
    lines = [{**BRIDGE, "id": id_, "label": "conflicting", "extra": [1]} for id_ in ids]
    assert [result["id"] for result in await rate(*lines)] == ids


async def test_the_same_id_twice_is_rated_twice() -> None:
    assert [r["label"] for r in await rate(BRIDGE, {**OTHER, "id": "b1"})] == LABELS[:2]


@pytest.mark.parametrize("evidence", [[], [""], ["  ", "\n"]])
async def test_without_evidence_nothing_can_be_verified(evidence: list[str]) -> None:
    (result,) = await rate({**BRIDGE, "evidence": evidence})
    assert_rated(result)
    assert (result["label"], result["confidence"]) == ("unverifiable", 1)


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_the_passage_that_decides_may_stand_anywhere_in_long_evidence(place: int) -> None:
    filler = "The council also spoke about the night bus and the fish market. " * 40
    evidence = [filler, filler]
    evidence.insert(place, BRIDGE["evidence"][0])
    (result,) = await rate({**BRIDGE, "evidence": evidence})
    assert result["label"] == "supported"
    (joined,) = await rate({**BRIDGE, "evidence": [" ".join(evidence)]})
    assert joined["label"] == "supported"


async def test_any_script_can_be_rated() -> None:
    lines = [
        {"id": "zh", "claim": "大桥于五月开放。", "evidence": ["这座桥于2024年5月开放。"]},
        {"id": "ar", "claim": "افتتح الجسر في مايو", "evidence": ["افتتح الجسر في مايو 2024"]},
        {"id": "😀", "claim": "The 🌉 opened in May.", "evidence": ["🌉" * 3000 + " opened"]},
    ]
    for line, result in zip(lines, await rate(*lines), strict=True):
        assert_rated(result)
        assert result["id"] == line["id"]


# --- bad lines ----------------------------------------------------------------------------

BAD: list[tuple[object, object, str]] = [
    ("no JSON", None, "not JSON"),
    ('{"id": "a"', None, "not JSON"),
    ("[" * 100_000, None, "not JSON"),
    ('{"id": ' + "9" * 5000 + ', "claim": "x", "evidence": []}', None, "not JSON"),
    ("[1, 2]", None, "not a JSON object"),
    ('"text"', None, "not a JSON object"),
    ({"id": "a"}, "a", "claim: field required"),
    ({"id": "a", "claim": "x"}, "a", "evidence: field required"),
    ({"claim": "x", "evidence": []}, None, "id: field required"),
    ({"id": None, "claim": "x", "evidence": []}, None, "id: "),
    ({"id": 1.5, "claim": "x", "evidence": []}, None, "id: "),
    ({"id": True, "claim": "x", "evidence": []}, None, "id: "),
    ({"id": 3, "claim": 3, "evidence": []}, 3, "claim: "),
    ({"id": "a", "claim": "x", "evidence": "text"}, "a", "evidence: "),
    ({"id": "a", "claim": "x", "evidence": ["y", None]}, "a", "evidence.1: "),
    ({"id": "a", "claim": "x", "evidence": [{"text": "y"}]}, "a", "evidence.0: "),
    ({"id": "a", "claim": "", "evidence": []}, "a", "no words"),
    ({"id": "a", "claim": " … !", "evidence": ["y"]}, "a", "no words"),
    ({"id": "a", "claim": "word " * 2000, "evidence": ["y"]}, "a", "5,000 characters"),
    ({"id": "a", "claim": "half \ud800", "evidence": []}, "a", "surrogate"),
    ({"id": "a", "claim": "x", "evidence": ["\udfff"]}, "a", "surrogate"),
    ({"id": "\ud800", "claim": "x", "evidence": []}, "?", "surrogate"),
    ('{"id": "a", "claim": "x", "evidence": ["' + "y" * 4_000_000 + '"]}', None, "4,000,000"),
]


@pytest.mark.parametrize(("line", "id_", "told"), BAD, ids=[str(bad[0])[:50] for bad in BAD])
async def test_a_bad_line_becomes_an_error_and_the_others_are_rated(
    line: object, id_: object, told: str
) -> None:
    before, result, after = await rate(BRIDGE, line, OTHER)
    assert list(result) == ["id", "error"]
    assert result["id"] == id_
    assert result["error"]["kind"] == "bad_input"
    assert told in result["error"]["message"]
    json.dumps(result, ensure_ascii=False).encode()  # it can be written
    assert (before["label"], after["label"]) == ("supported", "conflicting")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "claim": json_values | st.text(max_size=40),
        "evidence": json_values | st.lists(st.text(max_size=40), max_size=3),
    },
)


@settings(max_examples=60)
@given(st.lists(objects.map(json.dumps) | st.text(max_size=40), max_size=6))
def test_every_line_that_is_not_blank_has_one_result(lines: list[str]) -> None:
    results = asyncio.run(rate(*lines))
    assert len(results) == sum(bool(line.strip()) for line in lines)
    for result in results:
        json.dumps(result, ensure_ascii=False).encode()
        if "error" not in result:
            assert_rated(result)


# --- with a language model ----------------------------------------------------------------


def stance(*stances: str, quote: str = "The") -> dict[str, Any]:
    """The answer that gives these stances to the passages, in order."""
    decided = [
        {"passage": number, "stance": name, "quote": quote, "certainty": "high"}
        for number, name in enumerate(stances, 1)
        if name != "neutral"
    ]
    neutral = [number for number, name in enumerate(stances, 1) if name == "neutral"]
    return {"explanation": "so it is", "decided": decided, "close": [], "neutral": neutral}


def entry(line: dict[str, Any], answer: object) -> dict[str, Any]:
    return {"contains": [f"<claim>\n{line['claim']}\n</claim>"], "answer": answer}


async def test_a_language_model_rates_lines_and_fails_only_its_own() -> None:
    two = {**UNKNOWN, "evidence": [*UNKNOWN["evidence"], "", "The bus lane is closed."]}
    entries = [
        entry(BRIDGE, stance("supports")),
        entry(OTHER, stance("contradicts", quote="not in the passage")),
        entry(UNKNOWN, stance("neutral", "neutral")),
    ]
    lines = (BRIDGE, OTHER, two, {**BRIDGE, "id": "none", "evidence": []}, "no JSON")
    with ModelServer(entries) as server:
        results = await rate(*lines, model="openai:judge-1", base_url=server.url)
    rated, failed, unknown, none, bad = results
    for result in (rated, unknown, none):
        assert_rated(result)
    assert (rated["label"], rated["confidence"]) == ("supported", 0.95)
    assert (unknown["label"], none["label"]) == ("unverifiable", "unverifiable")
    assert (failed["id"], failed["error"]["kind"]) == ("b2", "bad_quote")
    assert bad["error"]["kind"] == "bad_input"
    assert len(server.requests) == 1 + 2 + 1  # a repair; nothing is asked without evidence


async def test_a_wrong_key_stops_at_once() -> None:
    with ModelServer(forever=error(401)) as server:
        with pytest.raises(ModelUnavailable):
            await rate(*[BRIDGE] * 40, model="openai:judge-1", base_url=server.url)
        assert len(server.requests) == 1


async def test_a_name_that_is_no_model_is_refused() -> None:
    with pytest.raises(UsageError):
        await rate(BRIDGE, model="judge")


# --- the command --------------------------------------------------------------------------


def write(path: Path, *lines: object, before: bytes = b"") -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes(before + "".join(f"{text}\n" for text in texts).encode())
    return path


def read(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_command_prints_json_lines_and_nothing_else(assay: Assay, tmp_path: Path) -> None:
    result = assay("verify", write(tmp_path / "p.jsonl", BRIDGE, "", OTHER))
    assert result.code == 0
    assert [r["label"] for r in read(result.out)] == LABELS[:2]
    assert result.err
    assert assay("verify", tmp_path / "p.jsonl", "--quiet").err == ""


def test_lines_that_cannot_be_rated_give_exit_code_5_and_keep_their_place(
    assay: Assay, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    result = assay("verify", write(tmp_path / "p.jsonl", "no JSON", BRIDGE), "--out", out)
    assert (result.code, result.out) == (5, "")
    assert "1 line could not be rated" in result.err
    bad, good = read(out.read_text("utf-8"))
    assert "error" in bad
    assert good["label"] == "supported"


def test_lines_may_come_from_standard_input_with_a_byte_order_mark_and_bad_bytes(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "p.jsonl", BRIDGE, before=b"\xef\xbb\xbf")
    path.write_bytes(path.read_bytes() + b'\n{"id": "x\xff", "claim": "A bridge.", "evidence": []}')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    piped = assay("verify", "-")
    assert piped.code == 0
    assert [r["id"] for r in read(piped.out)] == ["b1", "x\N{REPLACEMENT CHARACTER}"]
    assert assay("verify", path).out == piped.out


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", "empty.jsonl", "blank.jsonl"])
def test_a_file_without_lines_cannot_be_read(assay: Assay, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "blank.jsonl").write_text("\n \n")
    result = assay("verify", tmp_path / name)
    assert (result.code, result.out) == (3, "")
    assert name in result.message


@pytest.mark.skipif(os.name != "posix", reason="permissions differ")
def test_a_place_that_cannot_be_written_to_is_refused_before_the_work(
    assay: Assay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> Sequence[object]:
        raise AssertionError("rated in vain")

    monkeypatch.setattr("agent.verify.verify", never)
    pairs = write(tmp_path / "p.jsonl", BRIDGE)
    for out in (tmp_path, tmp_path / "none" / "out.jsonl"):
        assert assay("verify", pairs, "--out", out).code == 2


@pytest.mark.usefixtures("no_waiting")
def test_a_model_that_refuses_the_key_gives_exit_code_6(assay: Assay, tmp_path: Path) -> None:
    with ModelServer(forever=error(401)) as server:
        asked = ("--model", "openai:judge-1", "--base-url", server.url)
        result = assay("verify", write(tmp_path / "p.jsonl", BRIDGE), *asked)
    assert (result.code, result.out) == (6, "")
    assert result.message


def test_a_scripted_model_rates_as_well(assay: Assay, tmp_path: Path) -> None:
    passages = [
        "Officials say that the crossing at Tallis cost 15 million euros.",
        "The night bus to Orrel runs every hour.",
        "It cost 12 million euros.",
    ]
    line = {
        "id": "s",
        "claim": "Building the Tallis Bridge cost 12 million euros.",
        "evidence": passages,
    }
    script = f"scripted:{ANSWERS / 'bridge.json'}"
    result = assay("verify", write(tmp_path / "p.jsonl", line), "--model", script)
    assert [(r["id"], r["label"]) for r in read(result.out)] == [("s", "conflicting")]
