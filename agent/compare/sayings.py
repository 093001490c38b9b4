"""The quotations and reported statements of a claim, compared with those of a passage.

Words in quotation marks support a claim only where the passage has them said by whom the claim
names. The same words from another mouth contradict it, and so do other words in their place.
Where the passage has the words and not the speaker, or does not have the words, it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.compare.subjects import Finding, sentences_of, share
from tools.people.persons import NAME
from tools.people.speakers import (
    Speaker,
    denied,
    is_negated_before,
    same_speaker,
    speaker_of,
    statements,
)
from tools.text.quote_matching import find_quotes
from tools.text.quotes import MIN_WORDS, Quotation, QuoteMatch, is_title, quotations
from tools.text.words import WORD, antonyms, content_stems, denies, names

_SHORT = 3
"""Least words of a quotation that a claim can turn on: `called it “a bad joke”`."""
_FEW = 8
"""Words below which others in their place are a quotation only within quotation marks: any sentence
on a sandwich thief has most of `Beware the sandwich thief`."""
_SHARED_SOME = 0.5
"""How much of a reported statement another one must share to be on the same matter."""
_LEAST_STATEMENT = 3
"""Content words that a statement needs to be known again."""
_SHARED_STATEMENT = 0.75
"""How much of a reported statement another one must share to be the same statement."""
_TOLD_LOOSELY = 0.6
"""How much of a quotation a sentence must share for it to be told in other words perhaps."""
_LEAST_LOOSELY = 2
"""Content words that the two must share for that."""
_ASKS = re.compile(
    r"[\s“”\"‘’'(]*(?:(?:and|but|so)\s)?(?:did|do|does|has|have|had|is|are|was|were|would|will|could|"
    r"can|should|who|what|when|where|why|how|which)\b",
    re.I,
)
_ANSWERED = re.compile(r"[\s”\"’']*(?:(yes|true|correct)|(no|never|false|wrong))\b", re.I)
# A text that calls what it writes of an invention need not repeat it.
_INVENTED = re.compile(
    r"\b(?:satir\w+|parod\w+|fabricat\w+|fake[ds]?|hoax\w*|made[ -]up|invented|misquot\w+|"
    r"doctored|misattribut\w+|never said|did not say|didn[’']t say|false claims?)\b",
    re.I,
)
_ENTITLED = re.compile(
    r"\b(?:(?:en)?titled|headlined|captioned|named|known as)"
    r"[\s,:]*[“\"«‘'„]?$",
    re.I,
)
_IS_CALLED = re.compile(
    rf"(?P<of>{NAME.pattern})\s+(?:is|was|are|were|has been|had been|remains|remained)\s+[“\"«‘']$"
)


def sayings(claim: str, passage: str, *, setting: str = "", spun: bool = False) -> list[Finding]:
    """One finding for each quotation that the claim is about, or for its reported statement.

    Args:
        claim: the claim's text.
        passage: the passage's text.
        setting: more of the source, where names and offices may stand together.
        spun: whether the source is machine-spun; its altered quotations say nothing.
    """
    context = f"{setting}\n{passage}\n{claim}"
    found = []
    for quotation in quotations(claim, min_words=1):
        finding = _quotation(claim, quotation, passage, context, spun)
        if finding:
            found.append(finding)
    return found or _cut(claim, passage, context, spun) or _reported(claim, passage, context)


# A quotation that goes on in the article's next sentence, as the claim has it, or that began in the
# one before.
_BEGUN = re.compile(r"(?:^|[\s(—–])[“\"](?=\S)([^“”\"\n]{20,600})$")
_ENDED = re.compile(r"^([^“”\"\n]{15,600})(?<=[^\s\d])[”\"](?:\s[^“”\"\n]{2,120})?$")


def cut_quotation(claim: str) -> Quotation | None:
    """The quotation of a claim that has one of its two marks only: its first or last sentence."""
    text = claim.strip()
    match = _BEGUN.search(text) or _ENDED.search(text)
    if not match:
        return None
    before = claim.index(text)
    return Quotation(before + match.start(1), before + match.end(1), match[1])


def _cut(claim: str, passage: str, context: str, spun: bool) -> list[Finding]:
    """What a passage has of a quotation that goes on beyond the claim.

    Where it is to end is not known, so that other words do not contradict it.
    """
    quotation = cut_quotation(claim)
    finding = quotation and _quotation(claim, quotation, passage, context, spun)
    return [finding] if finding and finding.relation != "differs" else []


def _reported(claim: str, passage: str, context: str) -> list[Finding]:
    """The claim's reported statement, where the passage gives it to somebody else, or gives the
    same speaker the same words with a denial more or less. All else is left to a model: other
    words may mean the same."""
    ours = next(statements(claim), None)
    if ours is None or not ours.speaker.name or is_negated_before(claim, ours.start):
        return []
    said = claim[ours.start : ours.end]
    content = content_stems(said)
    others: list[Finding] = []
    for start, end, speaker in _said_in(passage):
        theirs = passage[start:end]
        shared = min(share(content, theirs), 2 * share(content_stems(theirs), said))
        same = same_speaker(ours.speaker, speaker, context)
        if same and shared >= _SHARED_SOME:
            if denies(said, theirs):
                note = f"“{said.strip(' .,')}” against “{theirs.strip(' .,')}”"
                span = _sentence_around(passage, start, end)
                return [Finding("opposite", "differs", *span, note)]
            return []
        if shared < _SHARED_STATEMENT:
            continue
        known = same is False and speaker.sure and speaker.name
        if not known or len(content) < _LEAST_STATEMENT or denies(said, theirs):
            return []
        note = f"said by {speaker.name}, not by {ours.speaker.name}"
        span = _sentence_around(passage, start, end)
        others.append(Finding("speaker", "differs", *span, note))
    return others[:1]


def _said_in(text: str) -> Iterator[tuple[int, int, Speaker]]:
    """What is said in a text, quoted or reported, and by whom."""
    for quotation in quotations(text, min_words=MIN_WORDS):
        speaker = speaker_of(text, quotation.start, quotation.end)
        if speaker:
            yield quotation.start, quotation.end, speaker
    for statement in statements(text):
        yield statement.start, statement.end, statement.speaker


def _quotation(
    claim: str, quotation: Quotation, passage: str, context: str, spun: bool
) -> Finding | None:
    """What the passage says of a quotation of the claim; None where the claim does not turn on
    it: a title, a term, or words that it only carries along."""
    speaker = speaker_of(claim, quotation.start, quotation.end)
    mostly = 2 * len(quotation.text) >= len(claim)
    if len(WORD.findall(quotation.text)) < _SHORT or not (speaker or mostly):
        return None
    if denied(claim, quotation.start, quotation.end):
        return None
    if is_title(quotation.text) and not claim[: quotation.start - 1].rstrip().endswith((":", ",")):
        return None
    if _ENTITLED.search(claim[: quotation.start]) or _is_a_term(claim, quotation):
        return None
    negated = is_negated_before(claim, quotation.start)
    matches = find_quotes(quotation.text, passage, negated=negated)
    marked = [(q.start, q.end) for q in quotations(passage, min_words=1)]
    if marked or len(WORD.findall(quotation.text)) < _FEW:
        # A text that marks what is quoted retells the rest.
        matches = [m for m in matches if m.relation == "verbatim" or _meets(m, marked)]
    if any(m.cut and _goes_on(claim, quotation, m.cut) for m in matches):
        return None  # what was cut off stands in the claim, in other words
    if not matches:
        # A claim that is nothing but a quotation may be one of a text that says it otherwise; and
        # of words that a text may tell in others, or call invented, a model knows more.
        open_ = not speaker or _INVENTED.search(passage) or _told_loosely(quotation.text, passage)
        return None if open_ else Finding("quotation", "silent")
    asked = "?" in quotation.text
    best = _best(
        [
            (None if asked else _asked_for(m, passage))
            or _of_another(claim, quotation, m, passage)
            or _compared(m, speaker, passage, context, spun)
            for m in matches
        ]
    )
    if best.relation == "same" and _speaks_of_others(claim, quotation, speaker, context):
        return Finding("quotation", "silent")
    return best


# `the “hands up” gesture`
_DETERMINED = re.compile(r"\b(?:the|an?|this|that|its|his|her|their)\s+[“\"«‘'„]$", re.I)
_A_NOUN = re.compile(
    r"[”\"»’'“]\s+(?!(?:and|but|as|in|on|at|to|of|for|by|he|she|it|they|said)\b)[a-z]"
)


def _is_a_term(claim: str, quotation: Quotation) -> bool:
    """Whether the words in marks stand before a noun and say which one is meant."""
    before, after = claim[: quotation.start], claim[quotation.end :]
    return bool(_DETERMINED.search(before) and _A_NOUN.match(after))


def _meets(match: QuoteMatch, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < match.end and match.start < end for start, end in spans)


def _goes_on(claim: str, quotation: Quotation, cut: str) -> bool:
    """Whether the claim goes on after a quotation with the word that its cut begins with."""
    ours, theirs = WORD.search(claim[quotation.end :]), WORD.search(cut)
    return ours is not None and theirs is not None and ours[0].lower() == theirs[0].lower()


def _told_loosely(quotation: str, passage: str) -> bool:
    """Whether a sentence of a passage has most of the words of a quotation, in another order or
    among others: `“We are brave, the whole bunch”` of `“a brave bunch”`."""
    content = content_stems(quotation)
    least = max(_LEAST_LOOSELY, _TOLD_LOOSELY * len(content))
    return any(
        len(content & content_stems(passage[start:end])) >= least
        for start, end in sentences_of(passage)
    )


def _asked_for(match: QuoteMatch, passage: str) -> Finding | None:
    """What a passage answers where it only asks whether the words were said: `Did she say “…”?`."""
    start, end = _sentence_around(passage, match.start, match.end)
    rest = passage[match.end : end]
    question = rest.find("?")
    if question < 0 or not _ASKS.match(passage, start) or "." in rest[:question].rstrip(".”\"’' "):
        return None
    answer = _ANSWERED.match(passage, match.end + question + 1)
    if answer and answer[1]:
        return Finding("quotation", "same", start, end, "the source answers that this was said")
    if answer:
        note = "the source answers that this was not said"
        return Finding("speaker", "differs", start, end, note)
    return Finding("quotation", "silent")


def _of_another(
    claim: str, quotation: Quotation, match: QuoteMatch, passage: str
) -> Finding | None:
    """That the words were said of somebody or something else: `Arl was “…”` of `Brin was “…”`."""
    ours = _IS_CALLED.search(claim[: quotation.start])
    theirs = _IS_CALLED.search(passage[: match.start])
    if not ours or not theirs or match.relation == "altered":
        return None
    span = _sentence_around(passage, match.start, match.end)
    if names(ours["of"]) & names(f"{theirs['of']} {passage[span[0] : span[1]]}"):
        return None
    note = f"said of {theirs['of']}, not of {ours['of']}"
    return Finding("quotation", "differs", *span, note)


def _speaks_of_others(
    claim: str, quotation: Quotation, speaker: Speaker | None, context: str
) -> bool:
    """Whether the claim names somebody or something around the quotation that the source does
    not: of whom the words were said may be altered, too."""
    around = f"{claim[: quotation.start]} {claim[quotation.end :]}"
    if speaker:
        around = around.replace(speaker.text, " ")
    source = context.removesuffix(claim)
    return bool(names(around) - content_stems(source))


def _compared(
    match: QuoteMatch, claimed: Speaker | None, passage: str, context: str, spun: bool
) -> Finding:
    span = _sentence_around(passage, match.start, match.end)
    if match.relation == "altered" and spun:
        return Finding("quotation", "silent")
    actual = speaker_of(passage, match.start, match.end)
    same = _same(claimed, actual, passage, context)
    if denied(passage, match.start, match.end):
        if same is False:
            return Finding("speaker", "silent")
        return Finding("speaker", "differs", *span, "the source says that this was not said")
    if match.relation == "altered":
        if same is False:
            return Finding("quotation", "silent")  # somebody else's words, not these altered
        harmless = _is_reworded(match)
        return Finding("quotation", "differs", *span, match.note, reworded=harmless)
    if same is None:
        return Finding("speaker", "silent")
    if same is False and actual and claimed:
        note = f"said by {actual.name or actual.text}, not by {claimed.name or claimed.text}"
        return Finding("speaker", "differs", *span, note)
    return Finding("quotation", "same", *span, match.note)


# What turns a sentence, or how much it says.
_WEIGHS = re.compile(
    r"\d|n[’']t\b|\b(?:no|not|never|nor|none|nobody|nothing|neither|without|hardly|barely|if|"
    r"unless|only|all|every|each|some|any|both|half|more|most|less|fewer|least|may|might|could)\b",
    re.I,
)
_CAPITAL = re.compile(r"\b[A-ZÀ-Þ]")


def _is_reworded(match: QuoteMatch) -> bool:
    """Whether what differs is the wording alone, as far as its words tell."""
    return not match.cut and not any(
        _WEIGHS.search(f"{ours} {theirs}")
        or (_CAPITAL.search(ours) and _CAPITAL.search(theirs))
        or antonyms(ours, theirs)
        for ours, theirs in match.changes
    )


def _same(
    claimed: Speaker | None, actual: Speaker | None, passage: str, context: str
) -> bool | None:
    """Whether the speaker is the claim's; True where the claim names none."""
    if claimed is None or not (claimed.name or claimed.offices):
        return True
    if actual is None:
        return None
    same = same_speaker(claimed, actual, context)
    return None if same is False and not (actual.sure and claimed.sure) else same


def _best(found: list[Finding]) -> Finding:
    """Of several places with the words, the one that bears the claim out, else against it."""
    rank = {"same": 0, "differs": 1, "silent": 2}
    return min(found, key=lambda finding: rank[finding.relation])


def _sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    spans = [(a, b) for a, b in sentences_of(text) if a < end and start < b]
    return (spans[0][0], spans[-1][1]) if spans else (start, end)
