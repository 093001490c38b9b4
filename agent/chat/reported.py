"""A question about the open report, answered with what the report says.

    claim 7, claims 3 and 6          ─▶ these: verdict, both sides, figures, what is missing
    which claims are conflicting     ─▶ those with that outcome
    the claims about the cost        ─▶ those that have the words of it
    the report, the article          ─▶ how many of each outcome, and what is contradicted

By its form, in English. What asks for no claim and for no report is a question to the library.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.ask import Answer, AnswerSentence, by_origin
from agent.chat.reports import claim_of
from agent.errors import UsageError
from agent.report.wording import OUTCOMES, WORDS, Outcome, outcome
from agent.types import CheckedClaim, Report
from tools.text.words import content_stems, covered, stem

_NO_REPORT: Final = "No report is open: name one to ask about its claims."
_NOT_JUDGED: Final = "Each claim has a verdict of its own; the article as a whole has none."
_NUMBER = r"c?\d{1,6}"
_NUMBERS = (
    rf"{_NUMBER}\b(?![.,]\d|\s*(?:%|per cent|million|billion))(?:(?:,|,? and|,? or)\s+(?:claim\s+)?"
    rf"{_NUMBER}\b(?![.,]\d|\s*(?:%|per cent|million|billion)))*"
)
_CLAIM = re.compile(
    rf"\bclaim(?P<several>s)?\s+(?P<marked>no\.?\s*|numbers?\s+|#\s*)?(?P<numbers>{_NUMBERS})", re.I
)
_BARE = re.compile(r"(?<!\bthe )(?<!\ba )(?<!\bthis )(?<!\bthat )\b(c\d{1,6})\b", re.I)
"""A claim as reports name it; `the C40 bridge` is none."""
_LEADS = re.compile(
    r"(?:^|[,:;]|\b(?:the|these|those|my|our|of|are|were|is|do|did|have|explain|show|list|give|me|"
    r"tell|compare|summari[sz]e|about|on|for|in|with|between|from|against|to|why|how))\s*$",
    re.I,
)
"""What stands before `claims 3 and 6`; whoever stands there instead claims 3 of something."""
_ASSERTS = re.compile(
    r"\b(?:[Dd]o|[Dd]oes|[Dd]id|[Ww]ill|[Ww]ould|[Cc]an|[Cc]ould)\s+"
    r"(?:(?:[Tt]he|[Aa]ny|all|our|these|those|both|some|his|her|its|their)\s+)*"
    r"(?:[\w’'-]+|[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)+)\s+$"
)
"""Before `claim 200 jobs`: who does claim them. A claim is named before no things in number."""
_THINGS = re.compile(r"\s+(?:people|men|women|children|\w{2,}s)\b")
_NTH_CLAIM = re.compile(r"\b(\d{1,6})(?:st|nd|rd|th)\s+claim\b", re.I)
_FIRST = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_FIRST_CLAIM = re.compile(rf"\b({'|'.join(_FIRST)})\s+claim\b", re.I)
_OUTCOMES: dict[str, Outcome] = {
    "support": "supported", "confirm": "supported", "true": "supported", "correct": "supported",
    "conflict": "conflicting", "contradict": "conflicting", "false": "conflicting",
    "wrong": "conflicting", "disput": "conflicting", "incorrect": "conflicting",
    "untrue": "conflicting", "unverif": "unverifiable", "unsupport": "unverifiable",
    "fail": "failed",
}  # fmt: skip
"""What a claim's outcome is called in questions, by the beginning of the word."""
_OUTCOME = re.compile(rf"\b({'|'.join(_OUTCOMES)})\w*", re.I)
_ASKS = r"(?:which|what|list|show|name|how many)"
_CLAIMS = re.compile(
    rf"{_ASKS}\b[^?.!]*?\bclaims\b[^?.!]*?\b(?:(?P<after>{'|'.join(_OUTCOMES)})\w*)[?.!\s]*"
    rf"|{_ASKS}\b[^?.!]*?\b(?P<before>{'|'.join(_OUTCOMES)})\w* claims\b[^?.!]*[?.!\s]*",
    re.I,
)
_REPORT = re.compile(
    r"\b(?:the|this|that|my|our|your|open) (?:report|article|verdicts?|text|check)\b|\bclaims?\b",
    re.I,
)
"""What a question has that is about the open report."""
_GENERAL = frozenset(
    stem(word)
    for word in (
        "report article verdict text check claim claims say says said tell find found show list "
        "name give rate rated rating judge judged summarise summarize summary summed overview "
        "result results outcome conclusion explain describe mention make made verified evidence "
        "source sources problem problems mistake mistakes error errors reliable trustworthy "
        "accurate accuracy right good fact facts factual checked many whole all open think"
    ).split()
)
"""Words of such a question that name no topic."""
_PRESUMES = re.compile(r"(?:why|how come)\b(?!.*(?:\bnot\b|n[’']t\b))", re.I)
LISTED = 20
"""Claims, or sources, that one answer lists."""
_ALIKE = 0.5
"""Least share of a topic's words that a claim on it has."""


