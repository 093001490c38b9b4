"""Which texts count as copies of one another, and which do not."""

from __future__ import annotations

import itertools
import json
import random
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.types import Source
from tools.library.kinship import kinship
from tools.library.origins import copied, origins
from tools.library.profiles import profile
from tools.readers import read_file

WIRE = """Marlow Bay opens tidal power station after six years of building

The town of Marlow Bay switched on its tidal power station on Thursday, six years after the \
first piles were driven into the estuary. Twelve turbines will supply 48,000 homes, the operator \
Corvane Energy said, which is about a third of the county's need.

Building cost £412 million, of which the Treasury paid 140 million. The rest was raised from \
pension funds in Denmark and Canada. Corvane had first asked for £365 million but blamed the \
dearer price of steel and a winter of storms for the difference.

“We have shown that the moon can light a kitchen,” chief executive Nadia Perrault told guests on \
the sea wall. “It has taken patience from everybody who lives along this shore.”

Fishing crews from Little Harrow kept away from the ceremony. Their association says that catches \
of sea bass have fallen by 17 per cent since the barrage was closed in March, and it wants a fund \
for those who have sold their boats.

The county council will review the station's effect on the mudflats every two years. A first \
report by ecologists of Selby University is due in October 2027."""

RETITLED = WIRE.replace(
    "Marlow Bay opens tidal power station after six years of building",
    "Moonlight for the kitchen: our coast goes electric",
).replace("48,000", "48000")
TRIMMED = "\n\n".join(WIRE.split("\n\n")[:3])
REORDERED = "\n\n".join([WIRE.split("\n\n")[i] for i in (0, 4, 2, 5, 1, 3)])
EDITED = (
    WIRE.replace("switched on", "started up")
    .replace("blamed the dearer price of steel", "put the difference down to steel")
    .replace("kept away from the ceremony", "stayed at home")
    .replace("“", '"')
    .replace("”", '"')
)
INDEPENDENT = """Fishermen stay ashore as barrage is inaugurated

There was no brass band on the Little Harrow side of the water. While Corvane Energy was \
celebrating its new barrage with speeches and oysters, the crews mended nets and watched from \
their doorsteps.

For 48,000 households the turbines mean electricity without smoke, and the guests applauded when \
Nadia Perrault, who runs the firm, took the microphone. “We have shown that the moon can light a \
kitchen,” she said. “It has taken patience from everybody who lives along this shore.”

Patience is what the skipper Tom Abery has run out of. He used to land forty boxes of bass in a \
good week; since the gates closed he is happy with thirty. Others have given up, and the harbour \
office has struck nine boats off its list this summer.

An application for compensation has been on a desk at county hall for five months. Asked about it, \
a spokeswoman replied that £412 million had been spent on making the region cleaner and that \
everyone would gain in the end."""

WEATHER = """{place} weather for {day}. It will be {sky} in the morning with temperatures around \
{low} degrees, rising to {high} degrees in the afternoon. Winds will blow from the {wind} at \
{speed} kilometres an hour, with gusts of up to {gust} on the coast. The chance of rain is {rain} \
per cent. The sun rises at {rise} and sets at {set}. Swimmers should mind the currents near the \
pier, where the water has {water} degrees. The next report will be published at six o'clock in \
the evening by the {place} weather office."""
MONDAY = WEATHER.format(
    place="Northwick", day="Monday", sky="cloudy", low=11, high=16, wind="west", speed=22, gust=41,
    rain=60, rise="6.12", set="20.31", water=13,
)  # fmt: skip
FRIDAY = WEATHER.format(
    place="Northwick", day="Friday", sky="sunny", low=14, high=23, wind="east", speed=9, gust=18,
    rain=5, rise="6.19", set="20.22", water=15,
)  # fmt: skip
SOUTHWICK = WEATHER.format(
    place="Southwick", day="Monday", sky="cloudy", low=12, high=19, wind="south", speed=14, gust=30,
    rain=35, rise="6.08", set="20.27", water=16,
)  # fmt: skip
RESULTS = """Halden Tools said on {day} that revenue in the {quarter} quarter of {year} came to \
{revenue} million crowns, against {before} million a year earlier. Operating profit was {profit} \
million crowns and the margin {margin} per cent. Orders stood at {orders} million at the end of \
the quarter. The company employs {staff} people at its plants in Halden and Moss. It repeated its \
aim of growing faster than the market and of paying out half of its earnings. Results for the \
next quarter will be presented to analysts and the press in the company's head office, and can be \
followed on its website."""
SPRING = RESULTS.format(
    day="Tuesday", quarter="first", year=2026, revenue=812, before=765, profit=96, margin=11.8,
    orders=1430, staff=2210,
)  # fmt: skip
SUMMER = RESULTS.format(
    day="Thursday", quarter="second", year=2026, revenue=877, before=801, profit=104, margin=11.9,
    orders=1395, staff=2245,
)  # fmt: skip

