"""One question of a conversation: what it is answered with, and what is told on the way.

    question ─▶ a language model with the tools ─▶ each sentence checked ─▶ answer
             ─▶ or, without one, quotes

Whoever asks is told of each step as it is taken, and of each sentence once it has been compared
with what it cites: a sentence that is shown has been checked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from agent.ask import NOT_SAID, Answer, AnswerSentence
from agent.chat.checking import Backed, unmarked, written
from agent.chat.quoted import quoted
from agent.chat.tools import OpenLibrary, Tools
from agent.errors import LibraryEmpty, UsageError
from agent.rate import Rater
from agent.selection import Selection
from agent.types import Data, Report

if TYPE_CHECKING:
    from agent.rate.judge import EmbeddedJudge

EMBEDDED, CASCADE = "embedded", "cascade:"
QUESTION_MOST = 2000
"""Characters of a question."""
_BACKED = ("supported", "disputed")
_REMEMBERED = 10
"""Earlier questions, with their answers, that a model is shown."""


class Turn(Data):
    """A question and its answer."""

    question: str
    asked_at: str
    """ISO 8601, UTC."""
    answer: Answer


class Event(Data):
    """News of an answer under way."""

    event: Literal["step", "citation", "sentence"]
    """`step`: a tool is called. `citation`: a passage that sentences after it cite. `sentence`: a
    part of the answer, checked."""
    data: dict[str, Any] = Field(default_factory=dict)


Tell = Callable[[Event], None]


class Chat:
    """Answers questions over one library. Holds no conversation: `conversations.py` does.

    Args:
        folder: of the library.
        open_library: gives the library, open for reading; it is let go after each use.
        model: `embedded`, or as `--model` names a language model.
        base_url: address of an OpenAI-compatible server.
        rater: gives what holds statements against passages, for one event loop; default the
            embedded judge.
        min_origins: independent origins that it takes to support a statement.

    Raises:
        UsageError: the model's name cannot be meant.
        ModelUnavailable: there is no key for it.
    """

    def __init__(
        self,
        folder: Path,
        open_library: OpenLibrary,
        *,
        model: str = EMBEDDED,
        base_url: str | None = None,
        rater: Callable[[], Rater] | None = None,
        min_origins: int = 1,
    ) -> None:
        self.model = model.removeprefix(CASCADE)  # the judge compares its sentences anyway
        self._folder = folder
        self._open = open_library
        self._base_url = base_url
        self._min_origins = min_origins
        self.rater = rater or self._embedded_rater
        self._judge: EmbeddedJudge | None = None
        self._loading = threading.Lock()
        if self.model == EMBEDDED and base_url:
            raise UsageError(
                "a base URL was given, but without a language model no server is asked",
                "Name the model that the server has: --model openai:MODEL",
            )

    async def answer(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        report: Report | None = None,
        selection: Selection | None = None,
        tell: Tell = lambda _: None,
    ) -> Answer:
        """Answers one question.

        Args:
            question: at most `QUESTION_MOST` characters.
            history: what was asked before; only a language model reads it.
            report: the report that is open.
            selection: which sources are searched, without a language model.
            tell: told of steps, citations and sentences, in the thread of this event loop.

        Raises:
            UsageError: the question is empty, too long, or (without a model) not in English; or
                sources are narrowed for a language model, which searches all of them.
            LibraryError: the library is missing, empty, locked or damaged.
            ClaimFailed, ModelUnavailable: the model gave no answer; that is never one.
        """
        # A lone surrogate, as a terminal gives for bytes that are no text, fits into no file.
        text = " ".join(question.encode("utf-8", "replace").decode().split())
        if not any(character.isalnum() for character in text):
            raise UsageError("the question is empty", "Ask one: When did it open?")
        if len(text) > QUESTION_MOST:
            raise UsageError(
                f"the question is longer than {QUESTION_MOST} characters", "Ask for less at once"
            )
        wanted = selection or Selection(min_origins=self._min_origins)
        if self.model == EMBEDDED:
            return await self._quoted(text, bool(history), report, wanted, tell)
        if selection and selection.options:
            named = " and ".join(selection.options)
            raise UsageError(
                f"{named}: sources are chosen for questions to the library without a model",
                "Leave that out, or the model, which searches the whole library",
            )
        return await self._composed(text, history, report, wanted.min_origins, tell)

    async def _quoted(
        self,
        question: str,
        follows: bool,
        report: Report | None,
        selection: Selection,
        tell: Tell,
    ) -> Answer:
        with self._open() as library:
            answer = await quoted(
                question,
                library,
                self.rater(),
                report=report,
                follows=follows,
                selection=selection,
            )
        for number in range(1, len(answer.citations) + 1):
            tell(_citation(answer, number))
        for sentence in shown(answer):
            tell(_sentence(sentence))
        return answer

    async def _composed(
        self,
        question: str,
        history: Sequence[Turn],
        report: Report | None,
        min_origins: int,
        tell: Tell,
    ) -> Answer:
        from agent.chat.model import compose, open_chat

        with self._open() as library:
            searched = library.state().sources
        if not searched:
            raise LibraryEmpty(
                f"the library {self._folder} has no source to answer from",
                "Add sources: assay sources add PATH",
            )
        rater = self.rater()
        tools = Tools(
            self._folder,
            self._open,
            lambda: rater,
            report=report,
            min_origins=min_origins,
        )
        provider = open_chat(self.model, self._base_url)
        try:
            text = await compose(
                question,
                _about(searched, report),
                [(t.question, unmarked(t.answer.text)) for t in history[-_REMEMBERED:]],
                tools,
                provider,
                lambda name, arguments: tell(_step(name, arguments)),
            )
        finally:
            if provider.close:
                await provider.close()
        backed = Backed(tools.excerpts, rater)
        answer = Answer(
            question=question,
            status="not_said",
            text=NOT_SAID,
            method="model",
            model=self.model,
            sources_searched=searched,
        )
        sentences: list[AnswerSentence] = []
        dropped = told = 0
        for piece in written(text):
            sentence = await backed.check(piece)
            if sentence is None:
                dropped += 1
                continue
            answer = answer.model_copy(update={"citations": list(backed.citations)})
            for number in range(told + 1, len(answer.citations) + 1):
                tell(_citation(answer, number))
            told = len(answer.citations)
            sentences.append(sentence)
            tell(_sentence(sentence))
        answer = _put_together(answer, sentences, dropped)
        if not sentences:
            tell(_sentence(AnswerSentence(text=NOT_SAID, status="not_said")))
        return answer

    def load(self) -> None:
        """Loads the embedded judge now, so that the first question need not wait for it."""
        if self.rater == self._embedded_rater:
            self._embedded_judge()

    def _embedded_rater(self) -> Rater:
        """A rater belongs to one event loop; the judge, which is slow to load, is kept."""
        from agent.rate.embedded import EmbeddedRater

        return EmbeddedRater(self._embedded_judge())

    def _embedded_judge(self) -> EmbeddedJudge:
        from agent.rate.judge import EmbeddedJudge

        with self._loading:
            self._judge = self._judge or EmbeddedJudge()
            return self._judge


def shown(answer: Answer) -> list[AnswerSentence]:
    """The sentences of an answer of either kind, in the order in which they are read."""
    if answer.sentences:
        return answer.sentences
    quotes = [
        AnswerSentence(text=citation.quote, citations=[number], status="quoted")
        for number, citation in enumerate(answer.citations, 1)
    ]
    if answer.status == "not_said":
        text = f"{answer.text} {answer.explanation}".strip()
        return [AnswerSentence(text=text, status="not_said"), *quotes]
    return quotes


def _put_together(answer: Answer, sentences: list[AnswerSentence], dropped: int) -> Answer:
    """The answer with its sentences; its text has those that stand.

    Where no sentence is backed by a passage the library does not say, though what the model
    wrote is there to be read.
    """
    backed = any(sentence.status in _BACKED for sentence in sentences)
    notes = []
    if dropped:
        what = "1 sentence was" if dropped == 1 else f"{dropped} sentences were"
        notes.append(f"{what} left out: the passages cited contradict what the model wrote.")
    if sentences and not backed and any(s.status != "not_said" for s in sentences):
        notes.append("No sentence that the model wrote is backed by a passage.")
    update: dict[str, Any] = {
        "sentences": sentences,
        "dropped": dropped,
        "explanation": " ".join(notes),
    }
    if backed:
        kept = [s for s in sentences if s.status in _BACKED or s.status == "not_said"]
        text = " ".join(_marked(sentence) for sentence in kept)
        disputed = any(sentence.status == "disputed" for sentence in sentences)
        update |= {"status": "answered", "text": text, "disagreement": disputed}
    return answer.model_copy(update=update)


def _marked(sentence: AnswerSentence) -> str:
    numbers = "".join(f" [{number}]" for number in sentence.citations)
    if sentence.text[-1:] in ".!?…":
        return f"{sentence.text[:-1]}{numbers}{sentence.text[-1]}"
    return f"{sentence.text}{numbers}"


def _about(sources: int, report: Report | None) -> str:
    about = f"a library of {sources} source{'s' * (sources != 1)}"
    if report is None:
        return f"{about}; no report is open"
    title = f" on “{' '.join(report.article.title.split())}”" if report.article.title else ""
    return f"{about}; the user has opened a report{title} with {len(report.claims)} claims"


def _step(tool: str, arguments: Any) -> Event:
    return Event(event="step", data={"tool": tool, "arguments": dict(arguments)})


def _citation(answer: Answer, number: int) -> Event:
    data = answer.citations[number - 1].model_dump(mode="json")
    return Event(event="citation", data={"number": number, **data})


def _sentence(sentence: AnswerSentence) -> Event:
    return Event(event="sentence", data=sentence.model_dump(mode="json"))
