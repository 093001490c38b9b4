"""Dates said otherwise: in another form, or more coarsely; and other dates in the same forms."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tools.times.dates import DateMention, date_mentions
from tools.training.pairs import CONFLICTING
from tools.training.reworded.rewrite_text import NEGATED, Rewrite, is_quoted, replaced

_MONTHS = ("January February March April May June July August September October November "
           "December").split()  # fmt: skip
_ORDINAL = ("first", "second", "third", "fourth")
_PREPOSITION = re.compile(r"\b([Oo]n|[Ii]n) (?:the )?$")
# What holds of a day need not hold of its year.
_UNIQUE = re.compile(
    r"\b(?:most|first|last|only|record|highest|lowest|best|worst|all|every|each|total|largest|"
    r"[a-z]{3,}est|since|until|by|population|average|final|both|between|per|estimated|annual|"
    r"as of)\b",
    re.I,
)


def dated(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """Dates in another form or told more coarsely; and other dates in the same forms."""
    mentions = date_mentions(sentence)
    coarsen = not NEGATED.search(sentence) and not _UNIQUE.search(sentence)
    for mention in mentions:
        before = _PREPOSITION.search(sentence[: mention.start])
        if not before or is_quoted(sentence, mention.start) or mention.season:
            continue
        if mention.year is None or len([m for m in mentions if m.year == mention.year]) > 1:
            continue
        start, end = before.start(), mention.end
        if sentence[end : end + 1] == "," and start == 0:
            after = end
        elif sentence[end : end + 1] == ",":
            after = end + 1  # "on May 3, 2021, in"
        else:
            after = end
        if re.match(r"\s*(?:[–-]|to\b|and \d|or \d|(?:in|on) (?:the )?\d)", sentence[end:]):
            continue
        forms = _forms(mention, rng, coarsen=coarsen)
        if not forms:
            continue
        kind, form = rng.choice(forms)
        true = replaced(sentence, start, after, form)
        yield Rewrite(kind, true)
        other = _other_date(mention, rng)
        false_forms = [f for f in _forms(other, rng, coarsen=coarsen) if f[1] != form]
        # A coarser form of another date may hold of this one too.
        false_forms = [f for f in false_forms if f[1] not in {g[1] for g in forms}]
        false_forms = [f for f in false_forms if not _may_hold(f[1], mention)]
        if false_forms and rng.random() < 0.5:
            kind, form = rng.choice(false_forms)
            yield Rewrite(kind, replaced(sentence, start, after, form), CONFLICTING)
        elif not _may_hold(form, other):
            preposition = "on" if other.day else "in"
            told = replaced(sentence, start, end, f"{preposition} {_plainly(other)}")
            yield Rewrite(kind, true, CONFLICTING, told)


def _plainly(mention: DateMention) -> str:
    parts = []
    if mention.day:
        parts.append(f"{mention.day}")
    if mention.month:
        parts.append(_MONTHS[mention.month - 1])
    if mention.quarter:
        parts.append(f"the {_ORDINAL[mention.quarter - 1]} quarter of")
    return " ".join([*parts, str(mention.year)])


def _forms(mention: DateMention, rng: random.Random, *, coarsen: bool) -> list[tuple[str, str]]:
    """Ways to tell a date, each with its kind and preposition."""
    year, month, day = mention.year, mention.month, mention.day
    assert_year = int(year or 0)
    forms: list[tuple[str, str]] = []
    if mention.quarter:
        first, last = _MONTHS[3 * mention.quarter - 3], _MONTHS[3 * mention.quarter - 1]
        forms += [
            ("quarter", f"between {first} and {last} {year}"),
            ("quarter", f"in the months from {first} to {last} {year}"),
        ]
        if mention.quarter == 1:
            forms.append(("quarter", f"in the first three months of {year}"))
    if month and day:
        name = _MONTHS[month - 1]
        forms += [
            ("dated", rng.choice((f"on {day} {name} {year}", f"on {name} {day}, {year}"))),
            ("dated", f"on {year}-{month:02d}-{day:02d}"),
        ]
    if not coarsen:
        return forms
    if month:
        quarter = (month - 1) // 3
        forms.append(("quarter", f"in the {_ORDINAL[quarter]} quarter of {year}"))
        half = "first" if month <= 6 else "second"
        forms.append(("dated", f"in the {half} half of {year}"))
        if day:
            forms += [("dated", f"in {_MONTHS[month - 1]} {year}")] * 2
    if month or mention.quarter:
        forms.append(("dated", f"in {year}"))
    else:
        decade = assert_year // 10 * 10
        third = "early" if assert_year % 10 < 4 else "mid" if assert_year % 10 < 7 else "late"
        forms += [
            ("dated", f"in the {decade}s"),
            ("dated", f"in the {_century(assert_year)} century"),
        ]
        if third != "mid" and assert_year % 10 not in (3, 4):
            forms.append(("dated", f"in the {third} {decade}s"))
        forms += [
            ("dated", f"before {assert_year + rng.randint(2, 9)}"),
            ("dated", f"after {assert_year - rng.randint(2, 9)}"),
        ]
    return forms


def _century(year: int) -> str:
    number = (year - 1) // 100 + 1
    return f"{number}{'st' if number == 21 else 'th'}"


def _other_date(mention: DateMention, rng: random.Random) -> DateMention:
    """A date of the same granularity that is not this one."""
    year = mention.year or 0
    month, quarter = mention.month, mention.quarter
    draw = rng.random()
    if month and draw < 0.5:
        month = (month + rng.randint(2, 9) - 1) % 12 + 1
    elif quarter and draw < 0.6:
        quarter = (quarter + rng.randint(0, 2)) % 4 + 1
    else:
        step: int = (
            rng.choice((1, 2, 3, 4, 6, 10, 11, 15)) if month or quarter else rng.randint(8, 30)
        )
        year += step if rng.random() < 0.4 and year + step < 2021 else -step
    day = min(mention.day, 28) if mention.day else None
    return DateMention(mention.start, mention.end, year, month, day, quarter)


_BOUND_YEAR = re.compile(r"(before|after) (\d{4})$")


def _may_hold(form: str, of: DateMention) -> bool:
    """Whether a form of some date may also be said of another date."""
    if bound := _BOUND_YEAR.match(form):
        year, limit = int(of.year or 0), int(bound[2])
        return year < limit if bound[1] == "before" else year > limit
    if decade := re.search(r"(early|late|mid)? ?(\d{3}0)s$", form):
        return int(of.year or 0) // 10 * 10 == int(decade[2])
    if form.endswith("century"):
        return _century(int(of.year or 0)) in form
    if half := re.match(r"in the (first|second) half of (\d{4})", form):
        months = of.months() or frozenset(range(1, 13))
        wanted = set(range(1, 7)) if half[1] == "first" else set(range(7, 13))
        return str(of.year) == half[2] and bool(months & wanted)
    told = date_mentions(form)
    if form.startswith("between") or "months" in form:
        spans = [m for m in told if m.month]
        if not spans or f"{of.year}" not in form:
            return f"{of.year}" in form
        low, high = spans[0].month or 1, spans[-1].month or 12
        return bool((of.months() or frozenset(range(1, 13))) & set(range(low, high + 1)))
    return any(
        m.year == of.year
        and not (m.day and of.day and m.day != of.day)
        and bool((m.months() or frozenset(range(1, 13))) & (of.months() or frozenset(range(1, 13))))
        for m in told
    )


def _rules_out(form: str, mention: DateMention) -> bool:
    return not _may_hold(form, mention)
