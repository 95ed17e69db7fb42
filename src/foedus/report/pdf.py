"""The report as PDF by reportlab: A4, the mode across the top, the bottom and the middle of every page.

reportlab reads markup in paragraphs, so every text is escaped before it gets there. The font is that of the
figures; what it cannot draw is U+FFFD. Equal reports give equal bytes.
"""

import io
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Image, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus import Paragraph as Flowing

from foedus.report.blocks import Block, Bullets, Grid, Latency, Paragraph, Report, Timeline
from foedus.report.figures import FONT, drawable, png

MARGIN: Final = 18 * mm
WIDTH: Final = A4[0] - 2 * MARGIN - 12  # reportlab's frame keeps 6 points free on each side
FIGURE_IN: Final = 7.0
BAND: Final = colors.HexColor("#7a2e00")

PLAIN, BOLD = "Foedus", "FoedusBold"


def _style(
    name: str, size: float, *, bold: bool = False, before: float = 0.0, right: bool = False
) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.35,
        spaceBefore=before,
        spaceAfter=size * 0.4,
        alignment=2 if right else 0,
        splitLongWords=1,
    )


TITLE, UNDER = _style("title", 18, bold=True), _style("under", 9)
RESULT, BODY = _style("result", 10.5), _style("body", 9)
HEADING, CAPTION = _style("heading", 13, bold=True, before=14), _style("caption", 8.5, bold=True, before=4)
CELL, NUMBER = _style("cell", 7.5), _style("number", 7.5, right=True)
HEAD, HEAD_NUMBER = _style("head", 7.5, bold=True), _style("head number", 7.5, bold=True, right=True)


def to_pdf(report: Report) -> bytes:
    """The document; its outline has one entry for each section."""
    pdfmetrics.registerFont(TTFont(PLAIN, FONT))
    pdfmetrics.registerFont(TTFont(BOLD, FONT.replace("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")))
    sink = io.BytesIO()
    title = f"{report.mode}: {report.title}, {report.under}"
    document = SimpleDocTemplate(
        sink, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=title, author="foedus", subject=f"{report.mode}, after-action report", invariant=1, lang="en",
    )  # fmt: skip
    story = [
        _text(report.title, TITLE),
        _text(f"After-action report: {report.under}", UNDER),
        _text(report.result, RESULT),
    ]
    for section in report.sections:
        story.append(_Heading(section.id, section.title))
        for block in section.blocks:
            story += _block(block)

    def page(canvas: Any, template: Any) -> None:
        _mark(canvas, report, template.page)

    document.build(story, onFirstPage=page, onLaterPages=page)
    return sink.getvalue()


class _Heading(Flowing):  # type: ignore[misc]  # reportlab has no types
    """A heading that the outline of the document points at."""

    def __init__(self, key: str, title: str) -> None:
        super().__init__(escape(drawable(title)), HEADING)
        self.keepWithNext = 1
        self._entry = (key, title)

    def draw(self) -> None:
        key, title = self._entry
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(title, key, level=0, closed=True)
        super().draw()


def _mark(canvas: Any, report: Report, number: int) -> None:
    """The mode on one page: in both margins, and pale across it."""
    words = f"{report.mode}   {report.mode}   {report.mode}"
    canvas.saveState()
    canvas.setFillColor(BAND)
    canvas.setFont(BOLD, 10)
    canvas.drawCentredString(A4[0] / 2, A4[1] - 11 * mm, words)
    canvas.drawCentredString(A4[0] / 2, 11 * mm, words)
    canvas.setFont(PLAIN, 7)
    canvas.drawRightString(A4[0] - MARGIN, 7 * mm, f"{drawable(report.under)[:90]}   {number}")
    canvas.setFillColor(BAND, alpha=0.06)
    canvas.setFont(BOLD, 96)
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(55)
    canvas.drawCentredString(0, -30, report.mode)
    canvas.restoreState()


def _text(text: str, style: ParagraphStyle) -> Flowing:
    return Flowing(escape(drawable(text)), style)


def _block(block: Block) -> list[Any]:
    if isinstance(block, Paragraph):
        return [_text(block.text, BODY)]
    if isinstance(block, Bullets):
        return [_text(f"•  {one}", BODY) for one in block.items]
    if isinstance(block, Grid):
        return _grid(block)
    return _figure(block)


def _figure(block: Timeline | Latency) -> list[Any]:
    data, shape = png(block, width_in=FIGURE_IN)
    picture = Image(io.BytesIO(data), width=WIDTH, height=WIDTH * shape)
    picture.keepWithNext = 1
    return [picture, _text(block.caption, CAPTION)]


def _grid(block: Grid) -> list[Any]:
    numbers = [column in block.numbers for column in range(len(block.head))]
    rows = [
        [_text(one, HEAD_NUMBER if number else HEAD) for number, one in zip(numbers, block.head, strict=True)]
    ]
    rows += [
        [_text(one, NUMBER if number else CELL) for number, one in zip(numbers, row, strict=True)]
        for row in block.rows
    ]
    table = Table(rows, colWidths=_widths(block), repeatRows=1, splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#bbbbbb")),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    left_out = f"{block.left_out:,} more rows stand in the Parquet file."
    caption = _text(block.caption, CAPTION)
    caption.keepWithNext = 1
    return [caption, table, *([_text(left_out, BODY)] if block.left_out else []), Spacer(0, 6)]


def _widths(block: Grid) -> list[float]:
    """Widths of columns by what stands in them: no word of a head is broken, long texts share the rest."""
    least = [
        max(pdfmetrics.stringWidth(word, BOLD, 7.5) for word in (one.split() or [""])) + 9
        for one in block.head
    ]
    longest = [
        max([len(block.head[column]), *(min(len(row[column]), 60) for row in block.rows)])
        for column in range(len(block.head))
    ]
    spare = max(WIDTH - sum(least), 0.0)
    return [one + spare * length / sum(longest) for one, length in zip(least, longest, strict=True)]
