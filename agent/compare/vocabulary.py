"""Words that several comparisons share: for rises and falls, and for taking up what was just told.

What moves a figure says nothing of what the figure is of, so these words are left out where a claim
is placed. Verbs stand once, by the direction they tell.
"""

from __future__ import annotations

import re

from tools.numbers.measures import kin
from tools.text.words import content_stems

_MOVING = (
    "rose rises risen increased climbed grew grown fell falls fallen decreased dropped declined "
    "shrank rise grow increase climb gain gained fall drop decline decrease shrink "
    "shrunk lose lost widen narrow up higher lower change went"
)
MOVES = kin(content_stems(_MOVING))
"""Stems of the words that tell a rise, a fall or a change."""

_WHOLE = r"(?:out )?of (?:the|its|their|these|all|her|his)"
OF_THE = re.compile(rf"\s+{_WHOLE}\b", re.I)
"""After a part: its whole follows."""
ENDS_IN_OF_THE = re.compile(rf"\b{_WHOLE}\s+$", re.I)
"""Before a whole: its part was told."""
OF_THEM = re.compile(r"\s+(?:of|among)\s+(?:them|these|those|whom|which)\b", re.I)
"""After a part: its whole was told before."""
