"""The clocks of an incident, account by account: who knew when, what was done when, what was due when.

The knowledge clock of a party starts at the first instant at which, on one account, it held data enough for
the duty: in the form of the duty's content at least, of this victim, and of the attacker where the text asks
who that is. Whoever sent a warning knew by then. What an account does not state is not known; it is never
taken as not done. docs/incident.md says it in words.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Final, Literal

import msgspec

from foedus.model import Form
from foedus.pact.incidents.incident import FactWord, IncidentFile, Reported, when_of
from foedus.pact.incidents.interval import (
    OPEN,
    Interval,
    after,
    before_zero,
    earliest,
    floored,
    latest,
    moment,
    shifted,
    spell_lo,
)
from foedus.pact.meaning.evaluate import Duty
from foedus.pact.words import Truth

Stated = Literal["stated", "never", "not_stated"]
"""What an account says of a thing: when, that it never happened, or nothing."""

PERFORMING: Final[dict[str, FactWord]] = {
    "regard": "regarded",
    "consult": "consulted",
    "notify": "notified",
    "assist": "assisted",
}
"""Kind of duty -> the fact that performs it. A duty to warn is performed when the warning is received."""

_KNOWING: Final = ("hub_knows", "knows")


class Clocked(msgspec.Struct, frozen=True, kw_only=True):
    """When something happened on one account, and the numbers of the facts on which that rests.

    inferred: no fact says it, but others imply it.
    """

    account: str
    stated: Stated
    when: Interval = OPEN
    facts: tuple[int, ...] = ()
    says: str = ""
    inferred: bool = False


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one account says whatever the pact: when `who` knew, or how long before zero it was warned."""

    who: str
    account: str
    stated: Stated
    when: Interval
    says: str
    placeholders: tuple[str, ...]
    facts: tuple[int, ...]


class Reckoning(msgspec.Struct, frozen=True, kw_only=True):
    """One duty on one account: when its clock started, when it was due, whether it was done, and breached.

    account: whose word starts the clock. evidence: whose word says whether it was done: the same account's,
    or another's. breached: yes for certain, undetermined is perhaps.
    """

    account: str
    evidence: str
    clock: str
    started: Interval
    due: Interval | None
    done: Interval | None
    done_says: Stated
    breached: str
    breach: Interval | None
    minutes_known: Interval | None
    minutes_due: Interval | None
    minutes_had: Interval | None
    placeholders: tuple[str, ...]
    facts: tuple[int, ...]
    says: str


# ---------------------------------------------------------------- one account


def knowledge(file: IncidentFile, who: str, account: str, *, needs_attacker: bool) -> Clocked:
    """The first instant at which a party held data enough, on one account."""
    mine = list(_facts(file, account, _KNOWING, who=who))
    enough = [one for one in mine if one[1].happened == "yes" and _enough(one[1], needs_attacker)]
    if enough:
        return _first(file, account, enough)
    knew_by = _knew_by(file, who, account)
    if knew_by:
        when = _first(file, account, knew_by).when
        when = msgspec.structs.replace(when, lo_s=None, lo_placeholders=())
        return Clocked(
            account=account,
            stated="stated",
            when=when,
            facts=tuple(index for index, _ in knew_by),
            says="it knew by the time at which it warned",
            inferred=True,
        )
    if not mine:
        return Clocked(account=account, stated="not_stated")
    never = [index for index, fact in mine if fact.happened == "no"]
    if never:
        return Clocked(account=account, stated="never", facts=tuple(never), says="it never knew")
    says = "what it knew was not enough for the duty"
    return Clocked(account=account, stated="never", facts=tuple(index for index, _ in mine), says=says)


def _enough(fact: Reported, needs_attacker: bool) -> bool:
    lacking = "victim" in fact.lacks or (needs_attacker and "attacker" in fact.lacks)
    return fact.holds >= Form.ALERT and not lacking


def _knew_by(file: IncidentFile, who: str, account: str) -> list[tuple[int, Reported]]:
    sent = [one for one in _facts(file, account, ("warn_sent",), who=who) if one[1].happened == "yes"]
    got = [
        one
        for one in _facts(file, account, ("warn_received",))
        if one[1].by == who and one[1].happened == "yes"
    ]
    return [*sent, *got]


