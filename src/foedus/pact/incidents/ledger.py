"""The obligation ledger: what was opened, met, breached by the clock and contested, in the order it came.

A ledger is a list of entries that only grows; where every obligation stands is worked out from it, by the
table REACTIONS and the life cycle of obligation.py. An entry that changes no stage is kept all the same. A
breach that has been recorded stays: evidence that contradicts it, like evidence against a fulfilment, makes
it contested, and both stand.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal, NamedTuple, NoReturn

import msgspec

from foedus.errors import InputError, LimitError
from foedus.limits import LEDGER_OBLIGATIONS_MAX
from foedus.pact.clauses import Sentence
from foedus.pact.meaning.obligation import LIFE, Stage, Turn
from foedus.pact.words import RemedyWord, Truth

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
EvidenceWord = Literal["message", "acknowledgement", "statement"]


class RemedyTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remedy of the pact, as an obligation carries it along: what its violation opens."""

    clause: str
    on: tuple[str, ...]
    then: RemedyWord
    by: tuple[str, ...]
    to: tuple[str, ...]
    binding: str
    within_s: float | None


class Obligation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One duty of one debtor, as it was opened.

    due: between which instants the deadline lies; None: no deadline is known. every_s: it comes again so long
    after it was done, or after it was due. because: what it arose from. placeholders: bounds that nobody has
    stated and on which its deadline rests.
    """

    id: str
    pact: str
    version: str
    clause: str
    kind: str
    debtor: str
    creditors: tuple[str, ...]
    says: str
    binding: str
    owed: Literal["yes", "undetermined"]
    arose: datetime
    because: str
    due: tuple[datetime, datetime] | None = None
    every_s: float | None = None
    remedies: tuple[RemedyTerms, ...] = ()
    placeholders: tuple[str, ...] = ()


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="entry"):
    at: datetime
    """When it was recorded."""


class Opened(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="opened"):
    """An obligation was opened, by a person or by a node from its own journal."""

    obligation: Obligation


class Evidence(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="evidence"):
    """Something that shows that the debtor did it, between these two instants, or that it did not."""

    id: str
    form: EvidenceWord
    by: str
    sha256: Digest
    done: tuple[datetime, datetime] | None = None
    """None: it shows that it was not done."""
    says: Sentence = "none"


class Contested(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="contested"):
    """Somebody disputes where the obligation stands."""

    id: str
    by: str
    says: Sentence


class Turned(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="turned"):
    """It was settled whether it is owed, or it was suspended, resumed or ended."""

    id: str
    to: Literal["owed", "not_owed", "suspended", "resumed", "ended"]
    by: str
    says: Sentence = "none"


class Noted(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="noted"):
    """Something that is about it and changes no stage: a warning sent again, by which way; an escalation."""

    id: str
    by: str
    says: Sentence


class Clock(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="clock"):
    """The clock was read: what was due before and has no evidence is breached."""


Entry = Opened | Evidence | Contested | Turned | Noted | Clock


class Event(StrEnum):
    """What an entry means to one obligation."""

    DONE_IN_TIME = "done_in_time"
    DONE_PERHAPS = "done_perhaps"  # whether in time is not settled
    DONE_LATE = "done_late"
    NOT_DONE = "not_done"
    DEADLINE = "deadline"
    OWED = "owed"
    NOT_OWED = "not_owed"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    ENDED = "ended"
    CONTESTED = "contested"


REACTIONS: Final[dict[Stage, dict[Event, Turn]]] = {
    Stage.CREATED: {Event.OWED: Turn.TRIGGERED, Event.NOT_OWED: Turn.DENIED},
    Stage.IN_EFFECT: {
        Event.DONE_IN_TIME: Turn.PERFORMED,
        Event.DONE_LATE: Turn.OVERDUE,
        Event.DEADLINE: Turn.OVERDUE,
        Event.SUSPENDED: Turn.SUSPENDED,
        Event.ENDED: Turn.ENDED,
    },
    Stage.SUSPENDED: {Event.RESUMED: Turn.RESUMED, Event.ENDED: Turn.ENDED},
    Stage.FULFILLED: {},
    Stage.VIOLATED: {},
    Stage.EXPIRED: {},
    Stage.NOT_OWED: {},
}
"""What turns an obligation. Whatever stands in no row changes no stage, and is kept."""

DISPUTES: Final[dict[Stage, tuple[Event, ...]]] = {
    Stage.IN_EFFECT: (Event.NOT_OWED,),
    Stage.SUSPENDED: (Event.NOT_OWED,),
    Stage.FULFILLED: (Event.NOT_DONE, Event.NOT_OWED),
    Stage.VIOLATED: (Event.DONE_IN_TIME, Event.DONE_PERHAPS, Event.NOT_OWED),
    Stage.EXPIRED: (Event.OWED,),
    Stage.NOT_OWED: (Event.OWED,),
}
"""What contradicts a stage. It does not turn it: it makes it contested."""


FOLLOWS: Final = re.compile(r"\+|\.p[0-9]+$")
"""What the ids of obligations have that others open: a remedy, `one+M1.HH`; the next period, `one.p2`."""


class Position(NamedTuple):
    """What a line of the ledger says: one side of a dispute, or a note."""

    line: int
    says: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Where one obligation stands, and every line of the ledger that is about it."""

    obligation: Obligation
    stage: Stage
    turns: tuple[Turn, ...]
    due: tuple[datetime, datetime] | None
    overdue: Truth
    ended: datetime | None
    """When it was fulfilled, breached, expired or found not to be owed."""
    contested: tuple[Position, ...]
    notes: tuple[Position, ...]
    lines: tuple[int, ...]
    opened_by: str
    """The obligation whose violation or period opened this one; empty: it was opened by an entry."""


