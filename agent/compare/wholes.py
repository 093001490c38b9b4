"""What a claim says of all or of none, against the part of them that a passage tells.

`All the schools have reopened` is contradicted by `eight of the nine schools have reopened`, and
so is `none of the schools has reopened`. What is said of the part has to be what the claim says of
all, and nothing later may say it of the rest. `Nearly every new house has it` supports nothing that
is said of nearly every house.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.compare.matching import figures_of
from agent.compare.parts import parts_told
from agent.compare.subjects import Finding, Sentence, same_subject
from tools.numbers.contrasts import set_apart
from tools.numbers.measures import kin
from tools.numbers.quantities import quantities
from tools.text.grammar import form_of, verbs
from tools.text.words import content_stems, is_function_word, is_negated, stem
from tools.times.dates import periods_agree

_ALL = re.compile(r"\W*(?:all|every(?: (?:one|single one))?|each)(?: of)?\s", re.I)
_NONE = re.compile(r"\W*(?:none of|not (?:one|a single one) of|no)\s(?!one\b)", re.I)
_OPEN = re.compile(
    r"\b(?:but|except|apart from|only|nearly|almost|more|less|fewer|other|if|would|will|could|can|"
    r"should|must|might|(?-i:may)|had|who|which|that|whose)\b",
    re.I,
)
_PREPOSITION = re.compile(r"\s(?:of|in|at|on|from|for|with|to|by|near|around)\s")
_FOLLOWED = re.compile(
    r"\b(?:follow\w*|too|also|as well|later|since|remaining|rest|others?|last|eventually|finally|"
    r"by now|today|meanwhile|then|again)\b",
    re.I,
)
"""What of the rest may have become in the end what the first ones were."""
_STILL = re.compile(r"\b(?:still|not|never|remains?|stays?|stayed|remained|no)\b|n[’']t\b", re.I)
_AT_FIRST = re.compile(
    r"\b(?:so far|at first|initially|by then|yet|until|when|before|already|had|were to|expected|"
    r"planned|at least|would|will|could|may|might|if|formerly|originally)\b",
    re.I,
)


def wholes(claim: str, sentences: tuple[Sentence, ...], context: frozenset[str]) -> list[Finding]:
    """The part of all that a passage tells, where a claim speaks of all or of none.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
        context: content stems of the passage and of what is known of its source.
    """
    if _only_narrower(claim, sentences):
        note = "in the passage, of some kind of them"
        return [Finding("figure", "silent", note=note, elsewhere=True)]
    every = _ALL.match(claim)
    opening = every or _NONE.match(claim)
    if not opening or quantities(claim) or _OPEN.search(claim):
        return []
    rest = claim[opening.end() :]
    if is_negated(rest) or not (found := verbs(rest)) or not found[0].start:
        return []
    whole_phrase = rest[: found[0].start]
    words = _PREPOSITION.split(whole_phrase)[0].split()
    head = kin(frozenset({stem(words[-1].lower())})) if words else frozenset()
    said = kin(content_stems(rest[found[0].start :]))
    if not said or not kin(content_stems(whole_phrase)) <= kin(context) | head:
        return []
    for (part, here), (whole, there) in parts_told(figures_of(sentences, context)):
        text = here.sentence.text
        if part.bound != "exact" or whole.bound != "exact" or is_negated(text):
            continue
        counted = kin(frozenset({stem(whole.head)})) if whole.head else frozenset()
        if counted != head or not said <= here.near or _AT_FIRST.search(text):
            continue
        if not kin(content_stems(whole_phrase)) <= kin(content_stems(text)) | head:
            continue  # all of the Norwegian skiers, eight of the twelve
        if kin(content_stems(_told_with(text[whole.end :]))) - head - kin(content_stems(claim)):
            continue  # of the nine houses on the east side
        if not same_subject(claim, there.told + text) or set_apart(claim, here.text):
            continue
        if not periods_agree(claim, text) or _is_followed(
            text[whole.end :], here.sentence, sentences
        ):
            continue
        span = (here.sentence.start, here.sentence.end)
        note = f"{'all' if every else 'none'} against {part.text} of {whole.text}"
        return [Finding("figure", "differs", *span, note, 1.0, worked_out=True)]
    return []


# The first words of a claim on all; with one more word before the noun fewer are meant.
_EVERY = re.compile(
    r"\W*((?:(?:nearly|almost|virtually|practically)\s)?(?:every|all|each|most|no))\s"
    r"(?:(?:of\s)?(?:the|its|their|our)\s)?([a-z-]+)\s",
    re.I,
)
_NO_KIND = frozenset("single other one last such remaining various many few kinds sorts".split())


def _only_narrower(claim: str, sentences: Sequence[Sentence]) -> bool:
    """Whether what a claim says of all is told of all of a kind only."""
    ours = _EVERY.match(claim)
    if not ours or form_of(ours[2].lower()):
        return False
    every = re.escape(ours[1].split()[-1])
    noun, known = kin(frozenset({stem(ours[2])})), content_stems(claim)
    told = re.compile(rf"\b{every}\s(?:(?:of\s)?(?:the|its|their|our)\s)?([a-z-]+)\b", re.I)
    narrower = False
    for sentence in sentences:
        for match in told.finditer(sentence.text):
            if kin(frozenset({stem(match[1])})) == noun:
                return False
            further = _NEXT_WORD.match(sentence.text, match.end())
            if not further or kin(frozenset({stem(further[1])})) != noun:
                continue
            kind = match[1].lower()
            same = is_function_word(kind) or kind in _NO_KIND or stem(kind) in known
            narrower = narrower or not same
    return narrower


_NEXT_WORD = re.compile(r"\s([a-z-]+)\b")


def _told_with(rest: str) -> str:
    """What is told with a number of things, up to a comma or to what they did."""
    phrase = rest.partition(",")[0]
    found = verbs(phrase)
    return phrase[: found[0].start] if found else phrase


def _is_followed(rest: str, told: Sentence, sentences: Sequence[Sentence]) -> bool:
    """Whether what comes later may tell that the others became what the part was: of the ninth
    school any word may tell that, so what follows has to say that something is not or is still."""
    if _FOLLOWED.search(rest) and not _STILL.search(rest):
        return True
    later = [sentence.text for sentence in sentences if sentence.start > told.start]
    return bool(later) and not any(_STILL.search(text) for text in later)
