"""Speed of the models that ship, their agreement with the float models, of splitting and checks.

    python -m evals.performance.speed                  # texts and pairs a second, of 128 tokens
    python -m evals.performance.speed --agreement      # also against the float models
    python -m evals.performance.speed --splitting      # splitting alone
    python -m evals.performance.speed --check LIBRARY  # a check of 500 words, cold and warm
    python -m evals.performance.speed --check LIBRARY --cores 1

The texts are windows of 128 tokens over the example's sources. `--agreement` needs the
float graphs that `python -m tools.models.export … --keep-float` leaves beside the others.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from agent.claims.rules import RuleSplitter
from agent.types import Article
from evals.performance.scale import peak_memory
from evals.performance.stages import watched
from tools.models import EMBEDDER, JUDGE, TOKENIZER
from tools.models.encoder import Encoder, cores
from tools.readers import read_file, source_files

TOKENS, TEXTS, REPEATS = 128, 256, 5
WORDS = 1_000
"""Of the article that is split."""
CHECKED = 500
"""Words of the article that is checked."""
_CLAIM = 24  # tokens of a pair that are the claim's


def windows(tokens: int, count: int) -> list[str]:
    """`count` texts of about `tokens` word pieces each, from the example's sources."""
    folder = Path(__file__).parents[1] / "example" / "sources"
    text = " ".join(read_file(path).text for path in source_files([folder]).files)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    offsets = [span for span in tokenizer.encode(text).offsets if span[1]]
    stride = (len(offsets) - tokens) // count
    return [
        text[offsets[i * stride][0] : offsets[i * stride + tokens - 1][1]] for i in range(count)
    ]


def rate(encoder: Encoder, texts: list[str] | list[tuple[str, str]]) -> list[float]:
    """Texts a second, one figure for each repeat, after a warm-up."""
    encoder.run(texts[:16])
    figures = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        encoder.run(texts)
        figures.append(len(texts) / (time.perf_counter() - start))
    return figures


def articles(words: int) -> list[str]:
    """Texts of about `words` words each, cut at paragraphs, from the articles of the newsroom."""
    folder = Path(__file__).parents[1] / "suites" / "newsroom" / "articles"
    texts, paragraphs, count = [], list[str](), 0
    for path in source_files([folder]).files:
        for paragraph in read_file(path).text.split("\n\n"):
            paragraphs.append(paragraph)
            count += len(paragraph.split())
            if count >= words:
                texts.append("\n\n".join(paragraphs))
                paragraphs, count = [], 0
    return texts


def splitting() -> None:
    """Prints what splitting an article of a thousand words takes, of processor time.

    Each text is split for the first time, as a command does it: what one article taught the
    caches would flatter the next. Loading is told apart.
    """
    texts = articles(WORDS)

    def split(text: str) -> float:
        start = time.process_time()
        asyncio.run(RuleSplitter().split(Article(id="a-0", text=text), lambda *_: None))
        return time.process_time() - start

    loading = split("The ferry “Skarra” carried 400 people on 3 May 2026, Ana Brandt said.")
    seconds = [split(text) for text in texts]
    words = sum(len(text.split()) for text in texts)
    print(
        f"splitting: {sum(map(len, texts)) / sum(seconds):,.0f} characters a second; "
        f"{1000 * WORDS * sum(seconds) / words:.0f} ms an article of {WORDS:,} words "
        f"({len(texts)} texts, the slowest {1000 * max(seconds):.0f} ms); "
        f"{1000 * loading:.0f} ms to load, once"
    )


