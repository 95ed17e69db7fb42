"""What a member's console may show: the picture, its provenance, warnings, links, feeds, the pact's stand."""

from typing import NamedTuple

import msgspec
import numpy as np

from foedus.model import I8, I16, Bool, Form, Tracks, take
from foedus.watch.delivery import Escalated
from foedus.wire import Detail


class ReasonView(msgspec.Struct, frozen=True):
    """Why something is a threat, as watch.reasons lists it."""

    word: str
    value: float  # in the unit of the word; NaN (JSON: null) where it has none or a partner did not tell


class WarningView(msgspec.Struct, frozen=True, kw_only=True):
    """One warning as a member's console shows it."""

    id: str  # unique at this member
    direction: str  # received, sent, own
    party: str  # from whom (received), to whom (sent), itself (own)
    zone: str
    clause: str
    state: str  # raised, renewed, downgraded, cancelled, expired
    revision: int
    track_class: str
    lat_cell_deg: float
    lon_cell_deg: float
    raised_ns: int
    entry_ns: int
    probability_percent: int
    expires_ns: int
    track: int  # number in this member's picture; 0 unknown (a tearline does not tell)
    stored_ns: int = 0  # on the recipient's disk; 0 not yet
    shown_ns: int = 0  # on the recipient's screen
    acknowledged_ns: int = 0  # by a person
    person: str = ""
    reasons: tuple[ReasonView, ...] = ()  # as of the newest tick; of a received one, as it was told
    basis: str = "unconfirmed"  # as in wire.Warn
    detail: Detail | None = None  # as in wire.Warn
    delivery: str = ""  # of one sent: sent, stored, shown, acknowledged, or not stored, not shown, ...
    delivery_since_ns: int = 0
    cancelled_by: str = ""  # the person who called it off


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A warning that a person asks for, and what became of it."""

    id: str
    zone: str
    track_class: str
    lat_cell_deg: float
    lon_cell_deg: float
    entry_ns: int
    by: str
    says: str
    seconded_by: str  # empty: nobody yet
    state: str  # waiting, sent, refused, withdrawn, lapsed
    reason: str  # why it was refused, who withdrew it
    until_ns: int  # until when it waits for its second
    warnings: tuple[str, ...]  # ids of what was sent


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """What passes between this member and another party."""

    party: str
    via: str  # empty where direct
    newest_ns: int  # time of the newest picture from there; 0 none yet
    received_rows: int
    released_rows: int
    withheld: tuple[tuple[str, int], ...]  # (clause, rows); clause empty for default deny
    warnings_sent: int
    warnings_received: int


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """One feed of this member."""

    feed: str
    newest_ns: int  # time of the newest plot; 0 none yet
    plots: int
    refused: tuple[tuple[str, int], ...]  # (reason, records)


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """One source behind a track of the picture."""

    origin: str  # sensor id of this member, or party
    kind: str  # sensor, report
    form: str  # of a report: alert, region, coarse, track
    clause: str  # of a report: the clause by which this member has it
    time_ns: int


class ReleaseView(msgspec.Struct, frozen=True, kw_only=True):
    """What one party is given of a track, and by which clause."""

    party: str
    form: str
    clause: str


class DeclaredView(msgspec.Struct, frozen=True, kw_only=True):
    """What an authority of this member has declared a track to be, or has taken back."""

    identity: str  # a word of Identity; empty: nothing said
    track_class: str  # a word of TrackClass; empty: nothing said
    person: str
    says: str  # on what grounds
    time_ns: int
    ended_ns: int  # when it was taken back or its track was lost; 0 it stands, or a later one replaced it


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a track of the picture comes from, and who else is given what of it."""

    number: int
    contributions: tuple[Contribution, ...]
    releases: tuple[ReleaseView, ...]
    identity: str = "pending"  # this member's own word, by declaration only
    declared_class: str = ""  # empty: the tracker's class holds
    declared: tuple[DeclaredView, ...] = ()  # oldest first; by whom, when, on what grounds


class CasusView(msgspec.Struct, frozen=True, kw_only=True):
    """A casus of the pact and the newest declaration on it."""

    id: str
    stand: str  # met, over, undetermined; empty: nobody has declared anything
    since_ns: int  # of the newest declaration; 0 none
    by: str  # who declared it
    may_declare: bool  # whether the text lets this member determine it
    scopes: tuple[str, ...]  # ids of the clauses that hold only while it is met


