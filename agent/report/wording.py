"""What every rendering of a report shares: words, the two sides of a claim, safe text.

Texts of articles, sources and models are hostile. Each rendering escapes for its own
format; what is common to all of them, which addresses may become links and which
characters may reach a reader, stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from tools.times.publication import day as day

if TYPE_CHECKING:
    from agent.types import (
        CheckedClaim,
        Compared,
        Evidence,
        OriginReason,
        Report,
        Reputation,
        SourceLeftOut,
        SourceWarning,
        Stance,
    )

Outcome = Literal["supported", "conflicting", "unverifiable", "failed"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

WORDS: dict[Outcome, str] = {
    "supported": "Supported",
    "conflicting": "Conflicting",
    "unverifiable": "Unverifiable",
    "failed": "Not rated",
}
GLYPHS: dict[Outcome, str] = {
    "supported": "✓",
    "conflicting": "≠",
    "unverifiable": "?",
    "failed": "!",
}
MEANINGS: dict[Outcome, str] = {
    "supported": "an independent source says so and none contradicts it, later ones aside",
    "conflicting": "a source contradicts it, or the sources contradict each other",
    "unverifiable": "no source in the library decides it, later ones aside",
    "failed": "the check itself did not succeed; this is not a verdict",
}
SIDES: dict[Stance, str] = {"supports": "Supports", "contradicts": "Contradicts"}
TENDENCIES: dict[Stance, str] = {
    "supports": "to support the claim",
    "contradicts": "to contradict the claim",
    "neutral": "to decide nothing",
}
LATER = "later than the article"
COMPARED: dict[Compared, str] = {
    "figure": "Figures",
    "date": "Dates",
    "quotation": "Quotation",
    "speaker": "Speaker",
    "opposite": "Opposites",
}
REASONS: dict[str, str] = {
    "opinion": "Opinion",
    "question": "Question",
    "boilerplate": "Boilerplate",
    "incomplete": "Incomplete",
    "not_checkable": "Not checkable",
    "duplicate": "Repeats another claim",
}
KINSHIPS: dict[OriginReason, str] = {
    "copy": "a copy",
    "wire": "the same agency's report",
    "spun": "reworded",
    "report": "on the same report",
    "publisher": "of the same publisher or site",
}
REPUTATIONS: dict[Reputation, str] = {
    "trusted": "trusted by you",
    "distrusted": "distrusted by you, not counted",
}
WARNINGS: dict[str, str] = {
    "machine_spun": "Machine-spun text",
    "truncated": "Cut short",
    "mixed_language": "Several languages",
    "instructions_in_text": "Instructions in the text",
    "magnitude_unclear": "Magnitudes unclear",
    "date_unclear": "Date unclear",
}

# The likelihood scale of the IPCC (Mastrandrea et al. 2010, Guidance Note for Lead
# Authors, table 1), without the steps that only differ below one half.
_LIKELIHOODS = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.0, "unlikely"),
)
_LISTED = 5
_CONFIDENCES = ((0.8, "high"), (0.6, "medium"), (0.0, "low"))
# What a browser could read as anything but a plain address; RFC 3986 asks for them encoded.
_WEB_ADDRESS = re.compile(r"https?://[^\s\\<>\"'`{}|^]+", re.IGNORECASE)
# C0 (tab and line feed apart), DEL, C1, lone surrogates and the noncharacters of plane 0.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Marks that reorder or hide what is written: bidi controls (Unicode UAX 9), invisible
# tags, and the two separators that a terminal may take for a line end.
_REORDERING = re.compile(
    r"[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class OriginGroup:
    """Evidence that copies one another: however many sources, it counts once."""

    evidence: tuple[Evidence, ...]
    """The earliest source first, each source's in the order of the report; never empty."""

    @property
    def lead(self) -> Evidence:
        """Of the earliest source that the report quotes."""
        return self.evidence[0]

    @property
    def rest(self) -> tuple[Evidence, ...]:
        return self.evidence[1:]

    @property
    def sources(self) -> int:
        """How many sources they are from."""
        return len({item.source_id for item in self.evidence})

    @property
    def copies(self) -> list[str]:
        """Names of the other sources of this origin, each once, with how they are akin."""
        others = {
            item.source_id: f"{item.publisher or item.title or item.source_id}{akin(item)}"
            for item in self.rest
            if item.source_id != self.lead.source_id
        }
        return list(dict.fromkeys(others.values()))


def akin(item: Evidence) -> str:
    """` (reworded)`: how the source belongs to its origin; empty where that is not known."""
    reason = item.origin_reason
    how = KINSHIPS[reason] if reason else "the earliest" if item.source_id == item.origin else ""
    return f" ({how})" if how else ""


def outcome(claim: CheckedClaim) -> Outcome:
    """The verdict, or `failed` where there is none."""
    return claim.verdict or "failed"


def side(claim: CheckedClaim, stance: Stance) -> list[OriginGroup]:
    """The claim's evidence of one stance, in the order of the report, copies together and after
    the source that they copy."""
    groups: dict[str, list[Evidence]] = {}
    for item in claim.evidence:
        if item.stance == stance:
            groups.setdefault(item.origin, []).append(item)
    return [OriginGroup(tuple(sorted(members, key=_by_age))) for members in groups.values()]


def _by_age(item: Evidence) -> tuple[bool, bool, str, str]:
    undated = item.published_at is None
    return item.source_id != item.origin, undated, item.published_at or "", item.source_id


def tally(groups: Iterable[OriginGroup]) -> str:
    """`2 sources, 1 origin`; the origins are named only where they differ in number."""
    groups = list(groups)
    sources = len({item.source_id for group in groups for item in group.evidence})
    if not sources:
        return "no source"
    text = count(sources, "source")
    return text if sources == len(groups) else f"{text}, {count(len(groups), 'origin')}"


