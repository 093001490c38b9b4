"""Bytes told apart and decoded: which are text, in which encoding, and what the others are."""

from __future__ import annotations

import codecs
import logging
import re

from agent.errors import InputError
from tools.readers.documents import READABLE

# First bytes of the kinds of file that people mix up with text.
_MAGIC: list[tuple[bytes, str]] = [
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"(\xb5/\xfd", "a zstd archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document; save it as DOCX"),
    (b"{\\rtf", "an RTF document; save it as DOCX"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3\x00", "a database"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
]
_BOMS = [
    # The mark of UTF-32 begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# Single-byte encodings close to cp1252, with the languages that need them.
_COUSINS = {
    **dict.fromkeys(
        ["cp1250", "iso8859_2", "mac_latin2"], frozenset("bs cs hr hu pl ro sk sl sq sr".split())
    ),
    **dict.fromkeys(["cp1257", "iso8859_4", "iso8859_13"], frozenset("et lt lv".split())),
    **dict.fromkeys(["cp1254", "iso8859_9"], frozenset("az tr".split())),
}
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,30})", re.I)
# Not supersets of ASCII, or able to hide markup: browsers ignore these labels, too.
_NEVER = {"utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "hz", "idna", "punycode", "rot13"}
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_MAX_NOT_TEXT = 0.3
"""Share of undecodable bytes and control characters above which nobody meant this as text;
of random bytes half cannot be decoded."""
_SAMPLE = 65536


def binary_kind(data: bytes) -> str | None:
    """What a file that is not text is: `pdf`, `zip`, or a description such as `a PNG image`."""
    if data[:1024].lstrip(b"\xef\xbb\xbf\0\t\n\r ").startswith(b"%PDF-"):
        return "pdf"
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a picture, sound or film"
    if data[4:8] == b"ftyp":
        return "a film or sound file"
    # Two letters begin a program for Windows, and many a text.
    if data[:2] in (b"MZ", b"BM") and b"\0" in data[:64]:
        return "a program or a picture"
    return None


def decode(data: bytes, name: str, *, html: bool = False) -> str:
    """Decodes text by its byte-order mark, as UTF-8, by an HTML page's label, or by guess.

    Args:
        data: content that `binary_kind` knows nothing of.
        name: the file's name, for messages.
        html: whether `<meta charset>` is to be believed.

    Raises:
        InputError: binary content, or no encoding fits.
    """
    mark = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)
    if mark is None and b"\0" in data:
        mark = _unmarked_utf16(data)
    labels = [mark] if mark else ["utf-8", *(_label(data) if html else ())]
    for encoding in labels:
        try:
            return _checked(data.decode(encoding), name)
        except UnicodeDecodeError:
            continue
    if mark or b"\0" in data:
        raise _not_text(name)
    return _checked(_guessed(data), name)


def _unmarked_utf16(data: bytes) -> str | None:
    """Latin text in UTF-16 has a zero in nearly every other byte, always on one side."""
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _label(data: bytes) -> list[str]:
    match = _META_CHARSET.search(data[:4096])
    if not match:
        return []
    try:
        encoding = codecs.lookup(match[1].decode("ascii")).name
        # Also keeps out Python's codecs between bytes and bytes (zlib, hex).
        "".encode(encoding)
    except LookupError:
        return []
    return [] if encoding in _NEVER else [encoding]


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    logging.getLogger("charset_normalizer").addHandler(logging.NullHandler())
    best = from_bytes(data[:_SAMPLE]).best()
    if best and best.encoding in _COUSINS and _is_western(data, best.encoding):
        return data.decode("cp1252", errors="replace")
    # Replacement, because a sample may end within a character, and a text pasted together
    # from several may hold a few bytes of another encoding; `_checked` counts them.
    return data.decode(best.encoding if best else "utf-8", errors="replace")


def _is_western(data: bytes, encoding: str) -> bool:
    """Whether a text that was guessed to be Central European, say, is only Western.

    The encodings differ in a few letters (`£` is `Ł` in the other), so the guess is often
    wrong; the language of the whole text tells.
    """
    from py3langid import classify

    language, _ = classify(data[:_SAMPLE].decode(encoding, errors="replace"))
    return language not in _COUSINS[encoding]


def _checked(text: str, name: str) -> str:
    strange = len(_NOT_TEXT.findall(text))
    if strange > _MAX_NOT_TEXT * len(text) or text.count("\0") > 0.01 * len(text):
        raise _not_text(name)
    return text


def _not_text(name: str) -> InputError:
    return InputError(
        f"{name} is not text (it looks like binary data)",
        f"{READABLE}; save text as UTF-8",
    )
