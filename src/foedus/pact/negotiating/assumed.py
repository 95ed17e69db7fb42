"""A draft read as if it were in force: with its approvals complete and what it waits for done.

Nobody owes anything under a draft, so a question about its content is put to this reading. The steps and
milestones that it takes as given are recorded facts of the situation, as they would be later.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import msgspec

from foedus.pact.clauses import Approval, Pact, Suspend
from foedus.pact.force import Fact
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.words import UNKNOWN


class Reading(NamedTuple):
    """One text, the time and the facts under which it is asked."""

    evaluator: Evaluator
    at: datetime
    facts: tuple[Fact, ...]


def as_in_force(
    pact: Pact,
    *,
    at: datetime | None = None,
    met: Sequence[str] | None = None,
    without: Sequence[tuple[str, str]] = (),
) -> Reading:
    """The text with its approvals complete and with milestones met.

    at: None, the day of the text; a text that enters into force later is read on that day. met: milestones
    that have happened; None, all that some suspension waits for. without: (party, step) of approvals that
    have not been given.
    """
    start = datetime.combine(pact.date, time(), tzinfo=UTC) if at is None else at
    term = pact.term
    approvals = [clause for clause in pact.clause if isinstance(clause, Approval)]
    if term.in_force is not None:
        start = max(start, term.in_force)
    elif not approvals:
        dated = msgspec.structs.replace(term, in_force=start)
        pact = msgspec.structs.replace(
            pact, clause=tuple(dated if clause is term else clause for clause in pact.clause)
        )
    facts = [
        Fact(what="approved", of=step, by=clause.by, at=start - timedelta(days=clause.wait_d + 1))
        for clause in approvals
        for step in clause.steps
        if step != UNKNOWN and (clause.by, step) not in without
    ]
    before = start - timedelta(days=1)
    facts += [Fact(what="met", of=one, at=before) for one in (awaited(pact) if met is None else met)]
    return Reading(Evaluator(pact), start, tuple(facts))


def awaited(pact: Pact) -> tuple[str, ...]:
    """The milestones before which something is suspended, in the order of the text."""
    named = {clause.precedent for clause in pact.clause if isinstance(clause, Suspend)}
    return tuple(one.id for one in pact.milestone if one.id in named)
