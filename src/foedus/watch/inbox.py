"""Warnings that a member is given: taken once, shown once, dead after their expiry.

A warning is known by (sender, id). Its newest revision counts: the same again is acknowledged again (the
first acknowledgement may be lost) but not shown again, an older one is ignored. A cancel that overtakes its
warning is kept, so that the warning, when it comes, is not shown.

Where two ways lead here, a warning may come twice: from its originator, and as a copy from the hub that
names the originator's id. Both are acknowledged, each to its sender, and shown once. Each ends by what comes
its own way: a hub cannot call off what the originator itself has told.
"""

from enum import Enum
from typing import Final, NamedTuple

import msgspec

from foedus.limits import WARNINGS_MAX
from foedus.watch.states import ALIVE, EVENT_OF, OPEN, RECEIVED, WarningEvent, WarningState, next_state
from foedus.watch.tearline import refusal
from foedus.wire import Ack, Warn

INBOX_MAX: Final = WARNINGS_MAX - WARNINGS_MAX // 2


class Outcome(Enum):
    """What became of a received warning message."""

    NEW = "new"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    OLDER = "older revision"
    REFUSED = "refused"


class ReceivedWarning(msgspec.Struct, frozen=True, kw_only=True):
    """One warning as its recipient knows it; times are 0 where the thing has not happened."""

    sender: str  # from whom the message came: the originator, or the hub that relays
    warn: Warn  # newest revision
    state: WarningState
    stored_ns: int
    shown_ns: int = 0
    acknowledged_ns: int = 0
    person: str = ""
    shown_of: int = 0  # revision that was on the screen then
    acknowledged_of: int = 0
    alerted: int = 0  # newest revision that was to be shown

    @property
    def key(self) -> str:
        """Unique at this member, whatever ids its partners choose."""
        return f"{self.sender}/{self.warn.warning}"

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.state in OPEN


class Receipt(NamedTuple):
    """What to do about a received message."""

    outcome: Outcome
    reason: str  # of a refusal
    show: bool  # at most once per revision; never for what was over before it came
    ack: Ack | None  # `stored`, to be sent to the sender once the input is on disk
    warning: ReceivedWarning | None
    caught_up: tuple[Ack, ...] = ()  # what was done about the other copy before this one came


