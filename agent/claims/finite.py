"""Whether a text has a finite verb, told by its words.

Nothing that tags parts of speech ships with us.
"""

from __future__ import annotations

import re

from tools.text.inversion import is_base, may_be_noun
from tools.text.words import WORD

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


# What stands before an article or a possessive in English is a preposition, a conjunction, an
# adverb, a participle or a verb that has it for its object. These are the first three.
_BEFORE_A_NOUN = frozenset(
    "about above across after against all along also alongside although amid among and around as at "
    "atop away barring because before behind below beneath beside besides between beyond both but by "
    "concerning despite down during either even ever except for from given half here how if in inside "
    "into just less like merely mid minus more most near neither never nor not notwithstanding now of off "
    "often on once only onto opposite or out outside over past per plus quite rather rarely regarding "
    "round save simply since so soon still such than that then there though through throughout thus till "
    "to today together too toward towards twice under underneath unless unlike until up upon usually via "
    "what when where whereas whether which while who whom whose why with within without worth yet".split()
)
_OBJECT = re.compile(
    r"(?<=[\w’'”)] )(?<!\bto )[a-z]{3,}(?<!ing)(?<!ly)(?= (?:the|an?|its|their|his|her|our|my|your|this|these|those)\b )"
)


# After a pronoun, or what looks like a plural, a base form is its verb (`they exist`).
_SUBJECT_THEN = re.compile(
    r"\b(?=(?:(?:[Hh]e|[Ss]he|[Ii]t) (?:\w+ly |also |now |still |often )?(?P<third>[a-z]{3,}?)(?:es|s)|"
    r"(?:[Tt]hey|[Ww]e|[Pp]eople|[Cc]hildren|[Mm]en|[Ww]omen|[Pp]olice|\w+[^\Ws]s|(?:under|over|aged) \w+) "
    r"(?:\w+ly |also |now |still |often )?(?P<base>[a-z]{3,}))\b(?![’'-]))"
)


def is_stated(sentence: str) -> bool:
    """Whether a closed sentence has a verb that `has_verb` does not know.

    It is told by its object (`The agency monitors the mails.`) or by its subject (`They exist.`);
    `The struggle of defending the town.` has neither. Looser than `has_verb`: for whole sentences,
    not to tell where a clause begins.
    """
    if not sentence.rstrip("\"'”’)»] ").endswith("."):
        return False
    if any(match[0] not in _BEFORE_A_NOUN for match in _OBJECT.finditer(sentence)):
        return True
    return any(
        is_base(match["base"]) and not may_be_noun(match["base"])
        if match["base"]
        else is_base(match["third"]) or is_base(f"{match['third']}e")
        for match in _SUBJECT_THEN.finditer(sentence)
    )
