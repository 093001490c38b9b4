"""Whether words that stand in a text were cut off from what turns them.

A quotation may be shorter than what was said. The cut is unfair where the words left out hold a
condition (`if …`, `unless …`), a denial that reaches into what was kept, or give what was kept
as somebody else's opinion. Only such cuts are told; whether another one misleads is a matter of
judgement.
"""

from __future__ import annotations

import re

from tools.text.words import WORD

_NEGATIVE = (
    r"(?:not|never|no|nobody|nothing|none|neither|nor|cannot|hardly|scarcely|without|no one)\b|"
    r"\b\w+n[’']t\b"
)
_NEGATED = re.compile(rf"\b(?:{_NEGATIVE})", re.I)
_DENYING = re.compile(
    rf"\b(?:{_NEGATIVE}|(?:deny|denies|denied|doubt|doubts|doubted|refuse[sd]?|reject(?:s|ed)?|lie|"
    r"lying|lied|mistaken|foolish|too (?:early|soon)|myth|nonsense|untrue|false|wrong|absurd|"
    r"far from|instead of|rather than|dishonest|irresponsible|premature|reckless|unwise)\b)",
    re.I,
)
_HARMLESS_IF = r"(?!\s+(?:anything|you ask me|i may|you like|you will|i remember))"
_CONDITION_AFTER = re.compile(
    rf"[\s,;–—-]*(?:and\s+)?(?:(?:only|even|but only|but)\s+)?(?:if{_HARMLESS_IF}|unless|provided|"
    r"providing|as long as|so long as|on condition|on the condition|except|apart from|other than|"
    r"with the exception|save for|assuming|supposing|only|or so|in theory|in (?:your|my) dreams|"
    r"some ?day, (?:perhaps|maybe)|perhaps|maybe|said (?:nobody|no one))\b",
    re.I,
)
_CONDITION_BEFORE = re.compile(
    rf"\b(?:if{_HARMLESS_IF}|unless|whether|suppose|imagine|provided|assuming|pretend\w*|"
    r"as long as|so long as|only when|only after|only once|except)\b",
    re.I,
)
_SAYERS = (
    r"(?:they|people|some|he|she|critics|opponents|everyone|everybody|others|my \w+|the \w+|anyone|"
    r"whoever|who|rumou?r|rumou?rs|the papers)"
)
_OPINES = (
    r"(?:says?|said|think|thinks|thought|believes?|believed|claims?|claimed|tells?|told|tell me|"
    r"argues?|argued|has it|have it|wants? (?:me|us|you) to|swears?|swore|promise[sd]?|assure[sd]?|"
    r"pretend(?:s|ed)?|insist(?:s|ed)?)"
)
_OTHERS_BEFORE = re.compile(
    rf"\b{_SAYERS}\s+(?:\w+\s+)?{_OPINES}\b|\bI\s+(?:used to|once)\s+(?:think|believe|say|thought|"
    r"believed|said)\b|\bI\s+(?:thought|believed|was told|was promised|would be lying|wish|wished|"
    r"hoped|dreamt|dreamed|would love to say|would like to say|would have liked)\b|\bwe were "
    r"(?:told|promised)\b|\bit (?:is|was) (?:a lie|wrong|untrue|a myth|false)\b|\bcalled?\s+me\b",
    re.I,
)
_OTHERS_AFTER = re.compile(
    rf"[\s,–—-]*(?:{_SAYERS}\s+{_OPINES}\b|(?:is|was) what {_SAYERS}\b|I was told|we were told|"
    r"I (?:used to|once) (?:think|believe|say)|I thought|(?:is|was|would be) (?:(?:a|an) "
    r"(?:lie|myth|joke|mistake|insult|illusion|exaggeration)|wrong|untrue|false|nonsense|absurd))",
    re.I,
)
_TAKEN_BACK = re.compile(
    r"(?:or so\b|(?:that|this|it)(?: is|[’']s| was| would be| used to be) (?:what|a lie|a joke|"
    r"nonsense|how it|a myth|untrue|false|wrong|the lie|the story|no longer)|so (?:I|we|they) "
    r"(?:thought|believed|said|say|were told)|I was (?:joking|wrong|lying)|nonsense|of course not|"
    r"no longer|not any ?more|not now|not so|if only|unless\b|but only if|only if|nobody says|"
    r"said nobody|just kidding|at least,? that)",
    re.I,
)
_FUTURE = re.compile(r"\b(?:will|shall|would)\b|[’']ll\b", re.I)
_WHEN_AFTER = re.compile(r"\s*(?:when|once|as soon as|after|until|till|the day)\b", re.I)
_QUALIFIES = re.compile(
    r"\b(?:almost|nearly|hardly|barely|scarcely|practically|virtually|perhaps|maybe|probably|"
    r"possibly|allegedly|supposedly|(?:some|most|half|part|few|one|none|neither|parts) of|"
    r"used to|(?:could|should|might|would) have been)\s*$",
    re.I,
)
_CLAUSE = re.compile(r"[,;:–—]|\b(?:and|but|so|yet)\b", re.I)
_PAUSED = re.compile(
    r"^\W*(?:[,;:–—(]|(?:but|and|so|yet)\s+(?:he|she|it|they|we|I|my|his|her|the)\b)"
)
# `It is no matter that he lost, he has five more`: a comma, then a clause with its own subject.
_ITS_OWN = re.compile(r"\s*(?:he|she|it|they|we|I|you|there)\b", re.I)
_COMPLETE = re.compile(
    r"(?<!\bthink)(?<!\bbelieve)(?<!\bsay)(?<!\bsaid)(?<!\bknow)(?<!\bmean)(?<!\bclaim)"
    r"(?<!\bsuppose)(?<!\bsure)(?<!\bthat)(?<!\bexpect)\s*,$"
)
_FEW = 3
"""Fewer words than this after a denial hardly narrow it: `I was not there yesterday`."""
_LONGEST = 25
"""More words than this before the kept ones are no clause that they hang on."""
_REACH = 6
"""Words of what was left out in which a denial still belongs to what was kept."""


