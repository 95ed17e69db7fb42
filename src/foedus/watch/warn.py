"""Warnings that a member owes: raised, renewed, downgraded, cancelled, expired, and what came back of each.

One warning per (track, zone, member to be warned). It is raised at the first tick at which the probability
reaches the duty's threshold, short, and its detail follows at the next; the thresholds of what comes after
stand in sent.py, its delivery in delivery.py. A track that vanishes cancels nothing: silence is not safety.
Its warning is no longer renewed, continues with a new track that appears where the old one should be, and
otherwise expires. The same where a duty ends: nothing more is told of the track but that it is over.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

import msgspec

from foedus.limits import ESCALATIONS_KEPT_MAX, WARNINGS_MAX
from foedus.model import SECOND_NS, Tracks
from foedus.watch.delivery import Escalated, deadlines, repeated, sent_anew, unheard_ns
from foedus.watch.inbox import Inbox, Receipt
from foedus.watch.sent import (
    CALLED_PERCENT,
    CANCEL_SHARE,
    CANCEL_TICKS,
    Duty,
    Grounds,
    Level,
    SentWarning,
    due_event,
    message_of,
    seen,
    updated,
    weighed,
)
from foedus.watch.states import OPEN, SENT, WarningEvent, WarningState, next_state
from foedus.watch.tearline import ended, entry_step_ns
from foedus.watch.threat import Threats
from foedus.wire import Ack, Called, Warn

SENT_MAX: Final = WARNINGS_MAX // 2
"""Half of WARNINGS_MAX: a partner that floods the inbox cannot keep a member from warning."""

HORIZON_SHARE: Final = 1.4
"""An open warning holds while entry lies within this many horizons of its duty: what hovers about the horizon
is told once."""

RETRACK_NS: Final = 60 * SECOND_NS
RETRACK_M: Final = 3_000.0
RETRACK_M_S: Final = 50.0
"""A new track continues a lost one within 3 km + 50 m/s of where it should be: a moderate turn meanwhile."""

METRES_PER_RADIAN: Final = 6_371_008.8


class Letter(NamedTuple):
    """One message to be sent."""

    warning: str  # its id at this member
    recipient: str
    message: Warn


class Change(NamedTuple):
    """One step in the life of a warning, and the message that tells it (nothing is sent to oneself)."""

    event: WarningEvent
    warning: SentWarning
    recipient: str
    message: Warn

    @property
    def letters(self) -> tuple[Letter, ...]:
        """What is to be sent: the message, by every way that this warning has taken."""
        return letters_of(self.warning)


class AckOutcome(Enum):
    """What an acknowledgement did; all but the first two are counted under their words."""

    TAKEN = "taken"
    KNOWN = "already known"
    UNKNOWN = "acknowledgement of an unknown warning"
    NOT_THE_RECIPIENT = "acknowledgement by another than the recipient"
    NEVER_SENT = "acknowledgement of a revision never sent"
    NO_STEP = "acknowledgement of an unknown step"
    NO_PERSON = "acknowledgement without a person"


Covered = Callable[[Duty, Tracks, int], bool]
"""Whether the member to be warned knows already, by another warning, of a row of the tracks."""


class _Key(NamedTuple):
    """What there is one warning of at a time."""

    source: str  # of the tracks; numbers are unique within one
    track: int
    zone: int
    to: str  # the member to be warned


def _key(duty: Duty, track: int) -> _Key:
    return _Key(duty.source, track, duty.zone, duty.to)


def _nothing_covers(duty: Duty, tracks: Tracks, row: int) -> bool:
    return False


class WarnBook:
    """All warnings of one node: those it sends, and in `inbox` those it is given."""

    def __init__(self, member: str, *, mode: str) -> None:
        self.member = member
        self.mode = mode
        self.inbox = Inbox(member, mode=mode)
        self._sent: dict[str, SentWarning] = {}
        self._open: dict[_Key, str] = {}
        self._issued: dict[str, int] = {}
        self._known_ns: dict[str, dict[_Key, int]] = {}  # by source
        self._first_seen_ns: dict[str, dict[int, int]] = {}  # by source and track
        self._overruled: dict[_Key, int] = {}  # what a person cancelled -> ticks for which it has been low
        self._escalations: list[Escalated] = []
        self._called = 0
        self._handled_ns = 0  # newest tick or beat
        self._next_ns: int | None = 0  # earliest deadline after that; 0: to be found out
        self._counts: dict[str, int] = {}

    # ------------------------------------------------------------ what others ask

    def open_warnings(self) -> tuple[SentWarning, ...]:
        """Sent warnings that stand, oldest first."""
        return tuple(self._sent[warning] for warning in self._open.values())

    def sources(self) -> tuple[str, ...]:
        """The sources of warnings that stand, in the order in which each came first."""
        return tuple(dict.fromkeys(key.source for key in self._open))

    def standing(self, to: str, *, but: str) -> tuple[Warn, ...]:
        """What stands of warnings of a member that rest on another source than that one, as told last."""
        return tuple(
            record.said
            for record in self.open_warnings()
            if record.said is not None and record.duty.to == to and record.duty.source != but
        )

    def sent_warnings(self) -> tuple[SentWarning, ...]:
        """Every sent warning still remembered, oldest first."""
        return tuple(self._sent.values())

    def escalations(self) -> tuple[Escalated, ...]:
        """What no person acknowledged, and what the clause says of that, oldest first."""
        return tuple(self._escalations)

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or dropped, sending and receiving, by reason."""
        both = dict(self._counts)
        for reason, count in self.inbox.counts():
            both[reason] = both.get(reason, 0) + count
        return tuple(sorted(both.items()))

    # ------------------------------------------------------------ the tick

    def assess(
        self,
        tracks: Tracks,
        threats: Threats,
        duties: Sequence[Duty],
        *,
        now_ns: int,
        grounds: Sequence[Grounds] = (),
        source: str = "",
        covered: Covered = _nothing_covers,
    ) -> list[Change]:
        """Every change of this tick, in order of id; to be called at every tick, also without tracks.

        `threats` come from these `tracks` with the longest horizon of the duties; a duty with a shorter one
        counts a threat only if its most likely entry lies within it. `grounds`: one for each row of
        `threats`; without them a warning is unconfirmed and has no detail. `source`: of these tracks and
        duties; warnings under duties of another source are not touched. `covered`: of what it says so, no
        warning is raised.
        """
        self.inbox.tick(now_ns)
        rows = {int(number): row for row, number in enumerate(tracks.number)}
        seen_ns = self._first_seen_ns.get(source, {})
        self._first_seen_ns[source] = {number: seen_ns.get(number, now_ns) for number in rows}
        levels = _levels(tracks, threats, grounds)
        changes = [
            change
            for key, warning in list(self._open.items())
            if key.source == source
            for change in self._follow(self._sent[warning], tracks, rows, levels, duties, now_ns)
        ]
        self._heed_overruled(levels, duties, source)
        changes += self._raise_new(tracks, levels, duties, now_ns, source, covered)
        return changes

    def _follow(
        self,
        record: SentWarning,
        tracks: Tracks,
        rows: Mapping[int, int],
        levels: Mapping[tuple[int, int], Level],
        duties: Sequence[Duty],
        now_ns: int,
    ) -> list[Change]:
        """What this tick does to an open warning: nothing, or one change."""
        row = rows.get(record.track)
        if row is None and not record.called:
            row = self._find_again(record, tracks, now_ns)
            if row is not None:
                record = self._retrack(record, int(tracks.number[row]))
        if row is None:
            return self._expire(record, now_ns)
        duty = record.duty
        level = levels.get((record.track, duty.zone))
        of_class = int(tracks.track_class[row]) in duty.classes
        if level is None or not of_class or level.entry_s > HORIZON_SHARE * duty.horizon_s:
            level = Level(row, 0.0, 0.0, False)
        record = weighed(seen(record, tracks, row, now_ns), level)
        if record.low_ticks >= CANCEL_TICKS:
            return [self._change(record, WarningEvent.CANCEL, now_ns)]
        if record.low_ticks or duty not in duties:  # of a duty that has ended nothing but the end is told
            return self._expire(record, now_ns)
        fresh = updated(record, level, now_ns)
        event = due_event(record, fresh, level, now_ns)
        if event is None:
            self._put(
                msgspec.structs.replace(record, entered_ns=fresh.entered_ns, estimate_ns=fresh.estimate_ns)
            )
            return []
        return [self._change(fresh, event, now_ns)]

    def _expire(self, record: SentWarning, now_ns: int) -> list[Change]:
        """The end of a warning that nothing renews, once it has come."""
        if now_ns >= record.expires_ns:
            return [self._change(record, WarningEvent.EXPIRE, now_ns)]
        self._put(record)
        return []

    def _heed_overruled(
        self, levels: Mapping[tuple[int, int], Level], duties: Sequence[Duty], source: str
    ) -> None:
        """Forget what a person cancelled once it has been low for as long as a cancel takes, or is gone."""
        kept: dict[_Key, int] = {}
        for key, ticks in self._overruled.items():
            if key.source != source:
                kept[key] = ticks
                continue
            level = levels.get((key.track, key.zone))
            threshold = min(
                (one.probability for one in duties if (one.zone, one.to) == (key.zone, key.to)), default=0.0
            )
            low = level is None or level.probability < CANCEL_SHARE * threshold
            if key.track in self._first_seen_ns[source] and ticks + low < CANCEL_TICKS:
                kept[key] = ticks + 1 if low else 0
        self._overruled = kept

    def _raise_new(
        self,
        tracks: Tracks,
        levels: Mapping[tuple[int, int], Level],
        duties: Sequence[Duty],
        now_ns: int,
        source: str,
        covered: Covered,
    ) -> list[Change]:
        """Raise what no open warning covers; what finds no room stays known, so that lateness shows."""
        changes: list[Change] = []
        known_ns: dict[_Key, int] = {}
        before_ns = self._known_ns.get(source, {})
        for (number, zone), level in levels.items():
            for duty in duties:
                key = _key(duty, number)
                if duty.zone != zone or key in self._open or key in self._overruled:
                    continue
                if level.probability < duty.probability or level.entry_s > duty.horizon_s:
                    continue
                if int(tracks.track_class[level.row]) not in duty.classes:
                    continue
                if covered(duty, tracks, level.row):
                    continue
                since_ns = before_ns.get(key, now_ns)
                if self._make_room():
                    changes.append(self._raise(key, duty, tracks, level, since_ns, now_ns))
                elif len(known_ns) < SENT_MAX:
                    known_ns[key] = since_ns
        self._known_ns[source] = known_ns
        return changes

    def _raise(
        self, key: _Key, duty: Duty, tracks: Tracks, level: Level, known_ns: int, now_ns: int
    ) -> Change:
        record = SentWarning(
            id=self._new_id(duty.to),
            duty=duty,
            track=key.track,
            track_class=int(tracks.track_class[level.row]),
            known_ns=known_ns,
            raised_ns=now_ns,
            seen_ns=now_ns,
        )
        self._open[key] = record.id
        record = updated(weighed(seen(record, tracks, level.row, now_ns), level), level, now_ns)
        return self._change(record, WarningEvent.RAISE, now_ns)

    def _new_id(self, to: str) -> str:
        count = self._issued.get(to, 0) + 1
        self._issued[to] = count
        return f"{self.member}-{to}-{count:04d}"

    def _change(self, record: SentWarning, event: WarningEvent, now_ns: int) -> Change:
        """Apply an event to a warning: next state, and the message that says so.

        With every message the one that would call it off is made; a cancel is that message, as it was kept.
        """
        state = next_state(SENT, record.state, event)
        assert state is not None
        record = msgspec.structs.replace(record, state=state, revision=record.revision + 1, sent_ns=now_ns)
        if state in OPEN:
            expires_ns = now_ns + round(record.duty.expires_s * SECOND_NS)
            record = msgspec.structs.replace(record, expires_ns=expires_ns)
            said = message_of(record, self.mode)
            cancel = ended(said, WarningState.CANCELLED.name)
            record = msgspec.structs.replace(record, said=said, cancel=cancel)
        else:
            assert record.cancel is not None
            said = msgspec.structs.replace(record.cancel, state=state.name)
            percent = said.probability_percent
            record = msgspec.structs.replace(record, said=said, detail=None, probability_percent=percent)
            del self._open[_key(record.duty, record.track)]
        record = sent_anew(record, now_ns, to_oneself=record.recipient == self.member)
        self._put(record)
        return Change(event, record, record.recipient, said)

    def _put(self, record: SentWarning) -> None:
        self._sent[record.id] = record
        self._next_ns = 0

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

    # ------------------------------------------------------------ what people call and cancel

    def call(self, called: Called, duty: Duty, now_ns: int) -> Change | None:
        """Raise what two persons ask for under this duty; None, and counted, where no room is left.

        Nothing renews it: it stands until it expires or a person cancels it.
        """
        if not self._make_room():
            return None
        self._called += 1
        record = SentWarning(
            id=self._new_id(duty.to),
            duty=duty,
            track=-self._called,
            track_class=called.track_class,
            known_ns=now_ns,
            raised_ns=now_ns,
            seen_ns=now_ns,
            entry_ns=entry_step_ns(called.entry_ns),
            probability_percent=CALLED_PERCENT,
            lat_cell_deg=called.lat_cell_deg,
            lon_cell_deg=called.lon_cell_deg,
            basis="person",
        )
        self._open[_key(duty, record.track)] = record.id
        return self._change(record, WarningEvent.RAISE, now_ns)

    def cancel(self, warning: str, person: str, now_ns: int) -> Change | None:
        """Call off a warning, whoever or whatever raised it; None, and counted, where none such stands.

        The program does not raise it again for the same track, zone and member until the threat has fallen.
        """
        record = self._sent.get(warning)
        if record is None or not record.open or not person:
            self._count("cancel by a person of no warning that stands" if person else "cancel by nobody")
            return None
        if not record.called:
            self._overruled[_key(record.duty, record.track)] = 0
        record = msgspec.structs.replace(record, cancelled_by=person)
        return self._change(record, WarningEvent.CANCEL, now_ns)

    # ------------------------------------------------------------ delivery

    def beat(self, now_ns: int, second_way: Callable[[SentWarning], str] = lambda record: "") -> list[Letter]:
        """What is to be sent once more at this tick or beat, and by which way; escalations are noted.

        second_way: the hub through which a warning may go as well; empty where there is none. A way once
        taken is kept, so that every later message and the end go there too.
        """
        self._handled_ns = now_ns
        letters: list[Letter] = []
        for warning in tuple(self._sent):
            unheard = self._is_unheard(warning, now_ns)
            if unheard and self._sent[warning].asked >= self._sent[warning].duty.retry:
                self._escalate(warning, now_ns)
                unheard = False
            record = self._sent[warning]
            if unheard or (record.repeat_ns and now_ns >= record.repeat_ns):
                letters += self._repeat(record, now_ns, second_way, unheard=unheard)
        self._next_ns = 0
        return letters

    def _is_unheard(self, warning: str, now_ns: int) -> bool:
        """Whether a person's answer is overdue now."""
        heard_ns = unheard_ns(self._sent[warning])
        return heard_ns is not None and now_ns >= heard_ns

    def _escalate(self, warning: str, now_ns: int) -> None:
        """Note that no person acknowledged, and what the clause says of that."""
        record = self._sent[warning]
        duty = record.duty
        event = Escalated(warning=warning, clause=duty.clause, then=duty.then, time_ns=now_ns)
        self._escalations.append(event)
        del self._escalations[:-ESCALATIONS_KEPT_MAX]
        self._put(msgspec.structs.replace(record, escalated_ns=now_ns))

    def _repeat(
        self,
        record: SentWarning,
        now_ns: int,
        second_way: Callable[[SentWarning], str],
        *,
        unheard: bool,
    ) -> tuple[Letter, ...]:
        """The newest message once more, by the second way too where there is one."""
        other = second_way(record) if record.open else ""
        if other and other not in record.ways:
            record = msgspec.structs.replace(record, ways=(*record.ways, other))
        if unheard:
            record = msgspec.structs.replace(record, asked=record.asked + 1)
        if record.repeat_ns and now_ns >= record.repeat_ns:
            record = repeated(record, now_ns)
        self._put(record)
        return letters_of(record)

    def held_back(self, warning: str, recipient: str) -> None:
        """Note that the guard let a message of this warning not leave: it is not sent there again."""
        record = self._sent.get(warning)
        self._count("warning held back by the guard")
        if record is None:
            return
        if recipient == record.recipient:
            self._put(msgspec.structs.replace(record, repeat_ns=0))
        else:
            self._put(msgspec.structs.replace(record, ways=(record.recipient,)))

    def next_due_ns(self) -> int | None:
        """When this book wants its next beat; None where nothing is due. Ticks count as beats."""
        if self._next_ns == 0:
            ahead = (
                due_ns
                for record in self._sent.values()
                for due_ns in deadlines(record)
                if due_ns > self._handled_ns
            )
            self._next_ns = min(ahead, default=None)
        return self._next_ns

    # ------------------------------------------------------------ a track that changes its number

    def _find_again(self, record: SentWarning, tracks: Tracks, now_ns: int) -> int | None:
        """The row of the nearest new track that may be the lost one of this warning."""
        if now_ns - record.seen_ns > RETRACK_NS:
            return None
        best: tuple[float, int] | None = None
        for row, number in enumerate(tracks.number):
            new = self._first_seen_ns[record.duty.source][int(number)] > record.seen_ns
            key = _key(record.duty, int(number))
            if not new or key in self._open or int(tracks.track_class[row]) not in record.duty.classes:
                continue
            away_m = _away_m(record, float(tracks.lat_rad[row]), float(tracks.lon_rad[row]), now_ns)
            room_m = RETRACK_M + RETRACK_M_S * (now_ns - record.seen_ns) / SECOND_NS
            if away_m <= room_m and (best is None or away_m < best[0]):
                best = (away_m, row)
        return None if best is None else best[1]

    def _retrack(self, record: SentWarning, number: int) -> SentWarning:
        del self._open[_key(record.duty, record.track)]
        record = msgspec.structs.replace(record, track=number)
        self._open[_key(record.duty, number)] = record.id
        self._put(record)
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
        if sender not in (record.ways or (record.recipient,)):
            return AckOutcome.NOT_THE_RECIPIENT
        if not 1 <= ack.revision <= record.revision:
            return AckOutcome.NEVER_SENT
        if ack.step == "acknowledged" and not ack.person:
            return AckOutcome.NO_PERSON
        if ack.step not in ("stored", "shown", "acknowledged"):
            return AckOutcome.NO_STEP
        taken = _acked(record, ack)
        self._put(taken)
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


