"""One run of a drill: the nodes that run live, in one process and in virtual time.

Time goes from one instant of the grid to the next at which anything is due: a tick, a message, a person, an
inject. At each, injects change the world; then every node that has inputs takes one batch: facts, feeds,
messages, acts, the tick. Nothing that a node sends arrives at the same instant, so that the order of nodes
within it tells nothing.
"""

import heapq
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from foedus.drill.chance import Chance
from foedus.drill.decisions import Decisions
from foedus.drill.effects import Effects
from foedus.drill.knowledge import Recorder, Seen, outcomes_of
from foedus.drill.links import Links, on_grid
from foedus.drill.outcome import Captured, EventTruth, Run, TargetTruth, Told, Truth, TruthRows, UmpireAct
from foedus.drill.people import OFFICER, People
from foedus.drill.scripted import Script
from foedus.drill.sites import Looker
from foedus.drill.stations import make_stations, sensing, text_played
from foedus.drill.text import Drill, Event
from foedus.drill.truth import World, first_entry
from foedus.drill.umpire import effective
from foedus.errors import LimitError
from foedus.facts import find_fault
from foedus.journal import Store
from foedus.limits import DRILL_CAPTURED_MAX
from foedus.model import SECOND_NS, TrackClass
from foedus.network import FactEntry
from foedus.pact.clauses import Pact, Zone
from foedus.pact.force import time_ns_of
from foedus.wire import Act, Batch, Beat, Declared, Feed, FeedChunk, Happened, Input, Received, Tick

UNTOLD: Final = (TrackClass.UNIDENTIFIED, TrackClass.COOPERATIVE)
"""Classes that nodes find by themselves; nobody has to declare them."""


