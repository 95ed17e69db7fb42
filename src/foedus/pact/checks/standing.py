"""K1: an upstream text that has changed, a word that nothing uses. K2: whether the pact, and each clause, is
in force at the time asked about, and what is missing where it is not.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from foedus.pact.checks.finding import Finding, listed
from foedus.pact.clauses import Pact, Term
from foedus.pact.force import Fact, dated, in_force, missing_steps, spoken_date, time_ns_of
from foedus.pact.meaning.evaluate import DutyClause, depends_on
from foedus.pact.reading.inherit import changed_upstream
from foedus.pact.words import UNKNOWN, Truth


def unused_words(pact: Pact) -> Iterator[Finding]:
    """K1: each vague word with a value that no clause uses, so that a change of the value changes nothing."""
    used = {span for clause in pact.clause for span in _spans(clause)}
    for word in pact.words:
        if word not in used:
            yield Finding(
                number="K1",
                severity="warning",
                clauses=(),
                witness=f"words.{word} = {pact.words[word]:g} is used by no clause: to change it changes "
                "nothing.",
                change=f"strike words.{word} out",
            )


def _spans(value: object) -> Iterator[str]:
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            field = getattr(value, name)
            if isinstance(field, str) and name.endswith(("_s", "_d", "_y")):
                yield field
            else:
                yield from _spans(field)


def upstream(pact: Pact, original: Pact) -> Iterator[Finding]:
    """K1: clauses of the text of which this one is a copy that have changed since the copy was made."""
    for said in changed_upstream(pact, original):
        yield Finding(
            number="K1",
            severity="warning",
            clauses=(said.split(" ", 1)[0],),
            witness=said,
            change="read it again, then renew based_on.seen",
        )


def standing(pact: Pact, *, at: datetime, facts: tuple[Fact, ...] = ()) -> Iterator[Finding]:
    """K2: the pact as a whole, then clauses whose own dates are over or not yet begun."""
    time_ns = time_ns_of(at)
    judgement = in_force(pact, time_ns=time_ns, facts=facts)
    if judgement.truth != Truth.YES:
        yield _not_in_force(pact, at, judgement.truth, judgement.grounds, facts)
    for clause in pact.clause:
        if isinstance(clause, DutyClause) and dated(clause, time_ns=time_ns).truth == Truth.NO:
            over = clause.until is not None and clause.until <= at
            day = clause.until if over else clause.since
            assert day is not None
            yield Finding(
                number="K2",
                severity="warning" if over else "note",
                clauses=(clause.id,),
                witness=f"On {spoken_date(at)} nobody may rely on {clause.id}: it "
                + ("spoke until " if over else "speaks from ")
                + f"{spoken_date(day)}.",
                change=f"until = a later day in {clause.id}" if over else "",
            )


def _not_in_force(
    pact: Pact,
    at: datetime,
    truth: Truth,
    grounds: tuple[tuple[Truth, str, str], ...],
    facts: tuple[Fact, ...],
) -> Finding:
    missing = missing_steps(pact, time_ns=time_ns_of(at), facts=facts)
    needed = [f"{step} of {party}" for party, step, _ in missing if step != UNKNOWN]
    unknown = depends_on(grounds)
    why = listed([f"{term}: {found}" for _, term, found in grounds[:4]])
    said = (
        f"Nothing is released and nobody is warned: the pact is not in force on {spoken_date(at)}"
        if truth == Truth.NO
        else f"Whether the pact is in force on {spoken_date(at)} is undetermined"
    )
    rests = f"; it depends on unknown {listed(list(unknown))}" if unknown else ""
    steps = f"; missing: {listed(needed)}" if needed else ""
    clauses = [pact.term.id] + [clause for _, _, clause in missing if clause]
    return Finding(
        number="K2",
        severity="error" if truth == Truth.NO else "warning",
        clauses=tuple(dict.fromkeys(clauses)),
        witness=f"{said} ({why}){steps}{rests}.",
        change=f"record when these steps are taken: {listed(needed)}" if needed else _date(pact.term),
    )


def _date(term: Term) -> str:
    return f"in_force = a day in {term.id}" if term.in_force is None else ""
