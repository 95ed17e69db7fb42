"""A node's watch: threats to zones become warnings; warnings come in, are shown, acknowledged, passed on.

A member warns from full knowledge of its own sensors, cut down to a tearline: a withhold or caveat on its own
tracks does not stand against its own duty to warn. A hub has no tracks of its own and warns of nothing by
itself. It passes on what a member addressed to another one: the originator itself gave the warning for that
party, and no caveat on rows that the hub was given is concerned.

A message that its recipient has not stored is sent again between ticks, through the hub as well where the
pact lets the hub know of the track and makes it warn that member. Where a duty ends, nothing more is told but
the end, to whoever was warned: it discloses nothing new, and what is over is not left standing.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from foedus.model import Form, Sensor, SensorKind, TrackClass, Tracks, take
from foedus.network import RouteEntry
from foedus.outflow import NO_EVIDENCE
from foedus.pact.clauses import OnNoAck
from foedus.pact.clauses import Warn as WarnClause
from foedus.pact.reading.text import Pact
from foedus.pact.tables.compile import OPEN, PactTables, WarnDuty, duties_of, route_between, warn_duties
from foedus.pact.tables.release import decide, delays, zones_of
from foedus.pact.tables.rules import DENY, seconds_of
from foedus.view import CallView, ReasonView, WarningView
from foedus.watch.calls import CALL_NS, Call, CallBook, duty_for, fault_of
from foedus.watch.delivery import Escalated, delivery
from foedus.watch.inbox import ReceivedWarning
from foedus.watch.reasons import Reason, Reasons, corroborating
from foedus.watch.relay import WarnRelay
from foedus.watch.routes import make_routes
from foedus.watch.sent import Duty, Grounds, SentWarning
from foedus.watch.states import OVER, WarningState
from foedus.watch.tearline import ended
from foedus.watch.threat import Threats, assess, make_zones
from foedus.watch.warn import Change, Letter, WarnBook
from foedus.wire import Ack, Act, Called, Evidence, Send, Verdicts, Warn, pack_columns, unpack_columns

OWN_CLAUSE: Final = "own"
"""Stands where a clause would for a member's warning to itself, which needs no pact."""

OVER_NAMES: Final = tuple(state.name for state in OVER)

HORIZON_S_MIN: Final = 1.0
"""The horizon where there is no duty: warnings that a lapsed duty left open still end by the same path."""

STEPS: Final = {"shown": "shown", "acknowledge": "acknowledged"}

INDEPENDENT_MIN: Final = 2
"""Unlike kinds of sensor that confirm a warning, for a radar and a receiver do not err alike; or rules that
rest on observations of their own."""


