"""One question to a language model, and the messages that it is asked with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agent.gateway.asking import Api
    from prompts import Rendered

AnswerForm = Literal["json_schema", "json_object", "text"]
"""How a server is told what an answer looks like: by the schema, by its wish for some JSON
object, or not at all. In the last two cases the schema stands in the prompt."""


@dataclass
class Question:
    """One call of `LanguageModel.answer` on its way."""

    prompt: Rendered
    key: str
    """What its answer is kept under, as `agent.gateway.keeping.key_of`."""
    schema: dict[str, Any]
    """As `agent.gateway.answers.answer_schema`."""
    turns: list[tuple[str, str]] = field(default_factory=list)
    """Answers that could not be used, each with what was wrong."""
    max_tokens: int | None = None
    """Asked for after an answer was cut short."""
    most: int | None = None
    """Tokens that the answer may have within a budget."""
    requests: int = 0
    schema_unseen: bool = False
    """Whether an answer showed that the model does not see the schema sent along."""


def answer_form(question: Question, form: AnswerForm, api: Api) -> dict[str, Any]:
    """What is added to the body of a request to say what its answer looks like."""
    if form == "text":
        return {}
    if api == "responses":
        schema = question.schema if form == "json_schema" else {}
        return {"text": {"format": {"type": form, **schema}}}
    if form == "json_object":
        return {"response_format": {"type": form}}
    return {"response_format": {"type": form, "json_schema": question.schema}}


def messages_of(question: Question, form: AnswerForm) -> list[BaseMessage]:
    """The prompt, the schema where it cannot be sent along, and answers to be repaired.

    What does not differ between questions stands first, so that prompt caches hit.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    system = question.prompt.system
    if form != "json_schema" or question.schema_unseen:
        schema = json.dumps(question.schema["schema"], ensure_ascii=False)
        system += f"\n\nAnswer with one JSON object of this schema and nothing else:\n{schema}"
    messages: list[BaseMessage] = [
        SystemMessage(system),
        # Additional keywords stay on this side; the scripted model reads the name.
        HumanMessage(question.prompt.user, additional_kwargs={"prompt": question.prompt.name}),
    ]
    for answer, problem in question.turns:
        # Servers refuse an empty turn.
        messages.append(AIMessage(answer or "(no answer)"))
        messages.append(
            HumanMessage(
                f"This answer cannot be used: {problem}. Answer the question again, with one "
                "JSON object of the schema given and nothing else."
            )
        )
    return messages
