"""Edits of a word: its opposite, a denial put in or taken out, a plan told as done.

Each rule is a pair of wordings that exclude each other in the places its pattern allows; words with
a second sense (`after` in `named after`) are held to places where they have one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tools.training.altered.edits import Edit
from tools.training.altered.verbs import BASE, PARTICIPLE, PAST, third_person
from tools.training.pairs import UNVERIFIABLE

# Each excludes the other, whichever of the two stands there.
_PAIRS = {
    "comparison": (
        "rose/fell, increased/decreased, increase/decrease, gained/lost, approved/rejected, "
        "accepted/rejected, opened/closed, supported/opposed, supports/opposes, "
        "guilty of/not guilty of, pleaded guilty/pleaded not guilty, "
        "strengthened/weakened, highest/lowest, largest/smallest, biggest/smallest, "
        "oldest/youngest, tallest/shortest, longest/shortest, fastest/slowest, "
        "best-selling/worst-selling, strongest/weakest, richest/poorest, hottest/coldest, "
        "maximum/minimum, older than/younger than, larger than/smaller than, "
        "bigger than/smaller than, higher than/lower than, faster than/slower than, "
        "better than/worse than, longer than/shorter than, above average/below average, "
        "improved/worsened, expanded/shrank, succeeded in/failed in, survived/died in, "
        "ancestor/descendant, majority/minority, successful/unsuccessful, "
        "successfully/unsuccessfully, the start of/the end of, the beginning of/the end of"
    ),
    "place": (
        "northern/southern, eastern/western, north of/south of, east of/west of, "
        "north coast/south coast, east coast/west coast, northeast/southwest, "
        "northwest/southeast, upstream/downstream, indoor/outdoor, inside/outside, "
        "left bank/right bank"
    ),
}
_NUMBER = r"(?=(?: about| around| nearly| almost)? [$€£]?\d)"
_WORKS = "film|album|book|single|novel|school|church|game|match"
_FIRSTS = rf"(?= (?:time|woman|man|person|president|country|city|player|female|black|{_WORKS})\b)"
_EVENT = (
    "(?= (?:the (?:election|match|game|fire|storm|attack|crash|death|birth|arrest|meeting|trial|"
    "release|end|fall|collapse|outbreak|accident|independence)|(?:his|her) (?:death|arrest|"
    r"resignation))\b)"
)
_WHOLE = r"(?= (?:the|its|their|his|her|these|those)\b)"
_PEOPLE = (
    r"(?= (?:people|residents|experts|critics|scientists|voters|countries|children|women|men|"
    r"students|species|Americans|families|patients|users)\b)"
)
_TIMES = "day|year|week|month|time|night|morning|summer|winter|four|two|three|few|single|other"
_CONSENT = r"(?= the (?:help|support|approval|consent|permission|knowledge|assistance|backing)\b)"
# Kind, what stands there (a pattern), what excludes it.
_ONE_WAY = [
    ("comparison", r"won(?= (?:the|his|her|its|their|by|all|every) )", "lost"),
    ("comparison", r"lost(?= (?:the|his|her|its|their|by|all|every) )", "won"),
    ("comparison", "(?<=is )legal", "illegal"),
    ("comparison", r"(?<=the )younger(?= (?:son|brother|daughter|sister)\b)", "elder"),
    ("comparison", "successor(?= (?:of|to) )", "predecessor"),
    ("comparison", "predecessor(?= (?:of|to) )", "successor"),
    ("comparison", "(?:more than|at least)" + _NUMBER, "fewer than"),
    ("comparison", "(?:less than|fewer than|up to)" + _NUMBER, "more than"),
    ("comparison", "(?:nearly|almost)" + _NUMBER, "well over"),
    ("comparison", r"more(?= [a-z]+ than\b)", "less"),
    ("comparison", r"less(?= [a-z]+ than\b)", "more"),
    ("comparison", "up(?= (?:from|by) )", "down"),
    ("comparison", "down(?= (?:from|by) )", "up"),
    ("order", "(?<=the )first" + _FIRSTS, "second"),
    ("order", r"(?<=the )second(?= (?:largest|highest|oldest|longest))", "third"),
    ("order", "(?<=the )second" + _FIRSTS, "third"),
    ("order", rf"(?<=(?:his|her|its|the) )last(?= (?:{_WORKS})\b)", "first"),
    ("order", rf"(?<=(?:his|her|its) )first(?= (?:{_WORKS})\b)", "last"),
    ("order", "after" + _EVENT, "before"),
    ("order", "before" + _EVENT, "after"),
    ("scope", "all of" + _WHOLE, "none of"),
    ("scope", "none of", "all of"),
    ("scope", "most of" + _WHOLE, "few of"),
    ("scope", "many of" + _WHOLE, "none of"),
    ("scope", r"both of(?= (?:the|them|his|her|its|their)\b)", "neither of"),
    ("scope", "(?:only|just) a few", "nearly all"),
    ("scope", "(?<!the )only(?= some)", "all"),
    ("scope", "always", "never"),
    ("scope", r"never(?= (?!again\b|mind\b))", "always"),
    ("scope", "usually", "rarely"),
    ("scope", "rarely", "usually"),
    ("scope", "(?:often|frequently)", "never"),
    ("scope", "(?:mostly|mainly)", "hardly"),
    ("scope", "(?:entirely|completely|fully)", "only partly"),
    ("scope", "partly", "entirely"),
    ("scope", "everyone", "no one"),
    ("scope", "no one", "everyone"),
    ("scope", "everybody", "nobody"),
    ("scope", "nobody", "everybody"),
    ("scope", "everything", "nothing"),
    ("scope", "everywhere", "nowhere"),
    ("scope", rf"every(?= [a-z]+ )(?! (?:{_TIMES})\b)", "no"),
    ("scope", "(?:almost|nearly) all", "hardly any"),
    ("scope", "(?<!the )(?<!these )(?<!those )(?<!his )(?<!her )(?<!their )several", "no"),
    ("scope", "(?:most|many)" + _PEOPLE, "few"),
    ("conjunction", "because of(?= )", "despite"),
    ("conjunction", "despite(?= (?:the|a|an|its|his|her|their) )", "because of"),
    ("conjunction", "with" + _CONSENT, "without"),
    ("conjunction", "without" + _CONSENT, "with"),
    ("conjunction", "including(?= (?:the|[A-Z]))", "but not"),
    ("conjunction", "(?:as well as|along with|and also)", "but not"),
    ("conjunction", "together with", "but without"),
]


def _rules() -> Iterator[tuple[str, re.Pattern[str], str]]:
    for kind, pairs in _PAIRS.items():
        for pair in pairs.split(", "):
            one, two = pair.split("/")
            yield kind, _whole_words(one), two
            yield kind, _whole_words(two), one
    for kind, pattern, other in _ONE_WAY:
        yield kind, _whole_words(pattern), other


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])")


_RULES = tuple(_rules())
_IDIOMS = re.compile(
    r"\b(?:majority (?:leader|whip)|minority (?:leader|whip|group)|lost in translation|raised in|"
    r"grand opened|only (?:if|when)|in order|if|whether|unless|lost (?:his|her|their) "
    r"(?:job|life|lives|wife|husband|son|father|mother)|not|n['’]t)\b"
)


def wording(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """A word turned into its opposite: comparison, order, scope, direction, conjunction."""
    if _IDIOMS.search(sentence):
        return
    plain = sentence[:1].lower() + sentence[1:]
    for kind, pattern, other in _RULES:
        match = pattern.search(plain)
        if match and other not in plain:
            new = other.capitalize() if match.start() == 0 else other
            yield Edit(kind, *match.span(), new)


_AUXILIARY = re.compile(
    r"\b(?P<aux>is|was|were|are|has|have|had|will|would|can|could|does|did|do)\b"
    r"(?P<not> not| never|n[’']t)?(?= (?P<next>\w+))"
)
# A second clause before the verb, or a subject of which only a part is meant: "Some were hurt"
# and "Some were not hurt" are both true.
_UNSURE = re.compile(
    r"\b(?:who|which|that|when|while|where|if|whether|as|because|although|after|before|since|than|"
    r"some|many|most|few|several|all|every|each|any|both|no|none|nobody|neither|half|either|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|more|another|other|others|only|there|what|"
    r"may|might|must|should|shall|much|"
    r"and|or|but|not|never|n[’']t)\b|\d|[,;:“\"(]",
    re.I,
)
_PARTICIPLES = frozenset(PARTICIPLE.values()) | {"been"}
_NOT_TURNED = frozenset(
    "not never only also still just so no to already even always often sometimes usually some all "
    "once first nothing nobody none neither well most more either hardly later then now in a an "
    "one reportedly allegedly probably likely perhaps again".split()
)


def negations(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """A denial put in or taken out of the main clause."""
    match = _AUXILIARY.search(sentence)
    if match is None or _UNSURE.search(sentence[: match.start()]):
        if match is None or "," not in sentence[: match.start()]:
            yield from _denied_verb(sentence, rng, match)
        return
    word, after = match["aux"], match["next"]
    if match["not"]:
        yield from _undenied(sentence, match)
    elif _deniable(word, after) and not re.search(r"\bnot\b|n[’']t|\bnever\b", sentence):
        markers = [" not", " never"] if word in ("was", "were", "has", "had", "have") else [" not"]
        new = word + rng.choice(markers)
        if (
            word in ("is", "was", "were", "has", "had", "did", "does", "are")
            and rng.random() < 0.25
        ):
            new = word + "n't"
        yield Edit("negation", *match.span("aux"), "cannot" if new == "can not" else new)


def _deniable(auxiliary: str, following: str) -> bool:
    """Whether a denial may stand between them: `has not 42 members` is none."""
    if following in _NOT_TURNED or following[0].isdigit():
        return False
    if auxiliary in ("has", "have", "had"):
        return following in _PARTICIPLES or following.endswith("ed")
    return True


def _undenied(sentence: str, match: re.Match[str]) -> Iterator[Edit]:
    word, verb = match["aux"], match["next"]
    start, end = match.start("aux"), match.end("next")
    if word in ("is", "was", "were", "are", "has", "have", "had", "will", "would", "could"):
        if verb not in _NOT_TURNED and verb not in ("any", "yet"):
            yield Edit("negation", match.start("not"), match.end("not"), "")
    elif word in ("did", "does", "do") and verb in PAST and not match["not"].endswith("never"):
        forms = {"did": PAST[verb], "does": third_person(verb), "do": verb}
        yield Edit("negation", start, end, forms[word])


def _denied_verb(
    sentence: str, rng: random.Random, auxiliary: re.Match[str] | None
) -> Iterator[Edit]:
    """`rose` → `did not rise`, for the main verb of a sentence that has no auxiliary before it."""
    found = _main_verb(sentence)
    if found and not re.search(r"\bnot\b|n[’']t|\bnever\b|\b(?:only|also|any)\b", sentence):
        base = BASE[found[0]]
        new = rng.choice(
            [f"did not {base}", f"did not {base}", f"didn't {base}", f"never {found[0]}"]
        )
        yield Edit("negation", found.start(), found.end(), new)


_VERB = re.compile(
    rf"(?<= )(?:{'|'.join(sorted(set(BASE) - {'had', 'did'}, key=len, reverse=True))})(?= )"
)
_PRESENT = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|be|been)\b")
_SUBJECT = re.compile(
    r"(?:(?:The|A|An|His|Her|Its|Their) (?:[\w’'-]+ ){1,3}|(?:[A-Z][\w’'.-]* ){1,4})$"
)

_ADVERBIAL = re.compile(
    r"(?:\w+ly|In|On|At|By|For|From|With|Of|To|After|Since|During|Under|Over|Through|Into) "
)


def _main_verb(sentence: str) -> re.Match[str] | None:
    """A simple past right after a short subject, of a sentence whose other verbs leave it alone.

    `The film released in 1998 was …` has a participle there: a form of `be` or `have` before the
    next comma or conjunction tells it.
    """
    match = _VERB.search(sentence)
    if match is None or not _SUBJECT.fullmatch(sentence[: match.start()]):
        return None
    if _PRESENT.search(sentence[: match.start()]) or _ADVERBIAL.match(sentence):
        return None
    if _UNSURE.search(sentence[: match.start()]) or sentence[: match.start()].count(" ") < 1:
        return None
    rest = re.split(
        r",|;|\b(?:and|but|that|who|which|when|while|after|before|as|if)\b", sentence[match.end() :]
    )[0]
    if _PRESENT.search(rest) or re.match(r" (?:by|to be|not|no|up to|nothing|none)\b", rest):
        return None
    return match


_PLANNED = re.compile(
    r"\b(?:will|plans to|plan to|is set to|are set to|is expected to|are expected to|is due to|"
    r"intends to|hopes to|aims to|is scheduled to|planned to|is planning to|are planning to)"
    r" (?P<verb>[a-z]+)\b"
)
_A_PLAN = re.compile(
    r"\b(?:are|is|no|any|the|its|his|her|their|of|have|has|had|with|[\w]+[’']s)(?: \w+)? $"
)
_FUTURE = re.compile(
    r"\b(?:next|tomorrow|later|soon|upcoming|future|coming|if|would|until|when|once|by|likely|"
    r"20[2-9]\d|ever|eventually|not|no longer|never|only|past|ago|last|earlier|previous|previously|"
    r"recently|already|yesterday|originally)\b"
)


def tenses(sentence: str, rng: random.Random) -> Iterator[Edit]:
    """A plan told as done, and what was done told as a plan.

    A plan leaves open what came of it: a passage that tells the plan makes the claim of the
    deed unverifiable. The other way round, a deed neither confirms nor excludes that more is
    planned, so a claim of the plan is not paired with a passage that tells the deed.
    """
    for match in _PLANNED.finditer(sentence):
        if _A_PLAN.search(sentence[: match.start()]):
            continue  # "no plans to build"
        if match["verb"] in PAST.keys() - {"have", "do"} and not _FUTURE.search(sentence):
            yield Edit("plan", *match.span(), PAST[match["verb"]], UNVERIFIABLE, None)
    found = _main_verb(sentence)
    if (
        found
        and not _FUTURE.search(sentence)
        and not re.search(r"\b(?:1\d{3}|20\d\d)\b|day\b", sentence)
    ):
        many = sentence[: found.start()].rstrip().endswith("s")
        new = "will" if many else rng.choice(("will", "is expected to", "is set to"))
        new += " " + BASE[found[0]]
        # Here the sentence tells the deed and the edited one the plan.
        yield Edit("plan", found.start(), found.end(), new, None, UNVERIFIABLE)
