"""The nearest passages of a small library: its own vectors in memory, compared one and all.

An index that finds neighbours without looking at all has to be loaded first, and Chroma takes a
second of processor time for that in each process. Ten thousand passages are read from the
database, 1.5 KB each, and compared before it would be ready; and what is nearest is certain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST = 20_000
"""Passages up to which all are compared: 30 MB of vectors."""


def nearest(
    vector: NDArray[np.float32], ids: Sequence[str], vectors: NDArray[np.float32], n: int
) -> list[str]:
    """Ids of the `n` vectors nearest to one, nearest first; of equals the first one first.

    Args:
        vector: of unit length, (dimension,).
        ids: of the vectors.
        vectors: of unit length, (len(ids), dimension).
        n: more than there are gives all.
    """
    scores = vectors @ vector
    n = min(n, len(scores))
    best = np.argpartition(-scores, n - 1)[:n] if n else np.empty(0, np.int64)
    order = np.lexsort((best, -scores[best]))
    return [ids[place] for place in best[order].tolist()]
