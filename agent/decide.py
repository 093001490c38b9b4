"""From the evidence on a claim to its verdict, its confidence and the reasons.

- *conflicting*: some source of the time contradicts the claim, whatever others say.
- *supported*: an independent origin supports it and none of the time contradicts it.
- *unverifiable*: no source decides.

A source of the time is one that is not certainly younger than the article. A later one may
change the picture, but it makes no conflict: it is shown, and the explanation says what it
says. Where only later sources take a side, they support a claim that none of them contradicts;
one that contradicts leaves it open. `docs/report.md` has the table.

Sources that copy one another, or relay one report, share an origin and count once: an origin
is as sure as its surest copy, and is named by its earliest source. Where origins rest on what
was computed, they are taken as independent: n of them are wrong together with the product of
their probabilities (noisy-or, Pearl 1988). Where they rest on a model alone, its mistakes
repeat themselves, and only the surest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.types import Claim, Evidence, Stance, Verdict
from tools.times.publication import certainly_later, day

_MOST = 0.99
"""No verdict is surer than this: retrieval, splitting and the library can be wrong too."""
_NEUTRAL_SHOWN = 3
_NAMED = 3

_Origin = list[Evidence]
"""Evidence of one origin and one stance, the surest first; never empty."""


@dataclass(frozen=True)
class Decision:
    """The outcome for one claim; `evidence` holds what the report shows, best first."""

    verdict: Verdict
    confidence: float
    explanation: str
    missing: str | None
    evidence: list[Evidence]


def decide(claim: Claim, evidence: Sequence[Evidence], *, sources_searched: int) -> Decision:
    """Decides a claim.

    Args:
        claim: the claim.
        evidence: one item for each passage that was rated.
        sources_searched: how many sources of the library were searched.
    """
    supports = _by_origin(evidence, "supports")
    contradicts = _by_origin(evidence, "contradicts")
    neutral = _distinct(
        sorted(
            (e for e in evidence if e.stance == "neutral"), key=lambda e: (e.probability, _key(e))
        )
    )[:_NEUTRAL_SHOWN]
    shown = [*_flat(supports), *_flat(contradicts), *neutral]
    for_it, later_for_it = _by_time(supports)
    against, later_against = _by_time(contradicts)
    if against:
        verdict: Verdict = "conflicting"
        said = [
            _says(against, "contradicts", "contradict"),
            _says(for_it, "supports", "support"),
            _adds(later_against, "contradicts it, too", "contradict it, too"),
            _adds(later_for_it, "supports it", "support it"),
        ]
    elif for_it:
        verdict = "supported"
        said = [
            _says(for_it, "supports", "support"),
            _adds(later_for_it, "supports it, too", "support it, too"),
            _adds(later_against, "says otherwise", "say otherwise"),
        ]
    elif later_for_it and not later_against:
        verdict = "supported"
        # Whoever writes after the article may have it from the article.
        which = "It is" if len(later_for_it) == 1 else "All are"
        said = [
            _says(later_for_it, "supports", "support"),
            f"{which} later than the article and may rest on it.",
        ]
    else:
        confidence = min((e.probability for e in evidence if e.stance == "neutral"), default=_MOST)
        return Decision(
            "unverifiable",
            round(min(confidence, _MOST), 4),
            _open(neutral, later_for_it, later_against),
            _missing(claim, len(evidence), sources_searched, of_its_time=bool(later_against)),
            shown,
        )
    deciding = contradicts if verdict == "conflicting" else supports
    return Decision(verdict, _any(deciding), _joined(said), None, shown)


def _open(
    neutral: Sequence[Evidence], later_for_it: list[_Origin], later_against: list[_Origin]
) -> str:
    """Why no source decides."""
    if later_against:
        return _joined(
            [
                "No source from the time of the article decides this.",
                _adds(later_against, "says otherwise", "say otherwise"),
                _adds(later_for_it, "supports it", "support it"),
            ]
        )
    closest = ""
    if neutral:
        why = f": {neutral[0].note}" if neutral[0].note else ""
        closest = f"The closest passage is from {_name(neutral[0])}{why}."
    return _joined(["No source in the library decides this.", closest])


def mark_later(evidence: Sequence[Evidence], published_at: str | None) -> list[Evidence]:
    """The evidence, with what was certainly published after the article marked as later.

    Args:
        evidence: of one claim.
        published_at: the article's date, ISO 8601 or a prefix; None where it has none, and
            then nothing is later.
    """
    return [
        item.model_copy(update={"later": True})
        if certainly_later(item.published_at, published_at)
        else item
        for item in evidence
    ]


def _by_origin(evidence: Sequence[Evidence], stance: Stance) -> list[_Origin]:
    """The items of one stance, grouped by origin, surest group and surest item first."""
    groups: dict[str, list[Evidence]] = {}
    for item in _distinct(
        sorted((e for e in evidence if e.stance == stance), key=lambda e: (-e.probability, _key(e)))
    ):
        groups.setdefault(item.origin, []).append(item)
    return list(groups.values())


def _by_time(groups: list[_Origin]) -> tuple[list[_Origin], list[_Origin]]:
    """Origins with a source of the article's time, and those with later ones alone."""
    of_the_time = [group for group in groups if not all(item.later for item in group)]
    return of_the_time, [group for group in groups if all(item.later for item in group)]