def standings(entries: Sequence[Entry], *, now: datetime | None = None) -> tuple[Held, ...]:
    """Where every obligation stands after the entries, in the order in which they were opened.

    now: as if the clock were read then; without it only what is recorded counts.
    """
    book = _Book()
    for line, entry in enumerate(entries, start=1):
        book.take(line, entry)
    if now is not None:
        book.read_clock(now, line=0)
    return tuple(one.held(now) for one in book.kept.values())


class _Kept:
    """One obligation while the entries are read."""

    def __init__(self, obligation: Obligation, line: int, opened_by: str) -> None:
        self.obligation = obligation
        self.stage = Stage.CREATED
        self.turns: list[Turn] = []
        self.due = obligation.due
        self.ended: datetime | None = None
        self.suspended: datetime | None = None
        self.evidence: list[tuple[int, Evidence]] = []
        self.contested: list[Position] = []
        self.notes: list[Position] = []
        self.lines = [line] if line else []
        self.opened_by = opened_by
        if obligation.owed == "yes":
            self.turn(Turn.TRIGGERED, obligation.arose)

    def turn(self, turn: Turn, at: datetime) -> None:
        self.stage = LIFE[self.stage][turn]
        self.turns.append(turn)
        if turn == Turn.SUSPENDED:
            self.suspended = at
        if turn == Turn.RESUMED and self.due is not None and self.suspended is not None:
            stood_still = at - self.suspended
            self.due = (self.due[0] + stood_still, self.due[1] + stood_still)
        if not LIFE[self.stage]:
            self.ended = at

    def react(self, event: Event, line: int, says: str, at: datetime) -> bool:
        """Whether the event turned it."""
        turn = REACTIONS[self.stage].get(event)
        if turn is not None:
            self.turn(turn, at)
            return True
        disputes = event == Event.CONTESTED or event in DISPUTES.get(self.stage, ())
        if disputes and line not in [position.line for position in self.contested]:
            self.contested.append(Position(line, says))
        return False

    def timing(self, done: tuple[datetime, datetime]) -> Event:
        if self.due is not None and done[0] > self.due[1]:
            return Event.DONE_LATE
        perhaps_before = self.obligation.every_s is not None and done[0] < self.obligation.arose
        if perhaps_before or (self.due is not None and done[1] > self.due[0]):
            return Event.DONE_PERHAPS
        return Event.DONE_IN_TIME

    def belongs_before(self, done: tuple[datetime, datetime]) -> bool:
        """Whether the deed was of an earlier period: what comes again is done anew each time."""
        if self.obligation.every_s is None:
            return False
        arose = self.obligation.arose
        return done[1] < arose or (bool(self.opened_by) and done[1] <= arose)

    def overdue(self, now: datetime | None) -> Truth:
        if self.stage == Stage.VIOLATED:
            return Truth.YES
        if self.stage != Stage.IN_EFFECT or self.due is None or now is None or now <= self.due[0]:
            return Truth.NO
        return Truth.UNDETERMINED

    def held(self, now: datetime | None) -> Held:
        return Held(
            obligation=self.obligation,
            stage=self.stage,
            turns=tuple(self.turns),
            due=self.due,
            overdue=self.overdue(now),
            ended=self.ended,
            contested=tuple(self.contested),
            notes=tuple(self.notes),
            lines=tuple(self.lines),
            opened_by=self.opened_by,
        )


