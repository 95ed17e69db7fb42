"""A second opinion on every message before it leaves: read from the pact's text, row by row, fail closed.

Shares no logic with what it judges: its own reading of selectors, zones, precedence, routes, caveats and
forms, in plain Python over the structs of the text; docs/pact.md is the common authority. Whatever goes wrong
inside, the answer is a refusal. A picture with one wrong row does not leave at all.

The guard believes the evidence: exact rows and, at the hub, who is behind each row and the lowest onward form
among those reports. That the evidence is true is for the audit to show, by replay.
"""

import itertools
import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from foedus.limits import GUARD_CELLS_MAX
from foedus.model import SECOND_NS, Form, Reports, TrackClass, Tracks
from foedus.pact.clauses import Caveat, Clause, Pact, Route, Selector, Share, Term, Warn, Withhold, Zone
from foedus.wire import Ack, Picture, Send, unpack_columns
from foedus.wire import Warn as WarnMessage


class Passed(NamedTuple):
    """The message may leave."""

    rows: int


class Refused(NamedTuple):
    """The message may not leave: why, by which clause (empty: none speaks), at which row (-1: the whole)."""

    reason: str
    clause: str
    row: int


class _Objection(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, reason: str, *, clause: str = "", row: int = -1) -> None:
        self.refused = Refused(reason, clause, row)
        super().__init__(reason)


class _Right(NamedTuple):
    """A share or withhold as the guard reads it; zones None: anywhere."""

    clause: str
    form: int  # 0: withhold
    givers: frozenset[str]
    takers: frozenset[str]
    classes: frozenset[int]
    zones: frozenset[str] | None


class _Area(NamedTuple):
    name: str
    south: float
    north: float
    west: float
    east: float
    floor_m: float
    ceiling_m: float
    unknown_height: bool
    sides: tuple[tuple[float, float, float, float], ...]


class _Row(NamedTuple):
    """One row of Reports, in the order of its columns."""

    number: int
    time_ns: int
    form: int
    clause: int
    lat_rad: float
    lon_rad: float
    height_m: float
    velocity_east_m_s: float
    velocity_north_m_s: float
    velocity_up_m_s: float
    position_sigma_m: float
    height_sigma_m: float
    velocity_sigma_m_s: float
    track_class: int
    icao24: int
    callsign: int
    onward: Sequence[int]


class _Fact(NamedTuple):
    """One row of Tracks, in the order of its columns: the exact estimate behind a row."""

    number: int
    time_ns: int
    status: int
    lat_rad: float
    lon_rad: float
    height_m: float
    velocity_east_m_s: float
    velocity_north_m_s: float
    velocity_up_m_s: float
    position_sigma_m: float
    height_sigma_m: float
    velocity_sigma_m_s: float
    track_class: int
    icao24: int
    mode_a: int
    callsign: int
    sources: int


_STATES: Final = ("raised", "renewed", "cancelled", "expired")
_MODES: Final = ("LIVE", "EXERCISE", "RECORDING")
_STEPS: Final = ("stored", "shown", "acknowledged")
_WARNING_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PERSON_CHARACTERS_MAX: Final = 100
_ENTRY_STEP_NS: Final = 10 * SECOND_NS
_ANGLE_TOLERANCE_DEG: Final = 1e-9
_CELL_DEG: Final = {Form.REGION: 1.0, Form.COARSE: 0.1}
_SIGMA_STEP_M: Final = {Form.REGION: 5_000.0, Form.COARSE: 500.0}
_HEIGHT_STEP_M: Final = 500.0
_HEIGHT_SIGMA_STEP_M: Final = 100.0
_VELOCITY_STEP_M_S: Final = 25.0


