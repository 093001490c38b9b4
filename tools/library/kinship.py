"""Whether two texts have one origin, and why: the rules.

Outlets print the same agency story under their own headlines, cut it to fit, and machines
reword it. All of these say no more than the first text did. Two reporters who were at the
same event are another matter, even where both quote the same sentence and give the same
figures. What tells them apart is how much was written in the same words *outside* quotation
marks, and in which order names and figures come:

- A **copy** shares half of its word 4-grams with the other text (containment, Broder 1997,
  "On the resemblance and containment of documents"), so a shortened copy still counts.
- A **wire** copy shares fewer, since two outlets cut one agency's report to different parts;
  but at least one of them names an agency.
- A **spun** copy keeps the order of its words, or at least that of its names and figures, all
  of which it has from the other text: their longest common subsequence gives it away.
- Two texts that relay one **report** have own words, but both name the same body or title where
  they speak of a report, and give the same figures.

A **form letter** (two weather reports, two quarterly results) shares words, but not the
figures or names that stand in them. It is of no common origin.

The thresholds of *copy*, and of *spun* by the order of words, were set on 842 news texts; the
others on the half of `evals/evidence/origin_pairs` that is for it. `python -m
evals.evidence.origins` measures all of them on the other half.
"""

from __future__ import annotations

import numpy as np

from agent.types import OriginReason
from tools.library.profiles import Hashes, Profile
from tools.library.signatures import MIN_FACTS

MIN_WORDS = 30
"""A shorter text is a copy only of the very same words: two headlines are soon alike."""

_COPIED = 0.5
"""Containment, quotations left out, from which a text is a copy."""
_MIN_OWN_WORDS = 12
"""Two texts with fewer words outside quotations (transcripts, say) are compared whole."""
_SAME_FACTS = 0.5
"""Share of figures with the words beside them, and of names, that a copy has in common, …"""
_SAME_AMOUNTS = 0.75
"""… and of figures by themselves."""

_WIRE = 0.15
"""Containment from which two texts that name the same agency are cuts of one report."""
_WIRE_UNNAMED = 0.3
"""The same where only one of them names an agency."""

_LENGTHS = 2.5
"""Largest ratio of lengths: a long text holds most short ones as a subsequence."""
_REWORDED = 0.65
"""Common subsequence of words, as a share of the shorter text, of a reworded text."""
_REWORDED_SHINGLES = 0.1
"""Containment that words swapped at random leave; below it words are not aligned."""
_REWORDED_FACTS = 0.8
"""Share of figures, and of names, that it keeps in their order."""

_RETOLD_FACTS = 12
"""Figures and names that a text told again in other words must have, …"""
_RETOLD_AMOUNTS = 5
"""… different figures that both texts must have, …"""
_RETOLD_SHARE, _RETOLD_NAMES = 0.8, 0.7
"""… the share of the shorter's figures, and names, that they are, …"""
_RETOLD_ORDER = 0.74
"""… and the share that is in the same order."""

_RELAYED_AMOUNTS = 3
"""Different figures that two texts on one report have in common, …"""
_RELAYED_SHARE = 0.5
"""… and the share that they are of the shorter's."""


def kinship(a: Profile, b: Profile) -> OriginReason | None:
    """Why two texts have one origin; None where they do not. Symmetric."""
    if a.key == b.key:
        return _printed(a, b)
    if min(len(a.words), len(b.words)) < MIN_WORDS:
        return None
    shared = _containment(a.shingles, b.shingles)
    own = shared
    if max(len(a.own_words), len(b.own_words)) >= _MIN_OWN_WORDS:
        own = _containment(a.own_shingles, b.own_shingles)
    if own >= _COPIED:
        return _printed(a, b) if _same_facts(a, b) else None
    if _is_wire(a, b, own):
        return "wire"
    if (shared >= _REWORDED_SHINGLES and _is_reworded(a, b)) or _is_retold(a, b):
        return "spun"
    return "report" if _relay_a_report(a, b) else None


