"""The one place that knows the order: decode, track, release, watch, oblige, fuse.

A node is a pure function of its journal: `Node.step(batch)` reads no clock, draws no number at random and
does no input or output; what it would do comes back as effects. Tracking, releasing and watching happen on
ticks only, so that send times tell nothing. Releases come from trackers fed with nothing but what their
recipients may have (release before fusion); warnings come from the node's full knowledge, cut down to a
tearline. The picture is fused anew whenever own tracks or a partner's rows changed.
"""

import hashlib
from typing import Final

import numpy as np

from foedus.errors import WireError
from foedus.facts import FactBook
from foedus.intake import Intake
from foedus.knowledge import HubKnowledge, own_knowledge
from foedus.labels import Contributed, from_partner, label
from foedus.limits import REFUSALS_KEPT_MAX
from foedus.model import I8, I64, Bool, Form, Identity, TrackClass, Tracks, take
from foedus.network import Network
from foedus.outflow import Outflow
from foedus.own_watch import text_outside, watched_zones
from foedus.pact.clauses import Route
from foedus.pact.force import Edition, edition
from foedus.pact.reading.text import Pact
from foedus.pact.tables.compile import PactTables, compile_edition, route_between
from foedus.pact.tables.dates import next_change_ns
from foedus.partners import Partner
from foedus.releases import HubReleases, MemberReleases, Releases
from foedus.standing import stand_of
from foedus.track import Fuser, Tracker, TrackerCounts
from foedus.trust import SealCheck, TrustRoot
from foedus.view import (
    Contribution,
    DeclaredView,
    Labels,
    LinkView,
    Outgoing,
    PactView,
    Provenance,
    ReleaseView,
    View,
    WarningView,
)
from foedus.watch.delivery import Escalated
from foedus.watch.identity import NOTHING, Declaration, IdentityBook
from foedus.watchkeeping import SENSORS, Watchkeeping
from foedus.wire import (
    Ack,
    Act,
    Batch,
    Beat,
    Called,
    Declared,
    Feed,
    Happened,
    Picture,
    Received,
    Send,
    Tick,
    Warn,
    decode_message,
)

OTHERWISE: Final = ("", "more reasons than REFUSALS_KEPT_MAX")


