"""The report as schema.org ClaimReview (https://schema.org/ClaimReview), JSON-LD.

The author is the program: what it writes must not pass for the work of a person. Claims
that could not be rated are left out, since a failure is no review.
"""

from __future__ import annotations

import json
from typing import Any

from agent.report.wording import MEANINGS, WORDS, showable, side, web_address
from agent.types import CheckedClaim, Report, Verdict

# Two steps of our own, named in `ratingExplanation`: the sources agree, or they do not.
# What no source decides has no place on a scale of truth and gets no number.
_RATING: dict[Verdict, int] = {"supported": 2, "conflicting": 1}


def to_claimreview(report: Report) -> str:
    """A JSON-LD list with one ClaimReview for each rated claim."""
    reviews = [_review(report, claim) for claim in report.claims if claim.verdict]
    text = json.dumps(_showable(reviews), indent=2, ensure_ascii=False)
    # Publishers paste this into a <script> element; JSON reads the escapes the same way.
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text + "\n"


def _review(report: Report, claim: CheckedClaim) -> dict[str, Any]:
    if claim.verdict is None:
        raise ValueError("a failed claim has no review")
    rating: dict[str, Any] = {
        "@type": "Rating",
        "alternateName": WORDS[claim.verdict],
        "ratingExplanation": f"{MEANINGS[claim.verdict].capitalize()}. {claim.explanation}",
    }
    if claim.verdict in _RATING:
        rating |= {"ratingValue": _RATING[claim.verdict], "bestRating": 2, "worstRating": 1}
    groups = side(claim, "supports") + side(claim, "contradicts")
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "datePublished": report.run.created_at[:10],
        "claimReviewed": claim.text,
        "author": {
            "@type": "SoftwareApplication",
            "name": "Assay",
            "softwareVersion": report.run.version,
        },
        "reviewRating": rating,
        "itemReviewed": _present(
            {
                "@type": "Claim",
                # Whether the speaker is a person or a body is not known: no type.
                "author": {"name": claim.speaker} if claim.speaker else None,
                "datePublished": report.article.published_at,
                "appearance": _article(report),
            }
        ),
        "citation": [
            _work(item.title, item.publisher, item.url, item.published_at)
            for group in groups
            for item in group.evidence
        ],
    }


def _article(report: Report) -> dict[str, Any]:
    article = report.article
    work = _work(article.title, article.publisher, article.url, article.published_at)
    if article.author:
        work["author"] = {"name": article.author}
    return work


def _work(
    title: str | None, publisher: str | None, url: str | None, published_at: str | None
) -> dict[str, Any]:
    return _present(
        {
            "@type": "CreativeWork",
            "headline": title,
            "url": web_address(url),
            "datePublished": published_at,
            "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
        }
    )


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _showable(value: Any) -> Any:
    """`value` with every text in it made fit for a page."""
    if isinstance(value, str):
        return showable(value)
    if isinstance(value, list):
        return [_showable(item) for item in value]
    if isinstance(value, dict):
        return {name: _showable(item) for name, item in value.items()}
    return value
