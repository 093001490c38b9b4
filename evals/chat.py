"""Questions: what of the expected answer was found, cited, refused, and the figures of it.

A *fact* is a short wording that the answer must have, or several that are as good. It is
found where its words stand together in the answer, whatever their case, quotation marks
and thousands separators; or where one sentence of the answer has all its figures exactly,
is no shorter, does not deny it, and has a token-set similarity (rapidfuzz) of at least
`SIMILAR`. A *citation* counts once for each source that is quoted.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from agent.ask import Answer
from agent.types import Hit
from evals.metrics import (
    Figures,
    Floats,
    Resampler,
    interval,
    mcnemar,
    paired_difference,
    quotient,
    ratios,
)
from evals.outcomes import Outcome
from evals.samples import QuestionSample
from tools.library import Library
from tools.text.sentences import sentence_spans
from tools.text.words import denies

SIMILAR = 85
"""Least token-set similarity, 0..100, of a fact and a sentence that says it in other words."""
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:[’'-][^\W\d_]+)*|[€£$%]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PER_CENT = re.compile(r"\bper\s?cent\b")
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "thousand million billion trillion".split()
)


# Facts


def has_fact(wording: str, answer: str) -> bool:
    """Whether an answer says a fact in this wording, or nearly."""
    wanted = _tokens(wording)
    if not wanted:
        return False
    if _contains(_tokens(answer), wanted):
        return True
    return any(
        _similar(wording, wanted, answer[start:end]) for start, end in sentence_spans(answer)
    )


def _similar(wording: str, wanted: tuple[str, ...], sentence: str) -> bool:
    said = _tokens(sentence)
    return (
        # A sentence that lacks words of the fact would be taken for a part of it.
        len(said) >= len(wanted)
        and _figures(wanted) <= set(said)
        and not denies(wording, sentence)
        and fuzz.token_set_ratio(" ".join(wanted), " ".join(said)) >= SIMILAR
    )


def _contains(text: Sequence[str], part: tuple[str, ...]) -> bool:
    size = len(part)
    return any(tuple(text[i : i + size]) == part for i in range(len(text) - size + 1))


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    """Words, figures and signs that carry meaning: `£7,400` gives `£` and `7400`."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return tuple(_TOKEN.findall(_THOUSANDS.sub("", _PER_CENT.sub("%", plain))))


def _figures(tokens: Sequence[str]) -> set[str]:
    return {t for t in tokens if t[0].isdigit() or t in "€£$%" or t in _NUMBER_WORDS}


# Outcomes


def outcome(
    sample: QuestionSample,
    answer: Answer,
    first: Sequence[Hit],
    library: Library,
    names: Mapping[str, str],
) -> Outcome:
    """What an answer comes to.

    Args:
        sample: the question.
        answer: to it.
        first: the passages that were retrieved, best first; the baseline takes one.
        library: to compare the quotes with.
        names: the suite's names of sources, by their ids.
    """
    said = answer.status == "answered"
    cited = [names.get(c.source_id, c.source_id) for c in answer.citations]
    verbatim = [
        library.source(c.source_id).text[c.start : c.end] == c.quote for c in answer.citations
    ]
    prediction = _measured(sample, answer.text if said else "", cited) | {
        "answered": said,
        "verdict": answer.verdict,
        "disagreement": answer.disagreement,
        "verbatim": verbatim,
    }
    return asked(sample) | {
        "prediction": prediction,
        "probabilities": None,
        "error": None,
        "evidence": [
            {
                "source": name,
                "stance": citation.stance or "cited",
                "probability": None,
                "quote": citation.quote,
                "note": None,
            }
            for name, citation in zip(cited, answer.citations, strict=True)
        ],
        "first_passage": [
            _measured(sample, hit.passage.text, [names.get(hit.source.id, hit.source.id)])
            | {"answered": True, "verdict": None, "disagreement": False, "verbatim": [True]}
            for hit in first[:1]
        ],
    }


def asked(sample: QuestionSample) -> Outcome:
    """What is known of a sample before it is answered."""
    gold = sample.model_dump(include={"facts", "cite", "not_cite", "answerable", "verdict"})
    question: dict[str, Any] = {"question": sample.question}
    if sample.as_of:
        question["as_of"] = sample.as_of
    return {"id": sample.id, "input": question, "gold": gold, "meta": sample.meta}


def _measured(sample: QuestionSample, text: str, cited: Sequence[str]) -> dict[str, Any]:
    return {
        "text": text,
        "words": len(text.split()),
        "cited": sorted(set(cited)),
        "facts_found": [
            any(has_fact(wording, text) for wording in fact) for fact in either(sample.facts)
        ],
    }


def either(items: Sequence[str | Sequence[str]]) -> list[list[str]]:
    """Each item as the list of what is as good: one wording stands for itself."""
    return [[item] if isinstance(item, str) else list(item) for item in items]


# Scores


