"""Clauses said otherwise: voice, order, appositions, indirect speech, strength, fewer details.

Nothing that parses sentences ships with us, so every pattern here is narrow: it matches only
where the parts of the clause show on its surface, and leaves the rest alone.
"""

# ruff: noqa: E501 (tables of patterns, which wrapping makes harder to read)

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from tools.training.pairs import CONFLICTING, UNVERIFIABLE
from tools.training.reworded.rewrite_text import Rewrite, body, capitalised, lowered

_CAP = r"[A-Z][\w.’'-]*"
NAME = rf"{_CAP}(?: (?:(?:of|de|van|von|al|bin|the|and) )?{_CAP}){{1,4}}"
"""A name of two words or more."""
_AGENT = rf"(?:(?:the|an?) (?:[a-z-]+ ){{0,3}})?{_CAP}(?: (?:(?:of|de|van|von|al|the|and) )?{_CAP}){{0,5}}"
_WHEN = (
    r"(?:in (?:[A-Z][a-z]+ )?\d{4}|on (?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2},?) \d{4}|"
    r"on [A-Z][a-z]+day)"
)
# Past tense → participle.
_TRANSITIVE = {
    "directed": "directed", "wrote": "written", "produced": "produced", "founded": "founded",
    "created": "created", "composed": "composed", "designed": "designed", "built": "built",
    "discovered": "discovered", "invented": "invented", "published": "published",
    "released": "released", "recorded": "recorded", "developed": "developed",
    "acquired": "acquired", "bought": "bought", "purchased": "purchased", "won": "won",
    "killed": "killed", "murdered": "murdered", "defeated": "defeated", "beat": "beaten",
    "arrested": "arrested", "detained": "detained", "attacked": "attacked", "owned": "owned",
    "destroyed": "destroyed", "captured": "captured", "kidnapped": "kidnapped",
    "confirmed": "confirmed", "denied": "denied", "rejected": "rejected", "approved": "approved",
    "appointed": "appointed", "nominated": "nominated", "elected": "elected",
    "established": "established", "launched": "launched", "opened": "opened", "led": "led",
    "hosted": "hosted", "sponsored": "sponsored", "introduced": "introduced",
    "rescued": "rescued", "shot": "shot", "signed": "signed", "sold": "sold",
    "succeeded": "succeeded", "translated": "translated", "performed": "performed",
    "edited": "edited", "painted": "painted", "criticised": "criticised",
    "criticized": "criticized", "described": "described", "interviewed": "interviewed",
    "distributed": "distributed", "manufactured": "manufactured", "conquered": "conquered",
    "invaded": "invaded", "occupied": "occupied", "commissioned": "commissioned",
    "posted": "posted", "filmed": "filmed", "narrated": "narrated", "coached": "coached",
    "awarded": "awarded", "funded": "funded", "organised": "organised", "organized": "organized",
    "sung": "sung", "reviewed": "reviewed", "proposed": "proposed", "inspired": "inspired",
}  # fmt: skip
_PAST = {participle: past for past, participle in _TRANSITIVE.items()} | {"sung": "sang"}
# Of these a thing has one doer, so that another one is ruled out.
_EXCLUSIVE = frozenset(
    "directed wrote composed designed discovered invented founded acquired bought purchased won "
    "killed murdered painted translated narrated defeated beat".split()
)
_PASSIVE = re.compile(
    rf"(?P<object>[A-Z][^,;:()\"“”]{{2,70}}?) (?:was|were) (?P<verb>{'|'.join(_PAST)}) "
    rf"by (?P<agent>{_AGENT})(?P<rest>(?: (?:in|on|at|during|after|for|from|near|as|to) "
    r"[^,;:()\"“”]{2,60})?)\."
)
_MADE_BY = re.compile(
    rf"(?P<object>[A-Z][^,;:()\"“”]{{2,60}}?) (?:\([^()]*\) )?(?:is|was) an? "
    r"(?P<genre>[^,;:()\"“”]{3,80}?) (?P<verb>directed|written|created|composed|designed|founded|"
    r"produced|published|recorded|developed|released) by "
    rf"(?P<nation>(?:[A-Z]\w+ )?[a-z][a-z-]+(?: [a-z-]+)* )?(?P<agent>{NAME})"
    r"(?=[.,]| and | in | on | from | for | as | with | that | which )"
)
_ACTIVE = re.compile(
    rf"(?P<agent>{_AGENT.replace('the|an?', '[Tt]he')}) (?P<verb>{'|'.join(_TRANSITIVE)}) "
    r"(?P<object>(?:the|an?) (?:[\w’'-]+ ){1,5}?[\w’'-]+|[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,4})"
    rf"(?P<rest>(?: {_WHEN})?)\."
)
_CLAUSE_WORD = re.compile(
    r"\b(?:that|which|who|whose|whom|when|while|is|are|was|were|has|have|had|and|but|or|to|said|"
    r"by|from|with|for|in|on|at|as|his|her|its|their|him|them|it|where|after|before|if|not)\b"
)

