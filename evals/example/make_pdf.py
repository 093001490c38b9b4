"""Makes the PDF among the example's sources: `python evals/example/make_pdf.py`.

The bytes are the same on every machine: the dates are fixed, the streams are not
compressed (zlib builds differ), and the producer does not name a version.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

PATH = Path(__file__).parent / "sources" / "transit-authority-briefing.pdf"
TITLE = "Harbour Line extension: briefing note after the council's decision"
AUTHOR = "Ellery Transit Authority"

PARAGRAPHS = [
    ("", "13 May 2026. For residents, businesses and the press."),
    (
        "Decision",
        "On Tuesday, 12 May 2026, the city council of Port Ellery approved the extension of the "
        "Harbour Line tram from Cannery Street to the ferry terminal at Gull Point. The result of "
        "the vote was 31 to 18.",
    ),
    (
        "Route",
        "The extension has a length of 4.2 kilometres and five stops. At Fishmarket Bridge the "
        "tracks share the roadway with buses; everywhere else trams have a lane of their own. All "
        "stops can be reached without steps.",
    ),
    (
        "Cost",
        "Construction will cost 318 million euros at the prices of 2026. The sum covers the "
        "bridge, tracks, overhead line, stops and the rebuilding of Cannery Street. It does not "
        "cover the purchase of vehicles.",
    ),
    (
        "Timetable",
        "Construction will begin in September 2026 with the foundations of the bridge. Passenger "
        "service on the new section will begin in the spring of 2029. In the daytime there will "
        "be a tram every eight minutes.",
    ),
    (
        "During construction",
        "Cannery Street will be closed to private cars. Deliveries remain possible before ten in "
        "the morning. A site office will open in the old customs house, where visitors can see "
        "the plans on weekdays from nine to four.",
    ),
    (
        "Contact",
        "Project office, Ellery Transit Authority, Bellmaker Square 4, Port Ellery. "
        "harbour-line@ellery-transit.example",
    ),
]


def make_pdf() -> bytes:
    """The briefing note as a PDF of one page."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_compression(False)
    pdf.set_creation_date(datetime(2026, 5, 13, 9, 0, tzinfo=UTC))
    pdf.set_producer("evals/example/make_pdf.py")
    pdf.set_title(TITLE)
    pdf.set_author(AUTHOR)
    pdf.set_lang("en-GB")
    pdf.set_margin(24)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 16)
    pdf.multi_cell(0, 8, TITLE, align="L", new_x="LMARGIN", new_y="NEXT")
    for heading, text in PARAGRAPHS:
        pdf.ln(4)
        if heading:
            pdf.set_font("Helvetica", "B", 12)
            pdf.cell(0, 8, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Helvetica", "", 11)
        pdf.multi_cell(0, 6, text, align="L", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


if __name__ == "__main__":
    PATH.write_bytes(make_pdf())
    print(f"Wrote {PATH.name}.")
