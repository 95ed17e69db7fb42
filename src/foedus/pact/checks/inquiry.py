"""One pact under examination: every situation that its text can tell apart, and what speaks in each.

The pact is read as if it were in force, for a drafter asks what it will do; K2 says whether it is. Situations
in which the same clauses speak about the same victim and attacker are looked at once.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from foedus.pact.clauses import (
    ATTACKED,
    Casus,
    Clause,
    Consult,
    Pact,
    Reservation,
    Selector,
)
from foedus.pact.force import Fact, Judgement, not_suspended, on_roster, once_in_force, time_ns_of
from foedus.pact.meaning.evaluate import DutyClause, Evaluator, terms_of
from foedus.pact.meaning.situation import Situation
from foedus.pact.meaning.universe import kinds_of, universe
from foedus.pact.meaning.world import Holder, World
from foedus.pact.words import SENSING_ROLES, Truth

NO_WORLD: Final = World()


class Kind(NamedTuple):
    """Situations that are alike for duties and data: one of them, and which casus are met in it."""

    situation: Situation
    met: tuple[Truth, ...]  # casus by casus, in the order of the text


class Inquiry:
    """A pact as if in force at a time, with all situations; everything asked twice is kept."""

    def __init__(
        self,
        pact: Pact,
        *,
        at: datetime,
        facts: tuple[Fact, ...] = (),
        world: World = NO_WORLD,
        sensing: Sequence[str] = (),
    ) -> None:
        self.pact = once_in_force(with_states(pact, world))
        self.at = at
        self.facts = facts
        self.world = world
        self.evaluator = Evaluator(self.pact)
        self.casus = tuple(clause for clause in self.pact.clause if isinstance(clause, Casus))
        self._place = {clause.id: i for i, clause in enumerate(self.casus)}
        self.time_ns = time_ns_of(at)
        self.roster = tuple(
            party.id
            for party in pact.party
            if on_roster(self.pact, party.id, time_ns=self.time_ns, facts=facts).truth == Truth.YES
        )
        self.sensing = tuple(
            party.id
            for party in pact.party
            if party.id in self.roster and (party.role in SENSING_ROLES or party.id in sensing)
        )
        self.no_ties = no_ties_of(pact, world)
        self._met: dict[tuple[object, ...], Judgement] = {}
        self._cells: tuple[Situation, ...] | None = None
        self._kinds: tuple[Kind, ...] | None = None
        self._alike: tuple[tuple[str, ...], ...] | None = None
        self._holds: dict[tuple[str, Situation], Truth] = {}

    # ------------------------------------------------------------ situations

    @property
    def cells(self) -> tuple[Situation, ...]:
        """Every situation that the text can tell apart."""
        if self._cells is None:
            found = universe((self.pact,), at=self.at, facts=self.facts)
            self._cells = tuple(cell.situation for cell in found)
        return self._cells

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """One situation for all in which the same clauses speak about the same victim, attacker and class."""
        if self._kinds is None:
            told = any(isinstance(clause, Reservation) for clause in self.pact.clause)
            kinds: dict[tuple[object, ...], Kind] = {}
            for cell in self.cells:
                met = self.met(cell)
                key: tuple[object, ...] = (cell.victim, cell.attacker, cell.event, cell.track_class, met)
                if told:
                    key = (*key, cell.object, cell.host, cell.region, cell.provoked)
                kinds.setdefault(key, Kind(cell, met))
            self._kinds = tuple(kinds.values())
        return self._kinds

    def met(self, situation: Situation) -> tuple[Truth, ...]:
        """Casus by casus, whether it is met."""
        return tuple(self.judged(clause, situation).truth for clause in self.casus)

    def judged(self, clause: Casus, situation: Situation) -> Judgement:
        """Whether that casus is met, with the grounds."""
        anywhere, anybody = "anywhere" in clause.loci, "any" in clause.by and not clause.exclude
        key = (  # what the clause cannot tell apart is left out
            clause.id,
            situation.event,
            situation.victim,
            None if "any" in clause.object else situation.object,
            None if anywhere else (situation.host, situation.region, situation.object == "forces_abroad"),
            None if anybody else situation.attacker,
            situation.track_class if clause.classes else None,
            situation.provoked if clause.exclude else None,
        )
        if key not in self._met:
            self._met[key] = self.evaluator.casus(clause.id, situation)
        return self._met[key]

    def spoken(self, name: str) -> str:
        """An id of a situation with those for which it stands: states that the text treats alike."""
        if self._alike is None:
            self._alike = kinds_of((self.pact,), at=self.at, facts=self.facts)
        alike = next((kind for kind in self._alike if name == kind[0]), ())
        return name if len(alike) < 3 else f"{name} (and {', '.join(alike[1:])} likewise)"

    # ------------------------------------------------------------ clauses

    def holds(self, clause: Clause, kind: Kind) -> Truth:
        """Whether a clause speaks in a situation, apart from who owes and to whom."""
        key = (clause.id, kind.situation)
        if key not in self._holds:
            truth = self.evaluator.clause_holds(_bare(clause), kind.situation).truth
            casus = getattr(clause, "casus", None)
            if casus is not None:
                met = self.truth_of(casus, kind)
                also = isinstance(clause, Consult) and bool(clause.also)
                truth = max(truth, met) if also else min(truth, met)
            self._holds[key] = Truth(truth)
        return self._holds[key]

    def truth_of(self, casus: str, kind: Kind) -> Truth:
        """Whether a casus is met in a situation."""
        return kind.met[self._place[casus]]

    def owed(self, clause: DutyClause, debtor: str, creditor: str, kind: Kind) -> Truth:
        """Whether one party owes the duty of a clause to another: roster, reservations and suspension."""
        if debtor not in self.roster:
            return Truth.NO
        truths = [self.holds(clause, kind)]
        for reservation in self.pact.clause:
            if (
                isinstance(reservation, Reservation)
                and reservation.by == debtor
                and clause.id in reservation.on
                and reservation.effect == "exclude"
            ):
                truths.append(~self.evaluator.where(reservation.where, reservation.id, kind.situation).truth)
        truths.append(
            not_suspended(
                self.pact,
                clause,
                between=(debtor, creditor),
                time_ns=self.time_ns,
                facts=self.facts,
            ).truth
        )
        return Truth(min(truths))

    def named(self, selector: Selector) -> tuple[str, ...]:
        """The parties on the roster that a selector means."""
        return tuple(one for one in self.evaluator.selected(selector) if one in self.roster)

    def addressed(self, clause: DutyClause) -> tuple[str, ...]:
        """The parties to whom a duty may be owed; `attacked` is whomever its casus may find attacked."""
        to = terms_of(clause).to
        words = (to,) if isinstance(to, str) else to
        if ATTACKED not in words:
            return self.named(to)
        of = next((one.of for one in self.casus if one.id == getattr(clause, "casus", None)), "any")
        return self.named((*words, *((of,) if isinstance(of, str) else of)))

    def clauses(self, *kinds: type) -> Iterator[Clause]:
        """The clauses of these kinds whose own dates hold the time asked about."""
        for clause in self.pact.clause:
            if isinstance(clause, kinds) and self._dated(clause):
                yield clause

    def _dated(self, clause: Clause) -> bool:
        since, until = clause.since, clause.until
        return (since is None or since <= self.at) and (until is None or self.at < until)

    # ------------------------------------------------------------ sensors

    def holders(self, situation: Situation, *, everybody: bool = False) -> tuple[str, ...]:
        """Who can hold the track, as the world says or as roles do; everybody: also attacker and victim."""
        able = [
            name
            for name in self.sensing
            if not self.world.holder or any(self._can_hold(name, one, situation) for one in self.world.holder)
        ]
        out = () if everybody else (situation.attacker, situation.victim)
        return tuple(name for name in able if name not in out)

    def _can_hold(self, name: str, holder: Holder, situation: Situation) -> bool:
        return (
            holder.party == name
            and (not holder.classes or situation.track_class in holder.classes)
            and ("any" in holder.against or situation.attacker in holder.against)
        )

    def tied(self, a: str, b: str) -> bool:
        """Whether two parties have diplomatic relations."""
        return tuple(sorted((a, b))) not in self.no_ties


def with_states(pact: Pact, world: World) -> Pact:
    """The pact with the states of a world that it does not name itself."""
    known = [party.id for party in pact.party] + [state.id for state in pact.state]
    more = tuple(state for state in world.state if state.id not in known)
    return msgspec.structs.replace(pact, state=(*pact.state, *more)) if more else pact


def no_ties_of(pact: Pact, world: World) -> tuple[tuple[str, ...], ...]:
    """Sorted pairs without diplomatic relations, as the world says, else as the text says."""
    said = {tuple(sorted(tie.between)): tie.relations for tie in world.tie}
    pairs = [tuple(sorted(pair)) for pair in pact.no_ties] + list(said)
    return tuple(pair for pair in dict.fromkeys(pairs) if not said.get(pair, False))


def _bare(clause: Clause) -> Clause:
    """The clause without its casus, which is judged once for all clauses."""
    if getattr(clause, "casus", None) is None:
        return clause
    return msgspec.structs.replace(clause, casus=None)  # type: ignore[type-var, unused-ignore]
