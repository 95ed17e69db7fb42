"""A node's watch: threats to zones become warnings; warnings come in, are shown, acknowledged, passed on.

Who warns from what knowledge: a member warns others from full knowledge of its own sensors, cut down to a
tearline: a withhold or caveat on its own tracks does not stand against its own duty to warn. What partners
gave it is under their caveats and serves no warning of others. A member warns itself from its whole picture,
and nothing of that leaves. A hub has no tracks of its own: it warns each party from what may go on to that
party (knowledge.py), and passes on what a member addressed to another one: the originator itself gave the
warning for that party, and no caveat on rows that the hub was given is concerned.

A message that its recipient has not stored is sent again between ticks, through the hub as well where the
pact lets the hub know of the track and makes it warn that member. Where a duty ends, nothing more is told but
the end, to whoever was warned: it discloses nothing new, and what is over is not left standing.
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from foedus.knowledge import Knowledge, hub_source
from foedus.model import Form, Sensor, SensorKind, TrackClass, Tracks, take
from foedus.network import Network
from foedus.outflow import NO_EVIDENCE
from foedus.own_watch import PICTURE, own_duties, watched_zones
from foedus.pact.clauses import OnNoAck, Zone
from foedus.pact.clauses import Warn as WarnClause
from foedus.pact.reading.text import Pact
from foedus.pact.tables.compile import OPEN, PactTables, WarnDuty, duties_of, route_between, warn_duties
from foedus.pact.tables.release import decide, delays, zones_of
from foedus.pact.tables.rules import DENY
from foedus.view import CallView, ReasonView, WarningView
from foedus.watch.calls import CALL_NS, Call, CallBook, duty_for, fault_of
from foedus.watch.delivery import Escalated, delivery
from foedus.watch.inbox import ReceivedWarning
from foedus.watch.reasons import Reason, Reasons, corroborating
from foedus.watch.relay import WarnRelay
from foedus.watch.routes import make_routes
from foedus.watch.sent import Duty, Grounds, SentWarning
from foedus.watch.states import OVER, WarningState
from foedus.watch.tearline import CELLS_PER_DEGREE, cell_deg, ended
from foedus.watch.threat import Threats, Zones, assess, make_zones
from foedus.watch.warn import Change, Letter, WarnBook
from foedus.wire import Ack, Act, Called, Evidence, Send, Verdicts, Warn, pack_columns, unpack_columns

SENSORS: Final = "sensors"
"""The source of a member's warnings to others: the tracks of its own sensors."""

COVER_CELLS_MAX: Final = 3
"""Cells of 0.1 degree between what a warning says and where its aircraft is now: the cell, and 20 km flown
until it is renewed."""

OVER_NAMES: Final = tuple(state.name for state in OVER)

HORIZON_S_MIN: Final = 1.0
"""The horizon where there is no duty: warnings that a lapsed duty left open still end by the same path."""

STEPS: Final = {"shown": "shown", "acknowledge": "acknowledged"}

INDEPENDENT_MIN: Final = 2
"""Unlike kinds of sensor that confirm a warning, for a radar and a receiver do not err alike; or rules that
rest on observations of their own."""


