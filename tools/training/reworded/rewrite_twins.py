"""False twins of a rewrite: one thing changed, or one thing more, in the claim or the passage."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass, field

from tools.times.dates import date_mentions
from tools.training.reworded.rewrite_figures import SMALL, figures, other_figure
from tools.training.reworded.rewrite_text import NEGATED, QUOTED, body, replaced
from tools.training.reworded.rewrite_words import opposites, put


@dataclass
class Pool:
    """What other sentences of the corpus lend: doers, places, dates, whole sentences."""

    agents: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    places: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    sentences: list[tuple[str, str]] = field(default_factory=list)


_SITE = re.compile(
    r"\b(?:born|located|situated|based|held|lives|lived|died|headquartered|took place) "
    r"(?P<site>in (?:[A-Z][\w’-]+)(?: [A-Z][\w’-]+)?)(?=[.,]| on | in | and )"
)
_COUNT_WORD = re.compile(
    r"(?<![\w-])(?P<word>two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
    r"(?= [a-z]+s\b)(?! (?:of|or|times|thirds|quarters)\b)"
)


def changed(claim: str, pool: Pool, rng: random.Random) -> str | None:
    """The claim with one thing made false: a figure, a year, a place, or a word turned round."""
    if NEGATED.search(claim):
        return None
    ways: list[str] = []
    for figure in figures(claim)[:2]:
        written = figure.written(other_figure(figure, rng))
        ways.append(replaced(claim, figure.start, figure.end, written))
    for date in date_mentions(claim):
        if date.year and claim[date.end - 4 : date.end] == str(date.year):
            if re.search(r"\b(?:before|after|since|until|by)\s(?:\w+ )?$", claim[: date.start]):
                continue
            year = date.year + rng.choice((-15, -9, -4, -2, -1, 1, 2, 3, 6))
            ways.append(replaced(claim, date.end - 4, date.end, str(year)))
            break
    for match in _COUNT_WORD.finditer(claim):
        if not re.search(
            r"\b(?:the|these|those|least|than|about|other)\s$", claim[: match.start()]
        ):
            word = rng.choice([w for n, w in SMALL.items() if n < 15 and w != match["word"]])
            ways.append(replaced(claim, *match.span(), word))
    site = _SITE.search(claim)
    places = [p for p in pool.places[:400] if p.startswith("in ") and p not in claim]
    if site and places:
        ways.append(replaced(claim, *site.span("site"), rng.choice(places)))
    turned = opposites(claim)
    if turned:
        ways += [put(claim, rng.choice(turned), rng)] * 2
    return rng.choice(ways) if ways else None


def told_otherwise(claim: str, false: str, told: tuple[str, ...]) -> tuple[str, ...] | None:
    """The passage with the change that makes a claim false, where it has the same words once."""
    ours, theirs = claim.split(" "), false.split(" ")
    low = 0
    while low < min(len(ours), len(theirs)) and ours[low] == theirs[low]:
        low += 1
    high = 0
    while high < min(len(ours), len(theirs)) - low and ours[-1 - high] == theirs[-1 - high]:
        high += 1
    old = " ".join(ours[low : len(ours) - high]).strip(",.")
    new = " ".join(theirs[low : len(theirs) - high]).strip(",.")
    holding = [n for n, sentence in enumerate(told) if _holds(old, sentence) == 1]
    if not old or not new or len(holding) != 1 or sum(_holds(old, t) for t in told) != 1:
        return None
    place = holding[0]
    changed = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _: new, told[place])
    return (*told[:place], changed, *told[place + 1 :])


def _holds(words: str, sentence: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", sentence))


PAST = re.compile(r"\b(?:was|were|had|became|won|lost|took|made|held|met|died|[a-z]{3,}ed)\b")
_NOT_PAST = re.compile(r"\b(?:is|are|has|have|will|would|can|could|may|might|says|if|than)\b")


def extended(sentence: str, added: str) -> str:
    """The sentence with an addition at its end."""
    return f"{body(sentence)} {added}."


def addition(claim: str, told: tuple[str, ...], pool: Pool, rng: random.Random) -> str | None:
    """A date or a place that the sentence does not tell and that fits at its end."""
    if (
        not claim.endswith(".")
        or QUOTED.search(claim)
        or _NOT_PAST.search(claim)
        or not PAST.search(claim)
        or NEGATED.search(claim)
        or len(claim.split()) > 24
        or re.search(r"\b(?:was|were) (?:an?|the)\b|\b\w+ly\.$|,", claim)
    ):
        return None
    whole = " ".join((claim, *told))
    options = []
    if pool.dates and not date_mentions(whole) and not re.search(r"day\b|\d{4}", whole):
        options.append(_near(pool.dates, whole, rng))
    if pool.places and not re.search(r"\b(?:in|at|near|from|to|of) (?:the )?[A-Z]", whole):
        options.append(pool.places)
    return rng.choice(rng.choice(options)) if options else None


def _near(dates: list[str], text: str, rng: random.Random) -> list[str]:
    """Some of the dates, those that a text like this one may well tell before others."""
    told = [int(year) for year in re.findall(r"\b(?:1[5-9]|20)\d\d\b", text)]
    about = told[0] if told else _RECENT
    some = rng.sample(dates, min(len(dates), 20))
    return sorted(some, key=lambda date: abs(int(date[-4:]) - about))[:3]


_RECENT = 2010
