"""From the evidence on a claim to its verdict, its confidence and the reasons.

- *conflicting*: some source of the time contradicts the claim, whatever others say.
- *supported*: an independent origin supports it and none of the time contradicts it.
- *unverifiable*: no source decides.

A source of the time is one that is not certainly younger than the article. A later one may
change the picture, but it makes no conflict: it is shown, and the explanation says what it
says. Where only later sources take a side, they support a claim that none of them contradicts;
one that contradicts leaves it open. `docs/report.md` has the table.

Sources that copy one another, or relay one report, share an origin and count once: an origin
is as sure as its surest copy, and is named by its earliest source. So do sources of one publisher
or one site that say the same of a claim, however differently: whoever owns a site can fill it with
as many texts as they like. Where origins rest on what
was computed, they are taken as independent: n of them are wrong together with the product of
their probabilities (noisy-or, Pearl 1988). Where they rest on a model alone, its mistakes
repeat themselves, and only the surest counts.

Two things are the user's to set. `min_origins` asks for that many origins before a claim is
supported; with fewer it is unverifiable. It does not apply to conflicts: one contradiction is
reason enough to look. And what a publisher that the user distrusts says is shown but does not
count, on either side; `Decision.otherwise` has the verdicts that would follow from other choices.
To trust a publisher never outweighs what another one says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.errors import UsageError
from agent.types import Claim, Evidence, Otherwise, Reputation, Stance, Verdict
from tools.library.reputations import reputation_of, strongest
from tools.library.voices import one_voice_each
from tools.text.words import covered
from tools.times.publication import day

_MOST = 0.99
"""No verdict is surer than this: retrieval, splitting and the library can be wrong too."""
_NEUTRAL_SHOWN = 3
_NAMED = 3
_ON_THE_SAME = 0.5
"""Least share of a claim's content words in a passage that is on the same matter."""

_Origin = list[Evidence]
"""Evidence of one origin and one stance, the surest first; never empty."""


