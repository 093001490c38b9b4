"""A model's answers: read strictly, asked for by a schema, or taken from a script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agent.errors import ModelError, UsageError
from agent.gateway.answers import AnswerProblem, answer_schema, read_answer
from agent.gateway.journal import Journal
from agent.gateway.opening import open_model
from tests.questions import (
    GOOD,
    OK,
    Quote,
    Verdict,
    Waits,
    question,
    quotes_are_there,
)

# --- reading answers ----------------------------------------------------------------------


@given(st.text())
def test_any_text_is_an_answer_or_a_problem(text: str) -> None:
    try:
        read_answer(text, Verdict)
    except AnswerProblem as problem:
        assert problem.kind == "bad_reply" and problem.message


def test_a_field_that_a_model_invents_cannot_reach_a_terminal_raw() -> None:
    with pytest.raises(AnswerProblem) as refused:
        read_answer(OK[:-1] + r', "\u001b[2J\u202e": 1}', Verdict)
    assert refused.value.message.isprintable()


@given(
    st.builds(
        Verdict,
        claim_id=st.text(),
        verdict=st.sampled_from(["supported", "conflicting", "unverifiable"]),
        confidence=st.floats(0, 1),
        quotes=st.lists(st.builds(Quote, passage=st.integers(1, 9), text=st.text()), max_size=2),
        rationale=st.none() | st.text(),
    )
)
def test_every_good_answer_is_read_as_it_was_written(answer: Verdict) -> None:
    assert read_answer(answer.model_dump_json(), Verdict) == answer
    assert read_answer(json.dumps(answer.model_dump()), Verdict) == answer


def test_a_strict_schema_requires_every_property_and_allows_no_other() -> None:
    asked = answer_schema(Verdict)
    assert asked["strict"] is True
    properties = asked["schema"]["properties"]
    for node in (asked["schema"], properties["quotes"]["items"]):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
    assert "default" not in json.dumps(asked)


def test_a_schema_says_nothing_twice_and_keeps_every_field() -> None:
    class Titled(BaseModel):
        """What it is."""

        title: str = Field(description="of the work")
        description: str
        first: Quote
        others: list[Quote]
        told: Verdict

    schema = answer_schema(Titled)["schema"]
    assert list(schema["properties"]) == ["title", "description", "first", "others", "told"]
    assert schema["properties"]["title"] == {"type": "string"}
    assert "description" not in schema
    # A type that is named more than once keeps its name.
    assert list(schema["$defs"]) == ["Quote"]
    assert schema["properties"]["first"] == {"$ref": "#/$defs/Quote"}
    assert schema["properties"]["told"]["properties"]["verdict"]["type"] == "string"


def test_a_type_that_contains_itself_keeps_its_name() -> None:
    class Node(BaseModel):
        inner: list[Node]

    Node.model_rebuild(_types_namespace={"Node": Node})
    schema = answer_schema(Node)["schema"]
    assert schema["$defs"]["Node"]["properties"]["inner"]["items"] == {"$ref": "#/$defs/Node"}


def test_a_type_with_free_keys_is_asked_for_without_strictness() -> None:
    class Free(BaseModel):
        first: dict[str, int]
        second: Quote

    asked = answer_schema(Free)
    assert asked["strict"] is False
    assert asked["schema"]["required"] == ["first", "second"]


# --- the scripted model -------------------------------------------------------------------


def script(path: Path, *entries: dict[str, Any]) -> str:
    file = path / "script.json"
    file.write_text(json.dumps({"answers": entries}), encoding="utf-8")
    return f"scripted:{file}"


async def scripted(path: Path, *entries: dict[str, Any]) -> Verdict:
    async with open_model(script(path, *entries), sleep=Waits()) as model:
        return await model.answer(question(), Verdict, check=quotes_are_there)


async def test_the_first_fitting_entry_of_a_script_answers(tmp_path: Path) -> None:
    answer = await scripted(
        tmp_path,
        {"prompt": "extract_claims", "answer": "wrong prompt"},
        {"prompt": "rate_claim", "contains": ["no such text"], "answer": "wrong text"},
        {"prompt": "rate_claim", "contains": ["ferry", "1,204"], "answer": GOOD},
        {"prompt": "rate_claim", "answer": "too late"},
    )
    assert answer.verdict == "supported"


@pytest.mark.parametrize(
    "entry",
    [
        {"fault": {"status": 429, "retry_after": 1}},
        {"fault": {"network": "refused"}},
        {"fault": {"network": "reset"}},
        {"fault": {"network": "timeout"}},
        {"answer": "no JSON"},
        {"answer": "{", "finish_reason": "length"},
    ],
)
async def test_a_scripted_fault_is_met_like_a_real_one(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    once = {"prompt": "rate_claim", "times": 1} | entry
    answer = await scripted(tmp_path, once, {"prompt": "rate_claim", "answer": GOOD})
    assert answer.verdict == "supported"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"prompt": "other", "answer": {}}, "no_script"),
        ({"prompt": "rate_claim", "refusal": "No."}, "refusal"),
        ({"prompt": "rate_claim", "fault": {"status": 401}}, "auth"),
        ({"prompt": "rate_claim", "fault": {"status": 429, "code": "billing"}}, "quota"),
    ],
)
async def test_a_script_can_fail(entry: dict[str, Any], kind: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as failed:
        await scripted(tmp_path, entry)
    assert failed.value.kind == kind
    if kind == "no_script":
        assert "rate_claim" in str(failed.value) and "Claim: 1,204" in str(failed.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"answers": [{}]}',
        '{"answers": [{"prompt": "p"}]}',
        '{"answers": [{"prompt": "p", "answer": {}, "refusal": "x"}]}',
        '{"answers": [{"prompt": "p", "answer": {}, "contain": ["typing mistake"]}]}',
        '{"answers": [{"prompt": "p", "answer": {}, "times": 0}]}',
        '{"answers": [{"prompt": "p", "fault": {"status": 200}}]}',
        '{"answers": [{"prompt": "p", "fault": {}}]}',
    ],
)
def test_a_wrong_script_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="script"):
        open_model(f"scripted:{file}")


def test_a_missing_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        open_model(f"scripted:{tmp_path / 'none.json'}")


async def test_an_edited_script_is_not_answered_from_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite") as journal:
        for verdict in ("supported", "conflicting"):
            entry = {"prompt": "rate_claim", "answer": GOOD | {"verdict": verdict}}
            async with open_model(script(tmp_path, entry), journal=journal) as model:
                assert (await model.answer(question(), Verdict)).verdict == verdict
