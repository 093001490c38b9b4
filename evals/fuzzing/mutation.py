"""Inputs: seeds of a format, altered.

Archives are altered part by part and packed again: a change to packed bytes is found by the
checksum and gets no further.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence

LONGEST = 20_000
"""Bytes of an input, unless its seed is longer."""
_ODD = (
    b"\x00", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xae",
    b"\xe2\x80\x8b", b"\xcc\x81", b"\xf0\x9f\x91\xa9", b"\r\n", b"\n\n", b"\x1b[31m", b"\x7f",
    b"\xc2\x85", b"-1", b"0", b"9" * 20, b"1e309", b"NaN", b"%s", b"{{", b"}}", b"&#0;", b"&lt;",
    b"<", b">", b'"', b"'", b"\\", b"<script>", b"<!--", b"]]>", b"\xe2\x80\x9c", b"\xe2\x80\x9d",
    b"\xd9\xa3", b"\xc2\xb2", b"\xe2\x85\xa7", b"\xef\xac\x81", b"\xc4\xb0", b"\xc3\x9f",
)  # fmt: skip
_PACKED = b"PK\x03\x04"
_STAMP = (2026, 1, 1, 0, 0, 0)


def altered(rng: random.Random, seeds: Sequence[bytes], tokens: Sequence[bytes]) -> bytes:
    """One input.

    Args:
        rng: what decides.
        seeds: inputs of the format; at least one.
        tokens: pieces of the format.
    """
    seed = rng.choice(seeds)
    if seed.startswith(_PACKED) and rng.random() < 0.9:
        return _repacked(rng, seed, tokens)
    other = rng.choice(seeds)
    return _changed(rng, seed, other, tokens)


def _repacked(rng: random.Random, seed: bytes, tokens: Sequence[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    chosen = rng.randrange(len(parts))
    name, data = parts[chosen]
    if rng.random() < 0.05:
        del parts[chosen]
    elif rng.random() < 0.05:
        parts.append((name, data))
    else:
        parts[chosen] = name, _changed(rng, data, rng.choice(parts)[1], tokens)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts:
            archive.filelist = [info for info in archive.filelist if info.filename != name]
            archive.NameToInfo.pop(name, None)  # a name given twice is no mistake here
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data)
    return out.getvalue()


def _changed(rng: random.Random, seed: bytes, other: bytes, tokens: Sequence[bytes]) -> bytes:
    data = bytearray(seed)
    longest = max(LONGEST, len(seed))
    if rng.random() < 0.01:
        # What takes time that grows faster than its text shows it only where the text is long.
        start = rng.randrange(len(data) + 1)
        piece = bytes(data[start : start + rng.randrange(40)]) or rng.choice((*tokens, *_ODD))
        data[start:start] = piece * (rng.randrange(LONGEST) // len(piece))
    for _ in range(1 + int(rng.expovariate(0.6))):
        start = rng.randrange(len(data) + 1)
        end = min(len(data), start + int(rng.expovariate(1 / 12)))
        way = rng.randrange(9)
        if way == 0:
            data[start:end] = b""
        elif way == 1:
            data[start:start] = rng.choice(_ODD)
        elif way == 2 and tokens:
            data[start:start] = rng.choice(tokens)
        elif way == 3 and tokens:
            data[start:end] = rng.choice(tokens)
        elif way == 4:
            data[start:start] = data[start:end] * rng.choice((1, 2, 8, 64))
        elif way == 5 and other:
            place = rng.randrange(len(other))
            data[start:end] = other[place : place + int(rng.expovariate(1 / 40))]
        elif way == 6 and start < len(data):
            data[start] ^= 1 << rng.randrange(8)
        elif way == 7 and start < len(data):
            data[start] = rng.randrange(256)
        elif rng.random() < 0.1:
            del data[start:]
        if len(data) > longest:
            del data[longest:]
    return bytes(data)
