"""A second opinion on every message before it leaves: read from the pact's text, row by row, fail closed.

Shares no logic with what it judges: its own reading of dates, facts, selectors, zones, precedence, routes,
caveats (guard_reading.py), of what a warning may carry (guard_warning.py) and of forms, in plain Python over
the structs of the text; docs/pact.md is the common authority. Whatever goes wrong inside, the answer is a
refusal. A picture with one wrong row does not leave at all.

It remembers which warnings it passed: their ends may follow to whoever got them, whatever becomes of the
pact.

The guard believes the evidence: exact rows and, at the hub, who is behind each row and the lowest onward form
among those reports. That the evidence is true is for the audit to show, by replay.
"""

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from foedus.guard_places import zone_finder
from foedus.guard_reading import Past, Reading, Stand, is_meant, named, stand_at
from foedus.guard_warning import ENDS, WARNING_ID, cancels, ending, fault_of, fault_of_persons, on_grid
from foedus.limits import GUARD_WARNINGS_MAX
from foedus.model import SECOND_NS, Form, Reports, TrackClass, Tracks
from foedus.pact.clauses import Pact, Term, Warn
from foedus.wire import Ack, Happened, Picture, Send, unpack_columns
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


_CLASSES: Final = tuple(int(one) for one in TrackClass)
_STEPS: Final = ("stored", "shown", "acknowledged")
_PERSON_CHARACTERS_MAX: Final = 100
_ANGLE_TOLERANCE_DEG: Final = 1e-9
_CELL_DEG: Final = {Form.REGION: 1.0, Form.COARSE: 0.1}
_SIGMA_STEP_M: Final = {Form.REGION: 5_000.0, Form.COARSE: 500.0}
_HEIGHT_STEP_M: Final = 500.0
_HEIGHT_SIGMA_STEP_M: Final = 100.0
_VELOCITY_STEP_M_S: Final = 25.0


Kept = TypeVar("Kept", WarnMessage, None)


