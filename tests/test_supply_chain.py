"""What the program is made of: pinned, audited, nothing loaded or started that is not meant."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from agent.check import FactChecker
from agent.errors import InputError
from tests.audit import WAIVERS, Waiver, judged, waivers
from tests.conftest import BRIDGE, ROOT, SOURCES
from tests.fake_embedder import WordEmbedder
from tools.library import Library

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")
TODAY = date(2026, 11, 22)
_PINNED = re.compile(r"([a-z0-9-]+)==([\w.!+]+)( ; [^\\]+)? \\")


# --- Chroma's server ----------------------------------------------------------------------


def _listening() -> set[str]:
    """Sockets of this process that wait for connections, by inode; of Linux only."""
    rows = [
        row.split()
        for table in ("tcp", "tcp6")
        if (path := Path("/proc/self/net", table)).exists()
        for row in path.read_text().splitlines()[1:]
    ]
    waiting = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    held = set()
    for descriptor in Path("/proc/self/fd").iterdir() if waiting else ():
        try:
            held.add(str(descriptor.readlink()))
        except OSError:  # closed meanwhile
            continue
    return waiting & held


def test_chromas_server_is_neither_loaded_nor_started(tmp_path: Path) -> None:
    before, during = _listening(), set[str]()
    loaded = set(sys.modules)  # by other tests, of a shared library's client among others

    def look(_: object = None) -> None:
        during.update(_listening())

    with Library.open(tmp_path / "library", WordEmbedder(), create=True) as library:
        sources = [library.add(document) for document in SOURCES]
        look()
        library.rebuild()
        look()
        assert library.verify() == []
    checker = FactChecker(tmp_path / "library", embedder=WordEmbedder())
    assert checker.check(BRIDGE, on_progress=look).claims
    with Library.open(tmp_path / "library", WordEmbedder(), write=True) as library:
        library.remove(sources[0].source.id)
        look()
    assert during <= before
    servers = ("chromadb.app", "chromadb.server", "chromadb.cli", "chromadb.api.fastapi")
    assert [name for name in set(sys.modules) - loaded if name.startswith(servers)] == []


def test_neither_a_file_in_the_current_folder_nor_the_environment_sets_anything_of_chroma(
    tmp_path: Path,
) -> None:
    told = (
        "from tools.library.chroma import chroma_settings, load_chroma\n"
        "from pydantic_settings import BaseSettings\n"
        "load_chroma()\n"
        "from chromadb import AdminClient\n"
        "loaded = AdminClient.__defaults__[0]\n"
        "for each in loaded, chroma_settings():\n"
        "    print(each.chroma_api_impl, each.chroma_server_host, each.is_persistent)\n"
        "class Ours(BaseSettings):\n"
        "    chroma_server_host: str\n"
        "print(Ours().chroma_server_host)\n"
    )
    # Chroma refuses the first value, and nothing can be read of the last line.
    (tmp_path / ".env").write_bytes(b"IS_PERSISTENT=perhaps\nCHROMA_API_IMPL=a.class\n\xff\xfe")
    run = subprocess.run(
        [sys.executable, "-c", told],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CHROMA_SERVER_HOST": "chroma.example"},
        capture_output=True,
        text=True,
    )
    default = "chromadb.api.rust.RustBindingsAPI None False"
    assert run.stdout.splitlines() == [default, default, "chroma.example"], run.stderr


def test_no_code_of_ours_starts_a_chroma_server_and_one_module_asks_one() -> None:
    code = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for folder in ("agent", "tools", "evals")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert any("chromadb.PersistentClient(" in text for text in code.values())
    asks = re.compile(r"\b(HttpClient|AsyncHttpClient|CloudClient)\b")
    assert [name for name, text in code.items() if asks.search(text)] == [
        "tools/library/chroma_server.py"
    ]
    starts = re.compile(r"chromadb\.(server|app|cli)\b|[\"']chroma[\"'], *[\"']run")
    assert [name for name, text in code.items() if starts.search(text)] == []


# --- files that Python runs at its start --------------------------------------------------


def test_the_wheel_brings_no_file_that_python_runs_at_its_start() -> None:
    names = [file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()]
    assert "agent/check.py" in names
    assert [name for name in names if name.endswith((".pth", ".start"))] == []
    assert {name.split("/")[0] for name in names} == {"agent", "evals", "prompts", "tools"}


@pytest.mark.skipif(
    Path(sys.prefix).resolve() != (ROOT / ".venv").resolve(), reason="not made by `make setup`"
)
def test_the_environment_has_only_the_pth_files_that_are_known() -> None:
    # The first leads to this checkout; the other is setuptools', which venv brings up to 3.11.
    known = {"_editable_impl_assay_factcheck.pth", "distutils-precedence.pth"}
    found = {
        path
        for kind in ("purelib", "platlib")
        for path in Path(sysconfig.get_path(kind)).glob("*.pth")
    }
    assert {path.name for path in found} <= known
    for path in found:
        if path.name.startswith("_editable"):
            assert {line for line in path.read_text("utf-8").splitlines() if line} == {str(ROOT)}


# --- locks --------------------------------------------------------------------------------


def _locked(lock: str) -> dict[str, set[str]]:
    """Versions by package; a package has two where they depend on the version of Python."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / lock).read_text("utf-8").splitlines():
        if found := _PINNED.fullmatch(line):
            versions.setdefault(found[1], set()).add(found[2])
        else:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_versions_and_hashes_and_names_no_host(lock: str) -> None:
    assert _locked(lock)  # which reads no other line