class Watchkeeping:
    """All warnings of one node. sensors: those of its own tracks."""

    def __init__(self, network: Network, pact: Pact, member: str, *, sensors: Sequence[Sensor] = ()) -> None:
        self._member = member
        mode = network.mode.value
        lines = [route for route in network.route if route.member == member]
        routes = make_routes([one.waypoint for one in lines], [one.half_width_m for one in lines])
        self._reasons = {SENSORS: Reasons(sensors, routes), PICTURE: Reasons((), routes)}
        self._pact = pact
        self._kind_bits = tuple(
            sum(1 << i for i, one in enumerate(sensors) if one.kind is kind) for kind in SensorKind
        )
        self._book = WarnBook(member, mode=mode)
        self._relay = WarnRelay(member, mode=mode)
        self._calls = CallBook()
        self._refused_acts = 0
        self._evidence: dict[str, Evidence] = {}  # of the newest message of each warning that stands
        self._second_ways: tuple[PactTables, tuple[WarnDuty, ...]] | None = None
        watched = watched_zones(network, pact, member)
        self._zone_ids = tuple(zone.id for zone in pact.zone)
        self._zones = _zones(watched)
        own = [index for index, zone in enumerate(watched) if zone.owner == member]
        self._own_zones = _zones([watched[index] for index in own])
        self._own_places = np.array(own, np.int32)  # of each of them among all that are watched
        self._own_duties = own_duties(network, pact, member)
        self._on_no_ack = {one.id: one.on_no_ack for one in pact.clause if isinstance(one, WarnClause)}
        self._refused = 0  # warnings for members whom this hub has no duty to warn
        self._duties_of: tuple[PactTables, dict[str, tuple[Duty, ...]]] | None = None
        self._stands_for: dict[str, int] = {}  # warning of another source -> the track here that it covers

    # ------------------------------------------------------------ the tick

    def tick(self, known: Sequence[Knowledge], tables: PactTables, *, now_ns: int) -> list[Send]:
        """The warnings of others at this tick, each from the knowledge that its duty is judged by."""
        duties = self._by_source(tables)
        sources = {one.source: one for one in known}
        for source in self._book.sources():  # what a lapsed duty left open ends by the same path
            if source not in sources and source != PICTURE:
                sources[source] = Knowledge(source, Tracks.empty(), np.zeros(0, np.int8))
        sends = [
            send
            for source, one in sources.items()
            for send in self._warn(one, duties.get(source, ()), now_ns)
        ]
        return sends + self.beat(tables, now_ns)

    def _warn(self, known: Knowledge, duties: tuple[Duty, ...], now_ns: int) -> list[Send]:
        """The warnings from one piece of knowledge, with the row behind each for the guard."""
        tracks, source = known.tracks, known.source
        threats = assess(tracks, self._zones, now_ns=now_ns, horizon_s=self._longest_s(duties, source))
        grounds = self._grounds_of_hub(threats)
        if source == SENSORS:
            reasons = self._reasons[SENSORS].update(tracks, threats, now_ns=now_ns)
            grounds = self._grounds(tracks, threats, reasons, self._kind_bits)
        changes = self._book.assess(
            tracks,
            threats,
            duties,
            now_ns=now_ns,
            grounds=grounds,
            source=source,
            covered=functools.partial(self._is_covered, now_ns),
        )
        sends = []
        for change in changes:
            behind = tracks.number == change.warning.track
            onward = b"" if source == SENSORS else known.onward[behind].tobytes()
            sends += self._tell(change, Evidence(pack_columns(take(tracks, behind)), onward))
        return sends

    def tick_own(self, picture: Tracks, *, now_ns: int) -> None:
        """The warnings of this member to itself, from its whole picture; nothing of them leaves."""
        if not self._own_duties:
            return
        horizon_s = self._longest_s(self._own_duties, PICTURE)
        threats = assess(picture, self._own_zones, now_ns=now_ns, horizon_s=horizon_s)
        threats = threats._replace(zone=self._own_places[threats.zone])
        reasons = self._reasons[PICTURE].update(picture, threats, now_ns=now_ns)
        grounds = self._grounds(picture, threats, reasons, ())
        self._book.assess(picture, threats, self._own_duties, now_ns=now_ns, grounds=grounds, source=PICTURE)

    def _longest_s(self, duties: Sequence[Duty], source: str) -> float:
        """The longest horizon of the duties of a source, and of what stands of it."""
        standing = (one.duty for one in self._book.open_warnings() if one.duty.source == source)
        return max((duty.horizon_s for duty in (*duties, *standing)), default=HORIZON_S_MIN)

    def _is_covered(self, now_ns: int, duty: Duty, tracks: Tracks, row: int) -> bool:
        """At the hub: whether a warning that it passed on, or gave by another duty, stands for this aircraft.

        Each such warning stands for one aircraft, the first that fits: of two that fly together the second is
        warned of all the same.
        """
        number = int(tracks.number[row])
        others = self._book.standing(duty.to, but=duty.source)
        for warn in (*self._relay.standing(duty.to, now_ns), *others):
            if not _fits(warn, duty, tracks, row):
                continue
            key = f"{duty.source}/{warn.warning}"
            holder = self._stands_for.get(key, number)
            if holder == number or holder not in tracks.number:
                self._stands_for[key] = number
                return True
        return False

    @staticmethod
    def _grounds_of_hub(threats: Threats) -> list[Grounds]:
        """When, and no more: a row of which an alert may go on says nothing of how what it shows flies."""
        spans = zip(threats.earliest_s.tolist(), threats.latest_s.tolist(), strict=True)
        return [Grounds(earliest_s, latest_s, (), corroborated=False) for earliest_s, latest_s in spans]

    def _grounds(
        self,
        tracks: Tracks,
        threats: Threats,
        reasons: Sequence[tuple[Reason, ...]],
        kind_bits: Sequence[int],
    ) -> list[Grounds]:
        """What else is known of each threat: its reasons, and which kinds of sensor have looked of late.

        kind_bits: the sensors of each kind, as bits of the tracks' `sources`; none for a picture, of which
        nobody says what sensors are behind it.
        """
        sources = tracks.sources[threats.row].tolist()
        times = (threats.earliest_s.tolist(), threats.latest_s.tolist())
        return [
            Grounds(
                earliest_s,
                latest_s,
                tuple(reason.word for reason in why),
                sum(bool(bits & kinds) for kinds in kind_bits) >= INDEPENDENT_MIN
                or corroborating(why) >= INDEPENDENT_MIN,
            )
            for bits, earliest_s, latest_s, why in zip(sources, *times, reasons, strict=True)
        ]

    def _tell(self, change: Change, evidence: Evidence) -> list[Send]:
        """The messages of one change, with what the guard may know; a first one with its cancel."""
        warning = change.warning
        if warning.recipient == self._member:
            return []
        self._evidence[warning.id] = msgspec.structs.replace(evidence, cancel=warning.cancel)
        sends = self._sends(change.letters)
        if not warning.open:
            self._evidence.pop(warning.id, None)
        return sends

    def _sends(self, letters: Sequence[Letter]) -> list[Send]:
        return [
            Send(
                letter.recipient,
                letter.message,
                self._evidence.get(letter.warning, NO_EVIDENCE),
                (Verdicts(letter.message.clause, Form.ALERT, 1),),
            )
            for letter in letters
        ]

    # ------------------------------------------------------------ delivery

    def beat(self, tables: PactTables, now_ns: int) -> list[Send]:
        """What is sent once more because nobody has stored or acknowledged it; calls not seconded lapse."""
        self._calls.lapse(now_ns)
        return self._sends(self._book.beat(now_ns, lambda record: self._second_way(record, tables)))

    def next_due_ns(self) -> int | None:
        """When the next beat is due, unless a tick comes first; None where nothing is."""
        dues = (self._book.next_due_ns(), self._calls.waiting_until_ns())
        return min((due for due in dues if due is not None), default=None)

    def escalations(self) -> tuple[Escalated, ...]:
        """What no person acknowledged in time, oldest first."""
        return self._book.escalations()

    def held_back(self, warn: Warn, recipient: str) -> None:
        """Note that the guard did not let this message leave."""
        self._book.held_back(warn.same or warn.warning, recipient)

    def _second_way(self, record: SentWarning, tables: PactTables) -> str:
        """The hub, where a copy of this warning may go through it as well; empty where it may not.

        It may where the hub owes that member such a warning and the pact lets the hub have the track behind
        it at once, or the clause itself names a second route. Where a route forbids the direct way there is
        only one way.
        """
        duty = record.duty
        hub = tables.parties[tables.hub_index] if tables.hub_index >= 0 else ""
        if not hub or hub in (self._member, duty.to) or duty.via or duty not in self._duties(tables):
            return ""
        owed = any(
            one.to == one.via == duty.to and record.track_class in one.classes and one.zones >> duty.zone & 1
            for one in self._duties_of_hub(tables, hub)
        )
        if not owed or tables.rules.closed[tables.hub_index] != OPEN:
            return ""
        if duty.then == "second_route":
            return hub
        return hub if self._may_know(tables, self._evidence.get(record.id, NO_EVIDENCE)) else ""

    def _duties_of_hub(self, tables: PactTables, hub: str) -> tuple[WarnDuty, ...]:
        if self._second_ways is None or self._second_ways[0] is not tables:
            self._second_ways = (tables, duties_of(self._pact, hub, tables.edition))
        return self._second_ways[1]

    def _may_know(self, tables: PactTables, evidence: Evidence) -> bool:
        """Whether the hub may have the track behind a message at once, in whatever form."""
        if evidence.tracks.rows != 1:
            return False
        track = unpack_columns(evidence.tracks, Tracks)
        zones = zones_of(tables, track.lat_rad, track.lon_rad, track.height_m)
        decisions = decide(tables, track.track_class, zones)
        clause = decisions.clause[:, tables.hub_index]
        return bool(decisions.form[0, tables.hub_index] > Form.NONE and delays(tables, clause)[0] == 0)

    def _by_source(self, tables: PactTables) -> dict[str, tuple[Duty, ...]]:
        """The pact's duties per zone, by source; made anew when the tables change."""
        if self._duties_of is None or self._duties_of[0] is not tables:
            found: dict[str, tuple[Duty, ...]] = {}
            for duty in warn_duties(tables):
                source = hub_source(duty.to, duty.behind) if tables.hub else SENSORS
                on_no_ack = self._on_no_ack.get(duty.clause)
                found[source] = found.get(source, ()) + tuple(
                    _duty(duty, zone=zone, zone_id=self._zone_ids[zone], source=source, on_no_ack=on_no_ack)
                    for zone in range(len(self._zone_ids))
                    if duty.zones >> zone & 1
                )
            self._duties_of = (tables, found)
            self._stands_for = {}
        return self._duties_of[1]

    def _duties(self, tables: PactTables) -> tuple[Duty, ...]:
        """All that is owed now, to others by the pact and to oneself."""
        owed = (duty for duties in self._by_source(tables).values() for duty in duties)
        return (*owed, *self._own_duties)

    # ------------------------------------------------------------ messages and people

    def received(self, warn: Warn, sender: str, tables: PactTables, now_ns: int) -> list[Send]:
        """Keep a warning to this member and say so; at the hub, pass on one to another member."""
        if warn.to != self._member and tables.hub:
            return self._pass_on(warn, sender, tables, now_ns)
        receipt = self._book.received(warn, sender, now_ns)
        acks = () if receipt.ack is None else (receipt.ack, *receipt.caught_up)
        return [Send(sender, ack, NO_EVIDENCE, ()) for ack in acks]

    def _pass_on(self, warn: Warn, sender: str, tables: PactTables, now_ns: int) -> list[Send]:
        clause = next(
            (
                duty.clause
                for duty in warn_duties(tables)
                if duty.to == warn.to
                and warn.track_class in duty.classes
                and any(duty.zones >> i & 1 and zone == warn.zone for i, zone in enumerate(self._zone_ids))
            ),
            "",
        )
        if not clause and warn.state in OVER_NAMES:  # the end of what was passed on while there was a duty
            clause = self._relay.clause_of(warn, sender)
        if not clause:
            self._refused += 1
            return []
        meet_directly = route_between(self._pact, sender, warn.to, tables.edition) == DENY
        relayed = self._relay.relay(warn, sender, now_ns, clause=clause, meet_directly=meet_directly)
        if relayed.message is None:
            return []
        cancel = ended(relayed.message, WarningState.CANCELLED.name)
        evidence = msgspec.structs.replace(NO_EVIDENCE, cancel=cancel, passed_on=sender)
        return [Send(relayed.recipient, relayed.message, evidence, (Verdicts(clause, Form.ALERT, 1),))]

    def acked(self, ack: Ack, sender: str) -> list[Send]:
        """Note an acknowledgement, or pass it back to where the warning came from."""
        if self._relay.knows(ack.warning):
            passed = self._relay.ack(ack, sender)
            return [] if passed is None else [Send(passed[0], passed[1], NO_EVIDENCE, ())]
        self._book.acked(ack, sender)
        return []

    def called_to(self, zone: str, track_class: int, tables: PactTables) -> str:
        """Whom a call of that class in that zone would warn; empty where no duty in force asks for one."""
        duties = self._duties(tables)
        return next((one.to for one in duties if one.zone_id == zone and track_class in one.classes), "")

    def called(self, item: Called, tables: PactTables, now_ns: int) -> None:
        """Take a person's call for a warning; nothing is sent until another person has seconded it."""
        self._calls.call(item, fault_of(item, self._duties(tables), self._zones, now_ns), now_ns)

    def act(self, act: Act, tables: PactTables, now_ns: int) -> list[Send]:
        """What a person or a screen at this member's console did about a warning or a call."""
        if act.verb == "second":
            return self._second(act, tables, now_ns)
        if act.verb == "withdraw":
            self._calls.withdraw(act.subject, act.person)
            return []
        if act.verb == "cancel":
            change = self._book.cancel(act.subject, act.person, now_ns)
            return [] if change is None else self._tell(change, NO_EVIDENCE)
        if act.verb not in STEPS:
            self._refused_acts += 1
            return []
        sender, _, warning = act.subject.rpartition(":")
        if sender:
            return self._mark(act, f"{sender}/{warning}", now_ns)
        revision = next((w.revision for w in self._book.sent_warnings() if w.id == warning), 1)
        self._book.acked(Ack(warning, revision, STEPS[act.verb], now_ns, act.person), self._member)
        return []

    def _mark(self, act: Act, key: str, now_ns: int) -> list[Send]:
        """What screen or person did about a received warning, told on every way by which it came."""
        sends = []
        record = self._book.inbox.find(key)
        other = None if record is None else self._book.inbox.other_copy(record)
        for one in (key,) if other is None else (key, other.key):
            if act.verb == "shown":
                ack = self._book.shown(one, now_ns)
            else:
                ack = self._book.acknowledge(one, act.person, now_ns)
            if ack is not None:
                sends.append(Send(one.partition("/")[0], ack, NO_EVIDENCE, ()))
        return sends

    def _second(self, act: Act, tables: PactTables, now_ns: int) -> list[Send]:
        """Send what one person called and another seconds, if a duty in force still asks for it."""
        call = self._calls.second(act.subject, act.person, now_ns)
        if call is None:
            return []
        duties = self._duties(tables)
        duty = duty_for(call.called, duties)
        fault = fault_of(call.called, duties, self._zones, now_ns)
        change = None if fault or duty is None else self._book.call(call.called, duty, now_ns)
        if change is None:
            self._calls.refuse(act.subject, act.person, fault or "WARNINGS_MAX open")
            return []
        self._calls.sent(act.subject, act.person, (change.warning.id,))
        persons = (call.called.person, act.person)
        return self._tell(change, msgspec.structs.replace(NO_EVIDENCE, persons=persons))

    # ------------------------------------------------------------ what may be shown

    def views(self, number_of: Callable[[int], int], *, now_ns: int) -> tuple[WarningView, ...]:
        """Every warning still remembered; `number_of` gives the picture's number of one's own track."""
        numbers: dict[str, Callable[[int], int]] = {SENSORS: number_of, PICTURE: int}
        received = tuple(_received_view(record) for record in self._book.inbox.to_show())
        sent = tuple(
            _sent_view(
                record,
                own=record.duty.to == self._member,
                track=0 if record.called else numbers.get(record.duty.source, _no_number)(record.track),
                reasons=self._reasons_of(record),
                now_ns=now_ns,
            )
            for record in self._book.sent_warnings()
        )
        return received + sent

    def _reasons_of(self, record: SentWarning) -> tuple[Reason, ...]:
        """The reasons of a warning at the last tick; the hub gives none."""
        reasons = self._reasons.get(record.duty.source)
        return () if reasons is None else reasons.of(record.track, record.duty.zone)

    def calls(self) -> tuple[CallView, ...]:
        """Every call still remembered, oldest first."""
        return tuple(_call_view(call) for call in self._calls.calls())

    def counts_with(self, party: str) -> tuple[int, int]:
        """Warnings (sent to, received from) this party."""
        return (
            sum(record.duty.to == party for record in self._book.sent_warnings()),
            sum(record.sender == party for record in self._book.inbox.warnings()),
        )

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or dropped."""
        refused = (
            ("warning not passed on: no duty to warn that member", self._refused),
            ("act of no known kind", self._refused_acts),
        )
        books = self._book.counts() + self._relay.counts() + self._calls.counts()
        books += tuple(count for one in self._reasons.values() for count in one.counts())
        return books + tuple((reason, count) for reason, count in refused if count)


def _no_number(track: int) -> int:
    """What the picture's number of a track is that is in no picture."""
    return 0


