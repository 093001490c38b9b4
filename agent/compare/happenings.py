"""Whether a passage tells that what the claim tells came about, and of the same parties.

A small judge goes by the words: `is accused of taking bribes` seems to say `took bribes`, and `Holt
interviewed Brandt` that Brandt interviewed Holt. So each place of the passage that tells of the
claim's event is read (`tools/text/events.py`): whether it came about there, who did it, and to
whom. Where the passage only plans, alleges or denies it, it does not support the claim; it
contradicts it where it says so of just the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.compare.subjects import Finding, Sentence, is_run_on, own_names, same_subject, share
from agent.compare.verbs import IN_TURN, TOGETHER, akin, contrary
from tools.text.events import Status, Telling, event_of, is_hedged, tellings
from tools.text.words import WORD, content_stems, stem
from tools.times.dates import periods_agree

_NEAR = 0.6
"""Least share of the claim's parties in a sentence that tells of its event."""
_LONGEST = 25
"""Words of a claim beyond which it tells more than one event."""
_SEVERAL = re.compile(r"[;:?]|\b(?:but|because|while|whereas|although|unless|if|or)\b", re.I)
_PAST = re.compile(r"\b(?:has|have|had|was|were|did|didn[’']t)\b", re.I)
_PARTLY = re.compile(
    r"\b(?:only|all|every|each|some|most|many|few|both|half|any|always|often|usually|until|"
    r"first|again|initially|originally|later|then|eventually|finally|before|after|since|neither|"
    r"than|almost|nearly|hardly|quite|except|without|would|could|if|thinks?|believe[sd]?|says?|"
    r"primarily|mainly|absence)\b",
    re.I,
)
"""Words by which a text may tell of a part, of another time or of what somebody thinks."""
_NOT_UNTIL = re.compile(r"(?:\bnot|n[’']t)\s[^.,;]*?\b(?:until|before|till)\s+([^.,;]+)", re.I)
_UNTIL = re.compile(r"\b(?:until|before|till|only)\b", re.I)
_ENDS = re.compile(r"\b(from|to)\s+(?:the\s+)?([A-ZÀ-ÖØ-Þ][\w’-]*(?:\s+[A-ZÀ-ÖØ-Þ][\w’-]*)*)")
_AND_BACK = re.compile(r"\b(?:back|again|in turn|return(?:s|ed)?)\b", re.I)
_NOT_SAID = "the passage does not say that it is so"
_INVERSE: dict[Status, Status] = {"told": "denied", "denied": "told", "open": "open"}


@dataclass(frozen=True)
class _Told:
    """Where a passage tells of the claim's event, or of its contrary.

    Attributes:
        sentence, telling: where.
        status: whether the claim's event came about, by that.
        own: whether in a form of the claim's verb.
    """

    sentence: Sentence
    telling: Telling
    status: Status
    own: bool


