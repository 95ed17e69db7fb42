"""The ledger under any history: a state machine against a plain reading of the manual, and what always holds.

From the invariants of the design that concern duties: none is lost, none is met without evidence, none is
breached but by the clock, a dispute is kept, what a breach or a period opens is opened once, and the same
entries give the same result. In the suite a hundred histories; `make soak` plays 100,000.
"""

import itertools
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pact_parts import COMMON, NOW, attack, day, fact, pact, warn, zone
from test_ledger import at, evidence, obligation, only, opened, remedy, turned

from foedus.errors import InputError
from foedus.pact.clauses import Exit, Term
from foedus.pact.incidents.ledger import (
    Clock,
    Contested,
    Entry,
    Evidence,
    Held,
    Obligation,
    Opened,
    Turned,
    standings,
)
from foedus.pact.incidents.ledger_lines import FIRST, decode_entries, encode_entries
from foedus.pact.incidents.opening import from_situation
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.obligation import Stage, Turn, after, state_of
from foedus.pact.meaning.situation import Deed

OVER = (Stage.FULFILLED, Stage.VIOLATED, Stage.EXPIRED, Stage.NOT_OWED)
ROOTS_MAX = 2
OBLIGATIONS_MAX = 40


# ---------------------------------------------------------------- a plain reading of docs/incident.md


class Read(NamedTuple):
    """Where one obligation stands by the plain reading."""

    stage: Stage
    due: tuple[datetime, datetime] | None
    ended: datetime | None
    contested: tuple[int, ...]


class Reader:
    """One obligation, read entry by entry: no table, no events, only the sentences of the manual."""

    def __init__(self, one: Obligation) -> None:
        self.one = one
        self.stage = Stage.IN_EFFECT if one.owed == "yes" else Stage.CREATED
        self.due = one.due
        self.ended: datetime | None = None
        self.stopped: datetime | None = None
        self.shown: list[tuple[int, Evidence]] = []
        self.disputed: set[int] = set()

    def is_late(self, done: tuple[datetime, datetime]) -> bool:
        return self.due is not None and self.due[1] < done[0]

    def is_timely(self, done: tuple[datetime, datetime]) -> bool:
        whole = self.one.every_s is None or done[0] >= self.one.arose
        return whole and (self.due is None or done[1] <= self.due[0])

    def end(self, stage: Stage, when: datetime) -> None:
        self.stage, self.ended = stage, when

    def clock(self, now: datetime) -> None:
        if self.stage == Stage.IN_EFFECT and self.due is not None and now > self.due[1]:
            deeds = [one.done for _, one in self.shown if one.done is not None]
            if all(self.is_late(done) for done in deeds):
                self.end(Stage.VIOLATED, self.due[1])

    def settle(self) -> None:
        """The first deed that is certainly timely or late ends it; what contradicts that disputes it."""
        for _, one in self.shown:
            if self.stage == Stage.IN_EFFECT and one.done is not None:
                if self.is_timely(one.done):
                    self.end(Stage.FULFILLED, one.done[1])
                elif self.is_late(one.done):
                    assert self.due is not None
                    self.end(Stage.VIOLATED, self.due[1])
        for line, one in self.shown:
            if self.stage == Stage.FULFILLED and one.done is None:
                self.disputed.add(line)
            if self.stage == Stage.VIOLATED and one.done is not None and not self.is_late(one.done):
                self.disputed.add(line)

    def turn(self, line: int, entry: Turned) -> None:
        if entry.to in ("suspended", "ended"):
            self.clock(entry.at)
        if entry.to == "owed" and self.stage == Stage.CREATED:
            self.stage = Stage.IN_EFFECT
        elif entry.to == "not_owed" and self.stage == Stage.CREATED:
            self.end(Stage.NOT_OWED, entry.at)
        elif entry.to == "suspended" and self.stage == Stage.IN_EFFECT:
            self.stage, self.stopped = Stage.SUSPENDED, entry.at
        elif entry.to == "resumed" and self.stage == Stage.SUSPENDED:
            assert self.stopped is not None
            longer = entry.at - self.stopped
            self.stage = Stage.IN_EFFECT
            self.due = None if self.due is None else (self.due[0] + longer, self.due[1] + longer)
        elif entry.to == "ended" and self.stage in (Stage.IN_EFFECT, Stage.SUSPENDED):
            self.end(Stage.EXPIRED, entry.at)
        elif (entry.to == "not_owed" and self.stage not in (Stage.NOT_OWED, Stage.EXPIRED)) or (
            entry.to == "owed" and self.stage in (Stage.NOT_OWED, Stage.EXPIRED)
        ):
            self.disputed.add(line)
        self.settle()

    def read(self, line: int, entry: Entry) -> None:
        if isinstance(entry, Clock):
            self.clock(entry.at)
        elif isinstance(entry, Opened) or entry.id != self.one.id:
            return
        elif isinstance(entry, Evidence):
            self.shown.append((line, entry))
            self.settle()
        elif isinstance(entry, Contested):
            self.disputed.add(line)
        else:
            self.turn(line, entry)

    def found(self) -> Read:
        return Read(self.stage, self.due, self.ended, tuple(sorted(self.disputed)))