def _zones(zones: Sequence[Zone]) -> Zones:
    return make_zones(
        [zone.polygon for zone in zones],
        [zone.floor_m for zone in zones],
        [zone.ceiling_m for zone in zones],
    )


def _duty(duty: WarnDuty, *, zone: int, zone_id: str, source: str, on_no_ack: OnNoAck | None) -> Duty:
    """A duty of the pact on one zone."""
    return Duty(
        zone=zone,
        zone_id=zone_id,
        to=duty.to,
        via=duty.via if duty.via != duty.to else "",
        clause=duty.clause,
        classes=duty.classes,
        horizon_s=duty.horizon_s,
        probability=duty.probability,
        within_s=duty.within_s,
        renew_s=duty.renew_s,
        expires_s=duty.expires_s,
        ack_s=duty.ack_s,
        retry=0 if on_no_ack is None else on_no_ack.retry,
        then="" if on_no_ack is None else on_no_ack.then,
        source=source,
    )


def _fits(warn: Warn, duty: Duty, tracks: Tracks, row: int) -> bool:
    """Whether a warning that stands may be about the aircraft of that row: zone, class, and place."""
    lat_deg, lon_deg = cell_deg(float(tracks.lat_rad[row])), cell_deg(float(tracks.lon_rad[row]))
    room_deg = (COVER_CELLS_MAX + 0.5) / CELLS_PER_DEGREE
    return (
        (warn.zone, warn.track_class) == (duty.zone_id, int(tracks.track_class[row]))
        and abs(warn.lat_cell_deg - lat_deg) < room_deg
        and abs(warn.lon_cell_deg - lon_deg) < room_deg
    )


