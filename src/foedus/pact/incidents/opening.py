"""Obligations as a ledger opens them: from the duties of a situation, or of an incident on one account."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from foedus.pact.clauses import ATTACKED, Notify, Pact, Remedy, Selector
from foedus.pact.force import selected
from foedus.pact.incidents.incident import IncidentFile
from foedus.pact.incidents.incident_opinion import DutyFound, IncidentOpinion
from foedus.pact.incidents.interval import Interval, shifted
from foedus.pact.incidents.ledger import Obligation, RemedyTerms
from foedus.pact.incidents.timeline import struck
from foedus.pact.meaning.evaluate import Evaluator, span_s
from foedus.pact.meaning.situation import Situation, describe
from foedus.pact.words import Truth

LASTING = ("forbear", "regard", "share")
"""Kinds of duty that are not done by a moment; a ledger does not hold them."""


def from_situation(
    pact: Pact, situation: Situation, *, because: str = "", taken: Sequence[str] = ()
) -> tuple[Obligation, ...]:
    """An obligation for every duty that is owed, or may be, in the situation; taken: ids that are in use.

    They arise at the situation's instant. A joint exercise and the like comes again every so many days.
    """
    evaluator = Evaluator(pact)
    ids = list(taken)
    found = []
    for duty in evaluator.duties(situation):
        if duty.truth == Truth.NO or duty.kind in LASTING:
            continue
        due = (
            None
            if duty.within_s is None
            else situation.at + timedelta(seconds=signed_s(pact, duty.clause, duty.within_s))
        )
        periodic = duty.kind == "cooperate" and duty.within_s is not None
        for creditors in _apart(duty.kind, duty.creditors):
            found.append(
                Obligation(
                    id=_fresh(f"{pact.pact}.{duty.clause}.{duty.debtor}", ids),
                    pact=pact.pact,
                    version=pact.version,
                    clause=duty.clause,
                    kind=duty.kind,
                    debtor=duty.debtor,
                    creditors=creditors,
                    says=duty.says,
                    binding=duty.binding,
                    owed=_owed(duty.truth),
                    arose=situation.at,
                    because=because or describe(situation),
                    due=None if due is None else (due, due),
                    every_s=duty.within_s if periodic else None,
                    remedies=remedies_of(pact, attacked=situation.victim),
                )
            )
    return tuple(found)


def from_incident(
    file: IncidentFile, pact: Pact, opinion: IncidentOpinion, *, account: str, taken: Sequence[str] = ()
) -> tuple[Obligation, ...]:
    """An obligation for every duty whose clock one account starts, under the attribution it asserts first.

    The clock of a duty that runs from the event starts on every account. An account that says nothing of who
    attacked is taken under the first attribution of the file.
    """
    ids = list(taken)
    stands = [one for one in opinion.attributions if dict(one.stances)[account] == "asserts"]
    (under, *_) = stands or opinion.attributions
    found = []
    for duty in under.duties:
        if duty.truth == "no" or duty.kind in LASTING:
            continue
        for creditors in _apart(duty.kind, duty.creditors):
            clock = _clock(file, pact, duty, creditors[0], account)
            if clock is not None:
                because = f"{file.incident.incident} according to {account}, by {under.attacker}"
                found.append(_of_duty(file, pact, duty, creditors, clock, because, ids))
    return tuple(found)


def _clock(
    file: IncidentFile, pact: Pact, duty: DutyFound, creditor: str, account: str
) -> tuple[Interval, Interval | None] | None:
    """(when it started, by when it is due or None) on one account; None where that does not start it."""
    rows = dict(duty.reckonings).get(creditor, ())
    own = next((one for one in rows if one.account == one.evidence == account), None)
    if own is not None:
        return own.started, own.due
    if duty.clock != "event":
        return None
    started = struck(file, account).when
    if duty.within_s is None:
        return started, None
    return started, shifted(started, signed_s(pact, duty.clause, duty.within_s))


def _of_duty(
    file: IncidentFile,
    pact: Pact,
    duty: DutyFound,
    creditors: tuple[str, ...],
    clock: tuple[Interval, Interval | None],
    because: str,
    ids: list[str],
) -> Obligation:
    incident = file.incident
    started, due = clock
    starts = _instants(started, incident.zero.at)
    zero = tuple(f"zero.{end}" for end in incident.zero.placeholder)
    return Obligation(
        id=_fresh(f"{pact.pact}.{duty.clause}.{duty.debtor}", ids),
        pact=pact.pact,
        version=pact.version,
        clause=duty.clause,
        kind=duty.kind,
        debtor=duty.debtor,
        creditors=creditors,
        says=duty.says,
        binding=duty.binding,
        owed="yes" if duty.truth == "yes" else "undetermined",
        arose=incident.zero.at[0] if starts is None else starts[0],
        because=because,
        due=None if due is None else _instants(due, incident.zero.at),
        remedies=remedies_of(pact, attacked=incident.victim),
        placeholders=() if due is None else (*due.placeholders, *zero),
    )


def _instants(one: Interval, zero: tuple[datetime, datetime]) -> tuple[datetime, datetime] | None:
    """The interval as instants; None where a bound is missing."""
    if one.lo_s is None or one.hi_s is None:
        return None
    return zero[0] + timedelta(seconds=one.lo_s), zero[1] + timedelta(seconds=one.hi_s)


def remedies_of(pact: Pact, *, attacked: str = "") -> tuple[RemedyTerms, ...]:
    """What violations of the pact open, as obligations carry it along; attacked: whom that word means."""
    return tuple(
        RemedyTerms(
            clause=clause.id,
            on=clause.on,
            then=clause.then,
            by=tuple(_named(pact, clause.by, attacked)),
            to=tuple(_named(pact, clause.to, attacked)),
            binding=clause.binding or pact.basis.binding,
            within_s=span_s(pact, clause.within_s),
        )
        for clause in pact.clause
        if isinstance(clause, Remedy)
    )


def _named(pact: Pact, selector: Selector, attacked: str) -> Iterator[str]:
    """The parties that a selector names, in the order of the text."""
    words = (selector,) if isinstance(selector, str) else selector
    meant = (*words, attacked) if ATTACKED in words and attacked else words
    yield from selected(pact, meant)


def signed_s(pact: Pact, clause: str, within_s: float) -> float:
    """The seconds from the event to the deadline: negative where notice is due before it."""
    found = next(one for one in pact.clause if one.id == clause)
    before = isinstance(found, Notify) and found.within_s is None
    return -within_s if before else within_s


def _apart(kind: str, creditors: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The creditors of each obligation: a notice is owed to each by itself, what is done together to all."""
    if kind == "notify":
        yield from ((creditor,) for creditor in creditors)
    elif creditors:
        yield creditors


def _owed(truth: Truth) -> Literal["yes", "undetermined"]:
    return "yes" if truth == Truth.YES else "undetermined"


def _fresh(base: str, ids: list[str]) -> str:
    """An id that is not in use, which it then is."""
    number = 1
    while f"{base}.{number}" in ids:
        number += 1
    ids.append(f"{base}.{number}")
    return ids[-1]