def happenings(claim: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """What the passage tells of the claim's event, if that decides something; at most one finding.

    Args:
        claim: the claim's text.
        sentences: those of the passage.
    """
    event = event_of(claim)
    if event is None or _SEVERAL.search(claim) or len(claim.split()) > _LONGEST:
        return []
    if event.status == "open" or is_hedged(claim):
        return []
    told = list(_told(event, sentences))
    own = [each for each in told if each.own]
    return _exchanged(event, own) or _came_about(claim, event, told, sentences)


def _told(event: Telling, sentences: Sequence[Sentence]) -> Iterator[_Told]:
    """Where a passage tells of an event of the claim's parties."""
    particle = _particle(event)
    parties = _parties(event) - {stem(particle)}
    # Of the same thing by somebody else, too.
    done = content_stems(f"{event.patient} {event.rest}") - {stem(particle)}
    verbs = {(event.base, ""): True}
    verbs.update(dict.fromkeys(akin(event.base, particle), True))
    verbs.update(dict.fromkeys(contrary(event.base, particle), False))
    for sentence in sentences:
        if is_run_on(sentence.text) or "?" in sentence.text:
            continue
        if share(parties, sentence.text) < _NEAR and not (
            done and share(done, sentence.text) >= _NEAR
        ):
            continue
        for (base, follows), alike in verbs.items():
            for telling in tellings(sentence.text, base):
                if follows and telling.rest.split()[:1] != [follows]:
                    continue
                status = telling.status if alike else _INVERSE[telling.status]
                if telling.ceased and not event.is_past:
                    status = "denied"
                yield _Told(sentence, telling, status, base == event.base and not follows)


def _particle(event: Telling) -> str:
    """The word behind a verb, which may be of it: `turned down`."""
    word = WORD.search(event.rest)
    return word[0].lower() if word else ""


def _parties(event: Telling) -> frozenset[str]:
    return content_stems(f"{event.agent} {event.patient} {event.rest}")


def _came_about(
    claim: str, event: Telling, told: Sequence[_Told], sentences: Sequence[Sentence]
) -> list[Finding]:
    """That the event came about or did not, where all places agree."""
    statuses = {each.status for each in told}
    if len(statuses) != 1:
        return []
    (status,) = statuses
    if status == event.status:
        until = _NOT_UNTIL.search(claim)
        for each in told:
            text = each.sentence.text
            if until and not content_stems(until[1]) <= content_stems(text):
                continue
            # In the claim's own words a plain statement needs no rule.
            plain = status == "told" and each.own and not until and not _NOT_UNTIL.search(text)
            if not plain and _of_the_same(claim, event, each, bool(until)):
                return [_finding("same", each)]
        return []
    if status == "open":
        # What is planned may be done by the time that a claim in the present speaks of.
        past = _PAST.search(claim) or event.is_past
        own = [each for each in told if each.own]
        undone = own and all(past or each.telling.is_hedged for each in own)
        if undone and not _goes_on(event, own[0].sentence, sentences):
            return [_finding("silent", own[0])]
        return []
    for each in told:
        if _of_the_same(claim, event, each):
            return [_finding("differs", each, claim)]
    return []


def _goes_on(event: Telling, told: Sentence, sentences: Sequence[Sentence]) -> bool:
    """Whether a later sentence speaks of the event's parties: in other words it may tell that what
    was planned was done."""
    parties = _parties(event)
    later = (other for other in sentences if other.start > told.start)
    return any(parties & content_stems(other.text) for other in later)


def _of_the_same(claim: str, event: Telling, each: _Told, until: bool = False) -> bool:
    """Whether a sentence has all that the claim has around its event, and nothing by which it may
    tell of a part, another time or another party."""
    text, telling = each.sentence.text, each.telling
    particle = frozenset() if each.own else frozenset({stem(_particle(event))})
    ours = _parties(event) - particle
    around = text if each.own and not until else _up_to(text, ours)
    if not ours <= content_stems(text) or _PARTLY.search(claim.replace("until", "")):
        return False
    if _PARTLY.search(_UNTIL.sub("", around) if until else around.replace("until", "")):
        return False
    if not same_subject(claim, text) or not periods_agree(claim, text):
        return False
    agent, patient = content_stems(event.agent), content_stems(event.patient) - particle
    first, second = content_stems(telling.agent), content_stems(telling.patient)
    if not patient and not each.own:
        heads = _head(telling.agent) | _head(telling.patient)
        return bool(agent & heads) and (agent <= first or agent <= second)
    return _alike(agent, first) and _alike(patient, second)


def _head(phrase: str) -> frozenset[str]:
    """What a phrase is of, without what only places it."""
    return content_stems(re.split(r"\s(?:of|in|at|on|for|from|near|by|with)\s", phrase)[0])


def _up_to(text: str, stems: frozenset[str]) -> str:
    """A text up to the last of some words."""
    ends = [match.end() for match in WORD.finditer(text) if stem(match[0]) in stems]
    return text[: max(ends, default=0)]


def _alike(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    return not ours or not theirs or ours <= theirs or theirs <= ours


def _exchanged(event: Telling, told: Sequence[_Told]) -> list[Finding]:
    """The parties of the claim's event, in each other's place."""
    if event.status != "told" or event.base in TOGETHER:
        return []
    turned = [each for each in told if _is_exchanged(event, each.telling)]
    if not turned or len(turned) < len(told):
        return []
    both_ways = any(_AND_BACK.search(each.sentence.text) for each in turned)
    if event.base in IN_TURN or both_ways or any(each.status != "told" for each in turned):
        return [_finding("silent", turned[0])]
    return [_finding("differs", turned[0], event.text)]


def _is_exchanged(ours: Telling, theirs: Telling) -> bool:
    first, second = _who(ours.agent), _who(ours.patient)
    agent, patient = _who(theirs.agent), _who(theirs.patient)
    apart = first and second and agent and not first & (second | agent)
    if apart and agent <= second and first <= patient and second - agent <= patient:
        return True
    ends = _ENDS.findall(theirs.text)
    here, there = dict(_ENDS.findall(ours.text)), dict(ends)
    if len(there) < len(ends):
        return False  # there and back
    if here.keys() == {"from", "to"}:
        return here == {"from": there.get("to"), "to": there.get("from")}
    for end, other in here.items():
        if _who(other) == agent and _who(there.get(end, "")) == first and first:
            return bool(second) and second == patient
    return False


def _who(phrase: str) -> frozenset[str]:
    """The names of a party; of one without a name all its words."""
    return own_names(phrase) or content_stems(phrase)


def _finding(relation: str, each: _Told, claim: str = "") -> Finding:
    start, end, text = each.sentence.start, each.sentence.end, each.sentence.text
    if relation == "same":
        return Finding("opposite", "same", start, end)
    if relation == "silent":
        return Finding("opposite", "silent", start, end, _NOT_SAID, elsewhere=True)
    note = f"“{claim.strip(' .')}” against “{text.strip(' .')}”"
    return Finding("opposite", "differs", start, end, note)