def is_right(gold: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether an answer is right as a whole.

    An unanswerable question: it is refused. Any other: all facts are there, all that must
    be cited is, nothing forbidden is, and the verdict is right where the gold has one.
    """
    if not gold["answerable"]:
        return not said["answered"]
    return bool(
        said["answered"]
        and all(said["facts_found"])
        and _met(gold, said) == len(gold["cite"])
        and not set(gold["not_cite"]) & set(said["cited"])
        and gold["verdict"] in (None, said["verdict"])
    )


def _met(gold: Mapping[str, Any], said: Mapping[str, Any]) -> int:
    return sum(bool(set(item) & set(said["cited"])) for item in either(gold["cite"]))


def figures(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """The figures of answers.

    Args:
        outcomes: those that did not fail.
        seed: of the bootstrap.

    Returns:
        `accuracy`, `fact_recall`, `citation_precision`, `citation_recall`,
        `forbidden_citations`, `unanswerable_refused`, `answerable_refused`,
        `verdict_accuracy`, `verbatim_quotes`, `answer_words`, and their intervals in `ci`.
        A share without a denominator is None.
    """
    pairs = [(o["gold"], o["prediction"]) for o in outcomes]
    if not pairs:
        return dict.fromkeys([*SHARES, "answer_words"]) | {"ci": {}}
    found = ratios(_parts(pairs), seed)
    # A long answer finds more facts: recall is to be read beside the length.
    columns = np.array([[p["words"], float(p["answered"])] for _, p in pairs])
    words, answers = columns.sum(axis=0)
    drawn = Resampler(len(columns), seed).sums(columns)
    ci = found.pop("ci")
    ci["answer_words"] = interval(quotient(drawn[:, 0], drawn[:, 1]))
    return found | {"answer_words": round(words / answers, 2) if answers else None, "ci": ci}


def _shares(gold: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """For each share what one answer adds to the part and to the whole."""
    cited, welcome = set(said["cited"]), {n for item in either(gold["cite"]) for n in item}
    answerable, refused = gold["answerable"], not said["answered"]
    judged = gold["verdict"] is not None
    return {
        "accuracy": (is_right(gold, said), 1),
        "fact_recall": (sum(said["facts_found"]), len(gold["facts"])),
        "citation_precision": (len(cited & welcome), len(cited)),
        "citation_recall": (_met(gold, said), len(gold["cite"])),
        "forbidden_citations": (len(cited & set(gold["not_cite"])), len(gold["not_cite"])),
        "unanswerable_refused": (refused and not answerable, not answerable),
        "answerable_refused": (refused and answerable, answerable),
        "verdict_accuracy": (judged and gold["verdict"] == said["verdict"], judged),
        "verbatim_quotes": (sum(said["verbatim"]), len(said["verbatim"])),
    }


SHARES = (
    "accuracy", "fact_recall", "citation_precision", "citation_recall", "forbidden_citations",
    "unanswerable_refused", "answerable_refused", "verdict_accuracy", "verbatim_quotes",
)  # fmt: skip


def _parts(
    pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> dict[str, tuple[list[float], list[float]]]:
    shares = [_shares(gold, said) for gold, said in pairs]
    return {
        name: ([float(s[name][0]) for s in shares], [float(s[name][1]) for s in shares])
        for name in SHARES
    }


def first_passage(outcomes: Sequence[Outcome], seed: int) -> Figures:
    """The figures of what always gives the first retrieved passage, whole, for the answer."""
    taken = [
        outcome | {"prediction": outcome["first_passage"][0]}
        for outcome in outcomes
        if outcome["error"] is None and outcome["first_passage"]
    ]
    found = figures(taken, seed)
    for name in ("verdict_accuracy", "verbatim_quotes"):  # it gives no verdict and quotes itself
        found[name] = None
        found["ci"].pop(name, None)
    return found


# Two runs


def compare(pairs: Sequence[tuple[Outcome, Outcome]], seed: int) -> dict[str, Any]:
    """Two runs on the same questions: `mcnemar`, `differences` and `flips`, as
    `evals.compare.compare` gives them. What failed counts as not right and as an answer with
    nothing in it."""
    golds = [first["gold"] for first, _ in pairs]
    said = [[pair[i]["prediction"] or _NOTHING for pair in pairs] for i in (0, 1)]
    right = [
        np.array([is_right(gold, one) for gold, one in zip(golds, run, strict=True)])
        for run in said
    ]
    parts = [_parts(list(zip(golds, run, strict=True))) for run in said]

    def difference(name: str) -> Figures:
        columns = [np.array(part[name]).T for part in parts]

        def figure(weights: Floats) -> tuple[Floats, Floats]:
            first, second = (weights @ c for c in columns)
            return quotient(first[:, 0], first[:, 1]), quotient(second[:, 0], second[:, 1])

        return paired_difference(figure, len(pairs), seed)

    return {
        "mcnemar": mcnemar(right[0], right[1]),
        "differences": {
            name: difference(name)
            for name in _COMPARED
            if all(sum(part[name][1]) for part in parts)
        },
        "flips": [
            {
                "id": first["id"],
                "text": first["input"]["question"],
                "gold": "answerable" if first["gold"]["answerable"] else "not said",
                "first": told(first["prediction"]),
                "second": told(second["prediction"]),
                "change": "mended" if now else "broken",
            }
            for (first, second), before, now in zip(pairs, *right, strict=True)
            if before != now
        ],
    }


# Nothing said and nothing cited, but no refusal either.
_NOTHING: dict[str, Any] = {
    "answered": True, "cited": [], "facts_found": [False], "verdict": None, "verbatim": [],
}  # fmt: skip
_COMPARED = ("accuracy", "fact_recall", "citation_precision", "citation_recall")


def told(prediction: Mapping[str, Any] | None) -> str:
    """What was answered, in a word or two."""
    if prediction is None:
        return "failed"
    facts = prediction["facts_found"]
    found = f", {sum(facts)} of {len(facts)} facts" if facts else ""
    verdict = f", {prediction['verdict']}" if prediction["verdict"] else ""
    return f"answered{verdict}{found}" if prediction["answered"] else "not said"


def expected(gold: Mapping[str, Any]) -> list[str]:
    """The answer that the gold asks for: a line for each fact and the verdict, if any."""
    if not gold["answerable"]:
        return ["not said"]
    facts = [" | ".join(fact) for fact in either(gold["facts"])]
    return facts + ([gold["verdict"]] if gold["verdict"] else [])