def _printed(a: Profile, b: Profile) -> OriginReason:
    if a.spun or b.spun:
        return "spun"
    return "wire" if _share_an_agency(a, b) else "copy"


def _share_an_agency(a: Profile, b: Profile) -> bool:
    return bool(a.credits & b.credits) or a.publisher in b.credits or b.publisher in a.credits


def _is_wire(a: Profile, b: Profile, own: float) -> bool:
    if not (a.credits or b.credits) or own < _WIRE:
        return False
    if own < _WIRE_UNNAMED and not _share_an_agency(a, b):
        return False
    # Two reports of one agency are written alike; of parts of one report, names or figures meet.
    return any(
        min(len(mine), len(theirs)) and _containment(mine, theirs) >= _SAME_FACTS
        for mine, theirs in ((a.figures, b.figures), (a.names, b.names))
    )


def _same_facts(a: Profile, b: Profile) -> bool:
    """Whether the texts are about the same, and not one form filled in twice."""
    return all(
        min(len(mine), len(theirs)) < MIN_FACTS or _containment(mine, theirs) >= share
        for mine, theirs, share in (
            (a.amounts, b.amounts, _SAME_AMOUNTS),
            (a.figures, b.figures, _SAME_FACTS),
            (a.names, b.names, _SAME_FACTS),
            (np.union1d(a.figures, a.names), np.union1d(b.figures, b.names), _SAME_FACTS),
        )
    )


def _is_reworded(a: Profile, b: Profile) -> bool:
    """Whether the order of words, figures and names betrays one text behind both."""
    if not _of_similar_length(len(a.own_words), len(b.own_words)):
        return False
    orders = [
        _in_order(a.words[mine & ~a.quoted], b.words[theirs & ~b.quoted])
        for mine, theirs in ((a.figure, b.figure), (a.name, b.name))
    ]
    known = [share for share in orders if share is not None]
    if not known or min(known) < _REWORDED_FACTS:
        return False
    words = _in_order(a.own_words, b.own_words)
    return words is not None and words >= _REWORDED


def _is_retold(a: Profile, b: Profile) -> bool:
    """Whether one text tells the other again: the same figures and names, one after another."""
    amounts = np.intersect1d(a.amounts, b.amounts, assume_unique=True)
    fewest = min(len(a.amounts), len(b.amounts))
    if len(amounts) < max(_RETOLD_AMOUNTS, _RETOLD_SHARE * fewest):
        return False
    if not _of_similar_length(len(a.words), len(b.words)):
        return False
    if _containment(a.names, b.names) < _RETOLD_NAMES:
        return False
    # A name at the beginning of a sentence is told by where else it stands.
    names = np.union1d(a.names, b.names)
    facts = [text.words[text.figure | np.isin(text.words, names)] for text in (a, b)]
    order = _in_order(*facts)
    return order is not None and order >= _RETOLD_ORDER and min(map(len, facts)) >= _RETOLD_FACTS


def _relay_a_report(a: Profile, b: Profile) -> bool:
    amounts = np.intersect1d(a.amounts, b.amounts, assume_unique=True)
    fewest = min(len(a.amounts), len(b.amounts))
    if len(amounts) < max(_RELAYED_AMOUNTS, _RELAYED_SHARE * fewest):
        return False
    return bool(a.reports & b.reports)


def _of_similar_length(a: int, b: int) -> bool:
    return min(a, b) >= MIN_WORDS and max(a, b) <= _LENGTHS * min(a, b)


def _in_order(a: Hashes, b: Hashes) -> float | None:
    """Longest common subsequence as a share of the shorter; None where that is too short."""
    from rapidfuzz.distance import LCSseq

    shorter = min(len(a), len(b))
    if shorter < MIN_FACTS:
        return None
    return LCSseq.similarity(a.tolist(), b.tolist()) / shorter


def _containment(a: Hashes, b: Hashes) -> float:
    if not len(a) or not len(b):
        return 0.0
    return len(np.intersect1d(a, b, assume_unique=True)) / min(len(a), len(b))
