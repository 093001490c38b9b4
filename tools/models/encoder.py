"""Runs a MiniLM graph on onnxruntime, one text at a time.

Each text is run alone, unpadded, on one thread; several texts run side by side on as
many threads as there are cores. So a result depends on nothing but its text: not on
its neighbours, their order, or the number of cores (see `tools/models/export.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tools.models import TOKENIZER

if TYPE_CHECKING:
    from tokenizers import Encoding

MAX_TOKENS = 256


def cores() -> int:
    """The cores this process may use; macOS and Windows tell only how many there are.

    Who starts many processes side by side, as Ray does, says so as OpenMP is told.
    """
    if (told := os.environ.get("OMP_NUM_THREADS", "")).isdecimal() and int(told) > 0:
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Encoder:
    """A graph and the tokenizer before it.

    Args:
        graph: the ONNX file.
        threads: texts run side by side; default: the cores this process may use.
        without: optimizers of onnxruntime to leave out, by name. Results differ in the last
            bits with and without one, and dynamic quantization widens that, so what has
            been calibrated or stored with one setting is kept at it.
    """

    def __init__(
        self, graph: Path, *, threads: int | None = None, without: Sequence[str] = ()
    ) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.graph = graph
        self._session = onnxruntime.InferenceSession(
            str(graph),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=list(without),
        )
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
        # Shared by all calls: however many come at once, each core has one text at a time.
        self._pool = ThreadPoolExecutor(threads or cores(), thread_name_prefix="encoder")

    def run(
        self,
        texts: Sequence[str] | Sequence[tuple[str, str]],
        on_done: Callable[[int], None] | None = None,
    ) -> NDArray[np.float32]:
        """Runs texts, or pairs of texts.

        Args:
            texts: n texts or pairs; the longer part of one is cut at 256 tokens in all.
            on_done: called with 1 for each finished text, from this thread.

        Returns:
            Array (n, width), float32, in the order of `texts`.
        """
        if not texts:
            width = self._session.get_outputs()[0].shape[-1]
            return np.zeros((0, width), dtype=np.float32)
        encodings = self._tokenizer.encode_batch(list(texts))
        # The longest first: no thread is left alone with a long text at the end.
        order = sorted(range(len(texts)), key=lambda place: -len(encodings[place].ids))
        rows: list[NDArray[np.float32] | None] = [None] * len(texts)
        results = self._pool.map(self._run_one, (encodings[place] for place in order))
        for place, row in zip(order, results, strict=True):
            rows[place] = row
            if on_done:
                on_done(1)
        return np.stack([row for row in rows if row is not None])

    def _run_one(self, encoding: Encoding) -> NDArray[np.float32]:
        values = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
        }
        output = self._session.run(None, {name: values[name] for name in self._inputs})[0]
        row: NDArray[np.float32] = output[0]
        return row
