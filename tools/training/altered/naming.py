"""People, organisations and places in a sentence, found by form and by short lists.

Made training pairs swap one name for another of the same kind. A swap that changes the kind or
the gender would be told by the sentence alone, so what is not known for certain is left out: this
finds few names and names few of them wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MEN = frozenset(
    "Aaron Adam Ahmed Alan Albert Alex Alexander Ali Andrew Anthony Antonio Arthur Barack Ben "
    "Benjamin Bernard Bill Bob Brad Brian Bruce Carl Carlos Charles Chris Christopher Colin Craig "
    "Daniel David Dennis Donald Douglas Edward Eric Francis Frank Fred Frederick Gary George "
    "Gerald Giovanni Gordon Graham Greg Hans Harold Harry Hassan Henry Howard Hugh Ian Igor Ivan "
    "Jack Jacob James Jason Jeff Jeffrey Jim Joe Johann John Johnny Jonathan Jose Joseph Joshua "
    "Juan Justin Karl Keith Kenneth Kevin Lawrence Lee Leonard Louis Luis Luke Mark Martin Matt "
    "Matthew Michael Miguel Mike Mohammed Muhammad Neil Nicholas Nick Oliver Oscar Patrick Paul "
    "Peter Philip Phil Pierre Ralph Raymond Richard Robert Roger Ron Ronald Ryan Sam Samuel Scott "
    "Sean Simon Stephen Steve Steven Stuart Ted Terry Thomas Tim Timothy Tom Tony Victor Vladimir "
    "Walter Wayne William Xavier Yusuf".split()
)
_WOMEN = frozenset(
    "Alice Alison Amanda Amy Andrea Angela Anita Ann Anna Anne Annie Barbara Beth Beyonce Brenda "
    "Carol Caroline Catherine Charlotte Christina Christine Claire Clara Cynthia Deborah Debbie "
    "Denise Diana Diane Donna Dorothy Elena Eleanor Elizabeth Ellen Emily Emma Eva Fatima Florence "
    "Frances Grace Hannah Heather Helen Hillary Ingrid Irene Isabel Jane Janet Jean Jennifer "
    "Jessica Joan Joanna Joyce Judith Judy Julia Julie Karen Kate Katherine Kathleen Katy Kim "
    "Laura Linda Lisa Lucy Lynn Madonna Margaret Maria Marie Marilyn Martha Mary Megan Melissa "
    "Michelle Nancy Natalie Nicole Nina Olga Olivia Pamela Patricia Paula Rachel Rebecca Rose Ruth "
    "Sally Sandra Sarah Sharon Sofia Sophie Stephanie Susan Suzanne Sylvia Teresa Tina Ursula "
    "Victoria Virginia Wendy".split()
)
_TITLES = frozenset(
    "Mr Mrs Ms Dr Sir President Prime Minister Senator Sen Representative Rep Congressman Governor "
    "Gov Mayor Judge Justice Professor Prof General Gen Colonel Captain Sheriff Detective Chief "
    "Inspector Sergeant Sgt Officer Lieutenant Chancellor Secretary Coach Ambassador "
    "Commissioner Attorney".split()
)
_ROYAL = frozenset("King Queen Prince Princess Pope Lord Lady Saint St Emperor Duke Earl".split())
_CITIES = frozenset(
    "Amsterdam|Athens|Atlanta|Baghdad|Baltimore|Bangkok|Barcelona|Beijing|Beirut|Belfast|Berlin|"
    "Birmingham|Boston|Bristol|Brussels|Budapest|Buenos Aires|Cairo|Calgary|Chicago|Cleveland|"
    "Copenhagen|Dallas|Damascus|Delhi|Denver|Detroit|Dubai|Dublin|Edinburgh|Frankfurt|Geneva|"
    "Glasgow|Hamburg|Havana|Helsinki|Houston|Istanbul|Jakarta|Jerusalem|Johannesburg|Kabul|"
    "Karachi|Kiev|Lagos|Leeds|Lima|Lisbon|Liverpool|London|Los Angeles|Madrid|Manchester|Manila|"
    "Melbourne|Memphis|Miami|Milan|Montreal|Moscow|Mosul|Mumbai|Munich|Nairobi|Naples|"
    "New Orleans|New York City|Oslo|Ottawa|Paris|Philadelphia|Phoenix|Pittsburgh|Prague|"
    "Rome|San Diego|San Francisco|Santiago|Seattle|Seoul|Shanghai|Sheffield|Stockholm|Sydney|"
    "Tehran|Tokyo|Toronto|Tripoli|Tunis|Vancouver|Venice|Vienna|Warsaw|Zurich".split("|")
)
_COUNTRIES = frozenset(
    "Afghanistan|Algeria|Argentina|Australia|Austria|Bangladesh|Belgium|Bolivia|Brazil|Bulgaria|"
    "Cambodia|Canada|Chile|China|Colombia|Croatia|Cuba|Denmark|Egypt|Ethiopia|Finland|France|"
    "Germany|Ghana|Greece|Guinea|Haiti|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|"
    "Italy|Jamaica|Japan|Kenya|Lebanon|Liberia|Libya|Malaysia|Mali|Mexico|Morocco|Nepal|"
    "New Zealand|Nicaragua|Nigeria|North Korea|Norway|Pakistan|Panama|Peru|Poland|Portugal|Romania|"
    "Russia|Saudi Arabia|Senegal|Serbia|Sierra Leone|Singapore|Slovakia|Somalia|South Africa|"
    "South Korea|Spain|Sudan|Sweden|Switzerland|Syria|Tanzania|Thailand|Turkey|Uganda|Ukraine|"
    "Venezuela|Vietnam|Yemen|Zimbabwe".split("|")
)
# Not Georgia, Washington or New York, which are a country, a city and a person as well.
_STATES = frozenset(
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Florida|Hawaii|Idaho|Illinois|"
    "Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|"
    "Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|"
    "South Dakota|Tennessee|Texas|Utah|Vermont|Wisconsin|Wyoming".split("|")
)
PLACES: Mapping[str, frozenset[str]] = {
    "city": _CITIES,
    "country": _COUNTRIES,
    "state": _STATES,
}
"""Names of places by kind; a place is swapped with one of its own kind only."""
_ORGANISATIONS: Mapping[str, frozenset[str]] = {
    "company": frozenset(
        "Amazon|Apple|Boeing|Dell|Disney|Facebook|Ford|General Motors|Google|Honda|IBM|Intel|"
        "Microsoft|Netflix|Nintendo|Nokia|Samsung|Sony|Tesla|Toyota|Twitter|Uber|Volkswagen|"
        "Walmart|Yahoo".split("|")
    ),
    "media": frozenset(
        "ABC News|Associated Press|BBC|Bloomberg|CBS|CBS News|CNN|Daily Mail|Daily Mirror|"
        "Daily Telegraph|Fox News|Guardian|Los Angeles Times|MSNBC|NBC|NBC News|New York Post|"
        "New York Times|Reuters|Sky News|TMZ|Wall Street Journal|Washington Post".split("|")
    ),
    "agency": frozenset("CIA|EPA|FBI|FDA|IMF|Interpol|MI5|NASA|NATO|NSA|UNESCO|WHO".split("|")),
}
_TAILS = frozenset(
    "University College School Bank Ministry Department Party Institute Museum Hospital Airlines "
    "Records Studios Association Foundation Corporation".split()
)
_WORD = r"[A-Z][\w’'-]*[\w]|[A-Z]\.?"
_RUN = re.compile(
    rf"(?<![\w“\"‘-])(?:{_WORD})(?: (?:(?:of|de|van|von|bin|al|del|da) )?(?:{_WORD}))*"
)
_POSSESSIVE = re.compile(r"[’']s?$")
_OPENERS = frozenset(
    "The A An In On At By For From With As When While After Before Since During Under Although If "
    "But And Former Actor Actress Singer Director According Both Although Until Because Despite "
    "Only Then Also Later".split()
)


@dataclass(frozen=True)
class Name:
    """A name in a sentence.

    Attributes:
        start, end: its span, without title and possessive ending.
        text: the name.
        kind: `man`, `woman`, `city`, `country`, `state`, `company`, `media`, `agency`, or the
            word an organisation's name ends in (`University`); `speaker` and `subject` for a
            name known by its place only.
        alone: whether a person goes by the last name only.
    """

    start: int
    end: int
    text: str
    kind: str
    alone: bool = False

    @property
    def is_person(self) -> bool:
        return self.kind in ("man", "woman")

    @property
    def is_place(self) -> bool:
        return self.kind in PLACES


def found_names(text: str, people: Mapping[str, str] | None = None) -> list[Name]:
    """The names of a sentence whose kind is certain, in order.

    Args:
        text: a sentence.
        people: last name → `man` or `woman` of those whom the text it stands in names in full
            (`last_names`); without it, a last name alone is not recognised.
    """
    found = []
    for match in _RUN.finditer(text):
        start, run = match.start(), match[0]
        first, _, rest = run.partition(" ")
        while rest and (first in _OPENERS or first.rstrip(".") in _TITLES):
            start, run = start + len(first) + 1, rest
            first, _, rest = run.partition(" ")
        titled = text[match.start() : start].split()
        if any(word in _ROYAL for word in (*titled, first)):
            continue
        if first in _MEN | _WOMEN:
            run = run.partition(" of ")[0]  # "Anna Brekke of Torve University"
        run = _POSSESSIVE.sub("", run)
        if kind := _kind(run, titled):
            found.append(Name(start, start + len(run), run, kind))
        elif people and run in people:
            found.append(Name(start, start + len(run), run, people[run], alone=True))
    return found


_SAYS = r"(?:said|says|told|added|explained|wrote|warned|insisted|replied|argued|tweeted)"
_FULL = rf"(?:{_WORD})(?: (?:{_WORD})){{1,2}}"
_SPEAKERS = [
    re.compile(rf"[,”\"] {_SAYS} (?P<name>{_FULL})(?=[,.]| in | of | at | on )"),
    re.compile(rf"(?:^|, |[”\"] )(?P<name>{_FULL})(?=,? {_SAYS}\b)"),
]
_SUBJECT = re.compile(rf"(?:The )?(?P<name>{_FULL}(?: {_WORD})?)(?= (?!is the |was the )[a-z]+ )")


def speakers(sentence: str) -> list[Name]:
    """Whoever said something, by full name."""
    found = [match for pattern in _SPEAKERS for match in pattern.finditer(sentence)]
    return [
        Name(*match.span("name"), match["name"], "speaker")
        for match in found
        if not _OPENERS & set(match["name"].split()) and not _TITLES & set(match["name"].split())
    ]


def subject_name(sentence: str) -> Name | None:
    """The name that opens a sentence as the subject of a figure, of whatever kind it is."""
    match = _SUBJECT.match(sentence)
    if match is None or _OPENERS & set(match["name"].split()):
        return None
    return Name(*match.span("name"), match["name"], "subject")


def last_names(names: Iterable[Name]) -> dict[str, str]:
    """Last name → kind of the people named in full; without those whom two people share."""
    known: dict[str, str] = {}
    full: dict[str, str] = {}
    for name in names:
        if not name.is_person or name.alone:
            continue
        last = name.text.split()[-1]
        known[last] = name.kind if full.setdefault(last, name.text) == name.text else ""
    return {last: kind for last, kind in known.items() if kind}


def _kind(run: str, titled: list[str]) -> str | None:
    """The kind of a name, None where its form does not tell."""
    for kind, listed in (*PLACES.items(), *_ORGANISATIONS.items()):
        if run in listed:
            return kind
    words = run.split()
    if words[-1] in _TAILS and len(words) > 1 and words[0] not in ("High", "Primary"):
        return words[-1]
    if words[0] == "University" and words[1:2] == ["of"] and len(words) == 3:
        return "University of"
    if len(words) in (2, 3) and words[-1][1:].islower() and "of" not in words:
        if any(run.endswith(place) for listed in PLACES.values() for place in listed):
            return None  # "Charlotte North Carolina"
        if words[0] in _MEN:
            return "man"
        if words[0] in _WOMEN:
            return "woman"
    return None
