"""What suites are made of: labels, samples of each kind, rows of a corpus."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.types import VERDICTS, Document

Kind = Literal["verify", "end to end", "extraction", "check-worthiness", "article", "chat"]

TWO_WAY = ("not_supported", "partially_supported")
"""Gold labels that only say whether the claim is fully supported."""
UNSCORED = ("disputed", "mixed", "questionable", "benign", "generic")
"""Gold labels that no verdict answers to: counted, never scored."""
LABELS = (*VERDICTS, *TWO_WAY, *UNSCORED)
WORTHY, UNWORTHY = "check_worthy", "not_check_worthy"


class Row(BaseModel):
    """A line of a suite; fields that are not named are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)
    id: str = Field(min_length=1)


class PairSample(Row):
    """A claim with its evidence given."""

    claim: str = Field(min_length=1)
    evidence: list[str]
    label: str
    meta: dict[str, Any] = Field(default_factory=dict)


class ClaimSample(Row):
    """A claim that is looked up in the suite's corpus."""

    claim: str = Field(min_length=1)
    label: str
    gold_ids: list[str] | list[list[str]]
    """Rows of the corpus that decide; or several such sets, each of which decides alone."""
    meta: dict[str, Any] = Field(default_factory=dict)

    @property
    def gold_sets(self) -> list[list[str]]:
        """The sets of rows that decide; none where the suite does not say."""
        sets = [[g] if isinstance(g, str) else g for g in self.gold_ids]
        if self.gold_ids and isinstance(self.gold_ids[0], str):
            sets = [[row for one in sets for row in one]]
        return [one for one in sets if one]


class CorpusRow(Row):
    """A stretch of a source."""

    doc: str
    text: str
    title: str | None = None
    url: str | None = None


class TextSample(Row):
    """A text and the claims that it makes."""

    text: str = Field(min_length=1)
    claims: list[str]
    context: str = ""
    """The whole that `text` was taken from; the splitter sees it, for names and pronouns."""


class WorthSample(Row):
    """A text that is, or is not, worth checking."""

    text: str = Field(min_length=1)
    label: str


class GoldClaim(BaseModel):
    """What a careful editor finds in an article."""

    model_config = ConfigDict(frozen=True)
    text: str
    label: str | None
    """None where the gold leaves the verdict open."""
    quote: str | None = None
    start: int | None = None
    end: int | None = None
    sources: list[str] = Field(default_factory=list)
    """Names of the sources that decide; see `Suite.sources`."""


class GoldExcluded(BaseModel):
    """A passage of an article that makes no checkable claim."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    quote: str
    reason: str = ""


class ArticleSample(Row):
    """A whole article with its gold claims."""

    document: Document
    claims: list[GoldClaim]
    excluded: list[GoldExcluded] = Field(default_factory=list)


class QuestionSample(Row):
    """A question on the suite's sources."""

    question: str = Field(min_length=1)
    answerable: bool
    """Whether the sources answer it; else the right answer is that they do not say."""
    facts: list[str | list[str]] = Field(default_factory=list)
    """What the answer must say; a list holds wordings of which one will do."""
    cite: list[str | list[str]] = Field(default_factory=list)
    """Names of the sources that it must cite; of a list, one will do. All that are named are
    welcome, any other citation is not."""
    not_cite: list[str] = Field(default_factory=list)
    """Names of sources that it must not cite."""
    as_of: str | None = None
    """ISO date; what was published later does not count."""
    verdict: str | None = None
    """For a question that asks whether a statement is true: what the sources make of it."""
    meta: dict[str, Any] = Field(default_factory=dict)


Sample = PairSample | ClaimSample | TextSample | WorthSample | ArticleSample | QuestionSample
