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
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from agent.errors import LibraryDamaged, UsageError

SCHEMES = ("postgresql", "postgres")
NOTE = "server.json"
_ADDRESS = re.compile(
    r"(?:(?P<user>[^:@/?#\s]*)(?::(?P<password>[^/?#]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^@:/?#\[\]\s]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^@?#\s]*)?(?:\?(?P<query>[^@#\s]*))?"
)
"""What comes after the slashes. An `@`, `/`, `?` or `#` where none belongs may be a part of a
password that was not quoted: then nothing of the address is taken, or told."""
_NO_NAME = re.compile(r"[@=:#\x00-\x1f]")
"""No database has these in its name: libpq reads such a one as an address of its own."""
_PARAMETERS = frozenset(
    "application_name channel_binding client_encoding connect_timeout fallback_application_name"
    " gssdelegation gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle"
    " keepalives_interval krbsrvname load_balance_hosts max_protocol_version min_protocol_version"
    " options passfile port require_auth requirepeer service ssl_max_protocol_version"
    " ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey"
    " sslnegotiation sslrootcert sslmode sslsni target_session_attrs tcp_user_timeout user".split()
)
"""Those of libpq that hold no secret (PostgreSQL 18, "Parameter Key Words"), but for `dbname`,
which the path tells. `password` is taken, and written nowhere."""
_OTHER_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]+:[/\\]", re.IGNORECASE)
_SETTINGS = re.compile(r"(?:password|passwd|pwd)\s*=", re.IGNORECASE)
_WRITE = (
    "write postgresql://USER@HOST:PORT/NAME and give the password in PGPASSWORD, or in ~/.pgpass;"
    " within an address its special characters are quoted: %2F for /"
)
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
    return str(place).strip().partition(":/")[0].lower() in SCHEMES


def local_folder(place: Path | str, chroma: str | None = None) -> Path:
    """The folder on this machine that stands for a library.

    Args:
        place: a folder, which is given back, or the address of a library on a server.
        chroma: address of a Chroma server within a private network; only with an address.

    Raises:
        UsageError: an address that names no database, or that cannot be one. It tells nothing
            of an address that may hold a password where none is looked for.
    """
    if not is_address(place):
        _refuse_foreign(str(place))
        if chroma:
            raise UsageError(
                f"{_chroma_address(chroma)} is a Chroma server, and the library {place}"
                " is a folder",
                "name a library on a server with it: --library postgresql://…",
            )
        return Path(place).expanduser()
    from platformdirs import user_data_path

    database, password = _without_password(str(place).strip())
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


def _refuse_foreign(place: str) -> None:
    """Refuses what was meant for a server that is none of ours, rather than make it a folder."""
    if _OTHER_SCHEME.match(place):
        scheme = place.strip().partition(":")[0]
        raise UsageError(f"{scheme}:// is the address of no library", _WRITE)
    if _SETTINGS.search(place):
        raise UsageError("a password is no part of the name of a folder", _WRITE)


def _without_password(address: str) -> tuple[str, str | None]:
    """An address as it may be shown and written down, and the password that it came with."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, _, rest = address.partition(":/")
    found = None if "\0" in unquote(rest) else _ADDRESS.fullmatch(rest)  # it ends what libpq reads
    path = unquote(found["path"] or "").rstrip("/") if found else ""
    if found is None or _NO_NAME.search(path) or int(found["port"] or 0) > 65535:
        raise UsageError(f"what follows {scheme}:// is no address of a database", _WRITE)
    user, password, host, port = (found[part] for part in ("user", "password", "host", "port"))
    kept = []
    for each in filter(None, (found["query"] or "").split("&")):
        name, is_set, value = each.partition("=")
        if name == "password" and is_set:
            password = value
        elif name in _PARAMETERS and is_set:
            kept.append(f"{name}={quote(unquote(value), safe='')}")
        else:  # not named: it may be the rest of a password with an & in it
            raise UsageError(
                f"a parameter of the address {scheme}://… is none of libpq, or a password",
                "write those of libpq: ?sslmode=verify-full&sslrootcert=…",
            )
    at = f"{quote(unquote(user), safe='')}@" if user else ""
    place = f"postgresql://{at}{host.lower()}{f':{int(port)}' if port else ''}"
    if not path:
        raise UsageError(f"{place} names no database", _WRITE)
    query = f"?{'&'.join(kept)}" if kept else ""
    secret = unquote(password) if password else None
    return f"{place}{quote(path)}{query}", secret


def _chroma_address(given: str) -> str:
    try:
        parts = urlsplit(given.strip())
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or "@" in given.partition("//")[2].partition("/")[2]:
        raise UsageError(
            "what was given is no address of a Chroma server",
            "write http://HOST:PORT; its token is given in the environment: ASSAY_CHROMA_TOKEN",
        )
    if "@" in given or parts.query or parts.fragment:
        raise UsageError(
            "the address of the Chroma server holds more than a host, a port and a path",
            "give the server's token in the environment: ASSAY_CHROMA_TOKEN",
        )
    path = parts.path.rstrip("/")
    if not re.fullmatch(r"[\w./~-]*", path, re.ASCII):
        raise UsageError(
            "the path of the Chroma server holds more than letters, digits and -._~",
            "let the proxy before it answer at another path",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"
