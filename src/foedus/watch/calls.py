"""Warnings that people ask for: one person calls, another one seconds, and only then is anything sent.

Two persons in every mode: what a drill trains is what is done live, and the one false public alarm that is
best known (Hawaii 2018) was one person's act in a drill. To call off a warning one person suffices: there it
took 38 minutes.
"""

import math
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from foedus.limits import CALLS_MAX, PERSON_CHARACTERS_MAX
from foedus.model import SECOND_NS
from foedus.watch.sent import Duty
from foedus.watch.tearline import CELLS_PER_DEGREE, on_grid
from foedus.watch.threat import Zones
from foedus.wire import Called

CALL_NS: Final = 120 * SECOND_NS
"""How long a call waits for its second: what was seen two minutes ago has to be described anew. As long as a
warning lives by the pacts of the library when nothing renews it."""

ROUNDING_DEG: Final = 1e-9
"""By how much a cell is widened on every side, so that one on the border of a zone touches it: 0.1 mm, more
than turning degrees into radians and back moves a corner."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call and what became of it."""

    called: Called
    called_ns: int
    state: str  # waiting, sent, refused, withdrawn, lapsed
    reason: str = ""  # of a refusal, or who withdrew it
    seconded_by: str = ""
    warnings: tuple[str, ...] = ()  # ids of what was sent


class CallBook:
    """The calls of one member; the oldest that waits for nobody makes room."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._counts: dict[str, int] = {}

    def calls(self) -> tuple[Call, ...]:
        """Every call still remembered, oldest first."""
        return tuple(self._calls.values())

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused."""
        return tuple(sorted(self._counts.items()))

    def waiting_until_ns(self) -> int | None:
        """When the first of the calls that wait lapses; None where none waits."""
        ends = (one.called_ns + CALL_NS for one in self._calls.values() if one.state == "waiting")
        return min(ends, default=None)

    def call(self, called: Called, fault: str, now_ns: int) -> None:
        """Note a call; `fault` says why it may not be sent, and then it is refused."""
        if called.call in self._calls:
            self._count("id used before")
        elif self._make_room():
            state = "refused" if fault else "waiting"
            self._calls[called.call] = Call(called=called, called_ns=now_ns, state=state, reason=fault)
            if fault:
                self._count(fault)
        else:
            self._count("CALLS_MAX wait for a second person")

    def second(self, call: str, person: str, now_ns: int) -> Call | None:
        """The call that another person has seconded in time; None, and counted, where it may not go on."""
        self.lapse(now_ns)
        known = self._calls.get(call)
        if known is None or known.state != "waiting":
            self._count("seconded, but no such call waits")
        elif not is_person(person):
            self._count("seconded by nobody")
        elif same_person(person, known.called.person):
            self._count("seconded by the person who called")
        else:
            return known
        return None

    def sent(self, call: str, person: str, warnings: tuple[str, ...]) -> None:
        """Note what a call became."""
        known = self._calls[call]
        self._calls[call] = replace(known, state="sent", seconded_by=person, warnings=warnings)

    def refuse(self, call: str, person: str, fault: str) -> None:
        """Note why a call that was seconded may not be sent any more."""
        self._count(fault)
        self._calls[call] = replace(self._calls[call], state="refused", seconded_by=person, reason=fault)

    def withdraw(self, call: str, person: str) -> None:
        """Take a call back before it is sent; any person of the member may."""
        known = self._calls.get(call)
        if known is None or known.state != "waiting" or not is_person(person):
            self._count("withdrawn, but no such call waits, or by nobody")
            return
        self._calls[call] = replace(known, state="withdrawn", reason=f"by {person}")

    def lapse(self, now_ns: int) -> None:
        """End the calls that nobody seconded in time."""
        for id_, one in tuple(self._calls.items()):
            if one.state == "waiting" and now_ns >= one.called_ns + CALL_NS:
                reason = f"nobody seconded it within {CALL_NS // SECOND_NS} s"
                self._calls[id_] = replace(one, state="lapsed", reason=reason)

    def _make_room(self) -> bool:
        if len(self._calls) < CALLS_MAX:
            return True
        over = next((id_ for id_, one in self._calls.items() if one.state != "waiting"), None)
        if over is None:
            return False
        del self._calls[over]
        return True

    def _count(self, reason: str) -> None:
        reason = f"call refused: {reason}"
        self._counts[reason] = self._counts.get(reason, 0) + 1


