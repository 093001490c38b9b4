"""Who said what: quotations of a claim against those of a passage, and who they belong to."""

from __future__ import annotations

import pytest

from agent.compare.sayings import sayings

Pair = tuple[str, str]

SAME: list[Pair] = [
    # what was left out is a clause of its own, and turns nothing
    (
        "“He has five boats already,” said the harbour master, Ane Lind.",
        "“It doesn’t matter that he has lost his ferry, he has five boats already,” said the "
        "harbour master, Ane Lind.",
    ),
    (
        "“I know it is not to everyone’s taste,” said the harbour master, Ane Lind.",
        "“I know it is not to everyone’s taste but my daughter likes it,” said the harbour master, "
        "Ane Lind.",
    ),
    # who tells it to whom is no label
    (
        "The fisher explains: “I had parked my car and was walking to the lake.”",
        "“I had parked my car and was walking to the lake,” the fisher told the paper.",
    ),
    (
        "Dora Conn said she was “just riding around and singing loudly”.",
        "Dora Conn told her tale. She told Kmov.example: “I was just riding around singing "
        "loudly.”",
    ),
    # written in haste, and mended by an editor
    (
        "“Im blind in one eye and they took it out,” Dora Conn wrote.",
        "“[I’m] blind in one eye and they took it out,” Dora Conn wrote.",
    ),
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
    (
        'The captain of the lifeboat, Ewan Strake, put it like this: "You do not ask the '
        'sea for permission."',
        "For thirty years Ewan Strake has steered the lifeboat at Gannet Head. What has he "
        'learned? "You do not ask the sea for permission," says the captain.',
    ),
    (
        "‘Poetry is what the minutes leave out,’ said the town clerk, Hilde Mohn, who "
        "writes sonnets.",
        "The town clerk writes sonnets. Asked by Weekly Post why, Hilde Mohn replied: "
        "“Poetry is what the minutes leave out.”",
    ),
    (
        "“[They] paid us in potatoes,” recalled the actress Lona Beck.",
        'Lona Beck began on village stages. "The farmers paid us in potatoes," the actress '
        "recalled in a radio talk in 2011.",
    ),
    (
        "In a letter to shareholders, Otto Hagen wrote that Norhavn had “forgotten what it "
        "was for”.",
        "“Norhavn had forgotten what it was for,” Otto Hagen, its chairman, wrote to "
        "shareholders in April.",
    ),
    (
        "Asked about the leak, the minister, Bea Troll, answered with five words: “I have "
        "nothing to add.”",
        "Journalists asked about the leak. Minister Bea Troll shook her head. “I have "
        "nothing to add,” she answered and closed the door of the car.",
    ),
    (
        "“we sold the last cow so that she could study”, the father of the laureate, Jakub "
        "Wend, told the paper.",
        "The laureate comes from a farm. ‘We sold the last cow so that she could study,’ "
        "her father, Jakub Wend, told this newspaper.",
    ),
    (
        'The referee, Amo Diaz, wrote in his report: "The ball was over the line."',
        "From the report of the referee, Amo Diaz: The ball was over the line. My assistant "
        "raised his flag at once. The home side protested.",
    ),
    (
        "“What we found in the cellar belongs in a museum,” said Petra Volkov, an archaeologist.",
        "“What we found in the cellar,” said Petra Volkov, an archaeologist at the "
        "university, “belongs in a museum.”",
    ),
    (
        "Former champion Zoe Hale said of the new rule: “It punishes the honest.”",
        "The new rule divides the sailors. “It punishes the honest and rewards the "
        "lawyers,” said Zoe Hale, who was champion in 1998.",
    ),
    (
        "The choir’s leader, Matti Lund, called the evening “a small miracle with wet shoes”.",
        "It rained on the concert. For Matti Lund, who leads the choir, it was nonetheless "
        "“a small miracle with wet shoes”.",
    ),
    (
        "“The patient comes first, then the paper,” said Head Nurse Ilka Faber.",
        "Ilka Faber has been head nurse since March. She has a rule, and she repeats it "
        "every morning: “The patient comes first, then the paper.”",
    ),
    (
        "Greta Oll told the inquiry: “I locked the gate at nine.”",
        "Q. When did you lock the gate, Ms Oll?\nA. I locked the gate at nine.\nQ. And the "
        "key?\nA. It hung in the kitchen.",
    ),
    (
        "“Nobody here is above the rules,” said Inspector Noa Brandt.",
        '"Nobody here is above the rules," Inspector Brandt said when the verdict was read. '
        "She has led the unit for six years.",
    ),
    (
        "Ida Mann, who wrote the report, said the port was “an accident with a timetable”.",
        "The report is 200 pages long. Its author, Ida Mann, needed six words at the "
        "presentation: the port was “an accident with a timetable”.",
    ),
    (
        "“There is no money left to give,” said Ella Strom, the treasurer.",
        "The treasurer, Ella Strom, and the chairman, Paul Ness, quarrelled. “Give the "
        "money back,” said Ness. “There is no money left to give,” Strom replied.",
    ),
    (
        "“I have slept in worse places,” said the explorer, laughing.",
        "“I have slept in worse places,” said the explorer, Jorun Vik.",
    ),
    (
        "The company’s spokeswoman, Alma Gray, said the plant was “safe, clean and for sale”.",
        "Who will buy the plant? It is “safe, clean and for sale”, says Alma Gray, "
        "spokeswoman for the company.",
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


CUT_OR_MISATTRIBUTED: list[Pair] = [
    (
        "“He has five boats already,” said the harbour master, Ane Lind.",
        "“I don’t believe,” said the harbour master, Ane Lind, “he has five boats already.”",
    ),
    (
        "The harbour master, Ane Lind, said she was “not in a position to confirm the loss”.",
        "The harbour master, Ane Lind, said she was “not in a position to confirm the loss of the "
        "boat or the crew”.",
    ),
    (
        "“The school is closing,” said the head teacher, Arne Boll.",
        "“The school is closing? Not while I am here,” said the head teacher, Arne Boll.",
    ),
    (
        "“I am proud of this defeat,” said the manager, Uwe Stahl.",
        "“I would be lying if I said I am proud of this defeat,” said the manager, Uwe Stahl.",
    ),
    (
        "“It is the finest hotel on the coast,” wrote the critic Mara Finch.",
        "“It is the finest hotel on the coast, if you never leave the bar,” wrote the "
        "critic Mara Finch.",
    ),
    (
        "The judge, Leif Arno, called the witness “a reliable man”.",
        "“Nobody could call him a reliable man,” the judge, Leif Arno, said of the witness.",
    ),
    (
        "“I will vote for the treaty,” declared the deputy Sana Reyes.",
        "“I will vote for the treaty when the sea freezes over,” the deputy Sana Reyes "
        "declared to laughter.",
    ),
    (
        "“I hit him,” the boxer Vin Otero admitted. “I hit him after the bell.”",
        "“I did not hear it. They say that I hit him after the bell,” said the boxer Vin Otero.",
    ),
    (
        "“My brother is guilty,” said Aksel Riis.",
        "“If my brother is guilty, so am I,” said Aksel Riis.",
    ),
    (
        "The author Tove Lind said that she had been “happy in that marriage”.",
        "“I was never happy in that marriage,” the author Tove Lind said.",
    ),
    (
        "“This medicine works for everyone,” said Dr Rhea Costa.",
        "“This medicine works for almost everyone,” said Dr Rhea Costa.",
    ),
    (
        "“We are leaving the league,” said the club’s chairman, Dirk Lamm.",
        "“We are leaving the league only in the newspapers,” said the chairman of the club, "
        "Dirk Lamm.",
    ),
    (
        "The defender, Ken Aoki, said: “I never saw the card.”",
        "Ken Aoki was sent off in the tenth minute. His coach, Lara Benn, was furious "
        "afterwards. “I never saw the card,” said Benn.",
    ),
    (
        "“Let them read the contract,” said the airline’s lawyer, Gus Ferro.",
        "“Let them read the contract,” said Dana Holt, who represents the passengers. Gus "
        "Ferro, the airline’s lawyer, declined to comment.",
    ),
    (
        "Tidewell’s chief executive said that the merger was “dead and buried”.",
        "“The merger is dead and buried,” said a banker, Nils Orr. Hugo Carr, chief "
        "executive of Tidewell, said talks went on.",
    ),
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


@pytest.mark.parametrize("pair", CUT_OR_MISATTRIBUTED, ids=lambda pair: pair[0][:40])
def test_words_cut_from_what_turns_them_or_of_somebody_else_differ(pair: Pair) -> None:
    assert "differs" in [relation for _, relation in relations(pair)]


ASKED_OR_OF_ANOTHER: list[tuple[str, str, str, str]] = [
    (
        "speaker", "differs", "Carla Munt said, “Cyclists should pay a road tax.”",
        "Did Carla Munt say “Cyclists should pay a road tax”? No. It was a sketch.",
    ),
    (
        "quotation", "same", "Carla Munt said, “Cyclists should pay a road tax.”",
        "Did Carla Munt say “Cyclists should pay a road tax”? Yes, on Friday.",
    ),
    (
        "quotation", "silent", "The minister said, “I never saw the report.”",
        "Did the minister say “I never saw the report”? Her office did not answer.",
    ),
    (
        "quotation", "differs",
        "According to Iris Hale, Torland was “the quietest corner of the kingdom”.",
        "Iris Hale wrote that Merland was “the quietest corner of the kingdom”. Torland lay north.",
    ),
    (
        "quotation", "same",
        "According to Iris Hale, Merland was “the quietest corner of the kingdom”.",
        "Iris Hale wrote that Merland was “the quietest corner of the kingdom”. Torland lay north.",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", ASKED_OR_OF_ANOTHER, ids=lambda case: " ".join(case[:2]))
def test_words_that_are_asked_about_or_of_another_are_not_simply_said(
    case: tuple[str, str, str, str],
) -> None:
    what, relation, claim, passage = case
    assert relations((claim, passage)) == [(what, relation)]
