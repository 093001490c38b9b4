"""Who said what, told without quotation marks."""

from __future__ import annotations

import pytest

from agent.compare.sayings import sayings

Pair = tuple[str, str]


def relations(pair: Pair) -> list[tuple[str, str]]:
    return [(finding.what, finding.relation) for finding in sayings(*pair)]


REPORTED_OTHERWISE: list[Pair] = [
    (
        "Ida Crane said that the bypass would be finished by summer.",
        "“The bypass will not be finished by summer,” said Ida Crane, the mayor.",
    ),
    (
        "Ida Crane said that the bypass was not too dear.",
        "The mayor, Ida Crane, said that the bypass was too dear.",
    ),
    (
        "The biologist Femke Dahl said that the wolves had left the valley.",
        "The forester Hans Grau said that the wolves had left the valley. The biologist "
        "Femke Dahl has no opinion.",
    ),
    (
        "According to Vera Holt, the strike will end on Monday.",
        "According to Desmond Rook, the strike will end on Monday. Vera Holt was not there.",
    ),
    (
        "Tom Arden told the court that he had locked the door of the house.",
        "Tom Arden told the court that he had not locked the door of the house.",
    ),
    (
        "Judge Clara Wen wrote that the tenants had paid the rent in full.",
        "The landlord, Otto Beck, wrote that the tenants had paid the rent in full. Judge "
        "Clara Wen rules in May.",
    ),
    (
        "Mila Horvat said that she would race again this winter.",
        "“I will not race again this winter,” Mila Horvat said.",
    ),
    (
        "Arne Tveit said that the glacier had not lost any ice.",
        "Arne Tveit said that the glacier had lost a third of its ice. No ice is lost in winter.",
    ),
]
REPORTED_LEFT_ALONE: list[Pair] = [
    (
        "Ida Crane said that the bypass would be finished by summer.",
        "“The bypass will be finished by summer,” said Ida Crane.",
    ),
    (
        "Ida Crane said that the bypass would be finished by summer.",
        "The mayor, Ida Crane, and her treasurer, Lew Pettifer, said the bypass would be "
        "finished by summer.",
    ),
    (
        "Vera Holt said that the strike would end on Monday.",
        "Vera Holt said: “The strike ends on Monday.” Desmond Rook said that the strike "
        "would end on Monday, too.",
    ),
    (
        "Mila Horvat said that she would race again.",
        "Her coach, Per Aas, said that she was tired. Horvat said she would race again.",
    ),
    (
        "The museum said that the painting was genuine.",
        "The director of the museum, Anna Reth, said that the painting was genuine.",
    ),
    (
        "Brannoch Energy said that the cable was safe for the fish.",
        "Ann Roe, who leads Brannoch Energy, said that the cable was safe for the fish.",
    ),
    (
        "Dana Holt said that the airline had broken the contract.",
        "“They broke the contract,” said Dana Holt, meaning the airline.",
    ),
    (
        "Hugo Carr said that Tidewell would close two shops.",
        "A union said that Tidewell would close two shops. Hugo Carr declined to comment.",
    ),
]


@pytest.mark.parametrize("pair", REPORTED_OTHERWISE, ids=lambda pair: pair[0][:40])
def test_a_reported_statement_differs_by_a_denial_or_by_who_made_it(pair: Pair) -> None:
    assert [relation for _, relation in relations(pair)] == ["differs"]


@pytest.mark.parametrize("pair", REPORTED_LEFT_ALONE, ids=lambda pair: pair[0][:40])
def test_a_reported_statement_that_may_be_the_same_is_left_to_a_model(pair: Pair) -> None:
    assert relations(pair) == []
