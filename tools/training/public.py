"""Public sets of claims with evidence, read as training pairs.

`SETS` says which sets are read, how much of each, and under which licence; `LEFT_OUT` which
are not, and why. A judge that is shipped lists the sets and licences of `SETS` in its card.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import InputError
from tools.library.passages import passage_spans
from tools.text.words import covered
from tools.training.pairs import CONFLICTING, SUPPORTED, UNVERIFIABLE, TrainingPair

Row = dict[str, Any]

WINDOW_WORDS = 130
"""Words of a window that long evidence is cut into where no part of it decides."""
WHOLE_WORDS = 170
"""Longest evidence that is kept whole where it decides: where in it is not known."""
_WINDOWS = 2
"""Most windows taken from one row, so that long evidence does not outweigh the rest."""


@dataclass(frozen=True)
class PublicSet:
    """How one set is read.

    Attributes:
        name: of its file, without `.jsonl`.
        licence: as its publisher states it.
        note: what to mind.
        cap: most pairs taken from it, by whole groups chosen at random; None for all.
        group: what tells the text that a row was made from; None where the set does not
            say, and then rows that share a claim or their evidence belong together.
        keep: whether a row can be trusted.
        tokenised: whether punctuation stands apart, as in the Penn treebank.
        short_form: set that has, under the same ids, those sentences of the evidence that the
            label was given for.
    """

    name: str
    licence: str
    note: str = ""
    cap: int | None = None
    group: Callable[[Row], str | None] | None = None
    keep: Callable[[Row], bool] | None = None
    tokenised: bool = False
    short_form: str | None = None


def _meta(name: str) -> Callable[[Row], str | None]:
    def of(row: Row) -> str | None:
        value = (row.get("meta") or {}).get(name)
        return None if value in (None, "", "-") else str(value)

    return of


def _composed(row: Row) -> str:
    """`checkcovid_train_composed_60b8_0` and `…_1` are versions of one claim."""
    return str(row["id"]).rpartition("_")[0]


def _is_related(row: Row) -> bool:
    """Whether evidence that is said to contradict is about the claim at all."""
    return row["label"] != CONFLICTING or covered(row["claim"], _joined(row)) >= 1 / 3


SETS = (
    PublicSet(
        "nli_linguist_in_loop",
        "none stated",
        "general inference; the claim alone tells more than it should",
        group=_meta("group"),
    ),
    PublicSet(
        "nli_new_protocols",
        "none stated; texts CC BY-SA",
        "groups of near-duplicates",
        group=_meta("group"),
    ),
    PublicSet(
        "nli_semi_automatic_wiki",
        "CC BY-SA",
        "contradictions only where a third of the claim's words occur; others are unrelated",
        group=_meta("group"),
        keep=_is_related,
    ),
    PublicSet("nli_counterfactual", "Apache-2.0", "small edits that turn the label"),
    PublicSet("nli_conj_auto", "MIT", "labelled automatically, and of one construction", cap=6000),
    PublicSet("infotabs", "Apache-2.0", "evidence is rows of tables", group=_meta("table_id")),
    PublicSet(
        "fever_dev_2way",
        "FEVER; texts CC BY-SA",
        "no open pairs: retrieved ones stand beside them",
        tokenised=True,
    ),
    PublicSet("fm2_dev", "Apache-2.0", "written to mislead; no open pairs", group=_meta("page")),
    PublicSet("check_covid", "MIT", "the sentences that decide", group=_composed),
    PublicSet(
        "check_covid_abstract",
        "MIT",
        "the same claims with abstracts. Each abstract of an open pair has the sentence that "
        "decides another version of its claim: it is cut so that this is outside",
        group=_composed,
        short_form="check_covid",
    ),
    PublicSet("healthver_dev", "none stated", "abstracts of papers", group=_meta("topic")),
    PublicSet("climate_fever_a", "none stated", "most pairs are open", group=_meta("claim_id")),
    PublicSet("nli4ct", "none stated", "clinical tables; no open pairs"),
)

LEFT_OUT = {
    "covid_fact": "claims were negated by machine: evidence called contradicting often is silent",
    "fnc1_stance_related": "stance of a whole text to a headline: `discusses` states it as often "
    "as not, and half of the texts are longer than the judge reads",
    "news_bodies": "texts without claims; other makers use them",
}


def public_pairs(folder: Path, rng: random.Random) -> Iterator[TrainingPair]:
    """The pairs of all of `SETS`.

    Evidence of several passages is joined by line breaks. Evidence longer than
    `WINDOW_WORDS` is cut in windows if it is open; if it decides, it is kept whole up to
    `WHOLE_WORDS` and left out beyond. Where a set tells which sentences the label was given
    for, the window is laid around them.

    Args:
        folder: holds a `NAME.jsonl` of each set: `{"id", "claim", "evidence": [passage, …],
            "label", "meta"?}`.
        rng: chooses which groups and windows are taken where not all are.

    Raises:
        InputError: a file is missing or malformed.
    """
    for public in SETS:
        yield from set_pairs(public, folder, rng)


def set_pairs(public: PublicSet, folder: Path, rng: random.Random) -> Iterator[TrainingPair]:
    """The pairs of one set, in the order of its file.

    A pair that the set labels in two ways is left out.

    Raises:
        InputError: a file is missing or malformed.
    """
    rows = read_rows(folder / f"{public.name}.jsonl")
    groups = _groups(rows, public)
    labelled: dict[str, set[str]] = {}
    deciding: dict[str, set[str]] = {}
    if public.short_form:
        short = read_rows(folder / f"{public.short_form}.jsonl")
        labelled = {row["id"]: set(row["evidence"]) for row in short}
        for row, group in zip(short, _groups(short, public), strict=True):
            if row["label"] != UNVERIFIABLE:
                deciding.setdefault(group, set()).update(row["evidence"])
    pairs: dict[tuple[str, str], TrainingPair] = {}
    disputed = set()
    for row, group in zip(rows, groups, strict=True):
        if public.keep and not public.keep(row):
            continue
        claim = plain(row["claim"]) if public.tokenised else row["claim"].strip()
        if public.short_form:
            avoid = deciding.get(group, set()) if row["label"] == UNVERIFIABLE else set()
            passages = _around(row["evidence"], labelled.get(row["id"], set()), avoid, rng)
        else:
            passages = _passages(row, rng)
        for passage in passages:
            text = plain(passage) if public.tokenised else passage
            pair = TrainingPair(claim, text, row["label"], public.name, group)
            known = pairs.setdefault((claim, text), pair)
            if known.label != pair.label:
                disputed.add((claim, text))
    kept = [pair for key, pair in pairs.items() if key not in disputed]
    yield from _capped(kept, public.cap, rng)


def read_rows(path: Path) -> list[Row]:
    """The rows of a set's file.

    Raises:
        InputError: it is missing, or a line is not `{"id", "claim", "evidence", "label"}` with
            text in it and one of the three labels.
    """
    rows = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                rows.append(_checked(line, path, number))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8") from None
    return rows


def news_texts(folder: Path) -> list[tuple[str, str]]:
    """The articles of `news_bodies.jsonl` as (group, text), for makers that alter texts.

    Raises:
        InputError: the file is missing or malformed.
    """
    path = folder / "news_bodies.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [(f"news:{row['id']}", row["text"]) for row in rows]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path} is no list of texts", 'A line is {"id", "text"}') from None


def _checked(line: str, path: Path, number: int) -> Row:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if (
        isinstance(row, dict)
        and isinstance(row.get("id"), str)
        and isinstance(row.get("claim"), str)
        and row["claim"].strip()
        and isinstance(row.get("evidence"), list)
        and row["evidence"]
        and all(isinstance(text, str) for text in row["evidence"])
        and row.get("label") in (SUPPORTED, CONFLICTING, UNVERIFIABLE)
    ):
        return row
    raise InputError(
        f"{path}, line {number}: no pair", 'A pair is {"id", "claim", "evidence": […], "label"}'
    )


_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}
_BRACKET = re.compile("|".join(map(re.escape, _BRACKETS)))
_SPACE_BEFORE = re.compile(r"\s+(?=[,.;:!?%)\]}](?:\s|$)|(?:'s|'|n't|'re|'ve|'ll)(?:\s|$))")
_SPACE_AFTER = re.compile(r"(?<=[(\[{$£€])\s+")
_QUOTED = re.compile(r"``\s*(.*?)\s*''")
_DASH = re.compile(r"\s+--\s+")


def plain(text: str) -> str:
    """A text of the Penn treebank's writing as people write it: `( born 1950 ) .` → `(born 1950).`

    What stands in the text otherwise is left as it is.
    """
    text = _BRACKET.sub(lambda match: _BRACKETS[match[0]], text)
    text = _DASH.sub("–", _QUOTED.sub(r'"\1"', text))
    return _SPACE_AFTER.sub("", _SPACE_BEFORE.sub("", text)).strip()


def _joined(row: Row) -> str:
    return "\n".join(text.strip() for text in row["evidence"] if text.strip())


def _passages(row: Row, rng: random.Random) -> list[str]:
    """What of a row's evidence is trained on; empty where that cannot be told."""
    whole = _joined(row)
    words = len(whole.split())
    if words <= WINDOW_WORDS:
        return [whole] if whole else []
    if row["label"] == UNVERIFIABLE:
        windows = [whole[a:b] for a, b in passage_spans(whole, max_words=WINDOW_WORDS)]
        return windows if len(windows) <= _WINDOWS else rng.sample(windows, _WINDOWS)
    return [whole] if words <= WHOLE_WORDS else []


