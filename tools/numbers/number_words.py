"""What the readers of numbers share: the number itself, and number words below a hundred."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(),
                 range(20, 100, 10), strict=True))  # fmt: skip
_TEENS = dict(zip("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
                  "nineteen".split(), range(10, 20), strict=True))  # fmt: skip
_ONES = {w: n for n, w in enumerate("nil one two three four five six seven eight nine".split())}
SMALL_WORDS = (
    rf"(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)}"
)
"""Pattern of the number words below a hundred."""


def small_number(written: str) -> int:
    """The value of digits or of a number word below a hundred.

    Raises:
        KeyError: it is neither.
    """
    if written.isdigit():
        return int(written)
    values = {**_TENS, **_TEENS, **_ONES}
    return sum(values[word] for word in re.split(r"[\s-]+", written.lower()))


@dataclass(frozen=True)
class Numeral:
    """A number in a text, without its unit.

    Attributes:
        start, end: its span.
        value: the number.
        step: half a unit of the last digit written.
        unit: the sign of a currency written before it, `%` for a fraction, else empty.
        rough: whether its form (`two thirds`) says that it is not exact.
        first: of a range (`10 to 15`), its lower end; there `value` is the middle.
        scale: what one of the number's digits counts: 1e6 in `4m` and `four million`.
    """

    start: int
    end: int
    value: float
    step: float
    unit: str = ""
    rough: bool = False
    first: float | None = None
    scale: float = 1.0
