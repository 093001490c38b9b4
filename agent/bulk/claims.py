"""`claims.parquet`: a row for each claim of all reports, for pandas, DuckDB and the like."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.bulk.keeping import Keeping, Row
from agent.errors import UsageError
from agent.report.writing import written_whole

if TYPE_CHECKING:
    import pyarrow

NAME = "claims.parquet"
_ROW_GROUP = 20_000
"""Claims that stand in memory together."""


def need_pyarrow() -> None:
    """Complains before the work, not after it.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise UsageError(
            f"{NAME} takes pyarrow, which is not installed",
            'Install it: pip install "assay-factcheck[batch]", or leave the file out: --no-claims',
        ) from None


def schema() -> pyarrow.Schema:
    """The columns of the file; docs/batch.md says what they hold."""
    import pyarrow as pa

    text, number, share = pa.string(), pa.int32(), pa.float64()
    evidence = pa.struct(
        [
            ("source_id", text),
            ("title", text),
            ("publisher", text),
            ("url", text),
            ("published_at", text),
            ("stance", text),
            ("probability", share),
            ("quote", text),
            ("origin", text),
        ]
    )
    return pa.schema(
        [
            pa.field("report", text, nullable=False),
            pa.field("article_id", text, nullable=False),
            ("article_title", text),
            ("article_author", text),
            ("article_publisher", text),
            ("article_url", text),
            ("article_published_at", text),
            ("article_language", text),
            pa.field("claim_id", text, nullable=False),
            pa.field("claim", text, nullable=False),
            pa.field("quote", text, nullable=False),
            pa.field("start", number, nullable=False),
            pa.field("end", number, nullable=False),
            pa.field("kind", text, nullable=False),
            ("speaker", text),
            pa.field("status", text, nullable=False),
            ("verdict", text),
            ("confidence", share),
            pa.field("explanation", text, nullable=False),
            ("missing", text),
            ("error_kind", text),
            ("error_message", text),
            pa.field("supporting_origins", number, nullable=False),
            pa.field("contradicting_origins", number, nullable=False),
            pa.field("evidence", pa.list_(evidence), nullable=False),
            pa.field("run_id", text, nullable=False),
            pa.field("model", text, nullable=False),
            pa.field("checked_at", text, nullable=False),
        ]
    )


def write_claims(keeping: Keeping, on_damage: Callable[[Path], None]) -> int:
    """Writes the claims of all reports, whole or not at all; returns how many they are.

    Args:
        keeping: the folder.
        on_damage: told of a report that is not what was written; its article is forgotten, so
            that it is checked again the next time, and its claims are left out.

    Raises:
        UsageError: the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns, written = schema(), 0
    damaged: list[Row] = []
    with (
        written_whole(keeping.folder / NAME) as file,
        pq.ParquetWriter(file, columns, compression="zstd") as writer,
    ):
        waiting: list[pa.RecordBatch] = []
        for report in _reports(keeping, columns, damaged):
            waiting.append(report)
            if sum(map(len, waiting)) >= _ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, columns))
                waiting = []
            written += len(report)
        writer.write_table(pa.Table.from_batches(waiting, columns))
    for row in damaged:
        on_damage(keeping.path(row))
        keeping.forget(row)
    return written


def _reports(
    keeping: Keeping, columns: pyarrow.Schema, damaged: list[Row]
) -> Iterator[pyarrow.RecordBatch]:
    """The claims of one report after the other."""
    import pyarrow as pa

    for row in keeping.rows():
        if row.state == "failed":
            continue
        path = keeping.path(row)
        try:
            claims = list(_rows(json.loads(path.read_bytes()), path.name))
            batch = pa.RecordBatch.from_pylist(claims, schema=columns)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            # Gone, cut short, or edited: whatever it is now, it is no report of ours.
            damaged.append(row)
        else:
            yield batch


def _rows(report: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    article, run = report["article"], report["run"]
    for claim in report["claims"]:
        error = claim["error"] or {}
        yield {
            "report": name,
            "article_id": article["id"],
            **{
                f"article_{field}": article[field]
                for field in ("title", "author", "publisher", "url", "published_at", "language")
            },
            "claim_id": claim["id"],
            "claim": claim["text"],
            **{
                field: claim[field]
                for field in (
                    *("quote", "start", "end", "kind", "speaker", "status", "verdict"),
                    *("confidence", "explanation", "missing"),
                )
            },
            "error_kind": error.get("kind"),
            "error_message": error.get("message"),
            "supporting_origins": _origins(claim["evidence"], "supports"),
            "contradicting_origins": _origins(claim["evidence"], "contradicts"),
            "evidence": [_evidence(item) for item in claim["evidence"] if _decides(item)],
            "run_id": run["id"],
            "model": run["model"],
            "checked_at": run["created_at"],
        }


def _decides(item: dict[str, Any]) -> bool:
    return bool(item["stance"] != "neutral")


def _evidence(item: dict[str, Any]) -> dict[str, Any]:
    fields = ("source_id", "title", "publisher", "url", "published_at")
    return {field: item[field] for field in (*fields, "stance", "probability", "quote", "origin")}


def _origins(evidence: Iterable[dict[str, Any]], stance: str) -> int:
    return len({item["origin"] for item in evidence if item["stance"] == stance})