def _around(
    sentences: Sequence[str], wanted: set[str], avoid: set[str], rng: random.Random
) -> list[str]:
    """A window of `sentences` that holds all that are wanted and none to be avoided.

    It is widened by chance on both sides as far as `WINDOW_WORDS`; empty if there is none.
    """
    places = [place for place, text in enumerate(sentences) if text in wanted]
    if not places:
        return []
    first, last = places[0], places[-1]
    words = [len(text.split()) for text in sentences]

    def fits(a: int, b: int) -> bool:
        return sum(words[a : b + 1]) <= WINDOW_WORDS and avoid.isdisjoint(sentences[a : b + 1])

    if not fits(first, last):
        return []
    while True:
        wider = [(first - 1, last)] if first and fits(first - 1, last) else []
        if last + 1 < len(sentences) and fits(first, last + 1):
            wider.append((first, last + 1))
        if not wider:
            return ["\n".join(sentences[first : last + 1])]
        first, last = rng.choice(wider)


def _groups(rows: Sequence[Row], public: PublicSet) -> list[str]:
    told = [public.group(row) if public.group else None for row in rows]
    joined = _connected((row["claim"], _joined(row)) for row in rows)
    # The long form of a set has the claims of the short form: they are one group.
    name = public.short_form or public.name
    return [
        f"{name}:{own}" if own is not None else f"{name}:#{number}"
        for own, number in zip(told, joined, strict=True)
    ]


def _connected(rows: Iterable[tuple[str, str]]) -> list[int]:
    """A number for each row, the same for rows linked by an equal claim or equal evidence."""
    parent: list[int] = []

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first: dict[tuple[int, str], int] = {}
    for number, texts in enumerate(rows):
        parent.append(number)
        for key in enumerate(texts):
            parent[root(number)] = root(first.setdefault(key, number))
    return [root(row) for row in range(len(parent))]


def _capped(
    pairs: Sequence[TrainingPair], cap: int | None, rng: random.Random
) -> Iterator[TrainingPair]:
    if cap is None or len(pairs) <= cap:
        yield from pairs
        return
    sizes: dict[str, int] = {}
    for pair in pairs:
        sizes[pair.group] = sizes.get(pair.group, 0) + 1
    left, chosen = cap, set()
    for group in rng.sample(list(sizes), len(sizes)):
        if sizes[group] <= left:
            chosen.add(group)
            left -= sizes[group]
    yield from (pair for pair in pairs if pair.group in chosen)