def of_report(question: str, report: Report | None) -> Answer | None:
    """The answer to a question about a report or its claims.

    Args:
        question: in English, without line breaks.
        report: the one that is open.

    Returns:
        None where the question is to the library. Where a claim is named and no report is open,
        that is the answer.
    """
    if numbers := _numbers(question, report):
        if report is None:
            return not_asked(question, _NO_REPORT)
        try:
            named = [claim_of(report, number) for number in numbers]
        except UsageError as error:
            return not_asked(question, f"{str(error)[:1].upper()}{str(error)[1:]}.")
        if len(named) == 1:
            return _explained(question, named[0], report)
        return _told(question, [_line(claim, explained=True) for claim in named])
    if match := _CLAIMS.fullmatch(question):
        if report is None:
            return not_asked(question, _NO_REPORT)
        return _claims(question, _OUTCOMES[(match["after"] or match["before"]).lower()], report)
    if report is None or not _REPORT.search(question):
        return None
    topic = content_stems(_OUTCOME.sub("", question)) - _GENERAL
    if not topic:
        return _summary(question, report)
    return _on(question, " ".join(sorted(topic)), report)


def not_asked(question: str, why: str) -> Answer:
    """Nothing was looked up, so nothing is said of what the library says."""
    return Answer(question=question, status="not_said", text=why)


def _numbers(question: str, report: Report | None) -> list[str]:
    """The claims that a question names, in its order, each once.

    By its id alone (`c3`) a claim is only named where the report has it: roads are called so, too.
    """
    found = [
        number
        for match in _CLAIM.finditer(question)
        if _names_claims(question, match)
        for number in re.findall(_NUMBER, match["numbers"], re.I)
    ]
    ids = {claim.id for claim in report.claims} if report else set()
    found += [match[1] for match in _BARE.finditer(question) if match[1].lower() in ids]
    found += [match[1] for match in _NTH_CLAIM.finditer(question)]
    found += [str(_FIRST.index(match[1].lower()) + 1) for match in _FIRST_CLAIM.finditer(question)]
    return list(dict.fromkeys(number.lower().removeprefix("c") for number in found))


def _names_claims(question: str, match: re.Match[str]) -> bool:
    """Whether `claim` before a number is a noun: nobody `claims 200 jobs` there."""
    if match["marked"] or match["numbers"][0] in "cC":
        return True
    before = question[: match.start()]
    if match["several"]:
        return bool(_LEADS.search(before))
    return not (_ASSERTS.search(before) and _THINGS.match(question, match.end()))


def _told(question: str, lines: Sequence[str], explanation: str = "") -> Answer:
    return Answer(
        question=question,
        status="answered",
        text="\n".join(lines),
        sentences=[AnswerSentence(text=line, status="quoted") for line in lines],
        explanation=explanation,
    )