Agents = Mapping[str, Sequence[str]]
"""Doers seen in the corpus, by the past tense of what they did."""


def agent_of(sentence: str) -> tuple[str, str] | None:
    """The past tense of a passive's verb and who did it, for a pool of doers."""
    match = _PASSIVE.fullmatch(sentence) or _MADE_BY.match(sentence)
    return (_PAST[match["verb"]], match["agent"]) if match else None


def voice(sentence: str, rng: random.Random, agents: Agents) -> Iterator[Rewrite]:
    """Active for passive and the reverse; with the roles turned, or with another doer."""
    if passive := _PASSIVE.fullmatch(sentence):
        thing, doer, rest = passive["object"], passive["agent"], passive["rest"]
        if not _CLAUSE_WORD.search(thing) and _named(thing) and " and " not in rest:
            past = _PAST[passive["verb"]]
            claim = f"{capitalised(doer)} {past} {lowered(thing)}{rest}."
            yield Rewrite("voice", claim)
            yield from _by_another(sentence, claim, past, doer, agents, rng)
            yield from _turned(thing, past, doer, rest)
    elif made := _MADE_BY.match(sentence):
        thing, doer, past = made["object"], made["agent"], _PAST[made["verb"]]
        if not _CLAUSE_WORD.search(f"{thing} {made['genre']}") and _named(thing):
            claim = f"{capitalised(doer)} {past} {thing}."
            yield Rewrite("voice", claim)
            yield from _by_another(sentence, claim, past, doer, agents, rng)
    elif active := _ACTIVE.fullmatch(sentence):
        thing, doer, rest = active["object"], active["agent"], active["rest"]
        last = thing.split()[-1]
        plural = last.endswith("s") and not last.endswith(("ss", "us")) and last[0].islower()
        if not _CLAUSE_WORD.search(thing) and not re.search(r"\w(?:ly|ing|ed)$", thing):
            participle = _TRANSITIVE[active["verb"]]
            be = "were" if plural else "was"
            yield Rewrite(
                "voice", f"{capitalised(thing)} {be} {participle} by {lowered(doer)}{rest}."
            )
            if thing[0].isupper() and doer[0].isupper():
                yield from _turned(thing, active["verb"], doer, rest)


def _named(thing: str) -> bool:
    """Whether a subject says which one it is: not `The song`."""
    return not re.fullmatch(r"(?:The|An?|It|He|She|They|This|There)(?: [a-z-]+)*", thing)


_PERSONAL = frozenset(
    "killed murdered defeated beat attacked arrested captured kidnapped acquired bought invaded "
    "conquered shot interviewed criticised criticized succeeded".split()
)


def _turned(first: str, past: str, second: str, rest: str) -> Iterator[Rewrite]:
    """The wrong way round: done to `second`, who did it to `first`."""
    if past in _PERSONAL and len(first.split()) < 5:
        claim = f"{capitalised(second)} was {_TRANSITIVE[past]} by {lowered(first)}{rest}."
        yield Rewrite("voice", claim, CONFLICTING)


