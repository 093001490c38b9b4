"""Which sentences are set aside as talk: a prior by their wording, which rules overrule.

In news nearly every sentence states something. In a debate, a speech or a letter most do not:
people thank, promise, appeal, and comment on one another. So a sentence is taken for talk where
it shows a mark of talk (it speaks of `I` or `you`, it appeals, it opens with `well`) and its
wording is seldom that of something to check (`tools.text.checkworthiness`). A plain statement about
a third party needs to be worded like hardly anything that was ever checked (`The means are at
issue`). One sentence is looked at by itself, so it fares the same in any article.
"""

from __future__ import annotations

import re
from typing import Final

from tools.text.checkworthiness import check_worthiness

TALK_BELOW: Final = 0.25
"""A sentence with a mark of talk is set aside below this; the model card shows its neighbours."""
PLAIN_BELOW: Final = 0.03
"""The same for a sentence without one."""

# Case matters: `US` is no `us`, and `May` no `may`.
_MARK = re.compile(
    r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|us|[Oo]urs?|[Oo]urselves|[Yy]ou|[Yy]ours?|"
    r"[Yy]ourself|folks|gonna)\b"
    r"|[’'](?:re|ve|ll|d|m|t)\b"
    r"|\b(?:should|ought to|got to)\b"
    r"|[?!]\W{0,8}$|--"
    r"|^(?:[Ww]ell|[Ss]o|[Ll]ook|[Yy]es|[Oo]kay|OK|[Bb]ecause|"
    r"[Ll]et|[Tt]hat[’']s)\b"
)


def is_talk(sentence: str) -> bool:
    """Whether a sentence that quotes nobody and names no speaker is set aside as talk."""
    return check_worthiness(sentence) < (TALK_BELOW if _MARK.search(sentence) else PLAIN_BELOW)