class Watchkeeping:
    """All warnings of one node. sensors: those of its own tracks; routes: where it expects who answers."""

    def __init__(
        self,
        pact: Pact,
        member: str,
        *,
        mode: str,
        sensors: Sequence[Sensor] = (),
        routes: Sequence[RouteEntry] = (),
    ) -> None:
        self._pact = pact
        self._member = member
        lines = [route.waypoint for route in routes]
        self._reasons = Reasons(sensors, make_routes(lines, [route.half_width_m for route in routes]))
        self._kind_bits = tuple(
            sum(1 << i for i, one in enumerate(sensors) if one.kind is kind) for kind in SensorKind
        )
        self._book = WarnBook(member, mode=mode)
        self._relay = WarnRelay(member, mode=mode)
        self._calls = CallBook()
        self._refused_acts = 0
        self._evidence: dict[str, Evidence] = {}  # of the newest message of each warning that stands
        self._second_ways: tuple[PactTables, tuple[WarnDuty, ...]] | None = None
        self._zone_ids = tuple(zone.id for zone in pact.zone)
        self._zones = make_zones(
            [zone.polygon for zone in pact.zone],
            [zone.floor_m for zone in pact.zone],
            [zone.ceiling_m for zone in pact.zone],
        )
        self._own_duties = _own_duties(pact, member)
        self._on_no_ack = {one.id: one.on_no_ack for one in pact.clause if isinstance(one, WarnClause)}
        self._refused = 0  # warnings for members whom this hub has no duty to warn
        self._duties_of: tuple[PactTables, tuple[Duty, ...]] | None = None

    # ------------------------------------------------------------ the tick

    def tick(self, own: Tracks, tables: PactTables, *, now_ns: int) -> list[Send]:
        """The warnings of this tick, from the tracks of one's own sensors."""
        duties = self._duties(tables)
        standing = (record.duty for record in self._book.open_warnings())
        horizon_s = max((duty.horizon_s for duty in (*duties, *standing)), default=HORIZON_S_MIN)
        threats = assess(own, self._zones, now_ns=now_ns, horizon_s=horizon_s)
        reasons = self._reasons.update(own, threats, now_ns=now_ns)
        grounds = self._grounds(own, threats, reasons)
        sends = []
        for change in self._book.assess(own, threats, duties, now_ns=now_ns, grounds=grounds):
            track = take(own, own.number == change.warning.track)
            sends += self._tell(change, Evidence(pack_columns(track)))
        return sends + self.beat(tables, now_ns)

    def _grounds(self, own: Tracks, threats: Threats, reasons: Sequence[tuple[Reason, ...]]) -> list[Grounds]:
        """What else is known of each threat: its reasons, and which kinds of sensor have looked of late."""
        sources = own.sources[threats.row].tolist()
        times = (threats.earliest_s.tolist(), threats.latest_s.tolist())
        return [
            Grounds(
                earliest_s,
                latest_s,
                tuple(reason.word for reason in why),
                sum(bool(bits & kinds) for kinds in self._kind_bits) >= INDEPENDENT_MIN
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

    def _duties(self, tables: PactTables) -> tuple[Duty, ...]:
        """The pact's duties per zone, and one's own zones; made anew when the tables change."""
        if self._duties_of is None or self._duties_of[0] is not tables:
            pact_duties = tuple(
                _duty(
                    duty,
                    zone=zone,
                    zone_id=self._zone_ids[zone],
                    to=duty.to,
                    via=duty.via if duty.via != duty.to else "",
                    clause=duty.clause,
                    within_s=duty.within_s,
                    on_no_ack=self._on_no_ack.get(duty.clause),
                )
                for duty in warn_duties(tables)
                for zone in range(len(self._zone_ids))
                if duty.zones >> zone & 1
            )
            self._duties_of = (tables, pact_duties + self._own_duties)
        return self._duties_of[1]

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
        evidence = msgspec.structs.replace(NO_EVIDENCE, cancel=cancel)
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
        received = tuple(_received_view(record) for record in self._book.inbox.to_show())
        sent = tuple(
            _sent_view(
                record,
                own=record.duty.to == self._member,
                track=0 if record.called else number_of(record.track),
                reasons=self._reasons.of(record.track, record.duty.zone),
                now_ns=now_ns,
            )
            for record in self._book.sent_warnings()
        )
        return received + sent

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
        books = self._book.counts() + self._relay.counts() + self._calls.counts() + self._reasons.counts()
        return books + tuple((reason, count) for reason, count in refused if count)


def _own_duties(pact: Pact, member: str) -> tuple[Duty, ...]:
    """A member watches its own zones by the measure that the pact sets for warning others."""
    measure = next((clause for clause in pact.clause if isinstance(clause, WarnClause)), None)
    if measure is None:
        return ()
    within_s = seconds_of(pact, measure.within_s)
    return tuple(
        _duty(
            measure,
            zone=index,
            zone_id=zone.id,
            to=member,
            via="",
            clause=OWN_CLAUSE,
            within_s=math.inf if within_s is None else within_s,
        )
        for index, zone in enumerate(pact.zone)
        if zone.owner == member
    )


def _duty(
    measure: WarnDuty | WarnClause,
    *,
    zone: int,
    zone_id: str,
    to: str,
    via: str,
    clause: str,
    within_s: float,
    on_no_ack: OnNoAck | None = None,
) -> Duty:
    """A duty on one zone, by the measure that a clause sets."""
    return Duty(
        zone=zone,
        zone_id=zone_id,
        to=to,
        via=via,
        clause=clause,
        classes=tuple(int(c) for c in (measure.classes or TrackClass)),
        horizon_s=measure.horizon_s,
        probability=measure.probability,
        within_s=within_s,
        renew_s=measure.renew_s,
        expires_s=measure.expires_s,
        ack_s=measure.ack_s,
        retry=0 if on_no_ack is None else on_no_ack.retry,
        then="" if on_no_ack is None else on_no_ack.then,
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
