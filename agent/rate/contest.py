"""When sources that lean against a claim are enough to contest it.

A small judge seldom sees that two answers exclude one another where neither text denies the other:
that a prize went to Ada Berg speaks against the claim that it went to Bo Dahl, but less loudly
than a denial. Over ten passages a low threshold would call conflicts everywhere, so a lone passage
needs much (`agent.rate.embedded`). It needs less where the claim rests on little: where at
least as many voices lean against a claim as support it, they contest it. Else one planted text
would be louder than two sources that say otherwise.

Six things do not lean: what was computed, which is left as it is; a passage that lacks a figure
of the claim or has the same one; one that speaks nearly as much for the claim as against it; a
sentence that says what the claim's surest support says, or follows from it; one that is of another
(a man, where the claim is on a woman; nobody whom the claim names, if it is little like it) or has
all of its names and most of its words; and one that has little in common with it, for the judge's
small doubts about texts of something else add up over ten passages. Where its doubt is not small, a
figure that the passage lacks may well be what is denied: `eight hours ahead`, not five. Then the
sentence has to have a figure of that unit, and it is enough that it has much in common with the
claim: of a passage that supports it as a whole some other sentence may be quoted.

A contradiction goes both ways, a doubt about what is merely told with other details does not: so
the claim is also held against the sentence, and both together must contradict somewhat.

Whether somebody used certain words is compared word by word (`agent.compare.sayings`), so a claim
with a quotation is not contested; nor is one that does not say whom it is about (`He was hit on
Saturday`), since what contradicts it may be of another.

What a publisher that the user distrusts says is no voice, on neither side. A source later than
the article makes no conflict (`agent.decide`): it leans only where all that support the claim are
later, too, and where it contradicts, sources of the time may still contest.

The thresholds were chosen by `python -m evals.attacks.poison` on 114 questions, with what they cost
where nothing is planted: without the last of the four, 13 of the 138 claims of `check_covid` that
are supported or undecided were called conflicts for it; with it two. `MORE` and `MUTUAL` were
chosen where many outlets tell of one event (`python -m evals.evidence.outlets`): of the first 217
claims 10 were contested without them, none rightly, and 2 with them; of 114 false claims with one
planted text 27 and 26 were.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence

from agent.compare.actors import of_another_actor
from agent.compare.sayings import cut_quotation
from agent.compare.subjects import own_names
from agent.rate.gate import alike
from agent.rate.judge import Judgement
from agent.types import Evidence
from tools.library.voices import one_voice_each
from tools.numbers.quantities import quantities
from tools.text.quotes import quotations
from tools.text.words import content_stems, is_negated

LEANS = 0.25
"""Least probability of a contradiction with which a passage leans against a claim."""
CONTESTS = 0.35
"""Least probability that one of the voices that lean contradicts it, were they independent."""
SURE = 0.6
"""Least probability of a contradiction with which a passage leans against a claim though it lacks a
figure of it."""
MORE = 0.25
"""By how much a passage that leans against a claim is likelier to contradict than to support it."""
MUTUAL = 0.25
"""Least mean probability of a contradiction between a claim and a sentence, each by the other."""
ALIKE = 0.25
"""Least Dice's coefficient of the content words of a sentence and of the one it is to contest."""
LIKE_CLAIM = 0.3
"""The same of a sentence that is as sure as `SURE` and of the claim."""
SHARED = 2
"""Fewest content words that an unread passage and a support have in common for it to be read."""
UNNAMED = 0.4
"""Least Dice's coefficient of a claim and of a sentence that names nobody whom the claim names."""
COVERED = 0.75
"""Share of the claim's content words in a sentence from which it tells the same, not a rival."""
AGREES = 0.5
"""Least probability with which of two sentences one supports the other."""

Reads = Callable[[str, str], tuple[float, float, float]]
"""Probabilities that the second text supports, contradicts or does not decide the first."""


def contesting(
    claim: str, judgements: Sequence[Judgement], rated: Sequence[Evidence], reads: Reads
) -> set[int]:
    """Positions of the passages that contest a claim, though by themselves they decide nothing.

    Args:
        claim: its text.
        judgements: of the passages of this claim.
        rated: the evidence that they were found to be, in the same order.
        reads: asked of few sentences, and only where a claim may be contested.
    """
    if is_beyond(claim) or not (supporting := unopposed(rated)):
        return set()
    # Whose passage supports the claim does not lean against it with another one.
    sources = {item.source_id for item in supporting}
    leaning = {
        place
        for place, (judgement, item) in enumerate(zip(judgements, rated, strict=True))
        if item.stance == "neutral"
        and item.source_id not in sources
        and is_voice(item, supporting)
        and _leans(judgement)
    }
    voices = len({item.origin for item in one_voice_each(supporting)})
    if not _loud(leaning, judgements, rated, voices):
        return set()
    surest = _surest(supporting)

    def speaks_against(place: int) -> bool:
        start, end = judgements[place].conflict
        sentence = rated[place].context[start:end]
        if not _is_of_the_same(claim, sentence, judgements[place]):
            return False
        sure = judgements[place].probabilities[1] >= SURE
        like = alike(sentence, surest) >= ALIKE or (sure and alike(sentence, claim) >= LIKE_CLAIM)
        if not like:
            return False
        mutual = (reads(claim, sentence)[1] + reads(sentence, claim)[1]) / 2
        if mutual < MUTUAL:
            return False
        return max(reads(sentence, surest)[0], reads(surest, sentence)[0]) < AGREES

    left = {place for place in leaning if speaks_against(place)}
    return left if _loud(left, judgements, rated, voices) else set()


