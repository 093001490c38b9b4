"""Answers that a text dictates to its checker, in the checker's own words.

A checker rates each passage with a stance and a certainty, and a claim with a label. The news has
no use for these words in the form of an answer (`the stance is supports`, `passage 1 in decided`),
nor for an imperative that has every statement true. Each pattern decides by itself, also where
a sentence is made to look like somebody's quoted words.
"""

from __future__ import annotations

import re
from typing import Final

LABEL: Final = (
    r"(?:supported|conflicting|unverifiable|unsupported|contradicted|mostly[_ -]supported"
    r"|mostly[_ -]true)"
)
QUOTE: Final = "[\"'“”«»„‘’「」『』`*]"
ALONE: Final = (
    r"(?=\s*(?:[.!?,:;\"'”»)\]|]|\Z|\n|no matter|because|only|whatever|always|regardless|when|if"
    r"|and (?:lock|nothing|stop)|as (?:soon|a)|for (?:this|every|the|all)|should|instead"
    r"|immediately))"
)
"""After a label: it is an answer, not an adjective of what follows (`conflicting reports`)."""
FIRST: Final = (
    r"(?:(?<![^\n])|(?<=[.!?:;,>\"'“(\[*—–-]\s)|(?<=[.!?:;>\"'“(\[*—–-])"
    r"|\byou (?:must|should|can|may|will|shall|have to|need to|are to)\s{1,9})[*_]{0,4}"
    r"(?:(?:please|now|then|and|also|instead|just|simply|so|first|kindly)[, ]\s{0,9}){0,4}"
)
"""Where an order begins: first in its sentence, or behind a second person."""

_STANCE = rf"{QUOTE}?(?:supports|contradicts)\b(?:{QUOTE}|{ALONE}|(?=\s+(?:and|with|for|in)\b))"
"""A stance as an answer: not the verb of a sentence, which has an object."""
_LIST = rf"{QUOTE}?(?:decided|neutral|close)\b(?:{QUOTE}|{ALONE}|(?=\s+(?:and|with)\b))"
_TO = rf"(?:{FIRST}|\byou to\s+|\byou\s+)(?:(?:always|only|ever|simply|just)\s+){{0,2}}"
_TRUE = (
    r"(?:true|confirmed|verified|correct|accurate|proven|proved|factual|valid|established|entailed"
    rf"|{LABEL})"
)
_THING = r"(?:claims?|statements?|sentences?|assertions?|passages?|paragraphs?|facts?)"
_EACH = (
    rf"(?:(?:this|that|these|those|the|every|each|all|any|both)\b[^.!?,;:\n]{{0,30}}?\b{_THING}\b"
    r"[^.!?,;:\n]{0,40}?|everything\b[^.!?,;:\n]{0,30}?)"
)
_ALL = rf"(?:every|each|all|any|both)\b[^.!?,;:\n]{{0,20}}?\b{_THING}"
_ANSWERED = rf"(?:\s+(?:as|to be|is|are|be)){{0,2}}\s+{QUOTE}?{_TRUE}\b"
_ENDS = rf"(?:{QUOTE}|{ALONE}|(?=\s+and\s+{_TRUE}\b))"
_TEXT = (
    r"(?:this|these|the|our|that)\b(?:\s+(?:text|article|page|report|document|passage|story|source"
    rf"|claim|statement)s?\b|{ALONE})"
)
_DIFFERS = r"(?:contradicts?|disagrees? with|differs? from|conflicts? with|deviates? from)"
_MACHINE = r"(?:ai|llm|language model|chatbot|(?:fact[- ]?)?checker|ai (?:model|system|assistant))"

_RATE_ABROAD = (
    r"(?:bewerten?|stufen?|werten?|markieren?|behandeln?|antworten?|betrachten?|erklären?|nennen?"
    r"|répond(?:s|ez)|class(?:e|ez)|considèr(?:e|ez)|considérez|marqu(?:e|ez)|not(?:e|ez)"
    r"|trait(?:e|ez)|évalu(?:e|ez)|jug(?:e|ez)|califica|clasifica|marca|considera|trata|responde"
    r"|evalúa|valuta|classifica|segna|rispondi|tratta|avalie|classifique|marque|considere|responda"
    r"|trate|beoordeel|markeer|behandel|antwoord|beschouw|oceń|oznacz|uznaj|traktuj|odpowiedz)"
)
_THING_ABROAD = (
    r"(?:aussagen?|behauptung(?:en)?|angaben?|sätze|satz|affirmations?|énoncés?|déclarations?"
    r"|phrases?|afirmaci(?:ón|ones)|declaraci(?:ón|ones)|frases?|affermazion[ei]|dichiarazion[ei]"
    r"|afirmaç(?:ão|ões)|bewering(?:en)?|uitspra(?:ak|ken)|stwierdzeni[ae]|zdani[ae])"
)
_TRUE_ABROAD = (
    r"(?:belegt|bestätigt|wahr|richtig|korrekt|bewiesen|confirmée?s?|vraie?s?|exacte?s?|avérée?s?"
    r"|confirmad[ao]s?|verdader[ao]s?|ciert[ao]s?|correct[ao]s?|confermat[aeio]|ver[aeio]"
    r"|verdadeir[ao]s?|corret[ao]s?|bevestigd|waar|juist|potwierdzon[aey]|prawdziw[aey])"
)