SHORT = "Corvane Energy names Nadia Perrault as its chief executive."
NONSENSE = "brisk ladle quorum tepid velvet gannet morose plinth ochre fathom tussle wicker".split()


def spun(text: str, share: float = 1 / 3, seed: int = 7) -> str:
    """Swaps words as a thesaurus would: never figures, names or quotation marks."""
    dice = random.Random(seed)

    def swap(match: re.Match[str]) -> str:
        return dice.choice(NONSENSE) if dice.random() < share else match[0]

    return re.sub(r"(?<![\w’'])[a-z]{2,}(?![\w’'])", swap, text)


def source(number: int, text: str, published: str | None = None) -> Source:
    return Source(
        id=f"s-{number:04}", text=text, published_at=published,
        added_at="2026-01-01T00:00:00Z", origin="",
    )  # fmt: skip


def is_copy(a: str, b: str) -> bool:
    return copied(kinship(profile(a), profile(b)))


def origin_groups(sources: list[Source]) -> dict[str, str]:
    return {id_: origin.id for id_, origin in origins(sources).items()}


@pytest.mark.parametrize(
    "copy",
    [RETITLED, TRIMMED, REORDERED, EDITED, spun(WIRE), spun(RETITLED, 0.25), spun(WIRE, seed=3)],
    ids=["retitled", "trimmed", "reordered", "edited", "spun", "spun-a-quarter", "spun-otherwise"],
)
def test_a_copy_is_told_whatever_was_done_to_it(copy: str) -> None:
    assert is_copy(WIRE, copy)
    assert is_copy(copy, WIRE)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (WIRE, INDEPENDENT),
        (spun(WIRE), INDEPENDENT),
        (MONDAY, FRIDAY),
        (MONDAY, SOUTHWICK),
        (SPRING, SUMMER),
        (WIRE, MONDAY),
        (SHORT, SHORT.replace("Nadia", "Ivo")),
        (SHORT, WIRE + " " + SHORT),
    ],
    ids=["same-event", "same-event-spun", "two-days", "two-towns", "two-quarters", "unrelated",
         "two-headlines", "headline-in-article"],
)  # fmt: skip
def test_what_only_looks_alike_is_no_copy(a: str, b: str) -> None:
    assert not is_copy(a, b)
    assert not is_copy(b, a)