def _by_another(
    sentence: str, claim: str, past: str, doer: str, agents: Agents, rng: random.Random
) -> Iterator[Rewrite]:
    """The same done by somebody else, in the claim or in the passage."""
    other = _another(doer, agents.get(past, ()), rng)
    if other is None:
        return
    label = CONFLICTING if past in _EXCLUSIVE else UNVERIFIABLE
    if rng.random() < 0.5:
        yield Rewrite("voice", claim.replace(capitalised(doer), other, 1), label)
    elif sentence.count(doer) == 1:
        yield Rewrite("voice", claim, label, sentence.replace(doer, other))


def _another(name: str, names: Sequence[str], rng: random.Random) -> str | None:
    parts = set(name.lower().split())
    fair = [n for n in names if not parts & set(n.lower().split())]
    return capitalised(rng.choice(fair)) if fair else None


_LEADS = (
    "When|After|Before|Although|Though|Because|While|Once|During|Despite|In|On|At|Following|Since|"
    "Until|By"
)
_LEAD = re.compile(
    rf"(?P<lead>(?P<word>{_LEADS}) [^,;:\"“”()]{{3,90}}), (?P<main>[^,;:\"“”]{{15,}})\."
)
_TRAIL = re.compile(
    r"(?P<main>[A-Z][^;:,\"“”()]{15,}?),? (?P<sub>(?P<word>after|before|because|although|during|"
    r"despite) (?P<inner>[^,;:\"“”()]{8,80}))\."
)
_DEEP = re.compile(
    r"\b(?:that|which|who|whose|where|when|while|said|says|told|say|think|thinks|believes?|claims?|claimed|if|and|"
    r"or|but|because|after|before|although|whether|how|what|than|so)\b"
)

_GOES_ON = re.compile(r"^(?:all|the (?:fact|time))\b|\band (?:later|then|was|were|[a-z]+ed)\b")
# Words that a following `after` or `before` belongs to: "named after", "two days before".
_TIED = re.compile(
    r"\b(?:named|called|modell?ed|looks?|looked|looking|shortly|soon|well|long|just|immediately|"
    r"right|even|only|not|ever|until|one|went|years?|days?|weeks?|months?|hours?|minutes?|seconds?|"
    r"decades?|time|each|far)$"
)


