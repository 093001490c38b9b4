"""How much a sentence is like an order to whoever checks a text.

Marks that decide at once (the tokens and tags of prompts, a verdict assigned to a name, `ignore the
passages`), and weighed words of which several have to meet (an order or a second person, the terms
of checking, a bare label). The news has all these words: an order is an imperative at the beginning
of its sentence, a second person, or a label in the form of an answer. A sentence that is not in
English is found by a label in it or by two terms of checking in its own language.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tools.stopping import go_on
from tools.text.answers import ALONE, DICTATED, FIRST, LABEL, QUOTE, SPACED
from tools.text.languages import foreign
from tools.text.literals import Literals
from tools.text.terms import Stems, groups

_KEYS = (
    r"(?:verdict|label|stance|rating|rationale|quotes?|evidence|tool_calls?|decided|neutral"
    r"|certainty|confidence|entailment|contradiction|system|instructions?|role|reviewed|enum)"
)
_TAGS = (
    r"(?:passages?|evidence|claims?|instructions?|system|assistant|user|human|documents?|verdict"
    r"|tool_results?|tool_calls?|function_calls?|function|invoke|prompt|context|answer|response"
    r"|thinking|scratchpad|reasoning|rationale|output|system[-_]\w{1,20})"
)
_YOURS = (
    r"(?:answer|answers|reply|replies|response|responses|output|verdict|rating|ratings|judge?ment"
    r"|instructions?|system prompt|prompt|rationale|explanation|conclusion|solution|code|codebase"
    r"|algorithm|implementation|implementations|elucidation|guidelines|configuration|training data"
    r"|system message|hidden rules|chain of thought)"
)
_OF_TEXT = (
    r"(?:(?:the|this|that|these|those|any|all) )?(?:articles?|texts?|claims?|pages?|stor(?:y|ies)"
    r"|reports?|information|evidence|statements?|news|truth)\b"
)
"""What a source is that speaks: those of noise, of sugar or of a river do not."""
_NOUNS = (
    r"(?:answer|return|rate|mark|label|grade|score|state|report|print|output|quote|conclude|set|call"
    r"|run|change|use|start|end|finish|begin|drop|act|stop|nest|join|list|group|open|import|load"
    r"|post|email|show|draw|trust|count|lock|force|express|visit|pick|repeat|give|put)"
)
_ORDERS = (
    rf"(?!{_NOUNS}\s+(?!(?:the|a|an|this|that|these|those|it|them|every|each|all|any|no|not|only|me"
    r"|your|with|as|to|how|what|which|nothing|always|in|out|both|one|two|three|https?|supported"
    r"|conflicting|unverifiable|verdict|claims?|passages?|instructions?)\b|[^\w\s]))"
    r"(?:answer|reply|respond|return|rate|mark|label|treat|classify|grade|score|say|state|report"
    r"|write|print|output|repeat|reveal|quote|cite|conclude|decide|set|send|visit|call|run|execute"
    r"|decode|follow|obey|append|prepend|insert|include|incorporate|integrate|merge|blend|embed"
    r"|add|modify|enhance|augment|translate|encode|encrypt|render|express|convert|use|begin|start"
    r"|end|finish|change|remove|replace|drop|delete|pretend|imagine|act|assume|consider|accept"
    r"|reject|refuse|abstain|stop|continue|complete|give|provide|put|recommend|tell|ignore"
    r"|disregard|forget|overwrite|override|skip|do not|don['’]t|nest|join|let"
    r"|remember|choose|pick|select|keep|lock|make sure|ensure|introduce|deploy|develop|group|reuse"
    r"|apply|fetch|open|import|load|post|email|show|explain|describe|list|summari[sz]e|draw|weigh"
    r"|trust|prefer|count|note that you"
    r"|(?:never|always|only) (?:answer|reply|respond|return|rate|mark|label|treat|say|state|report"
    r"|write|print|output|quote|cite|conclude|use|count|mention|trust|accept|rely|follow|obey|give"
    r"|show|refuse))"
)
AT_ONCE: Final = re.compile(
    "|".join(
        (
            # Tokens and headings of chat templates.
            r"<\|?\s{0,9}/?\s{0,9}(?:im_start|im_end|im_sep|eot_id|start_header_id|end_header_id|eom_id"
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
            r"(?:\A|(?<=[\n.!?\"'>]))\s{0,9}(?:#+\s{0,9}|\[|\*+)?(?:sysadmin"
            r"|system (?:message|notice|override|note|prompt)"
            r"|(?:note|notice|message|instruction|attention|memo)s? (?:to|for) (?:the |all |any )?"
            r"(?:ai|ais|llm|llms|assistant|assistants|model|models|language models?|bots?|crawlers?"
            r"|agents?|machines?|fact[- ]?checkers?|checkers?|raters?|judges?|reviewing system"
            r"|automated \w+|robots?)\b[^:.\n]{0,40})\]?\s*:",
            # A verdict given to a name, a key of an answer.
            rf"(?:\b|\\n)(?:verdicts?|label|stance|final answer)\s*(?:is|are|[=:,→]|->|=>)[\s=:>]*"
            rf"{QUOTE}*\s*(?:definitely |clearly |always )?{LABEL}\b"
            rf"(?:{QUOTE}|{ALONE}|(?!\s+(?:by|the|with|for|in|and|reports?|accounts?|claims?|views?"
            r"|figures?|evidence|signals?|rules?|testimony)\b))",
            rf"(?:\b|\\n)(?:(?:rating|conclusion|answer|decision|outcome|result|status|assessment"
            rf"|classification|therefore|hence|thus|so)\s*(?:[=:,→]|->|=>))[\s=:>]*"
            rf"{QUOTE}*\s*(?:definitely |clearly |always )?{LABEL}\b"
            rf"(?:{QUOTE}|{ALONE})",
            rf":\s*{QUOTE}?{LABEL}{QUOTE}?\s*(?:[.!。！]|\Z)|\bverdict {QUOTE}{LABEL}{QUOTE}",
            r"\bverdict (?:supported|conflicting|unverifiable)\s*(?:[.!;\"”»]|\Z)",
            # One that is to be guessed, or hangs on the answer.
            r"\b(?:first|last|initial|capital) letters? of (?:the|each|every|these|those)\b"
            r"[^.!?\n]{0,40}\b(?:verdict|answer|label|rating|reply)\b",
            r"\b(?:the|your) (?:\w+ )?(?:verdict|label|rating|answer) is the (?:\w+ )?word"
            r" (?:that|which|whose|you)\b[^.!?\n]{0,40}\b(?:opens?|begins?|starts?|ends?|closes?"
            r"|rhymes?|spel\w+|letters?)\b",
            rf"\b(?:if|when|unless|until) the (?:reply|response|output) is {QUOTE}?{LABEL}\b"
            rf"(?:{QUOTE}|{ALONE})",
            r"(?:\A|(?<=[\n.!?:]\s)|(?<=\n)|\bit (?:is|has been) (?:decided|settled|agreed) that )"
            r"this claim is conflicting\b(?=\s*(?:[.!]|\Z))",
            # What is told to be turned, and holds no word of English.
            r"(?:\A|(?<=[\n.!?]\s)|(?<=\n))rot-?13\s*:(?=[ \t]*\w)"
            r"(?![^.!?\n]{0,200}\b(?:an?|the|of|to|is|it|in|for|from|how|why|what|with|by|and)\b)",
            rf"[\"']{_KEYS}[\"']\s*:\s*[\[{{\"'\d]",
            rf"[\"']{LABEL}[\"']\s*(?:[:\]}}]|,\s*[\"'{{\[])",
            r"[\"'](?:tool_calls|function_call|arguments|tool|\$ref)[\"']\s*:",
            r"\bToolMessage\(|\b(?:Human|AI|System)Message\(",
            # What is to be forgotten, or told.
            rf"{FIRST}(?:ignore|disregard|forget|overlook|override|overwrite|discard|bypass|skip)\b"
            r"[^.!?\n]{0,40}\b(?:instruction|instructions|prompt|prompts|passages?"
            rf"|sources?(?! of (?!{_OF_TEXT}))|evidence|everything (?:above|before)|the above"
            r"|all (?:of )?the above|guardrails|previous|prior (?:text|context)|above text"
            r"|system message)\b",
            r"\b(?:ignor|disregard|forget|overlook|overrid|overwrit|discard|bypass|skip)\w*\b"
            r"[^.!?\n]{0,40}\b(?:(?:all|any|your) (?:\w+ )?(?:previous|prior|earlier)"
            r" (?:instructions|prompts?)|above text"
            r"|your (?:judge?ment|rules|guidelines|training|instructions))\b",
            rf"{FIRST}(?:do not|don['’]t|never) (?:weigh|read|use|consult|consider|count|quote"
            r"|cite) (?:any |all )?(?:the |these |those |other )?(?:evidence|passages?|sources)\b"
            r"(?! (?:of|from) )(?=[^.!?\n]{0,80}\b(?:you|your|repl(?:y|ies)|answer|label|rate"
            r"|rating|verdict|claims?|statements?|check)\b)",
            r"\b(?:your|the|its|hidden|initial|original|full|entire|secret) (?:system )"
            r"(?:prompt|message|instructions?)\b",
            r"\b(?:system|developer)[ _-]?prompt(?:s(?!\s+\w))?\b",
            r"\bprompt[- ]injections?\b.{0,60}\byou\b|\byou\b.{0,60}\bprompt[- ]injections?\b",
            r"\b(?:word for word|verbatim|repeat|print|reveal|output|show me|tell me|leak|list"
            r"|recite|encode)\b[^.!?\n]{0,60}\b(?:your (?:\w+ )?instructions|text above|above text"
            r"|everything above|everything (?:you|that) \w+ (?:told|given)"
            r"|(?:api|secret|openai) keys?|environment variables?"
            r"|this (?:entire |whole )?conversation|the (?:entire|whole) conversation"
            r"|(?:initial|first) prompt"
            r"|text you were given|file paths? you)\b",
            r"\b(?:text|conversation|context|words|line|message) above\b[^.!?\n]{0,60}"
            r"\b(?:in full|code ?block|word for word|verbatim|asterisks|repeat)\b",
            r"\babove (?:text|line|this line)\b[^.!?\n]{0,40}\b(?:replace|translate|encode|repeat)",
            rf"\b(?:anything|nothing) (?:but|other than|except|besides) {QUOTE}?{LABEL}\b"
            rf"(?:{QUOTE}|{ALONE})",
            rf"\b(?:if|when) (?:the|a|any) user \w+\b[^.!?\n]{{0,60}},\s*(?:then )?(?:please )?"
            rf"{_ORDERS}\b",
            r"\brepeat (?:everything|all|the text|the words|the above)\b[^.!?\n]{0,30}\babove\b",
            # What code of hostile hands looks like in prose.
            r"\bos\.(?:system|popen|fork|remove)\s*\(|__import__\s*\(|__(?:class|globals|init)__"
            r"|\$\{\s*jndi:|\{\{\s*\w+[.\[(|].{0,200}?\}\}|\bsubprocess\.\w+|\beval\s*\("
            r"|\bexec\s*\("
            r"|\bDROP\s+TABLE\b|;\s*shutdown\b|'\s*OR\s+1\s*=\s*1|SELECT\s+@@|\bxp_cmdshell\b"
            r"|\bjavascript:|\bon(?:error|load|click|focus|mouseover)\s*=|<\s*/?script\b"
            r"|\brm\s+-rf?\b|\bcurl\s+-|=HYPERLINK\(|</?(?:iframe|svg|object|embed)\b",
            r"^\s*(?-i:import [a-z_.]+(?:, ?[a-z_.]+)*\s*(?:$|;|#)|from [a-z_.]+ import \w+)",
            r"```[^`]{0,5000}(?:```|\Z)",
            rf"{QUOTE}(?:gnitcilfnoc|detroppus|elbaifirevnu){QUOTE}",
        )
    ),
    re.I | re.M,
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
    rf"{QUOTE}{LABEL}{QUOTE}|«\s?{LABEL}\s?»|\bunverifiable\b"
    rf"|\b(?:supported|conflicting|unsupported|contradicted){ALONE}",
    re.I,
)
_ANY_LABEL: Final = re.compile(rf"\b{LABEL}\b|\bSUPPORTED\b|\bverdict\b", re.I)
_YOUR_ANSWER: Final = re.compile(
    rf"\b(?:in|to|of|into|within|throughout|at the end of|about|through) your {_YOURS}\b"
    rf"|\A\W*(?:please )?{_ORDERS}\b[^.!?:\n]{{0,80}}?\b(?:your|the) {_YOURS}\b"
    rf"|\byour (?:earlier|previous|prior|current|initial|original) {_YOURS}\b"
    rf"|{FIRST}{_ORDERS}\b[^.!?\n]{{0,80}}\b(?:code (?:snippet|excerpt|block|section|segment)"
    r"|snippet of code)\b"
    r"|\b(?:this|following|given|provided|your) (?:code (?:snippet|excerpt|block|section|segment)"
    r"|snippet of code)\b"
    rf"|{FIRST}reply (?:only )?(?:with|using|in)\b",
    re.I,
)
_BY_POST: Final = re.compile(
    r"\b(?:your|the) (?:answers?|repl(?:y|ies)|responses?|solutions?)\b[^.!?\n]{0,60}"
    r"(?:\b(?:sent|posted|mailed|handed in|reach|arrive)\b"
    r"|\bto (?:the|our) (?:\w+ )?(?:address|office|editor|newsroom|court|bank|school)\b)",
    re.I,
)
"""An answer that travels: one to a letter, a notice or a riddle."""
_ROLE: Final = re.compile(
    r"(?:\A|(?<=[\n.!?\"'>]))\s*(?:#+\s*|\[|\*+)?(?:system|assistant|developer|thought)\]?\s*:",
    re.I,
)
"""A part in a conversation, as a transcript, a list of credits or a timetable may have it."""
_CHECKING: Final = re.compile(
    r"\b(?:rationale|(?:these|those|the|all|any|no|every|other|which|shown|following|above)"
    r" passages?"
    r"|passages? \d|fact[- ]check(?:er|ers|ing (?:ai|bot|machine|model"
    r"|program|system))|rubric|evaluator|house style|gold label|few[- ]shot|unit test"
    r"|claims? \d|this (?:batch|task)|any claim that"
    r"|(?:every|each|all) claims? (?:is|are|must|should))\b",
    re.I,
)
"""Terms that the news has seldom: those of checking alone."""
_OF_CHECKING: Final = (
    rf"(?=[^.!?\n]{{0,80}}\b(?:{LABEL}|true|false|confirmed|verified|correct|accurate|verdicts?"
    r"|passages?|sources|rated?|marked?|label|answer(?:s|ed)?|reply|return|respond|output|repeat"
    r"|print|reveal|write|say|ignore|disregard|you|your)\b)"
)
"""That a rule is one of checking, or for whoever reads it."""
SURE: Final = re.compile(
    r"\b(?:language models?|llms?|ai (?:models?|systems?|assistants?)|chatbots?)\b[^.!?\n]{0,60}"
    r"\b(?:(?:must|should|have to|need to) (?:answer|rate|return|reply|ignore|treat|mark|label|say"
    rf"|output|conclude)\b[^.!?\n]{{0,40}}\b(?:this|these|{LABEL})|reading this|you are)\b"
    r"|\b(?:if|as) you are an? (?:\w+ )?(?:language model|llm|ai|assistant|bot|machine|model)\b"
    r"|\byou are (?:now |no longer )?an? (?:\w+ ){0,2}(?:language model|assistant|ai|judge|bot"
    r"|chatbot|checker)\b"
    r"|\bfrom now on\b[^.!?\n]{0,20}\b(?:you (?:abstain|answer|rate|reply|are an?)"
    rf"|(?:every claim|all claims) (?:is|are|must|should){_OF_CHECKING})\b"
    rf"|\bnew (?:task|instructions?|rule|rubric|policy)\b\s*:{_OF_CHECKING}"
    r"|\b(?:mark|rate|label|call|judge|declare|report|score|grade|classify|rule|answer|reply|say"
    rf"|return|output|vote|choose|pick) (?:it |this |that |them |every |each |all |any"
    rf" |the )*"
    rf"(?:claims? |statements? |answers? |of them |with |as |to be )*{QUOTE}?{LABEL}\b"
    rf"(?:{QUOTE}|{ALONE})",
    re.I,
)
LEAST: Final = 2.5
"""Weight from which words together make an order."""
_FRAGMENT: Final = re.compile(
    rf"\W*(?:(?:{LABEL}|definitely|clearly|always|simply|fully|so|therefore|hence|answer|verdict"
    r"|final|label|status|stance|assistant|it|is|and|or|not)\b[\W_]*){1,6}\Z"
    rf"|(?:\W*\b[^\W_]+\b){{0,3}}\W*(?:{QUOTE}{LABEL}{QUOTE}|«\s?{LABEL}\s?»)\W*\Z"
    rf"|.{{0,400}}?\b({LABEL})(?:\W+\1){{2}}\b",
    re.I | re.S,
)
"""A sentence that is a label and no more, a quoted one behind few words, or one repeated."""
_OTHER_SCRIPT: Final = re.compile(r"[^\W\d_a-zA-Z\u00c0-\u024f]+")
"""Letters that are not Latin: with a bare label and hardly any others, an order."""
_ENGLISH: Final = re.compile(
    r"\b(?:the|and|that|this|which|with|from|were|been|their|they|who|there|about|when|because|between"
    r"|after|his|than|said|told)\b"
)
"""Words that hardly any other language has."""
_LATIN_WORD: Final = re.compile(r"[a-zA-Z\u00c0-\u024f]+")
FOREIGN_LETTER: Final = re.compile(r"[^\W\d_a-zA-Z]")
FOREIGN_LETTERS: Final = 4
"""How many of them English sentences seldom have."""


def may_order(text: str) -> bool:
    """Whether a text has anything that an order has; most texts have nothing."""
    if groups(text) >= 2 and (not text.isascii() or foreign(text)):
        return True
    return _sought().occur(text)


@cache
def _sought() -> Literals:
    """What every order has one of; first what is told soonest."""
    return Literals(
        *(_BARE_LABEL, _ANY_LABEL, SURE, _STRONG, SPACED, _YOUR_ANSWER, DICTATED, AT_ONCE)
    )


@cache
def sure_marks() -> Literals:
    """What is an order by itself."""
    return Literals(SPACED, SURE, DICTATED, AT_ONCE)


def addresses(piece: str) -> bool:
    """Whether a piece orders or has a second person."""
    return bool(_SECOND.search(piece) or _ORDER.search(piece))


def weight_of(sentence: str, among: Stems, sure: Literals) -> float:
    """How much a sentence is like an order to a checker; from `LEAST` on it is one.

    Args:
        sentence: of any length.
        among: stems of the terms of checking in other languages that it may have.
        sure: of what decides by itself, what it may have.
    """
    go_on()
    if sure.occur(sentence):
        return LEAST
    label = bool(_BARE_LABEL.search(sentence))
    checking = bool(_CHECKING.search(sentence))
    if not (label or checking) and _BY_POST.search(sentence):
        return LEAST - 0.5
    if _YOUR_ANSWER.search(sentence):
        return LEAST
    if (label and _FRAGMENT.match(sentence)) or _is_foreign_order(sentence, among):
        return LEAST
    strong = len({match[0].lower() for match in _STRONG.finditer(sentence)})
    second = bool(_SECOND.search(sentence))
    # What somebody must do is news, unless it is done with a label, to a reader or to passages.
    must = bool(_MUST.search(sentence)) and (label or second or checking)
    ordered = must or bool(_ORDER.search(sentence) or _ROLE.search(sentence))
    weak = len({match[0].lower() for match in _WEAK.finditer(sentence)})
    weight = 1.5 * label + min(strong, 2) + 0.5 * min(weak, 2) + 1.5 * ordered + 0.5 * second
    if ((label or strong) and (ordered or second)) or (label and checking):
        return weight
    return min(weight, LEAST - 0.5)


def _is_foreign_order(sentence: str, among: Stems) -> bool:
    """Whether a sentence in another language has a label in it, or two terms of checking."""
    label = bool(_ANY_LABEL.search(sentence))
    letters = len(FOREIGN_LETTER.findall(sentence))
    if label and letters >= FOREIGN_LETTERS and not _is_english(sentence, letters):
        return True
    if _BARE_LABEL.search(sentence) and _is_of_other_script(sentence):
        return True
    return (label or groups(sentence, among) >= 2) and foreign(sentence) is not None


def _is_english(sentence: str, letters: int) -> bool:
    """Whether a sentence with so many letters that English has not is English, with names."""
    plain = sum(character.isascii() and character.isalpha() for character in sentence)
    return letters < plain and bool(_ENGLISH.search(sentence))


def _is_of_other_script(sentence: str) -> bool:
    """Whether a sentence has at least two letters that are not Latin, and fewer words that are
    beside its label: a name in its own script makes no sentence foreign."""
    other = _OTHER_SCRIPT.findall(sentence)
    latin = _LATIN_WORD.findall(_ANY_LABEL.sub("", sentence))
    return max(map(len, other), default=0) >= 2 and len(latin) <= len(other)