class _Book:
    """All obligations while the entries are read, in the order in which they were opened."""

    def __init__(self) -> None:
        self.kept: dict[str, _Kept] = {}
        self.last: datetime | None = None

    def take(self, line: int, entry: Entry) -> None:
        """Read one more entry."""
        _check_zones(line, entry)
        if self.last is not None and entry.at < self.last:
            _fail(line, entry.at.isoformat(), f"a time not before {self.last.isoformat()}")
        self.last = entry.at
        match entry:
            case Opened():
                _check_bounds(line, entry.obligation.due)
                if FOLLOWS.search(entry.obligation.id):
                    expected = "an id without '+' and '.p' with a number at its end: those name what follows"
                    _fail(line, repr(entry.obligation.id), expected)
                self._open(entry.obligation, line, "")
            case Clock():
                self.read_clock(entry.at, line)
            case Evidence():
                self._evidence(line, entry, self._find(line, entry.id))
            case Contested():
                kept = self._find(line, entry.id)
                kept.react(Event.CONTESTED, line, f"{entry.by}: {entry.says}", entry.at)
            case Turned():
                self._turned(line, entry, self._find(line, entry.id))
            case Noted():
                self._find(line, entry.id).notes.append(Position(line, f"{entry.by}: {entry.says}"))

    def _open(self, obligation: Obligation, line: int, opened_by: str) -> None:
        if len(self.kept) >= LEDGER_OBLIGATIONS_MAX:
            raise LimitError(
                name="LEDGER_OBLIGATIONS_MAX", limit=LEDGER_OBLIGATIONS_MAX, asked=len(self.kept) + 1
            )
        if obligation.id in self.kept:
            _fail(line, f"{obligation.id} again", "an id of its own")
        self.kept[obligation.id] = _Kept(obligation, 0 if opened_by else line, opened_by)

    def _find(self, line: int, id_: str) -> _Kept:
        if id_ not in self.kept:
            _fail(line, repr(id_), "the id of an obligation that was opened")
        self.kept[id_].lines.append(line)
        return self.kept[id_]

    def _evidence(self, line: int, entry: Evidence, kept: _Kept) -> None:
        done = entry.done
        _check_bounds(line, done)
        if done is not None and done[1] > entry.at:
            expected = f"one not after its record, {entry.at.isoformat()}"
            _fail(line, f"a deed by {done[1].isoformat()}", expected)
        if done is not None and kept.belongs_before(done):
            arose = kept.obligation.arose.isoformat()
            _fail(line, f"a deed by {done[1].isoformat()}", f"one of the period that began at {arose}")
        kept.evidence.append((line, entry))
        self._weigh(line, entry, kept)

    def _weigh(self, line: int, entry: Evidence, kept: _Kept) -> None:
        if entry.done is None:
            kept.react(Event.NOT_DONE, line, f"{entry.by}: it was not done", entry.at)
            return
        event = kept.timing(entry.done)
        said = {
            Event.DONE_IN_TIME: "it was done in time",
            Event.DONE_PERHAPS: "it was done, perhaps in time",
            Event.DONE_LATE: "it was done late",
        }[event]
        late = event == Event.DONE_LATE and kept.due is not None
        at = kept.due[1] if late and kept.due is not None else entry.done[1]
        if kept.react(event, line, f"{entry.by}: {said}", at):
            self._follow(kept, line)
            self._weigh_again(kept)

    def _weigh_again(self, kept: _Kept) -> None:
        """Let all that was shown before count toward the stage in which it is now."""
        for line, evidence in list(kept.evidence):
            self._weigh(line, evidence, kept)

    def _turned(self, line: int, entry: Turned, kept: _Kept) -> None:
        if entry.to in ("suspended", "ended") and _has_passed(kept, entry.at):
            self._breach(kept, line)  # it was overdue before: that nobody had read the clock undoes no breach
        turned = kept.react(Event(entry.to), line, f"{entry.by}: {entry.to}", entry.at)
        if turned and kept.stage == Stage.IN_EFFECT:
            self._weigh_again(kept)

    def read_clock(self, at: datetime, line: int) -> None:
        """Breach whatever is certainly overdue by then, and what that opens, in turn."""
        waiting = list(self.kept)
        while waiting:
            kept = self.kept[waiting.pop(0)]
            if not _has_passed(kept, at):
                continue
            if line:
                kept.lines.append(line)
            before = len(self.kept)
            self._breach(kept, line)
            waiting += list(self.kept)[before:]

    def _breach(self, kept: _Kept, line: int) -> None:
        """Breach one that is certainly overdue, as of its deadline."""
        assert kept.due is not None
        kept.react(Event.DEADLINE, line, "the deadline passed", kept.due[1])
        self._follow(kept, line)

    def _follow(self, kept: _Kept, line: int) -> None:
        """Open what comes next: the next period, and what a violation opens."""
        assert kept.stage in (Stage.FULFILLED, Stage.VIOLATED)
        for obligation in (*_next_period(kept), *_remedies(kept)):
            self._open(obligation, line, kept.obligation.id)


