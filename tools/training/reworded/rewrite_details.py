"""Sentences with less in them: details dropped from the claim, or from the passage.

Dropped from the claim, a detail leaves it supported; dropped from the passage, the same detail
is one that the passage does not tell. Both come from one sentence, so a claim's length and
its details tell nothing of its label.
"""

# ruff: noqa: E501 (tables of patterns, which wrapping makes harder to read)

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tools.training.pairs import UNVERIFIABLE
from tools.training.reworded.rewrite_text import NEGATED, QUOTED, Rewrite, capitalised

_CAP = r"[A-Z][\w’'-]+"
_DETAILS: list[tuple[str, re.Pattern[str], str]] = [
    # What it adds, where it stands, what is left in its place.
    ("aside", re.compile(r" \((?![^()]*\b(?:born|died|also|or|formerly)\b)(?:\d{4}|[A-Za-z][a-z]+ [^()]{3,70})\)"), ""),
    ("clause", re.compile(r", (?:who|which|whose|where) [^,;:\"“”()]{6,100}, (?=[a-z])"), " "),
    ("clause", re.compile(r", (?:who|which|whose|where) [^;:\"“”()]{6,120}(?=\.$)"), ""),
    ("apposition", re.compile(r"(?<=[a-z]), (?:the|an?) [^,;:()\"“”]{4,80}, (?=(?:said|says|told|was|is|has|had|will|wrote|became|also)\b)"), " "),
    ("participle", re.compile(r", (?!including|according|following|starting|beginning|ranging|excluding|depending|assuming)[a-z]{3,}ing [^;:\"“”]{6,110}(?=\.$)"), ""),
    ("cause", re.compile(r",? (?:because|due to|because of|as a result of|owing to|thanks to) [^,;:\"“”]{6,100}(?=\.$)"), ""),
    ("time", re.compile(r",? (?:after|before|during|when|while) (?:the|an?|he|she|it|they|his|her|its|their|being|[A-Z]\w+|[a-z]+ing) [^,;:\"“”]{4,90}(?=\.$)"), ""),
    ("purpose", re.compile(r",? (?:in order to|so that|in an effort to|in an attempt to|in a bid to|with the aim of) [^,;:\"“”]{6,90}(?=\.$)"), ""),
    ("second", re.compile(r", (?:and|but|while|although|though) (?:he|she|it|they|his|her|its|their|the) [^;:\"“”]{8,110}(?=\.$)"), ""),
    ("date", re.compile(r"(?<=[a-z]),? (?:in (?:(?:early|late|mid) )?(?:[A-Z][a-z]+ )?(?:of )?\d{4}|on (?:[A-Z][a-z]+day,? )?(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2})(?:,? \d{4})?|on [A-Z][a-z]+day|last (?:week|month|year))(?=\.$)"), ""),
    ("date", re.compile(r"^(?:In (?:(?:early|late|mid) )?(?:[A-Z][a-z]+ )?\d{4}|On (?:[A-Z][a-z]+day,? )?(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2})(?:,? \d{4})?|On [A-Z][a-z]+day|Last (?:week|month|year)|Earlier this (?:week|month|year)), (?=[A-Za-z])"), ""),
    ("place", re.compile(rf"(?<=[a-z]) (?:in|at|near|outside) (?:the )?{_CAP}(?: (?:of )?{_CAP}){{0,3}}(?:, {_CAP}(?: {_CAP})?)?(?=\.$)"), ""),
    ("figure", re.compile(r"(?<=[a-z]) (?:\d{1,3}(?:,\d{3})+|\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens of|hundreds of|thousands of)(?= (?:people|men|women|children|soldiers|civilians|employees|workers|students|officers|patients|families|members|victims|hostages|passengers|fighters|militants|prisoners|refugees|songs|books|films|episodes|countries|cities|schools)\b)"), ""),
]  # fmt: skip
# Saying that it was said, or on what condition, is no detail.
_NEEDED = re.compile(
    r"\b(?:said|says|say|according|reported|reportedly|claim|claims|claimed|alleged|allegedly|told|"
    r"believed|if|unless|may|might|could|would|should|not|never|no|only|hoax|rumou?rs?|fake)\b|n[’']t",
    re.I,
)
# Objects that the sentence needs: "lives in Paris" says nothing without Paris.
_BOUND = re.compile(
    r"\b(?:is|are|was|were|be|been|located|situated|lives?|lived|living|born|based|resid(?:es|ed|ing)|"
    r"interested|involved|died|began|started|ended|remained|stayed|arrived|aimed|debuted|took place|"
    r"the|of|an?|succeed|results?|resulted|resulting|found|people|used|held|known|as|to|occurred|"
    r"published|released|written|founded|established|aired|place|headquartered|set|capital|year|"
    r"[a-z]+est(?: [a-z]+){0,3}|most(?: [a-z]+){0,3}|first(?: [a-z]+){0,3}|only(?: [a-z]+){0,3})$"
)
_SPEECH = re.compile(
    r"\b(?:said|says|say|told|added|stated|claimed|asked|announced|reported|in part|partly|largely|"
    r"mainly|mostly|primarily|simply|just|probably|especially|even|apparently|only|shortly|soon|long|"
    r"days?|weeks?|months?|years?|hours?|minutes?|right|immediately|named|modell?ed)$"
)
_COUNT_NEEDED = re.compile(
    r"\b(?:to|of|from|than|by|at|about|around|nearly|over|least|total|other|these|those|the|all|"
    r"first|last|every|some|in|for|an?|its|his|her|their|one|and|or|only|between|with|most)$"
)
_SUPERLATIVE = re.compile(
    r"\b(?:most|first|last|only|record|highest|lowest|best|worst|largest|biggest|smallest|oldest|"
    r"youngest|longest|all|every|each|none|never|always|total|average|more|less|fewer|population|"
    r"[a-z]+er than)\b"
)