class Guard:
    """The guard of one member under one pact."""

    def __init__(self, pact: Pact, member: str) -> None:
        self._pact = pact
        self._me = member
        self._roles = {party.id: party.role for party in pact.party}
        assert member in self._roles
        self._parties = [party.id for party in pact.party]
        self._hub = next((name for name in self._parties if self._roles[name] == "hub"), "")
        self._digest = pact.digest
        self._clauses = {clause.id: clause for clause in pact.clause}
        self._rights = [self._right(clause) for clause in pact.clause if isinstance(clause, Share | Withhold)]
        self._areas = [self._area(zone) for zone in pact.zone]
        self._verdicts: dict[tuple[str, int, tuple[str, ...]], tuple[int, str, bool]] = {}
        self._free: dict[str, bool] = {}
        self._forward: dict[tuple[str, int, tuple[str, ...]], tuple[int, ...]] = {}
        self._behind: dict[str, int] = {}

    def check(self, send: Send, *, time_ns: int) -> Passed | Refused:
        """Whether this message may leave now. Never raises."""
        try:
            return self._check(send, time_ns)
        except _Objection as objection:
            return objection.refused
        except Exception as error:  # noqa: BLE001 - fail closed, whatever went wrong
            return Refused(f"the guard could not judge it: {type(error).__name__}: {error}", "", -1)

    def _check(self, send: Send, time_ns: int) -> Passed:
        if not self._in_force(time_ns):
            raise _Objection("the pact is not in force", clause=self._term().id)
        if send.recipient not in self._roles or send.recipient == self._me:
            raise _Objection(f"{send.recipient!r} is no other party of the pact")
        closed = self._route(self._me, send.recipient)
        if closed is not None:
            raise _Objection(f"{send.recipient} may be reached through {closed.via} only", clause=closed.id)
        match send.message:
            case Picture():
                return self._picture(send, send.message, time_ns)
            case WarnMessage():
                return self._warn(send.recipient, send.message, time_ns)
            case Ack():
                return self._ack(send.message, time_ns)
            case _:
                raise _Objection("no message of a kind that the pact knows")

    # ------------------------------------------------------------ pictures

    def _picture(self, send: Send, picture: Picture, time_ns: int) -> Passed:
        if picture.pact != self._digest:
            raise _Objection("the picture names another pact")
        if picture.time_ns > time_ns:
            raise _Objection("the picture is from the future")
        if any(name not in self._clauses for name in picture.clauses):
            raise _Objection("the picture names a clause that the pact does not have")
        to = send.recipient
        if not any(right.form and self._speaks(right, self._me, to) for right in self._rights):
            raise _Objection(f"no clause shares anything with {to}")
        reports = unpack_columns(picture.reports, Reports, parties=len(self._parties))
        tracks = unpack_columns(send.evidence.tracks, Tracks)
        rows = [_Row(*values) for values in zip(*(column.tolist() for column in reports), strict=True)]
        facts = [_Fact(*values) for values in zip(*(column.tolist() for column in tracks), strict=True)]
        if len(facts) != len(rows):
            raise _Objection(f"{len(rows)} rows with evidence for {len(facts)}")
        if len({row.number for row in rows}) != len(rows):
            raise _Objection("two rows with one number")
        entitled = list(send.evidence.onward)
        if len(entitled) != (len(rows) if self._me == self._hub else 0):
            raise _Objection("onward forms in evidence where none belong, or too few of them")
        for i, (row, fact) in enumerate(zip(rows, facts, strict=True)):
            cap = int(Form.SOURCE)
            if entitled:
                cap = entitled[i]
                self._origin(i, fact, to=to)
            self._row(i, row, fact, to=to, cap=cap, clauses=picture.clauses, time_ns=time_ns)
        return Passed(len(rows))

    def _row(
        self, i: int, row: _Row, fact: _Fact, *, to: str, cap: int, clauses: tuple[str, ...], time_ns: int
    ) -> None:
        zones = self._zones_at(fact)
        form, clause, _ = self._verdict(to, fact.track_class, zones)
        if not 0 < row.form <= min(form, cap):
            found = f"a row in form {row.form} where {min(form, cap)} is allowed"
            raise _Objection(found, clause=clause, row=i)
        if not 0 <= row.clause < len(clauses) or clauses[row.clause] != clause:
            raise _Objection(f"the row names another clause than {clause}", clause=clause, row=i)
        if row.number <= 0:
            raise _Objection("a number that is not positive", clause=clause, row=i)
        if row.time_ns != fact.time_ns or row.time_ns > time_ns:
            raise _Objection("a time that is not that of the evidence", clause=clause, row=i)
        if row.track_class != fact.track_class or row.track_class not in (0, 1):
            raise _Objection("a class that is not that of the evidence", clause=clause, row=i)
        fault = _fault_exact(row, fact) if row.form >= Form.TRACK else _fault_cut(row, fact)
        if fault:
            raise _Objection(fault, clause=clause, row=i)
        if any(row.onward):
            self._onward(i, row, fact.track_class, zones, to=to)

    def _origin(self, i: int, fact: _Fact, *, to: str) -> None:
        """Objects to a row of the hub that rests on data of a party that sends `to` nothing through it.

        The recipient takes it that no such data are inside, when it judges whether two rows are independent.
        """
        if to not in self._behind:
            self._behind[to] = sum(
                1 << index
                for index, party in enumerate(self._parties)
                if party not in (self._me, to) and Guard(self._pact, party)._goes_through_hub(to)
            )
        beyond = fact.sources & ~self._behind[to]
        if beyond:
            names = [party for index, party in enumerate(self._parties) if beyond >> index & 1]
            raise _Objection(
                f"a row that rests on data of {' and '.join(names)}, which do not go there", row=i
            )

    def _goes_through_hub(self, party: str) -> bool:
        """Whether the party may get through the hub what this member does not give it directly."""
        return any(
            self._entitlement(self._hub, party, track_class, zones) > self._direct(party, track_class, zones)
            for track_class in TrackClass
            for zones in self._places()
        )

    def _direct(self, party: str, track_class: int, zones: tuple[str, ...]) -> int:
        """The form in which the party is given such data directly."""
        return self._verdict(party, track_class, zones)[0] if self._route(self._me, party) is None else 0

    def _places(self) -> list[tuple[str, ...]]:
        """Nowhere in particular, and every one or two zones that the clauses name."""
        named = [
            area.name
            for area in self._areas
            if any(right.zones is not None and area.name in right.zones for right in self._rights)
        ]
        return [(), *((zone,) for zone in named), *itertools.combinations(named, 2)]

    def _onward(self, i: int, row: _Row, track_class: int, zones: tuple[str, ...], *, to: str) -> None:
        allowed = self._entitlements(to, track_class, zones)
        for party, form in enumerate(row.onward):
            if form < 0 or form > min(allowed[party], row.form):
                found = f"onward form {form} for {self._parties[party]} where {allowed[party]} is allowed"
                raise _Objection(found, row=i)
            if 0 < form <= self._direct(self._parties[party], track_class, zones):
                raise _Objection(f"onward for {self._parties[party]} what it is given directly", row=i)

    def _entitlements(self, to: str, track_class: int, zones: tuple[str, ...]) -> tuple[int, ...]:
        """The highest form in which `to` may pass this member's data at such a place to each party."""
        key = (to, track_class, zones)
        if key not in self._forward:
            if len(self._forward) >= GUARD_CELLS_MAX:
                self._forward.clear()
            self._forward[key] = tuple(
                self._entitlement(to, party, track_class, zones) for party in self._parties
            )
        return self._forward[key]

    def _entitlement(self, to: str, party: str, track_class: int, zones: tuple[str, ...]) -> int:
        if to != self._hub or self._me == self._hub or party in (self._me, self._hub):
            return 0
        form = self._may_go_on(party, track_class, zones)
        return form if form and self._history_is_free(party) else 0

    def _may_go_on(self, party: str, track_class: int, zones: tuple[str, ...]) -> int:
        """The highest form in which the hub may pass such data on, as far as this one place is concerned."""
        form, clause, _ = self._verdict(self._hub, track_class, zones)
        caveats = [one for one in self._pact.clause if isinstance(one, Caveat) and clause in one.on]
        if form == 0 or not caveats or self._verdict(party, track_class, zones)[2]:
            return 0
        for caveat in caveats:
            if caveat.onward is not None and party in self._named(caveat.onward.to):
                form = min(form, caveat.onward.max_form)
            elif caveat.orcon or party not in self._named(caveat.rel_to):
                return 0
        return form

    def _history_is_free(self, party: str) -> bool:
        """Whether all that the hub gets may go on to the party: else a row could tell of a withheld plot."""
        if party not in self._free:
            self._free[party] = all(
                self._may_go_on(party, track_class, zones) > 0
                for track_class in TrackClass
                for zones in self._places()
                if self._verdict(self._hub, track_class, zones)[0] > 0
            )
        return self._free[party]

    # ------------------------------------------------------------ warnings

    def _warn(self, recipient: str, warn: WarnMessage, time_ns: int) -> Passed:
        clause = self._clauses.get(warn.clause)
        if not isinstance(clause, Warn):
            raise _Objection(f"{warn.clause!r} is no clause on warnings")
        self._duty(recipient, warn, clause)
        faults = {
            "a state that a warning does not have": warn.state.lower() not in _STATES,
            "an unknown mode": warn.mode not in _MODES,
            "an id that may carry more than a count": _WARNING_ID.fullmatch(warn.warning) is None
            or self._names_a_third(warn.warning, warn.to),
            "a revision that is not positive": warn.revision < 1,
            "a position finer than its cell": not _on_grid(warn.lat_cell_deg, 0.1)
            or not _on_grid(warn.lon_cell_deg, 0.1)
            or abs(warn.lat_cell_deg) > 90
            or abs(warn.lon_cell_deg) > 180,
            "a probability that is not in tens": warn.probability_percent not in range(0, 101, 10),
            "an entry time finer than ten seconds": warn.entry_ns % _ENTRY_STEP_NS != 0,
            "a warning from the future": warn.raised_ns > time_ns,
            "an expiry beyond the clause": warn.expires_ns > time_ns + round(clause.expires_s * SECOND_NS),
        }
        for reason, fault in faults.items():
            if fault:
                raise _Objection(reason, clause=clause.id)
        return Passed(1)

    def _duty(self, recipient: str, warn: WarnMessage, clause: Warn) -> None:
        """Objects unless the clause makes somebody warn that party of that zone, on a way that leads here."""
        if warn.to not in self._named(clause.to):
            raise _Objection(f"the clause does not say that {warn.to!r} is warned", clause=clause.id)
        zone = next((one for one in self._pact.zone if one.id == warn.zone), None)
        if zone is None or zone.owner != warn.to or (clause.zones and zone.id not in clause.zones):
            raise _Objection(f"{warn.zone!r} is no zone of the clause for {warn.to}", clause=clause.id)
        if warn.track_class not in (clause.classes or tuple(TrackClass)):
            raise _Objection("a class that the clause does not mean", clause=clause.id)
        warners = [name for name in self._parties if name in self._named(clause.by) and name != warn.to]
        if self._me in warners:
            route = self._route(self._me, warn.to)
            right = recipient == (warn.to if route is None else route.via)
        else:  # a hub that relays for two parties that meet only through it
            routes = [self._route(name, warn.to) for name in warners]
            relays = any(route is not None and route.via == self._me for route in routes)
            right = relays and recipient == warn.to
        if not right:
            raise _Objection(f"a warning for {warn.to} may not be sent to {recipient}", clause=clause.id)

    def _names_a_third(self, warning: str, to: str) -> bool:
        return any(part in self._roles and part not in (self._me, to) for part in re.split(r"[-_]", warning))

    def _ack(self, ack: Ack, time_ns: int) -> Passed:
        if ack.step not in _STEPS:
            raise _Objection(f"{ack.step!r} is no step of an acknowledgement")
        if _WARNING_ID.fullmatch(ack.warning) is None or ack.revision < 1:
            raise _Objection("an id or revision that no warning has")
        if ack.time_ns > time_ns or len(ack.person) > _PERSON_CHARACTERS_MAX:
            raise _Objection("a time to come, or a name too long")
        return Passed(1)

    # ------------------------------------------------------------ reading the text

    def _term(self) -> Clause:
        return next(clause for clause in self._pact.clause if isinstance(clause, Term))

    def _in_force(self, time_ns: int) -> bool:
        for clause in self._pact.clause:
            if isinstance(clause, Term):
                if clause.in_force is None or time_ns < _nanoseconds(clause.in_force.timestamp()):
                    return False
                if clause.until is not None and time_ns >= _nanoseconds(clause.until.timestamp()):
                    return False
        return True

    def _named(self, selector: Selector) -> list[str]:
        """The parties that a selector names."""
        words = [selector] if isinstance(selector, str) else list(selector)
        named = []
        for name in self._parties:
            if name in words or self._roles[name] in words or "any" in words:
                named.append(name)
        return named

    def _route(self, a: str, b: str) -> Route | None:
        """The clause by which these two do not meet directly."""
        for clause in self._pact.clause:
            if isinstance(clause, Route):
                for pair in clause.pairs:
                    if pair in ((a, b), (b, a)):
                        return clause
        return None

    def _right(self, clause: Share | Withhold) -> _Right:
        return _Right(
            clause=clause.id,
            form=int(clause.form) if isinstance(clause, Share) else 0,
            givers=frozenset(self._named(clause.giver)),
            takers=frozenset(self._named(clause.taker)),
            classes=frozenset(int(one) for one in (clause.classes or TrackClass)),
            zones=frozenset(clause.zones) if clause.zones else None,
        )

    @staticmethod
    def _speaks(right: _Right, giver: str, taker: str) -> bool:
        return giver in right.givers and taker in right.takers

    def _verdict(self, taker: str, track_class: int, zones: tuple[str, ...]) -> tuple[int, str, bool]:
        """(form, clause, whether a withhold says no) for this member's data of that class in those zones."""
        key = (taker, track_class, zones)
        if key not in self._verdicts:
            if len(self._verdicts) >= GUARD_CELLS_MAX:
                self._verdicts.clear()
            self._verdicts[key] = self._read(taker, track_class, zones)
        return self._verdicts[key]

    def _read(self, taker: str, track_class: int, zones: tuple[str, ...]) -> tuple[int, str, bool]:
        here = [
            right
            for right in self._rights
            if self._speaks(right, self._me, taker)
            and track_class in right.classes
            and (right.zones is None or not right.zones.isdisjoint(zones))
        ]
        no = [right for right in here if not right.form]
        yes = [right for right in here if right.form and all(_narrower(right, one) for one in no)]
        best: _Right | None = None
        for right in yes:  # in the order of the text: of equal forms the first stays
            yields = any(_narrower(other, right) for other in yes)
            if not yields and (best is None or right.form < best.form):
                best = right
        if best is not None:
            return best.form, best.clause, False
        return 0, no[0].clause if no else "", bool(no)

    def _area(self, zone: Zone) -> _Area:
        corners = zone.polygon
        ends = corners[-1:] + corners[:-1]
        banded = zone.floor_m is not None or zone.ceiling_m is not None
        withheld = any(isinstance(one, Withhold) and zone.id in one.zones for one in self._pact.clause)
        return _Area(
            name=zone.id,
            south=min(corner[0] for corner in corners),
            north=max(corner[0] for corner in corners),
            west=min(corner[1] for corner in corners),
            east=max(corner[1] for corner in corners),
            floor_m=-math.inf if zone.floor_m is None else zone.floor_m,
            ceiling_m=math.inf if zone.ceiling_m is None else zone.ceiling_m,
            unknown_height=withheld or not banded,
            sides=tuple((*end, *corner) for end, corner in zip(ends, corners, strict=True)),
        )

    def _zones_at(self, fact: _Fact) -> tuple[str, ...]:
        """The names of the zones that hold the point, in the order of the pact."""
        lat, lon, height_m = math.degrees(fact.lat_rad), math.degrees(fact.lon_rad), fact.height_m
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise _Objection("evidence without a position on earth")
        names = []
        for area in self._areas:
            if not (area.south <= lat <= area.north and area.west <= lon <= area.east):
                continue
            level = area.unknown_height if math.isnan(height_m) else area.floor_m <= height_m < area.ceiling_m
            if not level:
                continue
            inside = False
            for lat_a, lon_a, lat_b, lon_b in area.sides:
                if (lat_a > lat) != (lat_b > lat):
                    inside ^= lon < lon_a + (lat - lat_a) * (lon_b - lon_a) / (lat_b - lat_a)
            if inside:
                names.append(area.name)
        return tuple(names)


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e6) * 1_000