class Inbox:
    """All warnings given to one member."""

    def __init__(self, member: str, *, mode: str) -> None:
        self.member = member
        self.mode = mode
        self._records: dict[str, ReceivedWarning] = {}
        self._copies: dict[str, list[str]] = {}  # originator's id -> keys
        self._counts: dict[str, int] = {}

    def warnings(self) -> tuple[ReceivedWarning, ...]:
        """Every received warning still remembered, in order of arrival."""
        return tuple(self._records.values())

    def open_warnings(self) -> tuple[ReceivedWarning, ...]:
        """Received warnings that stand, in order of arrival."""
        return tuple(record for record in self._records.values() if record.open)

    def to_show(self) -> tuple[ReceivedWarning, ...]:
        """As `warnings`, without what another copy of the same warning says already.

        The originator's own copy goes before the hub's, unless it has merely run out and the hub's stands.
        """
        return tuple(record for record in self._records.values() if not self._is_hidden(record))

    def _is_hidden(self, record: ReceivedWarning) -> bool:
        other = self.other_copy(record) if record.warn.same else None
        return other is not None and not (record.open and other.state is WarningState.EXPIRED)

    def other_copy(self, record: ReceivedWarning) -> ReceivedWarning | None:
        """The same warning as it came the other way; None where it came one way only.

        One of the two must come from its originator, who puts its name before its ids; and they must agree.
        """
        for key in self._copies.get(record.warn.same or record.warn.warning, ()):
            other = self._records[key]
            if bool(other.warn.same) == bool(record.warn.same) or other.sender == record.sender:
                continue
            own = other if record.warn.same else record
            named = own.warn.warning.startswith(f"{own.sender}-{self.member}-")
            if named and _gist(record.warn) == _gist(other.warn):
                return other
        return None

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything refused or dropped."""
        return tuple(sorted(self._counts.items()))

    def tick(self, now_ns: int) -> None:
        """End what has run out: expiry needs no message."""
        for key, record in self._records.items():
            if record.open and now_ns >= record.warn.expires_ns:
                self._records[key] = msgspec.structs.replace(record, state=WarningState.EXPIRED)

    def received(self, warn: Warn, sender: str, now_ns: int) -> Receipt:
        """Take one message; what cannot be taken is refused, counted and not acknowledged."""
        reason = refusal(warn, mode=self.mode, now_ns=now_ns)
        if not reason and warn.to != self.member:
            reason = "addressed to another member"
        if reason:
            return self._refuse(reason)
        record = self._records.get(f"{sender}/{warn.warning}")
        return self._first(warn, sender, now_ns) if record is None else self._again(record, warn, now_ns)

    def _first(self, warn: Warn, sender: str, now_ns: int) -> Receipt:
        if not self._make_room():
            return self._refuse("inbox full: WARNINGS_MAX open")
        state = _state_now(WarningState.NEW, warn, now_ns)
        assert state is not None
        record = ReceivedWarning(sender=sender, warn=warn, state=state, stored_ns=now_ns)
        self._records[record.key] = record
        self._copies.setdefault(warn.same or warn.warning, []).append(record.key)
        return self._taken(Outcome.NEW, record, now_ns, of_interest=record.open)

    def _again(self, record: ReceivedWarning, warn: Warn, now_ns: int) -> Receipt:
        if warn.revision < record.warn.revision:
            return Receipt(Outcome.OLDER, "", False, _stored(warn, now_ns), record)
        if warn.revision == record.warn.revision:
            if warn != record.warn:
                return self._refuse("two contents under one revision")
            return Receipt(Outcome.DUPLICATE, "", False, _stored(warn, now_ns), record, _done(record))
        if (*_gist(warn), warn.same) != (*_gist(record.warn), record.warn.same):
            return self._refuse("another warning under a known id")
        state = _state_now(record.state, warn, now_ns)
        if state is None:
            return self._refuse(f"{warn.state.lower()} after it was {record.state.value}")
        fresh = msgspec.structs.replace(record, warn=warn, state=state)
        self._records[record.key] = fresh
        return self._taken(Outcome.UPDATED, fresh, now_ns, of_interest=fresh.open or record.open)

    def _taken(self, outcome: Outcome, record: ReceivedWarning, now_ns: int, *, of_interest: bool) -> Receipt:
        """The receipt of what was kept; shown unless its other copy has said as much already."""
        other = self.other_copy(record)
        show = of_interest and (other is None or other.alerted < record.warn.revision)
        if show:
            record = msgspec.structs.replace(record, alerted=record.warn.revision)
        fresh = record if other is None else _caught_up(record, other)
        self._records[record.key] = fresh
        told = tuple(ack for ack in _done(fresh) if ack not in _done(record))
        return Receipt(outcome, "", show, _stored(record.warn, now_ns), fresh, told)

    def shown(self, key: str, now_ns: int) -> Ack | None:
        """The acknowledgement that the warning is on the screen; None at later calls or if unknown."""
        record = self._find(key)
        if record is None or record.shown_ns:
            return None
        self._records[key] = msgspec.structs.replace(record, shown_ns=now_ns, shown_of=record.warn.revision)
        return Ack(record.warn.warning, record.warn.revision, "shown", now_ns, "")

    def acknowledge(self, key: str, person: str, now_ns: int) -> Ack | None:
        """The acknowledgement by a person; again gives the first one again, None if unknown or nobody."""
        record = self._find(key)
        if record is None:
            return None
        if not person:
            self._count("acknowledgement without a person")
            return None
        if not record.acknowledged_ns:
            newest = record.warn.revision
            record = msgspec.structs.replace(
                record,
                acknowledged_ns=now_ns,
                acknowledged_of=newest,
                person=person,
                shown_ns=record.shown_ns or now_ns,
                shown_of=record.shown_of or newest,
            )
            self._records[key] = record
        return _done(record)[-1]

    def find(self, key: str) -> ReceivedWarning | None:
        """The warning known by this key; None if there is none."""
        return self._records.get(key)

    def _find(self, key: str) -> ReceivedWarning | None:
        record = self._records.get(key)
        if record is None:
            self._count("act on an unknown warning")
        return record

    def _make_room(self) -> bool:
        if len(self._records) < INBOX_MAX:
            return True
        closed = next((key for key, record in self._records.items() if not record.open), None)
        if closed is None:
            return False
        gone = self._records.pop(closed)
        origin = gone.warn.same or gone.warn.warning
        self._copies[origin].remove(closed)
        if not self._copies[origin]:
            del self._copies[origin]
        self._count("closed warning forgotten: WARNINGS_MAX reached")
        return True

    def _refuse(self, reason: str) -> Receipt:
        self._count(f"warning refused: {reason}")
        return Receipt(Outcome.REFUSED, reason, False, None, None)

    def _count(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1


def _state_now(state: WarningState, warn: Warn, now_ns: int) -> WarningState | None:
    """The state after this message, which is over at once if it comes after its own expiry."""
    event = EVENT_OF[warn.state]
    if event in ALIVE and now_ns >= warn.expires_ns:
        event = WarningEvent.EXPIRE
    return next_state(RECEIVED, state, event)


def _stored(warn: Warn, now_ns: int) -> Ack:
    return Ack(warn.warning, warn.revision, "stored", now_ns, "")


def _gist(warn: Warn) -> tuple[str, int, int]:
    """What stays the same in the life of a warning, by whichever way it comes."""
    return warn.zone, warn.raised_ns, warn.track_class


def _caught_up(record: ReceivedWarning, other: ReceivedWarning) -> ReceivedWarning:
    """The record with what screen and person have done about its other copy."""
    newest = record.warn.revision
    if other.shown_ns and not record.shown_ns:
        record = msgspec.structs.replace(
            record, shown_ns=other.shown_ns, shown_of=min(other.shown_of, newest)
        )
    if other.acknowledged_ns and not record.acknowledged_ns:
        record = msgspec.structs.replace(
            record,
            acknowledged_ns=other.acknowledged_ns,
            acknowledged_of=min(other.acknowledged_of, newest),
            person=other.person,
        )
    return record


def _done(record: ReceivedWarning) -> tuple[Ack, ...]:
    """What screen and person have done about a warning: told again, since it may have been lost."""
    name = record.warn.warning
    shown = Ack(name, record.shown_of, "shown", record.shown_ns, "")
    acknowledged = Ack(name, record.acknowledged_of, "acknowledged", record.acknowledged_ns, record.person)
    return (shown,) * bool(record.shown_ns) + (acknowledged,) * bool(record.acknowledged_ns)
