"""The matrix as a picture: an SVG that can be read without colours and by a screen reader."""

from typing import Final
from xml.sax.saxutils import escape

from foedus.pact.asking.matrix import Entry, Matrix, cell_words

CELL_W: Final = 132
CELL_H: Final = 56
LEFT: Final = 210
TOP: Final = 128
LEGEND_H: Final = 104

FILLS: Final = {
    "none": ("#ffffff", "#333333"),
    "alert": ("#f7fcb9", "#1a1a1a"),
    "region": ("#c7e9b4", "#1a1a1a"),
    "coarse": ("#7fcdbb", "#1a1a1a"),
    "track": ("#1d6fa5", "#ffffff"),
    "source": ("#0c2c84", "#ffffff"),
}
"""(background, text) of each form: after ColorBrewer's YlGnBu, which reads the same with every colour vision;
the contrast of the text is above 4.5 to 1."""

GREY: Final = "#444444"

DOUBT: Final = (
    '<defs><pattern id="doubt" width="8" height="8" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="8" height="8" fill="#ffffff"/>'
    '<rect width="2" height="8" fill="#d0d0d0"/></pattern></defs>'
)
"""Hatching for what is undetermined."""

LEGEND: Final = (
    ("alert", "cell, time, class"),
    ("region", "1 degree cell"),
    ("coarse", "0.1 degree cell"),
    ("track", "accuracy, identity"),
    ("source", "plots with sensor"),
)


def matrix_svg(matrix: Matrix) -> str:
    """The SVG text."""
    count = len(matrix.parties)
    width = max(LEFT + count * CELL_W + 24, 900)
    height = TOP + count * CELL_H + LEGEND_H + 24
    data = matrix.data.replace("_", " ")
    what = f"{matrix.track_class} {data}".strip()
    events = f", on {' or '.join(matrix.events)}" if matrix.events else ", in whatever situation gives most"
    title = f"Who gives what to whom: {', '.join(matrix.pacts)}"
    asked = f"Best form of {what} on {matrix.at[:10]}{events}. Rows give, columns take."
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="title desc" font-family="sans-serif">'
    )
    parts = [
        opening,
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_description(matrix))}</desc>',
        DOUBT,
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(24, 34, title, size=20, weight="bold"),
        _text(24, 58, _short("; ".join([matrix.title, *matrix.notes]), 120), size=13, fill=GREY),
        _text(24, 78, asked, size=13, fill=GREY),
        *_heads(matrix),
        *(_cell(matrix, row, column) for row in range(count) for column in range(count)),
        *_legend(TOP + count * CELL_H + 28),
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _heads(matrix: Matrix) -> list[str]:
    heads = []
    for i, (party, name) in enumerate(zip(matrix.parties, matrix.names, strict=True)):
        x = LEFT + i * CELL_W + CELL_W // 2
        y = TOP + i * CELL_H + CELL_H // 2
        heads.append(_text(x, TOP - 24, party, size=14, weight="bold", anchor="middle"))
        heads.append(_text(x, TOP - 8, _short(name, 20), size=11, fill=GREY, anchor="middle"))
        heads.append(_text(LEFT - 12, y - 2, party, size=14, weight="bold", anchor="end"))
        heads.append(_text(LEFT - 12, y + 14, _short(name, 28), size=11, fill=GREY, anchor="end"))
    return heads


def _cell(matrix: Matrix, row: int, column: int) -> str:
    x, y = LEFT + column * CELL_W, TOP + row * CELL_H
    giver, taker = matrix.parties[row], matrix.parties[column]
    if row == column:
        return _box(x, y, "#e6e6e6")
    entry = matrix.entry(giver, taker)
    fill, ink = FILLS["none" if entry is None else entry.form]
    if entry is not None and entry.doubtful:
        fill, ink = "url(#doubt)", "#1a1a1a"
    under = _under(entry)
    middle = x + CELL_W // 2
    parts = [f"<g><title>{escape(_spoken(giver, taker, entry))}</title>", _box(x, y, fill)]
    words = cell_words(entry)
    parts.append(
        _text(middle, y + (26 if under else 33), words, size=13, fill=ink, anchor="middle", weight="bold")
    )
    if under:
        parts.append(_text(middle, y + 43, _short(under, 24), size=10, fill=ink, anchor="middle"))
    return "".join([*parts, "</g>"])


def _under(entry: Entry | None) -> str:
    if entry is None or not entry.clause:
        return ""
    return " ".join([entry.clause, *entry.conditions[:1]])


def _spoken(giver: str, taker: str, entry: Entry | None) -> str:
    words = cell_words(entry)
    if entry is None or words == "-":
        return f"{giver} gives {taker} nothing"
    conditions = f", {', '.join(entry.conditions)}" if entry.conditions else ""
    return f"{giver} gives {taker}: {words}, by {entry.clause} of {entry.pact}{conditions}"


def _description(matrix: Matrix) -> str:
    """The whole matrix in sentences."""
    said = [_spoken(one.giver, one.taker, one) for one in matrix.entries if cell_words(one) != "-"]
    return ". ".join([*said, "All other pairs: nothing."])


def _legend(top: int) -> list[str]:
    parts = [_text(24, top, "Legend", size=13, weight="bold")]
    for i, (form, says) in enumerate(LEGEND):
        x = 24 + i * 172
        fill, ink = FILLS[form]
        parts.append(f'<rect x="{x}" y="{top + 10}" width="60" height="24" fill="{fill}" stroke="#555555"/>')
        parts.append(_text(x + 30, top + 27, form, size=12, fill=ink, anchor="middle", weight="bold"))
        parts.append(_text(x + 66, top + 27, says, size=11, fill=GREY))
    y = top + 46
    parts.append(f'<rect x="24" y="{y}" width="60" height="24" fill="url(#doubt)" stroke="#555555"/>')
    parts.append(_text(54, y + 17, "?", size=12, anchor="middle", weight="bold"))
    parts.append(_text(90, y + 17, "undetermined: rests on an unknown term or attacker", size=11, fill=GREY))
    note = "(hub): not directly, through the hub.   -: nothing.   Small: clause and its condition."
    parts.append(_text(400, y + 17, note, size=11, fill=GREY))
    return parts


def _box(x: int, y: int, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{CELL_W}" height="{CELL_H}" fill="{fill}" stroke="#777777"/>'


def _text(
    x: int,
    y: int,
    words: str,
    *,
    size: int,
    fill: str = "#1a1a1a",
    anchor: str = "start",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
