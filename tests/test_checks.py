"""What is computed about a claim and a passage: the same, something else, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.compare.checks import findings
from tools.text.sentences import sentence_spans

Result = tuple[str, str]


def found(claim: str, passage: str, setting: str = "", *, spun: bool = False) -> list[Result]:
    """(what, relation) of every finding."""
    return [
        (finding.what, finding.relation)
        for finding in findings(claim, passage, setting=setting, spun=spun)
    ]


def differs(claim: str, passage: str, setting: str = "") -> bool:
    return any(relation == "differs" for _, relation in found(claim, passage, setting))


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Skarra Line had revenue of €84.6 million.", "Skarra Line’s revenue was €79 million."),
        (
            "Revenue was €84.6 million in the quarter.",
            "In the quarter, revenue reached €79 million.",
        ),
        ("Skarra Line’s revenue rose 9 per cent.", "The operator’s revenue rose by 6 per cent."),
        ("Skarra Line made a loss of €6 million.", "Skarra Line made a profit of €6 million."),
        ("Holm won 3-1 on Sunday.", "Holm won 2-0 on Sunday."),
        ("Revenue rose 9 per cent at Skarra.", "Revenue at Skarra fell 9 per cent."),
        ("The extension will cost €246 million.", "The extension will cost €318 million."),
        ("Turnout in Holm was 54 per cent.", "In Holm, turnout was 61 per cent."),
        ("The line carries 21,000 passengers a day.", "The line carries 14,000 passengers a day."),
        ("Twelve people were hurt in the fire at Holm.", "In the fire at Holm 3 people were hurt."),
    ],
)
def test_other_figures_for_the_same_thing_differ(claim: str, passage: str) -> None:
    assert ("figure", "differs") in found(claim, passage, "Skarra Line, Holm")


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        # another measure
        ("Skarra Line’s revenue was €84 million.", "Skarra Line’s net profit was €6 million."),
        ("Skarra Line’s revenue was €84 million.", "Skarra Line’s ad revenue was €6 million."),
        ("Skarra Line’s revenue was €84 million.", "Skarra Line’s revenue rose 6 per cent."),
        ("Support in Holm rose 3 per cent.", "Support in Holm rose 5 percentage points."),
        ("Skarra carried 21,000 passengers.", "Skarra carried 700 passengers a day."),
        # another company, person or place
        ("Skarra Line cut 40 jobs.", "Tern Ferries cut 25 jobs."),
        ("Tern’s revenue was €80 million.", "Skarra’s revenue was €84 million, Tern said."),
        ("Skarra Line had revenue of €84 million.", "Tern Line had revenue of €51 million."),
        ("Turnout in Holm was 54 per cent.", "Turnout in Brackwater was 61 per cent."),
        ("Unemployment in Holm was 4 per cent.", "In Brackwater, unemployment was 6 per cent."),
        # another period
        (
            "In Q1 2026 Skarra’s revenue was €84 million.",
            "In Q2 2026 Skarra’s revenue was €90 million.",
        ),
        ("Skarra’s revenue was €84 million in 2026.", "Skarra’s revenue was €70 million in 2024."),
        ("Skarra’s revenue was €84 million.", "Skarra’s revenue was €70 million a year earlier."),
        (
            "Skarra’s revenue was €84 million.",
            "That compares with Skarra’s revenue of €70 million.",
        ),
        # a part and the whole
        ("Skarra’s sales rose 10 per cent.", "Skarra’s sales of tickets rose 4 per cent."),
        (
            "Turnout in Holm was 54 per cent.",
            "Turnout among the under-30s in Holm was 31 per cent.",
        ),
        ("Profit at Skarra was €9 million.", "Profit at Skarra excluding freight was €2 million."),
        # a forecast and the result
        ("Skarra’s revenue was €84 million.", "Skarra had expected revenue of €90 million."),
        (
            "The bridge cost €70 million.",
            "The bridge will cost €50 million, the council said in May.",
        ),
        # other things that happened to as many others
        ("12 people were hurt in the fire at Holm.", "3 people were killed in the fire at Holm."),
        ("23 members voted for the plan.", "11 members voted against the plan."),
        ("Skarra hired forty new drivers.", "Skarra hired drivers; it has 400 drivers in Holm."),
        # what only looks like a figure
        ("Skarra sails at 19:30 from Holm.", "Skarra sails at 21:15 from Holm."),
        ("Llama 4 is faster than the others.", "Llama 3 is faster than the others."),
        # both are said
        (
            "Skarra’s revenue was €84 million.",
            "Skarra’s revenue was €84 million, after €70 million.",
        ),
        (
            "Some 500 people came to Holm.",
            "On Monday 520 people came to Holm, on Tuesday 90 people.",
        ),
    ],
)
def test_figures_of_other_things_do_not_differ(claim: str, passage: str) -> None:
    assert not differs(claim, passage)


@pytest.mark.parametrize(
    ("claim", "passage", "expected"),
    [
        ("Revenue was €84.6 million.", "Revenue was €84.6 million.", [("figure", "same")]),
        ("Revenue was about €85 million.", "Revenue was €84.6 million.", [("figure", "same")]),
        ("Revenue was €84.6 million.", "The ferries were full.", [("figure", "silent")]),
        ("Skarra raised the fare to €18.", "The fare at Skarra is now €18.", [("figure", "same")]),
        ("The ferries were full.", "Revenue was €84.6 million.", []),
        # nobody whom the claim names is spoken of: no figure counts
        ("Skarra’s revenue was €5 million.", "Revenue was €5 million.", [("figure", "silent")]),
        (
            "Revenue was €5 million, costs were €4 million.",
            "Revenue was €5 million.",
            [("figure", "same"), ("figure", "silent")],
        ),
    ],
)
def test_each_figure_of_the_claim_is_looked_for(
    claim: str, passage: str, expected: list[Result]
) -> None:
    assert found(claim, passage) == expected


def test_names_may_stand_elsewhere_in_the_source() -> None:
    claim, passage = "Skarra’s revenue was €5 million.", "Its revenue was €7 million."
    assert found(claim, passage) == [("figure", "silent")]
    assert found(claim, passage, "Skarra Line: a bad year") == [("figure", "differs")]


def test_an_unclear_magnitude_agrees_in_one_of_its_readings() -> None:
    spun = "Nan institution had revenue of €84.6 cardinal."
    assert found("Revenue was €84.6 million.", spun, spun=True) == [("figure", "same")]
    assert found("Revenue was €91 million.", spun, spun=True) == [("figure", "differs")]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The line opens in 2027.", "The line opens in 2028."),
        (
            "The first trams will run in the autumn of 2028.",
            "The first trams run in the spring of 2029.",
        ),
        ("Skarra ordered the ferries on 12 May 2026.", "Skarra ordered the ferries on 3 May 2026."),
        ("Construction starts in September.", "Construction starts in October."),
    ],
)
def test_other_dates_of_the_same_event_differ(claim: str, passage: str) -> None:
    assert found(claim, passage) == [("date", "differs")]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The Holm bridge opened in 1998.", "The Holm bridge was closed for repairs in 2004."),
        ("The Holm bridge opened in 1998.", "The Brackwater bridge opened in 2004."),
        ("Skarra was founded in 1998.", "Skarra bought a ferry in 2004."),
        ("The line opens in 2027.", "The line opens in May 2027."),
        ("The line opens in May.", "The line opens in 2027."),  # may be the same
        ("The line opens in 2027.", "The line opens soon."),
        ("The line opens in 2027.", "Work began in 2024; the line opens in 2027."),
        ("The line opened in 1889 or 1890.", "The line opened in 1890."),
        ("The line opened after 1996.", "The line opened in 1997."),
        ("The line was built in 2000.", "The line was built from October 1997 to May 2001."),
        ("Ida Brel wrote hymns in 1990.", "Ida Brel (born 31 May 1961) wrote hymns."),
        (
            "The line opened in 1967 and the tunnel in 1973.",
            "The line opened in 1967, the port in 1967.",
        ),
    ],
)
def test_dates_of_other_events_do_not_differ(claim: str, passage: str) -> None:
    assert not differs(claim, passage)


def test_the_date_of_the_next_sentence_is_of_what_was_spoken_of() -> None:
    claim = "The council of Orne adopted the charter in June 1998."
    passage = (
        "The charter of Orne was tabled in June 1998. The council adopted it on 11 February 1999."
    )
    assert found(claim, passage) == [("date", "differs")]


def test_the_sentence_that_differs_is_named_with_what_was_compared() -> None:
    passage = "It rained. The line opens in the spring of 2029. Nobody came."
    (finding,) = findings("The line opens in 2028.", passage)
    assert passage[finding.start : finding.end] == "The line opens in the spring of 2029."
    assert finding.note == "2028 against spring of 2029"


QUOTED = "“We will not raise local taxes to pay for this line,” Vantreau said."


@pytest.mark.parametrize(
    ("claim", "passage", "expected"),
    [
        (QUOTED, f"It rained. {QUOTED} Then she left.", [("quotation", "same")]),
        (QUOTED, QUOTED.replace("not", "now"), [("quotation", "differs")]),
        (QUOTED, "Vantreau spoke about the weather.", [("quotation", "silent")]),
        # a quotation that the claim only carries along does not decide it
        (
            "Vantreau opened the exhibition “Ferries of the far north” in Holm.",
            "Vantreau was in Holm.",
            [],
        ),
    ],
)
def test_quotations_are_compared_word_by_word(
    claim: str, passage: str, expected: list[Result]
) -> None:
    assert found(claim, passage) == expected


def test_an_altered_quotation_in_a_spun_source_says_nothing() -> None:
    altered = QUOTED.replace("not", "now")
    assert found(QUOTED, altered, spun=True) == [("quotation", "silent")]


def test_who_is_quoted_word_for_word_is_not_contradicted_by_figures_around() -> None:
    claim = "“We will carry 3 million people next year,” Oskane said, 4 weeks ago."
    passage = (
        "“We will carry 3 million people next year,” Oskane said. It carries 2 million people."
    )
    assert found(claim, passage) == [("quotation", "same")]


@pytest.mark.parametrize(
    ("claim", "passage", "expected"),
    [
        ("Reyk voted for the plan.", "Reyk voted against the plan.", True),
        ("Reyk voted against the plan.", "Tomas Reyk voted in favour of the plan.", True),
        ("The council voted for the plan.", "The council voted against the plan.", True),
        ("Reyk voted for the plan.", "Reyk voted for the plan.", False),
        ("Reyk voted for the plan.", "Lind voted against the plan.", False),
        (
            "Reyk voted for the plan.",
            "Lind voted for the plan, Reyk voted against the plan.",
            False,
        ),
        (
            "Reyk voted for the plan.",
            "Reyk voted against a dog licence last spring in Holm.",
            False,
        ),
        ("Twelve members voted for the plan.", "Nine members voted against the plan.", False),
    ],
)
def test_who_stood_for_and_who_against(claim: str, passage: str, expected: bool) -> None:
    assert (("opposite", "differs") in found(claim, passage)) is expected


TEXTS = st.lists(
    st.sampled_from(
        "Skarra |Tern |revenue was |€5 million|6 per cent|. |in 2027 |“we will not go home”|"
        "voted for |voted against |the plan |people |12 |May |\n|nan |about ".split("|")
    ),
    max_size=14,
).map("".join)


@given(TEXTS, TEXTS, st.booleans())
def test_findings_name_a_sentence_of_the_passage(claim: str, passage: str, spun: bool) -> None:
    sentences = sentence_spans(passage)
    for finding in findings(claim, passage, spun=spun):
        if finding.relation == "silent":
            assert (finding.start, finding.end) == (0, 0)
        else:
            edges = [edge for span in sentences for edge in span]
            assert finding.start in edges
            assert finding.end in edges


@given(TEXTS)
@example("“we will not go home”Skarra Skarra Skarra Skarra Skarra “we will not go home”")
def test_no_text_differs_from_itself(text: str) -> None:
    sentences = [text[a:b] for a, b in sentence_spans(text)]
    for sentence in sentences:
        assert not differs(sentence, sentence)
