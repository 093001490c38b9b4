"""The program as a user meets it: commands, options, formats, exit codes, what goes where.

Most tests run it within this process on the fake embedder; what concerns the process itself
(streams, signals, start-up) runs it as one.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from jsonschema import Draft202012Validator

from agent import __version__
from agent.check import FactChecker
from agent.cli import app
from agent.report import schema_text
from agent.types import Report
from tests.conftest import (
    BRIDGE,
    BRIDGE_SCRIPT,
    EXAMPLE,
    ROOT,
    Assay,
)
from tests.sample_report import sample_report

EMBEDDED = "The Tallis Bridge was opened on 3 May 2024. It cost 12 million euros.\n"
SUMMARY = {"supported": 1, "conflicting": 1, "unverifiable": 1, "failed": 0}


def all_commands(group: Any = None, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    group = group or typer.main.get_command(app)
    for name, one in group.commands.items():
        yield (*before, name)
        if hasattr(one, "commands"):
            yield from all_commands(one, (*before, name))


COMMANDS = list(all_commands())


# --- help ---------------------------------------------------------------------------------


def test_the_commands_of_the_contract_are_there() -> None:
    names = {" ".join(name) for name in COMMANDS}
    on_sources = {"add", "list", "show", "remove", "verify", "rebuild"}
    assert names >= {"check", "verify", "doctor", "demo"} | {f"sources {n}" for n in on_sources}


@pytest.mark.parametrize("name", [(), *COMMANDS], ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help_with_an_example(
    assay: Assay, name: tuple[str, ...], option: str
) -> None:
    result = assay(*name, option)
    assert result.code == 0
    assert result.err == ""
    assert result.out.startswith("Usage: " + " ".join(["assay", *name]))
    assert "\x1b" not in result.out
    if "COMMAND" not in result.out.partition("\n")[0] or not name:  # a group leaves it to them
        assert re.search(rf"^ +assay {' '.join(name)}", result.out, re.MULTILINE)


@pytest.mark.parametrize("group", [(), ("sources",)], ids=" ".join)
def test_a_group_without_a_command_shows_its_help_and_is_wrong_usage(
    assay: Assay, group: tuple[str, ...]
) -> None:
    result = assay(*group)
    assert (result.code, result.out) == (2, "")
    assert result.err == assay(*group, "--help").out


def test_the_version_is_that_of_the_package(assay: Assay) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert assay("--version").out == f"assay {__version__}\n"
    assert __version__ == project["version"]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from agent.cli import main\n"
        "try:\n    main(['check', '--help'])\n"
        "except SystemExit:\n    print(' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    heavy = {"chromadb", "langchain", "langchain_core", "langchain_openai", "onnxruntime"}
    heavy |= {"openai", "numpy", "trafilatura", "pypdf", "docx", "vcr", "tokenizers", "jinja2"}
    assert loaded & heavy == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--no-such-option", "x"],
        ["no-such-command"],
        ["check", "x", "--format", "word"],
        ["check", "x", "--fail-on", "supported"],
        ["check", "x", "--format", "json", "--format", "html"],
        ["check", "x", "--cassette", "c.json"],
        ["check", "x", "--record"],
        ["check", "x", "--cassette", "c.json", "--record", "--replay"],
        ["check", "x", "--cassette", "c.json", "--record"],  # the embedded judge sends nothing
        ["check", "x", "--out", "no-such-folder/report.html"],
        ["check", "x", "--out", "."],
        ["check", BRIDGE, "--as-of", "yesterday"],
        ["check", BRIDGE, "--date", "yesterday"],
        ["check", BRIDGE, "--url", "file:///etc/hosts"],
        ["check", BRIDGE, "--exclude-source", "s-0"],
        ["check", BRIDGE, "--model", "gpt-5"],
        ["check", BRIDGE, "--model", "nobody:gpt-5"],
        ["check", BRIDGE, "--model", "scripted:missing.json"],
        ["check", BRIDGE, "--model", "openai:m", "--base-url", "nowhere"],
        ["sources", "show", "s-0"],
        ["sources", "remove", "s-0"],
        ["verify", "x", "--out", "no-such-folder/v.jsonl"],
        ["demo", "--out", BRIDGE],
    ],
    ids=lambda arguments: " ".join(map(str, arguments)).replace(str(ROOT), ""),
)
def test_wrong_usage_is_told_in_two_lines_and_exits_with_2(
    assay: Assay, word_library: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_LIBRARY", str(word_library))
    result = assay(*arguments)
    assert result.code == 2
    assert result.message
    assert result.out == ""


# --- check --------------------------------------------------------------------------------


def test_a_check_prints_a_summary_to_read_and_tells_its_progress_on_standard_error(
    assay: Assay, word_library: Path
) -> None:
    result = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT)
    assert result.code == 0
    assert "✓ 1 supported, ≠ 1 conflicting, ? 1 unverifiable" in result.out
    assert "It cost 12 million euros" in result.out
    assert "[3/3]" in result.err
    assert "\x1b" not in result.out + result.err
    quiet = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT, "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, result.out, "")


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"], ["--json", "--quiet"]])
def test_json_stands_alone_on_standard_output(
    assay: Assay, word_library: Path, option: list[str]
) -> None:
    result = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT, *option)
    assert result.code == 0
    assert result.json["summary"] == SUMMARY
    Draft202012Validator(json.loads(schema_text())).validate(result.json)
    assert bool(result.err) == ("--quiet" not in option)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("r.json", "{"),
        ("r.HTML", "<!doctype html>"),
        ("r.htm", "<!doctype html>"),
        ("r.md", "# "),
        ("r.txt", "Untitled article\n3 claims"),
        ("report", "Untitled article\n3 claims"),
    ],
)
def test_the_suffix_of_out_chooses_the_format(
    assay: Assay, word_library: Path, tmp_path: Path, name: str, beginning: str
) -> None:
    out = tmp_path / name
    asked = ("--library", word_library, "--model", BRIDGE_SCRIPT, "--out", out)
    result = assay("check", BRIDGE, *asked)
    assert (result.code, result.out) == (0, "")
    assert f"Wrote {out}" in result.err
    assert out.read_text("utf-8").lower().startswith(beginning.lower())


def test_several_formats_are_written_side_by_side(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    formats = ["terminal", "json", "html", "markdown", "claimreview"]
    options = [part for name in formats for part in ("--format", name)]
    out = tmp_path / "report.html"
    result = assay(
        "check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT, *options, "--out", out
    )
    assert result.code == 0
    assert sorted(path.name for path in tmp_path.glob("report.*")) == [
        "report.claimreview.json",
        "report.html",
        "report.json",
        "report.md",
        "report.txt",
    ]
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["summary"] == SUMMARY


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["conflicting"], 10),
        (["unverifiable"], 10),
        (["conflicting", "unverifiable"], 10),
        ([], 0),
    ],
)
def test_fail_on_turns_a_verdict_into_an_exit_code(
    assay: Assay, word_library: Path, tmp_path: Path, verdicts: list[str], code: int
) -> None:
    options = [part for verdict in verdicts for part in ("--fail-on", verdict)]
    asked = ("--library", word_library, "--model", BRIDGE_SCRIPT)
    assert assay("check", BRIDGE, *asked, *options).code == code
    supported = tmp_path / "supported.txt"
    supported.write_text("The Tallis Bridge was opened on 3 May 2024.", encoding="utf-8")
    assert assay("check", supported, "--library", word_library, *options).code == 0


def test_the_article_may_come_from_standard_input(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BRIDGE.read_bytes())))
    piped = assay("check", "-", "--library", word_library, "--model", BRIDGE_SCRIPT, "--json")
    read = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT, "--json")
    for report in (piped.json, read.json):
        del report["usage"], report["run"]
    assert piped.json["article"] == read.json["article"]
    assert piped.json["claims"] == read.json["claims"]


def test_options_describe_the_article_and_what_is_left_out(
    assay: Assay, word_library: Path, tmp_path: Path
) -> None:
    article = tmp_path / "article.txt"
    article.write_text(EMBEDDED, encoding="utf-8")
    known = {
        "title": "A title",
        "author": "A. B.",
        "publisher": "Gazette",
        "url": "https://gazette.example/x",
        "date": "2024-05-05",
    }
    options = [part for name, value in known.items() for part in (f"--{name}", value)]
    listed = assay("sources", "list", "--library", word_library, "--json").json["sources"]
    bus = next(s["id"] for s in listed if s["title"] == "Night bus")
    asked = ("--as-of", "2024-05-31", "--exclude-source", bus[:9], "--json")
    report = assay("check", article, "--library", word_library, *options, *asked).json
    known["published_at"] = known.pop("date")
    assert {name: report["article"][name] for name in known} == known
    assert {s["title"]: s["reason"] for s in report["sources_left_out"]} == {
        "What the crossing cost": "published after 2024-05-31",
        "Night bus": "left out by request",
    }
    assert report["run"]["as_of"] == "2024-05-31"


def test_settings_may_stand_in_the_environment_and_options_win(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSAY_LIBRARY", str(word_library))
    monkeypatch.setenv("ASSAY_MODEL", BRIDGE_SCRIPT)
    monkeypatch.setenv("ASSAY_QUIET", "1")
    result = assay("check", BRIDGE, "--json")
    assert result.err == ""
    assert result.json["run"]["model"] == BRIDGE_SCRIPT
    assert (
        assay("check", BRIDGE, "--json", "--model", "embedded").json["run"]["model"] == "embedded"
    )
    assert assay("check", BRIDGE, "--library", tmp_path / "none").code == 4


def test_whatever_commands_share_may_stand_in_the_environment(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listed = assay("sources", "list", "--library", word_library, "--json").json["sources"]
    bus = next(s["id"] for s in listed if s["title"] == "Night bus")
    article, out = tmp_path / "article.txt", tmp_path / "report"
    article.write_text(EMBEDDED, encoding="utf-8")
    for name, value in {
        "LIBRARY": str(word_library),
        "FORMAT": "json html",
        "AS_OF": "2024-05-31",
        "EXCLUDE_SOURCE": bus,
        "OUT": str(out),
    }.items():
        monkeypatch.setenv(f"ASSAY_{name}", value)
    assert assay("check", article).code == 0
    report = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert report["run"]["as_of"] == "2024-05-31"
    assert "Night bus" in {source["title"] for source in report["sources_left_out"]}
    assert out.with_suffix(".html").exists()
    markdown = tmp_path / "report.md"
    assert assay("check", article, "--format", "markdown", "--out", markdown).code == 0
    assert markdown.read_text(encoding="utf-8").startswith("# ")
    for name in ("FORMAT", "OUT"):
        monkeypatch.delenv(f"ASSAY_{name}")
    monkeypatch.setenv("ASSAY_JSON", "1")
    assert assay("check", article).json["summary"]
    monkeypatch.setenv("ASSAY_REPLAY", "1")
    monkeypatch.setenv("ASSAY_CASSETTE", str(tmp_path / "none.json"))
    assert "none.json" in assay("check", article, "--model", "openai:some").message


@pytest.mark.parametrize(
    ("variables", "typed", "code", "told"),
    [
        ({"FORMAT": "html"}, ["--json"], 0, '{'),
        ({"JSON": "1"}, ["--format", "markdown"], 0, "# "),
        ({"CASSETTE": "none.json"}, [], 0, "Untitled"),
        ({"CASSETTE": "none.json", "RECORD": "1"}, ["--replay", "--model", "openai:some"], 3, ""),
        ({"FAIL_ON": "supported conflicting"}, ["--fail-on", "conflicting"], 10, "Untitled"),
        ({"FAIL_ON": "unverifiable conflicting"}, [], 10, "Untitled"),
        ({"TAG": "none", "LANGUAGE": "en"}, [], 2, ""),
        ({"SINCE": "2099-01-01"}, [], 4, ""),
    ],
)  # fmt: skip
def test_what_is_typed_wins_over_what_the_environment_adds_to_it(
    assay: Assay,
    word_library: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    typed: list[str],
    code: int,
    told: str,
) -> None:
    for name, value in {"LIBRARY": str(word_library), "MODEL": BRIDGE_SCRIPT, **variables}.items():
        monkeypatch.setenv(f"ASSAY_{name}", value)
    result = assay("check", BRIDGE, *typed)
    assert result.code == code
    assert result.out.startswith(told)


def test_without_a_library_named_the_one_in_the_user_data_folder_is_used(assay: Assay) -> None:
    result = assay("check", BRIDGE)
    assert result.code == 4
    assert os.environ["XDG_DATA_HOME"] in result.message
    assert "assay sources add" in result.message


def test_a_report_that_cannot_be_written_is_no_defect(assay: Assay, word_library: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("the system has no /dev/full")
    asked = ("--library", str(word_library), "--model", BRIDGE_SCRIPT, "--out", "/dev/full")
    result = assay("check", BRIDGE, *asked)
    assert result.code == 2
    assert "cannot write /dev/full" in result.message


def test_a_full_disk_is_no_defect_and_told_with_what_to_do(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("agent.check.retrieve_many", full)
    result = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT)
    assert result.code == 1
    assert "cannot read or write: No space left on device" in result.err
    assert "Make room on the disk" in result.err


def test_a_defect_is_told_as_one_and_shown_in_full_only_on_request(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("agent.check.retrieve_many", broken)
    result = assay("check", BRIDGE, "--library", word_library, "--model", BRIDGE_SCRIPT)
    assert result.code == 1
    assert "a defect of Assay: ZeroDivisionError: oops" in result.err
    assert "ASSAY_DEBUG=1" in result.err
    assert "Traceback" not in result.err
    monkeypatch.setenv("ASSAY_DEBUG", "1")
    from agent.cli import main

    with pytest.raises(ZeroDivisionError):
        main(["check", str(BRIDGE), "--library", str(word_library), "--model", BRIDGE_SCRIPT])


# --- demo and doctor ----------------------------------------------------------------------


def test_the_demo_shows_its_report_and_can_be_run_again(
    assay: Assay, word_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a check says of the example is told in `test_check.py`.
    asked: list[Path] = []

    def check(_: FactChecker, article: Path, **__: object) -> Report:
        asked.append(article)
        return sample_report()

    monkeypatch.setattr(FactChecker, "check", check)
    first = assay("demo", "--out", tmp_path / "demo")
    assert first.code == 0
    assert [article.parent for article in asked] == [EXAMPLE / "articles"]
    assert "9 were added now" in first.err
    for word in ("Supported", "Conflicting", "Unverifiable"):
        assert re.search(rf"^\d+\. . {word}", first.out, re.MULTILINE)
    page = tmp_path / "demo" / "report.html"
    assert f"The same as a page: {page}" in first.out
    assert page.read_text("utf-8").startswith("<!doctype html>")
    second = assay("demo", "--out", tmp_path / "demo")
    assert second.code == 0
    assert "all were there already" in second.err


def test_doctor_says_what_works_and_how_to_mend_what_does_not(
    assay: Assay, word_library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    well = assay("doctor", "--library", word_library)
    assert well.code == 0
    assert well.out.count("ok  ") == 5
    assert "3 sources" in well.out
    assert "OPENAI_API_KEY is not set" in well.out
    missing = assay("doctor", "--library", tmp_path / "none")
    assert missing.code == 0
    assert "--  Library: no library" in missing.out
    keyless = assay("doctor", "--library", word_library, "--model", "openai:gpt-5")
    assert keyless.code == 1
    assert "!!  Model:" in keyless.out
    monkeypatch.setenv("OPENAI_API_KEY", "-".join(("sk", "0123456789abcdef")))
    keyed = assay("doctor", "--library", word_library, "--model", "openai:gpt-5", "--offline")
    assert keyed.code == 0
    assert "0123456789" not in keyed.out + keyed.err


# --- the process --------------------------------------------------------------------------
