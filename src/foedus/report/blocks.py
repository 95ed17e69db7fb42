"""What a report consists of before it is HTML or PDF: sections of paragraphs, lists, tables and figures.

All texts are plain: nothing in them is markup. `clean` is where hostile input ends; the writers escape.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from foedus.limits import REPORT_ROWS_MAX, REPORT_TEXT_MAX

_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Controls that no page can show, and those of direction and width, by which a text could pass for another
(Unicode Technical Report 36, section 2.4)."""


def clean(text: str) -> str:
    """The text on one line, without controls (U+FFFD stands for each), cut where it is too long."""
    text = _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))
    return text if len(text) <= REPORT_TEXT_MAX else text[: REPORT_TEXT_MAX - 1] + "…"


class Paragraph(msgspec.Struct, frozen=True, tag=True):
    """One paragraph."""

    text: str


class Bullets(msgspec.Struct, frozen=True, tag=True):
    """A list of sentences."""

    items: tuple[str, ...]


class Grid(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A table. numbers: columns that are set to the right; left_out: rows that stand in the Parquet alone."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    left_out: int = 0


class Mark(msgspec.Struct, frozen=True):
    """One instant on a lane, in minutes of the drill."""

    at_min: float
    kind: str  # one of figures.KINDS
    name: str


class Lane(msgspec.Struct, frozen=True):
    """One line of a time line."""

    name: str
    marks: tuple[Mark, ...]


class Timeline(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A figure: what happened to one capital, lane by lane."""

    caption: str
    words: str  # the same for whom no picture speaks
    lanes: tuple[Lane, ...]
    from_min: float
    to_min: float


class Steps(msgspec.Struct, frozen=True):
    """One warning's way: seconds from raised to stored, shown and acknowledged; None where it never was."""

    name: str
    stored_s: float | None
    shown_s: float | None
    acknowledged_s: float | None


class Latency(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """A figure: the way of each warning, one line each."""

    caption: str
    words: str
    steps: tuple[Steps, ...]


Block = Paragraph | Bullets | Grid | Timeline | Latency


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One section; id: its anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report. mode: EXERCISE, on every page."""

    mode: str
    title: str
    under: str  # the pact and the seed
    result: str  # the one paragraph
    sections: tuple[Section, ...]


def grid(
    caption: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    *,
    numbers: tuple[int, ...] = (),
) -> Grid:
    """A table of cleaned texts, of REPORT_ROWS_MAX rows at most; what is beyond is counted."""
    assert all(len(row) == len(head) for row in rows), caption
    return Grid(
        caption=clean(caption),
        head=head,
        rows=tuple(tuple(clean(cell) for cell in row) for row in rows[:REPORT_ROWS_MAX]),
        numbers=numbers,
        left_out=max(0, len(rows) - REPORT_ROWS_MAX),
    )
