"""What can be computed about a claim and a passage, instead of guessed by a model.

Figures, dates and quotations are compared by `tools`; here it is decided whether the
passage is about the same thing at all. Each finding names the sentence of the passage
that it rests on.
"""

from __future__ import annotations

from functools import lru_cache

from agent.compare.accounts import only_another
from agent.compare.actors import of_another_actor
from agent.compare.figures import dates, figures
from agent.compare.happenings import happenings
from agent.compare.opposites import opposites
from agent.compare.sayings import sayings
from agent.compare.subjects import Finding, Sentence, is_run_on, sentences_of
from agent.compare.uniqueness import untold_uniqueness
from tools.numbers.quantities import quantities
from tools.text.spinning import plain_reading
from tools.text.words import content_stems, names

__all__ = ["Finding", "findings"]


def findings(claim: str, passage: str, *, setting: str = "", spun: bool = False) -> list[Finding]:
    """Everything computed about a claim and a passage.

    Args:
        claim: the claim's text.
        passage: the passage's text.
        setting: more of the source (its title, its opening), where its names may stand.
        spun: whether the source is machine-spun; its altered quotations say nothing.
    """
    if found := sayings(claim, passage, setting=setting, spun=spun):
        # Whether somebody said so is not decided by the figures around; and a passage that has
        # the whole claim word for word does not say it otherwise.
        return [f for f in found if f.relation != "differs" or claim.strip() not in passage]
    sentences, context = _read(passage, setting, spun)
    if names(claim) and not names(claim) & context:
        return [Finding("figure", "silent") for _ in quantities(claim)]
    untold = [Finding("figure", "silent", absent=True)] if only_another(claim, passage) else []
    if alone := untold_uniqueness(claim, passage):
        untold.append(alone)
    found = [
        *untold,
        *figures(claim, sentences, context),
        *dates(claim, sentences, context),
        *(opposites(claim, sentences) or happenings(claim, sentences)),
    ]
    return [f for f in found if f.relation != "differs" or _holds(claim, passage[f.start : f.end])]


def _holds(claim: str, sentence: str) -> bool:
    """Whether what a sentence tells otherwise is told of what the claim speaks of."""
    return not is_run_on(sentence) and not of_another_actor(claim, sentence)


@lru_cache(maxsize=1024)  # a passage is found for several claims of an article
def _read(passage: str, setting: str, spun: bool) -> tuple[tuple[Sentence, ...], frozenset[str]]:
    """The sentences of a passage in plain reading, and the content stems of it and its setting."""
    sentences = tuple(
        Sentence(start, end, plain_reading(passage[start:end], spun=spun))
        for start, end in sentences_of(passage)
    )
    context = content_stems(setting) | content_stems(plain_reading(passage, spun=spun))
    return sentences, context
