"""Hostile files and addresses, through every way in.

    python -m evals.attacks.hostile_files FOLDER

FOLDER holds the collected attacks: `bombs.py`, which writes the files with their manifest, and
`ssrf_urls.jsonl` with `ssrf_hosts.json`. Each file goes through `assay check`, `assay sources add`,
the service's upload of an article and of a source, and the form for addresses (where a stand-in for
the network serves it with its headers); each address through both commands and both forms. Asked
of every one:

- it is refused, or read, as its row expects, within 10 seconds (a source that was read is cut and
  embedded then, which takes as long as its text is long, and is not counted);
- at most 256 MiB more memory, in this process and its reader together;
- nothing is written outside the library, and no text of the secret file appears;
- no connection but to public addresses: the stand-in counts those it was asked for, an audit hook
  whatever gets past it to a socket or a name server (`evals.attacks.hostile_child`);
- `/healthz` of the service, asked all the while, answers within a second.

Prints a table by way and group, then each breach; ends with 1 if there is one. On a machine with
other work, `--patience 10` allows ten times as long on the clock, while the same 10 seconds of
processor time.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tools.library import Addition, Library
from tools.models.embedder import MiniLMEmbedder
from tools.readers import read_file, source_files
from tools.web.addresses import is_public

SECONDS, MEMORY, HEALTH = 10.0, 256 * 2**20, 1.0
_EXAMPLE = Path(__file__).parents[1] / "example" / "sources"
_CANARY = "SECRET-CANARY"
_SERVED = "https://bombs.example/file"
_SERVER = "93.184.216.200"
Row = Mapping[str, Any]


class Outcome(NamedTuple):
    """What became of one row on one way.

    Attributes:
        read: whether a text came of it; None where that is not known.
        seconds, processor: on the clock, and of processor time.
        memory: bytes more than before.
        breaches: what must not be.
    """

    read: bool | None
    seconds: float
    processor: float
    memory: int
    breaches: tuple[str, ...]


class Child:
    """The watched process.

    Raises:
        TimeoutError: it did not answer in time; it is killed.
    """

    def __init__(self, inside: Sequence[Path], names: Mapping[str, Any], patience: float) -> None:
        self._patience = patience
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "evals.attacks.hostile_child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"TMPDIR": str(inside[-1])},
        )  # fmt: skip
        self._write({"inside": [str(path.resolve()) for path in inside], "names": names})

    def ask(self, **asked: Any) -> dict[str, Any]:
        """Sends a line; the answer."""
        timer = threading.Timer(self._patience, self._process.kill)
        timer.start()
        try:
            self._write(asked)
            line = self._process.stdout.readline() if self._process.stdout else ""
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise TimeoutError
        told: dict[str, Any] = json.loads(line)
        return told

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _write(self, value: Mapping[str, Any]) -> None:
        if self._process.stdin:
            self._process.stdin.write(json.dumps(value) + "\n")
            self._process.stdin.flush()


@dataclass
class Trial:
    """Rows on their ways.

    Attributes:
        library: that is checked against and added to.
        names: what names resolve to.
        patience: times as long on the clock as is allowed on a quiet machine.
    """

    folder: Path
    library: Path
    names: Mapping[str, Any]
    patience: float
    slowest_health: float = 0.0
    child: Child = field(init=False)
    port: int = 0

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        self.child = Child((self.library, temporary), self.names, 6 * SECONDS * self.patience)
        # What is loaded once is no memory that a file takes.
        plain = str(next(_EXAMPLE.rglob("*.md")))
        for arguments in (["check", plain], ["sources", "add", plain]):
            self.child.ask(arguments=[*arguments, *self._options()])
        self.port = self.child.ask(serve=str(self.library))["port"]
        self._post("/api/checks", json.dumps({"text": "The bridge is 240 metres long."}).encode())
        self._post("/api/sources", *_form(Path(plain).read_bytes(), "plain.md"))

    def command(self, row: Row, arguments: Sequence[str]) -> Outcome:
        """By the command line, in the watched process."""
        return self._tried(row, lambda: self._by_command(row, arguments))

    def _by_command(self, row: Row, arguments: Sequence[str]) -> tuple[bool | None, str, Any]:
        told = self.child.ask(arguments=[*arguments, *self._options()], row=row)
        said = f"{told['out']}{told['error']}"
        if "Traceback" in said or "defect" in said:
            raise ValueError(said[-300:])
        return told["code"] == 0, said, told

    def request(self, row: Row, path: str, body: bytes, kind: str = "application/json") -> Outcome:
        """By the service that runs in it, while `/healthz` is asked."""
        return self._tried(row, lambda: self._by_request(row, path, body, kind))

    def _by_request(
        self, row: Row, path: str, body: bytes, kind: str
    ) -> tuple[bool | None, str, Any]:
        self.child.ask(row=row)
        with self._watched():
            status, answer = self._post(path, body, kind)
        told = self.child.ask(look=True)
        if status >= 500:
            raise ValueError(f"status {status}: {answer[:200]}")
        record = json.loads(answer)
        if path == "/api/sources":
            return bool(record.get("added") or record.get("already_there")), answer, told
        return "claims" in record, answer, told

    def _tried(self, row: Row, do: Callable[[], tuple[bool | None, str, Any]]) -> Outcome:
        began = time.monotonic()
        breaches = []
        read, said, told = None, "", dict[str, Any]()
        try:
            read, said, told = do()
        except TimeoutError:
            breaches.append("no end")
            self.child.end()
            self._start()
        except (ValueError, OSError) as error:
            breaches.append(f"{type(error).__name__}: {error}")
            told = self.child.ask(look=True)
        outcome = Outcome(
            read, time.monotonic() - began, told.get("processor", 0.0), told.get("memory", 0), ()
        )
        return outcome._replace(breaches=(*breaches, *self._breaches(row, outcome, said, told)))

    def _breaches(
        self, row: Row, outcome: Outcome, said: str, told: Mapping[str, Any]
    ) -> Iterator[str]:
        expected, also = row.get("expect") or row.get("expected"), row.get("also_ok")
        if outcome.read and expected in ("refuse", "empty") and also is None:
            yield "read, though it should be refused"
        if outcome.read is False and expected in ("extract", "allow") and also is None:
            yield f"refused: {said.strip()[-200:]}"
        late = outcome.processor > SECONDS or outcome.seconds > SECONDS * self.patience
        if late and not (outcome.read and row.get("embedded")):
            yield f"{outcome.seconds:.1f} s, {outcome.processor:.1f} s of processor time"
        if outcome.memory > MEMORY:
            yield f"{outcome.memory / 2**20:.0f} MiB more"
        if told.get("written"):
            yield f"written: {told['written'][:3]}"
        if _CANARY in said:
            yield "the secret file was read"
        for ip in told.get("connected", ()):
            never = row.get("must_not_connect", ())  # of a file: whatever it names
            barred = ip != _SERVER if never is True else ip in never
            if not is_public(ip) or barred:
                yield f"connected to {ip}"
            if "pin" in row and ip != row["pin"]:
                yield f"connected to {ip} in place of {row['pin']}"
        ours = f"127.0.0.1', {self.port}"
        if past := [each for each in told.get("reached", ()) if ours not in each]:
            yield f"reached for the network: {past[:3]}"

    # The service

    def _post(self, path: str, body: bytes, kind: str = "application/json") -> tuple[int, str]:
        """What the service answers; of a check, what it ends with."""
        status, answer = self._ask(path, body, kind)
        if path != "/api/checks" or status != 202:
            return status, answer
        check = f"{path}/{json.loads(answer)['id']}"
        while True:
            status, answer = self._ask(check)
            if json.loads(answer).get("state") not in ("waiting", "running"):
                return status, answer
            time.sleep(0.02)

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"Content-Type": kind} if kind else {}
        )
        patience = 6 * SECONDS * self.patience
        try:
            with urllib.request.urlopen(request, timeout=patience) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Asks `/healthz` all the while."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                began = time.monotonic()
                self._ask("/healthz")
                self.slowest_health = max(self.slowest_health, time.monotonic() - began)

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _options(self) -> list[str]:
        return ["--library", str(self.library), "--quiet"]


# --- files and addresses ------------------------------------------------------------------


def files(trial: Trial, rows: Sequence[Row], folder: Path) -> Iterator[tuple[str, Row, Outcome]]:
    """Each file on each way that there is for its kind."""
    for row in rows:
        name = base64.b64decode(row["file_b64"]) if row.get("file_b64") else row["file"].encode()
        path = os.fsdecode(os.path.join(os.fsencode(folder), name))  # noqa: PTH118 - bytes
        yield "check FILE", row, trial.command(row, ["check", path])
        # A folder is walked, and a link followed, which is right for a list of sources.
        walked = {} if row["group"] != "files" else {"expect": "safe"}
        source = {**row, **walked, "embedded": True}
        yield "sources add FILE", row, trial.command(source, ["sources", "add", path])
        if row["sha256"] is None:
            continue  # links, pipes, folders and what is a gigabyte are not uploaded
        content = Path(path).read_bytes()
        shown = name.decode("utf-8", "replace").replace("\n", " ").replace('"', " ")
        form, kind = _form(content, shown)
        yield "upload, article", row, trial.request(row, "/api/checks", form, kind)
        source = {**row, "embedded": True}
        yield "upload, source", row, trial.request(source, "/api/sources", form, kind)
        headers = {"Content-Type": row["content_type"], **row["headers"]}
        hop = {"url": _SERVED, "status": 200, "file": path, "headers": headers}
        # What a server sends packed is unpacked, which a file's reader does not do.
        served = {**row, "hops": [hop]} | ({"expect": "safe"} if row["headers"] else {})
        body = json.dumps({"url": _SERVED}).encode()
        yield "served", row, trial.request(served, "/api/checks", body)


def addresses(trial: Trial, rows: Sequence[Row]) -> Iterator[tuple[str, Row, Outcome]]:
    """Each address on each way."""
    for row in rows:
        body = json.dumps({"url": row["url"]}).encode()
        # To a command, what is no address is the name of a file, which its user may read.
        named = row if ":" in row["url"] else {**row, "expected": "safe"}
        yield "check ADDRESS", row, trial.command(named, ["check", row["url"]])
        yield "sources add ADDRESS", row, trial.command(named, ["sources", "add", row["url"]])
        yield "form, article", row, trial.request(row, "/api/checks", body)
        yield "form, source", row, trial.request(row, "/api/sources", body)


def _form(content: bytes, name: str) -> tuple[bytes, str]:
    """A form with one file, and its content type."""
    border = uuid.uuid4().hex
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
    return body, f"multipart/form-data; boundary={border}"


def told(outcomes: Iterator[tuple[str, Row, Outcome]]) -> list[tuple[str, Row, Outcome]]:
    """All of them, with a line on standard error for each."""
    collected = []
    for way, row, outcome in outcomes:
        collected.append((way, row, outcome))
        what = "read" if outcome.read else "refused"
        print(
            f"{way}: {row.get('kind') or row.get('id')}: {what}, {outcome.seconds:.1f} s, "
            f"{outcome.processor:.1f} s of processor time, {outcome.memory / 2**20:.0f} MiB more"
            + "".join(f"\n  {breach}" for breach in outcome.breaches),
            file=sys.stderr,
            flush=True,
        )
    return collected


def report(outcomes: Sequence[tuple[str, Row, Outcome]], group: str) -> int:
    """Prints the table, then each breach; how many there are."""
    by: dict[tuple[str, str], list[Outcome]] = {}
    for way, row, outcome in outcomes:
        by.setdefault((way, row[group]), []).append(outcome)
    print(f"{'':20}{'':18}tried  read  refused  slowest  processor  most memory  breaches")
    for (way, name), some in sorted(by.items()):
        read = sum(bool(each.read) for each in some)
        print(
            f"{way:20}{name:18}{len(some):5}{read:6}{len(some) - read:9}"
            f"{max(each.seconds for each in some):7.1f} s"
            f"{max(each.processor for each in some):9.1f} s"
            f"{max(each.memory for each in some) / 2**20:9.0f} MiB"
            f"{sum(bool(each.breaches) for each in some):10}"
        )
    for way, row, outcome in outcomes:
        for breach in outcome.breaches:
            print(f"{way}: {row.get('kind') or row.get('id')}: {breach}")
    return sum(bool(outcome.breaches) for _, _, outcome in outcomes)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="the collected attacks")
    parser.add_argument("--only", choices=("files", "addresses"), help="one of the two")
    parser.add_argument(
        "--group", action="append", help="of the files, or category of the addresses; repeatable"
    )
    parser.add_argument("--patience", type=float, default=1.0, help="times as long on the clock")
    parser.add_argument("--every", type=int, default=1, help="only every so many rows")
    args = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("Memory is counted on Linux only.")
    attacks: Path = args.folder
    breaches = 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with Library.open(folder / "library", MiniLMEmbedder(), create=True) as library:
            read = [read_file(path) for path in source_files([_EXAMPLE]).files]
            library.add_all([Addition(document) for document in read])
        table = json.loads((attacks / "ssrf_hosts.json").read_text("utf-8"))["hosts"]
        names = {name.lower().removesuffix("."): answers for name, answers in table.items()}
        names["bombs.example"] = [_SERVER]
        trial = Trial(folder, folder / "library", names, args.patience)
        try:
            if args.only != "addresses":
                bombs = folder / "bombs"
                subprocess.run([sys.executable, attacks / "bombs.py", bombs], check=True)
                rows = _rows(bombs / "manifest.jsonl", "group", args.group)[:: args.every]
                breaches += report(told(files(trial, rows, bombs)), "group")
            if args.only != "files":
                rows = _rows(attacks / "ssrf_urls.jsonl", "category", args.group)[:: args.every]
                breaches += report(told(addresses(trial, rows)), "category")
        finally:
            trial.child.end()
        left = [path for path in (folder / "temporary").rglob("*") if path.is_file()]
    print(f"/healthz answered within {trial.slowest_health:.2f} s; {len(left)} files left behind")
    for path in left:
        print(f"left behind: {path.name}")
    print(f"{breaches} breaches")
    late = trial.slowest_health > HEALTH * args.patience
    sys.exit(1 if breaches or left or late else 0)


def _rows(path: Path, group: str, wanted: Sequence[str] | None) -> list[Row]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if wanted is not None:
        rows = [row for row in rows if row[group] in wanted]
    # On a wire a line break in `Location` ends it, and the address before it is good.
    return [
        row
        for row in rows
        if not any("\n" in hop.get("location", "") for hop in row.get("hops", ()))
    ]


if __name__ == "__main__":
    main()
