"""What is no checkable claim, told by rules, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.types import Article, ExclusionReason
from tools.dates import date_mentions
from tools.quantities import quantities
from tools.quotes import quotations
from tools.words import WORD

_BYLINE = re.compile(
    r"^(?:advertisement\b|published (?:in|on|by|at)\b|updated\b|posted (?:on|by)|reading time|trending\b|"
    r"source:|sources:|photo(?:graph)?(?::| by)|image:|credit:|©|copyright\b|all rights reserved|"
    r"\d+ min(?:ute)?s? read|(?:mon|tues|wednes|thurs|fri|satur|sun)day,? \d)",
    re.I,
)
# `By` and a name of two words or more; `By July …` and `By the end of …` are statements.
_BY_NAME = re.compile(r"^[Bb][Yy] [A-Z][\w’'.-]+ (?:[\w’'.-]+ )?[A-Z][\w’'.-]+")
_BYLINE_WORDS = 9
_CALL = re.compile(
    r"^(?:please )?(?:subscribe|sign up|read more|read the full|click|follow us|share this|log ?in|"
    r"write to (?:him|her|us|them)\b|contact us|download our|join our|related (?:articles|stories))\b"
    r"|\b(?:newsletter to get|for more information|full articles? (?:on|here)|click here|"
    r"we use cookies|accept (?:all )?cookies)\b",
    re.I,
)
_TRADE = (
    r"(?:editor|writer|reporter|correspondent|journalist|columnist|author|contributor|freelancer|"
    r"producer|blogger|photographer|critic)s?"
)
_BIOGRAPHY = re.compile(
    rf"^(?P<name>[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+){{1,3}}) is (?:an?|the|our) (?:[\w’'-]+ ){{0,5}}{_TRADE}\b"
    r"|^(?P<other>[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]+){0,3}) has (?:been )?"
    r"(?:written|writing|reported|reporting|covered|covering) (?:about|on|for|connected)\b"
)
_OPINION = re.compile(
    r"\b(?:splendid|wonderful|terrible|awful|brilliant|disgraceful|shameful|beautiful|ugly|stupid|"
    r"timid|brave|braver|ridiculous|absurd|far too|in truth|frankly|sadly|fortunately|luckily|"
    r"unfortunately|thankfully|obviously|surely|of course|I (?:think|believe|feel)|we (?:think|"
    r"believe|feel)|in my (?:view|opinion)|ought to|should (?:have|be)\b|deserves?|best of all|"
    r"worst of all|nobody (?:\w+ ){0,12}will be surprised|let us hope|simply an? |"
    r"everyone (?:seems|knows|agrees)|everybody (?:seems|knows|agrees))\b"
    r"|\bseems? to beryllium\b",
    re.I,
)
_SPECULATION = re.compile(
    r"^(?:perhaps|maybe|possibly|who knows|time will tell|it remains to be seen|one can only|"
    r"imagine|suppose)\b|\bremains to be seen\b|\bonly time will tell\b",
    re.I,
)
_VAGUE = re.compile(
    r"^(?:not everyone|everyone|everybody|nobody|no one|many|some|most people|things) "
    r"(?:\w+ ){0,3}\w+\W*$",
    re.I,
)
_MIN_WORDS = 3
_EDGE = 200
_FIGURE = re.compile(r"[$€£]|\b(?:million|billion|per cent|percent)\b|%")
_GREETING = re.compile(r"^(?:hello|hi|welcome to|thanks|thank you|dear)\b", re.I)
_SAID = re.compile(r"\b(?:said|says|told|asked|according to|announced|wrote|stated)\b", re.I)
_DOMAIN = re.compile(r"\b[\w-]+\.(?:[a-z]{2,24})(?:/\S*)?\b")
_FUNCTION = frozenset(
    "the a an of in on at to for and or is was are were be has have had with by from that this it "
    "as not but its their his her they he she nan will".split()
)
# Finite verbs by form. A list, since nothing that tags parts of speech ships with us; the
# regular past (-ed) and the auxiliaries carry most sentences of news.
_VERB_WORDS = frozenset(
    "is are was were be been am isn aren wasn weren has have had hasn haven hadn does do did doesn "
    "don didn will would shall should can could may might must won wouldn couldn cannot says said "
    "say tells told tell goes went go comes came come gets got get makes made make takes took take "
    "gives gave give finds found find thinks thought think knows knew know sees saw see becomes "
    "became become shows show leaves left leave feels felt feel puts put brings brought bring "
    "begins began begin keeps kept keep holds held hold writes wrote write stands stood stand hears "
    "heard hear lets let means meant mean sets set meets met meet runs ran run pays paid pay sits "
    "sat sit speaks spoke speak lies lay lie leads led lead reads read grows grew grow loses lost "
    "lose falls fell fall sends sent send builds built build understands understood draws drew draw "
    "breaks broke break spends spent spend cuts cut rises rose rise drives drove drive buys "
    "bought buy wins won win sells sold sell costs cost cost rates expects expect plans plan wants "
    "want needs need carries carry covers cover opens open closes close remains remain includes "
    "include provides provide allows allow adds add offers offer considers consider appears appear "
    "serves serve dies die stays stay works work uses use seems seem helps help starts start calls "
    "call asks ask turns turn believes believe happens happen moves move lives live hits hit reaches "
    "reach claims claim argues argue reports report owns own employs employ produces produce makes "
    "faces face warns warn denies deny hopes hope intends intend operates operate represents "
    "represent contains contain follows follow boosts predicts predict lauds laud causes cause "
    "flies flew fly fights fought fight teaches taught teach catches caught catch seeks sought seek "
    "shuts shut wears wore wear throws threw throw chooses chose choose serves "
    "agrees agreed agree exceeds exceed guarantees guaranteed frees freed "
    "consists comprises belongs depends beat shrank shrunk sank drank rang sang sprang swam swore tore "
    "wept wove froze spun split spread shot shook slid slept stole stuck struck swept swung taught "
    "thrust trod undertook upheld withdrew withstood wound bled bent bid bound bore blew bred burst "
    "cast clung crept dealt dug fed fled flung forbade forgave forgot ground hid hung hurt knelt laid "
    "leapt learnt lent lit meant misled mistook outran overcame overran overtook proved quit rid rode "
    "sawed sewn shed shone sought spelt spilt spoilt sprung stung strode strove strung swollen wrung "
    "wed wrote yield yields exceeds exceed equals equal totals total amounts averages employs stores "
    "votes bans raises supplies owes lacks earns charges".split()
)  # fmt: skip


# A name or an article with its noun, then a word in -s with something after it that no noun
# has: an article, a figure, a preposition, a noun without a comma between.
_SUBJECT_AND_S = re.compile(
    r"(?:\b(?:[Tt]he|[Aa]n?|[Tt]his|[Tt]hat|[Ii]ts?|[Tt]heir|[Hh]is|[Hh]er|[Oo]ur)\s+(?:\w+\s+){1,2}|"
    r"^[A-Z][\w’-]*\s+)[a-z]{2,}(?<!ss)s\s+(?:the|an?|its|their|his|her|this|\d|[€$£]|[a-z]+)"
)


@dataclass(frozen=True)
class Reason:
    """Why a sentence is excluded."""

    reason: ExclusionReason
    detail: str


def has_verb(text: str) -> bool:
    """Whether a text has what looks like a finite verb."""
    for match in WORD.finditer(text):
        word = match[0].lower()
        stem = re.split(r"[’']", word)[0]
        if stem in _VERB_WORDS or (re.search(r"[’'](?:s|re|ve|ll|d|m)$", word) and stem in {
            "it", "he", "she", "that", "there", "they", "we", "i", "you", "who",
        }):  # fmt: skip
            return True
        if len(stem) > 3 and stem.endswith("ed") and not stem.endswith("eed"):
            return True
    # `The tax raises …`, `Lyon beat …`: a subject, and a word after it that takes an object.
    return bool(_SUBJECT_AND_S.search(text))


def why_excluded(
    article: Article, start: int, end: int, *, alone: bool, after: Reason | None
) -> Reason | None:
    """Why the sentence at `start:end` is no claim, or None.

    Args:
        alone: whether it makes up its paragraph.
        after: why the sentence before it in the same paragraph was excluded, if it was.
    """
    sentence = article.text[start:end]
    words = WORD.findall(sentence)
    closed = sentence.rstrip("\"'”’)»]")[-1:] in {".", "!", "?", "…", ":"}
    if article.title and _same(sentence, article.title):
        return Reason(
            "boilerplate", "the headline; its statements are checked where the text makes them"
        )
    if junk := _junk(sentence, words, closed):
        return junk
    if len(words) <= _BYLINE_WORDS and (
        (_BYLINE.search(sentence) and not has_verb(sentence.partition(",")[2]))
        or (_BY_NAME.search(sentence) and not has_verb(sentence))
    ):
        return Reason("boilerplate", "by-line or publishing note")
    if article.author and _same(sentence, article.author):
        return Reason("boilerplate", "by-line")
    if _CALL.search(sentence) and not quantities(sentence):
        return Reason("boilerplate", "navigation, advertisement or call to the reader")
    if _is_biography(article, sentence, start, end):
        return Reason("boilerplate", "biography of the author")
    if (
        after
        and after.detail.startswith("biography")
        and re.match(r"(?:He|She|They|His|Her)\b", sentence)
    ):
        return Reason("boilerplate", "biography of the author")
    if alone and not closed and len(words) <= 14 and not quotations(sentence):
        return Reason("boilerplate", "heading, by-line or navigation")
    if sentence.rstrip("\"'”’)»]").endswith("?"):
        return Reason("question", "a question states nothing")
    if not words or _GREETING.search(sentence):
        return Reason("boilerplate", "no statement")
    if not has_verb(sentence):
        return Reason("incomplete", "no verb: not a statement on its own")
    attributed = bool(_SAID.search(sentence)) or bool(quotations(sentence))
    if _SPECULATION.search(sentence) and not attributed:
        return Reason("not_checkable", "speculation that nobody is named for")
    dated = bool(quantities(sentence) or date_mentions(sentence))
    if _OPINION.search(_outside_quotes(sentence)) and not attributed and not dated:
        return Reason("opinion", "a judgement, not a fact that sources could settle")
    if is_vague(sentence):
        return Reason("not_checkable", "too vague to be checked")
    if len(words) < _MIN_WORDS:
        return Reason("incomplete", "too short to be a statement on its own")
    return None


def _is_biography(article: Article, sentence: str, start: int, end: int) -> bool:
    """Whether a sentence presents the author: the one the article names, one whose name
    stands alone as a by-line, or whoever is presented in its first or last two hundred
    characters."""
    match = _BIOGRAPHY.search(sentence)
    if not match or _SAID.search(sentence) or _FIGURE.search(sentence):
        return False
    name = match["name"] or match["other"]
    if article.author:
        return name.split()[-1] in article.author
    at_edge = start < _EDGE or end > len(article.text) - _EDGE
    return at_edge or bool(re.search(rf"^(?:[Bb]y )?{re.escape(name)}\s*$", article.text, re.M))


def is_vague(clause: str) -> bool:
    """Whether a clause is too vague to be checked (`Not everyone was persuaded`)."""
    return bool(_VAGUE.search(clause)) and not quantities(clause)


def _junk(sentence: str, words: list[str], closed: bool) -> Reason | None:
    lower = [word.lower() for word in words]
    function_words = sum(word in _FUNCTION for word in lower)
    if len(_DOMAIN.findall(sentence)) >= 2 and function_words <= 0.15 * len(words):
        return Reason("boilerplate", "list of links or domains")
    if len(words) >= 6 and not closed and function_words <= 0.05 * len(words):
        capitals = sum(word[0].isupper() for word in words)
        if capitals < 0.5 * len(words):
            return Reason("boilerplate", "spam: a list of words and domains without a sentence")
    return None


def _outside_quotes(sentence: str) -> str:
    for quotation in reversed(quotations(sentence)):
        sentence = sentence[: quotation.start] + sentence[quotation.end :]
    return sentence


def _same(a: str, b: str) -> bool:
    return [w.lower() for w in WORD.findall(a)] == [w.lower() for w in WORD.findall(b)]