def read_plainly(one: Obligation, born: int, entries: list[Entry]) -> Read:
    """born: the line by which it was opened; a clock that opened it goes on to it."""
    reader = Reader(one)
    for line, entry in enumerate(entries[born - 1 :], start=born):
        reader.read(line, entry)
    return reader.found()


# ---------------------------------------------------------------- the machine

STEPS = st.sampled_from([10, 0, 20, 40])  # in tens, so that bounds are met exactly
DUES = st.sampled_from([(30, 30), (40, 80), (60, 60), None])
WHICH = st.sampled_from([0, 0, 0, 1, 2, 3])


class LedgerHistory(RuleBasedStateMachine):
    """Any history of up to two obligations and of all that they open."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.now = 0
        self.roots = 0
        self.born: dict[str, int] = {}
        self.before: dict[str, Held] = {}

    def add(self, *entries: Entry) -> None:
        """Append, read all, and note which line opened what."""
        self.entries += entries
        self.held = {one.obligation.id: one for one in standings(self.entries)}
        for name in self.held:
            self.born.setdefault(name, len(self.entries))

    def pick(self, which: int) -> Held:
        return list(self.held.values())[which % len(self.held)]

    def later(self, step: int) -> datetime:
        self.now += step
        return at(self.now)

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.open(0, data)

    @precondition(lambda self: self.roots < ROOTS_MAX)
    @rule(step=STEPS, data=st.data())
    def open(self, step: int, data: st.DataObject) -> None:
        arose = self.later(step)
        due = data.draw(DUES)
        self.roots += 1
        one = obligation(
            f"root{self.roots}",
            arose=arose,
            owed=data.draw(st.sampled_from(["yes", "yes", "undetermined"])),
            due=None if due is None else tuple(arose + timedelta(seconds=bound) for bound in due),
            every_s=data.draw(st.sampled_from([None, None, 50.0])),
            remedies=data.draw(st.sampled_from([(), (remedy("M1", "W1"), remedy("M2", "M1", None))])),
        )
        self.add(Opened(at=arose, obligation=one))

    @precondition(lambda self: len(self.held) < OBLIGATIONS_MAX)
    @rule(step=STEPS)
    def read_clock(self, step: int) -> None:
        self.add(Clock(at=self.later(step)))
        for one in self.held.values():
            if one.stage == Stage.IN_EFFECT and one.due is not None and at(self.now) > one.due[1]:
                assert self.perhaps_done(one)  # nothing else keeps a clock from breaching it

    @rule(step=STEPS, which=WHICH, ago=st.sampled_from([0, 10, 30, 60]), width=st.sampled_from([0, 20]))
    def show_deed(self, step: int, which: int, ago: int, width: int) -> None:
        now = self.later(step)
        one = self.pick(which)
        hi = self.now - ago
        entry = self.evidence(now, one, (at(hi - width), at(hi)))
        if one.obligation.every_s is not None and (
            at(hi) < one.obligation.arose or (one.opened_by and at(hi) == one.obligation.arose)
        ):
            with pytest.raises(InputError, match="one of the period that began"):
                standings([*self.entries, entry])
        else:
            self.add(entry)

    @rule(step=STEPS, which=WHICH)
    def show_that_it_was_not_done(self, step: int, which: int) -> None:
        self.add(self.evidence(self.later(step), self.pick(which), None))

    @rule(step=STEPS, which=WHICH, to=st.sampled_from(["owed", "not_owed", "ended", "resumed"]))
    def turn(self, step: int, which: int, to: Any) -> None:
        one = self.pick(which).obligation
        self.add(Turned(at=self.later(step), id=one.id, to=to, by="council"))

    @rule(step=STEPS, which=WHICH)
    def suspend_or_resume(self, step: int, which: int) -> None:
        one = self.pick(which)
        to: Any = "resumed" if one.stage == Stage.SUSPENDED else "suspended"
        self.add(Turned(at=self.later(step), id=one.obligation.id, to=to, by="council"))

    @rule(step=STEPS, which=WHICH)
    def contest(self, step: int, which: int) -> None:
        one = self.pick(which).obligation
        self.add(Contested(at=self.later(step), id=one.id, by="HH", says="it is disputed"))

    @staticmethod
    def evidence(now: datetime, one: Held, done: tuple[datetime, datetime] | None) -> Evidence:
        sha256 = "0" * 64
        return Evidence(at=now, id=one.obligation.id, form="statement", by="AA", sha256=sha256, done=done)

    def about(self, one: Held) -> list[Evidence]:
        name = one.obligation.id
        return [entry for entry in self.entries if isinstance(entry, Evidence) and entry.id == name]

    def perhaps_done(self, one: Held) -> bool:
        assert one.due is not None
        return any(entry.done is not None and entry.done[0] <= one.due[1] for entry in self.about(one))

    # ------------------------------------------------------------ what always holds

    @invariant()
    def it_stands_where_the_manual_says(self) -> None:
        for name, one in self.held.items():
            contested = tuple(sorted(side.line for side in one.contested))
            found = Read(one.stage, one.due, one.ended, contested)
            assert found == read_plainly(one.obligation, self.born[name], self.entries)
            assert after(one.turns) == one.stage

    @invariant()
    def nothing_is_lost_and_what_is_over_stays(self) -> None:
        assert list(self.held)[: len(self.before)] == list(self.before)
        for name, old in self.before.items():
            new = self.held[name]
            assert new.turns[: len(old.turns)] == old.turns
            assert set(old.contested) <= set(new.contested)
            assert old.lines == new.lines[: len(old.lines)]
            assert old.stage not in OVER or (new.stage, new.ended) == (old.stage, old.ended)
        self.before = self.held
        told = [(line, entry) for line, entry in enumerate(self.entries, 1) if not isinstance(entry, Clock)]
        for line, entry in told:
            name = entry.obligation.id if isinstance(entry, Opened) else entry.id
            assert line in self.held[name].lines

    @invariant()
    def nothing_is_met_without_evidence_or_breached_before_its_clock(self) -> None:
        for one in self.held.values():
            assert not (Turn.PERFORMED in one.turns and Turn.OVERDUE in one.turns)
            if one.stage == Stage.FULFILLED:
                assert any(entry.done is not None for entry in self.about(one))
            if one.stage == Stage.VIOLATED:
                assert one.due is not None
                assert one.ended == one.due[1] < at(self.now)

    @invariant()
    def what_follows_is_opened_exactly_once(self) -> None:
        opened: dict[str, list[Held]] = {}
        for one in self.held.values():
            opened.setdefault(one.opened_by, []).append(one)
        assert len(opened.pop("")) == self.roots
        for name, one in self.held.items():
            following = opened.pop(name, [])
            over = one.stage in (Stage.FULFILLED, Stage.VIOLATED)
            expected = [one.obligation.clause] if over and one.obligation.every_s is not None else []
            if one.stage == Stage.VIOLATED:
                expected += [m.clause for m in one.obligation.remedies if one.obligation.clause in m.on]
            assert sorted(child.obligation.clause for child in following) == sorted(expected)
            for child in following:
                assert child.obligation.arose == one.ended
                assert child.obligation.due == self.due_of_what_follows(one, child.obligation.clause)
        assert not opened

    @staticmethod
    def due_of_what_follows(one: Held, clause: str) -> tuple[datetime, datetime] | None:
        after_s = one.obligation.every_s
        if clause != one.obligation.clause:
            (after_s,) = (m.within_s for m in one.obligation.remedies if m.clause == clause)
        if after_s is None or one.ended is None:
            return None
        return (one.ended + timedelta(seconds=after_s),) * 2

    @invariant()
    def the_same_entries_give_the_same_result(self) -> None:
        again = {one.obligation.id: one for one in standings(list(self.entries))}
        assert again == self.held
        ahead = at(self.now + 35)
        if len(self.held) < OBLIGATIONS_MAX:
            looked = [(one.obligation, one.stage, one.ended) for one in standings(self.entries, now=ahead)]
            read = standings([*self.entries, Clock(at=ahead)])
            assert looked == [(one.obligation, one.stage, one.ended) for one in read]

    def teardown(self) -> None:
        if self.entries:
            data = encode_entries(self.entries, number=0, before=FIRST)
            assert list(decode_entries(data, file="ledger")[0]) == self.entries


TestLedgerHistory = LedgerHistory.TestCase
TestLedgerHistory.settings = settings(stateful_step_count=14)


# ---------------------------------------------------------------- in whatever order it is shown

SHOWN = st.lists(st.sampled_from([None, (10.0, 10.0), (30.0, 30.0), (40.0, 55.0)]), min_size=2, max_size=4)


@given(SHOWN, st.sampled_from([(50, 50), (35, 60)]), st.booleans())
def test_the_order_of_what_is_shown_before_the_deadline_changes_nothing(
    shown: list[Any], due: tuple[int, int], settled: bool
) -> None:
    """The order decides only where a late deed breaches first: a breach that is recorded stays."""
    head: list[Entry] = [opened(owed="yes" if settled else "undetermined", due=(at(due[0]), at(due[1])))]
    results = set()
    for order in itertools.permutations(shown):
        entries = [*head, *(evidence(100, done) for done in order)]
        if not settled:
            entries.append(turned(100, "owed"))
        found = only(*entries, now=200)
        results.add((found.stage, tuple(sorted(side.says for side in found.contested))))
    assert len(results) == 1


# ---------------------------------------------------------------- as the pact's own reading has it

times = st.integers(0, 100)


@settings(max_examples=60)
@given(deeds=st.lists(times, max_size=3), elapsed_s=times, within_s=st.sampled_from([20, 60]), exit_s=times)
def test_a_ledger_and_the_reading_of_the_pact_agree_on_one_duty(
    deeds: list[int], elapsed_s: int, within_s: int, exit_s: int
) -> None:
    """A duty to warn that ends by an exit: the ledger reads the events, obligation.py the text."""
    term = Term(id="T1", in_force=day("2020-01-01"), exit=Exit(notice_d=0.0, by="BB"), **COMMON)
    two = pact(warn(within_s=1.0), zone=(zone("AA", "AA"),)).party[:2]
    text = pact(warn(by="BB", to="attacked", within_s=float(within_s)), term, party=two)
    assume(exit_s > 0)  # what ends as it begins was never owed
    left = fact("exit", "tests", at(exit_s).isoformat(), by="BB")
    done = tuple(Deed(clause="W1", by="BB", after_s=float(one)) for one in deeds)
    asked = attack("XX", "AA", at=at(elapsed_s), facts=(left,), elapsed_s=float(elapsed_s), deeds=done)
    evaluator = Evaluator(text)
    duty = next(one for one in evaluator.duties(asked) if one.clause == "W1")
    (owed,) = [one for one in from_situation(text, attack("XX", "AA", at=NOW)) if one.clause == "W1"]
    entries: list[Entry] = [
        *(evidence(one, one, owed.id) for one in deeds if one <= elapsed_s),
        *([turned(exit_s, "ended", owed.id)] if exit_s <= elapsed_s else []),
    ]
    entries.sort(key=lambda entry: (entry.at, isinstance(entry, Evidence)))
    (held,) = standings([Opened(at=NOW, obligation=owed), *entries], now=at(elapsed_s))
    assert held.stage == state_of(evaluator, duty, asked).stage


# ---------------------------------------------------------------- what is refused


def test_a_deed_that_lies_after_its_record_is_refused() -> None:
    with pytest.raises(InputError, match="one not after its record") as caught:
        only(opened(), evidence(50, (40, 51)))
    assert caught.value.where == "line 2 of the ledger"


def test_a_deed_of_the_last_period_does_not_meet_the_next() -> None:
    entries = [opened(every_s=60.0), evidence(50, 50)]
    assert [one.obligation.id for one in standings(entries)] == ["one", "one.p2"]
    for done in (50, 20):
        with pytest.raises(InputError, match="one of the period that began at"):
            standings([*entries, evidence(55, done, "one.p2")])
    assert standings([*entries, evidence(55, (45, 55), "one.p2")])[1].stage == Stage.IN_EFFECT
    assert standings([*entries, evidence(55, 51, "one.p2")])[1].stage == Stage.FULFILLED


def test_what_was_overdue_before_it_was_ended_or_suspended_is_breached_all_the_same() -> None:
    for to in ("ended", "suspended"):
        found = only(opened(), turned(150, to))
        assert (found.stage, found.ended) == (Stage.VIOLATED, at(100))
        assert only(opened(), turned(100, to)).stage != Stage.VIOLATED


def test_evidence_that_it_was_not_done_disputes_a_fulfilment_that_comes_later_too() -> None:
    found = only(opened(), evidence(40, None), evidence(50, 30))
    assert (found.stage, [one.line for one in found.contested]) == (Stage.FULFILLED, [2])


@pytest.mark.parametrize("name", ["one.p2", "one+M1.HH"])
def test_an_id_that_would_name_what_follows_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="those name what follows"):
        only(opened(name))


def test_bounds_the_wrong_way_round_and_times_without_an_offset_are_refused() -> None:
    wrong = [
        opened(due=(at(100), at(50))),
        opened(arose=datetime(2025, 9, 9)),
        Clock(at=datetime(2025, 9, 9)),
    ]
    for entry in wrong:
        with pytest.raises(InputError, match="line 1 of the ledger"):
            standings([entry])
    with pytest.raises(InputError, match=r"expected \[lo, hi\]"):
        only(opened(), evidence(90, (80, 70)))