def letters_of(record: SentWarning) -> tuple[Letter, ...]:
    """The newest message, for every way that the warning has taken; nothing to oneself.

    A copy by the second way carries the originator's id, so that its recipient shows both as one.
    """
    assert record.said is not None
    copy = msgspec.structs.replace(record.said, same=record.id)
    return tuple(
        Letter(record.id, way, record.said if way == record.recipient else copy) for way in record.ways
    )


def _levels(tracks: Tracks, threats: Threats, grounds: Sequence[Grounds]) -> dict[tuple[int, int], Level]:
    """The levels of this tick by (track, zone), in the order of the threats."""
    assert len(grounds) in (0, len(threats.row))
    columns = (threats.row, threats.zone, threats.probability, threats.entry_s, threats.inside)
    return {
        (int(tracks.number[row]), zone): Level(row, p, entry_s, inside, grounds[i] if grounds else None)
        for i, (row, zone, p, entry_s, inside) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    }


def _acked(record: SentWarning, ack: Ack) -> SentWarning:
    """The record with this step noted, if it was not; a person's acknowledgement implies the steps before."""
    newest = max(record.stored_revision, ack.revision)
    return msgspec.structs.replace(
        record,
        stored_revision=newest,
        stored_ns=record.stored_ns or ack.time_ns,
        unstored_ns=0 if newest == record.revision else record.unstored_ns,
        repeat_ns=0 if newest == record.revision else record.repeat_ns,
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
