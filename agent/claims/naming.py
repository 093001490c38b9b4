"""Who is who in an article, as claims need it: bodies, places, and words that are no names."""

from __future__ import annotations

import re
from collections import defaultdict

from tools.people.aliases import Entity, named
from tools.people.roles import BODIES
from tools.text.words import is_calendar_word, is_opener

ORGANISATION = re.compile(
    r"\b(?:Inc|Corp|Ltd|plc|GmbH|AG|Company|Council|University|Ministry|Agency|Authority|Bank|Group|"
    r"Line|Lines|Ferries|Airways|Railway|Union|Party|Committee|Commission|Institute|Club|Shipyard|"
    r"Platforms|Holdings|Airlines|Motors|Press|Times|Post|Gazette|Review|Watch|School|Hospital|"
    r"College|Museum|Society|Association|Federation|Foundation|Court|Department|Office|Board|"
    r"Magazine|News|Radio|Network|Services|Industries|Technologies|Systems|Energy|Insurance|Laboratories|Court)\b"
)
PLACE = re.compile(
    r"^(?:New|North|South|East|West|Saint|San|Los|Las|Port|Lake|Mount|United|Great|Cape|Fort|Upper|"
    r"Lower|Old|Santa|Gull)\b|\b(?:River|Street|City|Islands?|County|Park|Road|Square|Bay|Hall|Bridge|"
    r"States?|Kingdom|Republic|Lane|Avenue|Valley|Sea|Ocean|Airport|Station|Point|Viaduct|"
    r"Baths|House)$"
)


def proper_words(text: str) -> frozenset[str]:
    """The words of a text that are capitalised after a word in lower case."""
    return frozenset(_INNER_CAPITAL.findall(text))


def place_words(text: str) -> frozenset[str]:
    """Capitalised words that something is in, at or near, or that are a town's or a port's."""
    return frozenset(_PLACED.findall(text))


_PLACED = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Oo]utside|(?:port|town|city|village|county|district|region|province"
    r"|suburb|island|coast|harbour|outskirts|streets)\sof)\s(?:[A-Z][\w-]*\s)*([A-Z][\w-]*\w)"
)
_INNER_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][\w-]*\w")


_SHE = frozenset(
    "alice amy ann anne barbara betty carol caroline catherine charlotte christine claire deborah "
    "diane dorothy elizabeth ellen emily emma evelyn frances grace hannah helen hillary jane "
    "janet jennifer jessica joan joyce judith judy julie karen kate katherine kathleen kelly kim "
    "kimberly laura lisa lucy margaret marie marilyn mary megan michelle nancy nicole rachel rose "
    "ruth sally sarah sharon shirley stephanie sue susan theresa tracy victoria virginia".split()
)
_HE = frozenset(
    "aaron adam alan albert alexander andrew anthony arthur barack benjamin bill bob boris brian "
    "bruce carl charles christopher daniel david dennis donald douglas edward eric frank fred gary "
    "george gerald gregory harold harry henry jack jacob james jason jeffrey jeremy jerry jim joe "
    "john jonathan joseph joshua keith kenneth kevin larry lawrence luca luke mark martin matthew "
    "michael mike nicholas nigel oliver patrick paul peter philip phillip ralph raymond richard "
    "robert roger ronald roy ryan samuel scott sean simon stephen steve steven thomas tim timothy "
    "tom tomas tony vladimir walter wayne william".split()
)


def usual_pronoun(person: str) -> str | None:
    """`he` or `she` by a common first name, to rule an antecedent out; None for most names.

    Names in -a are mostly of women. Nobody is taken for somebody because of this.
    """
    words = person.split()
    given = [word.lower() for word in words[:-1] or words]  # titles are among them
    if any(word in _HE for word in given):
        return "he"
    return "she" if any(word in _SHE or word.endswith("a") for word in given) else None


