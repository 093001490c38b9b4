"""Web archives (WARC, also gzipped): the pages, texts and PDFs that servers answered with."""

from __future__ import annotations

import io
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from agent.errors import InputError
from tools.readers.documents import MAX_BYTES, Carried, Refused, printable
from tools.readers.metadata import Metadata, clean_metadata

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
}
_MAX_UNPACKED = 2 * 1024**3
"""Of all bodies together."""
_NAMED = 5


def read_warc(data: bytes, name: str) -> Iterator[Carried | Refused]:
    """Successful responses of kinds that hold text, with the address they came from.

    The day of capture is the date of a page that tells none itself: the page is no younger.

    Args:
        data: the archive.
        name: its name, for messages.

    Yields:
        The responses; at the end one refusal that counts what was left out.

    Raises:
        InputError: no WARC, a damaged one, one that unpacks to more than 2 GiB, or none of
            its records is a text.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    left_out: Counter[str] = Counter()
    unpacked = given = 0
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            if record.rec_type not in ("response", "resource"):
                continue
            kind, charset, status = _described(record)
            suffix = _TYPES.get(kind)
            if suffix is None or status != "200":
                left_out[kind if status == "200" else f"status {status}"] += 1
                continue
            body = record.content_stream().read(MAX_BYTES + 1)
            unpacked += len(body)
            if unpacked > _MAX_UNPACKED:
                raise InputError(f"{name} unpacks to more than 2 GiB", "Split it")
            given += 1
            yield _carried(record, body, suffix, charset)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, zlib.error, EOFError, OSError,
            ValueError, AttributeError) as error:  # fmt: skip
        # AttributeError: warcio takes it for granted that a record names its address.
        raise InputError(
            f"{name} is a damaged WARC file after {given} texts ({type(error).__name__})",
            "Fetch the archive again, or mend it with `warcio recompress`",
        ) from error
    if not given and not left_out:
        raise InputError(f"{name} holds no response of a server", "Give another archive")
    if left_out:
        kinds = ", ".join(f"{n} {printable(k)}" for k, n in left_out.most_common(_NAMED))
        more = ", …" if len(left_out) > _NAMED else ""
        total = sum(left_out.values())
        yield Refused(name, f"{name}: {total} records left out ({kinds}{more})", minor=bool(given))


def _described(record: ArcWarcRecord) -> tuple[str, str, str]:
    """Media type, charset and HTTP status; a `resource` is a file without HTTP."""
    if record.rec_type == "response" and record.http_headers is not None:
        content_type = record.http_headers.get_header("Content-Type", "") or ""
        status = record.http_headers.get_statuscode()
    else:
        content_type, status = record.rec_headers.get_header("Content-Type", "") or "", "200"
    kind, _, parameters = content_type.partition(";")
    _, _, charset = parameters.partition("charset=")
    return kind.strip().lower(), charset.strip(" \"'")[:30], status


def _carried(record: ArcWarcRecord, body: bytes, suffix: str, charset: str) -> Carried:
    if charset and suffix != ".pdf":
        # What the server says counts before what the page says of itself (HTML, 13.2.3.2).
        with suppress(LookupError, UnicodeError):
            body = body.decode(charset).encode()
    headers = record.rec_headers
    url = str(headers.get_header("WARC-Target-URI", "") or "").strip("<>")
    known: Metadata = clean_metadata(url=url, date=headers.get_header("WARC-Date", None))
    return Carried(body, f"page{suffix}", printable(url[:200]) or "a record", known)
