"""What a statement says happened, and where another text tells of the same: who, whom, and whether
it came about.

There is no parser here. The event of a statement is the head of its first verb group; elsewhere it
is any form of that verb. Whether it came about is read from what governs the verb: `failed to` and
`did not` deny it (implicative verbs, Karttunen 1971), `plans to`, `may` and `accused of` leave it
open (factuality, Saurí and Pustejovsky 2009). What the forms do not tell is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tools.text.grammar import TOKEN, form_of, is_be, is_have, verbs
from tools.text.inversion import is_base
from tools.text.words import stem

Status = Literal["told", "denied", "open"]
"""Whether a text tells that an event came about, that it did not, or neither."""

_IRREGULAR = (
    "arise arose arisen/awake awoke awoken/beat beaten/become became/begin began begun/bend bent/"
    "bet/bind bound/bite bit bitten/blow blew blown/break broke broken/bring brought/"
    "build built/burn burnt/buy bought/catch caught/choose chose chosen/come came/deal dealt/"
    "die dying/dig dug/do does did done/draw drew drawn/drink drank drunk/drive drove driven/"
    "eat ate eaten/fall fell fallen/feed fed/feel felt/fight fought/find found/flee fled/"
    "fly flies flew flown/forbid forbade forbidden/forget forgot forgotten/"
    "forgive forgave forgiven/"
    "freeze froze frozen/get got gotten/give gave given/go goes went gone/grow grew grown/"
    "hang hung/have has had/hear heard/hide hid hidden/hold held/keep kept/know knew known/"
    "lay laid/lead led/learn learnt/leave left/lend lent/lie lying/lose lost/make made/mean meant/"
    "meet met/overcome overcame/overtake overtook overtaken/pay paid/prove proven/ride rode ridden/"
    "ring rang rung/rise rose risen/run ran/say said/see saw seen/seek sought/sell sold/"
    "send sent/shake shook shaken/shine shone/shoot shot/show shown/shrink shrank shrunk/"
    "sing sang sung/sink sank sunk/sit sat/sleep slept/slide slid/speak spoke spoken/spend spent/"
    "spring sprang sprung/stand stood/steal stole stolen/stick stuck/strike struck/"
    "swear swore sworn/sweep swept/swim swam swum/swing swung/take took taken/teach taught/"
    "tear tore torn/tell told/think thought/throw threw thrown/understand understood/"
    "undergo underwent undergone/uphold upheld/wake woke woken/wear wore worn/win won/"
    "withdraw withdrew withdrawn/withhold withheld/write wrote written"
)
_BASES = {form: forms.split()[0] for forms in _IRREGULAR.split("/") for form in forms.split()}
_NO_PAST = frozenset("flies goes does has dying lying".split()) | frozenset(_BASES.values())
_PARTICIPLES = frozenset(
    forms.split()[-1] for forms in _IRREGULAR.split("/") if len(forms.split()) > 1
)
_SMALL = (
    r"(?:\w+ly|also|even|ever|yet|still|again|then|since|once|now|just|already|soon|later|first|"
    r"so far|at last|in fact)"
)
_ADVERBS = rf"(?:{_SMALL}\s+)*"
_BEING = r"(?:(?:be|been|being|have|having|get|got)\s+)*"
_NOT = (
    r"(?:(?:did|does|do|was|were|is|are|has|have|had|will|can)\s+not\s|\w+n[’']t\s|cannot\s|never\s|"
    r"no\s+longer\s|not\s(?:to\s)?|nor\s|hardly\s|barely\s)"
)
_HARDLY_DENIED = re.compile(
    r"\bnot\s+(?:only|just|merely|simply|necessarily|always|all|immediately|fully|entirely|"
    r"completely|really|directly|officially|formally|quite|unanimously|even)\s",
    re.I,
)
_DENIED = re.compile(
    rf"\b(?:{_NOT}{_ADVERBS}{_BEING}{_ADVERBS}|"
    r"(?:fail(?:s|ed|ing|ure)?|refus(?:es?|ed|ing|al)|declin(?:es?|ed|ing)|neglect(?:s|ed|ing)?|"
    r"forg[eo]t(?:s|ten)?|omit(?:s|ted)?|unable|powerless|(?:has|have|had|is|are|was|were)\s+yet)"
    rf"\s+to\s+{_ADVERBS}{_BEING}{_ADVERBS}|"
    r"(?:(?:avoid|abandon)(?:s|ed|ing)?|refrain(?:s|ed)?\s+from|g[ai]ven?\s+up|without|"
    r"instead\s+of|rather\s+than|far\s+from|(?:acquitted|cleared)\s+of|"
    r"(?:prevent|kept|keep|bar|barr|stopp|block|bann|prohibit)(?:ed|s)?\s[^,;.]{1,40}\sfrom)\s+"
    rf"(?:ever\s+)?{_BEING})$",
    re.I,
)
_NOBODY = re.compile(
    r"(?:^|[,;]\s)(?:no\s+one|nobody|none|neither|no\s+[a-z]+(?:\s+[a-z]+)?)\s(?:\w+\s){0,3}$", re.I
)
_CEASED = re.compile(
    rf"\b(?:stop(?:s|ped)?|ceas(?:es?|ed)|quit|no\s+longer)\s+(?:to\s+)?{_BEING}$", re.I
)
_UNTRUE = re.compile(
    r"\b(?:is|was|were|are|proved|turned\s+out)\s+(?:to\s+be\s+)?(?:false|untrue|wrong|not\s+true|"
    r"an?\s+hoax|fake|invented|fabricated|unfounded|baseless|premature)\b",
    re.I,
)
_RUMOUR = re.compile(
    r"\b(?:reports?|claims?|rumou?rs?|stor(?:y|ies)|allegations?|news|posts?|suggestions?)\s"
    r"(?:\w+\s){0,5}?that\s",
    re.I,
)
_NOT_SO = re.compile(r"\b(?:false|untrue|a myth|not true|not the case|wrong)\s+that\s", re.I)
_PROSPECTS = (
    r"(?:plan|hop|want|intend|aim|expect|schedul|propos|threaten|promis|vow|pledg|agre|offer|tr|"
    r"try|attempt|seek|need|wish|ask|urg|order|call|invit|allow|permit|authori[sz]|decid|"
    r"advis|encourag|persuad|recommend|requir)(?:e[ds]?|ed|s|es|ies|ied|ing|ning|d)?"
)
_PROSPECT = re.compile(
    rf"\b(?:(?:will|may|might|could|can|should|shall|must|ought\s+to)\s+(?:not\s+)?"
    rf"{_ADVERBS}{_BEING}{_ADVERBS}|"
    rf"(?:{_PROSPECTS}|sought|told|due|set|ready|about|likely|(?<!-)going|keen|prepared|meant|supposed|"
    rf"plans?|proposals?|bid|attempts?|efforts?|intention|chance|right|want|believed|thought|feared|"
    rf"rumou?red|alleged|suspected)\s+(?:(?:[\w’'-]+\s+){{0,4}}?)to\s+"
    rf"{_ADVERBS}{_BEING}{_ADVERBS}|(?:is|are|was|were|be)\s+to\s+{_BEING}|"
    r"(?:consider|propos|discuss|suggest|recommend|contemplat|weigh|threaten)(?:e[ds]?|s|ed|ing)?\s+"
    rf"{_BEING}|"
    r"(?:accus(?:es?|ed|ing|ations?)|suspected|charged|allegations?|suspicions?|dream(?:s|ed)?|"
    r"think(?:s|ing)?|thought|idea|possibility|risk|prospect|plans?)\s[^,;.]{0,40}?"
    rf"(?:of|with|about|for|on)\s+{_BEING}|den(?:y|ies|ied)\s+{_BEING})$",
    re.I,
)
_HEDGED = re.compile(
    r"\b(?:alleg(?:es?|ed|edly|ing|ations?)|accus(?:es?|ed)|claim(?:s|ed)?\s+that|"
    r"den(?:y|ies|ied)\s+(?:that|having)|rumou?r\w*|suspects?\s+that|fears?(?:\s+that)|"
    r"feared\s+that|hopes?\s+that|hoped\s+that|doubts?|doubted|"
    r"predict(?:s|ed|ions?)|speculat\w+|supposedly|purportedly|falsely|wrongly|retract(?:s|ed)|"
    r"no\s+(?:evidence|proof|sign|indication))\b",
    re.I,
)
_WHETHER = re.compile(r"\b(?:whether|if|unless)\b[^,]*$", re.I)
_BOUNDARY = re.compile(r"[;:?!]\s|[—–]\s|,?\s(?:but|while|whereas|although|though)\s")
_PERHAPS = re.compile(
    r"\b(?:probably|perhaps|maybe|likely|would|could|may|might|reportedly|believed|thought|expected|"
    r"can|should|must|whether)\b"
)
_NOW = re.compile(r"\b(?:is|are|isn|aren)\b", re.I)
_UNTIL = re.compile(r"[^.;]{0,60}\b(?:until|before|till)\b", re.I)
_CHAIN = re.compile(
    rf"(?:\b(?:{_SMALL}|not|never|no\s+longer|to|be|been|being|have|has|had|having|is|are|was|were|"
    r"will|would|may|might|could|can|should|shall|must|did|does|do|cannot|\w+n[’']t|fail(?:s|ed)|"
    r"refus(?:es|ed)|declin(?:es|ed)|unable|plans|planned|hopes|hoped|wants|wanted|intends|intended|"
    r"expects|expected|due|set|going|about|managed|stopped|began|started|helped|agreed|decided|"
    r"get|got)\s+)+$",
    re.I,
)
_DETERMINED = re.compile(
    r"(?:^|\s)(?:the|an?|its|their|his|her|our|my|this|these|those|[\w-]+[’']s?)\s+$", re.I
)
_NOUN_BEFORE = re.compile(rf"{_DETERMINED.pattern}|\s(?:of|in|for|with|from)\s+$", re.I)
_NOUN_PHRASE = re.compile(
    rf"(?:{_DETERMINED.pattern[:-1]}|\s(?:of|in|for|with|from)\s+)(?:[a-z][\w-]*\s+)?$", re.I
)
_LEADS = re.compile(
    r"\b(?:to|not|n[’']t|never|will|would|may|might|could|can|should|shall|must|did|does)\s+$", re.I
)
"""What a base form of a verb follows."""
_OBJECT_ENDS = re.compile(
    r"[,;:.!?(]|\s(?:in|on|at|by|for|from|to|with|after|before|during|against|as|over|into|because|"
    r"when|while|who|which|that|and\s+\w+ed|until|since|under|near|off|outside|inside|without|"
    r"through|between|despite|than|where)\b"
)
_BY = re.compile(
    r"^(?:\s+(?!and\b)[\w’'-]+){0,8}?\s+by\s+(?!\d|the\s+(?:end|time|spring|summer|autumn|winter)|"
    r"[a-z]+ing\b|(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\b)"
)
_LEAD = re.compile(
    r"(?:(?:and|but|while|whereas|meanwhile|so|yet|then)\s+)?"
    r"(?:(?:in|on|at|by|during|since|after|before|until|last|this|as of|for|according to)\s"
    r"[^,]{1,60},\s+)*",
    re.I,
)
_ASIDE = re.compile(r",[^,]{1,90},\s*$|\s*\([^()]*\)\s*$")
_RELATIVE = re.compile(r",?\s+(?:who|which|that)\s*$")


@dataclass(frozen=True)
class Telling:
    """Where a text tells of an event.

    Attributes:
        base: stem of the verb's base form.
        status: whether it came about.
        agent: who did it, as the text has it; empty where that cannot be read.
        patient: to whom or what it was done; the same.
        rest: what follows the verb, to the end of its clause.
        text: the clause.
        is_past: whether the verb is in a past form.
        is_hedged: whether somebody only alleges it, or it is in question.
        ceased: whether it came about no more (`stopped flying`).
    """

    base: str
    status: Status
    agent: str
    patient: str
    rest: str
    text: str
    is_past: bool = False
    is_hedged: bool = False
    ceased: bool = False


def is_hedged(text: str) -> bool:
    """Whether a text does not stand by what it tells."""
    return bool(_HEDGED.search(text) or _PERHAPS.search(text))


def base_of(word: str) -> str:
    """The stem of the base form of a verb, from any of its forms."""
    lower = word.lower()
    return stem(_BASES.get(lower, lower))


_FOUND_THAT = re.compile(
    r"\b(?:found|finds?|shows?|showed|shown|proved|proves?|confirm(?:s|ed)|reveal(?:s|ed)|"
    r"discovered|established|demonstrate[ds]?)\s+that\s"
)


@lru_cache(maxsize=2048)
def event_of(statement: str) -> Telling | None:
    """The event that a statement tells first, or that it says was found; None where its verb
    cannot be read."""
    if finding := _FOUND_THAT.search(statement):
        return _event_of(statement[finding.end() :])
    return _event_of(statement)


def _event_of(statement: str) -> Telling | None:
    found = verbs(statement)
    opens = found[0].start if found else _present(statement)
    if opens is None:
        return None
    tokens = list(TOKEN.finditer(statement, opens))
    for i, token in enumerate(tokens):
        word = token[0].lower()
        after = tokens[i + 1][0].lower() if i + 1 < len(tokens) else ""
        if _goes_on(word, after):
            continue
        if not _is_verb(word) or (i and _is_noun(statement, token)):
            return None
        return _telling(statement, token.start(), token.end())
    return None


def _present(statement: str) -> int | None:
    """Where a verb in the present may stand that the lists of grammar lack: `crosses`."""
    for token in list(TOKEN.finditer(statement))[1:]:
        word = token[0]
        ends = word.endswith("s") and (is_base(word[:-1]) or is_base(word[:-2]))
        if (ends or word in _BASES) and not _is_noun(statement, token):
            return token.start()
    return None


def _goes_on(word: str, after: str) -> bool:
    """Whether a word only leads to the verb that tells what happened."""
    if is_be(word) or is_have(word) or re.fullmatch(rf"{_SMALL}|not|to|be|been|being|having", word):
        return True
    if form_of(word) == "auxiliary":
        return True
    leads = after == "to" or (after in ("of", "from") or after.endswith("ing"))
    return leads and bool(
        re.fullmatch(
            rf"{_PROSPECTS}|failed|refused|declined|managed|stopped|accused|suspected|yet|due|set|"
            r"going|about|prevented|avoided|considering|began|started|far",
            word,
        )
    )


def _is_verb(word: str) -> bool:
    return (
        (form_of(word) or "auxiliary") != "auxiliary"
        or word in _BASES
        or is_base(word)
        or (word.endswith("ing") and len(word) > 5)
        or (word.endswith("s") and is_base(word[:-1]))
        or (word.endswith("es") and is_base(word[:-2]))
    )


def _is_noun(text: str, token: re.Match[str]) -> bool:
    """Whether a word that may be a verb stands where a noun does: `the report`, `a published …`."""
    word = token[0].lower()
    if word.endswith("ing"):
        return bool(_DETERMINED.search(text, max(0, token.start() - 40), token.start()))
    past = word in _BASES or form_of(word) in ("past", "either")
    before = _NOUN_BEFORE if past else _NOUN_PHRASE
    return bool(before.search(text, max(0, token.start() - 40), token.start()))


@lru_cache(maxsize=4096)
def tellings(sentence: str, base: str) -> tuple[Telling, ...]:
    """Each place of a sentence that tells of an event, by the stem of its verb's base form."""
    return tuple(_tellings(sentence, base))


