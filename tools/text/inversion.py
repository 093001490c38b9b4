"""Where the subject of a question ends: `did | the old mill | sell bread`.

There is no parser here. A predicate is found by lists of what commonly opens one: verbs in their
base form after `did` and `can`, participles after `has`, and after `is` articles, figures,
prepositions, participles and adjectives. Where what stands there can be read in two ways,
nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from tools.text.words import is_function_word

Group = Literal["be", "have", "do"]
"""What an auxiliary asks for: after `be` nearly anything, after `have` a past participle, after
`do`, as after `can` and `will`, the base form of a verb."""

_BE = frozenset("is are was were".split())
_HAVE = frozenset("has have had".split())
_VERBS = frozenset(
    "abandon accept accuse achieve acquire adapt add adjust admit adopt advise affect afford "
    "agree allow amend amount announce apologise apologize appear apply appoint approve argue "
    "arise arrest arrive ask assess attend attract avoid ban be beat become begin believe belong "
    "bind blame borrow break bring build burn buy call cancel carry catch cause cease celebrate "
    "charge choose claim clean clear close collapse collect collide come complain complete "
    "confirm connect consider consist construct contain continue contribute convict cover crash "
    "create criticise criticize cross damage deal decide declare decline decrease defeat delay "
    "deliver demand demolish deny depend destroy detain deter develop die differ disappear "
    "discover discuss dismiss disrupt divide do donate double drive drop drown earn eat elect "
    "emerge employ enable encourage end endanger enjoy ensure enter escape establish exceed exist "
    "expand expect expel explain explode export extend fail fall fear feed feel fight fill find "
    "finish fire fit fix flee float flood flow fly follow forbid forecast forget forgive form "
    "found freeze fulfil fund gain gather generate get give go grant grow guarantee halve happen "
    "have hear heat help hide hire hit hold hurt ignore impose improve include increase inform "
    "inherit injure inspect install introduce invent invest invite join jump justify keep kill "
    "know lack last launch lay lead leak learn leave lend let lie limit link live load lose lower "
    "maintain make manage matter mean measure meet melt mention merge miss move need notify obey "
    "object obtain occur offer open operate oppose order overtake owe own pass pause pay perform "
    "permit plan play postpone predict prevent produce prohibit promise propose protect protest "
    "prove provide publish pull purchase push put qualify quit raise ratify reach read receive "
    "recognise recognize recommend recover recruit reduce refuse regret reject relocate rely "
    "remain remember remove rename renew rent reopen repair repeal replace report represent "
    "require rescue resign resist rest restore restrict result resume retire return reveal "
    "reverse revise ride ring rise rob rule run sack save say score scrap secure see seek seem "
    "seize sell send separate serve set settle share shift shoot show shrink shut sign sing sink "
    "sit slow smoke solve speak spend split spread stand start starve stay steal sting stop store "
    "strike struggle submit succeed sue suffer suggest supply support surge survive suspend "
    "sustain swear sweep swim switch take talk teach tell tend test thank threaten throw tour "
    "trade train transfer travel treat triple turn undergo understand upgrade urge use veto "
    "violate visit vote wait walk want warn wash watch wear welcome widen win withdraw withstand "
    "work worry write yield".split()
)
"""Base forms of verbs that news is told with."""
_NOUNS = frozenset(
    "amount appeal ban beat break call cause charge claim clean clear close cost cover crash cross "
    "cut damage deal decline decrease delay demand double drive drop end escape export fall fear "
    "feed feel fight fire fit fix flood flow fly forecast form found freeze fund gain grant heat "
    "help hit hold import increase invite jump lack last launch lead leak leave limit link live "
    "load lower mean measure move need object offer open order own pass pause permit plan play "
    "promise protest purchase push rent repair report rescue rest result return ride ring rise "
    "rule run score secure separate set share shift show sign slow split spread stand start stay "
    "stop store strike struggle supply support surge switch talk test tour trade train transfer "
    "travel treat turn upgrade use veto visit vote wait walk wash watch welcome win work worry "
    "yield".split()
)
"""Those of them, and others, that are nouns or adjectives, too."""
_VERBS |= _NOUNS
_FORMED = re.compile(r"[a-z]{3,}(?:ify|[^aeiour]i[sz]e)$")
"""`ratify`, `privatise`: a verb by its form."""
_PARTICIPLE = re.compile(
    r"[a-z]{2,}(?<!e)ed$|^(?:been|become|begun|bitten|blown|broken|brought|built|bought|burnt|caught|"
    r"chosen|come|cost|cut|dealt|done|drawn|driven|drunk|eaten|fallen|fed|felt|fled|flown|forbidden|"
    r"forgotten|fought|found|frozen|given|gone|got|grown|had|heard|held|hidden|hit|hurt|kept|known|"
    r"laid|led|left|lent|let|lost|made|meant|met|paid|proven|put|quit|risen|run|said|sat|seen|sent|"
    r"set|shot|shown|shrunk|shut|sold|sought|spent|split|spoken|spread|stolen|stood|struck|sunk|"
    r"swum|taken|taught|thought|thrown|told|torn|understood|withdrawn|won|worn|written)$"
)
_NO_PARTICIPLE = frozenset("hundred red need speed breed seed weed shed bed naked sacred".split())
_BEING = re.compile(r"[a-z]{3,}ing$")
_NO_BEING = re.compile(
    r"(?:build|meet|evening|morning|wedding|hous|ceil|park|spring|train|hear|fund|spend|bank|"
    r"sav|earn|clothing|farm|fish|ship|shipping|min|rul|find|warn|rating|vot|shopp|swimm)(?:ing)?$"
)
"""`building`, `housing`: nouns for the most part."""
_ADJECTIVES = frozenset(
    "able absent accessible active afraid alive alone angry available aware bankrupt better big "
    "blind broken busy cheap clean clear cold common complete compulsory correct critical "
    "dangerous dark dead dear deep different difficult dirty drunk dry due early easy effective "
    "electric eligible empty expensive false famous fast fatal feasible flat free full good great "
    "guilty happy hard harmful healthy heavy high hot human identical ill illegal important "
    "impossible inaccurate independent inevitable innocent intact invalid large late legal liable "
    "likely local long loose low lucky mandatory necessary new normal obligatory old open "
    "optional permanent poisonous poor popular possible present private profitable proud public "
    "quick quiet rare ready real reliable responsible rich right ripe sacred safe satisfied "
    "secret serious short sick silent similar slow small solvent stable steep strong subject "
    "successful suitable sure sustainable tall temporary thick thin tight tired toxic true "
    "typical unable unanimous unaware uncertain unclear unhappy unknown unlawful unlikely "
    "unpopular unsafe unusual urgent useful useless vacant valid visible voluntary warm weak wet "
    "wide worse worth worthless wrong young".split()
)
_PARTS = frozenset("evidence home part proof".split())
"""Nouns that stand in a predicate without an article."""
_PEOPLE = frozenset("blind poor public rich sick young".split())
"""Adjectives that are nouns behind `the`."""
_LAST = re.compile(
    r"last (?:[A-Z]|(?:week|weekend|month|year|night|spring|summer|autumn|winter|time)\b)"
)
_ADVERBS = re.compile(
    r"(?:not|never|ever|still|already|also|only|just|even|once|now|then|soon|again|always|often|"
    r"really|twice|[a-z]{2,}(?<!fami)(?<!rep)(?<!supp)(?<!app)(?<!mon)(?<!assemb)(?<!ral)(?<!bul)ly)$"
)
_PRONOUNS = frozenset("i you he she it we they there".split())
_POINTERS = frozenset("this that these those".split())
_SOMEBODY = re.compile(r"(?:any|some|every|no)(?:one|body|thing)$|none$", re.I)
_JOINS = frozenset("of the de van von and &".split())
_PREPOSITIONS = frozenset(
    "of in on at by for from to into onto with without about between during through over under "
    "above below near behind inside outside across along among around against towards toward "
    "beside since until per after before".split()
)
_BELONGS = frozenset("of and for to".split())
"""What goes on with a noun rather than opening a predicate after `is`."""
_CLAUSE = frozenset("who whom whose which that where when because if while whereas than".split())
_LATE = frozenset("today now yet again still already tomorrow yesterday here there".split())
_PLURAL = re.compile(r"[a-z]{2}[^\W\disu]s$")
_ARTICLES = frozenset({"a", "an", "the"})
_NO_END = _PREPOSITIONS | _ARTICLES | {"and"}
_POSSESSIVE = re.compile(r"[’']s?$")
_LONGEST = 40
"""Words in which a predicate begins."""
_OPENING, _CLOSING = "“\"'‘", re.compile(r"[”\"'’][,.]?$")


def is_base(word: str) -> bool:
    """Whether a word in lower case is, or is formed like, the base form of a verb of news."""
    return word in _VERBS or bool(_FORMED.match(word))


def may_be_noun(word: str) -> bool:
    """Whether a word in lower case that `is_base` knows is a noun or an adjective, too."""
    return word in _NOUNS


def group_of(auxiliary: str) -> Group:
    """What an auxiliary in lower case asks for."""
    return "be" if auxiliary in _BE else "have" if auxiliary in _HAVE else "do"


def subject_end(words: Sequence[str], group: Group) -> int | None:
    """How many words the subject has that follows an auxiliary; None where it does not show.

    Args:
        words: what follows the auxiliary, without the question mark; at least one.
        group: of the auxiliary.

    Returns:
        Its words without the adverbs behind it, which the auxiliary precedes in a statement
        (`the mill | still open`).
    """
    end = _end(words, group)
    if end is None:
        return None
    while end > 1 and _ADVERBS.match(words[end - 1]):
        end -= 1
    # `the` alone, the end of an embedded phrase, or half of a pair (`the mayor and | her deputy`)
    # is no subject.
    return end if end and words[end - 1].lower() not in _NO_END else None


def _end(words: Sequence[str], group: Group) -> int | None:
    words = words[:_LONGEST]
    first = words[0]
    if first.lower() in _PRONOUNS or _SOMEBODY.match(first):
        return 1
    if first.lower() in _POINTERS and (group == "be" or len(words) == 2):
        return 1 if len(words) < 3 or not _is_plain(words[1]) else _predicate(words, 1, group)
    if (comma := next((i for i, word in enumerate(words) if word.endswith(",")), None)) is not None:
        # `Berg, the mayor, | resigned`; else a list, which goes on
        closing = next((i for i in range(comma + 1, len(words)) if words[i][-1] == ","), None)
        aside = words[comma + 1 : comma + 2]
        if closing and closing + 1 < len(words) and aside and aside[0].islower():
            after = words[closing + 1].lower()
            return None if after == "and" else closing + 1
    if first[0] in _OPENING:
        closing = next((i for i, word in enumerate(words) if _CLOSING.search(word)), None)
        return None if closing is None else closing + 1
    if _BEING.match(first.lower()) and words[1:2] and words[1].lower() in _ARTICLES:
        return None  # `running a marathon | dangerous`: what is done, with an object of its own
    if first[0].isupper():
        end = _name_end(words)
        if not _POSSESSIVE.search(words[end - 1]):
            return _after_name(words, end, group)
    return _predicate(words, 1, group)


def _name_end(words: Sequence[str]) -> int:
    end = 1
    for i in range(1, len(words)):
        if words[i][0].isupper() or words[i][0].isdigit():
            end = i + 1
        elif words[i].lower() not in _JOINS:
            break
    return end


def _after_name(words: Sequence[str], end: int, group: Group) -> int | None:
    """Where a subject ends that begins with a name: `Orrel council |`, `Berg and two others |`."""
    if end == len(words) or (words[end].lower() != "and" and not _is_plain(words[end])):
        if group == "be" or end == len(words) or words[end].lower() not in _PREPOSITIONS:
            return end
        return _predicate(words, end, group)
    found = _predicate(words, end, group)
    if found is None and words[end].lower() != "and":
        return end  # a verb that no list has
    return found


def _is_plain(word: str) -> bool:
    """Whether a word is in lower case and has a meaning of its own."""
    return word[0].islower() and not is_function_word(word) and not _ADVERBS.match(word)


def _predicate(words: Sequence[str], start: int, group: Group) -> int | None:
    """The first word of the predicate, from `start` on."""
    if group == "be":
        return _after_be(words, start)
    relative = next((i for i, word in enumerate(words) if word.lower() in _CLAUSE), len(words))
    found = [i for i in range(start, len(words)) if _may_open(words, i, group)]
    if group == "have":
        been = [i for i in found if words[i] == "been"]
        if been and been[0] < relative:
            return been[0]
        if len(found) > 1 and (_goes_on(words, found[0]) or relative < found[0]):
            return None  # `the bridge planned since 1990 opened`
        return found[0] if found else None
    if len(found) > 1 and relative < found[0]:
        return None
    for i in found:
        if i > relative and len(found) > 1:
            return None
        if words[i] not in _NOUNS:
            return i
        # A noun, too: what follows tells, and what might be the verb in its place.
        following = words[i + 1] if i + 1 < len(words) else None
        rival = i + 1 in found
        if following in ("of", "and"):
            continue
        if not rival or (following in _NOUNS and i + 2 == len(words)):
            return i
        if following in _NOUNS:
            return None  # `the price rise hit sales`
    return None if found else _by_place(words, start)


def _may_open(words: Sequence[str], i: int, group: Group) -> bool:
    """Whether a word may be the verb that the auxiliary asks for, by itself and what is before."""
    word = words[i]
    if group == "have":
        fits = bool(_PARTICIPLE.match(word)) and word not in _NO_PARTICIPLE
    else:
        fits = is_base(word)
    if not fits or _POSSESSIVE.search(words[i - 1]) or _LAST.match(" ".join(words[i : i + 2])):
        return False
    before = [each for each in words[:i] if not _ADVERBS.match(each)]
    if not before or all(_is_no_noun(each) for each in before):
        return False  # `the planned`, `three`: a noun is still to come
    # `of the planned`, `to work`: of a phrase within the subject
    last = before[-1].lower()
    return last not in _PREPOSITIONS | {"the", "a", "an", "its", "their", "his", "her", "and"}


def _is_no_noun(word: str) -> bool:
    lower = word.lower()
    return (is_function_word(word) and lower not in _POINTERS) or word in _ADJECTIVES - _PEOPLE


def _goes_on(words: Sequence[str], i: int) -> bool:
    return i + 1 < len(words) and words[i + 1].lower() in _PREPOSITIONS


def _by_place(words: Sequence[str], start: int) -> int | None:
    """A verb that no list has, by what follows it: an article, a pronoun, a figure, a name, or
    nothing."""
    for i in range(max(start, 1), len(words)):
        word = words[i]
        if not (_is_plain(word) and word.isalpha()) or _PLURAL.search(word):
            continue
        if _SOMEBODY.match(word):
            continue
        if _POSSESSIVE.search(words[i - 1]) or all(map(_is_no_noun, words[:i])):
            continue
        if words[i - 1].lower() in _PREPOSITIONS | {"the", "a", "an", "and"}:
            continue
        if i + 1 == len(words):
            return i
        following = words[i + 1]
        opens = is_function_word(following) and following.lower() not in _PREPOSITIONS | {"and"}
        if opens or _SOMEBODY.match(following) or not following[0].islower():
            return i
        if _PLURAL.search(following) and i + 2 == len(words) and not _is_plain(words[i - 2]):
            return i  # `the ferry | ship lorries`
    return None


def _after_be(words: Sequence[str], start: int) -> int | None:
    place: int | None = None
    for i in range(start, len(words)):
        word, lower = words[i], words[i].lower()
        if all(map(is_function_word, words[:i])) or _POSSESSIVE.search(words[i - 1]):
            continue
        if lower in _CLAUSE and lower != "than":
            return place  # a clause may belong to the subject
        before = words[i - 1].lower()
        if before in _PREPOSITIONS or lower in _BELONGS:
            continue
        if _is_predicate_word(words, i) or (place is not None and lower in _ARTICLES):
            return i
        if lower in _PREPOSITIONS:
            place = i if place is None else place  # `in Orrel`: unless more follows
        elif place is None and (is_function_word(word) or not word[0].isalpha()):
            return i
    return place if place is not None else _before_last(words)


def _is_predicate_word(words: Sequence[str], i: int) -> bool:
    """Whether a word is a participle, an adjective or a comparative that no noun follows."""
    word = words[i]
    if not word[0].islower() or is_function_word(word) or words[i - 1] == "record":
        return False  # `at a record low`
    following = words[i + 1] if i + 1 < len(words) else None
    if _PARTICIPLE.match(word) and word not in _NO_PARTICIPLE:
        goes_on = following is None or following.lower() in _PREPOSITIONS - {"of"}
        return word != "cost" and (word not in _NOUNS or goes_on)
    if _BEING.match(word) and (not _NO_BEING.match(word) or following in ("a", "an", "the", "its")):
        return True
    if word in _PARTS and following in ("of", "to", "that"):
        return True
    if re.search(r"[a-z]{2}er$", word) and "than" in words[i + 1 :]:
        return True
    return word in _ADJECTIVES and (following is None or not _is_plain(following))


def _before_last(words: Sequence[str]) -> int | None:
    """Where the subject ends if the predicate is one word: `the bath | open`, `… | open today`."""
    end = len(words) - 1
    while end > 0 and words[end].lower() in _LATE:
        end -= 1
    return end if any(not is_function_word(word) for word in words[:end]) else None
