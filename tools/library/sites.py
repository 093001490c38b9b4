"""Whose page an address is: what a name owner can hand out as many names of as they like.

Whoever has a name has all names below it, so that `a.press.example` and `b.press.example` are one
owner's. Where a country hands out names below a second label (`co.uk`, `com.au`), the third one is
the owner's. The list of labels is short and no copy of the Public Suffix List: hosts of many
people's pages (`pages.host.example`) are taken for one owner's.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HANDED_OUT = re.compile(r"(?:ac|co|com|edu|go|gob|gov|gouv|govt|ltd|me|mil|ne|net|nom|or|org|plc)")
_ADDRESS = re.compile(r"[\d.]+|.*:.*")


def site(url: str | None) -> str | None:
    """The owner's part of an address's host; None where there is no host.

    Case, port, `www.` and a dot at the end do not matter. An IP address is an owner by itself.
    """
    try:
        host = (urlsplit(url or "").hostname or "").rstrip(".")
    except ValueError:  # a malformed IPv6 address
        return None
    if not host or _ADDRESS.fullmatch(host):
        return host or None
    labels = host.split(".")
    third = len(labels) > 2 and len(labels[-1]) == 2 and _HANDED_OUT.fullmatch(labels[-2])
    return ".".join(labels[-3 if third else -2 :])
