"""Who said what: quotations of a claim against those of a passage, and who they belong to."""

from __future__ import annotations

import pytest

from agent.rate.sayings import sayings

Pair = tuple[str, str]

SAME: list[Pair] = [
    # politics
    (
        "“The bridge will be free for everyone,” said the transport minister, Oda Renn.",
        "In the debate the transport minister, Oda Renn, gave her word. “The bridge will be free "
        "for everyone,” she said, and sat down.",
    ),
    (
        'Opposition leader Kasper Lind told reporters: "Nobody asked the villages."',
        "“Nobody asked the villages,” Kasper Lind, the leader of the opposition, told reporters.",
    ),
    (
        "Senator Ruth Amsel called the law “a letter to Father Christmas”.",
        "Ruth Amsel was the only senator to speak against it. She called the law “a letter to "
        "Father Christmas” and asked who would pay.",
    ),
    (
        "“We counted every vote twice,” the returning officer, Idris Vane, said.",
        "The result was late. “We counted,” said Idris Vane, the returning officer, “every vote "
        "twice.”",
    ),
    # sport
    (
        "“I fell, I got up, and that was the race,” said the skier Mila Horvat.",
        "Mila Horvat finished eleventh. 'I fell, I got up, and that was the race,' the skier said.",
    ),
    (
        "The coach, Benno Frick, said after the match: «We were a goal behind in our heads.»",
        "Benno Frick looked tired. “We were a goal behind in our heads,” the coach said.",
    ),
    (
        "“My knee is fine, and so is my temper,” Paula Ost said.",
        "Q: How is the knee?\nPaula Ost: My knee is fine, and so is my temper.\nQ: And the season?",
    ),
    # science
    (
        "“[The glacier] has lost a third of its ice since my father was here,” said the "
        "glaciologist Arne Tveit.",
        "“It has lost a third of its ice since my father was here,” said Arne Tveit, a "
        "glaciologist, as he drove the last stake into the snow.",
    ),
    (
        "The chemist Yara Nouri said that the finding was “a happy accident with good notes”.",
        "For the chemist Yara Nouri it was luck: “A happy accident with good notes,” she said.",
    ),
    (
        "“We do not know why the whales came back,” said Ines Baro, a marine biologist.",
        "“We don’t know why the whales came back,” said the marine biologist Ines Baro.",
    ),
    (
        "“The colour of the water tells us what grows in it,” Dr Lena Moss said.",
        "“The color of the water tells us what grows in it,” said Lena Moss.",
    ),
    # business
    (
        "“We lost money […] and we learned a lot,” said Hugo Carr, who runs Tidewell.",
        "“We lost money, more than the board had been told, and we learned a lot,” Hugo Carr, "
        "chief executive of Tidewell, said at the annual meeting.",
    ),
    (
        "Tidewell said in a statement that it “regrets the delay and will refund all customers”.",
        "The parcels did not arrive. “Tidewell regrets the delay and will refund all customers,” "
        "the company said in a statement.",
    ),
    (
        "According to the union's chairwoman, Vera Holt, the offer “is too little and too late”.",
        "“The offer is too little and too late,” said Vera Holt, who chairs the union.",
    ),
    # court
    (
        "In his ruling, Judge Emil Sand wrote that “silence is not consent to a rise in rent”.",
        "“Silence is not consent to a rise in rent,” Judge Emil Sand wrote. The tenants won.",
    ),
    (
        "The witness, Tom Arden, told the court: “The door was open and the light was on.”",
        "Tom Arden was the first witness. “The door was open,” he told the court. “And the light "
        "was on.”",
    ),
    # culture
    (
        "“A film is finished when the money is,” the director Salma Idris said.",
        "Asked when a film is finished, the director Salma Idris laughed. “Well, a film is "
        "finished when the money is.”",
    ),
    (
        "The novelist Per Aas said that he “never reads on trains”.",
        "“I write on trains,” said the novelist Per Aas. He never reads there. “Everybody knows "
        "that Per Aas never reads on trains,” he said of himself.",
    ),
    (
        "“The audience decides, not the critics,” the tenor Luca Brandt said in Vellin.",
        "In Vellin, the tenor Luca Brandt spoke to students. “The audience decides, not the "
        "critics. The rest is lighting.”",
    ),
]

