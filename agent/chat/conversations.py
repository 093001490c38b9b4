"""Conversations, kept as plain JSON with the library: `conversations/ID.json`, one file each.

Those over a snapshot are in the user's data: nothing is written into it.
"""

from __future__ import annotations

import logging
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from agent.ask import Answer, Citation
from agent.chat.turns import Turn, shown
from agent.errors import InputError, UsageError
from agent.report import write_atomically
from agent.report.wording import REPUTATIONS, one_line
from agent.types import Data
from tools.library.snapshots import work_folder

ID = re.compile(r"d-[0-9a-f]{24}")
TURNS_MOST = 200
"""Of one conversation; a longer one is another."""
_TITLE_MOST = 120
_log = logging.getLogger(__name__)


class Conversation(Data):
    """What was asked and answered, oldest first."""

    schema_version: Literal["1"] = "1"
    id: str
    created_at: str
    """ISO 8601, UTC."""
    updated_at: str
    title: str
    """The beginning of the first question."""
    report: str | None = None
    """The report that it is about: the id of a check, or the path that the user named."""
    turns: list[Turn] = Field(default_factory=list)


class ConversationLine(Data):
    """A conversation in a list."""

    id: str
    title: str
    created_at: str
    updated_at: str
    turns: int


class Conversations:
    """The conversations of a library.

    Args:
        library: its folder.
    """

    def __init__(self, library: Path) -> None:
        self._folder = work_folder(library) / "conversations"

    def start(self, report: str | None = None) -> Conversation:
        """A new conversation; nothing is written before its first answer."""
        now = _now()
        return Conversation(
            id=f"d-{secrets.token_hex(12)}",
            created_at=now,
            updated_at=now,
            title="",
            report=report,
        )

    def add(self, conversation: Conversation, question: str, answer: Answer) -> Conversation:
        """The conversation with one more answer; it is on the disk when this returns.

        An answer that another question brought meanwhile is kept, too.

        Raises:
            UsageError: it is full, cannot be written, or was deleted meanwhile.
        """
        if conversation.turns:
            known = self.get(conversation.id)
            conversation = conversation.model_copy(update={"turns": known.turns})
        self.admit(conversation)
        now = _now()
        turn = Turn(question=question, asked_at=now, answer=answer)
        longer = conversation.model_copy(
            update={
                "updated_at": now,
                "title": conversation.title or one_line(question)[:_TITLE_MOST],
                "turns": [*conversation.turns, turn],
            }
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path(longer.id), longer.model_dump_json(indent=2) + "\n")
        return longer

    def admit(self, conversation: Conversation) -> None:
        """Raises `UsageError` where a conversation takes no further question."""
        if len(conversation.turns) >= TURNS_MOST:
            raise UsageError(f"the conversation has {TURNS_MOST} questions", "Begin another one")

    def get(self, conversation_id: str) -> Conversation:
        """A conversation by its id.

        Raises:
            UsageError: there is none.
            InputError: its file cannot be read.
        """
        path = self._path(conversation_id)
        try:
            return Conversation.model_validate_json(path.read_text("utf-8"))
        except FileNotFoundError:
            raise _missing() from None
        except (OSError, ValueError) as error:
            raise InputError(
                f"the conversation {conversation_id} cannot be read", "Begin another one"
            ) from error

    def all(self) -> list[ConversationLine]:
        """Every conversation that can be read, the latest first."""
        lines = []
        for path in self._folder.glob("d-*.json") if self._folder.is_dir() else ():
            try:
                conversation = Conversation.model_validate_json(path.read_text("utf-8"))
            except (OSError, ValidationError, UnicodeError) as error:
                _log.warning("the conversation %s is left out: %s", path.stem, type(error).__name__)
                continue
            known = conversation.model_dump(include={"id", "title", "created_at", "updated_at"})
            lines.append(ConversationLine(**known, turns=len(conversation.turns)))
        return sorted(lines, key=lambda line: (line.updated_at, line.id), reverse=True)

    def delete(self, conversation_id: str) -> None:
        """Forgets a conversation.

        Raises:
            UsageError: there is none.
        """
        try:
            self._path(conversation_id).unlink()
        except FileNotFoundError:
            raise _missing() from None

    def _path(self, conversation_id: str) -> Path:
        if not ID.fullmatch(conversation_id):
            raise _missing()
        return self._folder / f"{conversation_id}.json"


def to_markdown(conversation: Conversation) -> str:
    """A conversation for people, with its citations under each answer."""
    lines = [f"# {_plain(conversation.title) or 'Conversation'}", ""]
    for turn in conversation.turns:
        answer = turn.answer
        lines += [f"## {_plain(turn.question)}", ""]
        for sentence in shown(answer):
            numbers = "".join(f"[{number}]" for number in sentence.citations)
            mark = MARKS.get(sentence.status, "")
            parts = (_plain(sentence.text), numbers, f"*({mark})*" if mark else "")
            lines.append(" ".join(part for part in parts if part) + "  ")
        if answer.explanation and answer.status != "not_said":
            lines += ["", _plain(answer.explanation)]
        lines.append("")
        for number, citation in enumerate(answer.citations, 1):
            lines.append(f"{number}. “{_plain(citation.quote)}” {_plain(credit(citation))}")
        lines += [""] * bool(answer.citations)
    return "\n".join(lines).rstrip() + "\n"


MARKS = {
    "unsupported": "not supported by what it cites",
    "uncited": "cites no passage",
    "disputed": "the passages cited disagree",
}
"""What is put beside a sentence that a model wrote, by its status."""


def credit(citation: Citation) -> str:
    """Who said it, when, in one line."""
    parts = (citation.publisher, citation.title, citation.published_at, citation.source_id)
    said = [one_line(part) for part in parts if part]
    return " · ".join([*said, *filter(None, [REPUTATIONS.get(citation.reputation)])])


def _plain(text: str) -> str:
    """One line in which Markdown and HTML mean nothing."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", one_line(text))


def _missing() -> UsageError:
    return UsageError("there is no such conversation", "See them with: assay chat --list")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