_COMPANY = frozenset("company firm".split())
COMMON = frozenset("company firm operator carrier".split())
"""Nouns that fit nearly any body, so that a name with the word in it tells little."""
_OWN_TRADE = frozenset("operator carrier".split())
_TRADES = frozenset(
    "company firm operator carrier airline retailer manufacturer maker carmaker brewery brewer "
    "publisher supplier builder developer insurer broadcaster start-up chain shipyard".split()
)
"""What a company may be introduced as."""
_SHOWN = 3
"""Candidates that are named in a note; where there are more, the note would tell nothing."""


class Cast:
    """The people and bodies of an article, asked by a name or by a noun.

    Args:
        text: the article.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._names = named(text)
        self._places = place_words(text)
        self._called: dict[str, list[Entity]] = defaultdict(list)
        self._kinds: list[tuple[Entity, frozenset[str]]] = []
        for entity in self._names.entities:
            for alias in entity.aliases:
                self._called[alias.lower()].append(entity)
            if entity.kind != "person" and not self._is_place(entity.name):
                self._kinds.append((entity, _kinds(entity)))
        several = {unclear.mention.text.lower() for unclear in self._names.unclear}
        self._all = frozenset(self._called) | several
        self._last_words = {name.split()[-1] for name in self._all}
        for unclear in self._names.unclear:
            self._called.pop(unclear.mention.text.lower(), None)

    def who(self, name: str) -> Entity | None:
        """The one whom the article calls so; None for nobody, and where two are."""
        found = self._called.get(name.lower(), [])
        return found[0] if len(found) == 1 else None

    def is_person(self, name: str) -> bool:
        """Whether the article tells that a name is a person's."""
        entity = self.who(name)
        return entity is not None and entity.kind == "person"

    def is_thing(self, name: str) -> bool:
        """Whether a name is a body's, or at least none of a person and there more than once."""
        entity = self.who(name)
        return entity is not None and (
            entity.kind == "organisation" or (entity.kind == "name" and len(entity.mentions) > 1)
        )

    def is_body(self, name: str) -> bool:
        """Whether the article tells that a name is a body's."""
        entity = self.who(name)
        return entity is not None and entity.kind == "organisation"

    def is_named(self, name: str) -> bool:
        """Whether the words are a name in this article, of one or of several.

        A word that only opens sentences counts where it does so twice and is never written small.
        """
        low = name.lower()
        if low in self._all or low.split()[-1] in self._last_words:
            return True
        return (
            low.isalpha()
            and not low.endswith("s")
            and len(re.findall(rf"\b{name}\b", self._text)) > 1
            and not re.search(rf"\b{low}\b", self._text)
        )

    def bodies(self, noun: str, place: int) -> list[str]:
        """Which bodies `the <noun>` may be at a place of the article.

        A body counts where the article calls it that kind of body, by its name or beside it. For
        the nouns that fit nearly any body, all others named since may be meant too; where no body
        was called one, it is the only one named so far.

        Returns:
            One name where it is plain; several where it is not; none where nothing fits, or
            where the article has brought in another of the kind (`an inquiry committee`).
        """
        before = [(e, kinds) for e, kinds in self._kinds if e.mentions[0].start < place]
        if noun in COMMON:
            bodies = [e for e, _ in before if e.kind == "organisation"]
            fitting = [e for e, _ in before if self._introduced(e, noun)]
            if len(fitting) == 1 and noun not in _OWN_TRADE:
                since = _last(fitting[0], place)
                bodies = [e for e, kinds in before if e in bodies and not kinds - _TRADES]
                fitting += [e for e in bodies if e is not fitting[0] and _last(e, place) > since]
            elif not fitting:
                alone = len(before) == 1 and self._is_alone(before[0][0], place)
                fitting = [before[0][0]] if alone else bodies
                if len(fitting) == 1 and not alone:
                    return []
        else:
            fitting = [e for e, kinds in before if noun in kinds or self._introduced(e, noun)]
        if len(fitting) == 1 and (
            self._brings_in(noun, fitting[0], place) or not _WHOLE_NAME.fullmatch(fitting[0].name)
        ):
            return []
        return [entity.name for entity in fitting] if len(fitting) <= _SHOWN else []

    def spoken(self, name: str) -> str:
        """A name as the article says it within a sentence: `the Harbour Board`."""
        return f"the {name}" if re.search(rf"\b[Tt]he {re.escape(name)}\b", self._text) else name

    def _is_alone(self, entity: Entity, place: int) -> bool:
        """Whether no other name, known or not, stands before a place, people and places aside."""
        known = set(entity.name.split()) | {w for alias in entity.aliases for w in alias.split()}
        for other in self._names.entities:
            if other.kind == "person":
                known |= {word for alias in other.aliases for word in alias.split()}
        words = {re.sub(r"[’']s$", "", word) for word in _CAPITAL.findall(self._text, 0, place)}
        return all(
            is_opener(word) or is_calendar_word(word) or self._is_place(word)
            for word in words - known
        )

    def _introduced(self, entity: Entity, noun: str) -> bool:
        """Whether the article says beside a name what it is: `Skarra Line, a ferry operator`."""
        nouns = _TRADES | {noun} if noun in _COMPANY else {noun}
        for mention in entity.mentions[:_LOOKED_AT]:
            after = _SAID_TO_BE.match(self._text, mention.end)
            if after and after["noun"].lower() in nouns:
                return True
            before = _CALLED.search(self._text, max(0, mention.start - 60), mention.start)
            if before and before["noun"].lower() in nouns:
                return True
        return False

    def _is_place(self, name: str) -> bool:
        return bool(PLACE.search(name)) or (
            name.split()[-1] in self._places and not ORGANISATION.search(name)
        )

    def _brings_in(self, noun: str, entity: Entity, place: int) -> bool:
        """Whether a further body of the kind is brought in between an entity and a place."""
        start = _last(entity, place)
        pattern = re.compile(
            rf"\b(?:an?|another|one|two|its|their|his|her)\s(?:[\w-]+\s){{0,3}}?{noun}s?\b", re.I
        )
        ends = [mention.end for mention in entity.mentions if mention.start < place]
        return any(
            not any(_BESIDE.fullmatch(self._text, end, match.start()) for end in ends)
            for match in pattern.finditer(self._text, start, place)
        )


