"""Which evidence on a claim is one voice, though no text is a copy of another.

Copies are told from the texts, whatever they say (`tools.library.kinship`). Here it is told from
who speaks: sources of one publisher or one site that take the same side of a claim count once,
however differently they word it, because whoever owns a site can fill it with texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.types import Evidence, Stance
from tools.library.sites import site


def one_voice_each(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence, where sources of one publisher or site that take one side have one origin.

    What one publisher says for a claim and what another says for it stay apart even if somebody
    whom both are akin to says the opposite: an attacker cannot join them that way.
    """
    leader: dict[tuple[Stance, str], str] = {}

    def root(stance: Stance, name: str) -> str:
        while (above := leader.get((stance, name), name)) != name:
            name = above
        return name

    deciding = [e for e in evidence if e.stance != "neutral"]
    for item in deciding:
        publisher, owner = (item.publisher or "").casefold().strip(), site(item.url)
        names = [f"origin {item.origin}"]
        names += [f"publisher {publisher}"] if publisher else []
        names += [f"site {owner}"] if owner else []
        roots = sorted({root(item.stance, name) for name in names})
        for name in roots[1:]:
            leader[item.stance, name] = roots[0]
    voices: dict[tuple[Stance, str], list[Evidence]] = {}
    for item in deciding:
        key = item.stance, root(item.stance, f"origin {item.origin}")
        voices.setdefault(key, []).append(item)
    first = {key: min(items, key=_age).origin for key, items in voices.items()}

    def joined(item: Evidence) -> Evidence:
        if item.stance == "neutral":
            return item
        origin = first[item.stance, root(item.stance, f"origin {item.origin}")]
        if origin == item.origin:
            return item
        reason = item.origin_reason or "publisher"
        return item.model_copy(update={"origin": origin, "origin_reason": reason})

    return [joined(item) for item in evidence]


def _age(item: Evidence) -> tuple[bool, str, bool, str]:
    date = item.published_at
    return date is None, date or "", item.source_id != item.origin, item.origin