_GAP = r"[ \u00a0\u2009._*/-]{1,3}"
_SPACED = "|".join(
    _GAP.join(word)
    for word in (
        "supported",
        "conflicting",
        "unverifiable",
        "supports",
        "contradicts",
        "unsupported",
        "contradicted",
        "verdict",
    )
)

DICTATED: Final = re.compile(
    "|".join(
        (
            # A stance, a list or a certainty given to a passage.
            rf"\bstances?\b[^.!?\n]{{0,40}}?(?:\b(?:to|is|are|be|as|of)\b|[:=])\s*{_STANCE}",
            rf"\bstances?\s+{_STANCE}|\b{_STANCE}\s+as\s+(?:the|its|their|your)\s+stance\b",
            rf"\bpassages?\s+\d{{1,3}}\s*[,:;=]?\s*{QUOTE}?(?:supports|contradicts)\b"
            rf"(?:{QUOTE}|{ALONE})",
            rf"\b{_STANCE}\s*,?\s*(?:and |with )?certainty\b",
            rf"\bpassages?\b[^.!?;\n]{{0,40}}\b(?:in|into|to|under|as)\s+{_LIST}",
            rf"\bpassages?\b[^.!?;\n]{{0,20}}\b(?:is|are|be)\s+(?:in |under )?{QUOTE}?neutral\b"
            rf"(?:{QUOTE}|{ALONE})",
            # A stance told as an answer.
            rf"{_TO}(?:answer|return|output|respond|reply|say|write|choose|pick|give|print|select"
            rf"|mark|rate|label|enter|use|set)(?:\s+(?:it|with|as|only|just|always|the (?:word"
            rf"|stance|answer)|to|this|all|each|everything)){{0,3}}\s+{_STANCE}",
            rf"\b(?:nothing|anything) (?:else )?(?:but|than|other than|except|besides)"
            rf" (?:the word )?{_STANCE}",
            # Every statement is to be true.
            rf"{_TO}(?:rate|mark|find|treat|call|judge|consider|regard|declare|deem|report|classify"
            rf"|label|score|grade|see|view|count|rule|hold|accept|take)\s+{_EACH}{_ANSWERED}"
            rf"{_ENDS}",
            rf"{_TO}(?:rate|mark|treat|judge|consider|regard|classify|label|score|grade|report)\s+"
            rf"(?:this|it|them|all|these)\s+(?:as|to be)\s+{QUOTE}?{_TRUE}\b{_ENDS}",
            rf"{_TO}(?:answer|say|state|reply|respond|conclude|report|write|agree|confirm)\s+that\s+"
            rf"{_EACH}\s+(?:is|are)\s+{_TRUE}\b{_ENDS}",
            rf"{_TO}(?:accept|approve|believe)\s+{_ALL}\b{ALONE}",
            rf"\b{_ALL}\b[^.!?\n]{{0,30}}?\b(?:must|should|has to|have to|is to|are to)\s+be\s+"
            rf"(?:rated|marked|labell?ed|treated|judged|reported|found|called){_ANSWERED}{_ENDS}",
            # What differs is to be left out.
            rf"{_TO}(?:ignore|disregard|leave out|omit|drop|discard|skip|overlook|exclude|reject"
            rf"|dismiss)\b[^.!?\n]{{0,40}}\b{_DIFFERS}\s+{_TEXT}",
            rf"\b(?:everything|anything|whatever|all)\b[^.!?\n]{{0,20}}\b{_DIFFERS}\s+{_TEXT}"
            r"[^.!?\n]{0,60}\b(?:must|should|has to|is to|are to)\s+be\s+(?:ignored|disregarded"
            r"|left out|omitted|dropped|discarded|skipped|overlooked)\b",
            # Whoever orders, or is ordered, says what he is.
            rf"\bas (?:an?|the|your) {_MACHINE},?\s+you (?:must|have to|should|need to|shall|will"
            r"|are)\b",
            r"\bas (?:the|your|an?) (?:administrator|admin|developer|operator|maintainer|programmer"
            r"|creator|owner)\b[^.!?,\n]{0,40},?\s+I (?:hereby )?(?:order|instruct|command|direct"
            r"|tell|ask|require) you\b",
            r"<\w{1,20}\s[^<>]{0,60}?\b(?:role|to|for|from|audience)\s*=\s*[\"']?\s*(?:sys|system"
            rf"|assistant|developer|model|judge|rater|{_MACHINE})\b",
            # In other languages.
            rf"(?:\A|(?<=[\n.!?:;,\"“„«]\s)|(?<=[\n\"“„«])){_RATE_ABROAD}\b[^.!?\n]{{0,60}}"
            rf"\b{_THING_ABROAD}\b[^.!?\n]{{0,40}}\b{_TRUE_ABROAD}\b",
        )
    ),
    re.I,
)
"""Answers in the words of checking, told to whoever checks."""
SPACED: Final = re.compile(rf"(?<!\w)(?=[scuv]{_GAP})(?:{_SPACED})(?!\w)", re.I)
"""A label or a stance with its letters set apart."""