@dataclass(frozen=True)
class Rules:
    """What the user set for all claims.

    Attributes:
        min_origins: independent origins that it takes to support a claim, at least 1.
        reputations: by the name of a publisher or site; who is not in it is neutral.

    Raises:
        UsageError: fewer origins than 1.
    """

    min_origins: int = 1
    reputations: Mapping[str, Reputation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.min_origins < 1:
            raise UsageError("the number of origins must be at least 1", "Give --min-origins 1")

    @property
    def settings(self) -> dict[str, str | int | None]:
        """What the report says about it."""
        named: dict[str, str | int | None] = {"min_origins": self.min_origins}
        for reputation in ("trusted", "distrusted"):
            names = sorted(name for name, is_ in self.reputations.items() if is_ == reputation)
            named[reputation] = ", ".join(names) or None
        return named


_RULES = Rules()


@dataclass(frozen=True)
class Decision:
    """The outcome for one claim; `evidence` holds what the report shows, best first."""

    verdict: Verdict
    confidence: float
    explanation: str
    missing: str | None
    evidence: list[Evidence]
    otherwise: list[Otherwise] = field(default_factory=list)


def decide(
    claim: Claim, evidence: Sequence[Evidence], *, sources_searched: int, rules: Rules = _RULES
) -> Decision:
    """Decides a claim.

    Args:
        claim: the claim.
        evidence: one item for each passage that was rated.
        sources_searched: how many sources of the library were searched.
        rules: what the user set.
    """
    min_origins = rules.min_origins
    evidence = one_voice_each(mark_reputations(evidence, rules.reputations))
    neutral = _distinct(
        sorted(
            (e for e in evidence if e.stance == "neutral"), key=lambda e: (e.probability, _key(e))
        )
    )[:_NEUTRAL_SHOWN]
    shown = [
        *_flat(_by_origin(evidence, "supports")),
        *_flat(_by_origin(evidence, "contradicts")),
        *neutral,
    ]
    sides = _sides(e for e in evidence if e.reputation != "distrusted")
    verdict = _verdict(sides, min_origins)
    otherwise = [*_otherwise(evidence, verdict, min_origins)]
    doubted = _joined([_doubted(evidence), _changed(verdict, otherwise)])
    if verdict == "unverifiable":
        alone = sides.origins_for if sides.for_it or not sides.later_against else []
        confidence = (
            _any(alone)
            if alone
            else min((e.probability for e in evidence if e.stance == "neutral"), default=_MOST)
        )
        return Decision(
            verdict,
            round(min(confidence, _MOST), 4),
            _joined([_too_few(sides, min_origins) if alone else _open(neutral, sides), doubted]),
            _missing(
                claim,
                len(evidence),
                sources_searched,
                of_its_time=bool(sides.later_against and not alone),
                more=min_origins - len(alone) if alone else 0,
            ),
            shown,
            otherwise,
        )
    if verdict == "conflicting":
        said = [
            _says(sides.against, "contradicts", "contradict"),
            _says(sides.for_it, "supports", "support"),
            _adds(sides.later_against, "contradicts it, too", "contradict it, too"),
            _adds(sides.later_for_it, "supports it", "support it"),
        ]
    elif sides.for_it:
        said = [
            _says(sides.for_it, "supports", "support"),
            _adds(sides.later_for_it, "supports it, too", "support it, too"),
            _adds(sides.later_against, "says otherwise", "say otherwise"),
        ]
    else:
        # Whoever writes after the article may have it from the article.
        which = "It is" if len(sides.later_for_it) == 1 else "All are"
        said = [
            _says(sides.later_for_it, "supports", "support"),
            f"{which} later than the article and may rest on it.",
        ]
    if verdict == "supported":
        said.append(_alone(claim.text, evidence, sides.origins_for))
    deciding = sides.origins_against if verdict == "conflicting" else sides.origins_for
    return Decision(verdict, _any(deciding), _joined([*said, doubted]), None, shown, otherwise)


@dataclass(frozen=True)
class _Sides:
    """Origins for and against a claim, by whether they have a source of the article's time."""

    for_it: list[_Origin]
    later_for_it: list[_Origin]
    against: list[_Origin]
    later_against: list[_Origin]

    @property
    def origins_for(self) -> list[_Origin]:
        """All that support it, the surest first."""
        return sorted([*self.for_it, *self.later_for_it], key=_surest)

    @property
    def origins_against(self) -> list[_Origin]:
        return sorted([*self.against, *self.later_against], key=_surest)


def _sides(evidence: Iterable[Evidence]) -> _Sides:
    given = list(evidence)
    return _Sides(
        *_by_time(_by_origin(given, "supports")), *_by_time(_by_origin(given, "contradicts"))
    )


def _verdict(sides: _Sides, min_origins: int) -> Verdict:
    if sides.against:
        return "conflicting"
    enough = len(sides.origins_for) >= min_origins
    if enough and (sides.for_it or (sides.later_for_it and not sides.later_against)):
        return "supported"
    return "unverifiable"


def _otherwise(
    evidence: Sequence[Evidence], verdict: Verdict, min_origins: int
) -> Iterator[Otherwise]:
    """The verdicts that would follow if reputations counted otherwise, where they differ."""
    deciding = [e for e in evidence if e.stance != "neutral"]
    if any(e.reputation == "distrusted" for e in deciding):
        alike = _verdict(_sides(deciding), min_origins)
        if alike != verdict:
            yield Otherwise(counting="all_alike", verdict=alike)
    if any(e.reputation == "trusted" for e in deciding):
        trusted = [e for e in deciding if e.reputation == "trusted"]
        alone = _verdict(_sides(trusted), min_origins)
        if alone != verdict:
            yield Otherwise(counting="trusted_only", verdict=alone)


def _changed(verdict: Verdict, otherwise: Sequence[Otherwise]) -> str:
    """How the verdict hangs on reputations, in words."""
    said = []
    for other in otherwise:
        if other.counting == "all_alike":
            said.append(f"Without distrusted sources: {verdict}; with them: {other.verdict}.")
        else:
            said.append(f"On trusted sources alone: {other.verdict}.")
    return _joined(said)


def _doubted(evidence: Sequence[Evidence]) -> str:
    """What is said by origins that have no source but distrusted ones."""
    sides = []
    for stance, verb in (("contradicts", "contradict"), ("supports", "support")):
        groups = [
            group
            for group in _by_origin(evidence, stance)  # type: ignore[arg-type]
            if all(item.reputation == "distrusted" for item in group)
        ]
        if groups:
            one = len(groups) == 1
            sides.append(
                f"{'A distrusted origin' if one else f'{len(groups)} distrusted origins'}, not "
                f"counted, {f'{verb}s' if one else verb} it: {_named(groups)}."
            )
    return _joined(sides)


def _too_few(sides: _Sides, wanted: int) -> str:
    """Why what supports a claim is not enough."""
    groups = sides.origins_for
    few = "One origin only" if len(groups) == 1 else f"{len(groups)} origins only"
    return _joined(
        [
            f"{few}, where {wanted} are asked for.",
            _says(groups, "supports", "support"),
            _adds(sides.later_against, "says otherwise", "say otherwise"),
        ]
    )


def _alone(claim: str, evidence: Iterable[Evidence], groups: Sequence[_Origin]) -> str:
    """That one voice alone supports a claim, where others speak of the same and do not say so."""
    if len(groups) > 1:
        return ""
    heard = [e for e in evidence if e.stance != "contradicts" and e.reputation != "distrusted"]
    # What else the same publisher has is its own silence, and no other voice.
    voices = one_voice_each([e.model_copy(update={"stance": "supports"}) for e in heard])
    voiced = list(zip(heard, voices, strict=True))
    others = {
        voice.origin
        for item, voice in voiced
        if item.stance == "neutral" and covered(claim, item.context) >= _ON_THE_SAME
    } - {voice.origin for item, voice in voiced if item.stance == "supports"}
    if not others:
        return ""
    if len(others) == 1:
        return "It alone says so: another origin on the same matter does not."
    return f"It alone says so: {len(others)} other origins on the same matter do not."


def _open(neutral: Sequence[Evidence], sides: _Sides) -> str:
    """Why no source decides."""
    if sides.later_against:
        return _joined(
            [
                "No source from the time of the article decides this.",
                _adds(sides.later_against, "says otherwise", "say otherwise"),
                _adds(sides.later_for_it, "supports it", "support it"),
            ]
        )
    closest = ""
    if neutral:
        why = f": {neutral[0].note}" if neutral[0].note else ""
        closest = f"The closest passage is from {_name(neutral[0])}{why}."
    return _joined(["No source in the library decides this.", closest])


def mark_reputations(
    evidence: Sequence[Evidence], reputations: Mapping[str, Reputation]
) -> list[Evidence]:
    """The evidence, with what the user made of its publishers.

    Args:
        evidence: of one claim.
        reputations: as `Rules` has them; `reputation_of` says which one applies. Passages of a
            library are marked when they are retrieved; what is marked as distrusted stays so.
    """
    if not reputations:
        return list(evidence)

    def of(item: Evidence) -> Reputation:
        return strongest({item.reputation, reputation_of(item.publisher, item.url, reputations)})

    return [item.model_copy(update={"reputation": of(item)}) for item in evidence]


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


def _surest(group: _Origin) -> tuple[float, tuple[str, int, int, str, int]]:
    return -group[0].probability, _key(group[0])


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


def _missing(claim: Claim, passages: int, sources: int, *, of_its_time: bool, more: int = 0) -> str:
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
    if more:
        wanted = f"{more} more independent origin{'s' * (more != 1)} to say so"
    time = ", from the time of the article" if of_its_time else ""
    return f"{searched} It would take {wanted}{time}."
