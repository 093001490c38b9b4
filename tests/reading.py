"""What the tests of the readers share: two texts, files made of them, how a refusal is caught."""

from __future__ import annotations

import io
import zipfile

import pytest

from agent.errors import InputError
from tools.readers import read_bytes

STORY = (
    "The lighthouse keepers of Cape Dunmore will get a new lamp in October. The harbour board "
    "approved the purchase on Monday and set aside 38,000 crowns for it."
)
SECOND = (
    "The old lamp has burned since 1961. It will be shown in the museum of navigation, whose "
    "director called it the most patient worker on the coast."
)


def failure(data: bytes, name: str = "-") -> InputError:
    with pytest.raises(InputError) as caught:
        read_bytes(data, name)
    assert caught.value.what and caught.value.todo
    assert "\n" not in str(caught.value)
    return caught.value


def make_pdf(*pages: str, author: str = "Ina Wolk", password: str = "") -> bytes:
    """A PDF with one paragraph a line end of the given pages."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_title("New lamp")
    pdf.set_author(author)
    if password:
        pdf.set_encryption(owner_password="owner", user_password=password)
    for page in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        for paragraph in page.split("\n"):
            pdf.multi_cell(0, 6, paragraph)
            pdf.ln(8)
    return bytes(pdf.output())


def make_zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()
