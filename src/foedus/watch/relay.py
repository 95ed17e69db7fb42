"""The hub's part in a warning between two members that may meet only through it.

The hub gives the warning an id of its own, numbered per recipient, and names its own clause, so that nothing
in what leaves tells from whom it came; acknowledgements go back under the originator's id. Who stores, shows
and acknowledges is the member warned: the hub never acknowledges on behalf of another.

What the originator sends again, because nobody has stored it, is passed on again. A copy for a member whom
the originator also tells directly keeps the originator's id beside the hub's: there it tells nothing that
the member is not told anyway.
"""

from typing import Final, NamedTuple

import msgspec

from foedus.limits import WARNINGS_MAX
from foedus.model import SECOND_NS
from foedus.watch.states import ALIVE, EVENT_OF, OPEN, OVER, RECEIVED, WarningState, next_state
from foedus.watch.tearline import refusal
from foedus.wire import Ack, Warn

AGAIN_NS: Final = SECOND_NS
"""The same message passes again after this; sooner it is the link that repeats, and not the originator."""


class Relayed(NamedTuple):
    """A message to pass on, or why there is none."""

    recipient: str
    message: Warn | None
    reason: str


class _Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One warning that passes through."""

    id: str  # the hub's
    sender: str
    warning: str  # the originator's id
    to: str
    newest: Warn  # as received
    state: WarningState
    clause: str  # the hub's own duty to that member
    passed_ns: int  # newest message


class WarnRelay:
    """All warnings that pass through one hub."""

    def __init__(self, member: str, *, mode: str) -> None:
        self.member = member
        self.mode = mode
        self._passages: dict[str, _Passage] = {}  # by the hub's id
        self._ids: dict[tuple[str, str], str] = {}  # (sender, originator's id) -> the hub's id
        self._issued: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def counts(self) -> tuple[tuple[str, int], ...]:
        """(reason, how often) for everything not passed on."""
        return tuple(sorted(self._counts.items()))

    def standing(self, to: str, now_ns: int) -> tuple[Warn, ...]:
        """What was passed on to a member and still stands, newest message of each, under the hub's ids."""
        return tuple(
            msgspec.structs.replace(passage.newest, warning=passage.id)
            for passage in self._passages.values()
            if passage.to == to and passage.state in OPEN and now_ns < passage.newest.expires_ns
        )

    def knows(self, warning: str) -> bool:
        """Whether this is an id that the hub gave."""
        return warning in self._passages

    def clause_of(self, warn: Warn, sender: str) -> str:
        """The clause under which an earlier message of this warning was passed on; empty if none was."""
        known = self._ids.get((sender, warn.warning))
        return "" if known is None else self._passages[known].clause

    def relay(
        self, warn: Warn, sender: str, now_ns: int, *, clause: str, meet_directly: bool = False
    ) -> Relayed:
        """The message for the member warned; `clause` is the hub's own duty to that member.

        meet_directly: sender and member warned may meet without the hub, so a copy may say whose it is.
        """
        reason = self._fault(warn, sender, now_ns, meet_directly=meet_directly)
        if reason:
            return self._refuse(reason)
        event = EVENT_OF[warn.state]
        known = self._ids.get((sender, warn.warning))
        passage = self._open(warn, sender, now_ns, clause) if known is None else self._passages[known]
        if passage is None:
            return self._refuse("relay full: WARNINGS_MAX open")
        if known is not None and warn == passage.newest and now_ns >= passage.passed_ns + AGAIN_NS:
            return self._pass(passage, now_ns)
        state = next_state(RECEIVED, passage.state, event)
        if known is not None and warn.revision <= passage.newest.revision:
            reason = "duplicate or older revision"
        elif _gist(warn) != _gist(passage.newest):
            reason = "another warning under a known id"
        elif state is None:
            reason = f"{warn.state.lower()} after it was {passage.state.value}"
        if reason or state is None:
            return self._refuse(reason)
        return self._pass(msgspec.structs.replace(passage, newest=warn, state=state, clause=clause), now_ns)

    def _fault(self, warn: Warn, sender: str, now_ns: int, *, meet_directly: bool) -> str:
        """Why this message is not passed on whatever came before it; empty if it may be."""
        reason = refusal(warn, mode=self.mode, now_ns=now_ns)
        if reason:
            return reason
        if warn.to in (self.member, sender):
            return "nobody to pass it on to"
        if warn.same and (warn.same != warn.warning or not meet_directly):
            return "an originator's id where none may be told"
        if EVENT_OF[warn.state] in ALIVE and now_ns >= warn.expires_ns:
            return "expired before it was passed on"
        return ""

    def _pass(self, passage: _Passage, now_ns: int) -> Relayed:
        passage = msgspec.structs.replace(passage, passed_ns=now_ns)
        self._passages[passage.id] = passage
        message = msgspec.structs.replace(passage.newest, warning=passage.id, clause=passage.clause)
        return Relayed(passage.to, message, "")

    def ack(self, ack: Ack, sender: str) -> tuple[str, Ack] | None:
        """(originator, acknowledgement under its id); None unless the member warned sent it."""
        passage = self._passages.get(ack.warning)
        if passage is None or sender != passage.to:
            self._count("acknowledgement of an unknown warning" if passage is None else
                        "acknowledgement by another than the recipient")  # fmt: skip
            return None
        return passage.sender, msgspec.structs.replace(ack, warning=passage.warning)

    def _open(self, warn: Warn, sender: str, now_ns: int, clause: str) -> _Passage | None:
        if len(self._passages) >= WARNINGS_MAX and not self._forget_oldest_closed(now_ns):
            return None
        count = self._issued.get(warn.to, 0) + 1
        self._issued[warn.to] = count
        passage = _Passage(
            id=f"{self.member}-{warn.to}-R{count:04d}",
            sender=sender,
            warning=warn.warning,
            to=warn.to,
            newest=warn,
            state=WarningState.NEW,
            clause=clause,
            passed_ns=now_ns,
        )
        self._passages[passage.id] = passage
        self._ids[(sender, warn.warning)] = passage.id
        return passage

    def _forget_oldest_closed(self, now_ns: int) -> bool:
        for passage in self._passages.values():
            if passage.state in OVER or now_ns >= passage.newest.expires_ns:
                del self._ids[(passage.sender, passage.warning)]
                del self._passages[passage.id]
                self._count("closed warning forgotten: WARNINGS_MAX reached")
                return True
        return False

    def _refuse(self, reason: str) -> Relayed:
        self._count(f"warning not passed on: {reason}")
        return Relayed("", None, reason)

    def _count(self, reason: str) -> None:
        self._counts[reason] = self._counts.get(reason, 0) + 1


def _gist(warn: Warn) -> tuple[str, str, int]:
    """What stays the same in the life of a warning."""
    return warn.to, warn.zone, warn.raised_ns