class SuspensionView(msgspec.Struct, frozen=True, kw_only=True):
    """A clause that is suspended now."""

    clause: str
    by: str  # the clause that suspends it; the clause itself where a recorded fact does
    why: str
    pairs: tuple[tuple[str, str], ...]  # between these only; none: between everybody


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded fact."""

    what: str
    of: str
    at_ns: int
    by: str
    says: str
    as_to: tuple[str, ...]
    person: str  # who recorded it; empty: the network file


class PactView(msgspec.Struct, frozen=True, kw_only=True):
    """How the pact stands for this member since its newest tick."""

    in_force: str  # yes, no, undetermined
    grounds: tuple[tuple[str, str], ...]  # (term, what was found there) where it is no plain yes
    roster: tuple[str, ...]  # who is a party today
    casus: tuple[CasusView, ...]
    suspended: tuple[SuspensionView, ...]
    facts: tuple[FactView, ...]  # oldest first
    unattributed: tuple[str, ...] = ()
    """Clauses on warnings of certain attackers only, none of whom is named yet: undetermined, not applied."""


class View(NamedTuple):
    """Everything that a member's gateway may show after a tick."""

    time_ns: int
    picture: Tracks  # `sources` is a bit set over the parties in the order of the pact
    warnings: tuple[WarningView, ...]
    links: tuple[LinkView, ...]
    feeds: tuple[FeedView, ...]
    pact: PactView | None = None  # None before the first tick
    calls: tuple[CallView, ...] = ()  # oldest first
    escalations: tuple[Escalated, ...] = ()  # what no person acknowledged, oldest first
    identity: I8 | None = None  # (n,) Identity of each row of the picture; None: nobody declared anything


class Labels(NamedTuple):
    """To whom each track of a member's picture may go on, by the pact; every array has shape (n, parties).

    The parties stand in the order of the pact; the member itself may have everything.
    """

    form: I8  # the highest Form in which the row may go on to the party, Form.NONE: not at all
    clause: I16  # index into the clauses of the pact, by which it may; -1 where it may not, or needs none

    def releasable(self, minimum: Form = Form.TRACK) -> Bool:
        """Whether each party may have each row at least in that form, shape (n, parties)."""
        return np.asarray(self.form >= minimum)

    def where(self, rows: Bool) -> "Labels":
        """The labels of the rows of a mask."""
        return Labels(self.form[rows], self.clause[rows])


class Outgoing(NamedTuple):
    """What a member may hand to other systems of its own after a tick; nothing of any other member's view."""

    member: str
    mode: str  # LIVE, EXERCISE or RECORDING
    pact: str  # id and version
    parties: tuple[str, ...]  # in the order of the pact
    clauses: tuple[str, ...]  # Labels.clause points here
    time_ns: int
    tracks: Tracks
    identity: I8  # (n,) Identity, what an authority of the member declared
    one_sensor: Bool  # (n,) whether a single sensor of the member stands behind the row
    labels: Labels
    warnings: tuple[WarningView, ...]

    def where(self, rows: Bool) -> "Outgoing":
        """With the rows of a mask only."""
        return self._replace(
            tracks=take(self.tracks, rows),
            identity=self.identity[rows],
            one_sensor=self.one_sensor[rows],
            labels=self.labels.where(rows),
        )

    def releasable_to(self, parties: tuple[str, ...]) -> "Outgoing":
        """What all of these parties may have: tracks by their label, warnings to or from them."""
        columns = [self.parties.index(party) for party in parties]
        rows = np.asarray(self.labels.releasable()[:, columns].all(axis=1))
        known = tuple(
            one for one in self.warnings if all(party in (one.party, self.member) for party in parties)
        )
        return self.where(rows)._replace(warnings=known)

    def markings(self) -> list["Marking"]:
        """For each track to whom it may go on as it stands, and by which clauses."""
        may, clause = self.labels.releasable(), np.where(self.labels.releasable(), self.labels.clause, -1)
        known: dict[tuple[bytes, bytes], Marking] = {}  # there are few kinds of label
        found = []
        for row in range(len(may)):
            key = may[row].tobytes(), clause[row].tobytes()
            if key not in known:
                known[key] = self._marking(may[row], clause[row])
            found.append(known[key])
        return found

    def _marking(self, may: Bool, clause: I16) -> "Marking":
        others = sorted(one for one, yes in zip(self.parties, may, strict=True) if yes and one != self.member)
        used = np.unique(clause[clause >= 0]).tolist()
        return Marking((self.member, *others), tuple(sorted(self.clauses[index] for index in used)))


class Marking(NamedTuple):
    """A label in words."""

    parties: tuple[str, ...]  # as REL TO markings have it: the owner, then the alphabet
    clauses: tuple[str, ...]  # by which they may have it
