"""E-mail (.eml) read as text: its body, and its attachments as documents of their own."""

from __future__ import annotations

import email
import mimetypes
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import parsedate_to_datetime
from typing import Any, cast

from agent.errors import InputError
from tools.readers.decoding import decode
from tools.readers.documents import Carried, Parsed, Refused, normalise, printable
from tools.readers.metadata import Metadata, clean_metadata

_MAX_ATTACHMENTS = 200
_READABLE_TYPES = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
}


class _Lenient(EmailPolicy):
    """A header that cannot be taken apart counts as empty; the rest of the mail is still read."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except (LookupError, ValueError, TypeError, AttributeError, MessageError, RecursionError):
            return super().header_fetch_parse(name, "")


# A mail within a mail is handed on as it was written.
_POLICY = _Lenient(refold_source="none")


def read_mail(data: bytes, name: str) -> Iterator[Parsed | Refused | Carried]:
    """The message, then each attachment that a reader reads; others are named as left out.

    The subject is the title, the sender the author. Of a body that is given twice the plain
    text is read, not its HTML twin.

    Args:
        data: the file.
        name: its name, for messages.

    Raises:
        InputError: no header that a mail must have, or neither text nor attachment.
    """
    message = cast(EmailMessage, email.message_from_bytes(data, policy=_POLICY))
    if not any(message.get(field) for field in ("From", "Subject", "Date", "Received")):
        raise InputError(
            f"{name} is no e-mail: it has neither sender, subject nor date",
            "Save the message from the mail program as .eml",
        )
    metadata = _metadata(message)
    body = message.get_body(preferencelist=("plain", "html"))
    attachments = [part for part in _parts(message) if _is_attachment(part, body)]
    text, reader = _body(body, name) if body is not None else ("", "mail")
    if text.strip():
        yield Parsed(text, metadata, reader, part="the message" if attachments else "")
    elif not attachments:
        raise InputError(f"{name} is empty: the message has no text", "Give its attachment itself")
    for number, part in enumerate(attachments, start=1):
        if number > _MAX_ATTACHMENTS:
            left = len(attachments) - _MAX_ATTACHMENTS
            yield Refused(name, f"{name} carries {left} more attachments, which are not read")
            return
        yield _attachment(part, number, name, metadata)


def _metadata(message: EmailMessage) -> Metadata:
    written = str(message.get("Date", ""))
    date: datetime | str = written
    with suppress(ValueError, TypeError, OverflowError):  # not as mails write it
        date = parsedate_to_datetime(written)
    sender = None
    with suppress(MessageError, AttributeError, IndexError, ValueError):
        first = message["From"].addresses[0]
        sender = first.display_name or first.addr_spec
    return clean_metadata(title=str(message.get("Subject", "")), author=sender, date=date)


def _parts(message: MIMEPart) -> Iterator[MIMEPart]:
    """The leaves of a message in order; a message that it carries is one of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.get_content_maintype() == "multipart":
            waiting += reversed(list(part.iter_parts()))
        else:
            yield part


def _is_attachment(part: MIMEPart, body: MIMEPart | None) -> bool:
    if part is body:
        return False
    if part.is_attachment() or part.get_filename():
        return True
    # The other form of the body; pictures and signatures without a name are others.
    return part.get_content_maintype() != "text"


def _body(part: MIMEPart, name: str) -> tuple[str, str]:
    text = _decoded(part, name)
    if part.get_content_subtype() == "html":
        from tools.readers.html import visible_text

        return visible_text(text), "mail/html"
    return normalise(text), "mail"


def _decoded(part: MIMEPart, name: str) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    if charset and charset not in ("us-ascii", "utf-7"):
        with suppress(LookupError, UnicodeError):
            return data.decode(charset)
    return decode(data, name, html=part.get_content_subtype() == "html") if data else ""


def _attachment(part: MIMEPart, number: int, name: str, mail: Metadata) -> Carried | Refused:
    kind = part.get_content_type()
    called = printable(part.get_filename() or f"attachment {number}")
    where = f"attachment {called}" if part.get_filename() else called
    suffix = _READABLE_TYPES.get(kind)
    if suffix is None and kind == "application/octet-stream":
        guessed = mimetypes.guess_type(called)[0]
        suffix = _READABLE_TYPES.get(guessed or "")
    if suffix is None:
        return Refused(name, f"{name}, {where} is left out ({printable(kind)})", minor=True)
    if kind == "message/rfc822":
        inner = part.get_payload(0)
        data = cast(EmailMessage, inner).as_bytes()
    else:
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
    known = Metadata(author=mail.get("author"), published_at=mail.get("published_at"))
    return Carried(data, f"attachment{suffix}", where, known)
