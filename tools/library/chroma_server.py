"""Passages by meaning on a Chroma server that a team shares: a collection for each library.

It holds nothing that the library's database does not hold. What it holds is said by a revision
in its metadata: whoever finds it behind brings it up to date with what changed since, one at a
time. A process that dies half-way leaves the old revision, and the next does it again.

Chroma's server asks nobody who they are before it acts (SECURITY.md): it belongs into a private
network, and any other address is refused here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from itertools import islice
from os import environ
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from agent.errors import LibraryError, UsageError
from tools.library.caches import Stamp
from tools.library.chroma import chroma_settings, load_chroma
from tools.library.nearby import Nearby
from tools.library.served import ServedDatabase, Vector

if TYPE_CHECKING:
    import chromadb
    from chromadb.api import ClientAPI

TOKEN = "ASSAY_CHROMA_TOKEN"  # noqa: S105 - the name of a variable
"""Names the variable of the environment that holds the token; it is sent, and kept nowhere."""
_BATCH = 250
_WIDTH = 1200
"""As in `vectors.py`."""


class SharedVectors(Nearby):
    """On a Chroma server.

    Args:
        url: `http://HOST:PORT` within a private network, with a path where a proxy asks for one.

    Raises:
        UsageError: the token of the environment cannot be one.
    """

    is_shared = True

    def __init__(self, url: str) -> None:
        _token()  # before anything is added that could not be brought there
        self._url = url
        self._client: ClientAPI | None = None
        self._passages: chromadb.Collection | None = None
        self._held: tuple[str, int] = ("", -1)
        """The making of passages and the revision that the collection is known to hold."""

    def ready(self, db: ServedDatabase) -> None:
        stamp = db.stamp()
        revision, built = _parts(stamp)
        if self._passages is not None and self._held[0] == built and self._held[1] >= revision:
            return
        with _faults(self._url):
            self._passages, held = self._collection(db, built)
            if held < revision:
                with db.alone_with(built):
                    self._passages, held = self._collection(db, built)
                    if held < revision:
                        self._catch_up(db, stamp, held)
                        held = revision
            self._held = (built, held)

    def query(self, vector: NDArray[np.float32], n: int) -> list[str]:
        if self._passages is None:
            raise RuntimeError("the index is not open")
        with _faults(self._url):
            found = self._passages.query(
                query_embeddings=[vector.tolist()], n_results=n, include=[]
            )
        return found["ids"][0]

    def agrees(self, db: ServedDatabase) -> bool:
        self.ready(db)
        if self._passages is None:
            return False
        with _faults(self._url):
            vectors = db.vectors()
            while batch := list(islice(vectors, _BATCH)):
                got = self._passages.get(ids=[each.id for each in batch], include=["embeddings"])
                held = dict(zip(got["ids"], cast("Any", got["embeddings"]), strict=True))
                if not all(_is_held(each, held) for each in batch):
                    return False
        return True

    def drop(self) -> None:
        if self._passages is not None:
            with _faults(self._url):
                self._opened().delete_collection(self._passages.name)
        self.close()

    def close(self) -> None:
        self._passages, self._held, self._client = None, ("", -1), None

    def version(self) -> str:
        """What the server says that it is.

        Raises:
            LibraryError: it cannot be reached, or refuses the token.
        """
        with _faults(self._url):
            return str(self._opened().get_version())

    def _opened(self) -> ClientAPI:
        if self._client is None:
            self._client = _client(self._url)
        return self._client

    def _collection(self, db: ServedDatabase, built: str) -> tuple[chromadb.Collection, int]:
        """The collection of a making of passages, and the revision that it holds."""
        passages = self._opened().get_or_create_collection(
            f"assay-{db.library}-{built}",
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": _WIDTH}},
        )
        return passages, int((passages.metadata or {}).get("revision", -1))

    def _catch_up(self, db: ServedDatabase, stamp: Stamp, held: int) -> None:
        """Writes what changed after a revision, and says so only then."""
        if self._passages is None:
            raise RuntimeError("the index is not open")
        revision, built = _parts(stamp)
        changed = db.changed_since(held)
        gone = {f"{id_}:{number}" for id_, most in changed.items() for number in range(most)}
        vectors = db.vectors([*changed])
        while batch := list(islice(vectors, _BATCH)):
            self._passages.upsert(
                ids=[each.id for each in batch],
                embeddings=np.stack([each.vector for each in batch]),
            )
            gone.difference_update(each.id for each in batch)
        if held >= 0:
            leaving = iter(sorted(gone))
            while ids := list(islice(leaving, _BATCH)):
                self._passages.delete(ids=ids)
        self._passages.modify(metadata={"revision": revision, "embedder": stamp.embedder})
        if not db.read_only:  # a reader may be looking at an earlier making
            for other in self._opened().list_collections():
                if other.name.startswith(f"assay-{db.library}-") and not other.name.endswith(built):
                    self._opened().delete_collection(other.name)


def runs_in_python(url: str) -> bool:
    """Whether a Chroma server says that it is the one in Python (CVE-2026-45829).

    Raises:
        LibraryError: it cannot be reached.
    """
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with _faults(url), closing(kind(parts.hostname or "", _port(url), timeout=10)) as connection:
        connection.request("GET", f"{parts.path}/api/v2/version")
        return "uvicorn" in (connection.getresponse().getheader("Server") or "").lower()


def _parts(stamp: Stamp) -> tuple[int, str]:
    revision, _, built = stamp.fingerprint.partition("/")
    return int(revision), built


def _is_held(each: Vector, held: dict[str, Any]) -> bool:
    # Chroma brings each vector to unit length once more, which moves its last bits.
    return each.id in held and np.allclose(held[each.id], each.vector, atol=1e-5)


def _client(url: str) -> ClientAPI:
    load_chroma()
    import chromadb

    parts = urlsplit(url)
    host, port = parts.hostname or "", _port(url)
    _refuse_public(url, host, port)
    token = _token()
    headers = {"Authorization": f"Bearer {token}", "X-Chroma-Token": token} if token else {}
    if ":" in host:
        host = f"[{host}]"
    return chromadb.HttpClient(
        host=f"{parts.scheme}://{host}:{port}{parts.path}",  # a bare host would lose the path
        port=port,
        ssl=parts.scheme == "https",
        headers=headers,
        settings=chroma_settings(),
    )


def _token() -> str:
    """The token of the environment, without blanks around it; empty where there is none.

    Raises:
        UsageError: it cannot be sent: a client's own message would show it.
    """
    token = environ.get(TOKEN, "").strip()
    if not all("!" <= character <= "~" for character in token):
        raise UsageError(
            f"{TOKEN} holds blanks or other characters that no token has",
            "set it to the token alone: letters, digits and signs of ASCII",
        )
    return token


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 8000)


def _refuse_public(url: str, host: str, port: int) -> None:
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise LibraryError(
            f"the Chroma server {url} is not found: {error.strerror or error}", "check --chroma-url"
        ) from error
    if any(ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise UsageError(
            f"the Chroma server {url} is not in a private network",
            "its server acts before it asks who is there: reach it through a VPN or a tunnel",
        )


@contextmanager
def _faults(url: str) -> Iterator[None]:
    """Turns whatever Chroma raises into the library's errors: its own have no common base."""
    try:
        yield
    except (LibraryError, UsageError):
        raise
    except Exception as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        if token := environ.get(TOKEN, "").strip():
            detail = detail.replace(token, "…")
        detail = detail[:200]
        raise LibraryError(
            f"the Chroma server {url} cannot be used: {detail}",
            f"see that it runs, and that {TOKEN} is set where it asks for a token; "
            "no source is lost",
        ) from error