ALTERED: list[Pair] = [
    (
        "“The bridge will be free for everyone,” said the transport minister, Oda Renn.",
        "“The bridge will be free for residents,” said the transport minister, Oda Renn.",
    ),
    (
        "“We must raise the fares,” said Ada Voll, who runs the buses.",
        "“We may raise the fares,” said Ada Voll, who runs the buses.",
    ),
    (
        "“I was paid for the interview,” the actor Noel Garde said.",
        "“I was not paid for the interview,” the actor Noel Garde said on Monday.",
    ),
    (
        "“Every child will get a place,” the mayor, Ute Kern, said.",
        "“Almost every child will get a place,” the mayor, Ute Kern, said.",
    ),
    (
        "“We have never lost a patient to this disease,” said Dr Omar Said.",
        "“We have rarely lost a patient to this disease,” said Dr Omar Said.",
    ),
    # cut off from what makes it something else
    (
        "“We will build the stadium,” the club’s president, Ivo Marr, said.",
        "“We will build the stadium if the city gives us the land,” said Ivo Marr, the president "
        "of the club.",
    ),
    (
        "“We will build the stadium,” the club’s president, Ivo Marr, said.",
        "“If the city gives us the land, we will build the stadium,” said the club’s president, "
        "Ivo Marr.",
    ),
    (
        "“We will build the stadium,” the club’s president, Ivo Marr, said.",
        "“We will build the stadium,” Ivo Marr, the club’s president, said, “unless the voters "
        "stop us.”",
    ),
    (
        "“The dam is safe,” said the engineer Greta Lohr. “The dam is safe for a hundred years.”",
        "“I never claimed that the dam is safe for a hundred years,” said the engineer Greta Lohr.",
    ),
    (
        "The critic Jon Vasse called the play “the best thing on any stage”.",
        "“It is not the best thing on any stage,” the critic Jon Vasse wrote, “but it is the "
        "loudest.”",
    ),
    (
        "“The vaccine does more harm than good,” said Professor Ilse Brahm.",
        "“People say that the vaccine does more harm than good,” said Professor Ilse Brahm. “The "
        "figures say the opposite.”",
    ),
    (
        "“I do […] want to lead this party,” Anna Reth said.",
        "“I do not want to lead this party,” Anna Reth said.",
    ),
    (
        "“I did not take the money,” said the treasurer, Rolf Ekman.",
        "“I did not take the money to keep it,” said the treasurer, Rolf Ekman. “I took it to pay "
        "the players.”",
    ),
    (
        "“The old town is lost,” the architect Tilda Maurer wrote.",
        "“The old town is lost,” the architect Tilda Maurer wrote. “Or so I thought until the "
        "spring.”",
    ),
    (
        "“We shall sell the forest,” said the countess, Marie Holm.",
        "“We shall sell the forest only when the last oak has died,” the countess, Marie Holm, "
        "said.",
    ),
]

MISATTRIBUTED: list[Pair] = [
    (
        "“The fish were dead before the spill,” said the minister, Aron Felt.",
        "The minister, Aron Felt, visited the bay. “The fish were dead before the spill,” a "
        "company director, Nora Quist, told him.",
    ),
    (
        "“I should have passed the ball,” the striker, Dani Roux, admitted.",
        "“I should have passed the ball,” said the midfielder Leo Stamm. The striker, Dani Roux, "
        "did not want to talk.",
    ),
    (
        "Judge Clara Wen said: “This company has lied to its customers for years.”",
        "The prosecutor, Mats Oker, spoke for an hour. “This company has lied to its customers "
        "for years,” he said. Judge Clara Wen will rule in May.",
    ),
    (
        "According to the biologist Femke Dahl, the wolves are “thin, few and afraid of us”.",
        "The wolves are “thin, few and afraid of us”, according to the forester Hans Grau. The "
        "biologist Femke Dahl disagrees.",
    ),
    (
        "“Our prices will not rise this year,” promised Brightwell’s chief executive, Sue Tarn.",
        "“Our prices will not rise this year,” Alan Moor of Clearstream promised. Sue Tarn, the "
        "chief executive of Brightwell, would not follow him.",
    ),
    (
        "It was the pianist, Olga Fenn, who said: “Applause is the rent we pay.”",
        "Olga Fenn, the pianist, bowed. Her teacher, Karl Brod, had once told her: “Applause is "
        "the rent we pay.”",
    ),
    (
        "The mayor said that the square was “a car park with a fountain”.",
        "“The square is a car park with a fountain,” said the baker, Rosa Timm. The mayor, Egon "
        "Falk, smiled.",
    ),
]

