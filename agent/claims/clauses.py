"""From a sentence to its clauses: what may be true while the rest is false.

A clause keeps its figures, its conditions, its comparisons and its restrictive relatives;
what somebody is reported to say stays one statement. Clauses that share a subject
(`The firm cut 300 jobs and closed two plants`) each get it written in. Splitting finer,
into atoms, does not help a judge; splitting wrongly misstates the article, so where the
forms of the words leave doubt a sentence stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.claims.asides import Aside, asides
from agent.claims.attribution import unreported
from agent.claims.finite import has_verb
from tools.text.grammar import (
    ADVERB,
    SHIELD,
    SUBJECT,
    Verb,
    is_be,
    is_have,
    is_statement,
    shielded,
    verbs,
)
from tools.text.words import WORD

_LONGEST = 3000
"""Characters; a longer sentence is broken text and stays whole."""
_BOUNDARY = re.compile(
    r"(?<!\s)\s*(?:;|,\s*(?:while|whereas|but|and|although|though|even though|yet)\b|"
    r"\s[—–-]+\s*(?:while|whereas|but|and)\b|\swhereas\b)\s+"
)
_BARE_AND = re.compile(
    r"\s(?:and|but)\s+(?=(?:he|she|it|they|there)\s|(?:the|an?|its|their|his|her)\s"
    r"(?:(?!he\b|she\b|it\b|they\b|who\b|that\b)[\w’'-]+\s){1,3}"
    r"(?:is|are|was|were|has|had|will|would|became|began|went|fell|rose|took|came)\s)"
)
_INSERTED = re.compile(r",\s+(?:who|which|whose|where)\b")
_COLON = re.compile(r":\s+(?=[a-z])")
_CONCESSION = re.compile(r"(?:Although|Though|Even though|While|Whereas)\s+", re.I)
# Words that bind what stands after them to a condition, a choice or a count of both.
_BINDS = re.compile(
    r"\b(?:if|unless|whether|provided|until|either|neither|both|not only|nor|so that|in order|lest|"
    r"suppose|than)\b",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:if|unless|whether|provided|either|neither|not only|lest|suppose)\b", re.I
)
_NONE = re.compile(
    r"\b(?:no|nobody|none|nothing|few|fewer|neither|only|hardly|scarcely|rarely|never|seldom|not)\b",
    re.I,
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|whose|when|where|because|how|why|what|although|though|while)\b"
)
# These open a clause or a phrase: `since it opened`, `since 1984`.
_CLAUSE_OR_PHRASE = re.compile(r"\b(?:after|before|since|as|once)\b")
_AND_PREDICATE = re.compile(
    rf",?(?<!\s)\s+(?:and|but)\s+(?:(?:{ADVERB}|then|thus|subsequently|eventually)\s+){{0,2}}|,\s+"
)
_ACTIVE = frozenset(
    "moved worked died served lived studied graduated attended remained played appeared joined "
    "earned received returned started continued retired competed performed received became "
    "recorded gained scored finished starred toured taught resigned travelled "
    "married".split()
)
_OBJECT = re.compile(
    r"(?:(?:the|an?|its|their|his|her|another|any|these|those|"
    r"several|many|one|two|three|four|five|over|more)\b|[A-Z\d€$£])"
)
# What follows a verb, unlike a participle before its noun: an object, a phrase, a clause.
_GOES_ON = re.compile(
    rf"(?:{_OBJECT.pattern}|him\b|them\b|it\b|her\b|us\b|itself\b|himself\b|herself\b|themselves\b|"
    r"all\b|some\b|no\b|nearly\b|about\b|around\b|up\b|down\b|out\b|off\b|away\b|back\b|against\b|"
    r"over\b|under\b|until\b|among\b|along\b|ahead\b|again\b|before\b|between\b|through\b|across\b|towards?\b|that\b|how\b|what\b|"
    r"not\b|[a-z]+(?:ly|ing|[^s]s)\b|(?:in|by|at|on|as|to|from|with|for|into|after|of|than|per)\b)"
)
_PASSIVE_NEXT = re.compile(r"(?:in|by|at|on|as|to|from|with|for|into|after|of)\b")
_DEFINED = re.compile(
    r"^(?P<head>(?P<subject>[^,;:¤]{2,80}?)\s(?P<be>is|was)\s(?:also\s)?an?\s[^,;:¤]*?)"
    r"(?P<gap>,?\s(?:who|that|which)\s(?=\w)|,?\s(?=(?:best\s|also\s|widely\s)?(?:born|known|based|located|"
    r"headquartered|founded|established|released|published)\s(?:in|on|for|as|by|at)\b))"
)


@dataclass(frozen=True)
class Clause:
    """A clause of a sentence that is a statement of its own.

    Attributes:
        start, end: of its quote, in the sentence.
        text: its wording: the quote without what other clauses say, with what it shares.
        added: words of `text` that the quote does not have.
    """

    start: int
    end: int
    text: str
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """A stretch of the sentence without its asides, and what it shares with an earlier one.

    Attributes:
        start, end: of the stretch.
        subject: span of the subject that it shares, if it has none of its own.
        auxiliary: the verb that it shares: `has`, `was`.
    """

    start: int
    end: int
    subject: tuple[int, int] = (0, 0)
    auxiliary: str = ""


def clauses(sentence: str) -> list[Clause]:
    """The clauses of a sentence, in order of their beginnings; one at least.

    Every word of the sentence is in a quote, except conjunctions between two clauses. The
    quote of a clause into which another is inserted holds that one, too; its `text` does not.
    """
    if len(sentence) > _LONGEST:
        return [Clause(0, len(sentence), sentence)]
    masked = shielded(sentence)
    free = unreported(masked)
    passing = asides(sentence, masked, free)
    kept = [
        i for i in range(len(sentence)) if not any(a <= i < b for a, b in (x.hole for x in passing))
    ]
    reduced = "".join(sentence[i] for i in kept)
    plain = "".join(masked[i] for i in kept)
    found = [_stated(aside, sentence) for aside in passing]
    for part in _parts(plain):
        if not plain[part.start : part.end].strip():
            continue
        start, end = kept[part.start], kept[part.end - 1] + 1
        shared = " ".join(f"{reduced[slice(*part.subject)]} {part.auxiliary}".split())
        own = reduced[part.start : part.end]
        if shared:
            found.append(Clause(start, end, f"{shared} {own}", (shared,)))
        else:
            found.append(Clause(start, end, own))
    if not found:
        return [Clause(0, len(sentence), sentence)]
    return sorted(found, key=lambda clause: (clause.start, -clause.end))


def _stated(aside: Aside, sentence: str) -> Clause:
    text, added = "", []
    for piece in aside.pieces:
        if isinstance(piece, str):
            text += piece
            if (
                any(c.isalnum() for c in piece)
                and piece.strip().lower() not in sentence[aside.start : aside.end].lower()
            ):
                added.append(piece.strip())
        else:
            text += sentence[slice(*piece)]
            if not aside.start <= piece[0] <= piece[1] <= aside.end:
                added.append(sentence[slice(*piece)])
    return Clause(aside.start, aside.end, re.sub(r"[\s.]+\.$", ".", text), tuple(added))


def _parts(plain: str) -> list[_Part]:
    """The clauses beside one another, then their predicates."""
    found: list[_Part] = []
    for start, end in _side_by_side(plain):
        found += _predicates(plain, start, end)
    return found


def _side_by_side(plain: str) -> list[tuple[int, int]]:
    """Spans of the clauses of a sentence that have subjects of their own."""
    free = unreported(plain)
    cuts: list[tuple[int, int]] = []
    left = 0
    begin = 0
    if concession := _CONCESSION.match(plain):
        comma = plain.find(", ", concession.end())
        if (
            comma > 0
            and _weighs(plain[concession.end() : comma])
            and _weighs(plain[comma + 2 :])
            and is_statement(plain[concession.end() : comma])
            and SUBJECT.match(plain[comma + 2 :])
            and has_verb(" ".join(plain[comma + 2 :].split()[:9]))
            and any(a <= comma < b for a, b in free)
        ):
            begin = concession.end()
            cuts.append((comma, comma + 2))
            left = comma + 2
    matches = sorted(
        (m for pattern in (_BOUNDARY, _BARE_AND, _COLON) for m in pattern.finditer(plain, left)),
        key=lambda m: m.span(),
    )
    for match in matches:
        if match.start() < left or not any(
            a <= match.start() and match.end() <= b for a, b in free
        ):
            continue
        before, after = plain[left : match.start()], plain[match.end() :]
        semicolon = match[0].strip() == ";"
        if not (_weighs(before) and _weighs(after) and has_verb(before)):
            continue
        if not has_verb(" ".join(after.split()[:9])):
            continue
        inserted = _INSERTED.search(before)
        if inserted and not verbs(before[: inserted.start()]):
            continue  # `The town, which was sold, and the port were lost`
        if not semicolon and (
            _CONDITION.search(before)
            or not is_statement(after)
            or (match.re is _BARE_AND and _bound(before))
        ):
            continue
        if match.re is _COLON and not verbs(after):
            continue
        cuts.append(match.span())
        left = match.end()
    bounds = [begin, *(edge for cut in cuts for edge in cut), len(plain)]
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def _bound(before: str) -> bool:
    """Whether what follows may go on a subordinate clause: `when the tide fell and it …`."""
    if _SUBORDINATE.search(before):
        return True
    phrase = _CLAUSE_OR_PHRASE.search(before)
    return phrase is not None and has_verb(before[phrase.end() :])


def _weighs(text: str) -> bool:
    return len(WORD.findall(text)) >= 4


def _predicates(plain: str, start: int, end: int) -> list[_Part]:
    """The predicates of one subject: `The firm cut 300 jobs, closed two plants and left.`"""
    clause = plain[start:end]
    if defined := _defined(clause):
        head, gap_end, subject_end, shared = defined
        if has_verb(f"{shared} {clause[gap_end:]}"):
            return [
                _Part(start, start + head),
                _Part(start + gap_end, end, (start, start + subject_end), shared),
            ]
    free = unreported(clause)
    found = verbs(clause)
    if not found or _BINDS.search(clause) or free != [(0, len(clause))]:
        return [_Part(start, end)]
    first = found[0]
    subject = clause[: first.start]
    if not subject.strip() or _unclear_subject(subject):
        return [_Part(start, end)]
    parts = [_Part(start, end)]
    joint = None
    for conjunction, verb, shared in _joints(clause, found):
        if _bound(clause[first.end : conjunction[0]]):
            break
        parts[-1] = replace(parts[-1], end=start + conjunction[0])
        parts.append(_Part(start + verb.start, end, (start, start + first.start), shared))
        joint = conjunction
    # A last comma without `and` is no enumeration of predicates.
    if joint is not None and not re.search(r"\b(?:and|but)\b", clause[slice(*joint)]):
        return [_Part(start, end)]
    return parts


def _defined(clause: str) -> tuple[int, int, int, str] | None:
    """`X is a painter who …`, `X is a town known for …`: end of the head, beginning of the rest,
    end of the subject, and the verb that the rest lacks."""
    match = _DEFINED.match(clause)
    if (
        not match
        or _NONE.search(match["head"])
        or verbs(match["subject"])
        or not SUBJECT.match(clause)
    ):
        return None
    if re.match(r"(?:it|this|that|there)\b", match["subject"], re.I) or _BINDS.search(clause):
        return None
    if len(match["head"].split()) < 4:
        return None
    gap = match["gap"]
    if re.search(r"who|that|which", gap):
        first = verbs("x " + clause[match.end() :][:40])
        if not first or first[0].start > 2:
            return None
        return match.end("head"), match.end(), match.end("subject"), ""
    rest = clause[match.end() :]
    copula = (
        "was" if re.match(r"(?:born|founded|established|released|published)", rest) else match["be"]
    )
    return match.end("head"), match.end(), match.end("subject"), copula


def _unclear_subject(subject: str) -> bool:
    """Whether a second predicate may not simply take this subject."""
    return bool(
        _NONE.search(subject)
        or re.match(rf"\W*{SHIELD}", subject)
        or _SUBORDINATE.search(subject)
        or re.match(
            r"\s*(?:it|there|what|who|which|when|where|how|why|as|because|after|before)\b",
            subject,
            re.I,
        )
        or len(WORD.findall(subject)) > 18
    )


def _joints(clause: str, found: list[Verb]) -> Iterator[tuple[tuple[int, int], Verb, str]]:
    """Where a further predicate of the same subject begins, its verb, and a shared auxiliary."""
    first = found[0]
    previous = first
    passed = -1  # where a participle ends that is no predicate
    for verb in found[1:]:
        lead = clause[previous.end : verb.start]
        joint = None
        for match in _AND_PREDICATE.finditer(lead):
            if match.end() == len(lead):
                joint = match
        between = lead[: joint.start()] if joint else lead
        if joint is None:
            if verb.form in ("auxiliary", "past", "present"):
                return  # a clause within: what comes later may belong to it
            continue
        if previous.end + joint.start() == passed:
            passed = verb.end  # `a speech, filmed and posted on Monday`
            continue
        rest = clause[verb.end :].strip()
        if not between.strip(" ,") or not rest or not WORD.search(rest):
            return
        shared = _shared(clause, first, verb, rest)
        if shared is None:
            if verb.form != "either":
                return
            passed = verb.end
            continue
        yield (previous.end + joint.start(), previous.end + joint.end()), verb, shared
        previous = verb


def _shared(clause: str, first: Verb, verb: Verb, rest: str) -> str | None:
    """The auxiliary that a later verb shares with the first; empty: none; None: no telling."""
    opening = first.word.lower()
    past_first = first.form in ("past", "either")
    if verb.form in ("auxiliary", "past"):
        return ""
    if verb.form == "present":
        return "" if first.form == "present" or opening in {"is", "has", "does", "will"} else None
    if verb.form == "either" and not _GOES_ON.match(rest):
        return None  # `an irresponsible and detached father`
    if past_first:  # `cut … and closed …`
        if first.form == "either" and re.match(r"by\b", rest):
            return None
        return ""
    if is_have(opening):
        group = clause[first.end :].split(None, 2)[:2]
        passive = "been" in group
        if passive:
            return f"{first.word} been" if _PASSIVE_NEXT.match(rest) else None
        return first.word
    if is_be(opening):
        second = clause[first.end :].split(None, 1)
        if not second:
            return None
        if verb.word.lower() in _ACTIVE or _OBJECT.match(rest):
            return "" if opening in {"was", "were"} else None
        participle = re.match(
            rf"\s*(?:{ADVERB}\s+)?(?:born|\w+ed|built|held|made|sold|set|cut|won)\b",
            clause[first.end :],
        )
        return first.word if participle and _PASSIVE_NEXT.match(rest) else None
    return None
