"""Targets that read files: each reader, in this process, and what the gateway keeps."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

from agent.errors import InputError, ModelUnavailable, PromptError, UsageError
from evals.fuzzing import seeds
from evals.fuzzing.target import require
from tools import readers
from tools.readers import isolation, parsing
from tools.readers.documents import Parsed, Refused


def reader(suffix: str) -> Callable[[bytes], None]:
    """Tries the reader of files with such a name."""
    return partial(_read, name=f"a{suffix}")


def _read(data: bytes, *, name: str) -> None:
    """Documents are normalised, what a file says of itself is single lines, spans are inside."""
    with patch.object(readers, "parse_apart", _parse_here):
        try:
            for item in readers.read_bytes_all(data, name):
                if isinstance(item, Refused):
                    require(item.what.isprintable(), "a refusal moves the cursor")
                    continue
                require(item.text == readers.normalise(item.text) != "", "a text is not normal")
                for said in (item.title, item.author, item.publisher, item.url, item.published_at):
                    require(said is None or said.isprintable(), "metadata are no single line")
                for warning in item.warnings:
                    inside = all(0 <= a <= b <= len(item.text) for a, b in warning.spans)
                    require(inside, "a warning points outside of the text")
        except InputError as error:
            require(bool(error.what) and "\n" not in error.what, "an error does not say why")


def _parse_here(
    data: bytes, name: str, shown: str, columns: Mapping[str, str] | None = None
) -> Iterator[Parsed | Refused]:
    """As `parse_apart`, by the same steps, without the child process."""
    for item in parsing.parse(data, name, shown, columns):
        record = json.dumps(isolation._record(item))
        yield isolation._item(json.loads(record), shown)


def prompts(data: bytes) -> None:
    """A prompt file is a prompt or a `PromptError`; values are filled in and nothing else."""
    from prompts import parse

    text, _, examples = seeds.texts_of(data).encode("utf-8", "replace").decode().partition("\0")
    try:
        prompt = parse("a", text, {"one": examples} if examples else None)
    except PromptError:
        return
    value = "{{claim}} {{examples:one}}"
    rendered = prompt.render(**dict.fromkeys(prompt.variables, value))
    kept = rendered.system + rendered.user
    require(kept.count(value) >= len(prompt.variables), "a value was read as a template")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def journal(data: bytes) -> None:
    """A journal gives an answer as it was put, or none; a damaged file is put aside."""
    from agent.gateway.journal import Journal

    with tempfile.TemporaryDirectory(dir=_folder().name) as folder:
        path = Path(folder) / "journal.sqlite"
        path.write_bytes(data)
        try:
            with Journal(path, notify=lambda _: None) as kept:
                for number in range(3):
                    entry = kept.get(f"{number:064x}")
                    whole = entry is None or entry.answer == f'{{"answer":{number}}}'
                    require(whole, "an answer is not as it was put")
        except (UsageError, ModelUnavailable):
            return


def cassette(data: bytes) -> None:
    """A cassette is read as it was sealed, or refused."""
    from agent.gateway import cassette_file

    path = Path(_folder().name) / "cassette.json"
    path.write_bytes(data)
    try:
        content = cassette_file.read(path)
    except InputError:
        return
    require(content == cassette_file.sealed(content), "an unsealed cassette is read")
    for interaction in content["interactions"]:
        cassette_file.bytes_of(interaction["response"])


def report(data: bytes) -> None:
    """A report that was written is read again, or refused; a claim is found or is none."""
    from agent.chat.reports import claim_of, read_report

    path = Path(_folder().name) / "report.json"
    path.write_bytes(data)
    try:
        claim_of(read_report(path), seeds.texts_of(data[-4:]))
    except (InputError, UsageError):
        return


def bodies(data: bytes) -> None:
    """A recorded body is, played, what it was."""
    from agent.gateway.cassette_file import body_of, bytes_of

    body = body_of(data)
    played = bytes_of(json.loads(json.dumps(body)))
    same = json.loads(played) == json.loads(data) if "json" in body else played == data
    require(same, "a body is another one when it is played")


def answers(data: bytes) -> None:
    """A model's answer is of its type or an `AnswerProblem`; what is used of it is verbatim."""
    from langchain_core.messages import AIMessage

    from agent.claims.verifying import Extraction, Verifier
    from agent.errors import ClaimFailed
    from agent.gateway.answers import AnswerProblem, read_message
    from agent.rate.model import Rating
    from agent.types import Article
    from tools.text.sentences import sentence_spans

    message = AIMessage(content=seeds.texts_of(data))
    for schema in (Rating, Extraction):
        try:
            answer = read_message(message, schema)
        except (AnswerProblem, ClaimFailed) as error:
            require(str(error).isprintable() and str(error) != "", "a fault moves the cursor")
            continue
        require(schema.model_validate_json(answer.model_dump_json()) == answer, "it changes")
        if isinstance(answer, Extraction):
            article = Article(id="a-0", text=seeds.STORY, language="en")
            spans = dict(enumerate(sentence_spans(article.text), 1))
            found = Verifier(article).verify(answer, spans)
            for claim in found.claims:
                quote = article.text[claim.start : claim.end]
                require(quote == claim.quote != "", "a quote is not verbatim")
