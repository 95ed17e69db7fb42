"""When what a text says may change next, so that a node reads it anew then and not at every tick."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from foedus.model import DAY_NS
from foedus.pact.clauses import Approval, Pact, Term
from foedus.pact.force import Fact, time_ns_of


def next_change_ns(pact: Pact, time_ns: int, facts: Sequence[Fact] = ()) -> int | None:
    """The first time after that one at which a date of the text or of a fact comes; None: no date is left.

    Every date counts, also one that turns out to change nothing.
    """
    later = [instant for instant in _instants(pact, facts) if instant > time_ns]
    return min(later, default=None)


def _instants(pact: Pact, facts: Sequence[Fact]) -> Iterator[int]:
    known = [one for one in _dates(pact) if one is not None]
    known += [fact.at for fact in facts]
    for instant in known:
        yield time_ns_of(instant)
        for wait_d in _waits(pact):
            yield time_ns_of(instant) + round(wait_d * DAY_NS)


def _dates(pact: Pact) -> Iterator[datetime | None]:
    for entry in (*pact.party, *pact.adversary, *pact.clause):
        yield entry.since
        yield entry.until
    yield pact.term.in_force
    for milestone in pact.milestone:
        yield milestone.met
    for clause in pact.clause:
        if isinstance(clause, Approval):
            for done in clause.done:
                yield done.on


def _waits(pact: Pact) -> tuple[float, ...]:
    """The waiting times, in days, that the text lets begin with an approval or a notice of exit."""
    waits = [clause.wait_d for clause in pact.clause if isinstance(clause, Approval)]
    for clause in pact.clause:
        if isinstance(clause, Term) and clause.exit is not None and not isinstance(clause.exit.notice_d, str):
            waits.append(clause.exit.notice_d)
    return tuple(sorted({wait_d for wait_d in waits if wait_d}))
