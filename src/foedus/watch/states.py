"""The life of a warning, as two tables: {state: {event: next state}}. Every transition lives here.

SENT is the life at the member that warns: each event is one message, so nothing may be skipped. RECEIVED is
the life at the member warned, where messages may be lost or late: any event may come first, and a renewal or
downgrade revives what merely ran out (the link was down), but never what was cancelled. A warning that is
downgraded stands as before, is renewed as downgraded, and RENEW brings it back.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class WarningState(Enum):
    """Where a warning stands; the names of all but NEW are what wire.Warn.state carries."""

    NEW = "new"  # nothing said yet
    RAISED = "raised"
    RENEWED = "renewed"
    DOWNGRADED = "downgraded"  # still stands, but is less likely or no longer corroborated
    CANCELLED = "cancelled"  # the sender saw the threat turn away, or the track identified
    EXPIRED = "expired"  # nothing more was heard; says nothing about the threat


class WarningEvent(Enum):
    """What happens to a warning."""

    RAISE = "raise"
    RENEW = "renew"
    DOWNGRADE = "downgrade"
    CANCEL = "cancel"
    EXPIRE = "expire"


Transitions = Mapping[WarningState, Mapping[WarningEvent, WarningState]]

_LIVE: Final = {
    WarningEvent.RENEW: WarningState.RENEWED,
    WarningEvent.DOWNGRADE: WarningState.DOWNGRADED,
    WarningEvent.CANCEL: WarningState.CANCELLED,
    WarningEvent.EXPIRE: WarningState.EXPIRED,
}

SENT: Final[Transitions] = {
    WarningState.NEW: {WarningEvent.RAISE: WarningState.RAISED},
    WarningState.RAISED: _LIVE,
    WarningState.RENEWED: _LIVE,
    WarningState.DOWNGRADED: _LIVE,
    WarningState.CANCELLED: {},
    WarningState.EXPIRED: {},
}

RECEIVED: Final[Transitions] = {
    WarningState.NEW: {WarningEvent.RAISE: WarningState.RAISED, **_LIVE},
    WarningState.RAISED: _LIVE,
    WarningState.RENEWED: _LIVE,
    WarningState.DOWNGRADED: _LIVE,
    WarningState.CANCELLED: {},
    WarningState.EXPIRED: _LIVE,
}

EVENT_OF: Final[Mapping[str, WarningEvent]] = {
    "RAISED": WarningEvent.RAISE,
    "RENEWED": WarningEvent.RENEW,
    "DOWNGRADED": WarningEvent.DOWNGRADE,
    "CANCELLED": WarningEvent.CANCEL,
    "EXPIRED": WarningEvent.EXPIRE,
}
"""The event that a message announces, by the state that it carries."""

OPEN: Final = (WarningState.RAISED, WarningState.RENEWED, WarningState.DOWNGRADED)

OVER: Final = (WarningState.CANCELLED, WarningState.EXPIRED)

ALIVE: Final = (WarningEvent.RAISE, WarningEvent.RENEW, WarningEvent.DOWNGRADE)
"""Events after which a warning stands; they count for nothing after its expiry."""


def next_state(table: Transitions, state: WarningState, event: WarningEvent) -> WarningState | None:
    """The state after the event, None where the table knows no such transition."""
    return table[state].get(event)