_BESIDE = re.compile(r",?\s(?:(?:which\s)?(?:is|was)\s)?")
"""What stands between a name and what it is said to be: `Skarra Line, a ferry operator`."""
_LOOKED_AT = 8
"""Mentions of one name beside which its kind is looked for."""
_SAID_TO_BE = re.compile(
    r"(?:,\s(?:which\s(?:is|was)\s)?|\s(?:is|was)\s)an?\s(?:[\w-]+\s){0,4}?"
    rf"(?P<noun>{BODIES})\b(?![’'-])"
)
_CALLED = re.compile(
    rf"(?:\b[Tt]he|\b[Aa]n?|^|[.\n])\s{{0,9}}(?:[\w-]+\s){{1,3}}?(?P<noun>{BODIES})\s$", re.I
)
_CAPITAL = re.compile(r"\b[A-ZÀ-Þ][\w’'-]*\w")
_WHOLE_NAME = re.compile(r"(?!\w\.\s)(?!.*(?:\bC[EFOT]O\b|[’']s\s|\sfor\sthe\s\w+$)).+")
"""What is the name of a body from its beginning: not `N. Security Council`, `Holm’s Committee`."""


def _last(entity: Entity, place: int) -> int:
    """Where an entity was last named before a place."""
    return max(mention.start for mention in entity.mentions if mention.start < place)


def _kinds(entity: Entity) -> frozenset[str]:
    """The nouns for a kind of body in a name: at its end, or before `of` or `for`."""
    words = re.sub(r"\s(?:of|for)\s.*", "", entity.name).lower().split()
    return frozenset(words[-1:]) & _BODY_NOUNS


_BODY_NOUNS = frozenset(BODIES.split("|")) | frozenset("board department office society".split())
