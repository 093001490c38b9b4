"""A slice of what `make fuzz` tries, and that it would find what is broken."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from evals.fuzzing import target as targets
from evals.fuzzing.__main__ import fuzz, main, smaller
from evals.fuzzing.mutation import LONGEST, altered
from evals.fuzzing.target import Finding, Target, put, require
from evals.fuzzing.targets import TARGETS
from tools.readers.documents import Parsed
from tools.readers.parsing import parse


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # feedparser's, of a field it renames
@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_inputs_that_nobody_meant(name: str) -> None:
    target = TARGETS[name]
    rng = random.Random(name)
    inputs = [b"", target.seeds()[0]]
    inputs += [altered(rng, target.seeds(), target.tokens) for _ in range(4)]
    assert [put(target, data) for data in inputs] == [None] * 6


def test_seeds_of_files_are_files_that_are_read() -> None:
    """A seed that is refused at the door would leave its reader untried."""
    endings = {"markdown": "md", "mail": "eml", "feed": "xml"}
    for name in ("markdown", "html", "docx", "epub", "mail", "jsonl", "csv", "feed", "warc", "pdf"):
        data = TARGETS[name].seeds()[0]
        items = list(parse(data, f"a.{endings.get(name, name)}", name))
        assert items and all(isinstance(item, Parsed) for item in items), name


def _picky(data: bytes) -> None:
    require(b"\x00" not in data, "a NUL")


PICKY = Target("picky", _picky, lambda: [b"a quiet text"], (b"\x00",))


def test_what_breaks_a_rule_is_found_made_small_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(TARGETS, "picky", PICKY)
    assert main(["picky", "--inputs", "200", "--seed", "0", "--out", str(tmp_path)]) == 1
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == b"\x00"
    assert str(file) in capsys.readouterr().out
    assert main(["picky", "--again", str(file)]) == 1
    assert "a NUL" in capsys.readouterr().err


def test_a_fault_is_found_once_for_each_place() -> None:
    def attempt(data: bytes) -> None:
        data.decode("ascii")

    tried, found = fuzz(
        Target("ascii", attempt, lambda: [b"abc"], (b"\xff",)), inputs=300, seconds=5, seed=0
    )
    assert tried == 300
    assert [type(finding.error) for finding in found] == [UnicodeDecodeError]
    assert len(smaller(PICKY, Finding("picky", b"ab\x00cd", ValueError())).data) == 5  # another one


def test_an_input_that_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "SECONDS", 0.005)
    slow = Target("slow", lambda data: sum(range(len(data) * 1000)), lambda: [b"x" * 1000])
    assert put(slow, b"x") is None
    finding = put(slow, b"x" * 1000)
    assert finding and finding.place == "TooSlow"


def test_what_waits_for_a_table_once_is_not_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "SECONDS", 0.005)
    loaded: list[int] = []

    def attempt(_: bytes) -> None:
        if not loaded:
            loaded.append(sum(range(1_000_000)))

    assert put(Target("lazy", attempt, lambda: [b""]), b"") is None


def test_the_same_seed_makes_the_same_inputs() -> None:
    seeds = TARGETS["mail"].seeds()
    made = [[altered(random.Random(n), seeds, ()) for n in range(40)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 30
    assert all(len(data) <= LONGEST for data in made[0])


def test_archives_are_altered_within_their_parts() -> None:
    seeds = TARGETS["epub"].seeds()
    made = [altered(random.Random(number), seeds, ()) for number in range(40)]
    whole = [data for data in made if zipfile.is_zipfile(io.BytesIO(data)) and _is_sound(data)]
    assert len(whole) > 30
    assert len(set(whole)) > 25


def _is_sound(data: bytes) -> bool:
    try:
        return zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    except (ValueError, zipfile.BadZipFile):
        return False


def test_an_unknown_target_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "no target nothing" in capsys.readouterr().err
