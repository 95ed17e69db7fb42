"""What a warning says and nothing else: the rounding at the sender, the check at whoever receives it.

Safeguards of the check (each answers a false or lost public warning): no area means refused, never "everyone"
(Los Angeles 2025); a mode other than one's own is refused (Hawaii 2018); what has no end or ends before it
begins is refused (stale alerts return). What is told besides area, time and class comes after the first
message, in words of a closed list and times to ten seconds.
"""

import math
from typing import Final

import msgspec

from foedus.model import SECOND_NS, TrackClass
from foedus.watch.reason_words import WORDS
from foedus.watch.states import EVENT_OF, OVER
from foedus.wire import Detail, Warn

CELLS_PER_DEGREE: Final = 10
ENTRY_STEP_NS: Final = 10 * SECOND_NS
PERCENT_STEP: Final = 10
LIFE_NS_MAX: Final = 24 * 3600 * SECOND_NS
"""A warning that claims to hold for more than a day is a mistake or an attack."""
ID_CHARACTERS_MAX: Final = 64

BASES: Final = ("confirmed", "unconfirmed", "person")
"""On what a warning rests: two unlike sensors or two rules that fire; less than that; two persons."""

REASONS: Final = tuple(one.word for one in WORDS)
"""The closed list of words that a detail may hold, in the order in which it holds them."""


_OVER_NAMES: Final = tuple(state.name for state in OVER)


def cell_deg(angle_rad: float) -> float:
    """Southern or western edge, in degrees, of the 0.1 degree cell that holds the angle."""
    return math.floor(math.degrees(angle_rad) * CELLS_PER_DEGREE) / CELLS_PER_DEGREE


def entry_step_ns(time_ns: int) -> int:
    """The time rounded to ten seconds."""
    return (time_ns + ENTRY_STEP_NS // 2) // ENTRY_STEP_NS * ENTRY_STEP_NS


def percent_step(probability: float) -> int:
    """The probability in per cent, rounded to steps of ten."""
    return PERCENT_STEP * round(probability * 100 / PERCENT_STEP)


def detail_of(entry_ns: int, earliest_ns: int, latest_ns: int, reasons: tuple[str, ...]) -> Detail:
    """What follows a first message: times to ten seconds, round the entry told; words in their order."""
    return Detail(
        min(entry_step_ns(earliest_ns), entry_ns),
        max(entry_step_ns(latest_ns), entry_ns),
        tuple(word for word in REASONS if word in reasons),
    )


def ended(warn: Warn, state: str) -> Warn:
    """The message that ends a warning, made from the newest that was told; it says nothing new of a track."""
    return msgspec.structs.replace(
        warn, revision=warn.revision + 1, state=state, probability_percent=0, detail=None
    )


def refusal_of_detail(warn: Warn) -> str:
    """Why the detail of this warning may not be taken; empty if it may, or if there is none."""
    detail = warn.detail
    if detail is None:
        return ""
    checks = (
        (warn.revision > 1, "detail in a first message"),
        (warn.state not in _OVER_NAMES, "detail in a message that ends a warning"),
        (
            detail.earliest_ns % ENTRY_STEP_NS == 0 and detail.latest_ns % ENTRY_STEP_NS == 0,
            "detail with times off their steps",
        ),
        (detail.earliest_ns <= warn.entry_ns <= detail.latest_ns, "detail with times out of order"),
        (detail.latest_ns <= warn.entry_ns + LIFE_NS_MAX, "detail with times out of reach"),
        (
            detail.reasons == tuple(word for word in REASONS if word in detail.reasons),
            "detail with words that are not on the list",
        ),
    )
    return next((reason for holds, reason in checks if not holds), "")


def on_grid(edge_deg: float, limit_deg: float) -> bool:
    """Whether this is an edge of a cell, and on the earth."""
    steps = edge_deg * CELLS_PER_DEGREE
    return math.isfinite(edge_deg) and abs(edge_deg) <= limit_deg and abs(steps - round(steps)) < 1e-6


def refusal(warn: Warn, *, mode: str, now_ns: int) -> str:
    """Why this warning may not be taken, in words fit for counting; empty if it may."""
    checks = (
        (warn.mode == mode, f"mode is not {mode}"),
        (0 < len(warn.warning) <= ID_CHARACTERS_MAX and warn.warning.isascii(), "no usable id"),
        (len(warn.same) <= ID_CHARACTERS_MAX and warn.same.isascii(), "no usable id of the originator"),
        (warn.revision >= 1, "revision below 1"),
        (warn.state in EVENT_OF, "unknown state"),
        (bool(warn.clause), "no clause"),
        (bool(warn.to), "no member to warn"),
        (bool(warn.zone), "no zone"),
        (on_grid(warn.lat_cell_deg, 90.0) and on_grid(warn.lon_cell_deg, 180.0), "no area"),
        (warn.track_class in tuple(TrackClass), "unknown class"),
        (warn.probability_percent in range(0, 101, PERCENT_STEP), "probability off its steps"),
        (warn.entry_ns % ENTRY_STEP_NS == 0, "entry time off its steps"),
        (warn.raised_ns < warn.expires_ns, "ends before it begins"),
        (warn.expires_ns <= now_ns + LIFE_NS_MAX, "holds for more than a day"),
        (warn.basis in BASES, "unknown basis"),
    )
    return next((reason for holds, reason in checks if not holds), "") or refusal_of_detail(warn)