class Guard:
    """The guard of one member under one pact."""

    def __init__(self, pact: Pact, member: str) -> None:
        self._pact = pact
        self._me = member
        self._roles = {party.id: party.role for party in pact.party}
        self._parties = [party.id for party in pact.party]
        self._hub = next((name for name in self._parties if self._roles[name] == "hub"), "")
        self._digest = pact.digest
        self._clauses = {clause.id: clause for clause in pact.clause}
        self._term = next(clause.id for clause in pact.clause if isinstance(clause, Term))
        self._zones_at = zone_finder(pact)
        self._past = Past(pact)
        self._read_at = (-1, -1)  # time and number of facts for which the reading holds
        self._reading = Reading(pact, Stand(False, (), (), (), ()), member)
        self._behind: dict[str, int] = {}
        self._passed: dict[tuple[str, str], WarnMessage] = {}  # (recipient, id) -> newest that passed
        self._answered: dict[tuple[str, str], None] = {}  # (recipient, id) of acknowledgements that passed
        self._serving: dict[tuple[str, str], int] = {}  # (clause, member warned) -> whose data may serve

    def told(self, item: Happened) -> None:
        """Go by this fact from now on, as far as the text knows of such a thing."""
        self._past.tell(item)

    def check(self, send: Send, *, time_ns: int) -> Passed | Refused:
        """Whether this message may leave now. Never raises."""
        try:
            return self._check(send, time_ns)
        except _Objection as objection:
            return objection.refused
        except Exception as error:  # noqa: BLE001 - fail closed, whatever went wrong
            return Refused(f"the guard could not judge it: {type(error).__name__}: {error}", "", -1)

    def _read(self, time_ns: int) -> None:
        """Read the text for that time, unless that is done."""
        now = (time_ns, len(self._past))
        if now != self._read_at:
            stand = stand_at(self._pact, self._past, time_ns)
            if stand != self._reading.stand:
                self._reading = Reading(self._pact, stand, self._me)
                self._behind.clear()
                self._serving.clear()
            self._read_at = now

    def _check(self, send: Send, time_ns: int) -> Passed:
        if isinstance(send.message, WarnMessage) and self._ends(send.recipient, send.message):
            return Passed(1)
        if isinstance(send.message, Ack) and (send.recipient, send.message.warning) in self._answered:
            return self._ack(send.recipient, send.message, time_ns)
        self._read(time_ns)
        stand = self._reading.stand
        if self._me not in self._roles:
            raise _Objection(f"{self._me} is no party of the pact")
        if not stand.in_force:
            raise _Objection("the pact is not in force", clause=self._term)
        if send.recipient not in self._roles or send.recipient == self._me:
            raise _Objection(f"{send.recipient!r} is no other party of the pact")
        for party in (self._me, send.recipient):
            if party not in stand.parties:
                raise _Objection(f"{party} is no party at this time", clause=self._term)
        closed = self._reading.route(self._me, send.recipient)
        if closed is not None:
            raise _Objection(f"{send.recipient} may be reached through {closed.via} only", clause=closed.id)
        match send.message:
            case Picture():
                return self._picture(send, send.message, time_ns)
            case WarnMessage():
                passed = self._warn(send, send.message, time_ns)
                _remember(self._passed, (send.recipient, send.message.warning), send.message)
                return passed
            case Ack():
                passed = self._ack(send.recipient, send.message, time_ns)
                _remember(self._answered, (send.recipient, send.message.warning), None)
                return passed
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
        if not self._reading.shares_with(to):
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
        lat, lon = math.degrees(fact.lat_rad), math.degrees(fact.lon_rad)
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise _Objection("evidence without a position on earth", row=i)
        zones = self._zones_at(lat, lon, fact.height_m)
        form, clause, delay_ns, _ = self._reading.answer(to, fact.track_class, zones)
        if not 0 < row.form <= min(form, cap):
            found = f"a row in form {row.form} where {min(form, cap)} is allowed"
            raise _Objection(found, clause=clause, row=i)
        if not 0 <= row.clause < len(clauses) or clauses[row.clause] != clause:
            raise _Objection(f"the row names another clause than {clause}", clause=clause, row=i)
        if row.number <= 0:
            raise _Objection("a number that is not positive", clause=clause, row=i)
        if row.time_ns != fact.time_ns or row.time_ns > time_ns:
            raise _Objection("a time that is not that of the evidence", clause=clause, row=i)
        if time_ns - fact.time_ns < delay_ns:
            raise _Objection(f"a row that is not {delay_ns // SECOND_NS} s old", clause=clause, row=i)
        if row.track_class != fact.track_class or row.track_class not in _CLASSES:
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
                if party not in (self._me, to)
                and Reading(self._pact, self._reading.stand, party).goes_through_hub(to)
            )
        beyond = fact.sources & ~self._behind[to]
        if beyond:
            names = [party for index, party in enumerate(self._parties) if beyond >> index & 1]
            raise _Objection(
                f"a row that rests on data of {' and '.join(names)}, which do not go there", row=i
            )

    def _onward(self, i: int, row: _Row, track_class: int, zones: tuple[str, ...], *, to: str) -> None:
        allowed = self._reading.entitlements(to, track_class, zones)
        for party, form in enumerate(row.onward):
            if form < 0 or form > min(allowed[party], row.form):
                found = f"onward form {form} for {self._parties[party]} where {allowed[party]} is allowed"
                raise _Objection(found, row=i)
            if 0 < form <= self._reading.direct(self._parties[party], track_class, zones):
                raise _Objection(f"onward for {self._parties[party]} what it is given directly", row=i)

    # ------------------------------------------------------------ warnings

    def _warn(self, send: Send, warn: WarnMessage, time_ns: int) -> Passed:
        clause = self._clauses.get(warn.clause)
        if not isinstance(clause, Warn):
            raise _Objection(f"{warn.clause!r} is no clause on warnings")
        originates = self._duty(send, warn, clause)
        fault = fault_of(warn, clause, time_ns)
        if not fault and self._names_a_third(warn.warning, warn.to):
            fault = "an id that may carry more than a count"
        if not fault and originates and warn.state not in ENDS:
            fault = fault_of_persons(warn.basis, send.evidence.persons)
        if not fault and warn.state == "RAISED" and not cancels(send.evidence.cancel, warn):
            fault = "a first message without a cancel that could follow"
        if not fault and self._me == self._hub:
            fault = self._fault_of_hub(send, warn, clause)
        if fault:
            raise _Objection(fault, clause=clause.id)
        return Passed(1)

    def _ends(self, recipient: str, warn: WarnMessage) -> bool:
        """Whether this only ends what passed before, to the same recipient, and says nothing new.

        Such a message may leave whatever has become of the pact: who was warned is told that it is over.
        """
        told = self._passed.get((recipient, warn.warning))
        if told is None or warn.state not in ENDS:
            return False
        if warn == told:  # once more
            return True
        new = warn.revision > told.revision and told.state not in ENDS
        if not new or warn != ending(told, state=warn.state, revision=warn.revision):
            return False
        self._passed[recipient, warn.warning] = warn
        return True

    def _duty(self, send: Send, warn: WarnMessage, clause: Warn) -> bool:
        """Whether this member is who owes the warning, and does not relay it.

        Objects unless the clause makes somebody warn that party of that zone, on a way that leads here.
        """
        recipient, stand = send.recipient, self._reading.stand
        if clause.id not in stand.speaking:
            raise _Objection("the clause owes no warning now", clause=clause.id)
        zone = next((one for one in self._pact.zone if one.id == warn.zone), None)
        if zone is None or zone.owner != warn.to or (clause.zones and zone.id not in clause.zones):
            raise _Objection(f"{warn.zone!r} is no zone of the clause for {warn.to}", clause=clause.id)
        if warn.to not in stand.parties or not is_meant(self._pact, warn.to, clause.to):
            raise _Objection(f"the clause does not say that {warn.to!r} is warned", clause=clause.id)
        if warn.track_class not in (clause.classes or tuple(TrackClass)):
            raise _Objection("a class that the clause does not mean", clause=clause.id)
        warners = self._warners(clause, warn.to)
        if self._me in warners:
            route = self._reading.route(self._me, warn.to)
            first = warn.to if route is None else route.via
            right = recipient == first or self._second_way(send, warn, clause)
        else:  # a hub that relays for two parties that meet only through it
            routes = [self._reading.route(name, warn.to) for name in warners]
            relays = any(route is not None and route.via == self._me for route in routes)
            right = relays and recipient == warn.to
        if not right:
            raise _Objection(f"a warning for {warn.to} may not be sent to {recipient}", clause=clause.id)
        if not self._may_name(warn, recipient):
            raise _Objection("an originator's id where none may be told", clause=clause.id)
        return self._me in warners and self._me != self._hub

    def _warners(self, clause: Warn, to: str) -> list[str]:
        """Who warns that party under the clause."""
        stand = self._reading.stand
        return [
            name
            for name in named(self._pact, clause.by)
            if name != to and name in stand.parties and (clause.id, *sorted((name, to))) not in stand.barred
        ]

    def _second_way(self, send: Send, warn: WarnMessage, clause: Warn) -> bool:
        """Whether a copy may go through the hub to a member who is told directly as well.

        The hub must owe that member such a warning, and be reached and reach it directly. And it must be let
        know: the clause itself names a second route, or the track behind the warning is one of which the hub
        may have at least as much at once.
        """
        hub, reading = self._hub, self._reading
        if send.recipient != hub or reading.route(self._me, warn.to) is not None:
            return False
        if hub == warn.to or reading.route(hub, warn.to) is not None:
            return False
        passes_on = any(
            isinstance(one, Warn)
            and one.id in reading.stand.speaking
            and hub in self._warners(one, warn.to)
            and is_meant(self._pact, warn.to, one.to)
            and warn.track_class in (one.classes or tuple(TrackClass))
            and (not one.zones or warn.zone in one.zones)
            for one in self._pact.clause
        )
        if clause.on_no_ack is not None and clause.on_no_ack.then == "second_route":
            return passes_on
        return passes_on and self._may_know(hub, send, warn)

    def _may_know(self, party: str, send: Send, warn: WarnMessage) -> bool:
        """Whether the party may have the one track behind a warning now, in whatever form."""
        tracks = unpack_columns(send.evidence.tracks, Tracks)
        facts = [_Fact(*values) for values in zip(*(column.tolist() for column in tracks), strict=True)]
        if len(facts) != 1 or facts[0].track_class != warn.track_class:
            return False
        lat, lon = math.degrees(facts[0].lat_rad), math.degrees(facts[0].lon_rad)
        zones = self._zones_at(lat, lon, facts[0].height_m)
        answer = self._reading.answer(party, facts[0].track_class, zones)
        return answer.form > 0 and answer.delay_ns == 0

    def _may_name(self, warn: WarnMessage, recipient: str) -> bool:
        """Whether the originator's id may stand beside the id of a copy: only for two who meet directly."""
        if not warn.same:
            return True
        if WARNING_ID.fullmatch(warn.same) is None:
            return False
        if self._me != self._hub:
            return recipient == self._hub and warn.same == warn.warning
        third = [one for one in re.split(r"[-_]", warn.same) if one in self._roles and one != warn.to]
        return recipient == warn.to and all(
            name != self._me and self._reading.route(name, warn.to) is None for name in third
        )

    def _fault_of_hub(self, send: Send, warn: WarnMessage, clause: Warn) -> str:
        """What is wrong with a warning that the hub gives; empty where it may.

        It may pass on what a member addressed to that party, and warn by itself of what the one row in
        evidence says, if an alert of all behind that row may go on. What ends a warning that was given has
        passed before this.
        """
        evidence = send.evidence
        if evidence.passed_on:
            owed = self._may_address(evidence.passed_on, warn)
            return "" if owed else f"{evidence.passed_on} owes {warn.to} no such warning"
        if warn.state in ENDS:
            return "it ends a warning that was not given so"
        if warn.basis == "person":
            return fault_of_persons(warn.basis, evidence.persons)
        return self._fault_of_row(send, warn, clause)

    def _fault_of_row(self, send: Send, warn: WarnMessage, clause: Warn) -> str:
        """What is wrong with the row on which a warning of the hub's own rests; empty where nothing is."""
        tracks, onward = unpack_columns(send.evidence.tracks, Tracks), send.evidence.onward
        rows = [_Fact(*values) for values in zip(*(column.tolist() for column in tracks), strict=True)]
        if len(rows) != 1 or len(onward) != 1:
            return "a warning of the hub without the one row that it rests on"
        if onward[0] < Form.ALERT:
            return "a warning that rests on a row of which not even an alert goes on"
        beyond = rows[0].sources & ~self._who_serves(warn.to, clause)
        if beyond or not rows[0].sources:
            names = [party for index, party in enumerate(self._parties) if beyond >> index & 1]
            return (
                f"a warning that rests on data of {' and '.join(names) or 'nobody'}, which may not serve it"
            )
        return _fault_warning(warn, rows[0], clause)

    def _may_address(self, originator: str, warn: WarnMessage) -> bool:
        """Whether some clause makes that member warn `warn.to` through this hub, or tell it here as well."""
        if not {originator, warn.to} <= {*self._reading.stand.parties}:
            return False
        route = self._reading.route(originator, warn.to)
        through = route.via == self._me if route is not None else bool(warn.same)
        return through and any(
            isinstance(one, Warn)
            and one.id in self._reading.stand.speaking
            and originator in self._warners(one, warn.to)
            and is_meant(self._pact, warn.to, one.to)
            and (not one.zones or warn.zone in one.zones)
            and warn.track_class in (one.classes or _CLASSES)
            for one in self._pact.clause
        )

    def _who_serves(self, to: str, clause: Warn) -> int:
        """The parties that let at least an alert of all that the hub has from them serve that warning."""
        key = (clause.id, to)
        if key not in self._serving:
            self._serving[key] = sum(
                1 << index
                for index, party in enumerate(self._parties)
                if Reading(self._pact, self._reading.stand, party).serves(to, clause)
            )
        return self._serving[key]

    def _names_a_third(self, warning: str, to: str) -> bool:
        return any(part in self._roles and part not in (self._me, to) for part in re.split(r"[-_]", warning))

    def _ack(self, recipient: str, ack: Ack, time_ns: int) -> Passed:
        if recipient not in self._roles or recipient == self._me:
            raise _Objection(f"{recipient!r} is no other party of the pact")
        if ack.step not in _STEPS:
            raise _Objection(f"{ack.step!r} is no step of an acknowledgement")
        if WARNING_ID.fullmatch(ack.warning) is None or ack.revision < 1:
            raise _Objection("an id or revision that no warning has")
        if ack.time_ns > time_ns or len(ack.person) > _PERSON_CHARACTERS_MAX:
            raise _Objection("a time to come, or a name too long")
        return Passed(1)


