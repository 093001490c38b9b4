"""Text that addresses whoever checks it: orders, verdicts for the taking, marks of prompts.

An article or a source reports; it has no business with the one who rates it. So a sentence that
tells a checker what to answer, that plays a part in a conversation with one, or that hides or
encodes its words is no evidence and no claim, whatever it says. It is found by its own form,
never by what it might do to a model, and never carried out: `instructions` says where it stands,
`without_instructions` puts blanks there.

Rules alone: marks that decide at once (the tokens and tags of prompts, a verdict assigned to a
name, `ignore the passages`), and weighed words of which several have to meet (an order or a
second person, the terms of checking, a bare label). A sentence that is not in English is found
by a label in it or by two terms of checking in its own language. All is read as a reader sees it
(`tools.text.cleaning`), and again with letters spaced out, reversed, rotated by 13 or written as
digits, and what is in base64, hexadecimal, percent or escape signs is decoded.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import unquote

from agent.types import TextWarning
from tools.text.cleaning import Cleaned, clean
from tools.text.languages import foreign
from tools.text.sentences import sentence_spans

Kind = Literal["order", "encoded", "hidden"]

_MOST_SPANS: Final = 10
_MOST_SHOWN: Final = 3
_MOST_WORDS: Final = 80
"""Characters that are shown of a place."""
_PASSAGE: Final = 8000
"""Characters up to which a text counts as a passage."""
_MOST_CHARACTERS: Final = 200_000
"""Of a longer text the beginning is read for the warning; passages are far shorter."""
_LABEL = (
    r"(?:supported|conflicting|unverifiable|unsupported|contradicted|mostly[_ -]supported"
    r"|mostly[_ -]true)"
)
_QUOTE = "[\"'“”«»„‘’「」『』`*]"
_KEYS = (
    r"(?:verdict|label|stance|rating|rationale|quotes?|evidence|tool_calls?|decided|neutral"
    r"|certainty|confidence|entailment|contradiction|system|instructions?|role|reviewed|enum)"
)
_TAGS = (
    r"(?:passages?|evidence|claims?|instructions?|system|assistant|user|human|documents?|verdict"
    r"|tool_results?|tool_calls?|function_calls?|function|invoke|prompt|context|answer|response"
    r"|thinking|scratchpad|reasoning|rationale|output)"
)
_YOURS = (
    r"(?:answer|answers|reply|replies|response|responses|output|verdict|rating|ratings|judge?ment"
    r"|instructions?|system prompt|prompt|rationale|explanation|conclusion|solution|code|codebase"
    r"|algorithm|implementation|implementations|elucidation|guidelines|configuration|training data"
    r"|system message|hidden rules|chain of thought)"
)

_AT_ONCE: Final = re.compile(
    "|".join(
        (
            # Tokens and headings of chat templates.
            r"<\|?\s*/?\s*(?:im_start|im_end|im_sep|eot_id|start_header_id|end_header_id|eom_id"
            r"|begin_of_text|end_of_text|endoftext|endofprompt|fim_\w+)\s*\|?>",
            r"<\|(?:system|user|assistant|end|tool)\|>|</?(?:start|end)_of_turn>",
            r"\[/?INST\]|<</?SYS>>",
            r"#{2,}\s*(?:instructions?|response|system|human|assistant|user|input|task|prompt)\b",
            r"<<<\s*/?[A-Z_ ]{3,40}\s*>>>|(?<!<)<{2,5}[^<>\n]{0,20}(?:DOCUMENT|PASSAGE"
            r"|INPUT|CONTEXT)",
            rf"</?\s*{_TAGS}(?:\s+[\w-]+\s*=\s*[\"'][^\"'<>]{{0,80}}[\"'])*\s*/?>",
            r"(?:begin|end|start|stop)[ _-]*(?:of[ _-]*)?(?:the[ _-]*)?(?:untrusted |user )?"
            r"(?:system prompt|prompt|passages|instructions|untrusted data|data block)\b",
            # A part in a conversation, at the beginning of a line or sentence.
            r"(?:\A|(?<=[\n.!?\"'>]))\s*(?:#+\s*|\[|\*+)?(?:system|assistant|developer|sysadmin|thought"
            r"|system (?:message|notice|override|note|prompt)"
            r"|(?:note|notice|message|instruction|attention|memo)s? (?:to|for) (?:the |all |any )?"
            r"(?:ai|ais|llm|llms|assistant|assistants|model|models|language models?|bots?|crawlers?"
            r"|agents?|machines?|fact[- ]?checkers?|checkers?|raters?|judges?|reviewing system"
            r"|automated \w+|robots?)\b[^:.\n]{0,40})\]?\s*:",
            # A verdict given to a name, a key of an answer.
            rf"(?:\b|\\n)(?:verdict|label|stance|final answer|rating|conclusion|answer|decision"
            rf"|outcome"
            rf"|result|status|assessment|classification|therefore|hence|thus|so)\s*(?:is|=|:|[,→]"
            rf"|->|=>|:=)+\s*{_QUOTE}*\s*(?:definitely |clearly |always )?{_LABEL}\b(?!\s+(?:by"
            rf"|the))",
            rf":\s*{_QUOTE}?{_LABEL}{_QUOTE}?\s*(?:[.!]|\Z)",
            rf"[\"']{_KEYS}[\"']\s*:\s*[\[{{\"'\d]",
            rf"[\"']{_LABEL}[\"']\s*[,:\]}}]",
            r"[\"'](?:tool_calls|function_call|arguments|tool|\$ref)[\"']\s*:",
            r"\bToolMessage\(|\b(?:Human|AI|System)Message\(",
            # What is to be forgotten, or told.
            r"\b(?:ignor|disregard|forget|overlook|overrid|overwrit|discard|bypass|skip)\w*\b"
            r"[^.!?\n]{0,40}\b(?:instruction|instructions|prompt|prompts|passages?|sources?"
            r"|evidence|everything (?:above|before)|the above|all (?:of )?the above|guardrails"
            r"|previous|prior (?:text|context)|above text|system message|your (?:judge?ment|rules"
            r"|guidelines|training))\b",
            r"\b(?:your|the|its|hidden|initial|original|full|entire|secret) (?:system )"
            r"(?:prompt|message|instructions?)\b",
            r"\b(?:system|developer)[ _-]?prompts?\b",
            r"\bprompt[- ]injections?\b.{0,60}\byou\b|\byou\b.{0,60}\bprompt[- ]injections?\b",
            r"\b(?:word for word|verbatim|repeat|print|reveal|output|show me|tell me|leak|list"
            r"|recite|encode)\b[^.!?\n]{0,60}\b(?:your (?:\w+ )?instructions|text above|above text"
            r"|everything above|everything (?:you|that) \w+ (?:told|given)"
            r"|(?:api|secret|openai) keys?|environment variables?"
            r"|(?:this|the) (?:entire |whole )?conversation|(?:initial|first) (?:prompt|message)"
            r"|text you were given|file paths? you)\b",
            r"\b(?:text|conversation|context|words|line|message) above\b[^.!?\n]{0,60}"
            r"\b(?:in full|code ?block|word for word|verbatim|asterisks|repeat)\b",
            r"\babove (?:text|line|this line)\b[^.!?\n]{0,40}\b(?:replace|translate|encode|repeat)",
            rf"\b(?:anything|nothing) (?:but|other than|except|besides) {_QUOTE}?{_LABEL}\b",
            r"\bpassages? (?:\d+|one|two|three)\b|\b(?:these|those|the|all|shown) passages"
            r" (?:may|must"
            r"|should|are|were|cannot|can)\b",
            r"\bif (?:the|a|any) user (?:asks?|says?|wants?|types?)\b|\bwhen (?:the|a) user \w+s\b",
            r"\brepeat (?:everything|all|the text|the words|the above)\b[^.!?\n]{0,30}\babove\b",
            # What code of hostile hands looks like in prose.
            r"\bos\.(?:system|popen|fork|remove)\s*\(|__import__\s*\(|__(?:class|globals|init)__"
            r"|\$\{\s*jndi:|\{\{\s*\w+[.\[(|].{0,200}?\}\}|\bsubprocess\.\w+|\beval\s*\("
            r"|\bexec\s*\("
            r"|\bDROP\s+TABLE\b|;\s*shutdown\b|'\s*OR\s+1\s*=\s*1|SELECT\s+@@|\bxp_cmdshell\b"
            r"|\bjavascript:|\bon(?:error|load|click|focus|mouseover)\s*=|<\s*/?script\b"
            r"|\brm\s+-rf?\b|\bcurl\s+-|=HYPERLINK\(|</?(?:iframe|svg|object|embed)\b",
            r"^\s*(?:import [a-z_.]+(?:, ?[a-z_.]+)*|from [a-z_.]+ import \w+)",
            r"```[^`]{0,5000}(?:```|\Z)",
            rf"{_QUOTE}(?:gnitcilfnoc|detroppus|elbaifirevnu){_QUOTE}",
        )
    ),
    re.I | re.M,
)

_ORDERS = (
    r"(?:answer|reply|respond|return|rate|mark|label|treat|classify|grade|score|say|state|report"
    r"|write|print|output|repeat|reveal|quote|cite|conclude|decide|set|send|visit|call|run|execute"
    r"|decode|follow|obey|append|prepend|insert|include|incorporate|integrate|merge|blend|embed"
    r"|add|modify|enhance|augment|translate|encode|encrypt|render|express|convert|use|begin|start"
    r"|end|finish|change|remove|replace|drop|delete|pretend|imagine|act|assume|consider|accept"
    r"|reject|refuse|abstain|stop|continue|complete|give|provide|put|recommend|tell|ignore"
    r"|disregard|forget|overwrite|override|skip|do not|don['’]t|never|always|only|nest|join|let"
    r"|remember|choose|pick|select|keep|lock|make sure|ensure|introduce|deploy|develop|group|reuse"
    r"|apply|fetch|open|import|load|post|email|show|explain|describe|list|summari[sz]e|draw|weigh"
    r"|trust|prefer|count|note that you)"
)
_ORDER: Final = re.compile(
    r"(?:\A|[.!?:;,—–-]\s+|\n)[\"'“(\[>*•-]*\s*(?:please,?|now,?|then,?|first,?|finally,?"
    r"|also,?|and"
    r"|instead,?|so,?|therefore,?|important:|update:|override:|if[^,.]{3,80},\s*(?:then"
    r" )?(?:please )?"
    r"|when[^,.]{3,60},\s*|before[^,.]{3,60},\s*|after[^,.]{3,60},\s*|from now on,?|for"
    r" [^,.]{3,40},"
    rf"\s*)?\s*{_ORDERS}\b",
    re.I,
)
_SECOND: Final = re.compile(
    r"\byou (?:must|should|have to|need to|will|shall|may|are|can|cannot|can['’]t|detect|judge|rate"
    r"|read|see|answer|reply|were|could|would|abstain)\b|\byour\b|\byourself\b|\bthou shalt\b",
    re.I,
)
_MUST: Final = re.compile(
    r"\b(?:must|should|shall|has to|have to|needs? to|is to|are to|required to|obliged to)\b"
    r"(?:\s+\w+){0,2}?\s+(?:be (?:rated|marked|labell?ed|treated|classified|considered|reported"
    r"|called|answered|scored|returned)|label|rate|mark|answer|reply|return|output|report|treat"
    r"|say|conclude|receive|get|read)\b|\b(?:may|can)(?:not)? be used as evidence\b",
    re.I,
)
_STRONG: Final = re.compile(
    r"\b(?:verdicts?|rationale|passages?|fact[- ]?check(?:er|ers|ing)?|judge?ment|rubric"
    r"|(?:this|the|your|every|each|all|any|a) (?:claims?|answer|reply|response|output|label|rating"
    r"|batch|evaluator|judge|task)|claims? \d|language models?|llms?|ai (?:model|system"
    r"|assistant)s?"
    r"|chatbots?|automated (?:systems?|checkers?|reviewers?|tools?)|house style|gold label"
    r"|unit test|pipeline|few[- ]shot|list of claims)\b",
    re.I,
)
_WEAK: Final = re.compile(
    r"\b(?:claims?|evidence|labels?|ratings?|instructions?|prompts?|quotes?|sources?|articles?"
    r"|statements?|answers?|repl(?:y|ies)|response|conclusion|rules?|system|model|assistant"
    r"|evaluators?|reviewers?|checkers?|json|code|snippet|excerpt|pages?|text|sentence|words?"
    r"|letters?|emojis?|chat|user|readers?)\b",
    re.I,
)
_BARE_LABEL: Final = re.compile(
    rf"{_QUOTE}{_LABEL}{_QUOTE}|\bunverifiable\b"
    r"|\b(?:supported|conflicting|unsupported|contradicted)(?=\s*(?:[.!?,:;\"'”»)\]|]|\Z|\n"
    r"|no matter|because|only|whatever|always|regardless|when|if|and (?:lock|nothing|stop)|as"
    r" (?:soon|a)"
    r"|for (?:this|every|the|all)|should|instead|immediately))",
    re.I,
)
_ANY_LABEL: Final = re.compile(rf"\b{_LABEL}\b|\bSUPPORTED\b|\bverdict\b", re.I)
_YOUR_ANSWER: Final = re.compile(
    rf"\b(?:in|to|of|into|within|throughout|at the end of|about|through) your {_YOURS}\b"
    rf"|\A\W*(?:please )?{_ORDERS}\b[^.!?\n]{{0,80}}?\b(?:your|the) {_YOURS}\b"
    rf"|\byour (?:earlier|previous|prior|current|initial|original) {_YOURS}\b"
    r"|\b(?:code (?:snippet|excerpt|block|section|segment)|snippet of code)\b"
    r"|\breply (?:only )?(?:with|using|in)\b",
    re.I,
)
_SURE: Final = re.compile(
    r"\b(?:language models?|llms?|ai (?:models?|systems?|assistants?)|chatbots?)\b[^.!?\n]{0,60}"
    r"\b(?:(?:must|should|have to|need to) (?:answer|rate|return|reply|ignore|treat|mark|label|say"
    r"|output|conclude|always|never)|reading this|you are)\b"
    r"|\b(?:if|as) you are an? (?:\w+ )?(?:language model|llm|ai|assistant|bot|machine|model)\b"
    r"|\byou are (?:now |no longer )?an? (?:\w+ ){0,2}(?:language model|assistant|ai|judge|bot"
    r"|chatbot|checker)\b"
    r"|\bfrom now on\b[^.!?\n]{0,20}\b(?:you (?:abstain|answer|rate|reply|are an?)|every claim"
    r"|all claims)\b"
    r"|\bnew (?:task|instructions?|rule|rubric|policy)\b\s*:"
    r"|\b(?:mark|rate|label|call|judge|declare|report|score|grade|classify|rule|answer|reply|say"
    rf"|return|output|vote|choose|pick)(?:s|ed)? (?:it |this |that |them |every |each |all |any"
    rf" |the )*"
    rf"(?:claims? |statements? |answers? |of them |with |as |to be )*{_QUOTE}?{_LABEL}\b(?!\s+by)",
    re.I,
)
_LEAST: Final = 2.5
"""Weight from which words together make an order."""
_CUT: Final = re.compile(
    r"[.!?…][\"'”’)]*\s+|[。！？।]\s*|[;)\]}>\"'`–—-]\s+(?=[A-Z][a-z]+\s)|[)\]}>`](?=[A-Z][a-z]+\s)"
    r"|\n\s*|[\u200e\u200f\u202c\u2069]+\s+"
)
_BESIDE: Final = 1.0
"""The same for a sentence that stands beside an order."""
_SCRAP: Final = 3
"""Letters below which a piece beside an order is what is left of its wrapping."""
_FRAGMENT: Final = 4
"""Words up to which a bare label makes a sentence one."""
_FOREIGN_LETTERS: Final = 4

# Terms of checking in the languages that hostile texts were seen in: five groups of which two have
# to meet. Stems, since most of these inflect.
_GROUPS: Final = tuple(
    tuple(stems.split("|"))
    for stems in (
        "ignorier|vergiss|ignorez|oublie|ignora|olvida|dimentica|ignore|esqueça|negeer|"
        "vergeet|zignoruj|zapomnij|игнорир|забуд|ігнор|unut|yok say|bỏ qua|quên|abaikan|"
        "lupakan|puuza|sahau|無視|忘れ|忽略|无视|忘记|무시|잊|تجاهل|انس|نادیده|فراموش|התעלם|שכח"
        "|अनदेखा|"
        "भूल|neglege|obliviscere|ignorar|ignorate",
        "anweisung|systemprompt|consigne|instruc|istruzion|instructie|opdracht|polece|"
        "instrukc|инструкц|указани|інструкц|вказівк|talimat|yönerge|komut|chỉ dẫn|"
        "hướng dẫn|lời nhắc|instruksi|perintah|maagizo|maelekezo|指示|プロンプト|提示词|指令"
        "|系统|系統|지시|"
        "프롬프트|تعليمات|أوامر|دستور|הוראות|निर्देश|प्रॉम्प्ट|mandat|praecept",
        "begründung|rationale|justific|explicati|motivazione|spiegazione|toelichting|"
        "uzasadnien|обоснован|объяснен|обґрунтув|поясненн|gerekçe|açıklama|giải thích|"
        "lý do|penjelasan|alasan|maelezo|理由|説明|解释|설명|근거|تفسير|شرح|توضیح|הסבר|נימוק|"
        "स्पष्टीकरण|व्याख्या|कारण|explicatio|explication",
        "urteil|verdict|veredict|veredicto|verdetto|oordeel|werdykt|ocen|вердикт|оцін|"
        "karar|phán|kết luận|putusan|hukumu|判定|判断|结论|裁决|판정|حكم|الحكم|رأی|פסק|निर्णय"
        "|फैसला|"
        "sententia|antwort|répon|respond|respuesta|rispond|respost|antwoord|odpow|ответ|"
        "відпов|yanıt|cevap|trả lời|jawab|jibu|答え|回答|답하|답변|أجب|جواب|پاسخ|ענה|תשובה|उत्तर|"
        "जवाब",
        "wörtlich|wort für wort|mot pour mot|mot à mot|palabra por palabra|"
        "parola per parola|palavra por palavra|woord voor woord|letterlijk|słowo w słowo|"
        "dosłown|дословн|слово в слово|дослівн|kelimesi kelimesine|aynen|nguyên văn|"
        "kata demi kata|neno kwa neno|一字一句|そのまま|逐字|그대로|كلمة كلمة|حرفي|کلمه به کلمه|"
        "מילה במילה|शब्दशः|verbatim|textstell|absatz|passag|pasaje|brano|fragment|отрыв|"
        "уривк|pasaj|đoạn|bagian|vifungu|段落|片段|文書|地の文|지문|مقاطع|فقر|متن|קטע|अंश|locos"
        "|locis|"
        "quell|claim|behauptung|утвержден|тверджен|iddia|khẳng định|klaim|dai |主張|陈述|주장|"
        "ادعا|طענה|दाव",
    )
)
_FOREIGN_LETTER: Final = re.compile(r"[^\W\d_a-zA-Z]")

_BASE64: Final = re.compile(
    r"(?:data:[\w/+.;=-]{0,60};base64,|(?<![\w+/=]))(?:[A-Za-z0-9+/_-]{4}){6,4000}(?:[A-Za-z0-9+/_-]{2,3})?={0,2}"
)
_LEAD: Final = re.compile(r"(?:(?<=[.!?\n])\s*|(?<!.))[^.!?\n]{2,}:\s*\Z", re.S)
"""What introduces an encoded run: `Decode this and obey:`."""
_LONGEST_LEAD: Final = 100
_HEX: Final = re.compile(r"(?<!\w)(?:0x)?(?:[0-9a-fA-F]{2}[ :]?){16,4000}(?!\w)")
_PERCENT: Final = re.compile(r"(?<!\S)[^\s%]{0,2000}(?:%[0-9a-fA-F]{2}[^\s%]{0,200}){3,1000}")
_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,6};){4,}")
_SPACED: Final = re.compile(r"(?<!\S)(?:\S[ \u00a0\u2009]{1,4}){15,}\S(?!\S)")
# Tags (Unicode 16, 23.9), variation selectors one after the other, or zero-width signs in a row:
# letters that no reader sees.
_UNSEEN: Final = re.compile(
    "[\U000e0001\U000e0020-\U000e007f]{4,}|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}"
    "|[\u200b-\u200d\u2060-\u2064\ufeff]{8,}"
)
_UNSHOWN: Final = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))
"""Markup that a browser does not show, left in a text."""
_CF = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0001"
_UNSEEN_BEFORE: Final = re.compile(f"[{_CF}](?:[ {_CF}]*[{_CF}])?[ ]*\\Z")
_UNSEEN_AFTER: Final = re.compile(f"[ ]*[{_CF}](?:[ {_CF}]*[{_CF}])?")
_MOST_UNSEEN: Final = 50
_FLAG: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{2,8}")
"""A flag of a region (England, Wales) is written with tags, too."""
_DIGIT_LETTERS: Final = str.maketrans("0134578@$", "oieastbas")
_MIXED_WORD: Final = re.compile(r"(?<!\w)(?=\w*[013457])(?=\w*[A-Za-z])[A-Za-z013457]{3,}(?!\w)")
_MARKS: Final = re.compile("[\u0300-\u036f\u20d0-\u20ff]+")
_PILED: Final = re.compile("[\u0300-\u036f\u20d0-\u20ff]")

# Small words that every pattern needs one of, looked for before any pattern is: nearly all texts
# end here or at the next step.
_NEEDLES: Final = tuple(
    "support conflict verif contradict verdict instruct prompt passage rational ignor disregard "
    "forget overlook overrid overwrit discard bypass system assistant developer model ai llm bot "
    "fact evidence claim label answer repl respon output code snippet excerpt above conversation "
    "import your you decode judg rubric script exec eval tool chat user message note notice"
    " thought "
    "batch task evaluator automated pipeline unit few-shot style drop jndi rm curl hyperlink svg "
    "iframe object embed select shutdown xp_ or  on < > { [ ``` $ \" ' == := human page".split()
)
_CORE: Final = tuple(
    "supported conflicting unverifiable verdict claim passage instruction ignore prompt answer "
    "rationale system evidence output reply language rating judge".split()
)
_STRANGE: Final = re.compile(
    r"[A-Za-z0-9+/_-]{24}|(?:[0-9a-fA-F]{2}[ :]?){16}|%[0-9a-fA-F]{2}|\\[ux]|&#"
    "|[\u0300-\u036f\u20d0-\u20ff]{2}|[^\\W\\d_a-zA-Z\u00c0-\u017f]"
)


@dataclass(frozen=True)
class Instruction:
    """A span of a text that addresses whoever checks it.

    Attributes:
        start, end: half-open, into the text as it was given.
        kind: `order`, or words that are `encoded`, or `hidden` in signs that do not show.
    """

    start: int
    end: int
    kind: Kind


def instructions(text: str) -> tuple[Instruction, ...]:
    """What in a text addresses its checker, in order; spans do not overlap.

    Args:
        text: a passage, a claim or an article.
    """
    # Passages come again with each claim; articles are long, and come again within one check.
    return (_of_passage if len(text) <= _PASSAGE else _of_article)(text)


def _found(text: str) -> tuple[Instruction, ...]:
    found = [Instruction(*span, "hidden") for span in _unseen(text)]
    found += [Instruction(*span, "encoded") for span in _encoded(text)]
    seen = clean(text)
    found += [Instruction(*seen.span(*span), "order") for span in _orders(seen)]
    found = [_with_unseen(text, item) for item in found]
    return tuple(_merged(sorted(found, key=lambda item: (item.start, -item.end))))


_of_passage = lru_cache(maxsize=4096)(_found)
_of_article = lru_cache(maxsize=4)(_found)


def _with_unseen(text: str, item: Instruction) -> Instruction:
    """With the characters around it that do not show: they turned it round, or hid it."""
    before = _UNSEEN_BEFORE.search(text, max(0, item.start - _MOST_UNSEEN), item.start)
    after = _UNSEEN_AFTER.match(text, item.end)
    return Instruction(
        before.start() if before else item.start, after.end() if after else item.end, item.kind
    )


def without_instructions(text: str) -> str:
    """The text, of the same length, with blanks where it addresses its checker."""
    parts: list[str] = []
    position = 0
    for item in instructions(text):
        parts += text[position : item.start], " " * (item.end - item.start)
        position = item.end
    return "".join([*parts, text[position:]])


def instructions_warning(text: str) -> TextWarning | None:
    """The warning that a text addresses its checker, or None."""
    found = instructions(text[:_MOST_CHARACTERS])
    if not found:
        return None
    shown = ", ".join(_shown(text, item) for item in found[:_MOST_SHOWN])
    more = ", …" if len(found) > _MOST_SHOWN else ""
    places = "1 place addresses" if len(found) == 1 else f"{len(found)} places address"
    return TextWarning(
        code="instructions_in_text",
        message=f"{places} whoever checks this text ({shown}{more}); nothing there was followed, "
        "and nothing there counts as a claim or as evidence.",
        spans=[(item.start, item.end) for item in found[:_MOST_SPANS]],
    )


def _shown(text: str, item: Instruction) -> str:
    if item.kind == "hidden":
        return f"characters that do not show, at {item.start}"
    words = " ".join(clean(text[item.start : item.end]).text.split())
    words = words if len(words) <= _MOST_WORDS else f"{words[: _MOST_WORDS - 1]}…"
    return f"{'encoded: ' * (item.kind == 'encoded')}“{words}”"


def _merged(found: list[Instruction]) -> Iterator[Instruction]:
    last: Instruction | None = None
    for item in found:
        if item.start >= item.end:
            continue
        if last and item.start < last.end:
            last = Instruction(last.start, max(last.end, item.end), last.kind)
            continue
        if last:
            yield last
        last = item
    if last:
        yield last


def _unseen(text: str) -> Iterator[tuple[int, int]]:
    flags = [match.span() for match in _FLAG.finditer(text)]
    lower = text.lower() if "<" in text else ""
    for opening, closing in _UNSHOWN:
        start = lower.find(opening)
        while start >= 0 and (end := lower.find(closing, start)) >= 0:
            inside = text[start + len(opening) : end][:_PASSAGE]
            if next(_orders(Cleaned(inside), again=False), None):
                yield start, end + len(closing)
            start = lower.find(opening, end)
    for match in _UNSEEN.finditer(text):
        if not any(a <= match.start() and match.end() <= b for a, b in flags):
            yield match.span()


def _encoded(text: str) -> Iterator[tuple[int, int]]:
    """Runs that decode to words."""
    if not _STRANGE.search(text) and not _SPACED.search(text):
        return
    for pattern, decode in _DECODERS:
        for match in pattern.finditer(text):
            if (decoded := decode(match[0])) and _is_prose(decoded):
                lead = _LEAD.search(text, max(0, match.start() - _LONGEST_LEAD), match.start())
                yield (lead.start() if lead else match.start()), match.end()
    for match in _SPACED.finditer(text):
        if sum(map(str.isalpha, match[0])) >= 12:
            yield match.span()


def _base64(run: str) -> str:
    run = run.rpartition(",")[2]
    if run.isalpha() and (run.islower() or run.istitle()):
        return ""
    data = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _hex(run: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"0x|[ :]", "", run)).decode()
    except (ValueError, UnicodeDecodeError):
        return ""


def _percent(run: str) -> str:
    """Decoded, if it is an order: an address in another script is percent-encoded, too."""
    decoded = unquote(run)
    words = re.sub(r"[_/?&=+-]", " ", decoded)
    return decoded if next(_orders(Cleaned(words), again=False), None) else ""


def _escapes(run: str) -> str:
    points = re.findall(r"[0-9a-fA-F]{2,6}", run)
    decoded = "".join(chr(min(int(point, 16), 0x10FFFF)) for point in points)
    return "plain" if decoded.isascii() else decoded


_DECODERS: Final = (
    (_BASE64, _base64),
    (_HEX, _hex),
    (_PERCENT, _percent),
    (_ESCAPES, _escapes),
)


def _is_prose(decoded: str) -> bool:
    letters = sum(character.isalpha() or character.isspace() for character in decoded)
    return (
        len(decoded) >= 4
        and decoded.isprintable() | ("\n" in decoded)
        and letters >= 0.6 * len(decoded)
    )


def _orders(seen: Cleaned, *, again: bool = True) -> Iterator[tuple[int, int]]:
    """Sentences of a cleaned text that address its checker, as spans of the cleaned text."""
    text = seen.text
    readings = _readings(text) if again else [text]
    if not any(_may_order(reading) for reading in readings):
        return
    spans = _pieces(text)
    weights = [max(_weight(way) for way in _ways(text[a:b], readings)) for a, b in spans]
    flags = [weight >= _LEAST for weight in weights]
    scraps = [sum(map(str.isalpha, text[a:b])) < _SCRAP for a, b in spans]
    number = 0
    for match in _AT_ONCE.finditer(text):
        while number < len(spans) and spans[number][1] <= match.start():
            number += 1
        for beside in range(number, len(spans)):
            if spans[beside][0] >= match.end():
                break
            flags[beside] = True
    sure = [number for number, flag in enumerate(flags) if flag]
    for step in (1, -1):  # What stands beside an order is one of less.
        for number in sure:
            beside = number + step
            while 0 <= beside < len(spans) and not flags[beside]:
                if weights[beside] < _BESIDE and not scraps[beside]:
                    break
                if "\n\n" in text[slice(*sorted((spans[number][1], spans[beside][0])))]:
                    break
                flags[beside] = True
                number, beside = beside, beside + step
    yield from (span for span, flag in zip(spans, flags, strict=True) if flag)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Sentences, cut finer than they are: what is put into a text seldom ends as a sentence does,
    and must not take its neighbour with it."""
    spans = []
    for start, end in sentence_spans(text):
        bounds = [start, *(match.end() for match in _CUT.finditer(text, start, end)), end]
        spans += [(a, b) for a, b in itertools.pairwise(bounds) if a < b]
    return spans