def turned_before(before: str, kept: str) -> str:
    """What was cut off before the kept words and turns them, or an empty string.

    Args:
        before: the words of the same sentence before them.
        kept: the words quoted.
    """
    if not 0 < len(WORD.findall(before)) <= _LONGEST:
        return ""
    if _CONDITION_BEFORE.search(before) or _OTHERS_BEFORE.search(before):
        return before.strip(" ,")
    if qualified := _QUALIFIES.search(before):
        return qualified[0].strip()
    if _ITS_OWN.match(kept) and _COMPLETE.search(before):
        return ""
    clause = _CLAUSE.split(before.rstrip(" ,"))[-1]
    if _DENYING.search(clause) and WORD.search(kept):
        return clause.strip(" ,")
    return ""


def turned_after(kept: str, after: str, following: str = "", *, whole: bool = True) -> str:
    """What was cut off after the kept words and turns them, or an empty string.

    Args:
        kept: the words quoted.
        after: the rest of their sentence, with the punctuation before it.
        following: the sentence after that, if the same speaker goes on.
        whole: whether the kept words begin their sentence.
    """
    if not WORD.search(after):
        return following.strip() if _TAKEN_BACK.match(following.strip()) else ""
    rest = after.strip(" ,;–—-")
    if _CONDITION_AFTER.match(after) or _OTHERS_AFTER.match(after):
        return rest
    if _FUTURE.search(kept) and _WHEN_AFTER.match(after):
        return rest
    if _PAUSED.match(after):
        return ""
    words = [match[0] for match in WORD.finditer(after)]
    last = _CLAUSE.split(kept)[-1]
    if whole and len(words) >= _FEW and _NEGATED.search(last):
        return rest
    near = " ".join(words[:_REACH])
    return rest if _DENYING.search(near.split(",")[0]) else ""