def checking(library: Path) -> None:
    """Prints what a whole check of an article takes: cold, as a command; warm, in one process.

    On the clock, and in processor seconds, since a machine with other work shows on the clock
    alone. Articles are checked in turn, each once, as somebody does who has several.
    """
    from agent.check import FactChecker

    texts = articles(CHECKED)[:REPEATS]
    print(f"a check of {sum(len(text.split()) for text in texts) // len(texts)} words")

    def show(name: str, took: list[tuple[float, float]]) -> None:
        clock, processor = zip(*took, strict=True)
        print(
            f"  {name}: {statistics.median(clock):.2f} s on the clock (from {min(clock):.2f} to "
            f"{max(clock):.2f}), {statistics.median(processor):.2f} s of processor time"
        )

    def cold(arguments: Sequence[str], text: str = "") -> tuple[float, float]:
        before, start = os.times(), time.perf_counter()
        command = [sys.executable, "-m", "agent.cli", *arguments]
        subprocess.run(command, input=text.encode(), check=True, stdout=subprocess.DEVNULL)
        took, after = time.perf_counter() - start, os.times()
        return took, (
            after.children_user + after.children_system
            - before.children_user - before.children_system
        )  # fmt: skip

    show("assay --help", [cold(["--help"]) for _ in texts])
    check = ["check", "-", "--quiet", "--json", "--library", str(library)]
    cold(check, texts[0])  # files that the system has not read for long are not what is measured
    show("cold, a command", [cold(check, text) for text in texts])

    checker, warm, claims = FactChecker(library), [], 0
    state = checker.check(text=articles(CHECKED)[REPEATS]).run.library  # no text comes twice
    with watched() as stages:
        for text in texts:
            start, processor = time.perf_counter(), time.process_time()
            claims += len(checker.check(text=text).claims)
            warm.append((time.perf_counter() - start, time.process_time() - processor))
    show("warm, in one process", warm)
    clock, processor = (sum(column) for column in zip(*warm, strict=True))
    print(
        f"  {claims} claims in {len(texts)} texts against {state.passages:,} passages: "
        f"{claims / clock:.1f} claims a second on the clock, {claims / processor:.1f} a second of "
        f"processor time; {cores()} cores"
    )
    print(f"  of an article: {stages.shown(len(texts))}")
    print(f"  most memory: {peak_memory() / 2**20:.0f} MiB")


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agreement", action="store_true", help="compare with the float models")
    parser.add_argument("--splitting", action="store_true", help="only splitting")
    parser.add_argument("--check", type=Path, metavar="LIBRARY", help="only a whole check")
    parser.add_argument("--cores", type=int, help="use only so many cores (Linux)")
    parser.add_argument("--threads", type=int, help="texts side by side (default: all cores)")
    args = parser.parse_args()
    if args.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    if args.check:
        checking(args.check)
        return
    splitting()
    if args.splitting:
        return
    texts = windows(TOKENS - 2, TEXTS)
    pairs = list(
        zip(windows(_CLAIM, TEXTS), windows(TOKENS - _CLAIM - 3, TEXTS)[::-1], strict=True)
    )
    print(f"{args.threads or cores()} threads, {TEXTS} texts of {TOKENS} tokens")
    for name, graph, inputs in (("embedder", EMBEDDER, texts), ("judge", JUDGE, pairs)):
        encoder = Encoder(graph, threads=args.threads)
        figures = rate(encoder, inputs)
        print(
            f"{name}: {statistics.median(figures):.0f} a second "
            f"(from {min(figures):.0f} to {max(figures):.0f})"
        )
        if not args.agreement:
            continue
        floats = graph.with_suffix(".float.onnx")
        if not floats.exists():
            raise SystemExit(f"there is no {floats.name}; make it: tools/models/export.py says how")
        ours, theirs = encoder.run(inputs), Encoder(floats).run(inputs)
        if name == "embedder":
            cosine = (ours * theirs).sum(axis=1)
            print(f"  cosine with float32: mean {cosine.mean():.4f}, least {cosine.min():.4f}")
        else:
            same = (ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()
            apart = np.abs(softmax(ours) - softmax(theirs)).mean()
            print(
                f"  same label as float32: {same:.3f}; probabilities {apart:.3f} apart on average"
            )
        shuffled = np.random.default_rng(0).permutation(len(inputs))
        again = Encoder(graph, threads=1).run([inputs[i] for i in shuffled])
        moved = np.abs(again - ours[shuffled]).max()
        print(f"  moved by order, neighbours and threads: {moved:.1e}")


if __name__ == "__main__":
    main()
