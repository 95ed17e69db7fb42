"""Warnings that a member owes: raised, renewed, cancelled, expired, and what came back about each.

One warning per (track, zone, member to be warned). It is raised at the first tick at which the probability
reaches the duty's threshold, and cancelled only after CANCEL_TICKS ticks below CANCEL_SHARE of it, so that it
does not flicker. A track that vanishes cancels nothing: silence is not safety. Its warning is no longer
renewed, continues with a new track that appears where the old one should be, and otherwise expires.
"""

import math
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

import msgspec

from foedus.limits import WARNINGS_MAX
from foedus.model import SECOND_NS, Tracks
from foedus.watch.inbox import Inbox, Receipt
from foedus.watch.states import OPEN, SENT, WarningEvent, WarningState, next_state
from foedus.watch.tearline import cell_deg, entry_step_ns, percent_step
from foedus.watch.threat import Threats
from foedus.wire import Ack, Warn

SENT_MAX: Final = WARNINGS_MAX // 2
"""Half of WARNINGS_MAX: a partner that floods the inbox cannot keep a member from warning."""

CANCEL_SHARE: Final = 0.4
"""A warning raised at 50 % falls at 20 %: far enough apart for the few per cent that quadrature jumps."""

CANCEL_TICKS: Final = 3
"""Ticks in a row below the share; one bad update of a turning track does not cancel."""

HORIZON_SHARE: Final = 1.4
"""An open warning holds while entry lies within this many horizons of its duty, for the same reason."""

ENTRY_GAIN: Final = 0.3
"""Share of a new entry time that a tick takes over: a noisy velocity moves it by a minute between plots."""

ENTRY_MOVED_NS: Final = 30 * SECOND_NS
ENTRY_MOVED_SHARE: Final = 0.2
"""An entry time is told again when it moved by 30 s and by a fifth of what is left until then."""

RENEW_NS_MIN: Final = 10 * SECOND_NS
"""A renewal for a moved entry time comes no sooner than this after the last message."""

RETRACK_NS: Final = 60 * SECOND_NS
RETRACK_M: Final = 3_000.0
RETRACK_M_S: Final = 50.0
"""A new track continues a lost one within 3 km + 50 m/s of where it should be: a moderate turn meanwhile."""

