"""Claims by rules: what is a claim, what is left out and why, and how a claim reads alone."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.claims import Split, coverage, excluded, finish
from agent.claims.clauses import clauses
from agent.claims.finite import has_verb
from agent.claims.rules import RuleSplitter
from agent.errors import ReportError
from agent.types import Article, Claim, Coverage


def article(text: str, **known: str | None) -> Article:
    return Article.model_validate({"id": "a-1", "text": text, **known})


def split(text: str, **known: str | None) -> Split:
    return asyncio.run(RuleSplitter().split(article(text, **known), lambda *_: None))


def claims(text: str, **known: str | None) -> list[str]:
    """The claims' texts."""
    return [claim.text for claim in split(text, **known).claims]


def reasons(text: str, **known: str | None) -> list[tuple[str, str]]:
    """(quote, reason) of what is left out."""
    return [(item.quote, item.reason) for item in split(text, **known).excluded]


# --- what is a claim ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "The council approved the plan by 23 votes to 11.",
        "Skarra Line’s revenue was €84.6 million.",
        "Nobody was hurt in the fire at the shipyard.",
        "“We will not raise local taxes,” Mayor Vantreau told the council.",
        "Construction is due to start in September.",
        "She called the plan a disgraceful waste, Reyk said.",  # an opinion that is reported
        "According to Reyk, the fares are far too high.",
        "It’s the longest bridge in the country.",
    ],
)
def test_a_statement_that_sources_could_settle_is_a_claim(sentence: str) -> None:
    result = split(f"{sentence}\n\nAnother thing was said by nobody at the town hall.")
    assert result.claims[0].quote == sentence


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Is it worth the money?", "question"),
        ("This is a splendid plan and a brave one.", "opinion"),
        ("The town ought to be ashamed of its harbour.", "opinion"),
        ("Perhaps the winter will be mild.", "not_checkable"),
        ("Whether it will work remains to be seen.", "not_checkable"),
        ("Not everyone was persuaded.", "not_checkable"),
        ("A bridge of steel and glass.", "incomplete"),
        ("By Ida Moor", "boilerplate"),
        ("Published on 12 May 2026 at 9:30", "boilerplate"),
        ("Photo: Ida Moor / Harbour Press", "boilerplate"),
        ("© 2026 Harbour Press. All rights reserved.", "boilerplate"),
        ("Subscribe to our newsletter to get the news.", "boilerplate"),
        ("We use cookies to improve your visit.", "boilerplate"),
        ("Ida Moor is a senior reporter at the Harbour Press.", "boilerplate"),
        ("Welcome to the evening briefing.", "boilerplate"),
        ("What the harbour needs now", "boilerplate"),
        ("cheap-boats.com best-ferry.net sail.org harbour.info", "boilerplate"),
    ],
)
def test_what_is_no_claim_is_left_out_with_its_reason(sentence: str, reason: str) -> None:
    text = f"The bridge was opened in 1998.\n\n{sentence}\n\nIt is 400 metres long."
    assert (reasons(text) or [("", "")])[0][1] == reason


def test_the_biography_below_an_article_is_left_out_whole() -> None:
    text = (
        "The bridge was opened in 1998.\n\n"
        "Ida Moor is a reporter at the Press. She lives in Holm with two cats."
    )
    assert [reason for _, reason in reasons(text)] == ["boilerplate", "boilerplate"]


def test_the_headline_and_the_author_are_left_out_where_they_stand_in_the_text() -> None:
    text = "Bridge was opened\n\nIda Moor\n\nThe bridge was opened in 1998."
    result = split(text, title="Bridge was opened", author="Ida Moor")
    assert [item.quote for item in result.excluded] == ["Bridge was opened", "Ida Moor"]
    assert [claim.quote for claim in result.claims] == ["The bridge was opened in 1998."]


def test_what_is_said_again_is_a_further_place_of_one_claim() -> None:
    text = "The bridge was opened in 1998. It was raining. The bridge was opened in 1998!"
    result = split(text)
    assert [claim.id for claim in result.claims] == ["c1", "c2"]
    assert [text[a:b] for a, b in result.claims[0].also_at] == ["The bridge was opened in 1998!"]
    assert result.excluded == []


def test_coverage_counts_every_sentence_once() -> None:
    text = (
        "The bridge was opened in 1998. Is it safe? The bridge was opened in 1998! "
        "The mayor closed it on Friday, and the council paid €3 million for repairs."
    )
    whole = article(text)
    counts = coverage(whole, split(text))
    assert counts == Coverage(sentences=4, claimed=3, set_aside=1)


