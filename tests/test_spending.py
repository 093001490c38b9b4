"""What a user sees of budgets, prices, dry runs and the cascade, on the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import prompts
from agent.gateway.budget import Budget, BudgetSpent, Limits
from agent.gateway.journal import Journal
from agent.gateway.prices import Price
from agent.rate import evidence
from agent.rate.calibration import FEATURES
from agent.rate.cascade import CascadeRater, Thresholds, load, surest
from agent.rate.judge import EmbeddedJudge, Judgement
from agent.rate.windows import Pair
from agent.types import Claim, Evidence, Hit, Passage, Source
from evals.llm.cascade import Read, least_sure
from evals.llm.dryrun import Taken, in_all, row
from prompts import Rendered
from tests.asking_model import asking
from tests.conftest import BRIDGE, BRIDGE_SCRIPT, Assay
from tests.model_server import Fault as Reply
from tests.model_server import ModelServer, completion, error
from tests.questions import GOOD, Verdict, question

# --- budgets ------------------------------------------------------------------------------


def check(library: Path, *more: str | Path) -> tuple[str | Path, ...]:
    return ("check", BRIDGE, "--library", library, "--model", BRIDGE_SCRIPT, "--json", *more)


def test_a_spent_budget_ends_with_7_and_a_larger_one_goes_on_from_there(
    word_library: Path, assay: Assay
) -> None:
    first = assay(*check(word_library, "--budget-tokens", "5780"))
    assert first.code == 7
    failed = [claim for claim in first.json["claims"] if claim["status"] == "failed"]
    rated = len(first.json["claims"]) - len(failed)
    assert failed
    assert rated
    assert {claim["error"]["kind"] for claim in failed} == {"budget"}
    reason = first.err.splitlines()[-1]
    assert f"{len(failed)} of {len(first.json['claims'])} claims failed" in reason
    assert failed[0]["error"]["message"] in reason
    usage = first.json["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] <= 5780
    again = assay(*check(word_library))
    assert again.code == 0
    assert again.json["usage"]["cached"] == usage["requests"]
    assert again.json["usage"]["requests"] == len(failed)


def test_a_budget_that_does_not_reach_for_splitting_fails_all_claims(
    word_library: Path, assay: Assay
) -> None:
    ended = assay(*check(word_library, "--budget-tokens", "1000", "--quiet"))
    assert ended.code == 7
    assert len(ended.err.splitlines()) == 1 and "budget" in ended.err
    assert ended.json["usage"]["requests"] == 0
    assert ended.json["summary"]["failed"] == len(ended.json["claims"]) > 0


def test_a_budget_for_the_day_counts_the_runs_before(word_library: Path, assay: Assay) -> None:
    assert assay(*check(word_library, "--budget-tokens-day", "20000")).code == 0
    (word_library / "journal.sqlite").unlink()
    assert assay(*check(word_library, "--budget-tokens-day", "5000")).code == 7
    assert assay(*check(word_library, "--budget-tokens-day", "20000")).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", "openai:nobody-knows", "--budget-usd", "1"), "--price-in and --price-out"),
        (("--model", BRIDGE_SCRIPT, "--budget-usd", "0"), "--budget-usd must be"),
        (("--model", BRIDGE_SCRIPT, "--price-in", "1"), "belong together"),
        (("--model", BRIDGE_SCRIPT, "--prices", "none.json"), "cannot be read"),
    ],
)
def test_a_budget_that_cannot_be_kept_is_one_message(
    word_library: Path, assay: Assay, options: tuple[str, ...], said: str
) -> None:
    ended = assay("check", BRIDGE, "--library", word_library, *options)
    assert ended.code == 2
    assert said in ended.message


def spent_on(*replies: Reply | None, requests: int = 1) -> tuple[Budget, ModelServer, list[Any]]:
    """Asks questions within a budget; what came of each."""

    async def run() -> tuple[Budget, ModelServer, list[Any]]:
        budget = Budget(Limits(tokens=4000), Price(1.0, 1.0))
        with ModelServer([{"answer": GOOD}], faults=list(replies)) as server:
            async with asking(server, budget=budget) as model:
                ended = await asyncio.gather(
                    *(model.answer(question(f"Claim {n}."), Verdict) for n in range(requests)),
                    return_exceptions=True,
                )
        return budget, server, ended

    return asyncio.run(run())


def test_a_request_takes_from_a_budget_what_its_server_counted() -> None:
    budget, server, _ = spent_on()
    assert budget.spent.tokens == 876
    body = server.requests[0].body
    limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or 0)
    assert 1024 <= limit < 1200


def test_what_a_server_refuses_is_not_spent_and_what_may_be_charged_is() -> None:
    refused, _, _ = spent_on(error(500, "no"))
    assert refused.spent.tokens == 876
    charged, _, _ = spent_on(Reply(body="no chat completion"))
    assert charged.spent.tokens > 876 + 1024


def test_questions_beyond_a_budget_fail_and_are_not_sent() -> None:
    budget, server, ended = spent_on(requests=8)
    failed = [each for each in ended if isinstance(each, BudgetSpent)]
    assert 0 < len(failed) < 8
    assert len(server.requests) == 8 - len(failed)
    assert budget.spent.tokens <= 4000
    assert completion("")["usage"]["total_tokens"] == 876


# --- what it would take -------------------------------------------------------------------


def test_a_dry_run_sends_nothing_keeps_nothing_and_needs_no_key(
    word_library: Path, assay: Assay
) -> None:
    model = ("--model", "openai:gpt-4.1-mini", "--library", word_library, "--dry-run")
    told = assay("check", BRIDGE, *model, "--json")
    assert told.code == 0
    claims = told.json["claims"]
    assert told.json["requests"] == claims + 1
    assert told.json["cached"] == 0
    assert 0 < told.json["cost_usd"] < 0.05
    assert not (word_library / "journal.sqlite").exists()
    said = assay("check", BRIDGE, *model)
    assert f"About {claims} claims: {claims + 1} requests" in said.out
    assert "Nothing was sent" in said.out
    largest = told.json["largest_tokens"]
    assert f"up to {largest:,} tokens or ${told.json['largest_usd']:.4f}, is" in said.out
    assert largest > told.json["prompt_tokens"] / told.json["requests"] + 1024


def test_all_of_a_check_fits_the_budget_that_a_dry_run_names(
    word_library: Path, assay: Assay
) -> None:
    told = assay(*check(word_library, "--dry-run")).json
    assert told["largest_tokens"] < told["needed_tokens"]
    assert assay(*check(word_library, "--budget-tokens", str(told["largest_tokens"] - 1))).code == 7
    assert assay(*check(word_library, "--budget-tokens", str(told["needed_tokens"]))).code == 0


def test_a_dry_run_knows_what_the_journal_has(word_library: Path, assay: Assay) -> None:
    before = assay(*check(word_library, "--dry-run"))
    done = assay(*check(word_library))
    assert done.code == 0
    with Journal(word_library / "journal.sqlite") as journal:
        kept = len(journal)
    after = assay(*check(word_library, "--dry-run"))
    assert before.json["requests"] == done.json["usage"]["requests"] > 0
    assert after.json["requests"] == 0
    assert after.json["cached"] == kept == done.json["usage"]["requests"]
    assert after.json["cost_usd"] == 0
    assert after.json["claims"] == len(done.json["claims"])


def test_the_cost_of_a_run_is_in_its_report(word_library: Path, assay: Assay) -> None:
    prices = ("--price-in", "2", "--price-out", "8")
    ended = assay(*check(word_library, *prices))
    usage = ended.json["usage"]
    assert f"{usage['requests']} requests and " in ended.err
    assert f"a claim), ${usage['cost_usd']:.4f}" in ended.err
    expected = (2 * usage["prompt_tokens"] + 8 * usage["completion_tokens"]) / 1e6
    assert usage["cost_usd"] == pytest.approx(expected)


def test_how_near_an_estimate_came_is_told_as_a_share_of_what_was_taken() -> None:
    lines = [
        Taken("a", (12, 10), (13, 11), (900, 1000), (90, 100)),
        Taken("b", (8, 10), (9, 11), (1100, 1000), (110, 100)),
    ]
    assert in_all(lines) == Taken("all", (20, 20), (22, 22), (2000, 2000), (200, 200))
    assert "| a | 12 / 10 (+20%) |" in row(lines[0])


# --- prompts that a provider keeps --------------------------------------------------------


def test_two_ratings_share_their_prompts_up_to_the_claim() -> None:
    first, second = (
        prompts.load("rate_claim").render(claim=claim, passages=f"[1] {claim}")
        for claim in ("Ada Berg opened the bridge.", "A ticket is two euros.")
    )
    assert first.system == second.system
    assert first.user.split("Ada")[0] == second.user.split("A ticket")[0]
    assert isinstance(first, Rendered)


# --- the cascade --------------------------------------------------------------------------

CLAIM = Claim(id="c1", text="It cost 12 million euros.", quote="It cost", start=0, end=7)


def judged(supported: float, conflicting: float, covered: float = 0.5) -> Judgement:
    features = [0.0] * len(FEATURES)
    features[FEATURES.index("covered")] = covered
    rest = 1 - supported - conflicting
    return Judgement((supported, conflicting, rest), (0, 4), (0, 4), (), tuple(features))


def hit(number: int, score: float = 0.5) -> Hit:
    text = f"Text of passage {number}."
    source = Source(id=f"s-{number}", text=text, added_at="2026-11-22T00:00:00Z", origin="o")
    passage = Passage(
        id=f"s-{number}:0", source_id=source.id, number=0, start=0, end=len(text), text=text
    )
    return Hit(passage=passage, source=source, score=score)


class FixedJudge(EmbeddedJudge):
    """Says what it is told to."""

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        self._said = list(judgements)

    def judge(self, pairs: Sequence[Pair], on_done: object = None) -> list[Judgement]:
        return self._said


class Asked:
    """Supports whatever it is shown, and notes it."""

    name = "a language model"

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def rate(self, claim: Claim, hits: Sequence[Hit]) -> list[Evidence]:
        self.shown += [each.source.id for each in hits]
        return [evidence(each, (0, 4), "supports", 0.95) for each in hits]


# The share of the claim's words alone tells whether a passage decides.
BOUNDS = Thresholds(
    (10.0, 0.0, 0.0), -5.0, 0.5, {"supported": 0.9, "conflicting": None, "unverifiable": 0.95}
)


def through(*judgements: Judgement) -> tuple[list[str], list[str]]:
    """The stances that a cascade gives, and the sources that the model was shown."""
    asked = Asked()
    rater = CascadeRater(FixedJudge(judgements), asked, BOUNDS)
    hits = [hit(number) for number in range(len(judgements))]
    items = asyncio.run(rater.rate(CLAIM, hits))
    assert [item.source_id for item in items] == [each.source.id for each in hits]
    # Nobody was asked about the others: how sure that is, is how sure they do not decide.
    aside = [item for item in items if asked.shown and item.source_id not in asked.shown]
    assert all(item.probability > 1 - BOUNDS.relevant for item in aside)
    return [item.stance for item in items], asked.shown


def test_what_the_embedded_judge_is_sure_of_is_not_asked() -> None:
    assert through(judged(0.95, 0.01, 0.9), judged(0.1, 0.05, 0.9)) == (
        ["supports", "neutral"],
        [],
    )


def test_a_distrusted_source_settles_nothing() -> None:
    asked = Asked()
    rater = CascadeRater(
        FixedJudge([judged(0.95, 0.01, 0.9), judged(0.6, 0.1, 0.9)]), asked, BOUNDS
    )
    distrusted = hit(0).model_copy(update={"reputation": "distrusted"})
    asyncio.run(rater.rate(CLAIM, [distrusted, hit(1)]))
    assert asked.shown == ["s-0", "s-1"]


def test_a_support_that_another_passage_may_contradict_is_asked_about() -> None:
    _, shown = through(judged(0.95, 0.01, 0.9), judged(0.1, 0.3, 0.9))
    assert shown == ["s-0", "s-1"]


def test_a_verdict_that_is_never_sure_enough_is_always_asked_about() -> None:
    _, shown = through(judged(0.0, 0.99, 0.9))
    assert shown == ["s-0"]


def test_passages_that_do_not_decide_are_not_shown_and_count_as_neutral() -> None:
    stances, shown = through(judged(0.6, 0.1, 0.9), judged(0.7, 0.1, 0.1), judged(0.2, 0.1, 0.2))
    assert shown == ["s-0"]
    assert stances == ["supports", "neutral", "neutral"]


def test_where_no_passage_may_decide_nobody_is_asked() -> None:
    assert through(judged(0.3, 0.1, 0.0), judged(0.6, 0.1, 0.0)) == (["neutral"] * 2, [])


def test_a_claim_without_passages_is_not_asked_about() -> None:
    assert through() == ([], [])


def test_a_support_is_no_surer_than_that_nothing_contradicts() -> None:
    told = surest([judged(0.9, 0.0), judged(0.2, 0.25)], 0.5, 0.8)
    assert told[0] == "supported"
    assert told[1] == pytest.approx(0.75)


def test_the_thresholds_that_ship_are_of_these_inputs_and_bounded() -> None:
    shipped = load()
    assert 0 < shipped.relevant < 1
    assert set(shipped.settled) == {"supported", "conflicting", "unverifiable"}
    assert all(least is None or 0 < least <= 1 for least in shipped.settled.values())


@pytest.mark.parametrize(
    ("right", "wrong", "least"),
    [(30, 0, 0.5), (30, 1, 0.5), (19, 0, None), (30, 5, None)],
)
def test_a_verdict_is_settled_only_where_enough_claims_were_right(
    right: int, wrong: int, least: float | None
) -> None:
    claims = [Read("supported", [judged(0.9, 0.0)], (hit(0),), [True])] * right
    claims += [Read("conflicting", [judged(0.95, 0.0)], (hit(0),), [True])] * wrong
    found = least_sure(claims, "supported")
    assert (found is None) == (least is None)
    assert least_sure(claims, "conflicting") is None


def test_a_cascade_is_refused_where_evidence_is_given(assay: Assay, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"id": "1", "claim": "It rained.", "evidence": ["It rained."]}\n')
    for command in (("verify", pairs), ("eval", "run", "quotes", "--out", tmp_path / "run")):
        ended = assay(*command, "--model", f"cascade:{BRIDGE_SCRIPT}")
        assert ended.code == 2
        assert "a cascade chooses among" in ended.message


@pytest.mark.parametrize("model", ["cascade:embedded", "cascade:"])
def test_a_cascade_without_a_language_model_says_what_it_needs(
    model: str, word_library: Path, assay: Assay
) -> None:
    ended = assay("check", BRIDGE, "--library", word_library, "--model", model)
    assert ended.code == 2
    assert "names no language model" in ended.message and "cascade:openai:MODEL" in ended.message
    asked = assay("doctor", "--library", word_library, "--model", model)
    assert asked.code == 1 and "names no language model" in asked.out


def test_a_cascade_splits_by_rules_and_asks_once_a_claim_at_most(
    word_library: Path, assay: Assay, tmp_path: Path
) -> None:
    silent = {"explanation": "Nothing decides.", "decided": [], "close": []}
    script = tmp_path / "script.json"
    entries = []
    for number in range(10, 0, -1):
        entry = {"prompt": "rate_claim", "contains": [f"[{number}"]}
        answer = {**silent, "neutral": list(range(1, number + 1))}
        entries.append({**entry, "answer": answer})
    script.write_text(json.dumps({"answers": entries}), "utf-8")
    model = f"cascade:scripted:{script}"
    ended = assay("check", BRIDGE, "--library", word_library, "--model", model, "--json")
    assert ended.code == 0, ended.err
    report = ended.json
    assert set(report["run"]["prompts"]) == {"rate_claim"}
    assert report["run"]["model"] == model
    assert report["usage"]["requests"] <= len(report["claims"])