class Simulation:
    """One run. `run_to` plays on, `finish` gives the run; pact is the text as read, name as asked for."""

    def __init__(
        self,
        drill: Drill,
        pact: Pact,
        *,
        name: str,
        seed: int,
        acts: Sequence[UmpireAct] = (),
        stores: Mapping[str, Store] | None = None,
        keep_bodies: bool = True,
    ) -> None:
        self.drill = drill
        self.pact = text_played(drill, pact)
        self.name, self.seed, self.acts = name, seed, tuple(acts)
        self._stores = dict(stores or {})
        self._keep_bodies = keep_bodies
        chance = Chance(drill.digest, seed)
        self.members = tuple(one.id for one in drill.member)
        self._parties = tuple(party.id for party in self.pact.party)
        self.world = World(drill, chance)
        self.now_ns = self.world.start_ns - 1  # so that the start itself is an instant of the drill
        self.end_ns = self.world.start_ns + round(drill.lasts_s * SECOND_NS)
        self._tick_ns = round(drill.tick_s * SECOND_NS)
        self._next_tick_ns = self.world.start_ns + self._tick_ns
        self.stations = make_stations(drill, self.pact)
        self._lookers = [
            Looker(drill.site[row], row, self.world, chance) for row in sensing(drill, self.pact)
        ]
        self._turns = [(one.next_ns, number) for number, one in enumerate(self._lookers)]
        heapq.heapify(self._turns)
        self._chunks: list[tuple[int, int, FeedChunk]] = []
        self._chunk_count = 0
        self.links = Links(self.members, drill.links, chance)
        self.people = People(drill, self.pact, chance)
        self._script = Script(drill.inject, effective(acts))
        self._effects = Effects(self.world, self._lookers, self.links, self.people)
        self._recorder = Recorder(drill, self.world, {one: self._order(one) for one in self.members})
        self._inputs: list[tuple[int, int, str, Input]] = []  # of people, still to come
        self._facts: list[tuple[int, int, Happened, str]] = []
        self._count = 0
        self._told: list[Told] = []
        self._sent: dict[tuple[str, str, int], int] = {}  # message -> row of _captured
        self._captured: list[Captured] = []
        self._decisions = Decisions()
        self._happened_s: dict[tuple[str, str], float] = {}
        self._named: dict[tuple[str, int], bool] = {}  # (member, picture number): somebody says its class
        self._digests = {member: bytes(32) for member in self.members}
        self._attributed: dict[str, int] = {}  # event -> since when its attacker can be named
        self._learned: dict[tuple[str, str], int] = {}  # (member, event) -> when it learned of it
        self._begin()

    def _order(self, member: str) -> tuple[str, ...]:
        return self.stations[member].node.parties

    def _begin(self) -> None:
        """Put what the file says of facts, cues and attribution on the calendar."""
        for fact in self.drill.fact:
            self._tell(_happened(fact), "drill file", at_ns=time_ns_of(fact.at))
        for event in self.drill.event:
            at_ns = self._after(event.at_s)
            if event.attributed_after_s is not None:
                self._attributed[event.id] = at_ns + round(event.attributed_after_s * SECOND_NS)
            for cue in event.cue:
                self._learned[cue.party, event.id] = at_ns + round(cue.after_s * SECOND_NS)

    def _after(self, seconds: float) -> int:
        return self.world.start_ns + round(seconds * SECOND_NS)

    # ------------------------------------------------------------ time

    def run_to(self, time_ns: int) -> None:
        """Play until that time, the end of the drill at most."""
        limit_ns = min(time_ns, self.end_ns)
        while True:
            next_ns = self._next_ns()
            if next_ns > limit_ns:
                return
            self.now_ns = next_ns
            self._step()

    def _next_ns(self) -> int:
        times = [self._next_tick_ns]
        arrival_ns = self.links.next_ns()
        if arrival_ns is not None:
            times.append(arrival_ns)
        for calendar in (self._inputs, self._facts):
            if calendar:
                times.append(on_grid(calendar[0][0]))
        script_s = self._script.next_s(self._happened_s)
        if script_s is not None:
            times.append(on_grid(self._after(script_s)))
        for member, station in self.stations.items():
            due_ns = station.node.next_due_ns()
            if due_ns is not None and not self._effects.stopped(member):
                times.append(max(on_grid(due_ns), on_grid(self.now_ns + 1)))
        undo_ns = self._effects.next_ns()
        if undo_ns is not None:
            times.append(on_grid(undo_ns))
        return max(min(times), self.now_ns + 1)

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return (self.now_ns - self.world.start_ns) / SECOND_NS

    def _step(self) -> None:
        now_ns = self.now_ns
        self._play_script()
        inputs: dict[str, list[Input]] = {member: [] for member in self.members}
        self._give_facts(inputs)
        tick = now_ns >= self._next_tick_ns
        if tick:
            self._give_feeds(inputs)
        warned = self._give_messages(inputs)
        while self._inputs and self._inputs[0][0] <= now_ns:
            _, _, member, item = heapq.heappop(self._inputs)
            inputs[member].append(item)
        if tick:
            self._next_tick_ns += self._tick_ns
        for member, items in inputs.items():
            due_ns = self.stations[member].node.next_due_ns()
            if tick:
                items.append(Tick())
            elif due_ns is not None and due_ns <= now_ns:
                items.append(Beat())
        for member in self.members:
            if inputs[member] and not self._effects.stopped(member):
                self._advance(member, inputs[member])
                if tick or warned.get(member, False) or any(isinstance(one, Act) for one in inputs[member]):
                    self._react(member)

    def _advance(self, member: str, inputs: list[Input]) -> None:
        """One batch through one station, onto its disk, out to the links."""
        record = self.stations[member].advance(Batch(self.now_ns, tuple(inputs)))
        self._digests[member] = record.effects
        self._decisions.count(member, record)
        if member in self._stores:
            self._stores[member].append(record, self.links.take_confirmed(member))
        for message in record.outgoing:
            if len(self._captured) >= DRILL_CAPTURED_MAX:
                asked = len(self._captured) + 1
                raise LimitError(name="DRILL_CAPTURED_MAX", limit=DRILL_CAPTURED_MAX, asked=asked)
            self._sent[member, message.recipient, message.sequence] = len(self._captured)
            self._captured.append(
                Captured(
                    sender=member,
                    recipient=message.recipient,
                    sequence=message.sequence,
                    kind=kind_of(message.body),
                    sent_ns=self.now_ns,
                    arrived_ns=0,
                    tries=0,
                    body=message.body if self._keep_bodies else b"",
                )
            )
        self.links.post(member, record.outgoing, self.now_ns)

    # ------------------------------------------------------------ inputs

    def _play_script(self) -> None:
        self._effects.undo(self.now_ns)
        for inject, effect, why in self._script.due(self.now_s, self._happened_s):
            self._script.note(inject, self.now_ns, why)
            if effect.verb == "fact":
                as_to = tuple(one for one in effect.word("as_to").split(",") if one)
                what, of = effect.arguments
                fact = Happened(what, of, self.now_ns, effect.word("by"), effect.word("says"), as_to)
                self._tell(fact, f"inject {inject.number}", at_ns=self.now_ns)
            elif effect.verb == "attribute":
                self._attributed[effect.arguments[0]] = self.now_ns
            else:
                self._effects.apply(effect, self.now_ns)

    def _tell(self, fact: Happened, because: str, *, at_ns: int) -> None:
        self._count += 1
        heapq.heappush(self._facts, (at_ns, self._count, fact, because))

    def _give_facts(self, inputs: dict[str, list[Input]]) -> None:
        self._let_learn()
        while self._facts and self._facts[0][0] <= self.now_ns:
            _, _, fact, because = heapq.heappop(self._facts)
            fact = Happened(fact.what, fact.of, self.now_ns, fact.by, fact.says, fact.as_to)
            if find_fault(self.pact, fact) is not None or self._is_said(fact):
                continue  # a text that knows nothing of it, or a casus that another has declared before
            if fact.what == "casus" and fact.says == "yes":
                self._happened_s.setdefault(("declared", fact.of), self.now_s)
            self._told.append(
                Told(
                    at_ns=self.now_ns,
                    what=fact.what,
                    of=fact.of,
                    by=fact.by,
                    says=fact.says,
                    as_to=fact.as_to,
                    because=because,
                )
            )
            for member in self.members:
                if member in self._parties:
                    inputs[member].append(fact)

    def _is_said(self, fact: Happened) -> bool:
        """Whether the newest word on this casus is the same already."""
        if fact.what != "casus":
            return False
        newest = next((one for one in reversed(self._told) if (one.what, one.of) == ("casus", fact.of)), None)
        return newest is not None and (newest.says, newest.as_to) == (fact.says, fact.as_to)

    def _let_learn(self) -> None:
        """People who have learned of an event, by cue or from their picture, decide what to declare."""
        for (member, name), learned_ns in sorted(self._learned.items()):
            if learned_ns > self.now_ns or self._effects.stopped(member):
                continue
            event = next(one for one in self.drill.event if one.id == name)
            named_ns = self._attributed.get(name)
            for attributed in (False, True):
                if attributed and (named_ns is None or named_ns > self.now_ns):
                    continue
                for one in self.people.learns(member, event, self.now_ns, attributed=attributed):
                    self._tell(one.fact, f"event {name}", at_ns=one.at_ns)
                    self._end_casus(event, one.fact, member)

    def _end_casus(self, event: Event, fact: Happened, member: str) -> None:
        if event.over_after_s is None:
            return
        over_ns = self._after(event.at_s + event.over_after_s)
        over_ns = max(over_ns, fact.at_ns) + self.people.delay_ns(
            member, "declare", event.id, fact.of, "over"
        )
        end = Happened("casus", fact.of, over_ns, fact.by, "no", fact.as_to)
        self._tell(end, f"event {event.id} is over", at_ns=over_ns)

    def _give_feeds(self, inputs: dict[str, list[Input]]) -> None:
        """Every chunk until now, in order of time; turns that have begun are worked out first."""
        while self._turns and self._turns[0][0] <= self.now_ns:
            _, number = heapq.heappop(self._turns)
            looker = self._lookers[number]
            for chunk in looker.turn():
                self._chunk_count += 1
                heapq.heappush(self._chunks, (chunk.time_ns, self._chunk_count, chunk))
            heapq.heappush(self._turns, (looker.next_ns, number))
        while self._chunks and self._chunks[0][0] <= self.now_ns:
            chunk = heapq.heappop(self._chunks)[2]
            inputs[chunk.member].append(Feed(chunk.feed, chunk.data))

    def _give_messages(self, inputs: dict[str, list[Input]]) -> dict[str, bool]:
        """Messages that have arrived; whether a warning is among those of each member."""
        warned: dict[str, bool] = {}
        for arrival in self.links.take(self.now_ns):
            inputs[arrival.recipient].append(Received(arrival.sender, arrival.sequence, arrival.body))
            row = self._sent[arrival.sender, arrival.recipient, arrival.sequence]
            captured = self._captured[row]
            if captured.kind != "picture":
                warned[arrival.recipient] = True
            if not arrival.again:
                self._captured[row] = msgspec.structs.replace(captured, arrived_ns=self.now_ns)
        return warned

    # ------------------------------------------------------------ people

    def _react(self, member: str) -> None:
        """What the people of a member do about what their console shows now."""
        view = self.stations[member].node.view()
        seen = self._recorder.look(member, view, self.now_ns)
        for warning in seen.warnings:
            self._happened_s.setdefault(("known", member), self.now_s)
            shown_ns = self.now_ns + self.people.delay_ns(member, "show", warning.id)
            self._do(shown_ns, member, Act("shown", warning.id, ""))
            at_ns = shown_ns + self.people.delay_ns(member, "acknowledge", warning.id)
            self._do(at_ns, member, Act("acknowledge", warning.id, OFFICER))
        for warning in view.warnings:
            if warning.direction != "sent" and warning.shown_ns:
                self._happened_s.setdefault(("shown", member), self.now_s)
            if warning.direction != "sent" and warning.acknowledged_ns:
                self._happened_s.setdefault(("acknowledged", member), self.now_s)
        for known in seen.known:
            target = next(one for one in self.drill.target if one.id == known.target)
            owner = next(zone.owner for zone in self.drill.zone if zone.id == known.zone)
            if owner == member:
                self._happened_s.setdefault(("known", member), self.now_s)
            if target.event:
                self._learned.setdefault((member, target.event), self.now_ns)
        self._classify(member, seen)

    def _classify(self, member: str, seen: Seen) -> None:
        """Let a person say, after a while, what a track of the own sensors is."""
        for number, row in seen.tracks:
            track_class = self.world.targets[row].track_class
            if track_class in UNTOLD or (member, number) in self._named:
                continue
            own = self.stations[member].node.provenance(number)
            if own is None or not any(one.kind == "sensor" for one in own.contributions):
                continue
            self._named[member, number] = True
            at_ns = self.now_ns + self.people.delay_ns(member, "classify", number)
            self._do(at_ns, member, Declared(number, -1, int(track_class), OFFICER, "drill"))

    def _do(self, at_ns: int, member: str, item: Input) -> None:
        self._count += 1
        heapq.heappush(self._inputs, (at_ns, self._count, member, item))

    # ------------------------------------------------------------ the end

    def finish(self) -> Run:
        """Play to the end and give the run."""
        self.run_to(self.end_ns)
        for member in self.members:
            self._recorder.look(member, self.stations[member].node.view(), self.now_ns)
        truth = self._truth()
        known, warned = self._recorder.known(), self._recorder.warned()
        owners = {zone.id: zone.owner or "" for zone in self.drill.zone}
        owners |= {zone.id: zone.owner or "" for zone in self.pact.zone}
        return Run(
            drill=self.drill.drill,
            drill_digest=self.drill.digest,
            pact=self.name,
            pact_version=self.pact.version,
            pact_digest=self.pact.digest,
            seed=self.seed,
            members=self.members,
            outside=tuple(one for one in self.members if one not in self._parties),
            truth=truth,
            sent=tuple(self._with_tries(one) for one in self._captured),
            known=known,
            warned=warned,
            told=tuple(self._told),
            played=self._script.played(),
            acts=self.acts,
            outcomes=outcomes_of(truth.targets, owners, known, warned),
            effects=tuple((member, self._digests[member].hex()) for member in self.members),
            counts=tuple(
                (member, reason, count)
                for member in self.members
                for reason, count in self.stations[member].node.dropped().items()
            ),
            decided=self._decisions.decided(),
            journals=tuple(store.where for store in self._stores.values()),
            horizon_s=self.drill.measure.horizon_s,
            probability=self.drill.measure.probability,
        )

    def _with_tries(self, one: Captured) -> Captured:
        tries = self.links.tries(one.sender, one.recipient, one.sequence)
        return msgspec.structs.replace(one, tries=tries)

    def _truth(self) -> Truth:
        world, drill = self.world, self.drill
        times = np.arange(world.start_ns + self._tick_ns, self.end_ns + 1, self._tick_ns)
        targets, parts = [], []
        for row, target in enumerate(drill.target):
            zone, owner, arrival_ns = first_entry(world, row, self._zones_meant(target.event))
            if arrival_ns > self.end_ns:  # the drill is over before
                zone, owner, arrival_ns = "", "", 0
            targets.append(
                TargetTruth(
                    id=target.id,
                    track_class=int(target.track_class),
                    real=not target.only,
                    event=target.event,
                    by=target.by,
                    begins_ns=int(world.begins_ns[row]),
                    ends_ns=world.ends_ns(row),
                    zone=zone,
                    owner=owner,
                    arrival_ns=arrival_ns,
                )
            )
            lat_rad, lon_rad, height_m = world.scripted_rows(row, times)
            here = ~np.isnan(lat_rad)
            index = np.full(int(here.sum()), row, np.int32)
            parts.append(TruthRows(times[here], index, lat_rad[here], lon_rad[here], height_m[here]))
        empty = TruthRows(times[:0], np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0))
        rows = TruthRows._make(np.concatenate(column) for column in zip(empty, *parts, strict=True))
        return Truth(
            start_ns=world.start_ns,
            end_ns=self.end_ns,
            tick_ns=self._tick_ns,
            targets=tuple(targets),
            events=tuple(self._event(event) for event in drill.event),
            rows=rows,
        )

    def _zones_meant(self, event: str) -> tuple[Zone, ...]:
        """The zones of the event's victim; all where it has none, or the object belongs to no event."""
        victim = next((one.victim for one in self.drill.event if one.id == event), "")
        return tuple(zone for zone in self.drill.zone if zone.owner == victim) or self.drill.zone

    def _event(self, event: Event) -> EventTruth:
        return EventTruth(
            id=event.id,
            event=event.event,
            attacker=event.attacker,
            victim=event.victim,
            object=event.object,
            track_class=int(event.track_class),
            at_ns=self._after(event.at_s),
            attributed_ns=self._attributed.get(event.id, 0),
        )


def kind_of(body: bytes) -> str:
    """picture, warn or ack: the tag of an encoded message, read without decoding the rest of it.

    MessagePack specification: an array of up to 15 is one octet, longer ones have two for their length; a
    text of up to 31 octets begins with one octet of its length.
    """
    at = 1 if body[0] >> 4 == 9 else 3
    return body[at + 1 : at + 1 + (body[at] & 0x1F)].decode()


def _happened(entry: FactEntry) -> Happened:
    return Happened(entry.what, entry.of, time_ns_of(entry.at), entry.by, entry.says, entry.as_to)


def play(
    drill: Drill,
    pact: Pact,
    *,
    name: str,
    seed: int,
    acts: Sequence[UmpireAct] = (),
    stores: Mapping[str, Store] | None = None,
    keep_bodies: bool = True,
) -> Run:
    """One whole run: a pure function of drill, pact, seed and the umpire's acts."""
    simulation = Simulation(
        drill, pact, name=name, seed=seed, acts=acts, stores=stores, keep_bodies=keep_bodies
    )
    return simulation.finish()
