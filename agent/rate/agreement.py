"""Which computed contradictions count where a search brought the passage, and nobody chose it.

Of a passage that somebody held against a claim, another figure or day is nearly always the claim's.
A search brings ten that share its words: the rise of the sea in another scenario, the warm phase
of another decade. What tells these apart is not in the figures. But the network, which reads past
figures, sees no contradiction there. So a figure or a day that differs counts only where it finds
one likely: nearly as likely as not where the claim names nobody, whose name would tie the two
together.

Both shares were chosen on `climate_fever`, `newsroom` and the example's key. In the first 22
passages seemed to contradict so, and one did.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agent.compare.ruling import untold
from agent.compare.subjects import own_names
from agent.rate.judge import Judgement
from agent.rate.windows import Pair
from tools.text.words import WORD, stem

UNNAMED, NAMED = 0.45, 0.2
"""Least share of the network's answer that a contradiction must have, of a claim that names nobody
and of one that names somebody or something."""
_ASKED = frozenset(("figure", "date"))


def is_asked(judgement: Judgement) -> bool:
    """Whether the network must agree: a figure or a day alone says that a passage contradicts."""
    rule = judgement.ruling
    return bool(rule and rule.verdict == "conflicting" and rule.finding.what in _ASKED)


def agreed(pair: Pair, judgement: Judgement) -> Judgement:
    """The judgement on a pair, without a ruling that the network does not agree with.

    What is left then is a passage that does not tell the claim's figure.
    """
    if not (judgement.is_read and is_asked(judgement)):
        return judgement
    answer = np.exp(judgement.features[:3])
    supported, conflicting, unverifiable = (float(share) for share in answer / answer.sum())
    if conflicting >= (NAMED if _names_somebody(pair) else UNNAMED):
        return judgement
    left = untold((supported, conflicting, unverifiable))
    return replace(judgement, ruling=None, probabilities=left)


def _names_somebody(pair: Pair) -> bool:
    """Whether a claim has a name: what a passage writes small is none (`Waste heat`)."""
    small = {stem(word) for word in WORD.findall(pair.passage) if word[0].islower()}
    return bool(own_names(pair.claim) - small)