OFFICIAL = "the harbour board raised the fee for berths by four crowns to 31 crowns a metre"
SICK = "a cluster of 43 cases of lung disease in workers under thirty years of age"
STORM = (
    "A storm of force 11 sank 7 boats off Little Harrow on Monday and tore the roofs from 240 "
    "houses, the county said. The wind was strongest at 3.20 in the morning, 18 kilometres from "
    "Selby, according to the Weather Institute. Governor Ida Fenn declared a day of mourning and "
    "travelled to Selby. Some 5,500 homes had no power, said the utility Corvane. Helpers from "
    "Norway and Denmark were on their way with 90 pumps.",
    "Boat owners stood in tears at the quay on Monday: 7 hulls lie on the bottom off Little "
    "Harrow after a storm of force 11. The county counted 240 houses without a roof. It came at "
    "3.20 a.m., when most slept, and the Weather Institute puts its worst gust 18 kilometres "
    "from Selby. “Like a train in the kitchen,” said a baker in Selby. For Governor Ida Fenn it "
    "is a black day. In 5,500 homes it stayed dark, says Corvane; Norway and Denmark send help.",
)
EARNED = (
    "Halden Tools earned 96 million crowns in the first quarter, 12 per cent more than a year "
    "before, on sales of 812 million. Chief executive Rut Aas now expects 400 million for the "
    "year. The Halden Tools report lifted the shares by 5 per cent in Moss.",
    "Dearer drills pay off for Halden Tools. Profit rose by 12 per cent to 96 million crowns "
    "between January and March, while sales reached 812 million, it said. Rut Aas promises 400 "
    "million for the whole year. At the plant in Moss, where a pay review led to a strike, "
    "workers are angry. Halden Tools is the largest employer of the town.",
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (
            f"MARLOW BAY - As expected {OFFICIAL} on Thursday. Director Ida Fenn told reporters "
            "that repairs had become dear. Owners of small boats will feel it in spring, brokers "
            "warn. On the pier in Marlow Bay some shrugged. The vote was not unanimous.",
            f"MARLOW BAY - More money for the quay: {OFFICIAL} on Thursday, the third rise in a "
            "row. Ida Fenn, its director, did not rule out another. Fishing crews spoke of poison "
            "for the trade. Outside the office in Marlow Bay a hundred people held up oars.",
        ),
        (
            f"The Northern Health Council (NHC) is looking into {SICK}, it said on Monday. Beds in "
            "Selby are filling fast, as our reporter saw. Doctor Ama Orr, who runs the ward, has "
            "not slept at home for a week. The Labour Office asked for masks from Marlow.",
            f"The Northern Health Council (NHC) sent experts to Selby after {SICK} were found "
            "there. A spokesman in Marlow said that tests had ruled out influenza. Doctor Ama Orr "
            "of the hospital asked for patience. The Labour Office closed two foundries.",
        ),
        STORM,
        EARNED,
    ],
    ids=["dateline-of-a-place", "abbreviation", "one-event-two-reporters", "name-beside-a-report"],
)
def test_two_reporters_on_one_event_are_two_origins(a: str, b: str) -> None:
    assert kinship(profile(a), profile(b)) is None


def test_a_text_read_back_from_a_spinner_is_a_copy() -> None:
    table = {
        "the": "nan",
        "on": "connected",
        "in": "successful",
        "about": "astir",
        "as": "arsenic",
    }
    swapped = re.sub(r"\b(the|on|in|about|as)\b", lambda match: table[match[0]], WIRE)
    assert swapped.count("nan") > 4
    assert is_copy(WIRE, swapped)


def test_short_texts_are_copies_only_when_their_words_are_the_same() -> None:
    assert is_copy(SHORT, "CORVANE ENERGY names Nadia Perrault as its chief executive")
    assert not is_copy(SHORT, SHORT.replace("names", "appoints"))
    assert is_copy("", " \n")
    assert not is_copy("!", "?")


@pytest.mark.parametrize(
    "rewritten",
    [
        WIRE.upper(),
        WIRE.replace("’", "'").replace("“", '"').replace("”", '"'),
        WIRE.replace("17 per cent", "17%").replace("48,000", "48.000"),
        WIRE.replace("turbines", "tur\u00adbines").replace(" ", "  "),
    ],
    ids=["case", "quotation-marks", "figures", "soft-hyphens"],
)
def test_writing_and_print_do_not_matter(rewritten: str) -> None:
    assert profile(WIRE).key == profile(rewritten).key
    assert is_copy(WIRE, rewritten)


def test_copies_share_the_origin_of_the_earliest() -> None:
    late_wire = source(1, WIRE, "2026-05-02")
    early_copy = source(2, RETITLED, "2026-05-01")
    undated_copy = source(3, TRIMMED)
    other = source(4, INDEPENDENT, "2026-04-01")
    groups = origin_groups([late_wire, early_copy, undated_copy, other])
    assert groups == {
        "s-0001": "s-0002",
        "s-0002": "s-0002",
        "s-0003": "s-0002",
        "s-0004": "s-0004",
    }