# A claim that could not be written out: a sentence like it may be about anybody.
_OF_WHOM = re.compile(
    r"\W*(?:he|she|it|they|this|that|these|those|there|his|her|its|their)\b", re.I
)


def _is_of_the_same(claim: str, sentence: str, judgement: Judgement) -> bool:
    """Whether a sentence may answer what the claim answers, and otherwise.

    It is of the same where it names somebody whom the claim names, or is much like it, and is of no
    other kind of actor; it has another answer where a name or several words of the claim are not
    among its own, or one of the two denies. For a figure that it lacks it has to have one of that
    unit.
    """
    ours, theirs = content_stems(claim), content_stems(sentence)
    named = own_names(claim)
    if of_another_actor(claim, sentence):
        return False
    if named and not named & theirs and alike(sentence, claim) < UNNAMED:
        return False
    if judgement.lacks_a_figure:
        return not _units(claim).isdisjoint(_units(sentence))
    same_sign = is_negated(claim) == is_negated(sentence)
    return (
        not same_sign
        or not named <= theirs | own_names(sentence)
        or len(ours & theirs) < COVERED * len(ours)
    )


def _units(text: str) -> set[str]:
    """Units of a text's figures; a bare number may be an age: `At 79` of `aged 81`."""
    return {"count" if figure.unit == "age" else figure.unit for figure in quantities(text)}


def rivals(unread: Iterable[int], rated: Sequence[Evidence]) -> list[int]:
    """Positions of unread passages that may contest a claim, were they read; in order.

    Args:
        unread: positions of passages that were not read.
        rated: the evidence on one claim, as it is without them.
    """
    if not (supporting := unopposed(rated)):
        return []
    sources = {item.source_id for item in supporting}
    told = content_stems(_surest(supporting))
    return sorted(
        place
        for place in unread
        if rated[place].source_id not in sources
        and is_voice(rated[place], supporting)
        and len(told & content_stems(rated[place].context)) >= SHARED
    )


def is_beyond(claim: str) -> bool:
    """Whether a claim is not contested: it quotes, or does not say whom it is about."""
    return bool(quotations(claim) or cut_quotation(claim) or _OF_WHOM.match(claim))


def unopposed(rated: Sequence[Evidence]) -> list[Evidence]:
    """What supports a claim, where nothing of the time contradicts it; else nothing."""
    counted = [item for item in rated if item.reputation != "distrusted"]
    if any(item.stance == "contradicts" and not item.later for item in counted):
        return []
    return [item for item in counted if item.stance == "supports"]


def is_voice(item: Evidence, supporting: Iterable[Evidence]) -> bool:
    """Whether what a source says may contest what these support."""
    of_the_time = not item.later or all(other.later for other in supporting)
    return of_the_time and item.reputation != "distrusted"


def _surest(supporting: Iterable[Evidence]) -> str:
    return max(supporting, key=lambda item: (item.probability, item.source_id)).quote


def _loud(
    leaning: set[int], judgements: Sequence[Judgement], rated: Sequence[Evidence], voices: int
) -> bool:
    """Whether those that lean against a claim are as many as support it, and likely to be right."""
    against = one_voice_each(
        [rated[place].model_copy(update={"stance": "contradicts"}) for place in sorted(leaning)]
    )
    loudest: dict[str, float] = {}
    for place, item in zip(sorted(leaning), against, strict=True):
        probability = judgements[place].probabilities[1]
        loudest[item.origin] = max(loudest.get(item.origin, 0.0), probability)
    likely = 1 - math.prod(1 - probability for probability in loudest.values())
    return len(loudest) >= voices and likely >= CONTESTS


def _leans(judgement: Judgement) -> bool:
    supported, against, _ = judgement.probabilities
    if judgement.ruling or judgement.unread or against < max(LEANS, supported + MORE):
        return False
    figures = [finding for finding in judgement.findings if finding.what == "figure"]
    if any(figure.relation == "same" for figure in figures):
        return False
    return against >= SURE or not judgement.lacks_a_figure
