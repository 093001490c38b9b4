"""A claim, and evidence on it of any stance, source and origin."""

from __future__ import annotations

from agent.types import Claim, ClaimKind, Evidence, Stance


def claim(kind: ClaimKind = "fact") -> Claim:
    text = "The line is open."
    return Claim(id="c1", text=text, quote=text, start=0, end=len(text), kind=kind)


def item(
    stance: Stance,
    probability: float = 0.8,
    *,
    source: str = "s-1",
    origin: str | None = None,
    start: int = 0,
    publisher: str | None = None,
    title: str | None = None,
    note: str | None = None,
    published_at: str | None = None,
    later: bool = False,
) -> Evidence:
    return Evidence(
        source_id=source,
        title=title,
        publisher=publisher,
        published_at=published_at,
        quote="words",
        start=start,
        end=start + 5,
        stance=stance,
        probability=probability,
        origin=origin or source,
        context="words",
        context_start=start,
        later=later,
        note=note,
    )