def performance(file: IncidentFile, duty: Duty, creditor: str, account: str) -> Clocked:
    """When the duty was performed toward one creditor, on one account."""
    if duty.kind == "warn":
        return warned(file, duty.debtor, creditor, account)
    found = [
        one
        for one in _facts(file, account, (PERFORMING[duty.kind],), who=duty.debtor)
        if one[1].to in (None, creditor)
    ]
    return _stated(file, account, found)


def warned(file: IncidentFile, debtor: str | None, creditor: str, account: str) -> Clocked:
    """When `creditor` had the warning of `debtor`, or of anybody, on one account."""
    got = [
        one
        for one in _facts(file, account, ("warn_received", "acknowledged"), who=creditor)
        if debtor is None or one[1].by in (None, debtor)
    ]
    sent = [one for one in _facts(file, account, ("warn_sent",), who=debtor) if one[1].to in (None, creditor)]
    received = [one for one in got if one[1].what == "warn_received"]
    if received:
        return _stated(file, account, received)
    acknowledged = _stated(file, account, got)
    started = _stated(file, account, sent)
    if started.stated == "never" and acknowledged.stated != "stated":
        return started
    if acknowledged.stated != "stated" and started.stated != "stated":
        return Clocked(account=account, stated="not_stated")
    when = Interval(
        lo_s=started.when.lo_s,
        hi_s=acknowledged.when.hi_s,
        lo_placeholders=started.when.lo_placeholders,
        hi_placeholders=acknowledged.when.hi_placeholders,
    )
    says = "sent; whether it arrived is not stated" if acknowledged.stated != "stated" else ""
    return Clocked(
        account=account, stated="stated", when=when, facts=(*started.facts, *acknowledged.facts), says=says
    )


def _stated(file: IncidentFile, account: str, found: Sequence[tuple[int, Reported]]) -> Clocked:
    happened = [one for one in found if one[1].happened == "yes"]
    if happened:
        return _first(file, account, happened)
    if found:
        return Clocked(account=account, stated="never", facts=tuple(index for index, _ in found))
    return Clocked(account=account, stated="not_stated")


def _first(file: IncidentFile, account: str, found: Sequence[tuple[int, Reported]]) -> Clocked:
    """The earliest of the facts of one account."""
    when = reduce(earliest, [when_of(file.incident, fact) for _, fact in found])
    return Clocked(account=account, stated="stated", when=when, facts=tuple(index for index, _ in found))


def _facts(
    file: IncidentFile, account: str, whats: Sequence[str], *, who: str | None = None
) -> Iterator[tuple[int, Reported]]:
    for index, fact in enumerate(file.incident.fact):
        if fact.according_to == account and fact.what in whats and who in (None, fact.who):
            yield index, fact


def struck(file: IncidentFile, account: str) -> Clocked:
    """When the event was, on one account: its `impact`, else the zero."""
    said = _stated(file, account, list(_facts(file, account, ("impact",))))
    return said if said.stated == "stated" else Clocked(account=account, stated="stated", when=moment(0.0))


def knowledge_clocks(file: IncidentFile) -> tuple[Heard, ...]:
    """When each party that some account speaks of first knew of the attack, on each account that says so."""
    rows = [
        (who, knowledge(file, who, one.according_to, needs_attacker=False))
        for who in _whos(file, (*_KNOWING, "warn_sent"))
        for one in file.incident.account
    ]
    return tuple(_heard(who, one, one.when) for who, one in rows if one.stated != "not_stated")


def minutes_of_warning(file: IncidentFile) -> tuple[Heard, ...]:
    """How long before zero each capital was warned, on each account that says so; negative: after it."""
    rows = [
        (who, warned(file, None, who, one.according_to))
        for who in _whos(file, ("warn_received", "acknowledged"))
        for one in file.incident.account
    ]
    return tuple(_heard(who, one, before_zero(one.when)) for who, one in rows if one.stated != "not_stated")


def _heard(who: str, one: Clocked, when: Interval) -> Heard:
    return Heard(
        who=who,
        account=one.account,
        stated=one.stated,
        when=when,
        says=one.says,
        placeholders=when.placeholders,
        facts=one.facts,
    )


def _whos(file: IncidentFile, whats: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.who for fact in file.incident.fact if fact.what in whats))


# ---------------------------------------------------------------- one duty


