"""What the embedded judge says of a suite's samples: read once, for all that is measured on it.

The network takes the time, and most of what is measured changes only what follows from its
outputs. So these are kept, by the network and the pairs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agent.check import PASSAGES
from agent.rate.embedded import pair_of
from agent.rate.windows import Pair, Reading, windows_of
from agent.types import Claim, Hit
from evals.corpora import build_library
from evals.outcomes import bare_claim, unfit
from evals.samples import ArticleSample, ClaimSample, PairSample
from evals.scoring import is_right
from evals.suites import Suite
from tools.library import Library
from tools.library.retrieval import retrieve_many
from tools.models import JUDGE
from tools.models.encoder import Encoder
from tools.text.spinning import is_spun

_BATCH = 1024


@dataclass(frozen=True)
class Asked:
    """A claim with a gold label that is scored, and what the judge is asked of it.

    Attributes:
        claim: as the rater sees it.
        gold: its label.
        unit: what it is drawn with in a bootstrap: the article's id, or the sample's own.
        pairs: one for the evidence given, or one for each passage retrieved.
        hits: the passages retrieved, in the order of `pairs`; None where evidence was given.
        searched: sources that were searched.
    """

    claim: Claim
    gold: str
    unit: str
    pairs: tuple[Pair, ...]
    hits: tuple[Hit, ...] | None = None
    searched: int = 0


def asked(suite: Suite, libraries: Path) -> list[Asked]:
    """What the judge is asked of the samples of a suite, in their order.

    Of articles these are the gold claims themselves, so that nothing depends on what the splitter
    finds; copies of the article are left out of its sources, as a check does.

    Args:
        suite: of kind verify, end to end or article; `Suite.limited` chooses samples.
        libraries: folder for libraries made of corpora (`evals.corpora.libraries_folder`).

    Raises:
        LibraryError: a library cannot be made or read.
    """
    if suite.kind == "verify":
        return [_given(s) for s in suite.samples if isinstance(s, PairSample) and _is_fit(s)]
    built = build_library(suite, libraries, None, None)
    found: list[Asked] = []
    with Library.open(built.folder, built.embedder) as library:
        alone = [s for s in suite.samples if isinstance(s, ClaimSample)]
        texts = [(s.claim, s.label, s.id) for s in alone if is_right(s.label, "") is not None]
        found += _retrieved(library, texts, set())
        for article in suite.samples:
            if isinstance(article, ArticleSample):
                text = article.document.text
                copies = library.copies(text)
                golds = [(claim.text, claim.label, article.id) for claim in article.claims]
                texts = [
                    (t, label, unit)
                    for t, label, unit in golds
                    if label is not None and is_right(label, "") is not None
                ]
                found += _retrieved(library, texts, copies)
    return found


def _is_fit(sample: PairSample) -> bool:
    return unfit(sample.claim, sample.evidence) is None and is_right(sample.label, "") is not None


def _given(sample: PairSample) -> Asked:
    text = "\n".join(sample.evidence)
    pair = Pair(sample.claim, text, spun=is_spun(text))
    return Asked(bare_claim(sample.claim), sample.label, sample.id, (pair,))


def _retrieved(
    library: Library, texts: Sequence[tuple[str, str, str]], without: set[str]
) -> list[Asked]:
    searched = library.state().sources - len(without)
    found = retrieve_many(library, [text for text, _, _ in texts], n=PASSAGES, exclude=without)
    return [
        Asked(
            claim := bare_claim(text),
            gold,
            unit,
            tuple(pair_of(claim, hit) for hit in hits),
            tuple(hits),
            searched,
        )
        for (text, gold, unit), hits in zip(texts, found, strict=True)
    ]


def read_pairs(pairs: Sequence[Pair], cache: Path | None, graph: Path = JUDGE) -> list[Reading]:
    """What a network says of every window of pairs; the outputs are kept in `cache`.

    Args:
        pairs: what is asked.
        cache: folder for outputs, found again by network and pairs; None keeps nothing.
        graph: the network's ONNX file.
    """
    key = hashlib.sha256(graph.read_bytes())
    for pair in pairs:
        key.update(f"{pair.claim}\0{pair.passage}\0{pair.spun}\0".encode())
    parts = [windows_of(pair) for pair in pairs]
    texts = [(p.claim, t) for p, (_, read) in zip(pairs, parts, strict=True) for t in read]
    file = cache / f"{key.hexdigest()[:24]}.npy" if cache else None
    said = np.load(file) if file and file.exists() else None
    # Where the rules changed by which windows are cut, what was kept is of others.
    if said is None or len(said) != len(texts):
        encoder = Encoder(graph)
        batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
        logits = np.concatenate([encoder.run(batch) for batch in [*batches, []]]).astype(float)
        said = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(file, said)
    ends = np.cumsum([len(windows) for windows, _ in parts])
    return [
        Reading(tuple(windows), tuple(read), said[end - len(windows) : end])
        for (windows, read), end in zip(parts, ends, strict=True)
    ]
