"""Exit codes that commands give, beside those of `agent.errors`."""

from __future__ import annotations

BROKEN = 1
"""A defect, or a disk that fails."""
USAGE = 2
UNREAD = 3
"""Some of what was given cannot be read; the rest is done."""
LIBRARY = 4
FAILED = 5
"""Claims, articles or samples could not be rated."""
BUDGET = 7
"""The budget is spent."""
MATCHED = 10
"""What the user asked to be warned of: `--fail-on`, a bound that is missed."""
INTERRUPTED, BROKEN_PIPE, TERMINATED = 130, 141, 143
"""128 and the number of the signal, as of a shell: SIGINT, SIGPIPE, SIGTERM."""
