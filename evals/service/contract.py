"""Whether the service does what its OpenAPI document says.

Starts `assay serve` on the example's library, with a check, a conversation and a source to be
asked for, and has schemathesis try each operation with what the document allows and with what it
does not (its phases *coverage* and *fuzzing*, all of its checks). Prints how many requests were
sent and what was wrong; ends with 1 if anything was. Needs the developers' packages.

    python -m evals.service.contract                     # some 30 seconds
    python -m evals.service.contract --examples 500      # more of them for each operation
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from evals.service.serving import serving
from tools.library import Addition, Library
from tools.models.embedder import MiniLMEmbedder
from tools.readers import read_file, source_files

EXAMPLES = 30
"""Of each operation in the phase *fuzzing*, at most."""
_EXAMPLE = Path(__file__).parents[1] / "example"


def known(address: str) -> dict[str, str]:
    """Ids of a source, a check that is done and a conversation, by the parameter's name."""
    while not _listens(address):
        time.sleep(0.1)
    article = (_EXAMPLE / "articles" / "harbour-line.md").read_text("utf-8")
    check = _asked(f"{address}/api/checks", {"text": article})["id"]
    while _asked(f"{address}/api/checks/{check}").get("state") in ("waiting", "running"):
        time.sleep(0.1)
    _asked(f"{address}/api/chat", {"question": "What was opened?"}, read=False)
    (conversation,) = _asked(f"{address}/api/conversations")["conversations"]
    (source, *_) = _asked(f"{address}/api/sources")["sources"]
    return {
        "check_id": check, "conversation_id": conversation["id"], "source_id": source["id"]
    }  # fmt: skip


def configuration(ids: dict[str, str]) -> str:
    """What is read is asked for by ids that there are; what is removed, by any that come up."""
    paths = {
        "check_id": ("", "/events", "/report.{suffix}"),
        "conversation_id": ("", "/export.md"),
        "source_id": ("",),
    }
    folders = {"check_id": "checks", "conversation_id": "conversations", "source_id": "sources"}
    return "".join(
        f'[[operations]]\ninclude-path = "/api/{folders[name]}/{{{name}}}{rest}"\n'
        f'include-method = "GET"\nparameters = {{ "path.{name}" = "{ids[name]}" }}\n\n'
        for name, rests in paths.items()
        for rest in rests
    )


def tried(address: str, folder: Path, *options: str, ids: dict[str, str]) -> dict[str, Any]:
    """Runs schemathesis against a service; its record of the run. It prints what it found."""
    (folder / "schemathesis.toml").write_text(configuration(ids), "utf-8")
    program = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        "schemathesis.toml",
        "run",
    ]
    program += [f"{address}/openapi.json", "--phases", "coverage,fuzzing", "--checks", "all"]
    program += ["--report", "json", "--report-json-path", "record.json", "--warnings", "off"]
    subprocess.run([*program, *options], cwd=folder, check=False)
    record: dict[str, Any] = json.loads((folder / "record.json").read_text("utf-8"))
    return record


def _asked(address: str, body: dict[str, str] | None = None, *, read: bool = True) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - the service that was started here
        address, data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        content = answer.read()
    return json.loads(content) if read else None


def _listens(address: str) -> bool:
    try:
        _asked(f"{address}/healthz")
    except OSError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="of each operation")
    parser.add_argument("--seed", type=int, default=1, help="the same tries the same requests")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        with Library.open(library, MiniLMEmbedder(), create=True) as opened:
            files = source_files([_EXAMPLE / "sources"]).files
            opened.add_all([Addition(read_file(path)) for path in files])
        with serving(library, library.with_name("service.log")) as service:
            address = f"http://127.0.0.1:{service.port}"
            record = tried(
                address, Path(folder), "-n", str(args.examples), "--seed", str(args.seed),
                ids=known(address),
            )  # fmt: skip
            answers = service.process.poll() is None
    cases, failures, errors = record["test_cases"], record["failures"], record["errors"]
    print(
        f"{cases['generated']} requests to {record['operations']['tested']} of "
        f"{record['operations']['total']} operations, {cases['with_failures']} with failures"
    )
    for each in [*failures, *errors]:
        print(f"  {each['title']}: {each['count']} ({', '.join(each.get('operations', ()))})")
    whole = record["complete"] and record["operations"]["tested"] == record["operations"]["total"]
    sys.exit(1 if failures or errors or not whole or not answers else 0)


if __name__ == "__main__":
    main()
