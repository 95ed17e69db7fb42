"""Warnings that a member is given: taken once, shown once, dead after their expiry.

A warning is known by (sender, id). Its newest revision counts: the same again is acknowledged again (the
first acknowledgement may be lost) but not shown again, an older one is ignored. A cancel that overtakes its
warning is kept, so that the warning, when it comes, is not shown.
"""

from enum import Enum
from typing import Final, NamedTuple

import msgspec

from foedus.limits import WARNINGS_MAX
from foedus.watch.states import EVENT_OF, OPEN, RECEIVED, WarningEvent, WarningState, next_state
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


class Inbox:
    """All warnings given to one member."""

    def __init__(self, member: str, *, mode: str) -> None:
        self.member = member
        self.mode = mode
        self._records: dict[str, ReceivedWarning] = {}
        self._counts: dict[str, int] = {}

    def warnings(self) -> tuple[ReceivedWarning, ...]:
        """Every received warning still remembered, in order of arrival."""
        return tuple(self._records.values())

    def open_warnings(self) -> tuple[ReceivedWarning, ...]:
        """Received warnings that stand, in order of arrival."""
        return tuple(record for record in self._records.values() if record.open)

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
        return Receipt(Outcome.NEW, "", record.open, _stored(warn, now_ns), record)

    def _again(self, record: ReceivedWarning, warn: Warn, now_ns: int) -> Receipt:
        if warn.revision < record.warn.revision:
            return Receipt(Outcome.OLDER, "", False, _stored(warn, now_ns), record)
        if warn.revision == record.warn.revision:
            if warn != record.warn:
                return self._refuse("two contents under one revision")
            return Receipt(Outcome.DUPLICATE, "", False, _stored(warn, now_ns), record)
        if (warn.zone, warn.raised_ns) != (record.warn.zone, record.warn.raised_ns):
            return self._refuse("another warning under a known id")
        state = _state_now(record.state, warn, now_ns)
        if state is None:
            return self._refuse(f"{warn.state.lower()} after it was {record.state.value}")
        fresh = msgspec.structs.replace(record, warn=warn, state=state)
        self._records[record.key] = fresh
        return Receipt(Outcome.UPDATED, "", fresh.open or record.open, _stored(warn, now_ns), fresh)

    def shown(self, key: str, now_ns: int) -> Ack | None:
        """The acknowledgement that the warning is on the screen; None at later calls or if unknown."""
        record = self._find(key)
        if record is None or record.shown_ns:
            return None
        self._records[key] = msgspec.structs.replace(record, shown_ns=now_ns)
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
            record = msgspec.structs.replace(
                record, acknowledged_ns=now_ns, person=person, shown_ns=record.shown_ns or now_ns
            )
            self._records[key] = record
        return Ack(
            record.warn.warning, record.warn.revision, "acknowledged", record.acknowledged_ns, record.person
        )

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
        del self._records[closed]
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
    if event in (WarningEvent.RAISE, WarningEvent.RENEW) and now_ns >= warn.expires_ns:
        event = WarningEvent.EXPIRE
    return next_state(RECEIVED, state, event)


def _stored(warn: Warn, now_ns: int) -> Ack:
    return Ack(warn.warning, warn.revision, "stored", now_ns, "")