def test_the_longest_of_one_day_is_the_earliest_then_that_of_the_least_id() -> None:
    whole, cut, same_again = source(9, WIRE), source(5, TRIMMED), source(7, WIRE.upper())
    assert set(origin_groups([cut, whole]).values()) == {"s-0009"}
    assert set(origin_groups([cut, same_again, whole]).values()) == {"s-0007"}
    dated = [item.model_copy(update={"published_at": "2026-05-01"}) for item in (cut, whole)]
    assert set(origin_groups([*dated, same_again]).values()) == {"s-0009"}


def test_when_a_source_was_added_does_not_matter() -> None:
    early, late = (
        source(number, text).model_copy(update={"added_at": added})
        for number, text, added in ((1, TRIMMED, "2020-01-01"), (2, WIRE, "2026-01-01"))
    )
    assert set(origin_groups([early, late]).values()) == {late.id}


def test_copies_of_copies_are_one_group() -> None:
    head, tail = TRIMMED, "\n\n".join(WIRE.split("\n\n")[3:])
    assert not is_copy(head, tail)
    groups = origin_groups([source(1, head), source(2, tail), source(3, WIRE)])
    assert set(groups.values()) == {"s-0003"}


def test_no_source_gives_no_group() -> None:
    assert origin_groups([]) == {}
    assert origin_groups([source(1, "…")]) == {"s-0001": "s-0001"}


def test_groups_do_not_depend_on_the_order_of_sources() -> None:
    texts = [WIRE, INDEPENDENT, MONDAY, TRIMMED, FRIDAY, spun(WIRE), SPRING, SUMMER, SHORT, SHORT]
    sources = [source(number, text) for number, text in enumerate(texts)]
    groups = origin_groups(sources)
    for seed in range(5):
        shuffled = random.Random(seed).sample(sources, len(sources))
        assert origin_groups(shuffled) == groups
    assert groups["s-0003"] == groups["s-0005"] == groups["s-0000"]
    assert groups["s-0009"] == "s-0008"
    assert len(set(groups.values())) == 7


def test_hundreds_of_sources_are_grouped_in_seconds() -> None:
    dice = random.Random(0)
    words = [f"{a}{b}{c}" for a in "bdgklmn" for b in "aeiou" for c in ("rit", "lon", "vesk", "ta")]
    stories = [" ".join(dice.choices(words, k=300)) for _ in range(200)]
    sources = [
        source(number, story if number < 200 else "New headline. " + story[: len(story) // 2])
        for number, story in enumerate(stories + stories)
    ]
    start = time.monotonic()
    groups = origin_groups(sources)
    assert time.monotonic() - start < 15
    assert all(groups[f"s-{n + 200:04}"] == f"s-{n:04}" for n in range(200))
    assert len(set(groups.values())) == 200


TEXTS = st.lists(
    st.sampled_from([*NONSENSE, "Marlow", "Corvane", "48,000", "412", "“", "”", ".", "\n\n"]),
    max_size=80,
).map(" ".join)


@settings(max_examples=60)
@given(a=TEXTS, b=TEXTS)
def test_kinship_is_symmetric(a: str, b: str) -> None:
    assert kinship(profile(a), profile(b)) == kinship(profile(b), profile(a))
    assert is_copy(a, a)


@settings(max_examples=25)
@given(texts=st.lists(TEXTS, max_size=12))
def test_every_source_is_in_the_group_of_a_source_that_leads_itself(texts: list[str]) -> None:
    sources = [source(number, text) for number, text in enumerate(texts)]
    groups = origin_groups(sources)
    assert set(groups) == {item.id for item in sources}
    assert all(groups[leader] == leader for leader in groups.values())


@settings(max_examples=100)
@given(text=st.text(max_size=300))
def test_any_text_can_be_compared(text: str) -> None:
    assert is_copy(text, text)
    assert is_copy(text, WIRE) == is_copy(WIRE, text)


def test_the_copies_among_the_sources_of_the_example_are_those_of_its_key() -> None:
    example = Path(__file__).parents[1] / "evals" / "example"
    key = json.loads((example / "expected.json").read_text("utf-8"))["copies"]
    texts = {path.name: read_file(path).text for path in (example / "sources").iterdir()}
    pairs = {frozenset(pair) for pair in itertools.combinations(texts, 2)}
    assert {pair for pair in pairs if is_copy(*(texts[name] for name in pair))} == {
        frozenset(pair) for pair in key.items()
    }