class Node:
    """One member's node under one pact. `member` is its id in both documents.

    A member that the pact does not name runs alone: it has its sensors, its picture and its own warnings.

    root: by whose keys messages must be sealed. None only where nothing crosses a wire; SetupError in LIVE.
    """

    def __init__(self, network: Network, pact: Pact, member: str, *, root: TrustRoot | None = None) -> None:
        self.member = member
        self.mode = network.mode
        self.root = root
        self._seals = SealCheck(network, member, root)
        self._began_ns = 0  # time of the first batch
        self.outside = all(party.id != member for party in pact.party)
        pact = text_outside(pact, member) if self.outside else pact
        self.parties = tuple(party.id for party in pact.party)
        self.zones = watched_zones(network, pact, member)
        self.time_ns = 0
        self.view_changed = False  # by the newest step
        self.arrived: list[tuple[str, I64]] = []  # (sender, times of the rows) of the newest step
        self.refused: dict[tuple[str, str], int] = {}  # (party, reason) -> messages
        self.pact = pact
        self._me = self.parties.index(member)
        self._intake = Intake(network, member)
        self._tracker = Tracker(self._intake.sensors)
        self._picture = Tracks.empty()
        self._tracked = Tracks.empty()  # as the tracker says
        self._own = Tracks.empty()  # the same by the classes that were declared
        self._identities = IdentityBook()
        self._present = tuple(entry.id for entry in network.member)
        self._partners = {
            party: Partner(party, parties=len(self.parties))
            for party in self.parties
            if party != member and party in self._present
        }
        self._via = {party: _via(pact, member, party) for party in self._partners}
        self._facts = FactBook(pact)
        self._stand: PactView | None = None
        self._review_ns: int | None = 0  # when what the text says may change next; None: never again
        self._tables = compile_edition(pact, self._edition(0), member=member)
        self._fuser = Fuser(self._tables.via)
        self._stale = False  # whether something came since the picture was fused
        self._outflows = {party: Outflow(party) for party in self.parties if party != member}
        self._releases = self._new_releases()
        self._hub_knowledge = HubKnowledge(self._tables)
        self._watch = Watchkeeping(network, pact, member, sensors=self._intake.sensors)

    def step(self, batch: Batch) -> list[Send]:
        """Take one batch; what comes back is to be checked by the guard, logged, and then sent."""
        assert batch.time_ns >= self.time_ns
        self.time_ns = batch.time_ns
        self._began_ns = self._began_ns or batch.time_ns
        self.arrived = []
        self.view_changed = False
        sends: list[Send] = []
        for item in batch.inputs:  # first, so that the tick of this very batch goes by them
            if isinstance(item, Happened) and not self.outside and self._facts.record(item):
                self._review_ns = 0
        for item in batch.inputs:
            if isinstance(item, Happened):
                continue
            if isinstance(item, Feed):
                self._intake.feed(item, self.time_ns)
            elif isinstance(item, Received):
                sends += self._receive(item)
            elif isinstance(item, Declared):
                self._declare(item)
            elif isinstance(item, Act):
                sends += self._watch.act(item, self._tables, self.time_ns)
                self.view_changed = self._stale = True
            elif isinstance(item, Called):
                self._watch.called(item, self._tables, self.time_ns)
                self.view_changed = self._stale = True
            elif isinstance(item, Beat):
                sends += self._watch.beat(self._tables, self.time_ns)
                self.view_changed = self._stale = True
            else:
                assert isinstance(item, Tick)
                sends += self._tick()
        if self._stale:
            self._fuse()
        return sends

    # ------------------------------------------------------------------------------------------ the tick

    def _tick(self) -> list[Send]:
        """Track, release, watch; last the own zones, from a picture with what this tick brought."""
        now_ns = self.time_ns
        self.view_changed = True
        if self._review_ns is not None and now_ns >= self._review_ns:
            self._read_pact(now_ns)
        plots = self._intake.take()
        self._tracker.step(plots, now_ns=now_ns)
        self._tracked = self._tracker.tracks()
        self._identities.follow(self._tracked, now_ns=now_ns)
        self._own = self._identities.classify(self._tracked)
        sends = self._releases.tick(plots, self._own, self._partners, now_ns=now_ns)
        known = [own_knowledge(SENSORS, self._own)]
        if self._tables.hub:
            known = self._hub_knowledge.tick(self._partners, now_ns=now_ns)
        sends += self._watch.tick(known, self._tables, now_ns=now_ns)
        for partner in self._partners.values():
            partner.news.clear()
        self._fuse()
        self._watch.tick_own(self._picture, now_ns=now_ns)
        return sends

    def _read_pact(self, now_ns: int) -> None:
        """Read the text anew; where it says something else than before, go by tables made anew."""
        facts = self._facts.facts
        self._review_ns = next_change_ns(self.pact, now_ns, facts)
        self._stand = stand_of(self.pact, self.member, time_ns=now_ns, recorded=self._facts.recorded)
        now = self._edition(now_ns)
        if now != self._tables.edition:
            self._tables = compile_edition(self.pact, now, member=self.member)
            self._releases.change(self._tables, self._partners)
            self._hub_knowledge.change(self._tables)
            self._fuser.set_via(self._tables.via)

    def _edition(self, now_ns: int) -> Edition:
        """What this node applies at that time; a party that has no node here gives and gets nothing."""
        now = edition(self.pact, time_ns=now_ns, facts=self._facts.facts)
        return now._replace(parties=tuple(party for party in now.parties if party in self._present))

    @property
    def tables(self) -> PactTables:
        """The pact as this node applies it since its newest tick."""
        return self._tables

    def _new_releases(self) -> Releases:
        if self._tables.hub:
            return HubReleases(self._tables, self._outflows, self.pact)
        return MemberReleases(self._tables, self._outflows, self._intake.sensors)

    # ------------------------------------------------------------------------------------------ partners

    def _receive(self, item: Received) -> list[Send]:
        """One message from a partner: taken once, and refused whole when anything in it is impossible."""
        partner = self._partners.get(item.sender)
        if partner is None:
            return self._refuse(item.sender, "not a party of the pact")
        # Before the sequence is looked at: a forged one would shut out all that follow.
        fault = self._seals.fault(item, began_ns=self._began_ns)
        if fault or not partner.is_new(item.sequence):
            return self._refuse(item.sender, fault) if fault else []
        try:
            message = decode_message(item.body, where=f"message from {item.sender}")
            if isinstance(message, Picture):
                reports = partner.take_picture(
                    message, pact=self._tables.digest, clauses=self._tables.clauses, now_ns=self.time_ns
                )
                self.arrived.append((item.sender, reports.time_ns))
                self.view_changed = self._stale = True
                return []
        except WireError as error:
            return self._refuse(item.sender, str(error))
        self.view_changed = self._stale = True
        if isinstance(message, Warn):
            return self._watch.received(message, item.sender, self._tables, self.time_ns)
        assert isinstance(message, Ack)
        return self._watch.acked(message, item.sender)

    def _refuse(self, party: str, reason: str) -> list[Send]:
        key = (party, reason)
        if key in self.refused or len(self.refused) < REFUSALS_KEPT_MAX:
            self.refused[key] = self.refused.get(key, 0) + 1
        else:
            self.refused[OTHERWISE] = self.refused.get(OTHERWISE, 0) + 1
        return []

    # ------------------------------------------------------------------------------------------ identity

    def own_number(self, number: int) -> int:
        """The tracker's number of a track of the picture, 0 where no track of one's own is behind it."""
        return next((theirs for bit, theirs in self._fuser.members(number) if bit == self._me), 0)

    def _declare(self, item: Declared) -> None:
        """Take what an authority declares of a track; for partners the class holds from the next tick on."""
        if self._identities.declare(item, self.own_number(item.track), now_ns=self.time_ns):
            self._own = self._identities.classify(self._tracked)
            self.view_changed = self._stale = True

    def identities(self) -> dict[int, Identity]:
        """The declared identity by number in the picture; every other track is PENDING."""
        numbers = {self._fuser.number_of(self._me, own): own for own in self._identities.declared_numbers()}
        return {
            number: self._identities.standing(own).identity
            for number, own in sorted(numbers.items())
            if number
        }

    # ------------------------------------------------------------------------------------------ the picture

    def _fuse(self) -> None:
        """One picture of one's own tracks and all rows that partners gave."""
        self._stale = False
        sources = [(self._me, self._own)]
        for party, partner in self._partners.items():
            partner.forget_old(self.time_ns)
            if len(partner.tracks.number):
                sources.append((self.parties.index(party), partner.tracks))
        self._picture = self._fuser.update(sources, now_ns=self.time_ns)

    def state_digest(self) -> bytes:
        """SHA-256 over the picture: what replay compares besides the effects."""
        digest = hashlib.sha256()
        for column in self._picture:
            digest.update(column.tobytes())
        return digest.digest()

    # ------------------------------------------------------------------------------------------ the view

    def view(self) -> View:
        """What this member's console may show now."""
        return View(
            self.time_ns,
            self._picture,
            self._warnings(),
            tuple(self._link(party) for party in self._partners),
            self._intake.views(),
            self._stand,
            self._watch.calls(),
            self.escalations,
            self._identity_column(),
        )

    def _warnings(self) -> tuple[WarningView, ...]:
        return self._watch.views(lambda number: self._fuser.number_of(self._me, number), now_ns=self.time_ns)

    def next_due_ns(self) -> int | None:
        """When this node wants a Beat unless a tick comes first; None where nothing is due."""
        return self._watch.next_due_ns()

    @property
    def escalations(self) -> tuple[Escalated, ...]:
        """What no person acknowledged in time, and what the clause says of that, oldest first."""
        return self._watch.escalations()

    def _link(self, party: str) -> LinkView:
        partner = self._partners[party]
        outflow = self._outflows[party]
        sent, received = self._watch.counts_with(party)
        return LinkView(
            party=party,
            via=self._via[party],
            newest_ns=partner.newest_ns,
            received_rows=partner.rows_count,
            released_rows=outflow.rows_count,
            withheld=tuple(sorted(outflow.withheld.items())),
            warnings_sent=sent,
            warnings_received=received,
        )

    def called_to(self, zone: str, track_class: int) -> str:
        """Whom a person's call of that class in that zone would warn now; empty where it would be refused."""
        return self._watch.called_to(zone, track_class, self._tables)

    def provenance(self, number: int) -> Provenance | None:
        """What stands behind a track of the picture, and who is given what of it; None if there is none."""
        members = self._fuser.members(number)
        if not members:
            return None
        contributions: list[Contribution] = []
        releases: tuple[ReleaseView, ...] = ()
        for bit, theirs in members:
            if bit == self._me:
                contributions += self._own_contributions(theirs)
                releases = self._releases.views(self._own, theirs)
            else:
                contributions += self._partner_contribution(self.parties[bit], theirs)
        own = self.own_number(number)
        standing = self._identities.standing(own)
        return Provenance(
            number=number,
            contributions=tuple(contributions),
            releases=releases,
            identity=standing.identity.name.lower(),
            declared_class=_class_word(standing.track_class),
            declared=tuple(_declared_view(record) for record in self._identities.records(own)),
        )

    def _own_contributions(self, number: int) -> list[Contribution]:
        """The sensors behind one's own track."""
        tracks = take(self._own, self._own.number == number)
        return [
            Contribution(origin=sensor.id, kind="sensor", form="", clause="", time_ns=int(tracks.time_ns[0]))
            for index, sensor in enumerate(self._intake.sensors)
            if len(tracks.number) and int(tracks.sources[0]) >> index & 1
        ]

    def _partner_contribution(self, party: str, number: int) -> list[Contribution]:
        """The row that a partner gave, and the clause by which it did."""
        reports = take(self._partners[party].reports, self._partners[party].reports.number == number)
        return [
            Contribution(
                origin=party,
                kind="report",
                form=Form(int(form)).name.lower(),
                clause=self._tables.clauses[clause],
                time_ns=int(time_ns),
            )
            for form, clause, time_ns in zip(reports.form, reports.clause, reports.time_ns, strict=True)
        ]

    # ------------------------------------------------------------------------------------------ going out

    def labels(self) -> Labels:
        """To whom each track of the picture may go on, by the tables of the newest tick."""
        contributions = [from_partner(partner, self._tables) for partner in self._partners.values()]
        may = self._releases.may_go_on(self._own, now_ns=self.time_ns)
        contributions.append(Contributed(self._me, self._own.number.astype("int64"), may.form, may.clause))
        return label(self._picture, self._fuser.pairs(), contributions, self._tables)

    def outgoing(self) -> Outgoing:
        """What this member may hand to other systems of its own now."""
        return Outgoing(
            member=self.member,
            mode=self.mode.value,
            pact=f"{self.pact.pact} {self.pact.version}",
            parties=self.parties,
            clauses=self._tables.clauses,
            time_ns=self.time_ns,
            tracks=self._picture,
            identity=self._identity_column(),
            one_sensor=self._one_sensor(),
            labels=self.labels(),
            warnings=self._warnings(),
        )

    def _identity_column(self) -> I8:
        """The declared identity of each row of the picture."""
        declared = self.identities()
        numbers = self._picture.number.tolist()
        return np.array([declared.get(number, Identity.PENDING) for number in numbers], np.int8)

    def _one_sensor(self) -> Bool:
        """Which rows of the picture rest on one sensor of this member and on nothing else."""
        alone = dict(zip(self._own.number.tolist(), self._own.sources.tolist(), strict=True))
        single = {number: True for number, sensors in alone.items() if sensors.bit_count() == 1}
        pairs = self._fuser.pairs()
        mine = {fused: theirs in single for bit, theirs, fused in pairs if bit == self._me}
        others = {fused: True for bit, _, fused in pairs if bit != self._me}
        numbers = self._picture.number.tolist()
        return np.array([mine.get(one, False) and one not in others for one in numbers], bool)

    # ------------------------------------------------------------------------------------------ counts

    def held_back(self, send: Send) -> None:
        """Note that the guard did not let this message leave; a later update of its rows is sent as ever."""
        if isinstance(send.message, Picture):
            self._outflows[send.recipient].take_back(send.verdicts)
        elif isinstance(send.message, Warn):
            self._watch.held_back(send.message, send.recipient)

    def dropped(self) -> dict[str, int]:
        """What and why -> how often, for everything that came in and was not taken."""
        counts = {f"message refused, {party}: {reason}": n for (party, reason), n in self.refused.items()}
        for party, partner in self._partners.items():
            counts[f"message repeated, {party}"] = partner.repeated
            counts[f"message missing, {party}"] = partner.missing
        for party, outflow in self._outflows.items():
            counts[f"row not given, waited for too long or in vain, {party}"] = outflow.pending_dropped
        counts.update(self._watch.counts())
        counts.update(self._facts.counts())
        counts.update(self._identities.counts())
        counts.update({f"row not fused: {reason}": n for reason, n in self._fuser.refused})
        return {what: n for what, n in sorted(counts.items()) if n}

    @property
    def tracker_counts(self) -> TrackerCounts:
        """What became of this node's plots and tracks."""
        return self._tracker.counts

    @property
    def tracks_held(self) -> tuple[int, int]:
        """(own tracks, tracks in the picture) now."""
        return len(self._own.number), len(self._picture.number)


def _class_word(track_class: int) -> str:
    return "" if track_class == NOTHING else TrackClass(track_class).name.lower()


def _declared_view(record: Declaration) -> DeclaredView:
    return DeclaredView(
        identity="" if record.identity == NOTHING else Identity(record.identity).name.lower(),
        track_class=_class_word(record.track_class),
        person=record.person,
        says=record.says,
        time_ns=record.time_ns,
        ended_ns=record.ended_ns,
    )


def _via(pact: Pact, member: str, party: str) -> str:
    """The hub through which two parties meet, empty where the direct way is open."""
    index = route_between(pact, member, party)
    clause = pact.clause[index] if index >= 0 else None
    return clause.via if isinstance(clause, Route) else ""
