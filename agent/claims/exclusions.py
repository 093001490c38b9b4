"""What is no checkable claim, with the reason: rules first, then a prior for what is left.

Forecasts and plans are claims: that somebody announced them can be checked. So is what
somebody is reported as thinking. Where a rule is unsure, the sentence stays a claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.claims.worth import is_talk
from agent.types import Article, ExclusionReason
from tools.numbers.quantities import quantities
from tools.text.quotes import quotations
from tools.text.words import WORD
from tools.times.dates import date_mentions

_BYLINE = re.compile(
    r"^(?:advertisement\b|published (?:in|on|by|at)\b|updated\b|posted (?:on|by)|reading time|trending\b|"
    r"source:|sources:|photo(?:graph)?(?::| by| credit)|image:|picture:|credit:|©|copyright\b|all rights reserved|"
    r"\d+ min(?:ute)?s? read|(?:mon|tues|wednes|thurs|fri|satur|sun)day,? \d)",
    re.I,
)
# `By` and a name of two words or more; `By July …` and `By the end of …` are statements.
_BY_NAME = re.compile(r"^[Bb][Yy] [A-Z][\w’'.-]+ (?:[\w’'.-]+ )?[A-Z][\w’'.-]+")
_BYLINE_WORDS = 9
# What a page says to its reader. It may hold figures (`Read more about the 12 candidates`), but
# then only its opening tells.
_CALL = re.compile(
    r"^(?:please )?(?:subscribe|sign up|read more|read the full|read next|click|tap (?:here|on|to|the)|follow us|share (?:this|on)|"
    r"log ?in|write to (?:him|her|us|them)\b|contact us|download (?:our|the app)|join (?:our|the conversation)|"
    r"related (?:articles|stories|topics|content)|more on this|see also|you (?:may|might) also like|"
    r"recommended for you|e-?mail this|print this|copy (?:the )?link|leave a (?:comment|reply)|"
    r"comments are closed|(?:view|show|see) (?:all |the )?comments|support (?:us|our)\b|donate (?:now|today)|"
    r"buy now|shop (?:now|our|the)|order (?:now|today)|book (?:now|today)|get \d+ ?(?:%|per ?cent) off|use (?:the )?code|"
    r"(?:sponsored|paid|partner) (?:content|post)|stay tuned|skip to|back to top|accept (?:all|and)|"
    r"letters to the editor|subscribers (?:find|get)|have you (?:a|any) (?:question|story|tip))\b"
    r"|^(?:related\b.{0,20}|see also|watch|listen|read)\s?:"
    r"|^(?:follow|like) [\w@ ’'-]{2,40} on (?:twitter|x|facebook|instagram|linkedin|bluesky|youtube|mastodon)\b",
    re.I,
)
_PLEA = re.compile(
    r"\b(?:newsletter to get|for more information|full articles? (?:on|here)|click here|we use cookies|"
    r"(?:uses|sets) cookies|accept (?:all )?cookies|cookie (?:settings|preferences)|our (?:privacy|cookie) policy|"
    r"our terms (?:of use|and conditions)|affiliate (?:links?|commission)|delivered to your inbox|"
    r"by continuing to (?:use|browse)|free trial|limited[- ]time offer|while stocks last)\b",
    re.I,
)
_COUNT = re.compile(
    r"^\W*\d[\d,.]*[kKmM]? (?:comments?|shares?|likes?|views?|replies|reactions?)\W*$", re.I
)
_NOTE = re.compile(
    r"^(?:correction|clarification|editor[’']?s[’']? note|note to readers|disclosure|disclaimer)\b.{0,12}:"
    r"|\bthis (?:article|story|post|page|column|newsletter|piece)[’']?s? (?:headline |text )?(?:is a stub|"
    r"(?:was|has been|is|will be) (?:\w+ )?(?:published|amended|updated|corrected|edited|translated|produced|written)|"
    r"(?:first |originally )?appeared|contains (?:affiliate|spoilers))"
    r"|\ban earlier version of this\b|\b(?:photographs?|pictures?|illustrations?) (?:was|were) taken by the author\b"
    r"|^(?:all )?(?:prices|figures|sums) (?:in this (?:article|table) |as of )|^more on this .{0,30}\bon \w+day\b"
    r"|\(?(?:reporting|editing|additional reporting|writing) by [A-Z]",
    re.I,
)
_GREETING = re.compile(
    r"^(?:hello|hi|hey|welcome(?: back)? to|thanks(?! to\b)|thank you|many thanks|dear (?:\w+ )?(?:reader|friend|colleague|"
    r"editor|sir|madam)s?|dear (?=(?-i:[A-Z]))|good (?:morning|afternoon|evening|night|day)\b|ladies and gentlemen|"
    r"my fellow \w+|see you (?:in|on|at|next|tomorrow|again)|until next (?:time|week)|goodbye|farewell|"
    r"happy (?:birthday|new year|easter|holidays)|congratulations(?= (?:to|on)\b|\W*$|,)|god bless|best wishes|"
    r"that[’']s (?:all|it) for (?:today|now|tonight))\b"
    r"|^(?:and |so |first,? )*(?:i|we)(?:[’']d| would)? (?:also |just |all |really )*(?:want to |like to |wish to )?thank\b"
    r"|\bthank you (?:very much|so much|all)\W*$",
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
# Words of judgement, in lower case only: `A Beautiful Mind` is a film.
_JUDGEMENT = re.compile(
    r"\b(?:splendid|wonderful|terrible|awful|brilliant|disgrace(?:ful)?|shame(?:ful)?|beautiful|ugly|stupid|"
    r"timid|brave|braver|ridiculous|absurd|nonsense|marvellous|marvelous|delightful|dreadful|horrible|fantastic|"
    r"amazing|awesome|outrageous|pathetic|overrated|underrated|unforgivable|inexcusable|adorable|gorgeous|"
    r"lovely|lovelier|loveliest|charming|a pity|masterpiece|must-see|must-read|breathtaking|heart-?breaking|"
    r"hopeless|tasteless|tedious|far too|in truth|frankly|alas|"
    r"obviously|surely|in (?:my|our) (?:view|opinion)|ought to|"
    r"should(?! the | an? )|^it is (?:important|essential|vital|crucial|time) to|deserve[sd]?|best of all|"
    r"worst of all|the (?:best|worst) thing|nobody (?:\w+ ){0,12}will be surprised|let us hope|"
    r"let[’']s hope|one (?:would|can only|might) (?:like|wish|hope)|simply an? |grim enough|"
    r"every(?:one|body) (?:seems|knows|agrees)|seems? to beryllium)\b"
)
_FEELING = re.compile(
    r"\b(?:I|[Ww]e)(?: (?:am|are|was|were)|[’'](?:m|re)) (?:\w+ly |so |very |really |just )*(?:happy|glad|proud|sad|"
    r"sorry|afraid|thrilled|delighted|excited|honou?red|grateful|thankful|pleased|worried|angry|tired|confident|"
    r"hopeful|ashamed|disappointed|optimistic|fond|sick|scared|sure|convinced)\b"
    r"|\b(?:I|[Ww]e) (?:\w+ly |do |also |just |still )*(?:think|believe|feel|felt|hope|wish|love|loved|like|hate|hated|"
    r"enjoy|enjoyed|miss|prefer|adore|dislike|fear|regret|admire|respect|trust|doubt|wonder|guess|suppose)\b"
    r"|\b[Mm]y (?:heart|feeling|hope|favou?rite|dream|wish)\b|\b[Oo]ur (?:hearts?|thoughts|prayers|condolences)\b"
)
# Asks somebody to do something: the bare form of a verb, then what no noun would have after it.
_APPEAL = re.compile(
    r"^(?:(?:please|so|and|but|then|first|next|finally|just|also|instead),? )*(?:"
    r"(?:do not|don[’']t|never|always) (?!(?:be|have|the|an?|has|had|was|were|is|are|in|on|at|before)\b)[a-z]+ \w+"
    r"|(?:try|avoid|make|keep|take|check|use|ask|add|put|place|cut|mix|bake|boil|wash|dry|choose|compare|consider|"
    r"remember|forget|note|look|listen|let|give|tell|call|visit|go|come|turn|start|stop|wait|wear|bring|buy|"
    r"pick|plan|save|spend|set|store|serve|stir|talk|think|vote|walk|watch|write|read|shortlist|find|follow|"
    r"get|hold|leave|open|press|pull|push|remove|replace|return|send|show|sit|speak|support|imagine|enjoy|"
    r"drink|eat|help|join|learn|measure|move|pay|pour|protect|rinse|select|sort|stay|test|tie|trust) "
    r"(?:the|an?|your|yourself|our|this|that|these|those|it|them|him|her|us|me|sure|out|up|away|down|"
    r"all|any|some|every|each|more|less|plenty|only|to|for|with|at|into|on|in|back|both|another|one|twice) \w+"
    r")",
    re.I,
)
_ADVICE = re.compile(
    r"\b(?:you|readers|parents|everyone|everybody|anyone|travellers|visitors|passengers)(?: \w+){0,6}? "
    r"(?:should|ought to|might want to|may want to|would do well to|had better|need to make sure)\b"
    r"|\byou(?:[’']d| had) better\b|\b(?:it is|it[’']s) (?:best|advisable|a good idea|wise|always better) to\b|\bmake sure (?:you|your|to|that you)\b",
    re.I,
)
_SPECULATION = re.compile(
    r"^(?:perhaps|maybe|possibly|who knows|time will tell|it remains to be seen|one can only|"
    r"imagine|suppose)\b|\bremains to be seen\b|\bonly time will tell\b|\bis anyone[’']s guess\b",
    re.I,
)
_VAGUE = re.compile(
    r"^(?:not everyone|everyone|everybody|nobody|no one|many|some|most people|things) "
    r"(?:\w+ ){0,3}\w+\W*$|^so much for\b|^(?:that|this|it) is (?:that|it|all)\W*$",
    re.I,
)
_MIN_WORDS = 3
_QUOTE = '“„«"'
_TOO_SHORT = "too short to be a statement on its own"
_EDGE = 200
_FIGURE = re.compile(r"[$€£]|\b(?:million|billion|per cent|percent)\b|%")
_SAID = re.compile(
    r"(?<!\bI )(?<!\bwe )(?<!\byou )\b(?:said|says|told|asked|asks|according to|announced|wrote|writes|stated|argued|argues|claimed|claims|"
    r"insisted|admitted|warned|added|replied|believes|thinks|hopes|fears|in the (?:view|opinion|words) of)\b",
    re.I,
)
_DOMAIN = re.compile(r"(?<![\w-])[\w-]+\.(?:[a-z]{2,24})(?:/\S*)?\b")
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
    "hangs hang hung saves save refers refer reacts react occurs occur votes bans raises supplies owes lacks earns charges raise supply owe lack earn charge disagree disagrees disagreed".split()
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
    if article.title and _same(sentence, article.title):
        return Reason(
            "boilerplate", "the headline; its statements are checked where the text makes them"
        )
    if article.author and _same(sentence, article.author):
        return Reason("boilerplate", "by-line")
    if found := _furniture(sentence, words, alone=alone):
        return found
    continues = (
        after
        and after.detail.startswith("biography")
        and re.match(r"(?:He|She|They|His|Her)\b", sentence)
    )
    if continues or _is_biography(article, sentence, start, end):
        return Reason("boilerplate", "biography of the author")
    if article.language not in (None, "en"):  # what follows knows the verbs of English only
        return _no_words(sentence, words)
    return _no_statement(sentence, words)


def _furniture(sentence: str, words: list[str], *, alone: bool) -> Reason | None:
    """What stands around an article on a page."""
    closed = _bare_end(sentence)[-1:] in {".", "!", "?", "…", ":"}
    if junk := _junk(sentence, words, closed):
        return junk
    if len(words) <= _BYLINE_WORDS and (
        (
            (note := _BYLINE.search(sentence))
            and not (
                has_verb(sentence.partition(",")[2])
                or (note[0][-1].isalpha() and closed and has_verb(sentence[note.end() :]))
            )
        )
        or (_BY_NAME.search(sentence) and not has_verb(sentence))
    ):
        return Reason("boilerplate", "by-line or publishing note")
    if _NOTE.search(sentence):
        return Reason("boilerplate", "a note on the article itself")
    if _COUNT.search(sentence):
        return Reason("boilerplate", "count of comments, shares or views")
    if _CALL.search(sentence) or (_PLEA.search(sentence) and not quantities(sentence)):
        return Reason("boilerplate", "navigation, advertisement or call to the reader")
    if alone and not closed and len(words) <= 14 and not quotations(sentence):
        return Reason("boilerplate", "heading, by-line or navigation")
    return None


def _no_words(sentence: str, words: list[str]) -> Reason | None:
    """What is no statement in any language: a question, a few words."""
    if _bare_end(sentence).endswith(("?", "？", "؟")):
        return Reason("question", "a question states nothing")
    return Reason("incomplete", _TOO_SHORT) if len(words) < _MIN_WORDS else None


def _no_statement(sentence: str, words: list[str]) -> Reason | None:
    """What somebody says, in English, without stating anything that could be checked."""
    outside = _outside_quotes(sentence)
    # `said` with somebody else for its subject; `I said` makes nothing a report.
    attributed = bool(_SAID.search(outside)) or outside != sentence or sentence[:1] in _QUOTE
    if _bare_end(sentence).endswith("?") and not (outside != sentence and _SAID.search(outside)):
        return Reason("question", "a question states nothing")
    if not words or _GREETING.search(sentence):
        return Reason("boilerplate", "a greeting or thanks: no statement")
    if not (has_verb(sentence) or _APPEAL.search(sentence) or _FEELING.search(sentence)):
        return Reason("incomplete", "no verb: not a statement on its own")
    if attributed:
        return Reason("incomplete", _TOO_SHORT) if len(words) < _MIN_WORDS else None
    if _SPECULATION.search(sentence):
        return Reason("not_checkable", "speculation that nobody is named for")
    if _ADVICE.search(sentence) or _APPEAL.search(sentence):
        return Reason("not_checkable", "advice or an appeal: it states nothing")
    lowered = sentence[:1].lower() + sentence[1:]
    if not (quantities(sentence) or date_mentions(sentence)):
        if _FEELING.search(sentence):
            return Reason("opinion", "a feeling or belief of the writer")
        if _JUDGEMENT.search(lowered):
            return Reason("opinion", "a judgement, not a fact that sources could settle")
    if is_vague(sentence):
        return Reason("not_checkable", "too vague to be checked")
    if len(words) < _MIN_WORDS:
        return Reason("incomplete", _TOO_SHORT)
    if is_talk(sentence):
        return Reason("not_checkable", "worded as talk rather than as a statement to be checked")
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


def _bare_end(sentence: str) -> str:
    return sentence.rstrip("\"'”’)»] ")


def _same(a: str, b: str) -> bool:
    return [w.lower() for w in WORD.findall(a)] == [w.lower() for w in WORD.findall(b)]
