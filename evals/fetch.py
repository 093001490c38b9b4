"""Public data sets: where they lie, under which licence, and how they become suites.

Nothing here goes to a network but `fetch`, for the one data set that the user named.
Addresses name one state of the publisher's repository and the digest of the file there, so
that figures of two machines are of the same samples. A suite is there whole or not at all:
what is interrupted is simply asked for again. Licences are those of their publishers.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException, HTTPMessage
from io import StringIO
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from agent.errors import InputError, UsageError
from evals.record import disk_fault
from evals.suites import fetched_folder

Rows = dict[str, list[dict[str, Any]]]
_LIMIT = 200 * 2**20
"""Bytes of a download; the largest of these sets has 8 MB."""
_TIMEOUT = 60
_SCHEMES = ("https", "file")
_RAW = "https://raw.githubusercontent.com"
_ENTAILMENT = {
    "entailment": "supported",
    "contradiction": "conflicting",
    "neutral": "unverifiable",
}


@dataclass(frozen=True)
class DataSet:
    """A public data set.

    Attributes:
        name: of the suite that it becomes.
        url: of the file, in one state of its publisher's repository.
        sha256: of the file.
        licence: as the publisher states it.
        about: what it holds, and the paper.
        convert: from the file's text to rows by file name: `pairs.jsonl`, or `claims.jsonl`
            and `corpus.jsonl`.
    """

    name: str
    url: str
    sha256: str
    licence: str
    about: str
    convert: Callable[[str], Rows]


def data_set(name: str) -> DataSet:
    """The data set of a name.

    Raises:
        UsageError: there is none.
    """
    for data in DATA_SETS:
        if data.name == name:
            return data
    names = ", ".join(data.name for data in DATA_SETS)
    raise UsageError(f"there is no data set {name!r} to fetch", f"There are {names}")


def fetch(data: DataSet, folder: Path | None = None) -> tuple[Path, int]:
    """Downloads a data set and writes it as a suite, with a note of where it is from.

    Args:
        data: which.
        folder: where benchmarks lie. Default `ASSAY_BENCHMARKS`, else the user-data folder.

    Returns:
        The suite's path, and the number of its samples.

    Raises:
        InputError: it cannot be downloaded, or is not what it was.
        AssayError: the folder cannot be written to, or the disk is full.
    """
    named = os.environ.get("ASSAY_BENCHMARKS")
    root = folder or (Path(named).expanduser() if named else fetched_folder())
    rows = data.convert(_download(data).decode("utf-8-sig"))
    note = {
        "url": data.url,
        "licence": data.licence,
        "sha256": data.sha256,
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    files = {
        name: "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        for name, lines in rows.items()
    }
    files["origin.json"] = json.dumps(note, indent=1) + "\n"
    path = root / "fetched" / data.name
    if "pairs.jsonl" in rows:
        path = path.with_suffix(".jsonl")
    try:
        _put(files, path, root / ".fetching" / data.name)
    except OSError as error:
        raise disk_fault(error, path, "Make room, or name another --out") from error
    return path, len(rows.get("pairs.jsonl") or rows["claims.jsonl"])


def _put(files: dict[str, str], path: Path, staging: Path) -> None:
    """Writes aside, then renames, so that no reader ever meets a part of a suite."""
    shutil.rmtree(staging, ignore_errors=True)  # of one that was killed
    try:
        staging.mkdir(parents=True)
        path.parent.mkdir(exist_ok=True)
        for name, text in files.items():
            (staging / name).write_text(text, encoding="utf-8", newline="\n")
        (staging / "origin.json").replace(path.with_suffix(".origin.json"))
        if path.suffix:
            (staging / "pairs.jsonl").replace(path)
            return
        with tempfile.TemporaryDirectory(dir=staging.parent) as before:
            if path.exists():
                path.rename(Path(before) / path.name)
            staging.rename(path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        with contextlib.suppress(OSError):  # it holds another data set that is under way
            staging.parent.rmdir()


# Downloading


class _SafeRedirects(HTTPRedirectHandler):
    """Follows redirects, but never to an address that others could listen to."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in _SCHEMES:
            raise InputError(
                f"{req.full_url} leads to an address that is not https", "Nothing was downloaded"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(data: DataSet) -> bytes:
    if urlsplit(data.url).scheme not in _SCHEMES:
        raise UsageError(f"{data.url} is no https address", "Nothing else is downloaded")
    try:
        with build_opener(_SafeRedirects).open(data.url, timeout=_TIMEOUT) as reply:
            raw: bytes = reply.read(_LIMIT + 1)
            told = reply.headers.get("Content-Length", "")
    except HTTPError as error:
        raise _not_downloaded(data, f"HTTP {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        # An HTTPException's own text may quote the server, line breaks included.
        cause = getattr(error, "reason", error)
        reason = cause if isinstance(cause, str) else getattr(cause, "strerror", None)
        raise _not_downloaded(data, reason or type(cause).__name__) from error
    if len(raw) > _LIMIT:
        raise InputError(f"the file at {data.url} is larger than {_LIMIT // 2**20} MiB")
    # The library takes an early end for the end where it reads up to a limit.
    if told.isdigit() and len(raw) != int(told):
        raise _not_downloaded(data, f"it broke off after {len(raw):,} of {int(told):,} bytes")
    found = hashlib.sha256(raw).hexdigest()
    if found != data.sha256:
        raise InputError(
            f"the file at {data.url} is not the one that is known: {len(raw):,} bytes, "
            f"SHA-256 {found}",
            f"Wanted is {data.sha256}. Try another network; nothing was written",
        )
    return raw


def _not_downloaded(data: DataSet, reason: object) -> InputError:
    return InputError(
        f"{data.url} cannot be downloaded: {reason}",
        "Check the network and try again; or fetch it elsewhere and set ASSAY_BENCHMARKS",
    )


# Converters


def _pairs(rows: Iterator[tuple[str, str, list[str], str]]) -> Rows:
    """From id, claim, evidence and label of each row."""
    named = ("id", "claim", "evidence", "label")
    return {"pairs.jsonl": [dict(zip(named, row, strict=True)) for row in rows]}


def fever_symmetric(text: str) -> Rows:
    """JSON Lines with `claim`, `evidence` and `gold_label`; one pair may come several times."""
    labels = {"SUPPORTS": "supported", "REFUTES": "conflicting"}

    def rows() -> Iterator[tuple[str, str, list[str], str]]:
        seen: set[tuple[str, str]] = set()
        for data in map(json.loads, text.splitlines()):
            key = data["claim"], data["evidence"]
            if key not in seen:
                seen.add(key)
                id_ = f"{data['id']}-{len(seen)}"
                yield id_, data["claim"], [data["evidence"]], labels[data["gold_label"]]

    return _pairs(rows())


def tab_separated(premise: str, hypothesis: str, label: str) -> Callable[[str], Rows]:
    """Tab-separated inference pairs with these columns; the premise is the evidence."""

    def convert(text: str) -> Rows:
        table = csv.DictReader(StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
        return _pairs(
            (str(number), row[hypothesis], [row[premise]], _ENTAILMENT[row[label]])
            for number, row in enumerate(table, start=1)
        )

    return convert


def summedits(text: str) -> Rows:
    """A JSON list of documents with a summary, which was edited to be wrong or was not."""
    return _pairs(
        (row["id"], row["summary"], [row["doc"]], ("not_supported", "supported")[row["label"]])
        for row in json.loads(text)
    )


def wice(text: str) -> Rows:
    """JSON Lines of claims with the sentences of the page they cite, and the sets of
    sentences that support them."""
    claims, corpus = [], {}
    for data in map(json.loads, text.splitlines()):
        sentences = data["evidence"]
        doc = hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:12]
        for number, sentence in enumerate(sentences):
            corpus[f"{doc}_{number}"] = {
                "id": f"{doc}_{number}",
                "doc": doc,
                "text": sentence,
                "title": sentences[0],
            }
        claims.append(
            {
                "id": data["meta"]["id"],
                "claim": data["claim"],
                "label": data["label"],
                "gold_ids": [
                    [f"{doc}_{n}" for n in one] for one in data["supporting_sentences"] if one
                ],
            }
        )
    return {"claims.jsonl": claims, "corpus.jsonl": list(corpus.values())}


_SUMMEDITS = {
    "ectsum": "dc255beb81ff1194b9069dfe03c1f888e0c5357c117e304bb44baaaa381a718b",
    "news": "aa06a1998cf7bfe6e40f8a79e0c10a1f77528165d8659056202c0ed679191c8e",
    "sales_call": "81381ad89c8e3dd8450ee6355f847e8b76cbb134e126d5568a79a33334bb1fef",
    "sales_email": "8267fffdd318e513bde0f7efbd9226f908f1a5a2944f783902fdd0d6b0b8ccef",
    "samsum": "1d65ca667e646c7cc1cde9e6b35bdf43531eeea9191c692a9ac9ec0aa84eb5b5",
    "scitldr": "b4d359277bafa11587505f0332797266b69c316c713db17376f0d99413e4b350",
}
"""SHA-256 by domain. The four other domains are not of the kind of text that is checked here."""
DATA_SETS = [
    DataSet(
        "fever_symmetric_v02_dev",
        f"{_RAW}/TalSchuster/FeverSymmetric/7a0d73cb6744815c4c6ac54ebbd1951009a154c4"
        "/symmetric_v0.2/fever_symmetric_dev.jsonl",
        "1d43d016da9264de2139cd10edd459ffbeac84f1fd85d60b70ab6ef63d283f81",
        "as FEVER; text CC BY-SA 3.0",
        "Schuster et al. 2019: the claim alone tells nothing",
        fever_symmetric,
    ),
    DataSet(
        "nli_counterfactual_dev",
        f"{_RAW}/acmi-lab/counterfactually-augmented-data"
        "/24d94ba4fccde76af36b051d5ca8acb9d5b8f084/NLI/all_combined/dev.tsv",
        "35c585cef5fc68e3713ee4bac83242aa7c4bfc6b51f16e9745b674c358ebd500",
        "Apache-2.0",
        "Kaushik et al. 2020: small edits that turn the label",
        tab_separated("sentence1", "sentence2", "gold_label"),
    ),
    DataSet(
        "nli_conj_dev",
        f"{_RAW}/swarnaHub/ConjNLI/badeab73816176cdcb825d95f23ec6e952a8a223/data/NLI/conj_dev.tsv",
        "6dc560fa1d6c0b7377c499db0b9d400761da1e54fece0d64f3f60f4e392b7545",
        "MIT",
        "Saha et al. 2020: what follows from and, or, but, nor",
        tab_separated("Premise", "Hypothesis", "Label"),
    ),
    DataSet(
        "wice_dev",
        f"{_RAW}/ryokamoi/wice/5d8b84633d4fb55e5c0fd1e1dc0868098be17e56"
        "/data/entailment_retrieval/claim/dev.jsonl",
        "67531ca79bde4c81d3752fb69d9cb0d3d6763de5c3028f548b83ef053a6f8042",
        "annotations ODC-BY 1.0; text CC BY-SA and Common Crawl's terms",
        "Kamoi et al. 2023: sentences of Wikipedia and the pages they cite",
        wice,
    ),
    *(
        DataSet(
            f"summedits_{domain}",
            f"{_RAW}/salesforce/factualNLG/639f58a55baf34b32fe4b0137c062735fa9e360a"
            f"/data/summedits/summedits_{domain}.json",
            sha256,
            "Apache-2.0",
            "Laban et al. 2023, SummEdits: one edited fact in a summary",
            summedits,
        )
        for domain, sha256 in _SUMMEDITS.items()
    ),
]