def ordered(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """The subordinate clause or adverbial moved; and `before` turned into `after`."""
    if lead := _LEAD.fullmatch(sentence):
        main, opening = lead["main"], lead["lead"]
        if _DEEP.search(main) or re.match(r"(?:but|and|or|with|[a-z]+ing)\b", main):
            return
        moved = opening[0].lower() + opening[1:]
    elif trail := _TRAIL.fullmatch(sentence):
        if _DEEP.search(trail["main"]) or _TIED.search(trail["main"]):
            return
        if _GOES_ON.search(trail["inner"]):
            return
        main, moved, opening = lowered(trail["main"]), trail["sub"], capitalised(trail["sub"])
    else:
        return
    first = f"{opening}, {main}."
    last = f"{capitalised(main)} {moved}."
    yield Rewrite("order", last if lead else first)
    word = moved.split()[0]
    if word in ("before", "after") and not re.search(r"\b(?:year|day|week|month|hour)s?\b", moved):
        other = "after" if word == "before" else "before"
        false = re.sub(rf"\b{word}\b", other, last, count=1)
        if last.count(f" {word} ") == 1:
            yield Rewrite("order", false, CONFLICTING)
            turned = capitalised(re.sub(rf"^{word}\b", other, moved))
            yield Rewrite("order", f"{turned}, {main}.", CONFLICTING)


_ROLE = (
    r"(?:the|an?|president|chairman|chairwoman|chief executive|CEO|director|founder|co-founder|"
    r"head|professor|spokesman|spokeswoman|author|leader|editor|mayor|governor|executive director)"
)
_APPOSED = re.compile(
    rf"(?:^|(?<=said )|(?<=that )|(?<=told ))(?P<name>{NAME}), "
    rf"(?P<role>{_ROLE} [^,;:()\"“”]{{4,80}}), "
    r"(?=(?:said|says|told|was|is|has|had|who|will|wrote|died|became|added|explained|believes)\b)"
)
_PERSON = re.compile(
    r"\b(?:man|woman|boy|girl|spokesman|spokeswoman|director|professor|author|writer|reporter|"
    r"journalist|analyst|president|chairman|CEO|executive|founder|co-founder|editor|mayor|minister|"
    r"governor|senator|leader|lawyer|attorney|doctor|actor|actress|singer|musician|player|coach|"
    r"researcher|scientist|economist|officer|resident|head|chief|mother|father|wife|husband|fellow|"
    r"historian|politician|lecturer|expert|manager|secretary|ambassador|commander|general)\b"
)
_AGED = re.compile(rf"(?P<name>{NAME}), (?P<age>\d{{1,2}}), (?=[a-z])")
_OLD = re.compile(rf"\b(?P<age>\d{{2}})-year-old (?P<name>{_CAP} {_CAP})\b(?! [A-Z]|[’'])")
_BORN = re.compile(
    rf"^(?P<name>{NAME}) \((?:[^()]*?; )?born (?:[A-Z]\w+ [A-Z][\w ]*?, )?"
    rf"(?P<date>(?:\d{{1,2}} [A-Z][a-z]+|[A-Z][a-z]+ \d{{1,2}},) (?P<year>\d{{4}}))[^()]*\)"
)
_LIVED = re.compile(
    rf"^(?P<name>{NAME}) \((?:[^()]*?; )?(?P<born>(?:\d{{1,2}} [A-Z][a-z]+|[A-Z][a-z]+ \d{{1,2}},) "
    r"\d{4})\s?[–-]\s?(?P<died>(?:\d{1,2} [A-Z][a-z]+|[A-Z][a-z]+ \d{1,2},) \d{4})\)"
)


def apposed(sentence: str, rng: random.Random, agents: Agents) -> Iterator[Rewrite]:
    """Appositions, ages and dates of life as sentences of their own; and others' ones."""
    for match in _APPOSED.finditer(sentence):
        name, role = match["name"], match["role"]
        if re.search(r"\b(?:and|or|whose|said)\b", role) or " and " in name:
            continue
        be = "is" if re.search(r"\b(?:said|says|is|has|told)\b", sentence) else "was"
        claim = f"{name} {be} {role}."
        yield Rewrite("apposition", claim)
        if _PERSON.search(role) and (other := _another(name, agents.get("apposed", ()), rng)):
            sole = not role.startswith(("a ", "an "))
            yield Rewrite(
                "apposition",
                claim.replace(name, other, 1),
                CONFLICTING if sole else UNVERIFIABLE,
            )
    for match in [*_AGED.finditer(sentence), *_OLD.finditer(sentence)]:
        name, age = match["name"], int(match["age"])
        if " and " in name or age < 3:
            continue
        form = rng.choice(("{} is {} years old.", "{} is aged {}.", "{}’s age is {}."))
        yield Rewrite("apposition", form.format(name, age))
        yield Rewrite("apposition", form.format(name, _other_age(age, rng)), CONFLICTING)
    if born := _BORN.match(sentence):
        yield from _life(born["name"], "born", born["date"], rng)
    elif lived := _LIVED.match(sentence):
        yield from _life(lived["name"], "born", lived["born"], rng)
        yield from _life(lived["name"], "died", lived["died"], rng)


def apposed_name(sentence: str) -> str | None:
    """Who is told of in an apposition, for a pool of names."""
    match = _APPOSED.search(sentence)
    return match["name"] if match and _PERSON.search(match["role"]) else None


def _other_age(age: int, rng: random.Random) -> int:
    return max(3, age + rng.choice((-19, -13, -8, -5, 4, 6, 11, 17)) + (30 if age < 8 else 0))


def _life(name: str, event: str, date: str, rng: random.Random) -> Iterator[Rewrite]:
    year = int(date[-4:])
    month = next(iter(re.findall(r"[A-Z][a-z]+", date)), "")
    verb = "was born" if event == "born" else "died"
    false = year + rng.choice((-21, -12, -7, -3, -1, 1, 2, 4, 9, 14))
    forms = ((f"on {date}", f"on {date[:-4]}{false}"), (f"in {month} {year}", f"in {month} {false}"),
             (f"in {year}", f"in {false}"))  # fmt: skip
    right, wrong = rng.choice(forms)
    yield Rewrite("apposition", f"{name} {verb} {right}.")
    yield Rewrite("apposition", f"{name} {verb} {wrong}.", CONFLICTING)


_WHO = rf"(?:{NAME}|{_CAP}|(?:[Tt]he|[Aa]n?) [^,;:\"“”]{{3,50}}?)"
_SAID = r"(?:said|says|added|stated|explained|told reporters|wrote|argued|noted)"
_QUOTES = [
    re.compile(rf"[“\"](?P<q>[^”\"]{{20,220}}?),?[”\"],? (?P<who>{_WHO}) {_SAID}\b(?:,[^.”\"]*| in [^.”\"]*| on [^.”\"]*)?\."),
    re.compile(rf"[“\"](?P<q>[^”\"]{{20,220}}?),?[”\"],? {_SAID} (?P<who>{_WHO})(?:,[^.”\"]*)?\."),
    re.compile(rf"(?P<who>{_WHO}) {_SAID}(?: that)?[:,]? [“\"](?P<q>[^”\"]{{20,220}}?)[.,]?[”\"]\.?"),
]  # fmt: skip
_NOT_INDIRECT = re.compile(
    r"\b(?:I|you|my|me|your|here|this|that['’]s|let|please|gonna|today|now|tomorrow|yesterday)\b|"
    r"^(?:and|but|so|well|yes|no|there)\b|[!?;:…]|\w['’](?:ve|ll|m|d)\b|\.\s",
    re.I,
)
# "We have bodies" is told as "said that they have bodies".
_PERSONS = {"we": "they", "our": "their", "us": "them", "we’re": "they are", "we're": "they are",
            "ourselves": "themselves", "ours": "theirs"}  # fmt: skip
_WE = re.compile(rf"\b(?:{'|'.join(sorted(_PERSONS, key=len, reverse=True))})\b", re.I)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|do|did|"
    r"[a-z]{3,}ed|need|needs|want|wants)\b"
)


