"""One tree of errors. Each says what was wrong, with what, and what to do.

    AssayError                      exit code
    ├── UsageError                  2   a wrong option or value
    ├── InputError                  3   the input cannot be read
    ├── LibraryError                4   the library cannot be used
    │   ├── LibraryMissing
    │   ├── LibraryReadOnly
    │   ├── LibraryEmpty
    │   ├── LibraryLocked
    │   ├── LibraryDamaged
    │   └── EmbedderMismatch
    ├── PromptError                 1   a prompt file and its caller disagree: a defect of ours
    ├── ModelError                      a language model did not do its work
    │   ├── ClaimFailed             5   one claim cannot be rated; the others go on
    │   └── ModelUnavailable        6   nothing can be rated: stop, keep what is done
    └── ReportError                 1   a report breaks its own contract: a defect of ours

A command that ends in one of these prints `what` and `todo` and exits with the code.
"""

from __future__ import annotations

from typing import Any


class AssayError(Exception):
    """Base of all errors that a user may see.

    Args:
        what: what was wrong and with what, one line, no trailing full stop.
        todo: what to do about it, one line.
    """

    exit_code = 1
    ends_at_once = False
    """Whether a process can only be left without tidying up: something waits for what is gone."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.what}. {self.todo}".strip() if self.todo else self.what

    def __reduce__(self) -> tuple[Any, ...]:
        # By its attributes: what `__init__` takes is not what an exception keeps.
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[AssayError], args: tuple[Any, ...]) -> AssayError:
    """An error as another process raised it."""
    error = kind.__new__(kind)
    error.args = args
    return error


class UsageError(AssayError):
    """An option or a value that cannot be meant."""

    exit_code = 2


class InputError(AssayError):
    """The article or source is missing, empty, not text, or too large."""

    exit_code = 3


class LibraryError(AssayError):
    """The library cannot be used."""

    exit_code = 4


class LibraryMissing(LibraryError):
    """There is no library at the place named."""


class LibraryReadOnly(LibraryError):
    """The library is a snapshot: nobody writes to it."""


class LibraryEmpty(LibraryError):
    """The library holds no source (or none is left after leaving some out)."""


class LibraryLocked(LibraryError):
    """Another process holds the library."""


class LibraryDamaged(LibraryError):
    """The library's database cannot be read; its caches are rebuilt without asking."""


class EmbedderMismatch(LibraryError):
    """The library's vectors were made by another embedder."""


class PromptError(AssayError):
    """A prompt file is missing, malformed, or called with other variables than it names."""


class ModelError(AssayError):
    """A language model did not do its work."""

    def __init__(self, kind: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.kind = kind
        """Short name of the fault, as in the report's `error.kind`: `rate_limited`,
        `timeout`, `network`, `server`, `bad_reply`, `bad_quote`, `refusal`,
        `content_filter`, `truncated`, `context_length`, `auth`, `quota`, …"""


class ClaimFailed(ModelError):
    """This claim cannot be rated; the others go on."""

    exit_code = 5


class ModelUnavailable(ModelError):
    """No claim can be rated: wrong key, unknown model, no quota, nobody answers."""

    exit_code = 6


class ReportError(AssayError):
    """A report breaks its own contract."""
