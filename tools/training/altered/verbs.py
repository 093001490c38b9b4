"""Forms of common English verbs, for sentences that are turned by rule.

Only verbs listed here are turned, so that no form is guessed wrongly.
"""

from __future__ import annotations

_REGULAR = (
    "accept accuse achieve acquire add admit adopt agree announce appear appoint approve arrest "
    "arrive attack attend ban block call cancel capture carry cause change claim close collapse "
    "complete conclude confirm contain contribute control cover crash create criticise criticize "
    "cross damage decide declare defeat defend deliver demand deny deploy describe design destroy "
    "develop die direct discover dismiss donate drop earn employ enter escape establish expand "
    "explode face fail fire follow form gain graduate help hire host identify improve include "
    "increase inform injure introduce invent investigate invite join jump kick kill land launch "
    "learn live locate lower marry mention miss move murder name notice obtain occur offer open "
    "operate oppose order organise organize own pass perform persuade plan play plead praise "
    "predict produce promise promote protest provide publish purchase push raise reach receive "
    "record reduce refuse reject release remain remove rename repair replace report rescue resign "
    "respond retire return reveal rob sail serve sign sponsor star start stop suffer suggest "
    "support surrender survive suspend test threaten train travel treat urge use visit vote warn "
    "welcome work"
).split()
_DOUBLING = frozenset("admit ban drop plan rob star stop".split())
_IRREGULAR = {
    "become": ("became", "become"), "begin": ("began", "begun"), "break": ("broke", "broken"),
    "bring": ("brought", "brought"), "build": ("built", "built"), "buy": ("bought", "bought"),
    "catch": ("caught", "caught"), "choose": ("chose", "chosen"), "come": ("came", "come"),
    "do": ("did", "done"), "draw": ("drew", "drawn"), "fall": ("fell", "fallen"),
    "fight": ("fought", "fought"), "find": ("found", "found"), "flee": ("fled", "fled"),
    "fly": ("flew", "flown"), "get": ("got", "got"), "give": ("gave", "given"),
    "go": ("went", "gone"), "grow": ("grew", "grown"), "have": ("had", "had"),
    "hold": ("held", "held"), "keep": ("kept", "kept"), "know": ("knew", "known"),
    "lead": ("led", "led"), "leave": ("left", "left"), "lose": ("lost", "lost"),
    "make": ("made", "made"), "meet": ("met", "met"), "pay": ("paid", "paid"),
    "rise": ("rose", "risen"), "run": ("ran", "run"), "say": ("said", "said"),
    "see": ("saw", "seen"), "sell": ("sold", "sold"), "send": ("sent", "sent"),
    "shoot": ("shot", "shot"), "sing": ("sang", "sung"), "speak": ("spoke", "spoken"),
    "spend": ("spent", "spent"), "stand": ("stood", "stood"), "steal": ("stole", "stolen"),
    "take": ("took", "taken"), "teach": ("taught", "taught"), "tell": ("told", "told"),
    "wear": ("wore", "worn"), "win": ("won", "won"), "write": ("wrote", "written"),
}  # fmt: skip


def _regular(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + (base[-1] if base in _DOUBLING else "") + "ed"


PAST = {
    **{base: _regular(base) for base in _REGULAR},
    **{base: forms[0] for base, forms in _IRREGULAR.items()},
}
"""Base form → simple past."""
PARTICIPLE = {
    **{base: _regular(base) for base in _REGULAR},
    **{base: forms[1] for base, forms in _IRREGULAR.items()},
}
"""Base form → past participle."""
BASE = {past: base for base, past in PAST.items()}
"""Simple past → base form."""


def third_person(base: str) -> str:
    """`he builds`, `he watches`, `he carries`."""
    if base in ("do", "go") or base.endswith(("s", "x", "z", "ch", "sh")):
        return base + "es"
    if base == "have":
        return "has"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"
