"""What stands around an article on a page: by-lines, credits, links, calls to the reader.

A sentence is furniture as a whole or not at all. What a page says to its reader may hold figures
(`Read more about the 12 candidates`), but then only its opening tells; whatever somebody is said
to have said is no furniture by what it mentions later.
"""

from __future__ import annotations

import re

from agent.claims.finite import has_verb
from tools.numbers.quantities import quantities
from tools.text.quotes import quotations

_BYLINE = re.compile(
    r"^(?:advertisement\b|published (?:in|on|by|at)\b|updated\b|posted (?:on|by)|reading time|trending\b|"
    r"source:|sources:|photo(?:graph)?(?::| by| credit)|image:|picture:|credit:|©|copyright\b|all rights reserved|"
    r"\d+ min(?:ute)?s? read|(?:mon|tues|wednes|thurs|fri|satur|sun)day,? \d)",
    re.I,
)
# `By` and a name of two words or more; `By July …` and `By the end of …` are statements.
_BY_NAME = re.compile(r"^[Bb][Yy] [A-Z][\w’'.-]+ (?:[\w’'.-]+ )?[A-Z][\w’'.-]+")
_BYLINE_WORDS = 9
_NETWORK = r"(?:twitter|x|facebook|instagram|linkedin|bluesky|youtube|mastodon|tiktok|threads|telegram|whatsapp)"
_NEWS = r"(?:details?|information|news|updates?|stories|coverage|reaction|pictures|photos|videos?)"
_CALL = re.compile(
    r"^(?:\[[^\]]{0,60}\]|[\s\[({|>»•*–—-])*(?:(?:please|you can(?: also)?|do) )?(?:"
    r"(?:subscribe|sign up|read more(?!\s?[)\]])|read the full|read next|click|tap (?:here|on|to|the)|follow us|like us|share (?:this|on)|"
    r"log ?in|write to (?:him|her|us|them)\b|contact us|download (?:our|the app)|join (?:our|the conversation)|"
    r"related (?:articles|stories|topics|content)|more on this|see (?:also|more at)|you (?:may|might) also like|"
    r"recommended for you|e-?mail (?:this|us|me|him|her)|print this|copy (?:the )?link|leave a (?:comment|reply)|"
    r"comments are closed|(?:view|show|see) (?:all |the )?comments|support (?:us|our)\b|donate (?:now|today)|"
    r"buy now|shop (?:now|our|the)|order (?:now|today)|book (?:now|today)|get \d+ ?(?:%|per ?cent) off|use (?:the )?code|"
    r"(?:sponsored|paid|partner) (?:content|post)|stay tuned|skip to|back to top|accept (?:all|and)|"
    r"letters to the editor|subscribers (?:find|get)|have you (?:a|any) (?:question|story|tip)|"
    r"check back|(?:re)?fresh (?:this|the) page|(?:story|article) continues|"
    r"sorry,? (?:but )?(?:we are|we[’']re|comments are)|we are (?:not|no longer) (?:currently )?accepting comments|"
    r"let us know|have your say|send us|share your|got a (?:story|tip)|tell us (?:what|about|your|how)|"
    r"for (?:the )?(?:more|latest|further)\b[^.;]{0,60}\b(?:visit|see|read|click|check|go to|call|contact|follow|watch|listen|subscribe|sign up))\b"
    r"|(?:see also|watch|listen|read)\s?:|scroll (?:down|up)(?: (?:for|to see) [\w ]{1,20})?\W*$"
    r"|(?:related|more|from earlier)\b[^.:]{0,20}\s?:[^)\]]{0,110}[)\]]?\W*$|related(?-i:[A-Z])[^.]*$"
    rf"|(?:follow|like) [\w@ ’'().-]{{2,60}}?(?: on|:| at|,)[ :]+{_NETWORK}(?:\.com\S*)?\b"
    rf"|(?<=can )(?:find|reach|join|contact|message) [\w@ ’'().-]{{2,40}}? on {_NETWORK}\b"
    r"|(?:read|watch|see|view|hear|listen to|download|find|buy) (?!.*[“\"])[^.]{1,60}(?<!\bover )\b(?:here|below)\W*$"
    r")"
    rf"|^(?:(?:further|full|some) )?(?:more|{_NEWS}|story)\b(?: (?:{_NEWS}|on this(?: story)?))?"
    r" (?:to (?:follow|come)|will follow|(?:will be \w+ )?(?:soon|shortly|as (?:we get|it comes|they come|it becomes|they become)\b.{0,30}))\W*$"
    r"|^(?:this|it)(?: is|[’']s) (?:an? )?(?:still )?(?:developing|breaking)(?: news)?(?: story)?\b"
    r"|^this (?:\w+ )?story is (?:still )?(?:developing|unfolding|ongoing|being updated)\b|^developing\s?(?:…|\.{3})"
    r"|^(?:we|this (?:page|story|article|post)) will (?:be )?(?:continue to )?(?:update|bring you)"
    r"|^to (?:contact|reach|subscribe|unsubscribe|advertise|report|comment|get|learn|find out|see|read|donate|support|hear|sign)\b"
    r"[^.]{0,60}, (?:please )?(?:e-?mail|click|visit|call|sign up|write to|send|fill in|subscribe|tap|follow)\b"
    r"|^(?:(?:for|if you|anyone|help)\b[^.]{0,120}, )?(?:please )?(?:call|contact|visit|e-?mail|text|ring|phone|write to)\b"
    r"[^.?!“\"]{0,60}(?:(?:\bon|\bat|:) \+?\d[\d ()–-]{4,}\d|\bwww\.|\bhttps?:|\w@\w)",
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
_PICTURE = r"(?:photo(?:graph)?s?|images?|pictures?|videos?|screen ?(?:shot|grab)s?|illustrations?|h/t|hat tip)"
_NOTE = re.compile(
    r"^(?:correction|clarification|editor[’']?s[’']? note|note to readers|disclosure|disclaimer)\b.{0,12}:"
    r"|\bthis (?:article|story|post|page|column|newsletter|piece)[’']?s? (?:headline |text )?(?:is a stub|"
    r"(?:was|has been|is|will be) (?:\w+ )?(?:published|amended|updated|corrected|edited|translated|produced|written)|"
    r"(?:first |originally )?appeared|contains (?:affiliate|spoilers))"
    r"|\ban earlier version of this\b|\b(?:photographs?|pictures?|illustrations?) (?:was|were) taken by the author\b"
    r"|^(?:all )?(?:prices|figures|sums) (?:in this (?:article|table) |as of )|^more on this .{0,30}\bon \w+day\b"
    r"|\(?(?:reporting|editing|additional reporting|writing) by [A-Z]"
    r"|^[^:“\"]{0,160}\bcontributed (?:(?:\w+ )?(?:reporting|research) )?to this (?:article|story|report|post|piece)(?: (?:from|in) [\w ]{2,30})?\W*$"
    r"|^the original (?:story|article|post) (?:is|follows|continues|appears)\b.{0,20}$"
    r"|^this (?:article|story|post|piece|column|guide) (?:takes a|looks at|explores|explains|examines|sets out|reviews|is about)\b"
    rf"|^here(?:[’']s| is| are) (?:[\w’'-]+ ){{1,5}}?(?:{_PICTURE}|links?|list|charts?|map|transcript|tweet|trailer)\b[^:“\"]{{0,60}}[.:!]*$"
    rf"|^[\[(](?:\w+ )?(?:{_PICTURE}|via|related|credits?)\b[^\])]*[\])]\W*$",
    re.I,
)
_LICENCE = re.compile(
    r"\bmay not be (?:published|reproduced|republished|broadcast|copied)\b.{0,60}\b(?:redistributed|permission|consent|rewritten)\b"
    r"|^.{0,60}\bcopyright (?:©|\(c\)|(?:19|20)\d\d\b)|^(?:\w+ ){0,2}used (?:under licen[cs]e|with permission)\W*$"
    r"|^.{0,80}\ball rights reserved\b",
    re.I,
)
_CODE = re.compile(r"[{][^{}]{0,200}:[^{}]{0,200};\s*[}]|<!--|<[a-z]+ \w+=\"")
_DOMAIN = re.compile(r"(?<![\w-])[\w-]+\.(?:[a-z]{2,24})(?:/\S*)?\b")
_FUNCTION = frozenset(
    "the a an of in on at to for and or is was are were be has have had with by from that this it "
    "as not but its their his her they he she nan will".split()
)
_CLOSED = frozenset(".!?…:")


def furniture(sentence: str, words: list[str], *, alone: bool, said: bool) -> str | None:
    """What of a page's furniture a sentence is, as a report says it; None where it is none.

    Args:
        words: those of the sentence, as `tools.text.words.WORD` finds them.
        alone: whether it makes up its paragraph.
        said: whether it tells what somebody said: what a page says to its reader does not.
    """
    closed = sentence.rstrip("\"'”’)»] ")[-1:] in _CLOSED
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
        return "by-line or publishing note"
    if _NOTE.search(sentence):
        return "a note on the article itself"
    if not said and _LICENCE.search(sentence):
        return "a note on copyright"
    if _COUNT.search(sentence):
        return "count of comments, shares or views"
    if not said and (
        ((call := _CALL.search(sentence)) and not _goes_on(sentence[call.end() :]))
        or (_PLEA.search(sentence) and not quantities(sentence))
    ):
        return "navigation, advertisement or call to the reader"
    if alone and not closed and len(words) <= 14 and not quotations(sentence):
        return "heading, by-line or navigation"
    return None


def _goes_on(rest: str) -> bool:
    """Whether what opens like a call states something with a figure: `Click fraud cost …`."""
    return has_verb(rest) and bool(quantities(rest))


def _junk(sentence: str, words: list[str], closed: bool) -> str | None:
    lower = [word.lower() for word in words]
    function_words = sum(word in _FUNCTION for word in lower)
    if len(_DOMAIN.findall(sentence)) >= 2 and function_words <= 0.15 * len(words):
        return "list of links or domains"
    if len(words) >= 6 and not closed and function_words <= 0.05 * len(words):
        capitals = sum(word[0].isupper() for word in words)
        if capitals < 0.5 * len(words):
            return "spam: a list of words and domains without a sentence"
    return "code of the page" if _CODE.search(sentence) else None