def details(sentence: str) -> list[tuple[str, int, int, str]]:
    """What can be left out of a sentence so that what is left still follows from it.

    Returns:
        For each: what it adds (`date`), its span, and what to put in its place.
    """
    if NEGATED.search(sentence):
        return []
    found = []
    quoted = [m.span() for m in QUOTED.finditer(sentence)]
    for kind, pattern, new in _DETAILS:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if any(low < end and start < high for low, high in quoted):
                continue
            if _NEEDED.search(match[0]):
                continue
            rest = sentence[:start]
            if kind in ("date", "place", "time") and _SUPERLATIVE.search(sentence):
                continue
            if kind != "aside" and (_SPEECH.search(rest) or " that " in match[0]):
                continue
            if kind == "time" and re.search(r" (?:is|are|was|were|has|had) .* (?:is|are)\b|during .* "
                                            r"(?:is|are|was|were|has|had|will)\b", match[0]):  # fmt: skip
                continue
            if kind == "figure" and _COUNT_NEEDED.search(rest):
                continue
            if kind in ("date", "place") and start and _BOUND.search(rest):
                continue
            if kind == "place" and re.search(r"\b(?:and|or|between|from|both)\b", sentence[-60:]):
                continue
            found.append((kind, start, end, new))
    return found


def without(sentence: str, detail: tuple[str, int, int, str]) -> str:
    """The sentence without a detail of `details`."""
    _, start, end, new = detail
    left = (sentence[:start] + new + sentence[end:]).strip()
    return capitalised(left[:-1] if left.endswith("..") else left)


_JOINT = re.compile(
    r"^(?P<head>[A-Z][^;:\"“”]{2,80}? (?:is|was) (?P<article>an?) (?P<nation>[A-Z][a-z]+ )?)"
    r"(?P<roles>[a-z][a-z -]+(?:, [a-z][a-z -]+)*,? and (?:[a-z]+ ?){1,3})"
    r"(?P<rest>\.|, [^;]*\.| (?:who|from|known|best|of|in) [^;]*\.)$"
)


def shortened(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """The claim with fewer details; and the whole claim where the passage has fewer."""
    found = details(sentence)
    if found:
        kept = rng.choice(found)
        claim = without(sentence, kept)
        others = [d for d in details(claim) if d[0] != kept[0]]
        if others and rng.random() < 0.4:
            claim = without(claim, rng.choice(others))
        yield Rewrite("shortened", claim)
        hidden = rng.choice(found)
        yield Rewrite("detail", sentence, UNVERIFIABLE, without(sentence, hidden))
    if match := _JOINT.match(sentence):
        roles = re.split(r", and |, | and ", match["roles"].strip())
        if all(1 <= len(role.split()) <= 3 for role in roles):
            role = rng.choice(roles).strip()
            head = match["head"]
            if not match["nation"]:
                article = "an" if role[0] in "aeio" else "a"
                head = re.sub(r"an? $", f"{article} ", head)
            yield Rewrite("shortened", f"{head}{role}.")
            if len(roles) > 2 and match["nation"]:
                left = [r for r in roles if r != role]
                told = f"{match['head']}{', '.join(left[:-1])} and {left[-1]}{match['rest']}"
                yield Rewrite("detail", f"{head}{role}.", UNVERIFIABLE, told)
