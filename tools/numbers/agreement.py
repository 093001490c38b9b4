"""What a comparison of two facts of a text answers, whatever kind of fact they are.

`tools.numbers.quantities`, `tools.times.periods`, `tools.times.clock` and `tools.people.names` each
have one function `agreement` that takes two facts of their kind and returns this. It never asks
which of the two is the claim: turned round, the answer is of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AgreementKind = Literal["equal", "compatible", "different", "not comparable"]


@dataclass(frozen=True)
class Agreement:
    """How two facts stand to each other.

    Attributes:
        kind: `equal`: they say the same. `compatible`: both can be true at once, as precisely as
            they are stated. `different`: they cannot both be true of one thing. `not comparable`:
            they are facts about different things, or one of them does not tell enough.
        why: one sentence for people.
    """

    kind: AgreementKind
    why: str

    def __bool__(self) -> bool:
        """Whether the two can be said of one thing: `equal` or `compatible`."""
        return self.kind in ("equal", "compatible")