def _tellings(sentence: str, base: str) -> Iterator[Telling]:
    for token in TOKEN.finditer(sentence):
        if base_of(token[0]) != base or (token.start() and _is_noun(sentence, token)):
            continue
        if _is_verb(token[0].lower()) or _LEADS.search(sentence, 0, token.start()):
            yield _telling(sentence, token.start(), token.end())


def _telling(sentence: str, start: int, end: int) -> Telling:
    opens = max((m.end() for m in _BOUNDARY.finditer(sentence, 0, start)), default=0)
    closes = _BOUNDARY.search(sentence, end)
    left, right = sentence[opens:start], sentence[end : closes.start() if closes else None]
    status = _status(left, right)
    chain = _CHAIN.search(left)
    before = left[: chain.start()] if chain else left
    passive = bool(chain and re.search(r"\b(?:is|are|was|were|be|been|being|isn|wasn)", chain[0]))
    verb = sentence[start:end].lower()
    active_form = verb.endswith("ing")
    by = _BY.match(right) if not active_form else None
    reduced = by and not chain and (verb.endswith("ed") or verb in _PARTICIPLES)
    subject = _subject(before)
    if (passive and not active_form) or reduced:
        agent = _phrase(right[by.end() :]) if by else ""
        patient = subject
    else:
        agent, patient = subject, _phrase(right)
    ceased = bool(_CEASED.search(left))
    text = f"{left}{sentence[start:end]}{right}".strip()
    formed = verb.endswith("ed") or (verb in _BASES and verb not in _NO_PAST)
    past = formed and not (chain and _NOW.search(chain[0]))
    hedged = bool(_HEDGED.search(left) or _WHETHER.search(left))
    return Telling(base_of(verb), status, agent, patient, right, text, past, hedged, ceased)


