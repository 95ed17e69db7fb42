"""A node's watch: threats to zones become warnings; warnings come in, are shown, acknowledged, passed on.

A member warns from full knowledge of its own sensors, cut down to a tearline: a withhold or caveat on its own
tracks does not stand against its own duty to warn. A hub has no tracks of its own and warns of nothing by
itself. It passes on what a member addressed to another one: the originator itself gave the warning for that
party, and no caveat on rows that the hub was given is concerned.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

from foedus.model import Form, Sensor, TrackClass, Tracks, take
from foedus.network import RouteEntry
from foedus.outflow import NO_EVIDENCE
from foedus.pact.clauses import Warn as WarnClause
from foedus.pact.reading.text import Pact
from foedus.pact.tables.compile import PactTables, WarnDuty, warn_duties
from foedus.pact.tables.rules import seconds_of
from foedus.view import ReasonView, WarningView
from foedus.watch.inbox import ReceivedWarning
from foedus.watch.reasons import Reason, Reasons
from foedus.watch.relay import WarnRelay
from foedus.watch.routes import make_routes
from foedus.watch.threat import assess, make_zones
from foedus.watch.warn import Duty, SentWarning, WarnBook
from foedus.wire import Ack, Act, Evidence, Send, Verdicts, Warn, pack_columns

OWN_CLAUSE: Final = "own"
"""Stands where a clause would for a member's warning to itself, which needs no pact."""

HORIZON_S_MIN: Final = 1.0
"""The horizon where there is no duty: warnings that a lapsed duty left open still end by the same path."""

STEPS: Final = {"shown": "shown", "acknowledge": "acknowledged"}


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
        self._member = member
        lines = [route.waypoint for route in routes]
        self._reasons = Reasons(sensors, make_routes(lines, [route.half_width_m for route in routes]))
        self._book = WarnBook(member, mode=mode)
        self._relay = WarnRelay(member, mode=mode)
        self._zone_ids = tuple(zone.id for zone in pact.zone)
        self._zones = make_zones(
            [zone.polygon for zone in pact.zone],
            [zone.floor_m for zone in pact.zone],
            [zone.ceiling_m for zone in pact.zone],
        )
        self._own_duties = _own_duties(pact, member)
        self._refused = 0  # warnings for members whom this hub has no duty to warn
        self._duties_of: tuple[PactTables, tuple[Duty, ...]] | None = None

    # ------------------------------------------------------------ the tick

    def tick(self, own: Tracks, tables: PactTables, *, now_ns: int) -> list[Send]:
        """The warnings of this tick, from the tracks of one's own sensors."""
        duties = self._duties(tables)
        horizon_s = max((duty.horizon_s for duty in duties), default=HORIZON_S_MIN)
        threats = assess(own, self._zones, now_ns=now_ns, horizon_s=horizon_s)
        self._reasons.update(own, threats, now_ns=now_ns)
        sends = []
        for change in self._book.assess(own, threats, duties, now_ns=now_ns):
            # Under a lapsed duty nothing leaves; what was warned of ends at its recipient by expiry.
            if change.recipient != self._member and change.warning.duty in duties:
                track = take(own, own.number == change.warning.track)
                verdicts = (Verdicts(change.message.clause, Form.ALERT, 1),)
                sends.append(
                    Send(change.recipient, change.message, Evidence(pack_columns(track), b""), verdicts)
                )
        return sends

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
        return [] if receipt.ack is None else [Send(sender, receipt.ack, NO_EVIDENCE, ())]

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
        if not clause:
            self._refused += 1
            return []
        relayed = self._relay.relay(warn, sender, now_ns, clause=clause)
        if relayed.message is None:
            return []
        return [Send(relayed.recipient, relayed.message, NO_EVIDENCE, (Verdicts(clause, Form.ALERT, 1),))]

    def acked(self, ack: Ack, sender: str) -> list[Send]:
        """Note an acknowledgement, or pass it back to where the warning came from."""
        if self._relay.knows(ack.warning):
            passed = self._relay.ack(ack, sender)
            return [] if passed is None else [Send(passed[0], passed[1], NO_EVIDENCE, ())]
        self._book.acked(ack, sender)
        return []

    def act(self, act: Act, now_ns: int) -> list[Send]:
        """What a person or a screen at this member's console did about a warning."""
        sender, _, warning = act.subject.rpartition(":")
        if not sender:
            revision = next((w.revision for w in self._book.sent_warnings() if w.id == warning), 1)
            self._book.acked(
                Ack(warning, revision, STEPS.get(act.verb, ""), now_ns, act.person), self._member
            )
            return []
        key = f"{sender}/{warning}"
        if act.verb == "shown":
            ack = self._book.shown(key, now_ns)
        else:
            ack = self._book.acknowledge(key, act.person, now_ns)
        return [] if ack is None else [Send(sender, ack, NO_EVIDENCE, ())]

    # ------------------------------------------------------------ what may be shown

    def views(self, number_of: Callable[[int], int]) -> tuple[WarningView, ...]:
        """Every warning still remembered; `number_of` gives the picture's number of one's own track."""
        received = tuple(_received_view(record) for record in self._book.inbox.warnings())
        sent = tuple(
            _sent_view(
                record,
                own=record.duty.to == self._member,
                track=number_of(record.track),
                reasons=self._reasons.of(record.track, record.duty.zone),
            )
            for record in self._book.sent_warnings()
        )
        return received + sent

    def counts_with(self, party: str) -> tuple[int, int]:
        """Warnings (sent to, received from) this party."""
        return (
            sum(record.duty.to == party for record in self._book.sent_warnings()),
            sum(record.sender == party for record in self._book.inbox.warnings()),
        )

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or dropped."""
        refused = (("warning not passed on: no duty to warn that member", self._refused),)
        others = self._relay.counts() + self._reasons.counts()
        return self._book.counts() + others + (refused if self._refused else ())


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


def _sent_view(record: SentWarning, *, own: bool, track: int, reasons: tuple[Reason, ...]) -> WarningView:
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
    )
