"""What a source is called."""

from __future__ import annotations

import pytest

from agent.types import Source
from tools.library.titles import called

MILL = "The mill at Orlen burned down on Tuesday, an hour before the shift was to begin."


@pytest.mark.parametrize(
    ("title", "path", "name"),
    [
        ("A fire", "rows.csv", "A fire"),
        (None, "mill.txt", "mill.txt"),
        (None, None, None),
        (None, "rows.csv", "rows.csv: The mill at Orlen burned down on Tuesday, an hour before …"),
        (
            None,
            "rows.parquet",
            "rows.parquet: The mill at Orlen burned down on Tuesday, an hour before …",
        ),
    ],
)
def test_an_untitled_row_is_told_by_its_opening(
    title: str | None, path: str | None, name: str | None
) -> None:
    day = "2026-03-04T00:00:00Z"
    assert (
        called(Source(id="s-1", text=MILL, title=title, path=path, added_at=day, origin="s-1"))
        == name
    )
