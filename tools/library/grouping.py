"""Keeps the groups of a library's sources up to date as sources come and go.

A source that has no signature yet is not in its group. It is looked up among the signatures of
all others, and joins the groups that it is akin to. When a source is removed, the others of its
group lose their signatures, too, because what held them together may be gone. So the work after
a change is that of the sources concerned, and the outcome is as if all were grouped at once.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

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
from tools.library.profiles import Profile, profile
from tools.library.signatures import Origin, Sketches, akin

if TYPE_CHECKING:
    from tools.library.database import Database

_RULES = "origin_rules"


def is_settled(db: Database) -> bool:
    """Whether every source is in its group, by the rules of this release."""
    return db.meta(_RULES) == RULES and db.groups.all_grouped()


def settle(db: Database) -> None:
    """Groups the sources that are in no group yet. The library's lock must be held alone."""
    with db.transaction():
        if db.meta(_RULES) != RULES:
            db.groups.forget_signatures()
            db.set_meta(**{_RULES: RULES})

        @lru_cache(maxsize=512)
        def text(id_: str) -> Profile:
            return profile_of(_read(db, id_))

        new = db.groups.ungrouped()
        for id_ in new:
            db.groups.set_signature(id_, signature(text(id_)))
        # On its own, until it is joined with others; its former group is grouped anew, too.
        db.groups.set_origins({id_: Origin(id_, None) for id_ in new})
        ids, sketches = db.groups.sketches()
        after = joined(
            lambda number: db.groups.origin(ids[number]),
            akin(
                sketches,
                lambda number: db.groups.signature(ids[number]),
                [bisect_left(ids, id_) for id_ in new],
            ),
            lambda a, b: kinship(text(ids[a]), text(ids[b])) is not None,
        )
        merged: dict[str, list[str]] = {}
        for group, now in after.items():
            merged.setdefault(now, []).append(group)
        for groups in merged.values():
            known = db.groups.members(groups)
            found = settled([_read(db, id_) for id_ in known], known, lambda each: text(each.id))
            changed = {id_: origin for id_, origin in found.items() if origin != known[id_]}
            db.groups.set_origins(changed)


def copies(db: Database, text: str) -> set[str]:
    """Ids of the sources that are this text, or copies of it."""
    mine = profile(text)
    own = signature(mine)
    ids, sketches = db.groups.sketches()
    place = len(ids)  # the text comes after all others
    with_it = Sketches(
        np.concatenate([sketches.values, own.sketch]),
        np.append(sketches.ends, len(sketches.values) + len(own.sketch)),
    )
    pairs = akin(
        with_it,
        lambda number: own if number == place else db.groups.signature(ids[number]),
        [place],
        popular=place,
    )
    others = (ids[other] for _, other in pairs)
    return {id_ for id_ in others if copied(kinship(mine, profile_of(_read(db, id_))))}


def _read(db: Database, source_id: str) -> Source:
    source = db.get(source_id)
    if source is None:
        raise db.damaged(f"the source {source_id} is missing")
    return source
