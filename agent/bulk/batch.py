"""A bulk check from its inputs to a folder that is whole at every moment.

What is finished is skipped, what fails is noted, and who is interrupted goes on with the same
command. `check` may be `agent.bulk.run.check_all` or what has the articles checked elsewhere:
whatever it is, only this process writes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.bulk.items import Item, Outcome, Unread
from agent.bulk.keeping import Keeping, Row
from agent.report.wording import OUTCOMES
from agent.report.wording import Outcome as Verdict
from agent.report.writing import written_whole

if TYPE_CHECKING:
    from pathlib import Path

FAILED_NAME = "failed.jsonl"
CheckAll = Callable[[Iterable[Item]], Generator[Outcome, None, None]]


@dataclass
class Tally:
    """How far a bulk check is.

    Attributes:
        seen: articles that were come upon, and what was none: the sum of the next seven and of
            those under way.
        done, partial, failed: checked now: with a verdict for every claim, with claims that
            failed, without a report.
        skipped: finished by an earlier run, with the same settings.
        passed_over: failed in an earlier run, with the same settings.
        repeated: met before in this run.
        unread: not readable.
        claims: of what was checked now, by outcome.
        requests, tokens, cost_usd: what the model took now; the last is None where its price is
            unknown.
        met: outcomes that claims of the articles have, whenever they were checked.
        spent: whether the budget is.
        begun: when the first article was taken, on the clock of `time.monotonic`.
    """

    seen: int = 0
    done: int = 0
    partial: int = 0
    failed: int = 0
    skipped: int = 0
    passed_over: int = 0
    repeated: int = 0
    unread: int = 0
    claims: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    requests: int = 0
    tokens: int = 0
    cost_usd: float | None = 0.0
    met: set[Verdict] = field(default_factory=set)
    spent: bool = False
    begun: float | None = None

    @property
    def checked(self) -> int:
        """Articles checked now, whatever came of it."""
        return self.done + self.partial + self.failed

    @property
    def ended(self) -> int:
        """What need not be looked at again by this run."""
        settled = self.skipped + self.passed_over + self.repeated + self.unread
        return self.checked + settled

    @property
    def troubled(self) -> bool:
        """Whether anything is not done."""
        return bool(self.partial + self.failed + self.passed_over + self.unread)

    @property
    def per_second(self) -> float:
        """Articles checked a second; 0 before the first."""
        if self.begun is None or not self.checked:
            return 0.0
        return self.checked / max(time.monotonic() - self.begun, 1e-9)

    def meet(self, row: Row) -> None:
        """Notes what claims of an article have come to."""
        self.met.update(outcome for outcome in OUTCOMES if getattr(row, outcome))

    def pass_by(self, row: Row) -> None:
        """Counts an article that an earlier run has checked."""
        if row.state == "failed":
            self.passed_over += 1
        else:
            self.skipped += 1
        self.meet(row)

    def count(self, row: Row) -> None:
        """Counts an article that was checked."""
        setattr(self, row.state, getattr(self, row.state) + 1)
        for outcome in OUTCOMES:
            self.claims[outcome] += getattr(row, outcome)
        self.meet(row)
        self.requests += row.requests
        self.tokens += row.prompt_tokens + row.completion_tokens
        if self.cost_usd is not None:
            self.cost_usd = None if row.cost_usd is None else self.cost_usd + row.cost_usd
        self.spent = self.spent or row.kind == "budget"


class Batch:
    """One run of a bulk check.

    Args:
        keeping: the folder.
        how: fingerprint of what articles are checked with.
        retry_failed: check again what failed in an earlier run.
        limit: most articles to be checked; what is skipped does not count.
    """

    def __init__(
        self,
        keeping: Keeping,
        how: str,
        *,
        retry_failed: bool = False,
        limit: int | None = None,
    ) -> None:
        self.keeping = keeping
        self.tally = Tally()
        self._how, self._retry, self._limit = how, retry_failed, limit
        self._told: Callable[[Tally], None] = lambda _: None
        self._under_way: dict[str, Item] = {}
        self._met: set[bytes] = set()
        """First halves of the keys of what was met in this run."""

    def run(
        self,
        items: Iterable[Item | Unread],
        check: CheckAll,
        told: Callable[[Tally], None] = lambda _: None,
    ) -> Tally:
        """Checks what has to be checked, and keeps each report as soon as it is there.

        Where the budget is spent no further article is begun.

        Args:
            items: what there is.
            check: checks it.
            told: how far it is, whenever something has ended.

        Raises:
            AssayError: as of `check`; what has ended is kept.
        """
        self._told = told
        self.keeping.begin()
        with closing(check(self.wanted(items))) as outcomes:
            for outcome in outcomes:
                document = self._under_way.pop(outcome.key).document
                self.tally.count(self.keeping.keep(outcome, document, self._how))
                self._told(self.tally)
        return self.tally

    def wanted(self, items: Iterable[Item | Unread]) -> Iterator[Item]:
        """Those that have to be checked; the others are counted, and the unreadable noted."""
        tally, taken = self.tally, 0
        for each in items:
            tally.seen += 1
            if isinstance(each, Unread):
                self.keeping.unread(each)
                tally.unread += 1
            elif not self._is_new(each.key):
                tally.repeated += 1
            elif row := self._settled(each.key):
                tally.pass_by(row)
            else:
                if tally.spent or taken == self._limit:
                    tally.seen -= 1
                    return
                taken += 1
                tally.begun = tally.begun or time.monotonic()
                self._under_way[each.key] = each
                yield each
                if tally.spent or taken == self._limit:
                    return  # before another file is read
                continue
            self._told(tally)

    def is_settled(self, file: str, stamp: str) -> bool:
        """As `agent.bulk.reading.Known`; counts the articles of a file that is."""
        keys = self.keeping.keys_of(file, stamp)
        rows = [self._settled(key) for key in keys or ()]
        if keys is None or not all(rows):
            return False
        for row in filter(None, rows):
            self.tally.seen += 1
            if self._is_new(row.key):
                self.tally.pass_by(row)
            else:
                self.tally.repeated += 1
        self._told(self.tally)
        return True

    def was_read(self, file: str, stamp: str, keys: Sequence[str]) -> None:
        """As `agent.bulk.reading.Known`."""
        self.keeping.note_file(file, stamp, keys)

    def _is_new(self, key: str) -> bool:
        """Whether an article is met for the first time in this run."""
        short = bytes.fromhex(key)[:16]
        if short in self._met:
            return False
        self._met.add(short)
        return True

    def _settled(self, key: str) -> Row | None:
        """What became of an article that does not have to be checked."""
        row = self.keeping.row(key)
        if row is None or row.how != self._how or row.state == "partial":
            return None
        if row.state == "failed":
            return None if self._retry else row
        return row if self.keeping.has_report(row) else None


def write_failures(keeping: Keeping) -> Path:
    """Writes `failed.jsonl`: what was not read, and what is not done, with the reason.

    Raises:
        UsageError: it cannot be written.
    """
    path = keeping.folder / FAILED_NAME
    with written_whole(path) as file:
        for name, row, fault in keeping.failures():
            report = keeping.path(row) if row and row.state == "partial" else None
            record = {
                "article": name,
                "kind": fault.kind,
                "reason": fault.message,
                "report": report and f"{report.parent.name}/{report.name}",
            }
            file.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    return path
