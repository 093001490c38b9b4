"""The judge alone: claims with their evidence given, to labels and probabilities."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.compare.ruling import verdict_of
from agent.decide import decide
from agent.errors import ClaimFailed, UsageError
from agent.gateway.asking import Asking
from agent.judges import CASCADE, EMBEDDED
from agent.rate.judge import EmbeddedJudge
from agent.rate.windows import Pair
from agent.types import VERDICTS, Claim, Hit, Passage, Source, Verdict
from tools.text.spinning import is_spun

_BATCH = 32
_MAX_LINE = 4_000_000
_MAX_CLAIM = 5_000
"""Characters. A claim is a sentence or two; the judge reads 256 tokens of it at most."""


class PairLine(BaseModel):
    """One line of the input; other fields are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)
    id: str | int
    """Given back as it came."""
    claim: str
    evidence: list[str]


Result = dict[str, Any]


async def verify(
    lines: Iterable[str],
    model: str = EMBEDDED,
    *,
    base_url: str | None = None,
    asking: Asking | None = None,
) -> AsyncIterator[Result]:
    """Rates pairs, one JSON object a line, in order.

    Args:
        lines: `{"id", "claim", "evidence": [passage, …]}` each; blank lines are skipped. The
            embedded judge reads the passages of a line as one text, in their order; a language
            model takes a stance on each, from which the label is decided as in a report, each
            passage a source of its own.
        model: as for `FactChecker`.
        base_url: address of an OpenAI-compatible server.
        asking: how a language model is asked.

    Yields:
        `{"id", "label", "confidence", "probabilities"}`, or `{"id", "error": {"kind",
        "message"}}` for a line that cannot be rated; `id` is null where the line has none.

    Raises:
        UsageError: the model is a cascade.
        ModelUnavailable: no line can be rated.
    """
    wanted = (line for line in lines if line.strip())
    if model == EMBEDDED:
        judge = EmbeddedJudge()
        for batch in _batches(wanted):
            for result in _with_judge(judge, batch):
                yield result
        return
    if model.startswith(CASCADE):
        raise UsageError(
            "a cascade chooses among passages that were retrieved; here the evidence is given",
            f"Name the model alone: --model {model.removeprefix(CASCADE)}",
        )
    from agent.gateway.opening import open_model
    from agent.rate.model import ModelRater

    async with open_model(model, base_url=base_url, asking=asking) as opened:
        rater = ModelRater(opened)
        for batch in _batches(wanted):
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(_with_model(rater, line)) for line in batch]
            except ExceptionGroup as faults:  # the first one has cancelled what was under way
                raise faults.exceptions[0] from None
            for task in tasks:
                yield task.result()


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(lines, _BATCH)):
        yield batch


def _with_judge(judge: EmbeddedJudge, lines: list[str]) -> list[Result]:
    read = [_read(line) for line in lines]
    good = [pair for pair in read if isinstance(pair, PairLine)]
    texts = ["\n".join(pair.evidence) for pair in good]
    judged = iter(
        judge.judge(
            [
                Pair(pair.claim, text, spun=is_spun(text))
                for pair, text in zip(good, texts, strict=True)
            ]
        )
    )
    return [
        _judged(pair.id, next(judged).probabilities) if isinstance(pair, PairLine) else pair
        for pair in read
    ]


async def _with_model(rater: Any, line: str) -> Result:
    pair = _read(line)
    if not isinstance(pair, PairLine):
        return pair
    claim = Claim(id="c1", text=pair.claim, quote=pair.claim, start=0, end=len(pair.claim))
    hits = [_hit(number, text) for number, text in enumerate(pair.evidence) if text.strip()]
    try:
        evidence = await rater.rate(claim, hits)
    except ClaimFailed as fault:
        return {"id": pair.id, "error": {"kind": fault.kind, "message": str(fault)}}
    decision = decide(claim, evidence, sources_searched=len(hits))
    rest = (1 - decision.confidence) / 2
    probabilities = [decision.confidence if v == decision.verdict else rest for v in VERDICTS]
    return _result(pair.id, decision.verdict, probabilities)


def _hit(number: int, text: str) -> Hit:
    """Evidence that comes without a library: each passage a source of its own."""
    id_ = f"s-{number:016x}"
    source = Source(id=id_, text=text, added_at="1970-01-01T00:00:00Z", origin=id_)
    passage = Passage(id=f"{id_}:0", source_id=id_, number=0, start=0, end=len(text), text=text)
    return Hit(passage=passage, source=source, score=0.0)


def _judged(id_: str | int, probabilities: Sequence[float]) -> Result:
    return _result(id_, verdict_of(probabilities), probabilities)


def _result(id_: str | int, label: Verdict, probabilities: Sequence[float]) -> Result:
    return {
        "id": id_,
        "label": label,
        "confidence": round(probabilities[VERDICTS.index(label)], 6),
        "probabilities": {
            verdict: round(p, 6) for verdict, p in zip(VERDICTS, probabilities, strict=True)
        },
    }


def _read(line: str) -> PairLine | Result:
    """The pair of a line, or the result that says what is wrong with it."""
    if len(line) > _MAX_LINE:
        return _error(None, f"the line has more than {_MAX_LINE:,} characters")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return _error(None, "the line is not JSON")
    if not isinstance(data, dict):
        return _error(None, "the line is not a JSON object")
    id_ = data.get("id")
    known = id_ if isinstance(id_, str | int) and not isinstance(id_, bool) else None
    try:
        pair = PairLine.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        # Of a union, the second part of the place names the member, not the field.
        where = ".".join(str(part) for part in first["loc"] if part not in ("str", "int"))
        return _error(known, f"{where}: {first['msg'].lower()}")
    if not any(map(str.isalnum, pair.claim)):
        return _error(known, "the claim has no words")
    if len(pair.claim) > _MAX_CLAIM:
        return _error(known, f"the claim has more than {_MAX_CLAIM:,} characters")
    try:
        "".join((str(pair.id), pair.claim, *pair.evidence)).encode()
    except UnicodeEncodeError:
        return _error(known, "the line holds half of a character (a lone surrogate)")
    return pair


def _error(id_: str | int | None, message: str) -> Result:
    if isinstance(id_, str):  # a lone surrogate fits into no file
        id_ = id_.encode("utf-8", "replace").decode()
    return {"id": id_, "error": {"kind": "bad_input", "message": message}}
