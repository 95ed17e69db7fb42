"""What a warning says and nothing else: the rounding at the sender, the check at whoever receives it.

Safeguards of the check (each answers a false or lost public warning): no area means refused, never "everyone"
(Los Angeles 2025); a mode other than one's own is refused (Hawaii 2018); what has no end or ends before it
begins is refused (stale alerts return).
"""

import math
from typing import Final

from foedus.model import SECOND_NS, TrackClass
from foedus.watch.states import EVENT_OF
from foedus.wire import Warn

CELLS_PER_DEGREE: Final = 10
ENTRY_STEP_NS: Final = 10 * SECOND_NS
PERCENT_STEP: Final = 10
LIFE_NS_MAX: Final = 24 * 3600 * SECOND_NS
"""A warning that claims to hold for more than a day is a mistake or an attack."""
ID_CHARACTERS_MAX: Final = 64


def cell_deg(angle_rad: float) -> float:
    """Southern or western edge, in degrees, of the 0.1 degree cell that holds the angle."""
    return math.floor(math.degrees(angle_rad) * CELLS_PER_DEGREE) / CELLS_PER_DEGREE


def entry_step_ns(time_ns: int) -> int:
    """The time rounded to ten seconds."""
    return (time_ns + ENTRY_STEP_NS // 2) // ENTRY_STEP_NS * ENTRY_STEP_NS


def percent_step(probability: float) -> int:
    """The probability in per cent, rounded to steps of ten."""
    return PERCENT_STEP * round(probability * 100 / PERCENT_STEP)


def _on_grid(edge_deg: float, limit_deg: float) -> bool:
    steps = edge_deg * CELLS_PER_DEGREE
    return math.isfinite(edge_deg) and abs(edge_deg) <= limit_deg and abs(steps - round(steps)) < 1e-6


def refusal(warn: Warn, *, mode: str, now_ns: int) -> str:
    """Why this warning may not be taken, in words fit for counting; empty if it may."""
    checks = (
        (warn.mode == mode, f"mode is not {mode}"),
        (0 < len(warn.warning) <= ID_CHARACTERS_MAX and warn.warning.isascii(), "no usable id"),
        (warn.revision >= 1, "revision below 1"),
        (warn.state in EVENT_OF, "unknown state"),
        (bool(warn.clause), "no clause"),
        (bool(warn.to), "no member to warn"),
        (bool(warn.zone), "no zone"),
        (_on_grid(warn.lat_cell_deg, 90.0) and _on_grid(warn.lon_cell_deg, 180.0), "no area"),
        (warn.track_class in tuple(TrackClass), "unknown class"),
        (warn.probability_percent in range(0, 101, PERCENT_STEP), "probability off its steps"),
        (warn.entry_ns % ENTRY_STEP_NS == 0, "entry time off its steps"),
        (warn.raised_ns < warn.expires_ns, "ends before it begins"),
        (warn.expires_ns <= now_ns + LIFE_NS_MAX, "holds for more than a day"),
    )
    for holds, reason in checks:
        if not holds:
            return reason
    return ""