def is_person(name: str) -> bool:
    """Whether this names somebody."""
    return bool(_folded(name)) and len(name) <= PERSON_CHARACTERS_MAX


def same_person(one: str, other: str) -> bool:
    """Whether two names differ in capitals and spaces at most."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()


def fault_of(called: Called, duties: Sequence[Duty], zones: Zones, now_ns: int) -> str:
    """Why this call may not be sent as a warning; empty where a duty in force asks for just such a one.

    There is no call to everybody: a zone is named, and whoever owns it is warned.
    """
    duty = duty_for(called, duties)
    is_on_grid = on_grid(called.lat_cell_deg, 90.0) and on_grid(called.lon_cell_deg, 180.0)
    checks = (
        (_ID.fullmatch(called.call) is not None, "no usable id"),
        (is_person(called.person), "nobody calls"),
        (bool(called.zone), "no zone"),
        (is_on_grid, "no area"),
        (duty is not None, "no duty in force to warn of that class in that zone"),
    )
    for holds, reason in checks:
        if not holds:
            return reason
    assert duty is not None
    if not _touches(zones, duty.zone, called.lat_cell_deg, called.lon_cell_deg):
        return "the cell does not touch the zone"
    soon = 0 <= called.entry_ns - now_ns <= duty.horizon_s * SECOND_NS
    return "" if soon else "the time is not within the horizon of the duty"


def duty_for(called: Called, duties: Sequence[Duty]) -> Duty | None:
    """The first duty under which a call falls: one zone has one owner, who is warned once."""
    fits = (one for one in duties if one.zone_id == called.zone and called.track_class in one.classes)
    return next(fits, None)


# ---------------------------------------------------------------- the cell and the zone


def _touches(zones: Zones, zone: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether a 0.1 degree cell has a point in common with a zone (sides straight in latitude, longitude)."""
    first, end = int(zones.starts[zone]), int(zones.starts[zone + 1])
    side = 1.0 / CELLS_PER_DEGREE + 2.0 * ROUNDING_DEG
    corners = [
        (math.degrees(lat) - lat_deg + ROUNDING_DEG, math.degrees(lon) - lon_deg + ROUNDING_DEG)
        for lat, lon in zip(zones.lat_rad[first:end].tolist(), zones.lon_rad[first:end].tolist(), strict=True)
    ]
    return any(
        _crosses_cell(shifted, side) or _holds(shifted, side / 2, side / 2)
        for turn_deg in (-360.0, 0.0, 360.0)
        for shifted in [[(lat, lon + turn_deg) for lat, lon in corners]]
    )


def _crosses_cell(corners: Sequence[tuple[float, float]], side: float) -> bool:
    """Whether a side of the polygon meets the square from the origin (Liang and Barsky's clipping, 1984)."""
    return any(_clips(a, b, side) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))


def _clips(a: tuple[float, float], b: tuple[float, float], side: float) -> bool:
    begin, end = 0.0, 1.0
    for at, step in ((a[0], b[0] - a[0]), (a[1], b[1] - a[1])):
        if step == 0.0:
            if not 0.0 <= at <= side:
                return False
            continue
        near, far = sorted((-at / step, (side - at) / step))
        begin, end = max(begin, near), min(end, far)
    return begin <= end


def _holds(corners: Sequence[tuple[float, float]], lat: float, lon: float) -> bool:
    """Whether a polygon holds a point: crossings of a ray, counted."""
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (lat_a > lat) != (lat_b > lat):
            inside ^= lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
    return inside
