"""Prompts are loaded strictly, filled in once, and what fills them stays data."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from agent.chat import model as chat_model
from agent.claims import model as claims_model
from agent.claims.verifying import Extraction, Verifier
from agent.errors import PromptError
from agent.rate import model as rate_model
from agent.types import Article, ClaimKind, ExclusionReason

TEXT = "# System\nYou rate.\n# User\n<claim>\n{{claim}}\n</claim> on {{ day }}\n"
SHIPPED = sorted(
    f.name.removesuffix(".md") for f in files(prompts).iterdir() if f.name.endswith(".md")
)


def test_a_prompt_has_two_sections_and_its_variables() -> None:
    prompt = prompts.parse("test", TEXT)
    assert prompt.system == "You rate."
    assert prompt.variables == {"claim", "day"}
    rendered = prompt.render(claim="It rains.", day="Monday")
    assert rendered.user == "<claim>\nIt rains.\n</claim> on Monday"
    assert (rendered.name, rendered.version) == ("test", hashlib.sha256(TEXT.encode()).hexdigest())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "You rate.",
        "# System\nonly",
        "# User\nx\n# System\ny\n",
        "Before\n# System\nx\n# User\ny\n",
        "# System\n\n# User\ny\n",
        "# System\nx\n# User\n \n",
        "# System\nx {{Claim}}\n# User\ny\n",
        "# System\nx {{ a b }}\n# User\ny\n",
        "# System\nx {{a\n# User\ny\n",
        "# System\nx a}}\n# User\ny\n",
    ],
)
def test_a_malformed_file_is_refused(text: str) -> None:
    with pytest.raises(PromptError):
        prompts.parse("test", text)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"claim": "x"},
        {"claim": "x", "day": "y", "more": "z"},
        {"claim": "x", "dy": "y"},
        {"claim": "x", "day": 3},
        {"claim": "x", "day": None},
    ],
)
def test_variables_are_exactly_those_of_the_file_and_text(values: dict[str, str]) -> None:
    with pytest.raises(PromptError):
        prompts.parse("test", TEXT).render(**values)


@given(st.text(), st.text())
def test_a_value_is_filled_in_as_it_stands(claim: str, day: str) -> None:
    rendered = prompts.parse("test", TEXT).render(claim=claim, day=day)
    assert rendered.user == f"<claim>\n{claim}\n</claim> on {day}"


def test_a_value_brings_in_no_variable_of_its_own() -> None:
    rendered = prompts.parse("test", TEXT).render(claim="{{day}} \\1 \\g<0>", day="{{claim}}")
    assert rendered.user == "<claim>\n{{day}} \\1 \\g<0>\n</claim> on {{claim}}"


@given(st.text(st.one_of(st.sampled_from("</>claim"), st.characters())))
def test_data_cannot_close_what_delimits_it(text: str) -> None:
    safe = prompts.as_data(text)
    assert "<" not in safe
    assert ">" not in safe
    assert len(safe) == len(text)


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_the_version_changes_with_any_character_of_the_file(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    try:
        version = prompts.parse("test", changed).version
    except (PromptError, UnicodeEncodeError):
        return
    assert (version == prompts.parse("test", TEXT).version) == (changed == TEXT)


@pytest.mark.parametrize(
    "name", ["nothing", "", "../rate_claim", "rate_claim.md", "Rate", "a/b", "a\n"]
)
def test_other_files_are_not_loaded(name: str) -> None:
    with pytest.raises(PromptError):
        prompts.load(name)


def test_every_prompt_that_ships_is_used() -> None:
    assert sorted([chat_model.PROMPT, claims_model.PROMPT, rate_model.PROMPT]) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_prompt_says_that_its_input_is_data_within_tags(name: str) -> None:
    prompt = prompts.load(name)
    assert prompt.variables
    assert "instructions" in prompt.system
    assert "data" in prompt.system
    values = {variable: f"[value of {variable}]" for variable in prompt.variables}
    user = prompt.render(**values).user
    for tag in re.findall(r"</(\w+)>", user):
        assert re.search(rf"<{tag}>\n(?:\[value of \w+\])\n</{tag}>", user), tag


def article_of(example: prompts.Example) -> tuple[Article, dict[int, tuple[int, int]]]:
    """The article that an example shows, and the places of its numbered sentences."""
    about, *lines = example.given.split("\n")
    known = about.removeprefix("About the article: ")
    facts = dict(part.split(": ", 1) for part in known.split("; ") if ": " in part)
    text, places = "", {}
    for line in lines:
        number = re.match(r"\[(\d+)\] ", line)
        if number:
            sentence = line[number.end() :]
            places[int(number[1])] = (len(text), len(text) + len(sentence))
            text += sentence + " "
        else:
            assert line == ""
            text += "\n\n"
    title, day = facts.get("title"), facts.get("published")
    article = Article(id="a-0", text=text, title=title, published_at=day, language="en")
    return article, places


EXAMPLES = prompts.load("extract_claims").examples["extract_claims"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.shows)
def test_the_answer_of_an_example_stands_every_check_as_it_is(example: prompts.Example) -> None:
    article, places = article_of(example)
    answer = Extraction.model_validate(example.answer)
    verified = Verifier(article).verify(answer, places)
    assert verified.faults == {}
    assert len(verified.claims) == len(answer.claims)
    assert len(verified.excluded) == len(answer.excluded)
    kept = {(claim.text, claim.kind, tuple(claim.context_added)) for claim in verified.claims}
    assert kept == {(c.text, c.kind, tuple(c.context_added)) for c in answer.claims}


def test_the_examples_show_every_kind_and_every_reason() -> None:
    answers = [Extraction.model_validate(example.answer) for example in EXAMPLES]
    kinds = {claim.kind for answer in answers for claim in answer.claims}
    reasons = {item.reason for answer in answers for item in answer.excluded}
    assert kinds == set(get_args(ClaimKind))
    assert reasons == set(get_args(ExclusionReason)) - {"duplicate"}
    assert any(claim.unclear for answer in answers for claim in answer.claims)


EXAMPLE = '[{"shows": "a brace", "given": ["{{day}}", "[1] x"], "answer": {"a": {"b": 1}}}]'
WITH_EXAMPLE = "# System\n{{examples:some}}\n# User\n{{ day }}\n"


def test_examples_are_filled_in_as_they_stand_and_count_for_the_version() -> None:
    prompt = prompts.parse("test", WITH_EXAMPLE, {"some": EXAMPLE})
    assert prompt.variables == {"day"}
    rendered = prompt.render(day="Monday")
    assert rendered.system == 'Example (a brace).\n{{day}}\n[1] x\nAnswer:\n{"a": {"b": 1}}'
    assert rendered.user == "Monday"
    other = prompts.parse("test", WITH_EXAMPLE, {"some": EXAMPLE.replace("1}", "2}")})
    assert other.version != prompt.version
    assert prompt.version != hashlib.sha256(WITH_EXAMPLE.encode()).hexdigest()


@pytest.mark.parametrize(
    "examples",
    [
        {},
        {"some": EXAMPLE, "more": EXAMPLE},
        {"some": "[]"},
        {"some": "no JSON"},
        {"some": "[" * 100_000},
        {"some": "[3]"},
        {"some": '{"shows": "x"}'},
        {"some": '[{"shows": "x", "given": "line", "answer": {}}]'},
        {"some": '[{"shows": "x", "given": [1], "answer": {}}]'},
        {"some": '[{"shows": "x", "given": ["line"], "answer": "y"}]'},
        {"some": '[{"shows": 1, "given": ["line"], "answer": {}}]'},
        {"some": '[{"shows": "x", "given": ["line"], "answer": {}, "more": 1}]'},
    ],
)
def test_examples_are_exactly_those_of_the_file_and_whole(examples: dict[str, str]) -> None:
    with pytest.raises(PromptError):
        prompts.parse("test", WITH_EXAMPLE, examples)


def example_answer(name: str) -> tuple[str, dict[str, object]]:
    """The example's input, and its answer as data."""
    system = prompts.load(name).system
    example = system[system.index("Example.") :]
    given_text, _, answer = example.partition("\nAnswer:\n")
    return given_text, json.loads(answer)


def test_the_example_of_rating_is_a_valid_answer() -> None:
    given_text, answer = example_answer("rate_claim")
    rating = rate_model.Rating.model_validate(answer)
    passages = re.findall(r"^\[\d+\] (.+)$", given_text, re.M)
    assert sorted(rating.passages) == list(range(1, len(passages) + 1))
    assert {item.stance for item in rating.decided} == {"supports", "contradicts"}
    assert rating.neutral
    for item in rating.decided:
        assert item.quote in passages[item.passage - 1]
