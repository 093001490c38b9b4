"""Assay checks an article's claims against a library of sources.

from agent import FactChecker

checker = FactChecker(library="my-library")
report = checker.check("article.txt")
print(report.claims[0].verdict, report.claims[0].evidence[0].quote)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.errors import AssayError

if TYPE_CHECKING:
    from agent.check import FactChecker
    from agent.types import Article, CheckedClaim, Claim, Evidence, Report, Source

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
    # Loading the checker pulls in the models' run time, and the types pydantic; `assay --help`
    # must not wait for either.
    if name == "FactChecker":
        from agent.check import FactChecker

        return FactChecker
    if name in __all__:
        from agent import types

        return getattr(types, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
