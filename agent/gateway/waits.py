"""What the headers of a reply say of waiting: how long it asks for, and what is left."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|[hms]|$)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}


def wait_asked(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a reply asks to wait, or None where it asks for nothing sensible.

    Reads `Retry-After` (seconds, or an HTTP date, RFC 9110 section 10.2.3) and
    `retry-after-ms`; the longer of the two counts. A date is taken relative to the server's
    own `Date`, because its clock is not ours. What is not a positive number asks for nothing.
    Without either, a rate limit of which nothing is left asks to wait until it is reset.

    Args:
        headers: of the reply, names in lower case or a case-insensitive mapping.
        now: stands in for a missing `Date`; default the present.
    """
    asked = [_seconds(headers.get("retry-after-ms"), 1000)]
    after = headers.get("retry-after")
    asked.append(_seconds(after, 1))
    if (moment := _date(after)) is not None:
        start = _date(headers.get("date")) or now or datetime.now(UTC)
        asked.append((moment - start).total_seconds())
    wanted = [seconds for seconds in asked if seconds is not None and seconds > 0]
    if not wanted and (left := rate_limit_left(headers)) and not left[0]:
        wanted = [left[1]] if left[1] > 0 else []
    return max(wanted, default=None)


def _seconds(value: str | None, per_second: int) -> float | None:
    try:
        number = float(value or "") / per_second
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def rate_limit_left(headers: Mapping[str, str]) -> tuple[int, float] | None:
    """What a reply says of its rate limit: requests left, and seconds until there are more.

    Reads `x-ratelimit-remaining-requests` and `-tokens` with their `x-ratelimit-reset-…`
    (OpenAI and those like it) and the same without a suffix. Of tokens it matters only whether
    any are left.
    """
    least: tuple[int, float] | None = None
    for suffix in ("-requests", "-tokens", ""):
        try:
            left = int(headers.get(f"x-ratelimit-remaining{suffix}", ""))
        except ValueError:
            continue
        reset = seconds_of(headers.get(f"x-ratelimit-reset{suffix}", ""))
        if left < 0 or reset is None or (suffix == "-tokens" and left):
            continue
        if least is None or left < least[0]:
            least = left, reset
    return least


def seconds_of(duration: str) -> float | None:
    """Seconds of `6s`, `1m30s`, `120ms` or a plain number; None for anything else."""
    text = duration.strip().lower()
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    if len(parts) > 1 and any(not unit for _, unit in parts):
        return None
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    # Some servers give the moment (seconds since 1970) instead: nothing sensible is so long.
    return seconds if seconds < 86_400 else None