def _zones_within(a: frozenset[str] | None, b: frozenset[str] | None) -> bool:
    return b is None or (a is not None and a <= b)


def _narrower(a: _Right, b: _Right) -> bool:
    """Whether a selects nothing that b does not select, and less."""
    if not (a.givers <= b.givers and a.takers <= b.takers and a.classes <= b.classes):
        return False
    return _zones_within(a.zones, b.zones) and a[2:] != b[2:]


# ---------------------------------------------------------------- what a form may carry


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def _on_grid(value: float, step: float, *, offset: float = 0.0) -> bool:
    """Whether the value is a whole number of steps from the offset (counted in steps)."""
    count = value / step - offset
    return math.isfinite(count) and abs(count - round(count)) < 1e-6


def _fault_exact(row: _Row, fact: _Fact) -> str:
    """What is wrong with a row in form track; empty where nothing is."""
    if row[4:13] != fact[3:12] and not all(map(_same, row[4:13], fact[3:12])):
        return "values that are not those of the evidence"
    if row.icao24 not in (fact.icao24, -1) or row.callsign not in (fact.callsign, 0):
        return "an identity that is not that of the evidence"
    return ""


def _fault_cut(row: _Row, fact: _Fact) -> str:
    """What is wrong with a row in form coarse or region; empty where nothing is."""
    form = Form(row.form)
    if form not in _CELL_DEG:
        return "a form in which no rows are released"
    if row.icao24 != -1 or row.callsign != 0:
        return "an identity in a form without one"
    fault = _fault_place(row, fact, _CELL_DEG[form], _SIGMA_STEP_M[form])
    if fault:
        return fault
    if form == Form.REGION:
        told = (row.height_m, *row[7:10], row.height_sigma_m, row.velocity_sigma_m_s)
        return "" if all(map(math.isnan, told)) else "a height or velocity in a form without"
    return _fault_coarse(row, fact)


