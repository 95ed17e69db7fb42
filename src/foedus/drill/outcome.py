"""What one run of a drill leaves behind: the truth, every message, and what each member knew and was told.

Frozen, and without a reference to the simulator: whoever judges, measures or reports reads these and the
texts of drill and pact, and nothing else. Times are int64 nanoseconds UTC; 0 where the thing never happened.
"""

from typing import NamedTuple

import msgspec

from foedus.model import F64, I32, I64

NS_PER_MINUTE = 60_000_000_000


# ---------------------------------------------------------------- the truth


class TruthRows(NamedTuple):
    """Where the scripted objects were, one row per object and tick at which it was in the air; shape (n,)."""

    time_ns: I64
    target: I32  # index into Truth.targets
    lat_rad: F64
    lon_rad: F64
    height_m: F64


class TargetTruth(msgspec.Struct, frozen=True, kw_only=True):
    """One scripted object, as only the white cell knows it."""

    id: str
    track_class: int  # TrackClass
    real: bool  # False: false echoes of some sensors, nothing that flies
    event: str  # the event to which it belongs; empty: none
    by: str  # whose it is: a party, a state, or unattributed
    begins_ns: int  # 0: it never appeared
    ends_ns: int
    zone: str  # the first zone that it enters, of the event's victim where there is one; empty: none
    owner: str  # whose zone that is
    arrival_ns: int  # when it enters that zone


class EventTruth(msgspec.Struct, frozen=True, kw_only=True):
    """One event in the words of a situation (foedus.pact.meaning.situation), and who really did it."""

    id: str
    event: str
    attacker: str
    victim: str
    object: str
    track_class: int
    at_ns: int
    attributed_ns: int  # when people could name the attacker; 0: never in this drill


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """All that really happened."""

    start_ns: int
    end_ns: int
    tick_ns: int
    targets: tuple[TargetTruth, ...]
    events: tuple[EventTruth, ...]
    rows: TruthRows


# ---------------------------------------------------------------- what crossed a link


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """One message between two nodes, as a tap on the link has it."""

    sender: str
    recipient: str
    sequence: int
    kind: str  # picture, warn, ack
    sent_ns: int  # posted by the sender's outbox
    arrived_ns: int  # given to the recipient's node; 0: not before the end of the run
    tries: int  # how often it was sent
    body: bytes  # as the recipient's node decodes it


# ---------------------------------------------------------------- what a member knew and was told


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The first tick at which a member's picture made the drill's measure about a scripted object and a zone.

    The picture holds what the member's own sensors saw and what the pact let others give it, so this is
    entitled knowledge. No member's screen or person is needed for it.
    """

    member: str
    target: str
    zone: str
    at_ns: int
    sources: tuple[str, ...]  # parties whose data were behind the track, the member itself among them or not


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """One warning at one member's console, as it stood at the end of the run."""

    member: str  # at whose console
    warning: str  # id at that member
    direction: str  # received, own, sent
    party: str  # from whom, or to whom
    zone: str
    clause: str
    track_class: str
    state: str
    target: str  # the scripted object that it is about; empty: none, so it was false
    raised_ns: int
    stored_ns: int
    shown_ns: int
    acknowledged_ns: int
    entry_ns: int  # as told last
    revision: int


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What one member's release log says in all about one clause and one recipient."""

    sender: str
    recipient: str
    kind: str  # picture, warn, ack
    clause: str  # empty: none speaks, so it was withheld
    form: int  # Form in which rows were released; 0: withheld, or refused
    rows: int
    messages: int  # that the clause decided about
    refused: str  # why the guard let messages not pass; empty: it did
    asked: str  # clause under which a refused warning was to be sent


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A fact recorded at the nodes during the run, and why: casus declared, party left, order revoked."""

    at_ns: int
    what: str
    of: str
    by: str
    says: str
    as_to: tuple[str, ...]
    because: str  # an event's id, or an inject's number


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One inject of the script: when it was played, or why it was not."""

    number: str
    at_ns: int  # 0: it was not
    inject: str
    to: str
    why: str  # played, skipped by the umpire, condition not met, contingency of N, not due


class UmpireAct(msgspec.Struct, frozen=True, kw_only=True):
    """One act of the umpire at run time; the run is a function of drill, pact, seed and these."""

    at_s: float  # seconds of the drill at which it was done
    act: str  # shift, skip, play, pause, resume, freeze, jump, rewind
    inject: str = ""
    by_s: float = 0.0  # of a shift
    to_s: float = 0.0  # of a jump or rewind
    person: str = ""


# ---------------------------------------------------------------- the answer


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one capital had of one event: four instants, and how the first news came."""

    event: str
    member: str
    zone: str
    arrival_ns: int  # first real object of the event in a zone of the member
    known_ns: int  # first entitled knowledge: its picture made the measure, or a warning was on its disk
    known_from: str  # own, picture, warning, or empty
    shown_ns: int  # first warning on its screen, its own node's included
    shown_by: str  # who warned: itself, or a party
    shown_clause: str
    acknowledged_ns: int

    def minutes(self, at_ns: int) -> float | None:
        """Minutes from an instant to arrival, below 0 when it came after; None where it never came."""
        if at_ns == 0 or self.arrival_ns == 0:
            return None
        return (self.arrival_ns - at_ns) / NS_PER_MINUTE

    @property
    def known_min(self) -> float | None:
        """Minutes between first entitled knowledge and arrival."""
        return self.minutes(self.known_ns)

    @property
    def shown_min(self) -> float | None:
        """Minutes between the first warning on a screen and arrival."""
        return self.minutes(self.shown_ns)

    @property
    def acknowledged_min(self) -> float | None:
        """Minutes between the first acknowledgement by a person and arrival."""
        return self.minutes(self.acknowledged_ns)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one drill under one pact with one seed."""

    drill: str
    drill_digest: str  # SHA-256 (hex) of what drill file and script say
    pact: str  # as it was asked for
    pact_version: str
    pact_digest: str  # of the text that the nodes ran
    seed: int
    members: tuple[str, ...]  # in the order of the drill
    outside: tuple[str, ...]  # members that are no party of the pact
    truth: Truth
    sent: tuple[Captured, ...]  # in order of sending
    known: tuple[Known, ...]  # in order of time
    warned: tuple[Warned, ...]  # by member, then as their consoles list them
    told: tuple[Told, ...]
    played: tuple[Played, ...]
    acts: tuple[UmpireAct, ...]
    outcomes: tuple[Outcome, ...]  # by event, then member
    effects: tuple[tuple[str, str], ...]  # (member, digest of all that its node did, in hex)
    counts: tuple[tuple[str, str, int], ...]  # (member, what was dropped and why, how often)
    decided: tuple[Decided, ...] = ()  # by sender, recipient, kind and clause
    journals: tuple[str, ...] = ()  # files, where journals were asked for
    horizon_s: float = 0.0  # of the measure by which `known` was found; 0: not said
    probability: float = 0.0

    def outcome(self, event: str, member: str) -> Outcome | None:
        """The outcome of one event for one member, None where it did not concern that member."""
        return next((one for one in self.outcomes if (one.event, one.member) == (event, member)), None)