def _has_passed(kept: _Kept, at: datetime) -> bool:
    """Whether the deadline has certainly passed, with nothing that shows it was perhaps met."""
    if kept.stage != Stage.IN_EFFECT or kept.due is None or at <= kept.due[1]:
        return False
    done = [one.done for _, one in kept.evidence if one.done is not None]
    return all(kept.timing(one) == Event.DONE_LATE for one in done)


def _next_period(kept: _Kept) -> Iterable[Obligation]:
    one = kept.obligation
    if one.every_s is None or kept.ended is None:
        return ()
    base, _, number = one.id.rpartition(".p")
    name = f"{base}.p{int(number) + 1}" if base and number.isdigit() else f"{one.id}.p2"
    due = kept.ended + timedelta(seconds=one.every_s)
    return (msgspec.structs.replace(one, id=name, arose=kept.ended, due=(due, due), owed="yes"),)


def _remedies(kept: _Kept) -> Iterable[Obligation]:
    """What a violation opens; no remedy opens itself again."""
    one = kept.obligation
    if kept.stage != Stage.VIOLATED or kept.ended is None:
        return
    for remedy in one.remedies:
        if one.clause not in remedy.on or f"+{remedy.clause}." in one.id:
            continue
        due = None if remedy.within_s is None else kept.ended + timedelta(seconds=remedy.within_s)
        for debtor in remedy.by:
            if all(name == debtor for name in remedy.to):
                continue  # nobody is left to whom it could be owed
            yield Obligation(
                id=f"{one.id}+{remedy.clause}.{debtor}",
                pact=one.pact,
                version=one.version,
                clause=remedy.clause,
                kind=remedy.then,
                debtor=debtor,
                creditors=tuple(name for name in remedy.to if name != debtor),
                says=f"remedy for the violation of {one.clause}",
                binding=remedy.binding,
                owed="yes",
                arose=kept.ended,
                because=f"{one.id} was violated",
                due=None if due is None else (due, due),
                remedies=one.remedies,
                placeholders=one.placeholders,
            )


def _check_bounds(line: int, bounds: tuple[datetime, datetime] | None) -> None:
    if bounds is not None and bounds[0] > bounds[1]:
        _fail(line, f"{bounds[0].isoformat()}, then {bounds[1].isoformat()}", "[lo, hi]")


def _check_zones(line: int, entry: Entry) -> None:
    """Nothing; InputError for a time without an offset, which no other can be compared with."""
    times = [entry.at]
    if isinstance(entry, Opened):
        times += [entry.obligation.arose, *(entry.obligation.due or ())]
    if isinstance(entry, Evidence):
        times += entry.done or ()
    for time in times:
        if time.tzinfo is None:
            _fail(line, time.isoformat(), "an offset from UTC at its end, such as 2018-08-01T00:00:00Z")


def _fail(line: int, found: str, expected: str) -> NoReturn:
    raise InputError(where=f"line {line} of the ledger", found=found, expected=expected)
