"""Assay checks an article's claims against a library of sources.

from agent import FactChecker

checker = FactChecker(library="my-library")
report = checker.check("article.txt")
print(report.claims[0].verdict, report.claims[0].evidence[0].quote)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.errors import AssayError
from agent.types import Article, CheckedClaim, Claim, Evidence, Report, Source

if TYPE_CHECKING:
    from agent.check import FactChecker

__version__ = "0.1.0"

__all__ = [
    "Article",
    "AssayError",
    "CheckedClaim",
    "Claim",
    "Evidence",
    "FactChecker",
    "Report",
    "Source",
    "__version__",
]


def __getattr__(name: str) -> Any:
    # Loading the checker pulls in the models' run time; `assay --help` must not wait for it.
    if name == "FactChecker":
        from agent.check import FactChecker

        return FactChecker
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