def reckon(
    file: IncidentFile, duty: Duty, creditor: str, *, needs_attacker: bool, horizon_s: float | None
) -> tuple[Reckoning, ...]:
    """The duty toward one creditor on each account, and on each pair of whom one says what was known and the
    other what was done. Pairs are told apart from accounts; nothing is averaged.

    horizon_s: how long before the event a duty to warn begins at the earliest; None for other duties.
    """
    names = [one.according_to for one in file.incident.account]
    knows = duty.clock != "event"
    starts = {
        name: knowledge(file, duty.debtor, name, needs_attacker=needs_attacker)
        if knows
        else struck(file, name)
        for name in names
    }
    done = {name: performance(file, duty, creditor, name) for name in names}
    pairs = [
        (one, one)
        for one in names
        if done[one].stated != "not_stated" or (knows and starts[one].stated != "not_stated")
    ]
    pairs += [
        (one, other)
        for one in names
        for other in names
        if one != other and knows and _says(starts[one]) and _says(done[other])
    ]
    return tuple(
        _reckoning(duty, starts[one], done[other], _horizon(file, one, horizon_s)) for one, other in pairs
    )


def _says(one: Clocked) -> bool:
    return one.stated != "not_stated" and not one.inferred


def _horizon(file: IncidentFile, account: str, horizon_s: float | None) -> Interval | None:
    """When a duty to warn begins at the earliest, on one account."""
    return None if horizon_s is None else shifted(struck(file, account).when, -horizon_s)


def _reckoning(duty: Duty, start: Clocked, done: Clocked, horizon: Interval | None) -> Reckoning:
    started = start.when if horizon is None else latest(start.when, horizon)
    due = None if duty.within_s is None or start.stated == "never" else shifted(started, duty.within_s)
    late = _late(start, done, due)
    breached = Truth(min(late, duty.truth))
    warns = duty.kind == "warn" and start.stated != "never"
    breach = _breach(due, done) if breached != Truth.NO and due is not None else None
    had = before_zero(done.when) if duty.kind == "warn" and done.stated == "stated" else None
    rests = [one for one in (started, due, done.when) if one is not None]
    return Reckoning(
        account=start.account,
        evidence=done.account,
        clock=duty.clock,
        started=started,
        due=due,
        done=done.when if done.stated == "stated" else None,
        done_says=done.stated,
        breached=breached.name.lower(),
        breach=breach,
        minutes_known=floored(before_zero(started), 0.0) if warns else None,
        minutes_due=floored(before_zero(due), 0.0) if warns and due is not None else None,
        minutes_had=had,
        placeholders=tuple(dict.fromkeys(name for one in rests for name in one.placeholders)),
        facts=(*start.facts, *done.facts),
        says="; ".join(_remarks(duty, start, done, due, started)),
    )


def _late(start: Clocked, done: Clocked, due: Interval | None) -> Truth:
    """Whether the deadline passed before it was done."""
    if start.stated == "never":
        return Truth.NO
    if due is None:  # no clock can make it violated; and what was never done is not excused by that
        return Truth.NO if done.stated == "stated" else Truth.UNDETERMINED
    if done.stated == "never":
        return Truth.YES if due.hi_s is not None else Truth.UNDETERMINED
    if done.stated == "not_stated":
        return Truth.UNDETERMINED
    return after(done.when, due)


def _breach(due: Interval, done: Clocked) -> Interval:
    """When the deadline passed undone: not after it was done."""
    if done.stated != "stated":
        return due
    end = earliest(due, done.when)
    return msgspec.structs.replace(due, hi_s=end.hi_s, hi_placeholders=end.hi_placeholders)


def _remarks(
    duty: Duty, start: Clocked, done: Clocked, due: Interval | None, started: Interval
) -> Iterator[str]:
    if start.stated == "never":
        yield f"{start.says}: the clock of the duty never started"
    elif start.stated == "not_stated":
        yield f"{start.account} does not say when {duty.debtor} knew"
    elif start.says:
        yield start.says
    if start.stated != "never" and started.lo_s != start.when.lo_s:
        yield f"by {duty.clause}.horizon_s not before {spell_lo(started)}"
    if done.stated == "not_stated":
        yield f"{done.account} does not say whether it was done"
    elif done.stated == "never":
        yield "it was never done"
    elif done.says:
        yield done.says
    if due is None and start.stated != "never":
        yield "no deadline is known, so no clock can make it violated"