def test_a_sentence_that_got_lost_is_refused_and_named() -> None:
    whole = article("The bridge was opened in 1998. It was closed in 2024.")
    with pytest.raises(ReportError, match=r"1 of 2 sentences .* 'The bridge was opened in 1998\.'"):
        coverage(whole, Split([], [excluded(whole, 31, 53, "opinion", "")]))


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("ab A.!?\n“”1€"), max_size=120))
def test_no_text_loses_a_sentence(text: str) -> None:
    if text.strip():
        counts = coverage(article(text), split(text))
        assert counts.claimed + counts.set_aside == counts.sentences


@pytest.mark.parametrize("text", ["Hello.", "!!!", "Why?", "A B C"])
def test_an_article_may_hold_no_claim(text: str) -> None:
    result = split(text)
    assert result.claims == []
    assert result.excluded


# --- clauses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        (
            "Revenue was €84 million, while the net profit was €6 million.",
            ["Revenue was €84 million", "the net profit was €6 million."],
        ),
        (
            "The line is open; the bridge will follow in the next year.",
            ["The line is open", "the bridge will follow in the next year."],
        ),
        (
            "The council approved the plan, but the mayor has not signed it.",
            ["The council approved the plan", "the mayor has not signed it."],
        ),
        # held together: one statement, a list, a quotation, what somebody said
        ("Revenue, costs and profit rose in the year.", None),
        ("The council met, and agreed.", None),
        ("“The line is open, and the bridge will follow it soon,” she said.", None),
        ("Reyk said that the line is open, and that the bridge will follow.", None),
        ("The line (long, and winding through hills of granite) was opened.", None),
        ("While the council met, it rained.", None),
    ],
)
def test_clauses_that_hold_or_fall_alone_are_told_apart(
    sentence: str, parts: list[str] | None
) -> None:
    assert [sentence[a:b] for a, b in ((c.start, c.end) for c in clauses(sentence))] == (
        parts or [sentence]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The council met.", True),
        ("It’s late.", True),
        ("The council’s new ferry", False),
        ("A red boat", False),
        ("Needed: a boat", True),
        ("", False),
    ],
)
def test_finite_verbs(text: str, expected: bool) -> None:
    assert has_verb(text) is expected


# --- claims that read alone ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Mayor Ilse Vantreau told the council about it. She expects 21,000 passengers a day.",
            "Ilse Vantreau expects 21,000 passengers a day.",
        ),
        (
            "Mayor Ilse Vantreau told the council about it. Her party has 12 seats.",
            "Ilse Vantreau’s party has 12 seats.",
        ),
        (
            "Skarra Line has nine ferries. Its revenue was €84 million.",
            "Skarra Line’s revenue was €84 million.",
        ),
        (
            "Skarra Line has nine ferries. The company was founded in 1921.",
            "Skarra Line was founded in 1921.",
        ),
        ("Meanwhile, the bridge was closed.", "The bridge was closed."),
        # nobody was named: left alone
        (
            "The mayor spoke about it. She expects 21,000 passengers.",
            "She expects 21,000 passengers.",
        ),
        ("It rained all day long. Its revenue was €84 million.", "Its revenue was €84 million."),
        # the company is named in the sentence itself
        (
            "Skarra Line has nine ferries. At Skarra Line, the company dogs are fed well.",
            "At Skarra Line, the company dogs are fed well.",
        ),
    ],
)
def test_pronouns_are_written_out_where_it_is_clear_whose(text: str, expected: str) -> None:
    assert claims(text)[-1] == expected


@pytest.mark.parametrize(
    "text",
    [
        # two people were named since: whose it is is not clear
        "Ilse Vantreau said it was late. Tomas Reyk and Ida Moor agreed. She left the hall.",
        "Ilse Vantreau met Ida Moor on the pier. She was late.",
        "In the hall, Mayor Ilse Vantreau and Dr. Ida Moor were late. She left the hall.",
        # a title or an earlier sentence tells that it is somebody else
        "Mr. Tomas Reyk said it was late. She left the hall.",
    ],
)
def test_a_pronoun_that_may_be_of_two_people_is_left_alone(text: str) -> None:
    assert claims(text)[-1].startswith("She ")


def test_a_person_who_was_she_is_not_he() -> None:
    text = "Mayor Ilse Vantreau spoke. She opened the line. He closed it again."
    assert claims(text)[-1] == "He closed it again."


