"""The report as one HTML file: no script, nothing fetched, readable at 390 px, light or dark, printable.

Every text goes through `escape`; the policy in the head forbids whatever might have slipped through to load
or run anything.
"""

from html import escape
from typing import Final

from foedus.report.blocks import Block, Bullets, Grid, Latency, Paragraph, Report, Section, Timeline
from foedus.report.figures import svg
from foedus.report.style import CSS

WIDE_IN, NARROW_IN = 9.0, 3.7
"""Widths of a figure on a screen and on a telephone of 390 px; the page shows the one that fits."""

WORD_MAX: Final = 24
"""Characters of a cell that stay on one line of a telephone beside others."""

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def to_html(report: Report) -> bytes:
    """The page in UTF-8."""
    mode = escape(report.mode)
    band = f'<p class="band">{mode} {mode} {mode}</p>'
    contents = "".join(f'<li><a href="#{one.id}">{escape(one.title)}</a></li>' for one in report.sections)
    figures = _Figures()
    body = "".join(_section(one, figures) for one in report.sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{mode}: {escape(report.title)}, {escape(report.under)}</title>
<style>{CSS}</style>
</head>
<body>
<header>{band}</header>
<main>
<h1><bdi>{escape(report.title)}</bdi></h1>
<p class="under">After-action report: <bdi>{escape(report.under)}</bdi></p>
<p class="result"><bdi>{escape(report.result)}</bdi></p>
<nav aria-label="Sections"><ol>{contents}</ol></nav>
{body}</main>
<footer>{band}</footer>
</body>
</html>
""".encode()


class _Figures:
    """Numbers the figures of one page, so that no two share an id."""

    def __init__(self) -> None:
        self._count = 0

    def svg(self, block: Timeline | Latency, width_in: float) -> str:
        self._count += 1
        return svg(block, width_in=width_in, number=self._count)


def _section(section: Section, figures: _Figures) -> str:
    blocks = "".join(_block(one, figures) for one in section.blocks)
    title = f'<h2 id="{section.id}-title">{escape(section.title)}</h2>'
    return f'<section id="{section.id}" aria-labelledby="{section.id}-title">{title}\n{blocks}</section>\n'


def _block(block: Block, figures: _Figures) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>\n"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in block.items)}</ul>\n"
    if isinstance(block, Grid):
        return _grid(block)
    wide, narrow = (figures.svg(block, width_in) for width_in in (WIDE_IN, NARROW_IN))
    return (
        f'<figure><div role="img" aria-label="{escape(block.words)}">'
        f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div></div>'
        f"<figcaption>{escape(block.caption)}</figcaption></figure>\n"
    )


def _grid(block: Grid) -> str:
    kinds = ["number" if column in block.numbers else "text" for column in range(len(block.head))]
    head = "".join(
        f'<th scope="col" class="{kind}">{escape(one)}</th>'
        for kind, one in zip(kinds, block.head, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_shape(kind, one)}"><bdi>{escape(one)}</bdi></td>'
            for kind, one in zip(kinds, row, strict=True)
        )
        + "</tr>\n"
        for row in block.rows
    )
    left_out = f"<p>{block.left_out:,} more rows stand in the Parquet file.</p>\n" if block.left_out else ""
    caption = escape(block.caption)
    return (
        f'<div class="table" role="region" aria-label="{caption}" tabindex="0">'
        f"<table><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table></div>\n{left_out}"
    )


def _shape(kind: str, text: str) -> str:
    """Classes of a cell: words that may break anywhere, sentences that want room."""
    longest = max(map(len, text.split()), default=0)
    return kind + (" long" if longest > WORD_MAX else "") + (" words" if len(text) > WORD_MAX else "")
