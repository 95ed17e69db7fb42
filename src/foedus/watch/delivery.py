"""What became of a sent warning on its way: when it is repeated, when that is escalated, and the word for it.

Three acknowledgements are three things: `stored` by the recipient's system, `shown` by its screen,
`acknowledged` by a person there. Nothing here ever stands in for one of them. All functions are of a record
and of node time; the book says when it wants to be woken next. Gaps between repeats double, as those of a
QUIC probe do (RFC 9002, section 6.2).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from foedus.model import SECOND_NS
from foedus.watch.sent import SentWarning

REPEAT_NS: Final = 2 * SECOND_NS
"""A message that nobody has stored by then is sent again, by the second way too where there is one. What asks
for it is the rule that nothing is lost in silence: no receipt within 2 s, then the second way."""

REPEATS_MAX: Final = 6
"""Repeats of one message, at 2, 6, 14, 30, 62 and 126 s; a renewal begins anew long before the last."""

SHOWN_NS: Final = 4 * SECOND_NS
"""A warning that no screen has shown by then is `not shown`: the bar of public warning (3GPP TS 22.268:
primary notification within 4 s), and a second less than the 5 s within which the sender is to see it."""


class Escalated(msgspec.Struct, frozen=True, kw_only=True):
    """No person acknowledged a warning, so what the clause says of that is due: an event of the warner's."""

    warning: str
    clause: str
    then: str  # word of the pact: notify_council, head_of_state_line, second_route, notify_parties
    time_ns: int


class Delivery(NamedTuple):
    """Where a warning is on its way: sent, stored, shown, acknowledged, or which of these is overdue."""

    word: str
    since_ns: int


def delivery(record: SentWarning, now_ns: int) -> Delivery:
    """The one word for how far a warning came; to oneself it is stored when it is raised."""
    if record.unstored_ns and now_ns >= record.unstored_ns + REPEAT_NS:
        return Delivery("not stored", record.unstored_ns + REPEAT_NS)
    if record.acknowledged_ns:
        return Delivery("acknowledged", record.acknowledged_ns)
    if record.shown_ns:
        late_ns = _ack_due_ns(record, 1)
        return (
            Delivery("not acknowledged", late_ns) if now_ns >= late_ns else Delivery("shown", record.shown_ns)
        )
    if now_ns >= record.raised_ns + SHOWN_NS:
        return Delivery("not shown", record.raised_ns + SHOWN_NS)
    stored_ns = record.raised_ns if record.recipient not in record.ways else record.stored_ns
    return Delivery("stored", stored_ns) if stored_ns else Delivery("sent", record.raised_ns)


def sent_anew(record: SentWarning, now_ns: int, *, to_oneself: bool) -> SentWarning:
    """The record with its clocks set for a message that says something new."""
    if to_oneself:
        return record
    return msgspec.structs.replace(
        record,
        ways=record.ways or (record.recipient,),
        unstored_ns=record.unstored_ns or now_ns,
        repeats=0,
        repeat_ns=now_ns + REPEAT_NS,
    )


def repeated(record: SentWarning, now_ns: int) -> SentWarning:
    """The record after its newest message was sent once more."""
    repeats = record.repeats + 1
    gap_ns = REPEAT_NS << repeats
    return msgspec.structs.replace(
        record, repeats=repeats, repeat_ns=now_ns + gap_ns if repeats < REPEATS_MAX else 0
    )


def unheard_ns(record: SentWarning) -> int | None:
    """When a person's silence has its next consequence, a repeat or what the clause says; None: never."""
    waits = record.open and record.duty.then and not record.acknowledged_ns and not record.escalated_ns
    return _ack_due_ns(record, record.asked + 1) if waits else None


def deadlines(record: SentWarning) -> Iterator[int]:
    """The instants at which something about this warning comes due, past ones too."""
    if record.repeat_ns:
        yield record.repeat_ns
    if record.unstored_ns:
        yield record.unstored_ns + REPEAT_NS
    if record.open and not record.acknowledged_ns:
        yield _ack_due_ns(record, 1) if record.shown_ns else record.raised_ns + SHOWN_NS
    unheard = unheard_ns(record)
    if unheard is not None:
        yield unheard


def _ack_due_ns(record: SentWarning, times: int) -> int:
    return record.raised_ns + times * round(record.duty.ack_s * SECOND_NS)