def _line(claim: CheckedClaim, *, explained: bool = False) -> str:
    line = f"Claim {claim.id.removeprefix('c')}, {WORDS[outcome(claim)].lower()}: {claim.text}"
    return f"{line} {claim.explanation}" if explained else line


def _listed(claims: Sequence[CheckedClaim], *, bare: bool = False) -> list[str]:
    """A line a claim, and how many more there are; bare ones without their outcome."""
    lines = [
        f"Claim {claim.id.removeprefix('c')}: {claim.text}" if bare else _line(claim)
        for claim in claims[:LISTED]
    ]
    more = len(claims) - len(lines)
    return [*lines, f"And {more} more."] if more else lines


def _claims(question: str, wanted: Outcome, report: Report) -> Answer:
    """The claims of a report that have an outcome, with their numbers."""
    found = [claim for claim in report.claims if outcome(claim) == wanted]
    are = "claim of the report is" if len(found) == 1 else "claims of the report are"
    return _told(
        question,
        [
            f"{len(found) or 'No'} {are} {WORDS[wanted].lower()}.",
            *_listed(found, bare=True),
        ],
    )


def _summary(question: str, report: Report) -> Answer:
    """How many claims have which outcome, and those that are contradicted."""
    outcomes = [outcome(claim) for claim in report.claims]
    counts = [f"{n} {WORDS[each].lower()}" for each in OUTCOMES if (n := outcomes.count(each))]
    claims = f"{len(outcomes)} claim{'s' * (len(outcomes) != 1)}"
    first = f"The report has {claims}: {', '.join(counts)}." if counts else f"It has {claims}."
    contradicted = [claim for claim in report.claims if outcome(claim) == "conflicting"]
    return _told(question, [first, *_listed(contradicted)], _NOT_JUDGED)


def _on(question: str, topic: str, report: Report) -> Answer | None:
    """The claims on a topic; of one outcome, where the question names it and some have it."""
    found = [claim for claim in report.claims if covered(topic, claim.text) >= _ALIKE]
    match = _OUTCOME.search(question)
    if match and not _asks_whether(question):
        wanted = _OUTCOMES[match[1].lower()]
        found = [claim for claim in found if outcome(claim) == wanted] or found
    if len(found) == 1:
        return _explained(question, found[0], report)
    return _told(question, _listed(found)) if found else None


def _asks_whether(question: str) -> bool:
    return bool(re.match(r"(?:is|are|was|were)\b", question, re.I))


def _explained(question: str, claim: CheckedClaim, report: Report) -> Answer:
    """Why a claim of a report has its verdict: both sides, what was computed, what is missing."""
    decided = [item for item in claim.evidence if item.stance != "neutral"]
    citations = by_origin(decided)
    why = [_otherwise(question, claim), claim.explanation, claim.missing or "", *claim.unclear]
    if claim.error:
        why.append(f"It failed: {claim.error.message}.")
    return Answer(
        question=question,
        status="answered",
        text="\n".join([claim.explanation, *(citation.quote for citation in citations)]),
        citations=citations,
        statement=claim.text,
        verdict=claim.verdict,
        confidence=claim.confidence,
        explanation=" ".join(part for part in why if part),
        disagreement=len({citation.stance for citation in citations}) > 1,
        sources_searched=report.run.library.sources,
    )


def _otherwise(question: str, claim: CheckedClaim) -> str:
    """What a question takes for granted of a claim, where the report says otherwise."""
    match = _OUTCOME.search(question) if _PRESUMES.match(question) else None
    if not match or (presumed := _OUTCOMES[match[1].lower()]) == (is_ := outcome(claim)):
        return ""
    number = claim.id.removeprefix("c")
    return f"Claim {number} is {WORDS[is_].lower()}, not {WORDS[presumed].lower()}."