def test_what_is_audited_holds_all_that_a_user_installs() -> None:
    audited = _locked("requirements-dev.txt")
    for package, versions in _locked("requirements.txt").items():
        assert versions <= audited[package], package


def test_a_lock_is_made_of_releases_that_are_a_week_old() -> None:
    rule = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["pip"]
    assert rule["exclude-newer"] == "7 days"
    audited = _locked("requirements-dev.txt")
    for package, day in rule.get("exclude-newer-package", {}).items():
        assert package in audited, "an exception for what is not locked"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", day), "an exception without an end"


# --- the audit ----------------------------------------------------------------------------


def test_a_waiver_is_dated_gives_its_reason_and_names_its_test() -> None:
    known = waivers()
    assert len({(waiver.id, waiver.package) for waiver in known}) == len(known)
    for waiver in known:
        assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+", waiver.id)
        assert timedelta(0) < waiver.expires - waiver.added <= timedelta(days=180)
        assert len(waiver.reason.split()) >= 20
        assert waiver.package in _locked("requirements-dev.txt")
        file, _, name = waiver.test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text("utf-8")


def test_a_list_of_waivers_that_lacks_something_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text(WAIVERS.read_text("utf-8").replace("expires", "until"), "utf-8")
    with pytest.raises(InputError, match="not a list of waivers"):
        waivers(file)


def _found(package: str = "chest", **more: Any) -> str:
    known = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-77777"], "fix_versions": ["2.1"], **more}
    return json.dumps(
        {
            "dependencies": [
                {"name": "lid", "version": "1.0", "vulns": []},
                {"name": package, "version": "2.0", "vulns": [known]},
            ]
        }
    )


_WAIVER = Waiver("CVE-2026-77777", "chest", TODAY, TODAY + timedelta(30), "", "")


@pytest.mark.parametrize(
    ("output", "complaint", "day", "code", "said"),
    [
        (_found(), "", TODAY, 0, "waived until 2026-12-22: chest 2.0: CVE-2026-77777, PYSEC"),
        (_found(), "", _WAIVER.expires, 0, "waived until"),
        (_found(), "", _WAIVER.expires + timedelta(1), 1, "NOT WAIVED: chest 2.0"),
        (_found(aliases=[]), "", TODAY, 1, "(mended in 2.1)"),
        (_found(aliases=[], fix_versions=[]), "", TODAY, 1, "(no mended release)"),
        (_found("drawer"), "", TODAY, 1, "1 findings, 1 of them not waived"),
        ("", "requests.exceptions.ConnectionError: no route", TODAY, 0, "cannot be reached"),
        ("", "ERROR: requirements-dev.txt: no such file", TODAY, 1, "pip-audit failed"),
        (
            '{"dependencies": [{"name": "lid", "skip_reason": "not found"}]}',
            "",
            TODAY,
            0,
            "NOT AUDITED: the vulnerability service knows none",
        ),
    ],
)
def test_an_audit_fails_on_what_no_waiver_covers_and_tells_what_it_could_not_ask(
    output: str, complaint: str, day: date, code: int, said: str
) -> None:
    got, lines = judged(output, complaint, [_WAIVER], day)
    assert got == code
    assert said in "\n".join(lines)


# --- what SECURITY.md says ----------------------------------------------------------------


def test_every_test_and_file_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    model = text[text.index("## Threat model") : text.index("## How hostile text")]
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", model))
    assert len(named) > 40
    assert {name for name in named if f"def {name}(" not in tests} == set()
    for path in re.findall(r"`((?:agent|tools|evals|prompts|\.ci)/[\w./]*)`", model):
        assert (ROOT / path).exists(), path