def cited(report: Report) -> tuple[int, int]:
    """How many sources the report quotes for or against a claim, of how many origins."""
    deciding = [e for claim in report.claims for e in claim.evidence if e.stance != "neutral"]
    return len({e.source_id for e in deciding}), len({e.origin for e in deciding})


def asked_for(report: Report) -> str:
    """How many origins it takes to support a claim, where that is more than one."""
    wanted = report.run.settings.get("min_origins")
    if not isinstance(wanted, int) or wanted < 2:
        return ""
    return f"Supported takes {wanted} independent origins"


def share_checked(report: Report) -> float:
    """Share of the article's visible characters that stand in rated claims, 0..1."""
    text = report.article.text
    visible = sum(not char.isspace() for char in text)
    spans = sorted(
        place
        for claim in report.claims
        if claim.verdict
        for place in ((claim.start, claim.end), *claim.also_at)
    )
    checked = reached = 0
    for start, end in spans:
        checked += sum(not char.isspace() for char in text[max(start, reached) : end])
        reached = max(reached, end)
    return checked / visible if visible else 0.0


def covered(report: Report) -> str | None:
    """What became of the sentences: `14 of 20 sentences in claims, 6 set aside`."""
    counts = report.coverage
    if not counts:
        return None
    total = count(counts.sentences, "sentence")
    return f"{counts.claimed} of {total} in claims, {counts.set_aside} set aside"


def numbered(report: Report) -> dict[str, int]:
    """The number under which renderings show each claim, by its id."""
    return {claim.id: number for number, claim in enumerate(report.claims, start=1)}


def reading(claim: CheckedClaim) -> list[tuple[str, bool]]:
    """The claim as it was rated, in pieces; True marks what the quote does not say.

    Additions that do not stand in the claim's text word for word come last.
    """
    spans: list[tuple[int, int]] = []
    loose: list[str] = []
    for added in claim.context_added:
        start = claim.text.find(added) if added else -1
        if start < 0 and added:  # at the head of a sentence, `the mill` is written `The mill`
            start = claim.text.find(added[0].upper() + added[1:])
        end = start + len(added)
        if start < 0:
            loose += [added] if added else []
        elif all(end <= left or right <= start for left, right in spans):
            spans.append((start, end))
    pieces, position = [], 0
    for start, end in sorted(spans):
        pieces += [(claim.text[position:start], False), (claim.text[start:end], True)]
        position = end
    pieces.append((claim.text[position:], False))
    for added in loose:
        pieces += [(" ", False), (added, True)]
    return [piece for piece in pieces if piece[0]]


def credited(claim: CheckedClaim) -> str | None:
    """Whom the article attributes a claim to, where its text does not name them."""
    names = (claim.speaker or "").split()
    return claim.speaker if names and names[-1].lower() not in claim.text.lower() else None


def count(number: int, noun: str) -> str:
    """`1 source`, `2 sources`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """A share in whole per cent; 0 and 100 only where it is exactly that."""
    rounded = f"{share:.0%}"
    if rounded == "100%" and share < 1:
        return "over 99%"
    if rounded == "0%" and share > 0:
        return "under 1%"
    return rounded


def likelihood(probability: float) -> str:
    """A probability in words and number: `very likely (94%)`."""
    words = next(words for least, words in _LIKELIHOODS if probability >= least)
    return f"{words} ({percent(probability)})"


def confidence(value: float) -> str:
    """How sure a verdict is: `high confidence (94%)`. Not the likelihood scale: "unverifiable,
    unlikely" would read as a word on the claim."""
    word = next(word for least, word in _CONFIDENCES if value >= least)
    return f"{word} confidence ({percent(value)})"


class LeftOut(NamedTuple):
    """Sources that were left out, as renderings list them."""

    what: str
    """A title, or how many there are."""
    reason: str
    many: bool = False


def warned_source(source: SourceWarning) -> str:
    """How a source that a warning is about is called."""
    return ", ".join(part for part in (source.publisher, source.title) if part) or source.source_id


def left_out(report: Report) -> list[LeftOut]:
    """The sources left out, each by its title; many of one kind of reason by their number."""
    kinds: dict[str, list[SourceLeftOut]] = {}
    for source in report.sources_left_out:
        # What follows a comma tells one source's case from another's.
        kinds.setdefault(source.reason.partition(",")[0], []).append(source)
    listed = []
    for kind, sources in kinds.items():
        reasons = {source.reason for source in sources}
        if len(sources) > _LISTED:
            reason = kind if len(reasons) > 1 else sources[0].reason
            listed.append(LeftOut(count(len(sources), "source"), reason, many=True))
        else:
            listed += [LeftOut(each.title or each.source_id, each.reason) for each in sources]
    return listed


def searched(report: Report) -> int:
    """How many sources the article was checked against."""
    return report.run.library.sources - len(report.sources_left_out)


def web_address(url: str | None) -> str | None:
    """`url` where it is an http or https address that is safe to make a link of, else None.

    Refuses other schemes, credentials before the host (`https://bank.example@evil.example`),
    spaces, quotes, and invisible or reordering characters.
    """
    if not url or not url.isprintable() or not _WEB_ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.username is None and parts.port != 0
    except ValueError:  # a malformed port or IPv6 address
        return None
    return url if usable else None


def host(url: str) -> str:
    """Host of a `web_address`, to show where its link leads."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def showable(text: str) -> str:
    """`text` with U+FFFD for each character that no page can hold; offsets stay."""
    return _UNSHOWABLE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """`text` as a single line that cannot move a cursor, reorder or imitate other lines."""
    flat = " ".join(text.split())
    return _REORDERING.sub("", _UNSHOWABLE.sub("", flat)).strip()
