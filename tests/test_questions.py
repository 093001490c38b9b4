"""Questions: the statement that one asks to be checked, and what kind of answer it wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text.questions import Wanted, answering, fits, foreign, statement, wanted


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Is it true that the mill burned down?", "The mill burned down."),
        ("Is it true that the mill burned down? See a.example/b?c=d.", "The mill burned down."),
        ("Was it really the case that it rained", "It rained."),
        ("How certain is it that it rained?", "It rained."),
        ("Do the sources confirm that it rained?", "It rained."),
        ("Can visitors see the mill on Sundays?", "Visitors can see the mill on Sundays."),
        ("Can the ferry take cars?", "The ferry can take cars."),
        ("Does the ferry take cars on Sundays?", "The ferry does take cars on Sundays."),
        ("Has the mill sold tickets?", "The mill has sold tickets."),
        ("Did the town council resign?", "The town council did resign."),
        ("Will the harbour board discuss?", "The harbour board will discuss."),
        ("Did Ada Berg cut the ribbon?", "Ada Berg did cut the ribbon."),
        ("Will Ada Berg resign?", "Ada Berg will resign."),
        ("Will Ada Berg resign, and for how long was she in office?", "Ada Berg will resign."),
        ("Did the town council vote to repair it?", "The town council did vote to repair it."),
        ("Has the line to Orrel reopened?", "The line to Orrel has reopened."),
        ("Was the mill built between 1865 and 1868?", "The mill was built between 1865 and 1868."),
        ("Is the next pool 19 kilometres away?", "The next pool is 19 kilometres away."),
        ("Is “The Salt Road” a forgery?", "“The Salt Road” is a forgery."),
        ("Will Berg’s plant at Orrel open in May?", "Berg’s plant at Orrel will open in May."),
        ("Didn’t she resign?", "She did resign."),
        ("Isn’t it true that the council rejected it?", "The council rejected it."),
        ("Is it true that it rained and that Berg resigned?", "It rained and Berg resigned."),
        (
            "Is it true that Berg said that it rained and that she resigned?",
            "Berg said that it rained and that she resigned.",
        ),
        ("Is the bath open?", "The bath is open."),
        ("Are the trains late today?", "The trains are late today."),
        ("Can the old ferry take heavy cars?", "The old ferry can take heavy cars."),
        ("Did the mill sell bread?", "The mill did sell bread."),
        ("Did police arrest two men?", "Police did arrest two men."),
        ("Did prices fall sharply last year?", "Prices did fall sharply last year."),
        ("Did the price rise hurt sales?", "The price rise did hurt sales."),
        ("Did the vote take place?", "The vote did take place."),
        ("Did Orrel council vote against it?", "Orrel council did vote against it."),
        ("Did Velmora and the bank merge?", "Velmora and the bank did merge."),
        ("Did the bridge not cost so much?", "The bridge did not cost so much."),
        ("Did anyone object to any plan?", "Someone did object to some plan."),
        ("Can anyone visit?", "Anyone can visit."),
        ("Won't the pool reopen?", "The pool will reopen."),
        ("Has the price of bread risen?", "The price of bread has risen."),
        ("Has the ferry ever been late?", "The ferry has been late."),
        ("Has Ada Berg, the mayor, resigned?", "Ada Berg, the mayor, has resigned."),
        ("Has the man accused of theft been freed?", "The man accused of theft has been freed."),
        ("Is the mill still open?", "The mill is still open."),
        ("Is the mill older than the bridge?", "The mill is older than the bridge."),
        ("Is the museum in Orrel free?", "The museum in Orrel is free."),
        ("Is the city building a school?", "The city is building a school."),
        ("Was the cost of the bridge €12 million?", "The cost of the bridge was €12 million."),
        ("Did the council's vote surprise anyone?", "The council's vote did surprise someone."),
        ("Do 9 out of 10 people pay?", "9 out of 10 people do pay."),
        ("Is unemployment at a record low?", "Unemployment is at a record low."),
        ("Would the tax raise prices?", "The tax would raise prices."),
        ("The mill burned down, didn't it?", "The mill burned down."),
        ("I read that the mill burned down. Is that true?", "The mill burned down."),
        ("Does the library say whether the mill closed?", "The mill closed."),
        ("The storm did break a record.", "The storm did break a record."),
        ("In 2025 the mill burned down.", "In 2025 the mill burned down."),
        (
            "Does Lundqvist import wheat? Everyone knows it. Is it true? Yes.",
            "Lundqvist does import wheat.",
        ),
        ("Did both the mayor and her deputy resign?", "Both the mayor and her deputy did resign."),
    ],
)  # fmt: skip
def test_a_question_of_yes_or_no_becomes_its_statement(question: str, expected: str) -> None:
    assert statement(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who resigned?",
        "Tell me who resigned.",
        "Storm record",
        "When did it open?",
        "Is it red or blue?",
        "Did?",
        "",
        "How is the weather?",
        "Can you see the mill?",
        "Does anybody know who built it?",
        "Did the mill close, and was it sold?",
        "Are the people who live there angry?",
        "Is running a marathon dangerous?",
        "Has the bridge planned since 1990 opened?",
        "Summarise the report.",
        "Were both the mayor and her deputy at the vote?",
        "Was the mill and its bakery closed?",
        "Is it true? The mill burned down.",
    ],
)
def test_other_questions_have_no_statement(question: str) -> None:
    assert statement(question) is None


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people came?", "people"),
        ("How many lifeguards are there?", "people"),
        ("How many buses are there?", "count"),
        ("How many tonnes of coal were burnt?", "mass"),
        ("How many euros did it bring?", "money"),
        ("What does a ticket cost?", "money"),
        ("At what price was it sold?", "money"),
        ("How much did the mill sell for?", "money"),
        ("How much rain fell?", "figure"),
        ("How long did it take?", "duration"),
        ("How long is the bridge?", "extent"),
        ("How far is the sea?", "length"),
        ("How tall is the tower?", "length"),
        ("What share of the pupils came?", "share"),
        ("When did it open?", "date"),
        ("On which day did it open?", "date"),
        ("Who opened it?", "any"),
        ("Why was it closed?", "any"),
    ],
)
def test_the_form_of_a_question_tells_what_it_wants(question: str, kind: str) -> None:
    assert wanted(question) == kind


def test_a_date_is_no_figure_and_a_figure_no_date() -> None:
    assert not fits("It opened on 3 May 2024.", "figure")
    assert fits("It opened on 3 May 2024.", "date")
    assert fits("It cost twelve million euros.", "figure")
    assert not fits("It cost twelve million euros.", "date")
    assert fits("She won in 2:26:41.", "figure")
    assert fits("Nothing is told.", "any")


@pytest.mark.parametrize(
    ("kind", "sentence", "other"),
    [
        ("money", "It was sold for €1.85 million.", "Six bidders fought for eleven minutes."),
        ("people", "Three people were hurt.", "Issued on Friday, 16 October 2026, at 3 p.m."),
        ("people", "Nineteen of them were babies.", "43,000 homes were dark."),
        ("count", "13,100 tonnes of plums were picked.", "It has two fifths of the plums."),
        ("duration", "She won in 2:26:41.", "She ran 42 kilometres."),
        ("extent", "It is 140 metres long.", "It cost 12 million euros."),
        ("length", "It stands 32 metres above the water.", "It has 11 arches."),
        ("share", "About 61 per cent were damaged.", "61 farms were damaged."),
        ("age", "Agnes, aged 81, came in last.", "Tickets cost 81 euros."),
    ],
)
def test_a_figure_answers_only_what_asks_for_its_kind(
    kind: Wanted, sentence: str, other: str
) -> None:
    assert fits(sentence, kind)
    assert not fits(other, kind)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wie hoch ist der Turm?", "de"),
        ("Combien de personnes ont été blessées ?", "fr"),
        ("¿Quién ganó el maratón?", "es"),
        ("How tall is the tower?", None),
        ("Did Velmora buy Sonarc?", None),
        ("Was Ada Berg mayor?", None),
        ("Was Łódź flooded?", None),
        ("Bayerische Motorenwerke München", None),
    ],
)
def test_a_question_in_another_language_is_told(question: str, language: str | None) -> None:
    assert foreign(question) == language


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    said = statement(text)
    assert said is None or said.endswith(".")
    kind = wanted(text)
    assert fits(text, kind) or not answering(text, kind)
    assert foreign(text) != "en"