def spoken(sentence: str) -> tuple[str, str] | None:
    """Who speaks in a quoting sentence and what, where that can be told indirectly."""
    for pattern in _QUOTES:
        match = pattern.fullmatch(sentence)
        if match is None:
            continue
        words, who = match["q"].strip(), match["who"]
        if (
            words[:1].isupper()
            and len(words.split()) >= 5
            and not _NOT_INDIRECT.search(words)
            and _FINITE.search(words)
            and not re.match(r"(?:He|She|It|They|This|That|His|Her|Their|As)\b", words)
            and not re.match(r"(?:He|She|It|They|One|But|And|Who|We|I|You)\b", who)
        ):
            return who, _WE.sub(_third_person, words)
    return None


def _third_person(match: re.Match[str]) -> str:
    if match[0] == "US":
        return "US"
    word = _PERSONS[match[0].lower()]
    return capitalised(word) if match[0][0].isupper() else word


def indirect(sentence: str, rng: random.Random) -> Iterator[Rewrite]:
    """A quotation told in indirect speech."""
    told = spoken(sentence)
    if told is None:
        return
    yield Rewrite("quoted", reported(*told, rng))


def reported(who: str, words: str, rng: random.Random) -> str:
    """What somebody said, in indirect speech."""
    words = body(words)
    if words.startswith("They "):
        words = words[0].lower() + words[1:]
    form = rng.choice((0, 0, 1, 2))
    if form == 0:
        return f"{capitalised(who)} said that {lowered(words)}."
    if form == 1:
        return f"According to {lowered(who)}, {lowered(words)}."
    return f"{capitalised(words)}, {lowered(who)} said."
