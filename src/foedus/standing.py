"""How the pact stands for one member at one time: in force or not, roster, casus, suspensions."""

from collections.abc import Sequence
from itertools import combinations

from foedus.pact.clauses import Casus, Clause, Pact, Suspend, Warn
from foedus.pact.force import (
    Fact,
    Ground,
    attributed,
    casus_declared,
    dated,
    in_force,
    may_determine,
    not_suspended,
    roster,
    time_ns_of,
)
from foedus.pact.words import Truth
from foedus.view import CasusView, FactView, PactView, SuspensionView

WORDS = {Truth.YES: "yes", Truth.NO: "no", Truth.UNDETERMINED: "undetermined"}
STANDS = {Truth.YES: "met", Truth.NO: "over", Truth.UNDETERMINED: "undetermined"}


def stand_of(pact: Pact, member: str, *, time_ns: int, recorded: Sequence[tuple[Fact, str]]) -> PactView:
    """The stand of the pact as that member's node applies it. recorded: facts with who recorded them."""
    facts = [fact for fact, _ in recorded]
    whole = in_force(pact, time_ns=time_ns, facts=facts)
    parties = roster(pact, time_ns=time_ns, facts=facts)
    return PactView(
        in_force=WORDS[whole.truth],
        grounds=tuple(dict.fromkeys((ground.term, ground.found) for ground in whole.grounds)),
        roster=parties,
        casus=tuple(
            _casus(pact, clause, member, time_ns, facts)
            for clause in pact.clause
            if isinstance(clause, Casus)
        ),
        suspended=tuple(
            one for clause in pact.clause for one in _suspensions(pact, clause, parties, time_ns, facts)
        ),
        facts=tuple(_fact(fact, person) for fact, person in recorded),
        unattributed=tuple(
            clause.id
            for clause in pact.clause
            if isinstance(clause, Warn) and _waits_for_a_name(pact, clause, time_ns, facts)
        ),
    )


def _waits_for_a_name(pact: Pact, duty: Warn, time_ns: int, facts: Sequence[Fact]) -> bool:
    """Whether nothing but the name of an attacker is missing for a duty to warn to speak."""
    if attributed(pact, duty, time_ns=time_ns, facts=facts) != Truth.UNDETERMINED:
        return False
    met = duty.casus is None or casus_declared(pact, duty.casus, time_ns=time_ns, facts=facts) == Truth.YES
    return met and dated(duty, time_ns=time_ns).truth == Truth.YES


def _fact(fact: Fact, person: str) -> FactView:
    return FactView(
        what=fact.what,
        of=fact.of,
        at_ns=time_ns_of(fact.at),
        by=fact.by,
        says=fact.says,
        as_to=fact.as_to,
        person=person,
    )


def _casus(pact: Pact, clause: Casus, member: str, time_ns: int, facts: Sequence[Fact]) -> CasusView:
    declared = casus_declared(pact, clause.id, time_ns=time_ns, facts=facts)
    said = [
        fact
        for fact in facts
        if (fact.what, fact.of) == ("casus", clause.id) and time_ns_of(fact.at) <= time_ns
    ]
    newest = max(said, key=lambda fact: fact.at, default=None)
    return CasusView(
        id=clause.id,
        stand="" if declared is None else STANDS[declared],
        since_ns=0 if newest is None else time_ns_of(newest.at),
        by="" if newest is None else newest.by,
        may_declare=may_determine(pact, clause.determined_by, member),
        scopes=tuple(one.id for one in pact.clause if getattr(one, "casus", None) == clause.id),
    )


def _suspensions(
    pact: Pact, clause: Clause, parties: Sequence[str], time_ns: int, facts: Sequence[Fact]
) -> list[SuspensionView]:
    """What suspends a clause now, each ground once with the pairs between whom it does."""
    named = any(isinstance(one, Suspend) and clause.id in one.on for one in pact.clause)
    if not named and not any(fact.of == clause.id for fact in facts):
        return []
    pairs = list(combinations(parties, 2))
    between: dict[Ground, list[tuple[str, str]]] = {}
    for pair in pairs:
        found = not_suspended(pact, clause, between=pair, time_ns=time_ns, facts=facts)
        for ground in found.grounds:
            between.setdefault(ground, []).append(pair)
    return [
        SuspensionView(
            clause=clause.id,
            by=ground.term,
            why=ground.found,
            pairs=() if len(barred) == len(pairs) else tuple(barred),
        )
        for ground, barred in between.items()
    ]
