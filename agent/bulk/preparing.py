"""Sources read, cut and embedded on all cores of a cluster, before one process stores them.

Files go to the workers by their names, and are read there; what only this process can reach, or
what is one file with many texts, is read here and goes to them as texts. So files have to lie
where every machine of the cluster finds them under the same path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path

from agent.bulk.cluster import spread
from agent.bulk.connecting import AUTO, connected
from agent.errors import InputError
from agent.types import Document
from tools.library.adding import Prepared, prepare
from tools.models.embedder import embedder_named
from tools.readers import Refused, describe, read_documents
from tools.readers.rows import is_table, read_rows

Origin = Path | str
Text = tuple[Document, Prepared] | Refused | InputError
"""A text with its passages; a part of a file that gives none; what the rest of it failed by."""

_TEXTS = 32
"""That go to a worker together: seconds of its work."""
_FILES, _BYTES = 16, 100_000
"""Small files that go together: to hand one over takes about as long as to embed a passage."""


@dataclass(frozen=True)
class Portion:
    """What a worker gets at once: files to be read, or texts of one file."""

    files: tuple[Path, ...] = ()
    origin: Origin = ""
    texts: tuple[Document | Refused | InputError, ...] = ()


def prepare_all(
    inputs: Iterable[Origin],
    *,
    columns: Mapping[str, str],
    said: Mapping[str, str | None],
    embedder: str | None,
    address: str = AUTO,
) -> Generator[tuple[Origin, list[Text], bool]]:
    """Reads, cuts and embeds sources.

    Args:
        inputs: files and web addresses.
        columns: of tables, as of `tools.readers.read_documents`.
        said: what is known about all of them, as `tools.readers.describe` takes it.
        embedder: its name; the library's.
        address: as of `agent.bulk.connecting.connected`.

    Yields:
        An input, texts of it, and whether these were the last. Each input ends once; they come
        in any order, and the texts of one table, too.

    Raises:
        LibraryError: the embedder gave no usable vectors.
        UsageError: Ray is not there; what is said cannot be meant.
    """
    under_way, read = Counter[Origin](), set[Origin]()

    def counted(portions: Iterator[tuple[Portion, bool]]) -> Iterator[Portion]:
        for portion, last in portions:
            origins: tuple[Origin, ...] = portion.files or (portion.origin,)
            under_way.update(origins)
            if last:
                read.update(origins)
            yield portion

    make: Callable[[], _Preparing] = partial(_Preparing, dict(columns), dict(said), embedder)
    portions = counted(_portions(inputs, columns))
    if (first := next(portions, None)) is None:
        return  # before anything is started
    portions = chain([first], portions)
    with connected(address), closing(spread(portions, make)) as results:
        for given in results:
            for origin, texts in given.result or _lost(given.thing, given.lost):
                under_way[origin] -= 1
                ended = origin in read and not under_way[origin]
                if ended:
                    del under_way[origin]
                    read.discard(origin)
                yield origin, texts, ended


def _lost(portion: Portion, workers: int) -> list[tuple[Origin, list[Text]]]:
    origins: tuple[Origin, ...] = portion.files or (portion.origin,)
    what = f"{workers} workers ended while they read it, or what was read with it"
    return [
        (origin, [InputError(f"{origin} cannot be read: {what}", "Add it alone")])
        for origin in origins
    ]


def _portions(
    inputs: Iterable[Origin], columns: Mapping[str, str]
) -> Iterator[tuple[Portion, bool]]:
    """Each with whether it is the last one of what it is of."""
    files: list[Path] = []
    size = 0
    for each in inputs:
        if isinstance(each, Path) and not is_table(each):
            files.append(each)
            size += _size(each)
            if len(files) == _FILES or size >= _BYTES:
                yield Portion(tuple(files)), True
                files, size = [], 0
            continue
        texts = _texts(each, columns)
        part = tuple(islice(texts, _TEXTS))
        while True:
            rest = tuple(islice(texts, _TEXTS)) if part else ()
            yield Portion(origin=each, texts=part), not rest
            if not rest:
                break
            part = rest
    if files:
        yield Portion(tuple(files)), True


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # whoever reads it says what is wrong
        return 0


def _texts(origin: Origin, columns: Mapping[str, str]) -> Iterator[Document | Refused | InputError]:
    """All texts of a file; what its rest fails by is the last."""
    try:
        if isinstance(origin, Path) and is_table(origin):
            yield from read_rows(origin, columns)
        else:
            yield from read_documents(origin, columns)
    except InputError as error:
        yield error


class _Preparing:
    """A worker.

    Args:
        columns, said, embedder: as of `prepare_all`.
    """

    def __init__(
        self, columns: dict[str, str], said: dict[str, str | None], embedder: str | None
    ) -> None:
        self._columns, self._said = columns, said
        self._embedder = embedder_named(embedder)

    def __call__(self, portion: Portion) -> list[tuple[Origin, list[Text]]]:
        """Each file of a portion with its texts."""
        if portion.files:
            return [
                (file, [self._one(text) for text in _texts(file, self._columns)])
                for file in portion.files
            ]
        return [(portion.origin, [self._one(text) for text in portion.texts])]

    def _one(self, text: Document | Refused | InputError) -> Text:
        if not isinstance(text, Document):
            return text
        document = describe(text, **self._said)
        return document, prepare(document, self._embedder)
