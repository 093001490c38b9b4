"""Keeps the groups of a library's sources up to date as sources come and go.

A source that has no signature yet is not in its group. It is looked up among the signatures of
all others, and joins the groups that it is akin to. When a source is removed, the others of its
group lose their signatures, too, because what held them together may be gone. So the work after
a change is that of the sources concerned, and the outcome is as if all were grouped at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from agent.types import Source
from tools.library.kinship import kinship
from tools.library.origins import (
    RULES,
    copied,
    joined,
    profile_of,
    settled,
    signature,
)
from tools.library.profiles import profile
from tools.library.signatures import akin

if TYPE_CHECKING:
    from tools.library.database import Database

_RULES = "origin_rules"


def is_settled(db: Database) -> bool:
    """Whether every source is in its group, by the rules of this release."""
    return db.meta(_RULES) == RULES and not db.ungrouped()


def settle(db: Database) -> None:
    """Groups the sources that are in no group yet. The library's lock must be held alone."""
    with db.transaction():
        if db.meta(_RULES) != RULES:
            db.forget_signatures()
            db.set_meta(**{_RULES: RULES})
        new = db.ungrouped()
        fresh = {id_: signature(profile_of(_read(db, id_))) for id_ in new}
        signatures = db.signatures() | fresh
        ids = sorted(signatures)
        places = {id_: number for number, id_ in enumerate(ids)}
        before = db.origins()
        groups = [id_ if id_ in fresh else before[id_] for id_ in ids]

        @lru_cache(maxsize=512)
        def source(number: int) -> Source:
            return _read(db, ids[number])

        after = joined(
            groups,
            akin([signatures[id_] for id_ in ids], [places[id_] for id_ in new]),
            lambda a, b: kinship(profile_of(source(a)), profile_of(source(b))) is not None,
        )
        merged: dict[str, list[str]] = {}
        for group, now in after.items():
            merged.setdefault(now, []).append(group)
        for old in merged.values():
            if len(old) == 1 and old[0] not in fresh:
                continue
            known = db.members([group for group in old if group not in fresh])
            members = [*known, *(group for group in old if group in fresh)]
            found = settled([_read(db, id_) for id_ in members], known)
            changed = {id_: origin for id_, origin in found.items() if origin != known.get(id_)}
            db.set_origins(changed)
        db.set_signatures(fresh)


def copies(db: Database, text: str) -> set[str]:
    """Ids of the sources that are this text, or copies of it."""
    mine = profile(text)
    stored = db.signatures()
    ids = sorted(stored)
    signatures = [stored[id_] for id_ in ids]
    place = len(ids)
    found = set()
    for pair in akin([*signatures, signature(mine)], [place], popular=place):
        other = ids[min(pair)]
        if copied(kinship(mine, profile_of(_read(db, other)))):
            found.add(other)
    return found


def _read(db: Database, source_id: str) -> Source:
    source = db.get(source_id)
    if source is None:
        raise db.damaged(f"the source {source_id} is missing")
    return source