def _remember(known: dict[tuple[str, str], Kept], key: tuple[str, str], value: Kept) -> None:
    """Keep the newest of a bounded number; beyond, the oldest is forgotten, whose end is then judged anew."""
    known.pop(key, None)
    known[key] = value
    if len(known) > GUARD_WARNINGS_MAX:
        del known[next(iter(known))]


def _fault_warning(warn: WarnMessage, fact: _Fact, clause: Warn) -> str:
    """What of a warning does not follow from the row behind it; empty where nothing does not."""
    if fact.track_class not in (clause.classes or _CLASSES):
        return "a row of a class that the clause does not mean"
    if warn.state == "RAISED" and fact.track_class != warn.track_class:
        return "a class that is not that of the evidence"
    for edge_deg, exact_rad in ((warn.lat_cell_deg, fact.lat_rad), (warn.lon_cell_deg, fact.lon_rad)):
        beyond_deg = math.degrees(exact_rad) - edge_deg
        if not -_ANGLE_TOLERANCE_DEG <= beyond_deg <= 0.1 + _ANGLE_TOLERANCE_DEG:
            return "a cell that does not hold the row in evidence"
    return ""


# ---------------------------------------------------------------- what a form may carry


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


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
        if not on_grid(angle_deg, cell_deg, offset=0.5):
            return "a position finer than its cell"
        if abs(angle_deg - math.degrees(exact_rad)) > cell_deg / 2 + _ANGLE_TOLERANCE_DEG:
            return "a position that is not that of the evidence"
    if row.position_sigma_m < sigma_step_m or not on_grid(row.position_sigma_m, sigma_step_m):
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
        if not on_grid(value, step):
            return "a height or velocity finer than its form"
        if not abs(value - exact) <= step / 2 + 1e-6:
            return "values that are not those of the evidence"
    for sigma, step in (
        (row.height_sigma_m, _HEIGHT_SIGMA_STEP_M),
        (row.velocity_sigma_m_s, _VELOCITY_STEP_M_S),
    ):
        if not math.isnan(sigma) and not on_grid(sigma, step):
            return "an accuracy finer than its form"
    return ""
