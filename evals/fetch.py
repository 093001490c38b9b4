"""Public data sets: where they lie, under which licence, and how they become suites.

Nothing here goes to a network but `fetch`, for the one data set that the user named. What
was downloaded is noted with its digest beside the suite that was made of it. Licences are
those of their publishers; a set that says so may be used for evaluation only.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from agent.errors import InputError, UsageError
from agent.report import write_atomically
from evals.suites import fetched_folder

Rows = dict[str, list[dict[str, Any]]]
_LIMIT = 200 * 2**20
"""Bytes of a download; the largest of these sets has 8 MB."""
_TIMEOUT = 60
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
        url: of the file, at its publisher's.
        licence: as the publisher states it.
        about: what it holds, and the paper.
        convert: from the file's text to rows by file name: `pairs.jsonl`, or `claims.jsonl`
            and `corpus.jsonl`.
    """

    name: str
    url: str
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
    """Downloads a data set and writes it as a suite.

    Args:
        data: which.
        folder: where benchmarks lie. Default `ASSAY_BENCHMARKS`, else the user-data folder.

    Returns:
        The suite's path, and the number of its samples.

    Raises:
        InputError: it cannot be downloaded, or is not what it was.
        UsageError: the folder cannot be written to.
    """
    named = os.environ.get("ASSAY_BENCHMARKS")
    root = folder or (Path(named).expanduser() if named else fetched_folder())
    raw = _download(data)
    try:
        rows = data.convert(raw.decode("utf-8-sig"))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"the file at {data.url} is not in the form that is known ({error})",
            "Its publisher may have changed it",
        ) from error
    target = root / "fetched" / data.name
    path = target.with_suffix(".jsonl") if set(rows) == {"pairs.jsonl"} else target
    try:
        (path.parent if path is not target else path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "Name another --out") from error
    for name, lines in rows.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_atomically(path if path is not target else path / name, text)
    note = {
        "url": data.url,
        "licence": data.licence,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_atomically(target.with_suffix(".origin.json"), json.dumps(note, indent=1) + "\n")
    return path, len(rows.get("pairs.jsonl") or rows["claims.jsonl"])


def _download(data: DataSet) -> bytes:
    if urlsplit(data.url).scheme not in ("https", "file"):
        raise UsageError(f"{data.url} is no https address", "Nothing else is downloaded")
    try:
        with urllib.request.urlopen(data.url, timeout=_TIMEOUT) as reply:  # noqa: S310 - checked
            if urlsplit(reply.url).scheme not in ("https", "file"):
                raise InputError(f"{data.url} leads to an address that is not https")
            raw: bytes = reply.read(_LIMIT + 1)
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise InputError(
            f"{data.url} cannot be downloaded: {reason}",
            "Check the network; or download it elsewhere and set ASSAY_BENCHMARKS",
        ) from error
    if len(raw) > _LIMIT:
        raise InputError(f"the file at {data.url} is larger than {_LIMIT // 2**20} MiB")
    return raw


# Converters


def _pairs(rows: Iterator[tuple[str, str, list[str], str]]) -> Rows:
    """From id, claim, evidence and label of each row."""
    named = ("id", "claim", "evidence", "label")
    found = [dict(zip(named, row, strict=True)) for row in rows]
    if not found:
        raise ValueError("it has no rows")
    return {"pairs.jsonl": found}


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
    if not claims:
        raise ValueError("it has no rows")
    return {"claims.jsonl": claims, "corpus.jsonl": list(corpus.values())}


_COUNTERFACTUAL = "acmi-lab/counterfactually-augmented-data/master/NLI"
_SUMMEDITS = "Laban et al. 2023, SummEdits: one edited fact in a summary"
DATA_SETS = [
    DataSet(
        "fever_symmetric_v02_dev",
        f"{_RAW}/TalSchuster/FeverSymmetric/master/symmetric_v0.2/fever_symmetric_dev.jsonl",
        "as FEVER; text CC BY-SA",
        "Schuster et al. 2019: the claim alone tells nothing",
        fever_symmetric,
    ),
    DataSet(
        "nli_counterfactual_dev",
        f"{_RAW}/{_COUNTERFACTUAL}/all_combined/dev.tsv",
        "Apache-2.0",
        "Kaushik et al. 2020: small edits that turn the label",
        tab_separated("sentence1", "sentence2", "gold_label"),
    ),
    DataSet(
        "nli_conj_dev",
        f"{_RAW}/swarnaHub/ConjNLI/master/data/NLI/conj_dev.tsv",
        "MIT",
        "Saha et al. 2020: what follows from and, or, but, nor",
        tab_separated("Premise", "Hypothesis", "Label"),
    ),
    DataSet(
        "wice_dev",
        f"{_RAW}/ryokamoi/wice/main/data/entailment_retrieval/claim/dev.jsonl",
        "annotations ODC-BY; text CC BY-SA and Common Crawl's terms",
        "Kamoi et al. 2023: sentences of Wikipedia and the pages they cite",
        wice,
    ),
    *(
        DataSet(
            f"summedits_{domain}",
            f"{_RAW}/salesforce/factualNLG/master/data/summedits/summedits_{domain}.json",
            "Apache-2.0",
            _SUMMEDITS,
            summedits,
        )
        for domain in ("ectsum", "news", "sales_call", "sales_email", "samsum", "scitldr")
    ),
]
