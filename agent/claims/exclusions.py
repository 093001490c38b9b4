"""What is no checkable claim, with the reason: rules first, then a prior for what is left.

Forecasts and plans are claims: that somebody announced them can be checked. So is what
somebody is reported as thinking. Where a rule is unsure, the sentence stays a claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.claims.finite import has_verb, is_stated
from agent.claims.furniture import furniture
from agent.claims.worth import is_talk
from agent.types import Article, ExclusionReason
from tools.numbers.quantities import quantities
from tools.text.quotes import quotations
from tools.text.words import WORD
from tools.times.dates import date_mentions

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
    r"every(?:one|body) (?:seems|knows|agrees))\b"
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
_FIGURE_WORDS = 6
_QUOTE = '“„«"'
_TOO_SHORT = "too short to be a statement on its own"
_EDGE = 200
_FIGURE = re.compile(r"[$€£]|\b(?:million|billion|per cent|percent)\b|%")
_SAID = re.compile(
    r"(?<!\bI )(?<!\bwe )(?<!\byou )\b(?:said|says|told|asked|asks|according to|announced|wrote|writes|stated|argued|argues|claimed|claims|"
    r"insisted|admitted|warned|added|replied|believes|thinks|hopes|fears|in the (?:view|opinion|words) of)\b",
    re.I,
)


@dataclass(frozen=True)
class Reason:
    """Why a sentence is excluded."""

    reason: ExclusionReason
    detail: str


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
    said = bool(_SAID.search(_outside_quotes(sentence)))
    if found := furniture(sentence, words, alone=alone, said=said):
        return Reason("boilerplate", found)
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


def _no_words(sentence: str, words: list[str]) -> Reason | None:
    """What is no statement in any language: a question, a few words."""
    if _bare_end(sentence).endswith(("?", "？", "؟")):
        return Reason("question", "a question states nothing")
    return Reason("incomplete", _TOO_SHORT) if len(words) < _MIN_WORDS else None


def _tells_figure(sentence: str, words: list[str]) -> bool:
    """Whether a closed sentence of some length has a figure: no list holds every verb, and to lose
    a figure is worse than to keep a fragment (`About 9,000 vehicles cross it each day.`)."""
    return (
        len(words) >= _FIGURE_WORDS
        and _bare_end(sentence).endswith(".")
        and any(map(str.isdigit, sentence))
    )


def _no_statement(sentence: str, words: list[str]) -> Reason | None:
    """What somebody says, in English, without stating anything that could be checked."""
    outside = _outside_quotes(sentence)
    # `said` with somebody else for its subject; `I said` makes nothing a report.
    attributed = bool(_SAID.search(outside)) or outside != sentence or sentence[:1] in _QUOTE
    if _bare_end(sentence).endswith("?") and not (outside != sentence and _SAID.search(outside)):
        return Reason("question", "a question states nothing")
    if not words or _GREETING.search(sentence):
        return Reason("boilerplate", "a greeting or thanks: no statement")
    if not (
        has_verb(sentence)
        or is_stated(sentence)
        or _tells_figure(sentence, words)
        or _APPEAL.search(sentence)
        or _FEELING.search(sentence)
    ):
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


def _bare_end(sentence: str) -> str:
    return sentence.rstrip("\"'”’)»] ")


def _outside_quotes(sentence: str) -> str:
    for quotation in reversed(quotations(sentence)):
        sentence = sentence[: quotation.start] + sentence[quotation.end :]
    return sentence


def _same(a: str, b: str) -> bool:
    return [w.lower() for w in WORD.findall(a)] == [w.lower() for w in WORD.findall(b)]