SILENT: list[Pair] = [
    # the words are not there
    (
        "“There will be no second term,” said President Ines Vogt.",
        "President Ines Vogt spoke for an hour about her plans. “The work is not done,” she said.",
    ),
    (
        "The surgeon Pell Ardo said of the strike: “We stand with the nurses on this.”",
        "The surgeon Pell Ardo was asked about the strike and listed the operations that had been "
        "put off.",
    ),
    (
        "The captain described the crossing as “the longest night of my life”.",
        "The captain, Jana Rost, described the crossing. The waves were nine metres high.",
    ),
    # the quotation goes on where the passage ends
    (
        "“The results are promising, and we shall have a vaccine by the summer,” Vik Lahti said.",
        "“The results are promising,” said Vik Lahti. He gave no date.",
    ),
    # nobody knows who said it
    (
        "“The lights went out before the shot,” said the caretaker, Sol Amber.",
        "“The lights went out before the shot,” a witness said. The caretaker, Sol Amber, and two "
        "guests were in the house.",
    ),
    (
        "Minister Runa Falk said: “This treaty is dead.”",
        "“This treaty is dead,” one of the ministers is reported to have said. Runa Falk and "
        "Bo Steen were both in the room.",
    ),
    # another one said nearly the same
    (
        "“We did not deserve to win this match,” said the captain, Ole Brand.",
        "“We did not deserve to lose this match,” said the goalkeeper, Finn Maar. The captain, Ole "
        "Brand, went home.",
    ),
]

NOT_ABOUT_WORDS: list[Pair] = [
    (
        "The film “A Winter Without Any Snow” won the prize in Vellin.",
        "“A Winter Without Any Snow” was shown in Vellin; the prize went to another film.",
    ),
    ("Oda Renn did not say “the bridge will be free for everyone”.", "“The bridge will be free.”"),
    ("The ferries were full.", "“The ferries were full,” said Oda Renn."),
]


def relations(pair: Pair) -> list[tuple[str, str]]:
    return [(finding.what, finding.relation) for finding in sayings(*pair)]


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: pair[0][:40])
def test_the_same_words_of_the_same_speaker_are_the_same(pair: Pair) -> None:
    assert set(relations(pair)) == {("quotation", "same")}


@pytest.mark.parametrize("pair", ALTERED, ids=lambda pair: pair[0][:40])
def test_other_words_of_the_same_speaker_differ(pair: Pair) -> None:
    assert ("quotation", "differs") in relations(pair)


@pytest.mark.parametrize("pair", MISATTRIBUTED, ids=lambda pair: pair[0][:40])
def test_the_words_of_somebody_else_differ_in_the_speaker(pair: Pair) -> None:
    assert relations(pair) == [("speaker", "differs")]


@pytest.mark.parametrize("pair", SILENT, ids=lambda pair: pair[0][:40])
def test_words_that_are_not_there_or_nobodys_decide_nothing(pair: Pair) -> None:
    assert [relation for _, relation in relations(pair)] == ["silent"]


@pytest.mark.parametrize("pair", NOT_ABOUT_WORDS, ids=lambda pair: pair[0][:40])
def test_a_claim_that_is_not_about_what_was_said_is_left_alone(pair: Pair) -> None:
    assert relations(pair) == []
