"""Figures drawn by matplotlib: SVG for the page, PNG for the PDF, whatever the machine's fonts and style.

A figure is drawn in stand-in colours; the page turns them into its own, so that it is light or dark as its
reader has it. Marks differ by shape as well as by colour.
"""

import io
import re
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from foedus.report.blocks import Latency, Steps, Timeline

FONT: Final = f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf"
"""Comes with matplotlib; its licence (Bitstream Vera) lets it be embedded."""

DPI: Final = 200
"""Of a figure in the PDF: fine enough for a laser printer."""

STEP_S_MIN: Final = 0.1
"""The left end of the axis of seconds; a drill's instants lie on a grid of 0.2 s."""


NAME_MAX: Final = 24
"""Characters of a name in a figure; the table beside it has the whole."""


class Kind(NamedTuple):
    """How one kind of mark looks: its shape and its colour."""

    shape: str
    colour: str


INK, PAPER, FAINT = "#101112", "#fefdfc", "#8a8b8c"
KINDS: Final = {
    "begins": Kind(">", "#6a6b6c"),
    "arrival": Kind("X", "#b3261e"),
    "known": Kind("o", "#1f5fa8"),
    "shown": Kind("s", "#a05a00"),
    "acknowledged": Kind("P", "#2a7040"),
    "fact": Kind("D", "#6d3f9c"),
    "stored": Kind("o", "#1f5fa9"),
}
COLOURS: Final = {INK: "ink", PAPER: "paper", FAINT: "faint"} | {
    kind.colour: name for name, kind in KINDS.items()
}
"""Stand-in colours, and the name of the page's own."""

STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "foedus",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "grid.color": FAINT,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}

_glyphs = FT2Font(FONT).get_charmap()


def short(text: str) -> str:
    """The text as a figure has room for it."""
    text = drawable(text)
    return text if len(text) <= NAME_MAX else text[: NAME_MAX - 1] + "…"


def drawable(text: str) -> str:
    """The text with U+FFFD for every character that the font has not."""
    return "".join(one if ord(one) in _glyphs else "\ufffd" for one in text)


def svg(block: Timeline | Latency, *, width_in: float, number: int) -> str:
    """The figure as an SVG element for a page; number: keeps its ids apart from those of other figures."""
    sink = io.StringIO()
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": "svg", **STYLE}):
        figure = _draw(block, width_in)
        figure.savefig(sink, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = sink.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>f{number}-", text)
    for stand_in, name in COLOURS.items():
        text = text.replace(f": {stand_in}", f": var(--{name})")
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return re.sub(r"<svg ", '<svg aria-hidden="true" focusable="false" ', text, count=1)


def png(block: Timeline | Latency, *, width_in: float) -> tuple[bytes, float]:
    """(the figure as PNG on white, its height over its width)."""
    sink = io.BytesIO()
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": "agg", **STYLE, "savefig.facecolor": "white"}):
        figure = _draw(block, width_in)
        figure.savefig(sink, format="png", dpi=DPI, metadata={"Software": None})
        width, height = figure.get_size_inches()
    return sink.getvalue(), float(height / width)


def _draw(block: Timeline | Latency, width_in: float) -> Figure:
    return _timeline(block, width_in) if isinstance(block, Timeline) else _latency(block, width_in)


# ---------------------------------------------------------------- time line


def _timeline(block: Timeline, width_in: float) -> Figure:
    figure = Figure(figsize=(width_in, 0.42 * len(block.lanes) + 0.75), layout="constrained")
    axes = figure.add_subplot()
    rows = range(len(block.lanes))
    for row, lane in enumerate(block.lanes):
        axes.axhline(row, color=FAINT, linewidth=0.6, zorder=1)
        for kind in dict.fromkeys(mark.kind for mark in lane.marks):
            times = [mark.at_min for mark in lane.marks if mark.kind == kind]
            _scatter(axes, times, [row] * len(times), kind)
        _name_marks(axes, block, row, width_in)
    axes.set_yticks(list(rows), [lane.name for lane in block.lanes])
    axes.set_ylim(len(block.lanes) - 0.4, -0.6)
    axes.set_xlim(block.from_min, block.to_min)
    axes.set_xlabel("minutes since the start")
    _bare(axes)
    return figure


def _name_marks(axes: Any, block: Timeline, row: int, width_in: float) -> None:
    """Write names where there is room: the next name stands no nearer than it is wide."""
    per_min = (width_in - 1.2) / max(block.to_min - block.from_min, 1e-6)
    free_min = block.from_min
    for mark in sorted(block.lanes[row].marks, key=lambda one: one.at_min):
        name = short(mark.name)
        half_min = 0.035 * len(name) / per_min  # half the width of a name in 7 point, in minutes
        if mark.at_min - half_min >= free_min and mark.at_min + half_min <= block.to_min:
            axes.annotate(
                name, (mark.at_min, row), xytext=(0, 5), textcoords="offset points", fontsize=7,
                ha="center", va="bottom", parse_math=False,
            )  # fmt: skip
            free_min = mark.at_min + half_min


# ---------------------------------------------------------------- the way of each warning


def _latency(block: Latency, width_in: float) -> Figure:
    figure = Figure(figsize=(width_in, 0.22 * len(block.steps) + 1.1), layout="constrained")
    axes = figure.add_subplot()
    for row, one in enumerate(block.steps):
        times = [max(seconds, STEP_S_MIN) for seconds in _times(one) if seconds is not None]
        if times:
            axes.plot([STEP_S_MIN, max(times)], [row, row], color=FAINT, linewidth=0.8, zorder=1)
    for number, kind in enumerate(("stored", "shown", "acknowledged")):
        points = [
            (max(seconds, STEP_S_MIN), row)
            for row, one in enumerate(block.steps)
            for seconds in [_times(one)[number]]
            if seconds is not None
        ]
        _scatter(axes, [x for x, _ in points], [y for _, y in points], kind, label=kind)
    axes.set_yticks(
        list(range(len(block.steps))),
        [short(one.name) for one in block.steps],
        fontsize=7,
        parse_math=False,
    )
    axes.set_ylim(len(block.steps) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(left=STEP_S_MIN * 0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("seconds after it was raised")
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    _bare(axes)
    return figure


def _times(one: Steps) -> tuple[float | None, float | None, float | None]:
    return one.stored_s, one.shown_s, one.acknowledged_s


def _scatter(axes: Any, x: list[float], y: list[int], kind: str, *, label: str = "") -> None:
    look = KINDS[kind]
    axes.scatter(
        x,
        y,
        marker=look.shape,
        color=look.colour,
        edgecolors=PAPER,
        linewidths=0.5,
        s=42,
        zorder=3,
        clip_on=False,
        label=label,
    )


def _bare(axes: Any) -> None:
    """No frame but the axis of time, with pale lines at its numbers."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", linewidth=0.4, alpha=0.5)
    axes.set_axisbelow(True)
