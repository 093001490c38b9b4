"""The address of a library on a server, and the folder on this machine that goes with it.

A library that a team shares is told by `postgresql://…`. What belongs to this machine alone lies
in a folder in the user's data: the answers of a model, conversations, a search index. That folder
stands for the library wherever a folder is asked for; `server.json` in it says where the library
is. A password is never written there: it is taken from the address that was given to this
process, or else libpq takes it from `PGPASSWORD` or its password file.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from agent.errors import LibraryDamaged, UsageError

SCHEMES = ("postgresql", "postgres")
NOTE = "server.json"
_SECRET = ("password", "sslpassword", "passfile")
"""Parameters of an address that libpq takes secrets from, or from where."""
_passwords: dict[Path, str] = {}
"""That were given to this process, by the library's folder."""


class Server(NamedTuple):
    """Where a library is."""

    database: str
    """`postgresql://USER@HOST:PORT/NAME`, without a password: may be shown and written down."""
    chroma: str | None = None
    """`http://HOST:PORT` of a Chroma server that keeps the search index, if there is one."""


def is_address(place: Path | str) -> bool:
    """Whether a library is told by the address of a server.

    A `Path` that was made of an address has lost one of its two slashes.
    """
    return str(place).partition(":/")[0].lower() in SCHEMES


def local_folder(place: Path | str, chroma: str | None = None) -> Path:
    """The folder on this machine that stands for a library.

    Args:
        place: a folder, which is given back, or the address of a library on a server.
        chroma: address of a Chroma server within a private network; only with an address.

    Raises:
        UsageError: an address that names no database, or that cannot be one.
    """
    if not is_address(place):
        if chroma:
            raise UsageError(
                f"{shown(chroma)} is a Chroma server, and the library {place} is a folder",
                "name a library on a server with it: --library postgresql://…",
            )
        return Path(place).expanduser()
    from platformdirs import user_data_path

    database, password = _without_password(str(place))
    server = Server(database, _chroma_address(chroma) if chroma else None)
    name = hashlib.sha256("\n".join(each or "" for each in server).encode()).hexdigest()[:16]
    folder = user_data_path("assay", appauthor=False) / "served" / name
    note = folder / NOTE
    if not note.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = note.with_name(f"{NOTE}.{os.getpid()}")
        draft.write_text(json.dumps(server._asdict(), indent=1), encoding="utf-8")
        draft.replace(note)
    if password is not None:
        _passwords[folder] = password
    return folder


def server_of(folder: Path) -> Server | None:
    """Where the library is that a folder stands for; None where it is that folder itself.

    Raises:
        LibraryDamaged: the folder's note cannot be read.
    """
    note = folder / NOTE
    try:
        read = json.loads(note.read_text(encoding="utf-8"))
        return Server(str(read["database"]), read["chroma"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LibraryDamaged(
            f"{note} does not say where the library is: {error}",
            "delete it, and name the library by its address again",
        ) from error


def with_chroma(folder: Path, chroma: str) -> Path:
    """The folder that stands for the same library with its search index on a Chroma server.

    Raises:
        UsageError: the library is not on a server, or this is no address.
    """
    server = server_of(folder)
    if server is None:
        return local_folder(folder, chroma)
    other = local_folder(server.database, chroma)
    password = password_for(folder)
    if password is not None:
        _passwords[other] = password
    return other


def place_of(folder: Path) -> str:
    """What people call the library of a folder: the folder, or the address it stands for."""
    server = server_of(folder)
    return server.database if server else str(folder)


def password_for(folder: Path) -> str | None:
    """The password that was given to this process with the address of a library."""
    return _passwords.get(folder)


def shown(address: str) -> str:
    """An address as it may be shown: without a password, whatever else is wrong with it."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    host, slash, path = rest.partition("/")
    user, at, host = host.rpartition("@")
    base, query, parameters = path.partition("?")
    kept = [f for f in parameters.split("&") if f.partition("=")[0].lower() not in _SECRET]
    where = f"{scheme}://{user.partition(':')[0]}{at}{host}{slash}{base}"
    return where + (query + "&".join(kept) if any(kept) else "")


def _without_password(address: str) -> tuple[str, str | None]:
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, _, rest = address.partition(":/")
    try:
        parts = urlsplit(f"postgresql://{rest}")
        user, host, port = parts.username, parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"{shown(address)} is no address: {error}") from error
    if not parts.path.strip("/"):
        raise UsageError(
            f"{shown(address)} names no database",
            f"write {scheme}://USER@HOST:PORT/NAME",
        )
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    password = unquote(parts.password) if parts.password else None
    for name, value in parameters:
        if name.lower() == "password":
            password = value
    kept = [(name, value) for name, value in parameters if name.lower() not in _SECRET]
    at = f"{quote(unquote(user), safe='')}@" if user else ""
    where = f"[{host}]" if ":" in (host or "") else host or ""
    place = f"{at}{where}{f':{port}' if port else ''}"
    query = f"?{urlencode(kept)}" if kept else ""
    return f"postgresql://{place}{parts.path}{query}", password


def _chroma_address(given: str) -> str:
    try:
        parts = urlsplit(given)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise UsageError(
            f"{shown(given)} is no address of a Chroma server", "write http://HOST:PORT"
        )
    if parts.username or parts.password or parts.query:
        raise UsageError(
            f"{shown(given)} holds more than a host and a port",
            "give the server's token in the environment: ASSAY_CHROMA_TOKEN",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