def test_of_two_people_the_one_who_opens_the_sentence_is_meant() -> None:
    text = "Mayor Ilse Vantreau said that President Tomas Reyk was wrong. She left the hall."
    assert claims(text)[-1] == "Ilse Vantreau left the hall."


def test_what_was_added_is_listed() -> None:
    (_, claim) = split(
        "Mayor Ilse Vantreau spoke. She opened the line last year.", published_at="2026-05-14"
    ).claims
    assert claim.text == "Ilse Vantreau opened the line last year (2025)."
    assert claim.context_added == ["Ilse Vantreau", "2025"]
    assert claim.quote == "She opened the line last year."


def test_relative_days_are_resolved_against_the_day_of_publication() -> None:
    sentence = "The bridge was closed on Tuesday."
    assert claims(sentence, published_at="2026-05-14") == [
        "The bridge was closed on Tuesday (12 May 2026)."
    ]
    assert claims(sentence) == [sentence]
    assert claims(sentence, published_at="2026-05") == [sentence]


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("“We will not raise local taxes,” Vantreau said.", "quotation"),
        ("The line will carry 21,000 passengers a day.", "forecast"),
        ("Vantreau expects 21,000 passengers a day.", "forecast"),
        ("The line carries 21,000 passengers a day.", "quantity"),
        ("The line was opened by the king in May 1998.", "fact"),
        ("The “agentic” ferry was opened by the king.", "fact"),
    ],
)
def test_kinds(sentence: str, kind: str) -> None:
    assert [claim.kind for claim in split(sentence).claims] == [kind]


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("“We will not raise local taxes,” Ilse Vantreau said.", "Ilse Vantreau"),
        ("“We will not raise local taxes,” said Ilse Vantreau.", "Ilse Vantreau"),
        ("The line is late, according to Tomas Reyk.", "Tomas Reyk"),
        ("Mayor Ilse Vantreau said the line was late.", "Ilse Vantreau"),
        ("Ursula von der Weide said the line was late.", "Ursula von der Weide"),
        ("The line was opened in 1998.", None),
        ("She said the line was late.", None),
        ("On Monday, officials said the line was late.", None),
        ("The sign reads: “Ilse Vantreau said nothing at all”.", None),
    ],
)
def test_speakers(sentence: str, speaker: str | None) -> None:
    assert [claim.speaker for claim in split(sentence).claims] == [speaker]


def test_a_surname_is_the_person_named_before() -> None:
    text = "Mayor Ilse Vantreau spoke. “We will not raise local taxes,” Vantreau said."
    assert [claim.speaker for claim in split(text).claims][-1] == "Ilse Vantreau"


SPUN = (
    "Nan ferry institution had gross of €84 cardinal successful nan first 4th of 2026. Nan caller "
    "squad will commencement pinch nan boat successful nan outpouring. Nary sailing was cancelled."
)


def test_spun_text_is_read_back_and_quoted_as_it_stands() -> None:
    result = split(SPUN)
    assert result.claims[0].text == (
        "The ferry company had gross of €84 cardinal in the first quarter of 2026."
    )
    assert result.claims[0].quote.startswith("Nan ferry institution had gross")
    assert "plain reading of machine-spun words" in result.claims[0].context_added


# --- what always holds --------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(
        "The mayor said |She |Its revenue was |€5 million|, while |, and the council has |; |. |? |"
        "\n\n|“We will not go home now” |Ilse Vantreau |Skarra Line |By Ida Moor\n|perhaps |(|) |"
        "on Tuesday |nan |the company’s |last year |Mr. |— but the |a.com b.net |😀|e\u0301".split(
            "|"
        )
    ),
    st.text(max_size=8),
)


@given(st.lists(PIECES, min_size=1, max_size=16).map("".join))
def test_every_letter_is_in_a_claim_or_an_exclusion(text: str) -> None:
    text = text or "x"
    result = split(text, published_at="2026-05-14", title="The mayor said")
    spans = sorted(
        [(c.start, c.end) for c in result.claims] + [(e.start, e.end) for e in result.excluded]
    )
    assert all(text[c.start : c.end] == c.quote for c in result.claims)
    assert all(text[e.start : e.end] == e.quote for e in result.excluded)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    assert [claim.id for claim in result.claims] == [f"c{n + 1}" for n in range(len(result.claims))]
    assert all(claim.text.strip() for claim in result.claims)
    # Between clauses only the boundary (`, while`) is left out.
    rest = text
    for start, end in reversed(spans):
        rest = rest[:start] + " " + rest[end:]
    assert all(
        word in {"while", "whereas", "but", "and"}
        for word in "".join(c if c.isalnum() else " " for c in rest.lower()).split()
    )


