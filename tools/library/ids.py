"""Names that follow from what they name: the same text has the same id in every library."""

from __future__ import annotations

import hashlib


def source_id(text: str) -> str:
    """`s-` and the first 16 hexadecimal digits of the text's SHA-256."""
    return f"s-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def passage_id(of_source: str, number: int) -> str:
    """`SOURCE_ID:NUMBER`, counted from 0."""
    return f"{of_source}:{number}"