def _readings(text: str) -> list[str]:
    """The text as it is, and rotated, reversed or with figures for letters if it then tells."""
    plain = _unmarked(text)
    found = [plain]
    if plain.isascii():
        found.append(codecs.encode(plain, "rot13"))
    found.append(plain[::-1])
    if len(_MIXED_WORD.findall(plain)) > 2:
        found.append(plain.translate(_DIGIT_LETTERS))
    return [plain] + [way for way in found[1:] if any(core in way.lower() for core in _CORE)]


def _ways(sentence: str, readings: list[str]) -> list[str]:
    return [_unmarked(sentence)] if len(readings) == 1 else _readings(sentence)


def _unmarked(text: str) -> str:
    """Without marks piled upon letters; one on a letter belongs to it."""
    if not _PILED.search(text):
        return text
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def _may_order(text: str) -> bool:
    lower = text.lower()
    if _groups(text) >= 2 and (not text.isascii() or foreign(text)):
        return True
    return any(needle in lower for needle in _NEEDLES) and any(
        pattern.search(text)
        for pattern in (_AT_ONCE, _SURE, _YOUR_ANSWER, _BARE_LABEL, _STRONG, _ANY_LABEL)
    )


def _weight(sentence: str) -> float:
    """How much a sentence is like an order to a checker; `_LEAST` is one."""
    if _AT_ONCE.search(sentence) or _SURE.search(sentence) or _YOUR_ANSWER.search(sentence):
        return _LEAST
    label = bool(_BARE_LABEL.search(sentence))
    if (label and len(sentence.split()) <= _FRAGMENT) or _is_foreign_order(sentence):
        return _LEAST
    strong = len({match[0].lower() for match in _STRONG.finditer(sentence)})
    ordered = bool(_ORDER.search(sentence) or _MUST.search(sentence))
    second = bool(_SECOND.search(sentence))
    weak = len({match[0].lower() for match in _WEAK.finditer(sentence)})
    weight = 1.5 * label + min(strong, 2) + 0.5 * min(weak, 2) + 1.5 * ordered + 0.5 * second
    if ((label or strong) and (ordered or second)) or (label and strong):
        return weight
    return min(weight, _LEAST - 0.5)


def _is_foreign_order(sentence: str) -> bool:
    """Whether a sentence in another language has a label in it, or two terms of checking."""
    label = bool(_ANY_LABEL.search(sentence))
    letters = len(_FOREIGN_LETTER.findall(sentence))
    if label and letters >= _FOREIGN_LETTERS:
        return True
    return (label or _groups(sentence) >= 2) and foreign(sentence) is not None


def _groups(text: str) -> int:
    lower = text.lower()
    return sum(any(stem in lower for stem in stems) for stems in _GROUPS)