def _phrase(text: str) -> str:
    """The noun phrase that a text opens with."""
    end = _OBJECT_ENDS.search(text)
    return text[: end.start()].strip() if end else text.strip(" .")


def _subject(before: str) -> str:
    """Whom a text before a verb names as its subject; empty where that cannot be read."""
    text = before.strip()
    relative = _RELATIVE.search(before)
    if relative:
        text = before[: relative.start()].strip()
        return re.split(r"[,;:]\s|\s(?:by|of|in|for|to|with|from|and|that)\s", text)[-1].strip()
    aside = _ASIDE.search(f"{text} ")
    text = text[: aside.start()] if aside else text.rstrip(",")
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    found = verbs(text)
    if not found:
        return text.strip()
    if re.search(r"\b(?:and|then)$", text):
        return text[: found[0].start].strip()
    said = re.search(r"\bthat\s+(.*)$", text)
    if said and not verbs(said[1]):
        return said[1].strip()
    return ""


def _status(left: str, right: str) -> Status:
    if _NOT_SO.search(left) or (_RUMOUR.search(left) and _UNTRUE.search(right)):
        return "denied"
    if _HEDGED.search(left) or _WHETHER.search(left) or _HARDLY_DENIED.search(left):
        return "open"
    if _PROSPECT.search(left):
        return "open"
    if _DENIED.search(left) or _NOBODY.search(left):
        return "told" if _UNTIL.match(right) else "denied"
    return "told"