def _received_view(record: ReceivedWarning) -> WarningView:
    warn = record.warn
    return WarningView(
        id=f"{record.sender}:{warn.warning}",
        direction="received",
        party=record.sender,
        zone=warn.zone,
        clause=warn.clause,
        state=record.state.value,
        revision=warn.revision,
        track_class=TrackClass(warn.track_class).name.lower(),
        lat_cell_deg=warn.lat_cell_deg,
        lon_cell_deg=warn.lon_cell_deg,
        raised_ns=warn.raised_ns,
        entry_ns=warn.entry_ns,
        probability_percent=warn.probability_percent,
        expires_ns=warn.expires_ns,
        track=0,
        stored_ns=record.stored_ns,
        shown_ns=record.shown_ns,
        acknowledged_ns=record.acknowledged_ns,
        person=record.person,
        reasons=tuple(ReasonView(word, math.nan) for word in (warn.detail.reasons if warn.detail else ())),
        basis=warn.basis,
        detail=warn.detail,
    )


def _sent_view(
    record: SentWarning, *, own: bool, track: int, reasons: tuple[Reason, ...], now_ns: int
) -> WarningView:
    how_far = delivery(record, now_ns)
    return WarningView(
        id=record.id,
        direction="own" if own else "sent",
        party=record.duty.to,
        zone=record.duty.zone_id,
        clause=record.duty.clause,
        state=record.state.value,
        revision=record.revision,
        track_class=TrackClass(record.track_class).name.lower(),
        lat_cell_deg=record.lat_cell_deg,
        lon_cell_deg=record.lon_cell_deg,
        raised_ns=record.raised_ns,
        entry_ns=record.entry_ns,
        probability_percent=record.probability_percent,
        expires_ns=record.expires_ns,
        track=track,
        stored_ns=record.raised_ns if own else record.stored_ns,  # one's own disk holds it at once
        shown_ns=record.shown_ns,
        acknowledged_ns=record.acknowledged_ns,
        person=record.person,
        reasons=tuple(ReasonView(*reason) for reason in reasons),
        basis=record.basis,
        detail=record.detail,
        delivery=how_far.word,
        delivery_since_ns=how_far.since_ns,
        cancelled_by=record.cancelled_by,
    )


def _call_view(call: Call) -> CallView:
    called = call.called
    known = called.track_class in tuple(TrackClass)
    return CallView(
        id=called.call,
        zone=called.zone,
        track_class=TrackClass(called.track_class).name.lower() if known else "",
        lat_cell_deg=called.lat_cell_deg,
        lon_cell_deg=called.lon_cell_deg,
        entry_ns=called.entry_ns,
        by=called.person,
        says=called.says,
        seconded_by=call.seconded_by,
        state=call.state,
        reason=call.reason,
        until_ns=call.called_ns + CALL_NS,
        warnings=call.warnings,
    )
