"""The tools of the chat: small results, at their offsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.chat.reports import named_report, run_report
from agent.chat.tools import Tools
from agent.errors import InputError, UsageError
from agent.report import to_json
from agent.types import Report
from tests.chatting import FIFTEEN, TWELVE, Judge, opening
from tests.conftest import SOURCES
from tests.sample_report import sample_report

RUN = "c-" + "0" * 24


async def test_the_tools_give_small_results_at_their_offsets(word_library: Path) -> None:
    tools = Tools(word_library, opening(word_library), Judge)
    found = await tools.search_library("Tallis Bridge cost", limit=2)
    again = await tools.search_library("Tallis Bridge cost", limit=2)
    assert found == again  # a passage keeps its number
    first = found.passages[0]
    reading = await tools.read_source(first.source_id, start=4, length=13)
    assert reading.passage.text == SOURCES[0].text[4:17]
    checked = await tools.check_claim(TWELVE)
    assert checked.verdict == "conflicting"
    assert {side.stance for side in checked.evidence} >= {"supports", "contradicts"}
    assert (await tools.compare_quantities(TWELVE, FIFTEEN)).relation == "differs"
    assert (await tools.compare_quantities(TWELVE, "It rained.")).relation == "not_comparable"
    bare = await tools.compare_quantities("$48.39 billion", "$47.3 billion")
    assert bare.notes == ["$48.39 billion against $47.3 billion: 2.3 % apart, beyond rounding"]
    revenue, profit = "Revenue was 48.39 billion dollars.", "Profit was 47.3 billion dollars."
    assert (await tools.compare_quantities(revenue, profit)).relation == "not_comparable"
    listed = await tools.list_sources(containing="orrel")
    assert [source.title for source in listed.sources] == ["Night bus"]


def kept_run(library: Path, report: Report) -> None:
    folder = library / "runs" / RUN
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(to_json(report), "utf-8")


async def test_a_report_is_opened_by_the_id_of_its_check_alone(word_library: Path) -> None:
    report = sample_report()
    kept_run(word_library, report)
    tools = Tools(word_library, opening(word_library), Judge)
    opened = await tools.open_report(RUN, claim="1")
    assert [c.id for c in opened.claims] == [c.id for c in report.claims]
    assert opened.claim is not None
    assert opened.claim.claim == report.claims[0].text
    for name in (
        "c-1",
        f"../{RUN}",
        str(word_library / "runs" / RUN / "report.json"),
        "c-" + "f" * 24,
    ):
        with pytest.raises(UsageError):
            run_report(word_library, name)
    with pytest.raises(InputError):
        named_report(word_library, str(word_library / "nothing.json"))