def _distinct(items: list[Evidence]) -> list[Evidence]:
    """The first item of each quote: passages overlap, and two can be decided by one sentence."""
    first: dict[tuple[str, int, int], Evidence] = {}
    for item in items:
        first.setdefault((item.source_id, item.start, item.end), item)
    return list(first.values())


def _key(item: Evidence) -> tuple[str, int, int, str, int]:
    return item.source_id, item.start, item.end, item.note or "", item.context_start


def _flat(groups: list[_Origin]) -> list[Evidence]:
    return [item for group in groups for item in group]


def _any(groups: list[_Origin]) -> float:
    wrong = 1 - max((g[0].probability for g in groups if g[0].note is None), default=0.0)
    for group in groups:
        if group[0].note is not None:
            wrong *= 1 - group[0].probability
    return round(min(1 - wrong, _MOST), 4)


def _says(groups: list[_Origin], one: str, many: str) -> str:
    if not groups:
        return ""
    sources = {item.source_id for group in groups for item in group}
    number = len(groups)
    counted = f"{number} independent origin{'s' * (number != 1)}"
    if len(sources) > number:
        counted += f" ({len(sources)} sources)"
    text = f"{counted} {one if number == 1 else many} it: {_named(groups)}."
    return _joined([text[0].upper() + text[1:], _differs(groups)])


def _adds(groups: list[_Origin], one: str, many: str) -> str:
    """`A later source, of 4 June 2026, says otherwise: The Herald.`"""
    if not groups:
        return ""
    number = len(groups)
    first = day(min(group[0].published_at or "" for group in groups))
    text = (
        f"A later source, of {first}, {one}: {_named(groups)}."
        if number == 1
        else f"{number} later origins, the first of {first}, {many}: {_named(groups)}."
    )
    return _joined([text, _differs(groups)])


def _named(groups: list[_Origin]) -> str:
    names = [_led(group) for group in groups[:_NAMED]]
    return ", ".join([*names, "others"] if len(groups) > _NAMED else names)


def _led(group: _Origin) -> str:
    """The origin by its only source, or by the earliest: `Coastal Wire (earliest of 3)`."""
    sources = {item.source_id for item in group}
    if len(sources) == 1:
        return _name(group[0])
    first = min(
        group,
        key=lambda e: (
            e.source_id != e.origin,
            e.published_at is None,
            e.published_at or "",
            e.source_id,
        ),
    )
    return f"{_name(first)} (earliest of {len(sources)})"


def _differs(groups: list[_Origin]) -> str:
    # What differs is worth a sentence; what agrees, and the rest, stands with its quote.
    note = next((i.note for g in groups for i in g if i.note and i.stance == "contradicts"), "")
    return f"{note[0].upper()}{note[1:]}." if note else ""


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))


def _name(item: Evidence) -> str:
    return item.publisher or item.title or item.source_id


def _missing(claim: Claim, passages: int, sources: int, *, of_its_time: bool) -> str:
    searched = (
        f"Searched {sources} source{'s' * (sources != 1)} and read the {passages} closest "
        f"passage{'s' * (passages != 1)}."
        if passages
        else f"Searched {sources} source{'s' * (sources != 1)}; no passage comes near it."
    )
    wanted = {
        "quantity": "a source that gives this figure",
        "quotation": "a source that has this quotation, or a record of what was said",
        "forecast": "a source that reports this forecast or plan",
        "fact": "a source that states this or its opposite",
    }[claim.kind]
    time = ", from the time of the article" if of_its_time else ""
    return f"{searched} It would take {wanted}{time}."