def _fault_place(row: _Row, fact: _Fact, cell_deg: float, sigma_step_m: float) -> str:
    for angle_rad, exact_rad in ((row.lat_rad, fact.lat_rad), (row.lon_rad, fact.lon_rad)):
        angle_deg = math.degrees(angle_rad)
        if not _on_grid(angle_deg, cell_deg, offset=0.5):
            return "a position finer than its cell"
        if abs(angle_deg - math.degrees(exact_rad)) > cell_deg / 2 + _ANGLE_TOLERANCE_DEG:
            return "a position that is not that of the evidence"
    if row.position_sigma_m < sigma_step_m or not _on_grid(row.position_sigma_m, sigma_step_m):
        return "an accuracy finer than its form"
    return ""


def _fault_coarse(row: _Row, fact: _Fact) -> str:
    for value, exact, step in (
        (row.height_m, fact.height_m, _HEIGHT_STEP_M),
        (row.velocity_east_m_s, fact.velocity_east_m_s, _VELOCITY_STEP_M_S),
        (row.velocity_north_m_s, fact.velocity_north_m_s, _VELOCITY_STEP_M_S),
        (row.velocity_up_m_s, fact.velocity_up_m_s, _VELOCITY_STEP_M_S),
    ):
        if math.isnan(value) and math.isnan(exact):
            continue
        if not _on_grid(value, step):
            return "a height or velocity finer than its form"
        if not abs(value - exact) <= step / 2 + 1e-6:
            return "values that are not those of the evidence"
    for sigma, step in (
        (row.height_sigma_m, _HEIGHT_SIGMA_STEP_M),
        (row.velocity_sigma_m_s, _VELOCITY_STEP_M_S),
    ):
        if not math.isnan(sigma) and not _on_grid(sigma, step):
            return "an accuracy finer than its form"
    return ""