def test_progress_is_told_for_each_sentence() -> None:
    told: list[tuple[int, int]] = []
    text = "It rained. The bridge was closed. Why?"
    asyncio.run(RuleSplitter().split(article(text), lambda done, total: told.append((done, total))))
    assert told == [(1, 3), (2, 3), (3, 3)]


def claim(text: str, start: int, quote: str) -> Claim:
    return Claim(id="c0", text=text, quote=quote, start=start, end=start + len(quote))


def test_a_quote_that_is_not_at_its_offsets_is_refused() -> None:
    subject = article("It rained. The bridge was closed.")
    assert [c.id for c in finish(subject, [claim("x", 0, "It rained.")], []).claims] == ["c1"]
    for wrong in (claim("x", 1, "It rained."), claim("x", 0, ""), claim("x", 0, "It snowed.")):
        with pytest.raises(ReportError):
            finish(subject, [wrong], [])
    left_out = excluded(subject, 0, 10, "opinion", "x").model_copy(update={"start": 2})
    with pytest.raises(ReportError):
        finish(subject, [], [left_out])


def test_claims_are_numbered_in_the_order_of_the_article() -> None:
    subject = article("It rained. The bridge was closed.")
    result = finish(
        subject, [claim("b", 11, "The bridge was closed."), claim("a", 0, "It rained.")], []
    )
    assert [(c.id, c.text) for c in result.claims] == [("c1", "a"), ("c2", "b")]


@pytest.mark.parametrize(
    "sentence",
    [
        "The union votes on a strike on March 20.",
        "The dam stores 3 billion litres of water.",
        "Lyon beat Paris 3-1.",
        "The tax raises $40 million a year.",
        "The law bans plastic bags.",
        "By July the fund had lost $4 million.",
        "By the end of 2027, the plant will employ 400 people.",
        "Kestrel has reported a net profit of $212 million.",
        "Larkmill has written off $40 million.",
        "The bridge should be finished by May 2027.",
        "Welcome rain fell in March.",
        "Customers must sign up before June.",
        "The court ruled that the privacy policy broke the law.",
        "She died in 1817.",
    ],
)
def test_a_statement_is_not_taken_for_a_by_line_a_biography_or_a_fragment(sentence: str) -> None:
    padding = "The council met on Monday to hear the report of its auditors. " * 5
    result = split(f"{padding}\n\n{sentence}\n\n{padding}")
    assert sentence in [claim.quote for claim in result.claims]


def test_statements_that_differ_by_a_sign_are_two_claims() -> None:
    result = split("The profit was -3 million euros. The profit was +3 million euros.")
    assert len(result.claims) == 2


def test_an_opening_so_is_dropped_only_where_it_says_nothing() -> None:
    so_far = "So far 12 people have died of the fever in Eskmouth."
    assert claims(so_far) == [so_far]
    assert claims("So the mill closed in 1901.") == ["The mill closed in 1901."]


def test_the_same_words_of_somebody_else_are_another_claim() -> None:
    text = (
        "Anna Vogt met Robin Hale in May. She resigned in 2019. "
        "Tom Reyk married Ida Moor in June. She resigned in 2019."
    )
    assert [c.quote for c in split(text).claims].count("She resigned in 2019.") == 2


def test_sentences_in_other_languages_are_not_set_aside_for_want_of_an_english_verb() -> None:
    text = (
        "Die Brücke wurde im Jahr 1998 eröffnet. Der Stadtrat beschloss den Neubau. "
        "Wird er teurer? Anna Vogt lehnte ab."
    )
    result = split(text, language="de")
    assert len(result.claims) == 3
    assert [item.reason for item in result.excluded] == ["question"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Updated figures show that 12 people died.",
        "Copyright law was changed in 2019.",
        "Advertisement revenue fell by 12 per cent.",
        "Tap water in Pell contains lead.",
        "According to Vogt, 40 per cent of workers earn less than €15.",
        "Farmers supply the mills of the valley.",
    ],
)
def test_an_opening_word_alone_makes_no_furniture(sentence: str) -> None:
    assert claims(f"The council met on Monday in the old hall. {sentence}")[-1] == sentence
