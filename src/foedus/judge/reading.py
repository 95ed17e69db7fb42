"""The judge's own reading of when a clause speaks and whom it means: docs/pact.md, "When a clause speaks".

Three answers, because texts and attributions may be unknown. Facts are those that the run says were told; one
told less than a second before a message may or may not have counted for it, so callers ask for both stands.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

from foedus.drill.outcome import Told
from foedus.model import DAY_NS, SECOND_NS
from foedus.pact.clauses import (
    ROLE_WORDS,
    Approval,
    Casus,
    Clause,
    Pact,
    Reservation,
    Selector,
    Share,
    Span,
    Suspend,
    Warn,
    Withhold,
)  # fmt: skip

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

GATES: Final = (
    ("treaty", "US", "senate_advice_and_consent"),
    ("treaty", "JP", "legislature_approval"),
    ("treaty", "PH", "senate_advice_and_consent"),
    ("treaty", "KR", "legislature_approval"),
    ("executive_order", "US", "presidential_signature"),
    ("designation", "US", "legislature_notice"),
)
"""(instrument, party, step) without which a text never enters into force: the table of docs/pact.md."""


class Answer(IntEnum):
    """No, cannot be told, yes; `and` is min and `or` is max."""

    NO = 0
    DOUBT = 1
    YES = 2


def ns_of(day: datetime) -> int:
    """Nanoseconds UTC of a date of the text; a date without a zone means UTC."""
    day = day if day.tzinfo else day.replace(tzinfo=UTC)
    gone = day - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * SECOND_NS + gone.microseconds * 1_000


def words_of(selector: Selector) -> tuple[str, ...]:
    """The words of a selector."""
    return (selector,) if isinstance(selector, str) else selector


class Stand:
    """What the text says at one moment, given the facts told until then."""

    def __init__(self, pact: Pact, facts: Sequence[Told], time_ns: int) -> None:
        self.pact, self.facts, self.time_ns = pact, tuple(facts), time_ns
        self.parties = tuple(party.id for party in pact.party)
        self.force = self._in_force()
        self._casus = {one.id: self._met(one) for one in pact.clause if isinstance(one, Casus)}

    # ------------------------------------------------------------ whom a clause means

    def chosen(self, selector: Selector) -> frozenset[str]:
        """The parties that a selector means, on the roster or not; `attacked` may be any of them."""
        found: set[str] = set()
        for word in words_of(selector):
            if word in ("any", "attacked", "all_parties"):
                found.update(self.parties)
            elif word in ROLE_WORDS:
                found.update(party.id for party in self.pact.party if party.role == word)
            else:
                found.add(word)
        return frozenset(found)

    def on_roster(self, party: str) -> Answer:
        """Whether that is a party now: its dates, what it was told to do, and its notice of exit."""
        row = next((one for one in self.pact.party if one.id == party), None)
        if row is None:
            return Answer.NO
        moved = [fact for fact in self.facts if fact.what in ("joined", "left") and fact.of == party]
        if moved:
            answer = Answer.YES if moved[-1].what == "joined" else Answer.NO
        else:
            answer = self._within(row.since, row.until)
        return min(answer, self._not_gone(party))

    def _not_gone(self, party: str) -> Answer:
        told = [fact for fact in self.facts if fact.what == "exit" and fact.by == party]
        if not told:
            return Answer.YES
        leaving = self.pact.term.exit
        if leaving is None or leaving.needs or not isinstance(leaving.notice_d, float | int):
            return Answer.DOUBT
        over_ns = told[0].at_ns + round(leaving.notice_d * DAY_NS)
        return Answer.NO if over_ns <= self.time_ns else Answer.YES

    # ------------------------------------------------------------ whether a clause speaks

    def speaks(self, clause: Clause, debtor: str, creditor: str) -> Answer:
        """Whether a clause speaks between two: force, dates, casus, suspension, roster, reservation."""
        answers = [
            self.force,
            self._within(clause.since, clause.until),
            self.on_roster(debtor),
            self.on_roster(creditor),
            self._unsuspended(clause.id, debtor, creditor),
            self._unreserved(clause.id, debtor),
        ]
        if isinstance(clause, Share | Withhold | Warn) and clause.casus is not None:
            answers.append(self._casus[clause.casus])
            if isinstance(clause, Warn) and "attacked" in words_of(clause.to):
                answers.append(self._attacked(clause.casus, creditor))
        return min(answers)

    def _within(self, since: datetime | None, until: datetime | None) -> Answer:
        begun = since is None or ns_of(since) <= self.time_ns
        over = until is not None and ns_of(until) <= self.time_ns
        return Answer.YES if begun and not over else Answer.NO

    def _in_force(self) -> Answer:
        term = self.pact.term
        answers = [self._gate(), self._within(None, term.until)]
        if term.in_force is not None:
            answers.append(self._within(term.in_force, None))
        else:
            approvals = [one for one in self.pact.clause if isinstance(one, Approval)]
            answers += [self._approved(one) for one in approvals] or [Answer.NO]
        left = [self.on_roster(party) for party in self.parties]
        answers.append(Answer(sorted(left)[-2]) if len(left) > 1 else Answer.NO)
        return min(answers)

    def _gate(self) -> Answer:
        needed = [(party, step) for form, party, step in GATES if form == self.pact.basis.form]
        answers = [self._taken(party, step, 0) for party, step in needed if party in self.parties]
        return min(answers, default=Answer.YES)

    def _approved(self, approval: Approval) -> Answer:
        wait_ns = round(approval.wait_d * DAY_NS)
        return min((self._taken(approval.by, step, wait_ns) for step in approval.steps), default=Answer.YES)

    def _taken(self, party: str, step: str, wait_ns: int) -> Answer:
        if step == "unknown":
            return Answer.DOUBT
        done = [
            None if one.on is None else ns_of(one.on)
            for clause in self.pact.clause
            if isinstance(clause, Approval) and clause.by == party
            for one in clause.done
            if one.step == step
        ]
        done += [
            fact.at_ns for fact in self.facts if (fact.what, fact.of, fact.by) == ("approved", step, party)
        ]
        if any(at is not None and at + wait_ns <= self.time_ns for at in done):
            return Answer.YES
        return Answer.DOUBT if None in done else Answer.NO

    def _unsuspended(self, clause: str, one: str, other: str) -> Answer:
        told = [
            fact
            for fact in self.facts
            if fact.what in ("suspended", "resumed")
            and fact.of == clause
            and (not fact.as_to or set(fact.as_to) == {one, other})
        ]
        if told and told[-1].what == "suspended":
            return Answer.NO
        for row in self.pact.clause:
            if not isinstance(row, Suspend) or clause not in row.on:
                continue
            if row.as_to and not any(set(pair) == {one, other} for pair in row.as_to):
                continue
            if self._within(row.since, row.until) == Answer.YES and self._asleep(row):
                return Answer.NO
        return Answer.YES

    def _asleep(self, row: Suspend) -> bool:
        if row.precedent is not None and not self._reached(row.precedent):
            return True
        if row.subsequent is not None and self._reached(row.subsequent):
            return True
        return row.precedent is None and row.subsequent is None

    def _reached(self, milestone: str) -> bool:
        met = next(one.met for one in self.pact.milestone if one.id == milestone)
        told = any((fact.what, fact.of) == ("met", milestone) for fact in self.facts)
        return told or (met is not None and ns_of(met) <= self.time_ns)

    def _unreserved(self, clause: str, debtor: str) -> Answer:
        for row in self.pact.clause:
            if not isinstance(row, Reservation) or row.by != debtor or clause not in row.on:
                continue
            if row.effect == "exclude":
                where = row.where
                some = (
                    where.event
                    or where.object
                    or where.victim
                    or where.attacker
                    or where.loci
                    or where.provoked
                )
                return Answer.DOUBT if some else Answer.NO
        return Answer.YES

    # ------------------------------------------------------------ casus

    def declared(self, casus: str) -> Told | None:
        """The newest declaration of that casus by somebody who may make it."""
        clause = next(one for one in self.pact.clause if isinstance(one, Casus) and one.id == casus)
        may = self.chosen(clause.determined_by)
        told = [fact for fact in self.facts if (fact.what, fact.of) == ("casus", casus)]
        each = "each" in words_of(clause.determined_by)
        entitled = [fact for fact in told if fact.by in may or (each and fact.by in self.parties)]
        return entitled[-1] if entitled else None

    def _met(self, casus: Casus) -> Answer:
        """Met while somebody entitled has said so; a node has no other way to know (docs/pact.md, warn)."""
        told = self.declared(casus.id)
        if told is None:
            return Answer.NO
        answer = {"yes": Answer.YES, "no": Answer.NO}.get(told.says, Answer.DOUBT)
        if len(told.as_to) == 2 and answer != Answer.NO:
            victim, attacker = told.as_to
            answer = min(answer, Answer.YES if victim in self.chosen(casus.of) else Answer.NO)
            answer = min(answer, self.means(casus.by, attacker, victim))
        return answer

    def means(self, attackers: Sequence[str], attacker: str, victim: str) -> Answer:
        """Whether a list of attackers means that one, where that one is attacked."""
        return max((self._means(word, attacker, victim) for word in attackers), default=Answer.NO)

    def _means(self, word: str, attacker: str, victim: str) -> Answer:
        if word == "any":
            return Answer.YES
        if attacker in ("unattributed", "unknown", "") or word == "unknown":
            return Answer.YES if word == attacker == "unattributed" else Answer.DOUBT
        if word == "adversaries":
            return max(
                (
                    self._within(one.since, one.until)
                    for one in self.pact.adversary
                    if (one.of, one.state) == (victim, attacker)
                ),
                default=Answer.NO,
            )
        if word in ("external", "parties"):
            return Answer.YES if (attacker in self.parties) == (word == "parties") else Answer.NO
        return Answer.YES if attacker in self.chosen(word) else Answer.NO

    def _attacked(self, casus: str, creditor: str) -> Answer:
        """Whether that party is attacked, as far as the declaration says who is."""
        told = self.declared(casus)
        if told is None or len(told.as_to) != 2:
            return Answer.DOUBT
        return Answer.YES if told.as_to[0] == creditor else Answer.NO

    def aimed_at(self, warn: Warn, creditor: str) -> Answer:
        """Whether a duty that is against some attackers only is against the one that was declared."""
        if "any" in warn.against:
            return Answer.YES
        told = None if warn.casus is None else self.declared(warn.casus)
        if told is None or len(told.as_to) != 2:
            return Answer.NO
        return self.means(warn.against, told.as_to[1], creditor)


class Stands:
    """The stand at any time of a run; one is made for each stretch in which nothing changes."""

    def __init__(self, pact: Pact, told: Sequence[Told]) -> None:
        self.pact = pact
        self._told = sorted(told, key=lambda fact: fact.at_ns)
        days = [one.since for one in (*pact.clause, *pact.party, *pact.adversary)]
        days += [one.until for one in (*pact.clause, *pact.party, *pact.adversary)]
        days += [pact.term.in_force, *(one.met for one in pact.milestone)]
        edges = {ns_of(day) for day in days if day is not None} | {fact.at_ns for fact in self._told}
        for clause in pact.clause:
            if isinstance(clause, Approval):
                wait_ns = round(clause.wait_d * DAY_NS)
                edges |= {ns_of(one.on) + wait_ns for one in clause.done if one.on is not None}
                edges |= {fact.at_ns + wait_ns for fact in self._told if fact.what == "approved"}
        leaving = pact.term.exit
        if leaving is not None and isinstance(leaving.notice_d, float | int):
            notice_ns = round(leaving.notice_d * DAY_NS)
            edges |= {fact.at_ns + notice_ns for fact in self._told if fact.what == "exit"}
        self._edges = sorted(edges)
        self._made: dict[int, Stand] = {}

    def at(self, time_ns: int) -> Stand:
        """What the text says at that time."""
        epoch = bisect_right(self._edges, time_ns)
        if epoch not in self._made:
            facts = [fact for fact in self._told if fact.at_ns <= time_ns]
            self._made[epoch] = Stand(self.pact, facts, time_ns)
        return self._made[epoch]

    def about(self, time_ns: int) -> tuple[Stand, ...]:
        """The stands that a node may go by then: a fact counts from the next tick on, to the second."""
        now, before = self.at(time_ns), self.at(time_ns - SECOND_NS)
        return (now,) if now is before else (now, before)

    def changes(self, from_ns: int, to_ns: int) -> tuple[int, ...]:
        """The first of these instants, and every one between them at which something changes."""
        return (from_ns, *(edge for edge in self._edges if from_ns < edge < to_ns))

    def throughout(self, from_ns: int, to_ns: int) -> tuple[Stand, ...]:
        """Every stand from one time to another."""
        return tuple(self.at(time_ns) for time_ns in self.changes(from_ns, to_ns))


def span_s(pact: Pact, span: Span | None) -> float | None:
    """Seconds of a span; None where the text does not say."""
    if isinstance(span, str):
        return pact.words.get(span)
    return span
