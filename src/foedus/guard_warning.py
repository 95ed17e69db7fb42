"""What a warning may carry, whoever sends it: the guard's own reading of docs/warning.md."""

import math
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from foedus.model import SECOND_NS
from foedus.pact.clauses import Warn as WarnClause
from foedus.wire import Warn

_STATES: Final = ("raised", "renewed", "downgraded", "cancelled", "expired")
ENDS: Final = ("CANCELLED", "EXPIRED")
_BASES: Final = ("confirmed", "unconfirmed", "person")
_REASONS: Final = (
    "falling_to_zone",
    "inside_zone",
    "heading_to_zone",
    "closing",
    "no_velocity",
    "low_and_slow",
    "unidentified",
    "fell_silent",
    "off_route",
    "squawk_7500",
    "squawk_7600",
    "squawk_7700",
)
"""What a detail may say, as docs/warning.md has it; a test compares it with the list of the sender."""
_MODES: Final = ("LIVE", "EXERCISE", "RECORDING")
WARNING_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENTRY_STEP_NS: Final = 10 * SECOND_NS


def fault_of(warn: Warn, clause: WarnClause, time_ns: int) -> str:
    """What is wrong with the values of a warning that leaves under this clause; empty where nothing is."""
    faults = {
        "a state that a warning does not have": warn.state.lower() not in _STATES,
        "an unknown mode": warn.mode not in _MODES,
        "an id that may carry more than a count": WARNING_ID.fullmatch(warn.warning) is None,
        "a revision that is not positive": warn.revision < 1,
        "a position finer than its cell": not on_grid(warn.lat_cell_deg, 0.1)
        or not on_grid(warn.lon_cell_deg, 0.1)
        or abs(warn.lat_cell_deg) > 90
        or abs(warn.lon_cell_deg) > 180,
        "a probability that is not in tens": warn.probability_percent not in range(0, 101, 10),
        "an entry time finer than ten seconds": warn.entry_ns % _ENTRY_STEP_NS != 0,
        "a warning from the future": warn.raised_ns > time_ns,
        "an expiry beyond the clause": warn.expires_ns > time_ns + round(clause.expires_s * SECOND_NS),
        "an unknown basis": warn.basis not in _BASES,
    }
    return next((reason for reason, fault in faults.items() if fault), "") or _fault_detail(warn)


def fault_of_persons(basis: str, persons: Sequence[str]) -> str:
    """Empty where two different persons stand behind a called warning, and nobody behind any other."""
    names = ["".join(name.split()).casefold() for name in persons]
    if basis != "person":
        return "persons behind a warning that nobody called" if names else ""
    two = len(names) == 2 and all(names) and names[0] != names[1]
    return "" if two else "a called warning without two persons"


def ending(warn: Warn, *, state: str, revision: int) -> Warn:
    """The message that ends a warning and says nothing new."""
    return msgspec.structs.replace(warn, revision=revision, state=state, probability_percent=0, detail=None)


def cancels(cancel: Warn | None, warn: Warn) -> bool:
    """Whether this message would call off that warning, to the same member and under the same clause."""
    bare = ending(warn, state="CANCELLED", revision=warn.revision + 1)
    return cancel is not None and msgspec.structs.replace(cancel, same=warn.same) == bare


def _fault_detail(warn: Warn) -> str:
    """What is wrong with the detail of a warning; empty where nothing is."""
    detail = warn.detail
    if detail is None:
        return ""
    if warn.revision == 1 or warn.state in ENDS:
        return "a detail where there is none"
    if detail.earliest_ns % _ENTRY_STEP_NS or detail.latest_ns % _ENTRY_STEP_NS:
        return "a detail with times finer than ten seconds"
    if not detail.earliest_ns <= warn.entry_ns <= detail.latest_ns:
        return "a detail whose times are out of order"
    if list(detail.reasons) != [word for word in _REASONS if word in detail.reasons]:
        return "a detail with words that are not on the list"
    return ""


def on_grid(value: float, step: float, *, offset: float = 0.0) -> bool:
    """Whether the value is a whole number of steps from the offset (counted in steps)."""
    count = value / step - offset
    return math.isfinite(count) and abs(count - round(count)) < 1e-6