METRES_PER_RADIAN: Final = 6_371_008.8


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One duty to warn, as the node makes it from the pact."""

    zone: int  # index in Zones
    zone_id: str
    to: str  # the member to be warned
    via: str = ""  # the hub that relays; empty where direct
    clause: str
    classes: tuple[int, ...]  # TrackClass
    horizon_s: float
    probability: float  # raise at or above
    within_s: float  # from knowledge to warning
    renew_s: float
    expires_s: float
    ack_s: float  # from sending to "stored"


class SentWarning(msgspec.Struct, frozen=True, kw_only=True):
    """One warning as its sender knows it; times are 0 where the thing has not happened."""

    id: str
    duty: Duty
    state: WarningState
    revision: int
    track: int  # number in the sender's picture
    track_class: int
    known_ns: int  # first tick at which knowledge sufficed
    raised_ns: int
    sent_ns: int  # newest message
    entry_ns: int  # as told
    estimate_ns: int  # as smoothed
    entered_ns: int
    expires_ns: int
    probability_percent: int
    lat_cell_deg: float
    lon_cell_deg: float
    seen_ns: int  # last tick at which the track was there
    lat_rad: float
    lon_rad: float
    east_m_s: float
    north_m_s: float
    low_ticks: int = 0
    unstored_ns: int = 0  # since when a message waits for "stored"
    stored_revision: int = 0
    stored_ns: int = 0
    shown_ns: int = 0
    acknowledged_ns: int = 0
    person: str = ""

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.state in OPEN

    @property
    def recipient(self) -> str:
        """To whom its messages go, and from whom acknowledgements count."""
        return self.duty.via or self.duty.to

    @property
    def late(self) -> bool:
        """Whether it was raised later than the duty allows, counted from knowledge."""
        return self.raised_ns - self.known_ns > self.duty.within_s * SECOND_NS

    def unacknowledged(self, now_ns: int) -> bool:
        """Whether a message was sent more than `ack_s` ago and nothing says that it is stored."""
        return self.unstored_ns > 0 and now_ns - self.unstored_ns > self.duty.ack_s * SECOND_NS


class Change(NamedTuple):
    """One step in the life of a warning, and the message that tells it (nothing is sent to oneself)."""

    event: WarningEvent
    warning: SentWarning
    recipient: str
    message: Warn


class AckOutcome(Enum):
    """What an acknowledgement did; all but the first two are counted under their words."""

    TAKEN = "taken"
    KNOWN = "already known"
    UNKNOWN = "acknowledgement of an unknown warning"
    NOT_THE_RECIPIENT = "acknowledgement by another than the recipient"
    NEVER_SENT = "acknowledgement of a revision never sent"
    NO_STEP = "acknowledgement of an unknown step"
    NO_PERSON = "acknowledgement without a person"


class _Level(NamedTuple):
    """What is known at a tick about one (track, zone)."""

    row: int
    probability: float
    entry_s: float
    inside: bool


_Key = tuple[int, int, str]  # track, zone, member to be warned


class WarnBook:
    """All warnings of one node: those it sends, and in `inbox` those it is given."""

    def __init__(self, member: str, *, mode: str) -> None:
        self.member = member
        self.mode = mode
        self.inbox = Inbox(member, mode=mode)
        self._sent: dict[str, SentWarning] = {}
        self._open: dict[_Key, str] = {}
        self._issued: dict[str, int] = {}
        self._known_ns: dict[_Key, int] = {}
        self._first_seen_ns: dict[int, int] = {}
        self._counts: dict[str, int] = {}

    # ------------------------------------------------------------ what others ask

    def open_warnings(self) -> tuple[SentWarning, ...]:
        """Sent warnings that stand, oldest first."""
        return tuple(self._sent[warning] for warning in self._open.values())

    def sent_warnings(self) -> tuple[SentWarning, ...]:
        """Every sent warning still remembered, oldest first."""
        return tuple(self._sent.values())

    def unacknowledged(self, now_ns: int) -> tuple[SentWarning, ...]:
        """Sent warnings with a message that should have been stored by now and was not."""
        return tuple(record for record in self._sent.values() if record.unacknowledged(now_ns))

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or dropped, sending and receiving, by reason."""
        both = dict(self._counts)
        for reason, count in self.inbox.counts():
            both[reason] = both.get(reason, 0) + count
        return tuple(sorted(both.items()))

    # ------------------------------------------------------------ the tick

    def assess(
        self, tracks: Tracks, threats: Threats, duties: Sequence[Duty], *, now_ns: int
    ) -> list[Change]:
        """Every change of this tick, in order of id; to be called at every tick, also without tracks.

        `threats` come from these `tracks` with the longest horizon of the duties; a duty with a shorter one
        counts a threat only if its most likely entry lies within it.
        """
        self.inbox.tick(now_ns)
        rows = {int(number): row for row, number in enumerate(tracks.number)}
        first_seen_ns = self._first_seen_ns
        self._first_seen_ns = {number: first_seen_ns.get(number, now_ns) for number in rows}
        levels = {
            (int(tracks.number[row]), int(zone)): _Level(int(row), float(p), float(entry_s), bool(inside))
            for row, zone, entry_s, p, inside in zip(*threats[:5], strict=True)
        }
        changes = [
            change
            for warning in list(self._open.values())
            for change in self._follow(self._sent[warning], tracks, rows, levels, duties, now_ns)
        ]
        changes += self._raise_new(tracks, levels, duties, now_ns)
        return changes

    def _follow(
        self,
        record: SentWarning,
        tracks: Tracks,
        rows: Mapping[int, int],
        levels: Mapping[tuple[int, int], _Level],
        duties: Sequence[Duty],
        now_ns: int,
    ) -> list[Change]:
        """What this tick does to an open warning: nothing, or one change."""
        row = rows.get(record.track)
        if row is None:
            row = self._find_again(record, tracks, now_ns)
            if row is not None:
                record = self._retrack(record, int(tracks.number[row]))
        duty = record.duty
        if row is None or duty not in duties:
            return [self._change(record, WarningEvent.EXPIRE, now_ns)] if now_ns >= record.expires_ns else []
        record = _seen(record, tracks, row, now_ns)
        level = levels.get((record.track, duty.zone))
        of_class = int(tracks.track_class[row]) in duty.classes
        if level is None or not of_class or level.entry_s > HORIZON_SHARE * duty.horizon_s:
            level = _Level(row, 0.0, 0.0, False)
        if level.probability < CANCEL_SHARE * duty.probability:
            record = msgspec.structs.replace(record, low_ticks=record.low_ticks + 1)
            self._sent[record.id] = record
            if record.low_ticks >= CANCEL_TICKS:
                low = percent_step(level.probability)
                record = msgspec.structs.replace(record, probability_percent=low)
                return [self._change(record, WarningEvent.CANCEL, now_ns)]
            return [self._change(record, WarningEvent.EXPIRE, now_ns)] if now_ns >= record.expires_ns else []
        fresh = _updated(msgspec.structs.replace(record, low_ticks=0), level, now_ns)
        if not _renewal_due(record, fresh, now_ns):
            self._sent[record.id] = msgspec.structs.replace(
                record, low_ticks=0, entered_ns=fresh.entered_ns, estimate_ns=fresh.estimate_ns
            )
            return []
        return [self._change(fresh, WarningEvent.RENEW, now_ns)]

    def _raise_new(
        self,
        tracks: Tracks,
        levels: Mapping[tuple[int, int], _Level],
        duties: Sequence[Duty],
        now_ns: int,
    ) -> list[Change]:
        """Raise what no open warning covers; what finds no room stays known, so that lateness shows."""
        changes: list[Change] = []
        known_ns: dict[_Key, int] = {}
        for (number, zone), level in levels.items():
            for duty in duties:
                key = (number, zone, duty.to)
                if duty.zone != zone or key in self._open:
                    continue
                if level.probability < duty.probability or level.entry_s > duty.horizon_s:
                    continue
                if int(tracks.track_class[level.row]) not in duty.classes:
                    continue
                since_ns = self._known_ns.get(key, now_ns)
                if self._make_room():
                    changes.append(self._raise(key, duty, tracks, level, since_ns, now_ns))
                elif len(known_ns) < SENT_MAX:
                    known_ns[key] = since_ns
        self._known_ns = known_ns
        return changes

    def _raise(
        self, key: _Key, duty: Duty, tracks: Tracks, level: _Level, known_ns: int, now_ns: int
    ) -> Change:
        count = self._issued.get(duty.to, 0) + 1
        self._issued[duty.to] = count
        record = SentWarning(
            id=f"{self.member}-{duty.to}-{count:04d}",
            duty=duty,
            state=WarningState.NEW,
            revision=0,
            track=key[0],
            track_class=int(tracks.track_class[level.row]),
            known_ns=known_ns,
            raised_ns=now_ns,
            sent_ns=0,
            entry_ns=0,
            estimate_ns=0,
            entered_ns=0,
            expires_ns=0,
            probability_percent=0,
            lat_cell_deg=0.0,
            lon_cell_deg=0.0,
            seen_ns=now_ns,
            lat_rad=0.0,
            lon_rad=0.0,
            east_m_s=0.0,
            north_m_s=0.0,
        )
        self._open[key] = record.id
        record = _updated(_seen(record, tracks, level.row, now_ns), level, now_ns)
        return self._change(record, WarningEvent.RAISE, now_ns)

    def _change(self, record: SentWarning, event: WarningEvent, now_ns: int) -> Change:
        """Apply an event to a warning: next state, next revision, and the message that says so."""
        state = next_state(SENT, record.state, event)
        assert state is not None
        expires_ns = record.expires_ns
        if state in OPEN:
            expires_ns = now_ns + round(record.duty.expires_s * SECOND_NS)
        to_oneself = record.recipient == self.member
        record = msgspec.structs.replace(
            record,
            state=state,
            revision=record.revision + 1,
            sent_ns=now_ns,
            expires_ns=expires_ns,
            unstored_ns=0 if to_oneself else record.unstored_ns or now_ns,
        )
        self._sent[record.id] = record
        if not record.open:
            del self._open[(record.track, record.duty.zone, record.duty.to)]
        return Change(event, record, record.recipient, self._message(record))

    def _message(self, record: SentWarning) -> Warn:
        return Warn(
            warning=record.id,
            revision=record.revision,
            state=record.state.name,
            mode=self.mode,
            clause=record.duty.clause,
            to=record.duty.to,
            zone=record.duty.zone_id,
            track_class=record.track_class,
            lat_cell_deg=record.lat_cell_deg,
            lon_cell_deg=record.lon_cell_deg,
            raised_ns=record.raised_ns,
            entry_ns=record.entry_ns,
            probability_percent=record.probability_percent,
            expires_ns=record.expires_ns,
        )

    def _make_room(self) -> bool:
        """Whether one more warning fits, after forgetting the oldest closed one; open ones stay."""
        if len(self._sent) < SENT_MAX:
            return True
        closed = next((record.id for record in self._sent.values() if not record.open), None)
        if closed is None:
            self._count("warning not raised: WARNINGS_MAX open")
            return False
        del self._sent[closed]
        self._count("closed warning forgotten: WARNINGS_MAX reached")
        return True

    # ------------------------------------------------------------ a track that changes its number

    def _find_again(self, record: SentWarning, tracks: Tracks, now_ns: int) -> int | None:
        """The row of the nearest new track that may be the lost one of this warning."""
        if now_ns - record.seen_ns > RETRACK_NS:
            return None
        best: tuple[float, int] | None = None
        for row, number in enumerate(tracks.number):
            new = self._first_seen_ns[int(number)] > record.seen_ns
            key = (int(number), record.duty.zone, record.duty.to)
            if not new or key in self._open or int(tracks.track_class[row]) not in record.duty.classes:
                continue
            away_m = _away_m(record, float(tracks.lat_rad[row]), float(tracks.lon_rad[row]), now_ns)
            room_m = RETRACK_M + RETRACK_M_S * (now_ns - record.seen_ns) / SECOND_NS
            if away_m <= room_m and (best is None or away_m < best[0]):
                best = (away_m, row)
        return None if best is None else best[1]

    def _retrack(self, record: SentWarning, number: int) -> SentWarning:
        del self._open[(record.track, record.duty.zone, record.duty.to)]
        record = msgspec.structs.replace(record, track=number)
        self._open[(number, record.duty.zone, record.duty.to)] = record.id
        self._sent[record.id] = record
        return record

    # ------------------------------------------------------------ messages and people

    def acked(self, ack: Ack, sender: str) -> AckOutcome:
        """Take an acknowledgement of a sent warning: only from its recipient, each step once."""
        outcome = self._take_ack(ack, sender)
        if outcome not in (AckOutcome.TAKEN, AckOutcome.KNOWN):
            self._count(outcome.value)
        return outcome

    def _take_ack(self, ack: Ack, sender: str) -> AckOutcome:
        record = self._sent.get(ack.warning)
        if record is None:
            return AckOutcome.UNKNOWN
        if sender != record.recipient:
            return AckOutcome.NOT_THE_RECIPIENT
        if not 1 <= ack.revision <= record.revision:
            return AckOutcome.NEVER_SENT
        if ack.step == "acknowledged" and not ack.person:
            return AckOutcome.NO_PERSON
        if ack.step not in ("stored", "shown", "acknowledged"):
            return AckOutcome.NO_STEP
        taken = _acked(record, ack)
        self._sent[record.id] = taken
        return AckOutcome.KNOWN if taken == record else AckOutcome.TAKEN

    def received(self, warn: Warn, sender: str, now_ns: int) -> Receipt:
        """Take a warning from another node; see Inbox.received."""
        return self.inbox.received(warn, sender, now_ns)

    def shown(self, key: str, now_ns: int) -> Ack | None:
        """Note that a received warning is on this member's screen; see Inbox.shown."""
        return self.inbox.shown(key, now_ns)

    def acknowledge(self, key: str, person: str, now_ns: int) -> Ack | None:
        """Note that a person at this member acknowledged a received warning; see Inbox.acknowledge."""
        return self.inbox.acknowledge(key, person, now_ns)

    def _count(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1


def _seen(record: SentWarning, tracks: Tracks, row: int, now_ns: int) -> SentWarning:
    """The record with the track's present position; an unknown velocity counts as none."""
    east_m_s, north_m_s = float(tracks.velocity_east_m_s[row]), float(tracks.velocity_north_m_s[row])
    return msgspec.structs.replace(
        record,
        seen_ns=now_ns,
        lat_rad=float(tracks.lat_rad[row]),
        lon_rad=float(tracks.lon_rad[row]),
        east_m_s=0.0 if math.isnan(east_m_s) else east_m_s,
        north_m_s=0.0 if math.isnan(north_m_s) else north_m_s,
    )


def _updated(record: SentWarning, level: _Level, now_ns: int) -> SentWarning:
    """The record with what it would say now."""
    entered_ns = record.entered_ns or (now_ns if level.inside else 0)
    latest_ns = entered_ns or now_ns + round(level.entry_s * SECOND_NS)
    estimate_ns = latest_ns
    if record.estimate_ns and not entered_ns:
        estimate_ns = record.estimate_ns + round(ENTRY_GAIN * (latest_ns - record.estimate_ns))
    return msgspec.structs.replace(
        record,
        entered_ns=entered_ns,
        estimate_ns=estimate_ns,
        entry_ns=entry_step_ns(estimate_ns),
        probability_percent=percent_step(level.probability),
        lat_cell_deg=cell_deg(record.lat_rad),
        lon_cell_deg=cell_deg(record.lon_rad),
    )


def _renewal_due(record: SentWarning, fresh: SentWarning, now_ns: int) -> bool:
    """Whether the recipient should hear again: time is up, or the entry time moved."""
    since_ns = now_ns - record.sent_ns
    period_s = min(record.duty.renew_s, 0.5 * record.duty.expires_s)
    threshold_ns = max(ENTRY_MOVED_NS, round(ENTRY_MOVED_SHARE * (fresh.entry_ns - now_ns)))
    moved = abs(fresh.entry_ns - record.entry_ns) > threshold_ns
    return since_ns >= period_s * SECOND_NS or (moved and since_ns >= RENEW_NS_MIN)


def _acked(record: SentWarning, ack: Ack) -> SentWarning:
    """The record with this step noted, if it was not; a person's acknowledgement implies the steps before."""
    newest = max(record.stored_revision, ack.revision)
    return msgspec.structs.replace(
        record,
        stored_revision=newest,
        stored_ns=record.stored_ns or ack.time_ns,
        unstored_ns=0 if newest == record.revision else record.unstored_ns,
        shown_ns=record.shown_ns or (ack.time_ns if ack.step != "stored" else 0),
        acknowledged_ns=record.acknowledged_ns or (ack.time_ns if ack.step == "acknowledged" else 0),
        person=record.person or ack.person,
    )


def _away_m(record: SentWarning, lat_rad: float, lon_rad: float, now_ns: int) -> float:
    """Metres between a position and where the lost track should be; flat earth, good for some tens of km."""
    gap_s = (now_ns - record.seen_ns) / SECOND_NS
    turn = math.remainder(lon_rad - record.lon_rad, 2.0 * math.pi)
    east_m = turn * math.cos(lat_rad) * METRES_PER_RADIAN - record.east_m_s * gap_s
    north_m = (lat_rad - record.lat_rad) * METRES_PER_RADIAN - record.north_m_s * gap_s
    return math.hypot(east_m, north_m)
